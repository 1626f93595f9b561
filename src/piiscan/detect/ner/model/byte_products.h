/* Arithmetic of the name tagger's network: exact products of bytes and 8-bit weights, and the loops
 * around them, for several levels of processors.  All levels give the same numbers.
 *
 * Weights are packed: [block of 32 columns][group of 4 inputs][column][input].  The inputs of a
 * symbol are up to three taps, runs of whole groups.  Sums have 32 bits and stay below 2**24.
 */
#ifndef PIISCAN_BYTE_PRODUCTS_H
#define PIISCAN_BYTE_PRODUCTS_H

#include <stdint.h>
#include <string.h>

enum { PIISCAN_PLAIN, PIISCAN_SSE, PIISCAN_AVX2, PIISCAN_AVXVNNI, PIISCAN_AVX512, PIISCAN_DOTPROD };

enum {
    PIISCAN_ROWS = 6,          /* symbols computed at a time */
    PIISCAN_COLUMNS = 32,      /* columns of a block of weights */
    PIISCAN_MAX_GROUPS = 256  /* groups of inputs of one layer, at most */
};

/* One call computes sums [PIISCAN_ROWS][columns] of these symbols. */
typedef struct {
    const uint8_t *taps[3][PIISCAN_ROWS];
    int64_t groups[3];
    const int8_t *packed;
    const int32_t *start; /* [0]: for inputs as they are, [1]: for inputs less 128 */
    int64_t columns;
    int32_t *sums;
} piiscan_product;

#if defined(__GNUC__) || defined(__clang__)
#define PIISCAN_TARGET(features) __attribute__((target(features)))
#define PIISCAN_INLINE static inline __attribute__((always_inline))
#else /* the compiler of Visual Studio allows every instruction everywhere */
#define PIISCAN_TARGET(features)
#define PIISCAN_INLINE static __inline
#endif
#if defined(__GNUC__) && !defined(__clang__)
#define PIISCAN_FAST __attribute__((optimize("O3", "fp-contract=off")))
#else
#define PIISCAN_FAST
#endif

#if (defined(__GNUC__) || defined(__clang__)) && defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#define PIISCAN_X86 1
#if __clang_major__ >= 12 || (!defined(__clang__) && __GNUC__ >= 11)
#define PIISCAN_HAS_AVXVNNI 1
#endif
#elif defined(_MSC_VER) && _MSC_VER >= 1930 && defined(_M_X64)
#include <immintrin.h>
#include <intrin.h>
#define PIISCAN_X86 1
#define PIISCAN_HAS_AVXVNNI 1
#elif defined(__aarch64__) && !defined(__AARCH64EB__) \
    && (defined(__ARM_FEATURE_DOTPROD) || __clang_major__ >= 17 \
        || (defined(__GNUC__) && !defined(__clang__)))
#include <arm_neon.h>
#define PIISCAN_ARM 1
#if defined(__linux__)
#include <sys/auxv.h>
#endif
#endif

#ifdef PIISCAN_X86
static void piiscan_cpuid(unsigned leaf, unsigned subleaf, unsigned found[4])
{
#if defined(_MSC_VER) && !defined(__clang__)
    __cpuidex((int *)found, (int)leaf, (int)subleaf);
#else
    __cpuid_count(leaf, subleaf, found[0], found[1], found[2], found[3]);
#endif
}

/* Return the register states that the operating system saves. */
static unsigned piiscan_saved(void)
{
#if defined(_MSC_VER) && !defined(__clang__)
    return (unsigned)_xgetbv(0);
#else
    unsigned low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return low;
#endif
}
#endif

/* Return 1 if this processor and this build have the level. */
static int piiscan_has_level(int level)
{
#ifdef PIISCAN_X86
    unsigned none[4], one[4], seven[4] = {0}, more[4] = {0}, saved = 0;
    unsigned wide = 1u << 16 | 1u << 30 | 1u << 31; /* AVX-512 F, BW, VL */
    piiscan_cpuid(0, 0, none);
    piiscan_cpuid(1, 0, one);
    if (none[0] >= 7) {
        piiscan_cpuid(7, 0, seven);
        if (seven[0] >= 1)
            piiscan_cpuid(7, 1, more);
    }
    if (one[2] >> 27 & 1)
        saved = piiscan_saved();
    int avx2 = (saved & 0x06) == 0x06 && (seven[1] >> 5 & 1);
    if (level == PIISCAN_SSE)
        return one[2] >> 19 & 1;
    if (level == PIISCAN_AVX2)
        return avx2;
#ifdef PIISCAN_HAS_AVXVNNI
    if (level == PIISCAN_AVXVNNI)
        return avx2 && (more[0] >> 4 & 1);
#endif
    if (level == PIISCAN_AVX512)
        return avx2 && (saved & 0xE6) == 0xE6 && (seven[1] & wide) == wide
            && (seven[2] >> 11 & 1);
#endif
#ifdef PIISCAN_ARM
    if (level == PIISCAN_DOTPROD) {
#if defined(__linux__)
        return (getauxval(AT_HWCAP) >> 20 & 1) != 0; /* HWCAP_ASIMDDP */
#elif defined(__APPLE__)
        return 1;
#endif
    }
#endif
    return level == PIISCAN_PLAIN;
}

