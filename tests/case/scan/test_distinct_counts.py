"""What is counted in memory is what DuckDB counts."""

from pathlib import Path

import pytest

from piiscan import Case
from piiscan.case.scan import distinct_counts
from piiscan.case.scan.distinct_counts import DistinctCounts, count_all_distinct


def _tally(case: Case, temporary: Path) -> DistinctCounts:
    shards = {kind: case.source_shards(kind) for kind in ("findings", "records")}
    hits = case.findings().num_rows
    return count_all_distinct(shards["findings"], shards["records"], hits=hits, temporary=temporary)


@pytest.mark.parametrize(("name", "limit"), [("MAX_IN_MEMORY", 0), ("_MAX_SOURCES", 1)])
def test_both_ways_of_counting_agree(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, limit: int
) -> None:
    quick = _tally(case, tmp_path)
    assert not list(tmp_path.iterdir())
    monkeypatch.setattr(distinct_counts, name, limit)
    asked = _tally(case, tmp_path)
    assert min(len(quick.by_source), len(quick.combinations), len(quick.coarse)) > 1
    quick.combinations.sort()
    asked.combinations.sort()
    assert quick == asked


def test_no_shards_are_no_counts(tmp_path: Path) -> None:
    assert count_all_distinct({}, {}, hits=0, temporary=tmp_path) == DistinctCounts(
        {}, {}, {}, [], {}
    )
