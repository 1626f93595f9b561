"""What the engine is compared with: Python's ``re``, stock Presidio, ripgrep."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import baselines
import process
import pytest
from dumps import SAMPLE, Dump, megabytes

CORPORA = ("sale-7967", "sale-1M", "waybill-300k", "prose-40MB")

#: Ways of writing that the four patterns match; the order is that of the truth.
MATCHED = {
    "CN_RESIDENT_ID": (*("plain", "lower_x", "hmt", "wrong_check", "bad_date", "damaged_15sig"),),
    "CN_MOBILE": ("plain", "unallotted"),
}


def matched(dump: Dump) -> int:
    """How many matches of the four patterns the truth lets one expect in a sold list."""
    entities = dump.truth["entities"]
    found = sum(entities[kind]["forms"].get(f, 0) for kind in MATCHED for f in MATCHED[kind])
    return int(found + entities["CN_MOBILE"]["forms"].get("double", 0))


@pytest.mark.parametrize("name", CORPORA)
def test_python_re(name: str, dump: Callable[..., Dump], measured: Any, one_core: None) -> None:
    file, expression = dump(name), baselines.expression()
    size = file.path.stat().st_size / 1e6
    hits = measured(
        lambda: sum(1 for _ in expression.finditer(file.text)),
        corpus=name, way="python re", mb=size, rounds=2,
    )  # fmt: skip
    assert hits > 0
    if name.startswith("sale"):
        assert hits == matched(file)


@pytest.mark.parametrize("segmenter", ["char", "jieba"])
@pytest.mark.parametrize("name", CORPORA)
def test_stock_presidio(
    name: str, segmenter: str, dump: Callable[..., Dump], measured: Any, one_core: None
) -> None:
    sample = dump(name).lines[: SAMPLE if segmenter == "char" else SAMPLE // 2]
    analyzer = baselines.presidio(segmenter)
    hits = measured(
        lambda: baselines.analyzed(analyzer, sample),
        corpus=name, way=f"stock Presidio, {segmenter}", mb=megabytes(sample),
    )  # fmt: skip
    expression = baselines.expression()
    assert hits == sum(1 for line in sample for _ in expression.finditer(line)) > 0


@pytest.mark.parametrize("name", CORPORA)
def test_ripgrep(name: str, dump: Callable[..., Dump], measured: Any) -> None:
    command = baselines.ripgrep()
    if command is None:
        pytest.skip("ripgrep is not installed")
    file, runs = dump(name), []
    measured(
        lambda: runs.append(process.run([*command, str(file.path)])),
        corpus=name, way="ripgrep, process", mb=file.path.stat().st_size / 1e6,
    )  # fmt: skip
    expression = baselines.expression()
    assert int(runs[-1].output) == sum(1 for _ in expression.finditer(file.text)) > 0
