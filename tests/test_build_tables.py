"""The tables of the build are equal wherever they are made."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import sys
from pathlib import Path
from piiscan import cache
cache._BUILT = Path(sys.argv[1])
from piiscan.build_tables import build_tables
build_tables()
"""


def built(folder: Path, seed: str) -> dict[str, str]:
    """Return the SHA-256 of each table that is built while sets have the order of ``seed``."""
    subprocess.run(
        [sys.executable, "-c", PROGRAM, str(folder)],
        env=os.environ | {"PYTHONHASHSEED": seed}, check=True,
    )  # fmt: skip
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


@pytest.mark.long
def test_tables_depend_on_no_order_of_sets(tmp_path: Path) -> None:
    one = built(tmp_path / "one", "1")
    assert sorted(one) == [f"{name}.tables" for name in ("address", "catalogue", "names", "rules")]
    assert built(tmp_path / "two", "2") == one