/* Four sums for each column, added in the end: the form that compilers turn into vectors. */
PIISCAN_FAST static void piiscan_multiply_plain(const piiscan_product *it)
{
    int64_t all = it->groups[0] + it->groups[1] + it->groups[2];
    for (int row = 0; row < PIISCAN_ROWS; row++)
        for (int64_t column = 0; column < it->columns; column += PIISCAN_COLUMNS) {
            const int8_t *weights = it->packed + column * all * 4;
            const int32_t *start = it->start + column;
            int32_t *sums = it->sums + row * it->columns + column;
            int32_t parts[4 * PIISCAN_COLUMNS] = {0};
            for (int tap = 0; tap < 3; tap++)
                for (int64_t group = 0; group < it->groups[tap]; group++) {
                    const uint8_t *four = it->taps[tap][row] + 4 * group;
                    int16_t first = four[0], second = four[1], third = four[2], last = four[3];
                    for (int j = 0; j < 4 * PIISCAN_COLUMNS; j += 4) {
                        parts[j] += first * weights[j];
                        parts[j + 1] += second * weights[j + 1];
                        parts[j + 2] += third * weights[j + 2];
                        parts[j + 3] += last * weights[j + 3];
                    }
                    weights += 4 * PIISCAN_COLUMNS;
                }
            for (int j = 0; j < PIISCAN_COLUMNS; j++)
                sums[j] = start[j] + parts[4 * j] + parts[4 * j + 1] + parts[4 * j + 2]
                    + parts[4 * j + 3];
        }
}

#define PIISCAN_SIX(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5)
#define PIISCAN_DECLARE(r) \
    const uint8_t *input##r; \
    one##r = first, two##r = second;
