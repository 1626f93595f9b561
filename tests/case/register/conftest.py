"""Registers as people give them back, made of rows."""

import csv
import io
from collections.abc import Callable

import pytest

from piiscan.case.register import Register, read_register

Made = Callable[..., Register]


@pytest.fixture
def made() -> Made:
    """made("路径,角色|a,出售", …): the register of these rows, as CSV."""

    def make(*rows: str) -> Register:
        heading, *others = [row.split(",") for row in "|".join(rows).split("|")]
        out = io.StringIO()
        padded = [(row + [""] * len(heading))[: len(heading)] for row in others]
        csv.writer(out).writerows([heading, *padded])
        return read_register(out.getvalue().encode("utf-8-sig"), "r.csv")

    return make
