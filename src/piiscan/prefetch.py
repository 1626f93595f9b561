"""A hint for kernels that go from place to place: fetch from memory what is needed soon.

Where places are far apart each costs a wait for memory of a hundred nanoseconds, and the waits
come one after another; fetched ahead, side by side, they cost a third.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic


@intrinsic  # type: ignore[untyped-decorator]
def prefetch(_: Any, array: Any, place: Any) -> Any:  # pragma: no cover - compiled
    """Bring ``array[place]`` near; a hint that changes nothing, also for a place that is not there.

    In kernels only; ``array`` is contiguous and of one dimension.
    """
    if not (isinstance(array, types.Array) and array.ndim == 1 and array.layout == "C"):
        return None

    def emit(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, values[0]).data
        near = builder.bitcast(builder.gep(data, [values[1]]), ir.IntType(8).as_pointer())
        number = ir.IntType(32)
        shape = ir.FunctionType(ir.VoidType(), [near.type, number, number, number])
        hint = builder.module.declare_intrinsic("llvm.prefetch", [near.type], shape)
        builder.call(hint, [near, number(0), number(3), number(1)])  # to read, keep it, data

    return types.void(array, place), emit
