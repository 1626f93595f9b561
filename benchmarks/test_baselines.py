"""Speed of the baselines: stock Presidio, ``re``, RE2, Hyperscan, DuckDB and ripgrep."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import baselines
import process
import pytest
from dumps import SAMPLE, Dump, megabytes

from tests.programs import missing_program

CORPORA = ("sale-7967", "sale-1M", "waybill-300k", "prose-40MB")

#: Forms that the four patterns match, in the order of the ground truth.
MATCHED_FORMS = {
    "CN_RESIDENT_ID": (*("plain", "lower_x", "hmt", "wrong_check", "bad_date", "damaged_15sig"),),
    "CN_MOBILE": ("plain", "unallotted"),
}


def expected_matches(dump: Dump) -> int:
    """Return the number of matches of the four patterns that the planted values require."""
    entities = dump.truth["entities"]
    found = sum(
        entities[kind]["forms"].get(form, 0)
        for kind in MATCHED_FORMS
        for form in MATCHED_FORMS[kind]
    )
    return int(found + entities["CN_MOBILE"]["forms"].get("double", 0))


@pytest.mark.parametrize("name", CORPORA)
def test_python_re(name: str, dump: Callable[..., Dump], measure: Any, one_core: None) -> None:
    file, pattern = dump(name), baselines.python_re_pattern()
    size = file.path.stat().st_size / 1e6
    hits = measure(
        lambda: sum(1 for _ in pattern.finditer(file.text)),
        corpus=name, way="python re", mb=size, rounds=2,
    )  # fmt: skip
    assert hits > 0
    if name.startswith("sale"):
        assert hits == expected_matches(file)


@pytest.mark.parametrize("way", ["RE2", "Hyperscan", "DuckDB"])
@pytest.mark.parametrize("name", CORPORA)
def test_engines_of_expressions(
    name: str, way: str, dump: Callable[..., Dump], measure: Any, one_core: None
) -> None:
    file = dump(name)
    try:
        count = (
            baselines.re2_count(file.text) if way == "RE2"
            else baselines.hyperscan_count(file.text) if way == "Hyperscan"
            else baselines.duckdb_count(file.array)
        )  # fmt: skip
    except ImportError as error:
        pytest.skip(f"pip install google-re2 hyperscan: {error}")
    hits = measure(count, corpus=name, way=way, mb=file.path.stat().st_size / 1e6, rounds=3)
    expected = sum(1 for _ in baselines.python_re_pattern().finditer(file.text))
    assert hits == expected or (way == "Hyperscan" and hits > 0.99 * expected)


@pytest.mark.parametrize("segmenter", ["char", "jieba"])
@pytest.mark.parametrize("name", CORPORA)
def test_stock_presidio(
    name: str, segmenter: str, dump: Callable[..., Dump], measure: Any, one_core: None
) -> None:
    sample = dump(name).lines[: SAMPLE if segmenter == "char" else SAMPLE // 2]
    analyzer = baselines.stock_analyzer(segmenter)
    hits = measure(
        lambda: baselines.count_results(analyzer, sample),
        corpus=name, way=f"stock Presidio, {segmenter}", mb=megabytes(sample),
    )  # fmt: skip
    pattern = baselines.python_re_pattern()
    assert hits == sum(1 for line in sample for _ in pattern.finditer(line)) > 0


@pytest.mark.parametrize("name", CORPORA)
def test_ripgrep(name: str, dump: Callable[..., Dump], measure: Any) -> None:
    command = baselines.ripgrep_command()
    if command is None:
        pytest.skip(missing_program("rg"))
    file, runs = dump(name), []
    measure(
        lambda: runs.append(process.run([*command, str(file.path)])),
        corpus=name, way="ripgrep, process", mb=file.path.stat().st_size / 1e6,
    )  # fmt: skip
    pattern = baselines.python_re_pattern()
    assert int(runs[-1].output) == sum(1 for _ in pattern.finditer(file.text)) > 0
