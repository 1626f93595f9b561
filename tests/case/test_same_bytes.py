"""Findings, records and tables do not depend on the machine that makes them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from piiscan.synth.corpus import make

#: Variants of environment and arguments, and what may differ: files that print paths as given.
_VARIANTS = {
    "locale, time zone, hash seed, one core": (
        {"LC_ALL": "C", "TZ": "America/New_York", "PYTHONHASHSEED": "77"}, ["--workers", "1"], (),
    ),
    "relative paths": (
        {"LC_ALL": "tr_TR.UTF-8", "TZ": "Asia/Kathmandu", "PYTHONHASHSEED": "1"},
        ["--relative", "--workers", "3"],
        ("tables/", "counts-0001/flow_nodes.", "counts-0001/proposals.", "ledger.sha256"),
    ),
    "other order of arguments": ({}, ["--reversed"], ()),
    "a cold cache": ({"PIISCAN_CACHE_DIR": "cold"}, [], ()),
}  # fmt: skip


def digests(folder: Path, environment: dict[str, str], arguments: list[str]) -> dict[str, str]:
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-m", "tests.case.same_bytes", folder / "in", folder / "key", *arguments],
        cwd=root,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(root / "src"), str(root)])}
        | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(json.loads(done.stdout))


@pytest.mark.long
@pytest.mark.parametrize("variant", _VARIANTS)
def test_the_same_sources_give_the_same_bytes(variant: str, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for recipe, rows in (("three-party", 60), ("mixed-folder", 160)):
        made = make(recipe, rows=rows, seed=1, out=tmp_path)
        made.folder.rename(tmp_path / "in" / recipe)
    environment, arguments, may_differ = _VARIANTS[variant]
    if "PIISCAN_CACHE_DIR" in environment:
        environment = {"PIISCAN_CACHE_DIR": str(tmp_path / "cold")}
    usual = digests(tmp_path, {}, [])
    other = digests(tmp_path, environment, arguments)
    assert len(usual) > 100
    differing = {name for name in {**usual, **other} if usual.get(name) != other.get(name)}
    assert [name for name in sorted(differing) if not name.startswith(may_differ)] == []
