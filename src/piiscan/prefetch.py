"""Memory prefetch for kernels that jump through memory: fetch the next entries before their use.

A jump costs a wait for memory.  Entries that are fetched ahead arrive in parallel, so the waits
overlap.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic


@intrinsic  # type: ignore[untyped-decorator]
def prefetch(_: Any, array: Any, index: Any) -> Any:  # pragma: no cover - compiled
    """Fetch ``array[index]`` into the cache; a hint without effect on results, also out of bounds.

    For kernels only; ``array`` is contiguous and one-dimensional.
    """
    if not (isinstance(array, types.Array) and array.ndim == 1 and array.layout == "C"):
        return None

    def emit(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        """Build the LLVM prefetch instruction for one call."""
        data = context.make_array(signature.args[0])(context, builder, values[0]).data
        pointer = builder.bitcast(builder.gep(data, [values[1]]), ir.IntType(8).as_pointer())
        number = ir.IntType(32)
        shape = ir.FunctionType(ir.VoidType(), [pointer.type, number, number, number])
        hint = builder.module.declare_intrinsic("llvm.prefetch", [pointer.type], shape)
        # for reading, high locality, data cache
        builder.call(hint, [pointer, number(0), number(3), number(1)])

    return types.void(array, index), emit
