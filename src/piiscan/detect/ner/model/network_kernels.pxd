"""Structs of the name tagger's network, and the arithmetic of its header."""

from libc.stdint cimport int8_t, int32_t, int64_t, uint8_t

from piiscan.kernel_arrays cimport (
    BoolOut, Float32, Float32Out, Int8, Int8Out, Int32, Int32Out, Int64, Int64Out, UInt8, UInt8Out,
    UInt16, boolean_out, float32, float32_out, int8, int8_out, int32, int32_out, int64, int64_out,
    uint8, uint8_out, uint16,
)


cpdef enum:  # numbers of symbols for runs and classes of characters
    PAD = 0
    OTHER = 1  # a character that the network does not know
    HANZI = 2  # a Hanzi that the network does not know
    TAKEN = 3  # inside the span of a pattern
    LONG = 4  # seven digits or more
    SPACE = 5
    LINE = 6
    WORD = 7  # three Latin letters or more
    NUMBERS = 8  # 8 to 13: one to six digits
    FIRST = 16  # the first character of the vocabulary

cpdef enum:
    PLANE = 0x10000
    LONGEST_RUN = 64  # most code points in one symbol, so that long runs do not hide a text
    MAX_WORD_LENGTH = 6  # longest dictionary word, in characters
    CLASSES = 8  # classes of words
    MAX_WORDS = 10  # word features of one symbol
    BITS = 28  # of a hash
    SLOTS = 1 << 20  # of the hash table
    STATES = 17  # outside, then begin, inside, end and single of each of four kinds of spans
    EMBEDDING_ZERO = 128  # byte that stands for 0 in embedding sums, which are cut to -128 to 127
    GATE_MARGIN = 1  # symbols on each side of one that passes the gate that pass it too
    MAX_LAYERS = 16

cpdef enum:  # as in byte_products.h
    ROWS = 6  # symbols computed at a time
    COLUMNS = 32  # columns of a block of weights
    MAX_GROUPS = 256  # groups of four inputs of one layer

cpdef enum:  # kinds of tagged spans that are reported, and positions of a span
    PERSON = 0
    ADDRESS = 1
    ORGANIZATION = 2
    PART = 0  # part of a field or line
    WHOLE = 1  # a whole text
    SENTENCE = 2  # in a sentence


cdef extern from "byte_products.h" nogil:
    ctypedef struct Product "piiscan_product":
        const uint8_t* taps[3][ROWS]
        int64_t groups[3]
        const int8_t* packed
        const int32_t* start
        int64_t columns
        int32_t* sums

    bint has_level "piiscan_has_level"(int level)
    void multiply_bytes "piiscan_multiply"(int level, const Product* product)
    void activate "piiscan_activate"(
        int level, int64_t columns, Int32 sums, Float32 scale, Float32 bias, UInt8 before,
        int32_t zero, UInt8Out out
    )
    void embed "piiscan_embed"(
        int level, int64_t width, Int8 one, Int8 two, Int8 places, UInt8 features, int64_t count,
        UInt8Out out
    )
    int32_t dot "piiscan_dot"(int level, int64_t columns, UInt8 inputs, Int8 weights)


cdef struct Layer:  # piiscan.detect.ner.model.weights.Layer
    int64_t dilation
    int32_t zero
    bint adds_inputs
    Int64 taps
    Int8 packed
    Int32 start
    Float32 scale
    Float32 bias
    int64_t columns


cdef struct Network:  # piiscan.detect.ner.model.weights.Network
    Int8 characters
    Int8 pairs
    Int8 places
    int64_t width  # of an embedding
    int64_t pair_rows
    Layer[MAX_LAYERS] layers
    int64_t layer_count
    Int8 gate
    int64_t columns  # of activations
    float gate_threshold
    int64_t gate_depth
    Layer out


cdef struct Block:  # piiscan.detect.ner.model.network.Block
    int64_t count
    UInt16 number
    UInt8 left
    UInt8 right
    UInt8 features
    UInt8 feature_count


cdef struct Scratch:  # piiscan.detect.ner.model.network.Scratch
    UInt8Out embedded
    UInt8Out even
    UInt8Out odd
    Int32Out sums
    BoolOut passes
    Int64Out rows


cdef struct Symbols:  # piiscan.detect.ner.model.symbols.Symbols
    UInt16 number
    UInt16 code
    Int64 start
    Int64 end
    Int64 text


cdef struct SpansOut:  # piiscan.detect.ner.model.tagger.Spans
    Int64Out start
    Int64Out end
    Int8Out kind
    Float32Out score


cdef inline Layer layer_of(object arrays) except *:
    """Return the pointers of a layer."""
    cdef Layer view
    view.dilation, view.zero, view.adds_inputs = arrays[0], arrays[1], arrays[2]
    view.taps, view.packed, view.start = int64(arrays[3]), int8(arrays[4]), int32(arrays[5])
    view.scale, view.bias = float32(arrays[6]), float32(arrays[7])
    view.columns = len(arrays[7])
    return view


cdef inline Network network_of(object arrays) except *:
    """Return the pointers of a network."""
    cdef Network view
    cdef Py_ssize_t each
    characters, pairs, places, layers, gate, threshold, depth, out = arrays
    view.layer_count = len(layers)
    if view.layer_count > MAX_LAYERS:
        raise ValueError("the network has too many layers")
    view.characters, view.pairs, view.places = int8(characters), int8(pairs), int8(places)
    view.width, view.pair_rows = characters.shape[1], len(pairs)
    for each in range(view.layer_count):
        view.layers[each] = layer_of(layers[each])
    view.gate, view.columns = int8(gate), len(gate)
    view.gate_threshold, view.gate_depth = threshold, depth
    view.out = layer_of(out)
    return view


cdef inline Block block_of(object arrays) except *:
    """Return the pointers of a block of symbols."""
    cdef Block view
    view.count, view.number = len(arrays[0]), uint16(arrays[0])
    view.left, view.right = uint8(arrays[1]), uint8(arrays[2])
    view.features, view.feature_count = uint8(arrays[3]), uint8(arrays[4])
    return view


cdef inline Scratch scratch_of(object arrays) except *:
    """Return the pointers of scratch arrays."""
    cdef Scratch view
    view.embedded, view.even = uint8_out(arrays[0]), uint8_out(arrays[1])
    view.odd, view.sums = uint8_out(arrays[2]), int32_out(arrays[3])
    view.passes, view.rows = boolean_out(arrays[4]), int64_out(arrays[5])
    return view


cdef inline Symbols symbols_of(object arrays) except *:
    """Return the pointers of the symbols of texts."""
    cdef Symbols view
    view.number, view.code = uint16(arrays[0]), uint16(arrays[1])
    view.start, view.end, view.text = int64(arrays[2]), int64(arrays[3]), int64(arrays[4])
    return view


cdef inline SpansOut spans_out(object arrays) except *:
    """Return the pointers of tagged spans to write."""
    cdef SpansOut view
    view.start, view.end = int64_out(arrays[0]), int64_out(arrays[1])
    view.kind, view.score = int8_out(arrays[2]), float32_out(arrays[3])
    return view