#define PIISCAN_TAP(r) input##r = it->taps[tap][r];
#define PIISCAN_ADD(r) \
    value = INPUTS(input##r + at); \
    one##r = ADD(one##r, value, left); \
    two##r = ADD(two##r, value, right);
#define PIISCAN_STORE(r) STORE(it->sums + r * it->columns + column, one##r, two##r);

/* The body of a function that multiplies two vectors of LANES columns at a time.  WIDTH: bytes of a
 * group of inputs.  The macros START, WEIGHTS, INPUTS, ADD and STORE are the instructions. */
#define PIISCAN_BODY(VECTOR, LANES, WIDTH, first_sums) \
    int64_t all = it->groups[0] + it->groups[1] + it->groups[2]; \
    for (int64_t column = 0; column < it->columns; column += 2 * LANES) { \
        const int8_t *weights = it->packed + column / PIISCAN_COLUMNS * PIISCAN_COLUMNS * all * 4; \
        weights += column % PIISCAN_COLUMNS * 4; \
        VECTOR first = START(first_sums + column), second = START(first_sums + column + LANES); \
        VECTOR one0, one1, one2, one3, one4, one5, two0, two1, two2, two3, two4, two5; \
        VECTOR value, left, right; \
        PIISCAN_SIX(PIISCAN_DECLARE) \
        for (int tap = 0; tap < 3; tap++) { \
            PIISCAN_SIX(PIISCAN_TAP) \
            for (int64_t at = 0; at < WIDTH * it->groups[tap]; at += WIDTH) { \
                left = WEIGHTS(weights), right = WEIGHTS(weights + 4 * LANES); \
                weights += 4 * PIISCAN_COLUMNS; \
                PIISCAN_SIX(PIISCAN_ADD) \
            } \
        } \
        PIISCAN_SIX(PIISCAN_STORE) \
    }

PIISCAN_INLINE int32_t piiscan_four(const uint8_t *inputs)
{
    int32_t four;
    memcpy(&four, inputs, 4);
    return four;
}

#ifdef PIISCAN_X86
/* Levels without an instruction for bytes: inputs become numbers of 16 bits first.  A vector has
 * two sums for each of its columns, added in the end. */
PIISCAN_INLINE void piiscan_widen(const piiscan_product *from, piiscan_product *to, int16_t *wide)
{
    int64_t all = from->groups[0] + from->groups[1] + from->groups[2];
    *to = *from;
    to->groups[0] = all, to->groups[1] = to->groups[2] = 0;
    for (int row = 0; row < PIISCAN_ROWS; row++) {
        to->taps[0][row] = (const uint8_t *)wide;
        for (int tap = 0; tap < 3; tap++)
            for (int64_t at = 0; at < 4 * from->groups[tap]; at++)
                *wide++ = from->taps[tap][row][at];
    }
}

#define START(p) _mm_cvtepu32_epi64(_mm_loadl_epi64((const __m128i *)(p)))
#define WEIGHTS(p) _mm_cvtepi8_epi16(_mm_loadl_epi64((const __m128i *)(p)))
#define INPUTS(p) _mm_shuffle_epi32(_mm_loadl_epi64((const __m128i *)(p)), 0x44)
#define ADD(sum, inputs, weights) _mm_add_epi32(sum, _mm_madd_epi16(inputs, weights))
#define STORE(p, one, two) _mm_storeu_si128((__m128i *)(p), _mm_hadd_epi32(one, two))
PIISCAN_TARGET("sse4.1") PIISCAN_FAST
static void piiscan_multiply_sse(const piiscan_product *narrow)
{
    int16_t wide[PIISCAN_ROWS * PIISCAN_MAX_GROUPS * 4];
    piiscan_product widened, *it = &widened;
    piiscan_widen(narrow, it, wide);
    PIISCAN_BODY(__m128i, 2, 8, it->start)
}
#undef START
#undef WEIGHTS
#undef INPUTS
#undef ADD
#undef STORE

#define START(p) _mm256_cvtepu32_epi64(_mm_loadu_si128((const __m128i *)(p)))
#define WEIGHTS(p) _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(p)))
#define INPUTS(p) _mm256_broadcastq_epi64(_mm_loadl_epi64((const __m128i *)(p)))
#define ADD(sum, inputs, weights) _mm256_add_epi32(sum, _mm256_madd_epi16(inputs, weights))
#define STORE(p, one, two) \
    _mm256_storeu_si256( \
        (__m256i *)(p), _mm256_permute4x64_epi64(_mm256_hadd_epi32(one, two), 0xD8))
PIISCAN_TARGET("avx2") PIISCAN_FAST
static void piiscan_multiply_avx2(const piiscan_product *narrow)
{
    int16_t wide[PIISCAN_ROWS * PIISCAN_MAX_GROUPS * 4];
    piiscan_product widened, *it = &widened;
    piiscan_widen(narrow, it, wide);
    PIISCAN_BODY(__m256i, 4, 8, it->start)
}
#undef START
#undef WEIGHTS
#undef STORE
#undef INPUTS
#undef ADD

#define START(p) _mm256_loadu_si256((const __m256i *)(p))
#define WEIGHTS(p) _mm256_loadu_si256((const __m256i *)(p))
#define INPUTS(p) _mm256_set1_epi32(piiscan_four(p))
#define STORE(p, one, two) \
    _mm256_storeu_si256((__m256i *)(p), one); \
    _mm256_storeu_si256((__m256i *)(p) + 1, two)
#ifdef PIISCAN_HAS_AVXVNNI
#define ADD(sum, inputs, weights) _mm256_dpbusd_avx_epi32(sum, inputs, weights)
PIISCAN_TARGET("avx2,avxvnni") PIISCAN_FAST
static void piiscan_multiply_avxvnni(const piiscan_product *it)
{
    PIISCAN_BODY(__m256i, 8, 4, it->start)
}
#undef ADD
#endif
#undef START
#undef WEIGHTS
#undef INPUTS
#undef STORE

#define START(p) _mm512_loadu_si512(p)
#define WEIGHTS(p) _mm512_loadu_si512(p)
#define INPUTS(p) _mm512_set1_epi32(piiscan_four(p))
#define ADD(sum, inputs, weights) _mm512_dpbusd_epi32(sum, inputs, weights)
#define STORE(p, one, two) \
    _mm512_storeu_si512(p, one); \
    _mm512_storeu_si512((int32_t *)(p) + 16, two)
#define PIISCAN_AVX512_TARGET PIISCAN_TARGET("avx2,avx512f,avx512bw,avx512vl,avx512vnni")
PIISCAN_AVX512_TARGET PIISCAN_FAST
static void piiscan_multiply_avx512(const piiscan_product *it)
{
    PIISCAN_BODY(__m512i, 16, 4, it->start)
}
#undef START
#undef WEIGHTS
#undef INPUTS
#undef ADD
#undef STORE
#endif

#ifdef PIISCAN_ARM
#if defined(__clang__)
#define PIISCAN_DOTPROD_TARGET PIISCAN_TARGET("dotprod")
#else
#define PIISCAN_DOTPROD_TARGET PIISCAN_TARGET("arch=armv8.2-a+dotprod")
#endif
/* The instruction multiplies signed bytes: each input less 128. */
#define START(p) vld1q_s32(p)
#define WEIGHTS(p) vreinterpretq_s32_s8(vld1q_s8(p))
#define INPUTS(p) vdupq_n_s32(piiscan_four(p) ^ (int32_t)0x80808080)
#define ADD(sum, inputs, weights) \
    vdotq_s32(sum, vreinterpretq_s8_s32(inputs), vreinterpretq_s8_s32(weights))
#define STORE(p, one, two) \
    vst1q_s32(p, one); \
    vst1q_s32((p) + 4, two)
PIISCAN_DOTPROD_TARGET PIISCAN_FAST
static void piiscan_multiply_dotprod(const piiscan_product *it)
{
    PIISCAN_BODY(int32x4_t, 4, 4, (it->start + it->columns))
}
#undef START
#undef WEIGHTS
#undef INPUTS
#undef ADD
#undef STORE
#endif

/* The loops around the products.  Columns and widths are multiples of PIISCAN_COLUMNS. */
#define PIISCAN_ACTIVATE_ARGUMENTS \
    int64_t columns, const int32_t *sums, const float *scale, const float *bias, \
        const uint8_t *before, int32_t zero, uint8_t *out
#define PIISCAN_EMBED_ARGUMENTS \
    int64_t width, const int8_t *one, const int8_t *two, const int8_t *places, \
        const uint8_t *features, int64_t count, uint8_t *out
/* Write activations: sums scaled, with bias and the earlier activations, rounded and cut. */
PIISCAN_FAST static void piiscan_activate_plain(PIISCAN_ACTIVATE_ARGUMENTS)
{
    for (int64_t j = 0; j < columns; j++) {
        float value = (float)sums[j] * scale[j] + bias[j];
        value += (float)((int32_t)before[j] - zero);
        int32_t whole = (int32_t)(value + 0.5f);
        whole = whole < 0 ? 0 : whole;
        out[j] = (uint8_t)(whole > 255 ? 255 : whole);
    }
}

#ifdef PIISCAN_X86
PIISCAN_TARGET("avx2") PIISCAN_FAST
static void piiscan_activate_avx2(PIISCAN_ACTIVATE_ARGUMENTS)
{
    __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
    __m256i whole[4];
    for (int64_t block = 0; block < columns; block += 32) {
        for (int part = 0; part < 4; part++) {
            int64_t j = block + 8 * part;
            __m256 value = _mm256_cvtepi32_ps(_mm256_loadu_si256((const __m256i *)(sums + j)));
            value = _mm256_mul_ps(value, _mm256_loadu_ps(scale + j));
            value = _mm256_add_ps(value, _mm256_loadu_ps(bias + j));
            __m256i added = _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(before + j)));
            added = _mm256_sub_epi32(added, _mm256_set1_epi32(zero));
            value = _mm256_add_ps(value, _mm256_cvtepi32_ps(added));
            whole[part] = _mm256_cvttps_epi32(_mm256_add_ps(value, _mm256_set1_ps(0.5f)));
        }
        whole[0] = _mm256_packs_epi32(whole[0], whole[1]);
        whole[2] = _mm256_packs_epi32(whole[2], whole[3]);
        whole[0] = _mm256_packus_epi16(whole[0], whole[2]);
        whole[0] = _mm256_permutevar8x32_epi32(whole[0], order);
        _mm256_storeu_si256((__m256i *)(out + block), whole[0]);
    }
}

