/* BLAKE2b's compression of the last block of many messages at once, one message a lane.
 *
 * RFC 7693, 3.1 and 3.2. All messages have the same state before the block (that of the key), so
 * only counters and words differ. Vectors of 2 lanes (SSE2, NEON), 4 (AVX2) or 8 (AVX-512) give
 * the same words; the widest one that the processor has is chosen once.
 */
#ifndef PIISCAN_BLAKE2_LANES_H
#define PIISCAN_BLAKE2_LANES_H

#include <stdint.h>
#include <string.h>

#define BLAKE2_LANES 64

static const uint64_t blake2_iv[8] = {
    0x6A09E667F3BCC908u, 0xBB67AE8584CAA73Bu, 0x3C6EF372FE94F82Bu, 0xA54FF53A5F1D36F1u,
    0x510E527FADE682D1u, 0x9B05688C2B3E6C1Fu, 0x1F83D9ABFB41BD6Bu, 0x5BE0CD19137E2179u,
};

static const uint8_t blake2_sigma[12][16] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
    {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4},
    {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13},
    {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11},
    {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5},
    {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0},
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
    {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
};

#define BLAKE2_TURN(word, bits) ((word) >> (bits) | (word) << (64 - (bits)))
#define BLAKE2_MIX(a, b, c, d, x, y)                                  \
    do {                                                              \
        v[a] += v[b] + m[x], v[d] ^= v[a], v[d] = BLAKE2_TURN(v[d], 32); \
        v[c] += v[d], v[b] ^= v[c], v[b] = BLAKE2_TURN(v[b], 24);     \
        v[a] += v[b] + m[y], v[d] ^= v[a], v[d] = BLAKE2_TURN(v[d], 16); \
        v[c] += v[d], v[b] ^= v[c], v[b] = BLAKE2_TURN(v[b], 63);     \
    } while (0)
#define BLAKE2_ROUND(s)                                               \
    do {                                                              \
        BLAKE2_MIX(0, 4, 8, 12, (s)[0], (s)[1]);                      \
        BLAKE2_MIX(1, 5, 9, 13, (s)[2], (s)[3]);                      \
        BLAKE2_MIX(2, 6, 10, 14, (s)[4], (s)[5]);                     \
        BLAKE2_MIX(3, 7, 11, 15, (s)[6], (s)[7]);                     \
        BLAKE2_MIX(0, 5, 10, 15, (s)[8], (s)[9]);                     \
        BLAKE2_MIX(1, 6, 11, 12, (s)[10], (s)[11]);                   \
        BLAKE2_MIX(2, 7, 8, 13, (s)[12], (s)[13]);                    \
        BLAKE2_MIX(3, 4, 9, 14, (s)[14], (s)[15]);                    \
    } while (0)

/* Update the state h by one block m of 16 words. */
static inline void blake2_compress(uint64_t *h, const uint64_t *m, uint64_t counter, int last) {
    uint64_t v[16];
    for (int k = 0; k < 8; k++) v[k] = h[k], v[k + 8] = blake2_iv[k];
    v[12] ^= counter;
    if (last) v[14] = ~v[14];
    for (int turn = 0; turn < 12; turn++) BLAKE2_ROUND(blake2_sigma[turn]);
    for (int k = 0; k < 8; k++) h[k] ^= v[k] ^ v[k + 8];
}

/* Define NAME(h, words, counters, out): compress the last block of 64 messages.
 * h[8]: state before; words[16][64]; counters[64]; out[2][64]: words 0 and 1 of the digests. */
#define BLAKE2_DEFINE(NAME, TARGET, VECTOR)                                                   \
    TARGET static void NAME(const uint64_t *h, const uint64_t *words, const uint64_t *counters, \
                            uint64_t *out) {                                                  \
        const int width = sizeof(VECTOR) / 8;                                                 \
        const VECTOR none = {0};                                                              \
        for (int x = 0; x < BLAKE2_LANES; x += width) {                                       \
            VECTOR m[16], v[16], c, found;                                                    \
            for (int k = 0; k < 16; k++) memcpy(&m[k], words + k * BLAKE2_LANES + x, sizeof c); \
            for (int k = 0; k < 8; k++) v[k] = none + h[k], v[k + 8] = none + blake2_iv[k];   \
            memcpy(&c, counters + x, sizeof c);                                               \
            v[12] ^= c;                                                                       \
            v[14] = ~v[14];                                                                   \
            BLAKE2_ROUND(((const int[]){0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15})); \
            BLAKE2_ROUND(((const int[]){14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3})); \
            BLAKE2_ROUND(((const int[]){11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4})); \
            BLAKE2_ROUND(((const int[]){7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8})); \
            BLAKE2_ROUND(((const int[]){9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13})); \
            BLAKE2_ROUND(((const int[]){2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9})); \
            BLAKE2_ROUND(((const int[]){12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11})); \
            BLAKE2_ROUND(((const int[]){13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10})); \
            BLAKE2_ROUND(((const int[]){6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5})); \
            BLAKE2_ROUND(((const int[]){10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0})); \
            BLAKE2_ROUND(((const int[]){0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15})); \
            BLAKE2_ROUND(((const int[]){14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3})); \
            found = v[0] ^ v[8] ^ h[0];                                                       \
            memcpy(out + x, &found, sizeof c);                                                \
            found = v[1] ^ v[9] ^ h[1];                                                       \
            memcpy(out + BLAKE2_LANES + x, &found, sizeof c);                                 \
        }                                                                                     \
    }

#if defined(__GNUC__) || defined(__clang__)
typedef uint64_t blake2_two __attribute__((vector_size(16)));
BLAKE2_DEFINE(blake2_by_two, , blake2_two)
#if defined(__x86_64__)
typedef uint64_t blake2_four __attribute__((vector_size(32)));
typedef uint64_t blake2_eight __attribute__((vector_size(64)));
BLAKE2_DEFINE(blake2_by_four, __attribute__((target("avx2"))), blake2_four)
BLAKE2_DEFINE(blake2_by_eight, __attribute__((target("avx512f"))), blake2_eight)
#endif
#endif

/* Number of lanes that this processor compresses at once. */
static inline int blake2_width(void) {
#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f")) return 8;
    if (__builtin_cpu_supports("avx2")) return 4;
    return 2;
#elif defined(__GNUC__) || defined(__clang__)
    return 2;
#else
    return 1;
#endif
}

/* Compress the last block of 64 messages, width lanes at once: 8, 4, 2 or 1. */
static inline void blake2_last_blocks(int width, const uint64_t *h, const uint64_t *words,
                                      const uint64_t *counters, uint64_t *out) {
#if defined(__GNUC__) || defined(__clang__)
#if defined(__x86_64__)
    if (width == 8) { blake2_by_eight(h, words, counters, out); return; }
    if (width == 4) { blake2_by_four(h, words, counters, out); return; }
#endif
    if (width >= 2) { blake2_by_two(h, words, counters, out); return; }
#endif
    for (int x = 0; x < BLAKE2_LANES; x++) {
        uint64_t state[8], block[16];
        memcpy(state, h, sizeof state);
        for (int k = 0; k < 16; k++) block[k] = words[k * BLAKE2_LANES + x];
        blake2_compress(state, block, counters[x], 1);
        out[x] = state[0], out[BLAKE2_LANES + x] = state[1];
    }
}

#endif
