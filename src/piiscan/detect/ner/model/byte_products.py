"""Exact products of bytes and 8-bit weights, in the vector instructions of this processor.

``sums[row, column] = start[column] + inputs[row] @ weights[:, column]`` for some rows at a time.
Inputs are 0 to 255, weights -127 to 127, sums 32 bits wide, so every way gives the same numbers.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

from piiscan.arrays import Int8, Int32, Int64

_INT8: Final = ir.IntType(8)
_INT16: Final = ir.IntType(16)
_INT32: Final = ir.IntType(32)


@dataclass(frozen=True, slots=True)
class ProductWay:
    """One way to multiply.

    Attributes:
        feature: feature of the processor that it needs, as LLVM names it; empty for none
        instruction: LLVM's name of an instruction that adds four products of bytes; empty for
            pairs of products of 16 bits, which LLVM compiles for any processor
        lanes: sums in one vector
        vectors: vectors of sums of a row that are computed at a time
        rows: rows that are computed at a time
        signed: True if the instruction reads inputs as signed bytes
    """

    feature: str
    instruction: str
    lanes: int
    vectors: int
    rows: int
    signed: bool = False

    @property
    def inputs(self) -> int:
        """Return the number of inputs that one instruction multiplies for each sum."""
        return 4 if self.instruction else 2

    @property
    def columns(self) -> int:
        """Return the number of columns that are computed at a time."""
        return self.lanes * self.vectors


#: All ways, the fastest first.
WAYS: Final = (
    ProductWay("avx512vnni", "llvm.x86.avx512.vpdpbusd.512", lanes=16, vectors=2, rows=6),
    ProductWay("avxvnni", "llvm.x86.avx512.vpdpbusd.256", lanes=8, vectors=2, rows=6),
    ProductWay(
        "dotprod", "llvm.aarch64.neon.sdot.v4i32.v16i8", lanes=4, vectors=4, rows=4, signed=True
    ),
    ProductWay("avx512bw", "", lanes=16, vectors=2, rows=6),
    ProductWay("avx2", "", lanes=8, vectors=2, rows=4),
    ProductWay("", "", lanes=4, vectors=2, rows=4),
)


def choose_way(features: Collection[str]) -> ProductWay:
    """Return the fastest way on a processor with these features."""
    return next(way for way in WAYS if not way.feature or way.feature in features)


def compiled_way(codegen: Any) -> ProductWay:
    """Return the way of a kernel that ``codegen`` compiles, by the features that it compiles for.

    The cache of machine code has these features in the key of each entry.
    """
    features = codegen.magic_tuple()[2].split(",")
    return choose_way({each[1:] for each in features if each.startswith("+")})


@cache
def processor_way() -> ProductWay:
    """Return the way of kernels on this processor."""
    from numba.core.registry import cpu_target

    return compiled_way(cpu_target.target_context.codegen())


def pack_weights(weights: Int64, zero: int, way: ProductWay) -> tuple[Int8, Int32]:
    """Return weights ``[inputs, columns]`` in the order in which ``way`` reads them, and the start.

    ``zero``: input that stands for the number 0.  Inputs are padded to a multiple of four.
    """
    size, width = weights.shape
    padded = np.zeros((-(-size // 4) * 4, -(-width // way.columns) * way.columns), np.int64)
    padded[:size, :width] = weights
    start = padded.sum(0) * (128 * way.signed - zero)
    groups = padded.reshape(-1, way.inputs, padded.shape[1] // way.columns, way.columns)
    element = np.int8 if way.instruction else np.int16
    packed = np.ascontiguousarray(groups.transpose(2, 0, 3, 1), element)
    return packed.reshape(-1).view(np.int8), start.astype(np.int32)


def multiplier(way: ProductWay | None = None) -> Any:
    """Return a function for kernels that multiplies in this way, by default :func:`processor_way`.

    Its arguments: ``inputs`` (``uint8[way.rows, n]``), the number of them that is used of each row
    (a multiple of four), ``wide`` (scratch, ``int16`` of the same shape), ``packed`` and ``start``
    of :func:`pack_weights`, and ``sums`` (``int32[way.rows, n]``, at least as wide as ``start``).
    """

    @intrinsic  # type: ignore[untyped-decorator]
    def multiply(
        _: Any, inputs: Any, size: Any, wide: Any, packed: Any, start: Any, sums: Any
    ) -> Any:  # pragma: no cover - compiled
        """Compute the sums of all rows."""

        def emit(context: Any, builder: Any, signature: Any, values: Any) -> None:
            """Build the instructions of one call."""
            arrays = [
                context.make_array(kind)(context, builder, value)
                for kind, value in zip(signature.args, values, strict=True)
                if isinstance(kind, types.Array)
            ]
            shapes = [cgutils.unpack_tuple(builder, array.shape) for array in arrays]
            lengths = values[1], shapes[3][0], shapes[0][1], shapes[4][1]
            emit_products(
                builder, way or compiled_way(context.codegen()), [each.data for each in arrays],
                lengths,
            )  # fmt: skip

        return types.void(inputs, size, wide, packed, start, sums), emit

    return multiply


#: Bytes that :func:`copy_bytes` may read and write after the last one.
SPARE_BYTES: Final = 31


@intrinsic  # type: ignore[untyped-decorator]
def copy_bytes(
    _: Any, target: Any, to: Any, source: Any, at: Any, count: Any
) -> Any:  # pragma: no cover - compiled
    """Copy ``count`` bytes of ``source`` from ``at`` on to ``target``, and up to SPARE_BYTES more.

    For kernels only; both are C-contiguous arrays of bytes, indexed as if they had one dimension.
    """

    def emit(context: Any, builder: Any, signature: Any, values: Any) -> None:
        """Build the instructions of one call."""
        target, source = (
            context.make_array(signature.args[each])(context, builder, values[each]).data
            for each in (0, 2)
        )
        vector = ir.VectorType(_INT8, SPARE_BYTES + 1).as_pointer()
        number = values[4].type
        steps = (number(0), values[4], number(SPARE_BYTES + 1))
        with cgutils.for_range_slice(builder, *steps, number) as (done, _):
            read, written = (
                builder.bitcast(builder.gep(base, [builder.add(values[each], done)]), vector)
                for base, each in ((source, 3), (target, 1))
            )
            builder.store(builder.load(read, align=1), written, align=1)

    return types.void(target, to, source, at, count), emit


def emit_products(builder: Any, way: ProductWay, pointers: list[Any], lengths: Any) -> None:
    """Build the instructions of one product.

    ``pointers``: to inputs, wide inputs, packed weights, start and sums.  ``lengths``: number of
    inputs and of sums that are used of a row, and that a row has.
    """
    inputs, wide, *others = pointers
    size, columns, input_stride, sum_stride = lengths
    number = size.type
    if way.inputs == 2:
        for row in range(way.rows):
            with cgutils.for_range(builder, size) as loop:
                at = builder.add(builder.mul(input_stride, number(row)), loop.index)
                value = builder.load(builder.gep(inputs, [at]))
                builder.store(builder.zext(value, _INT16), builder.gep(wide, [at]))
        inputs = wide
    words = [builder.bitcast(each, _INT32.as_pointer()) for each in (inputs, *others)]
    groups, stride = (builder.udiv(each, number(way.inputs)) for each in (size, input_stride))
    vector = ir.VectorType(_INT32, way.lanes)
    parts = [(row, each) for row in range(way.rows) for each in range(way.vectors)]
    totals = {part: cgutils.alloca_once(builder, vector) for part in parts}
    inputs, packed, start, sums = words

    def place(base: Any, index: Any, vectors: int) -> Any:
        """Return the pointer to a vector, some vectors after ``base[index]``."""
        moved = builder.add(index, number(vectors * way.lanes))
        return builder.bitcast(builder.gep(base, [moved]), vector.as_pointer())

    steps = cgutils.for_range_slice(builder, number(0), columns, number(way.columns), number)
    with steps as (column, _):
        for row, each in parts:
            first = builder.load(place(start, column, each), align=4)
            builder.store(first, totals[row, each])
        block = builder.mul(column, groups)
        with cgutils.for_range(builder, groups) as loop:
            here = builder.add(block, builder.mul(loop.index, number(way.columns)))
            weights = [
                builder.load(place(packed, here, each), align=4) for each in range(way.vectors)
            ]
            for row in range(way.rows):
                at = builder.add(builder.mul(stride, number(row)), loop.index)
                value = _broadcast(builder, builder.load(builder.gep(inputs, [at])), vector)
                for each in range(way.vectors):
                    total = builder.load(totals[row, each])
                    total = _add_products(builder, way, total, value, weights[each])
                    builder.store(total, totals[row, each])
        for row, each in parts:
            at = builder.add(builder.mul(sum_stride, number(row)), column)
            builder.store(builder.load(totals[row, each]), place(sums, at, each), align=4)


def _broadcast(builder: Any, value: Any, vector: Any) -> Any:
    """Return a vector with ``value`` in every lane."""
    one = builder.insert_element(ir.Constant(vector, ir.Undefined), value, _INT32(0))
    zeros = ir.Constant(ir.VectorType(_INT32, vector.count), None)
    return builder.shuffle_vector(one, ir.Constant(vector, ir.Undefined), zeros)


def _add_products(builder: Any, way: ProductWay, total: Any, inputs: Any, weights: Any) -> Any:
    """Return ``total`` plus the products of the inputs and weights in each lane."""
    vector = total.type
    if not way.instruction:
        return builder.add(total, _pair_products(builder, inputs, weights))
    operand = vector
    if way.signed:
        operand = ir.VectorType(_INT8, 4 * way.lanes)
        flipped = ir.Constant(vector, [-0x7F7F7F80] * way.lanes)  # 0x80 in each byte
        inputs = builder.bitcast(builder.xor(inputs, flipped), operand)
        weights = builder.bitcast(weights, operand)
    shape = ir.FunctionType(vector, [vector, operand, operand])
    instruction = cgutils.get_or_insert_function(builder.module, shape, way.instruction)
    return builder.call(instruction, [total, inputs, weights])


def _pair_products(builder: Any, inputs: Any, weights: Any) -> Any:
    """Return the sum of two products of 16 bits in each lane, in the form that LLVM recognises."""
    lanes = inputs.type.count
    narrow, wide = (ir.VectorType(each, 2 * lanes) for each in (_INT16, _INT32))
    one, two = (builder.sext(builder.bitcast(each, narrow), wide) for each in (inputs, weights))
    products = builder.mul(one, two)
    halves = [
        builder.shuffle_vector(
            products,
            ir.Constant(wide, ir.Undefined),
            ir.Constant(ir.VectorType(_INT32, lanes), [2 * lane + odd for lane in range(lanes)]),
        )
        for odd in (0, 1)
    ]
    return builder.add(*halves)