PIISCAN_AVX512_TARGET PIISCAN_FAST
static void piiscan_activate_avx512(PIISCAN_ACTIVATE_ARGUMENTS)
{
    for (int64_t j = 0; j < columns; j += 16) {
        __m512 value = _mm512_cvtepi32_ps(_mm512_loadu_si512(sums + j));
        value = _mm512_mul_ps(value, _mm512_loadu_ps(scale + j));
        value = _mm512_add_ps(value, _mm512_loadu_ps(bias + j));
        __m512i added = _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)(before + j)));
        added = _mm512_sub_epi32(added, _mm512_set1_epi32(zero));
        value = _mm512_add_ps(value, _mm512_cvtepi32_ps(added));
        __m512i whole = _mm512_cvttps_epi32(_mm512_add_ps(value, _mm512_set1_ps(0.5f)));
        whole = _mm512_max_epi32(whole, _mm512_setzero_si512());
        _mm_storeu_si128((__m128i *)(out + j), _mm512_cvtusepi32_epi8(whole));
    }
}
#endif

/* Write the sum of table rows, cut to a signed byte, plus 128. */
PIISCAN_FAST static void piiscan_embed_plain(PIISCAN_EMBED_ARGUMENTS)
{
    for (int64_t j = 0; j < width; j++) {
        int32_t total = one[j] + two[j];
        for (int64_t each = 0; each < count; each++)
            total += places[features[each] * width + j];
        total = total < -128 ? -128 : total;
        out[j] = (uint8_t)((total > 127 ? 127 : total) + 128);
    }
}

