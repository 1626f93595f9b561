"""Compiled kernels: what one is compiled to does not depend on which other was compiled before."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from piiscan import jit
from piiscan.arrays import Int64
from piiscan.jit import inlined, inner, kernel


def parts() -> tuple[Any, Any, Any]:
    """A part of two kernels, a kernel that calls it, and one that calls it from an inlined part."""

    @inner
    def part(value: int) -> int:
        return value * value + 1

    @inlined
    def around(value: int) -> int:
        return part(value) - 1

    @kernel
    def directly(values: Int64) -> int:
        return part(values[0])

    @kernel
    def inside(values: Int64) -> int:
        return around(values[0])

    return part, directly, inside


@pytest.mark.parametrize("turned", [False, True])
def test_a_part_is_the_same_whoever_calls_it_first(
    turned: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jit, "cache_folder", lambda: None)
    part, directly, inside = parts()
    for each in [inside, directly] if turned else [directly, inside]:
        each(np.array([3]))
    (compiled,) = part.overloads.values()
    assert "alwaysinline" not in compiled.library.get_llvm_str()
