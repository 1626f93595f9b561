"""No hostile file ends a scan: each is read or listed, with exit code 0 or 1, in bounded memory."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.fuzz.files import MEMORY
from tests.fuzz.hostile import HOSTILE, Hostile, try_case
from tests.often import long


@pytest.mark.skipif(sys.platform == "win32", reason="names and files that Windows has not")
@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(
    "case",
    [long(c) if c.long or c.name.endswith((".xlsx", ".ods", "bzip2.zip")) else c for c in HOSTILE],
    ids=lambda case: case.name,
)
def test_a_hostile_file_is_read_or_listed(case: Hostile, tmp_path: Path) -> None:
    done = try_case(case, tmp_path)
    assert done.wrong(case) is None
    assert done.peak < MEMORY