#ifdef PIISCAN_X86
PIISCAN_TARGET("avx2") PIISCAN_FAST
static void piiscan_embed_avx2(PIISCAN_EMBED_ARGUMENTS)
{
#define PIISCAN_WIDE(p) _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(p)))
    for (int64_t j = 0; j < width; j += 32) {
        __m256i left = _mm256_add_epi16(PIISCAN_WIDE(one + j), PIISCAN_WIDE(two + j));
        __m256i right = _mm256_add_epi16(PIISCAN_WIDE(one + j + 16), PIISCAN_WIDE(two + j + 16));
        for (int64_t each = 0; each < count; each++) {
            const int8_t *place = places + features[each] * width + j;
            left = _mm256_add_epi16(left, PIISCAN_WIDE(place));
            right = _mm256_add_epi16(right, PIISCAN_WIDE(place + 16));
        }
        left = _mm256_permute4x64_epi64(_mm256_packs_epi16(left, right), 0xD8);
        left = _mm256_xor_si256(left, _mm256_set1_epi8(-128));
        _mm256_storeu_si256((__m256i *)(out + j), left);
    }
}
#endif

/* Return the product of bytes and signed bytes; the compiler knows instructions for it. */
#define PIISCAN_DOT(name, TARGET) \
    TARGET PIISCAN_FAST static int32_t piiscan_dot_##name( \
        int64_t columns, const uint8_t *inputs, const int8_t *weights) \
    { \
        int32_t total = 0; \
        for (int64_t block = 0; block < columns; block += PIISCAN_COLUMNS) \
            for (int64_t j = block; j < block + PIISCAN_COLUMNS; j++) \
                total += inputs[j] * weights[j]; \
        return total; \
    }
PIISCAN_DOT(plain, )
#ifdef PIISCAN_X86
PIISCAN_DOT(avx2, PIISCAN_TARGET("avx2"))
PIISCAN_DOT(avx512, PIISCAN_AVX512_TARGET)
#define piiscan_embed_avx512 piiscan_embed_avx2
#endif

static void piiscan_multiply(int level, const piiscan_product *it)
{
    switch (level) {
#ifdef PIISCAN_X86
    case PIISCAN_SSE: piiscan_multiply_sse(it); return;
    case PIISCAN_AVX2: piiscan_multiply_avx2(it); return;
#ifdef PIISCAN_HAS_AVXVNNI
    case PIISCAN_AVXVNNI: piiscan_multiply_avxvnni(it); return;
#endif
    case PIISCAN_AVX512: piiscan_multiply_avx512(it); return;
#endif
#ifdef PIISCAN_ARM
    case PIISCAN_DOTPROD: piiscan_multiply_dotprod(it); return;
#endif
    default: piiscan_multiply_plain(it);
    }
}

#ifdef PIISCAN_X86
#define PIISCAN_CHOOSE(level, name) \
    (level == PIISCAN_AVX512                                  ? piiscan_##name##_avx512 \
         : level == PIISCAN_AVX2 || level == PIISCAN_AVXVNNI ? piiscan_##name##_avx2 \
                                                              : piiscan_##name##_plain)
#else
#define PIISCAN_CHOOSE(level, name) piiscan_##name##_plain
#endif

static void piiscan_activate(int level, PIISCAN_ACTIVATE_ARGUMENTS)
{
    PIISCAN_CHOOSE(level, activate)(columns, sums, scale, bias, before, zero, out);
}

static void piiscan_embed(int level, PIISCAN_EMBED_ARGUMENTS)
{
    PIISCAN_CHOOSE(level, embed)(width, one, two, places, features, count, out);
}

static int32_t piiscan_dot(
    int level, int64_t columns, const uint8_t *inputs, const int8_t *weights)
{
    return PIISCAN_CHOOSE(level, dot)(columns, inputs, weights);
}

#endif
