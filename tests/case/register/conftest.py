"""Registers as people give them back, made of rows."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence

import pytest

from piiscan.case.register import Register, read_register

Made = Callable[..., Register]


@pytest.fixture
def made() -> Made:
    """made(["路径", "角色"], ["a", "出售"], …): the register of these rows, as CSV."""

    def make(*rows: Sequence[str]) -> Register:
        out = io.StringIO()
        csv.writer(out).writerows(rows)
        return read_register(out.getvalue().encode("utf-8-sig"), "r.csv")

    return make
