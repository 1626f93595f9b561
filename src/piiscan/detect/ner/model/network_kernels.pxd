"""Structs of the name tagger's network, and the arithmetic of its header."""

from libc.stdint cimport int8_t, int32_t, int64_t, uint8_t

from piiscan.detect.ner.model.network cimport *
from piiscan.detect.ner.model.network_numbers cimport *
from piiscan.detect.ner.model.symbols cimport *
from piiscan.detect.ner.model.tagger cimport *
from piiscan.kernel_arrays cimport *


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
