"""Distinct counts are those of Python's sets, in memory and by files."""

from collections import Counter
from pathlib import Path

import pytest

from piiscan import Case
from piiscan.case.scan.distinct_counts import DistinctCounts, count_all_distinct
from piiscan.hashing import distinct_digests


def _tally(case: Case, temporary: Path) -> DistinctCounts:
    shards = {kind: case.source_shards(kind) for kind in ("findings", "records")}
    hits = case.findings().num_rows
    return count_all_distinct(shards["findings"], shards["records"], hits=hits, temporary=temporary)


def test_counts_by_files_are_those_in_memory(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once = _tally(case, tmp_path)
    monkeypatch.setattr(distinct_digests, "MOST_ROWS", 2)
    by_parts = _tally(case, tmp_path)
    assert not list(tmp_path.iterdir())
    assert min(len(at_once.by_source), len(at_once.combinations), len(at_once.coarse)) > 1
    at_once.combinations.sort()
    by_parts.combinations.sort()
    assert by_parts == at_once


def test_counts_are_those_of_the_findings(case: Case, tmp_path: Path) -> None:
    rows = [row for row in case.findings().to_pylist() if row["verdict"] != "refuted"]
    found = _tally(case, tmp_path)
    by_source = {(row["source"], row["entity"], row["digest"]) for row in rows}
    assert found.by_source == Counter((source, entity) for source, entity, _ in by_source)
    assert found.distinct == Counter(entity for entity, _ in {key[1:] for key in by_source})
    coarse = {(row["entity"], row["coarse"]) for row in rows if row["coarse"] is not None}
    assert found.coarse == {
        pair: (
            sum((row["entity"], row["coarse"]) == pair for row in rows),
            len({row["digest"] for row in rows if (row["entity"], row["coarse"]) == pair}),
        )
        for pair in coarse
    }


def test_no_shards_are_no_counts(tmp_path: Path) -> None:
    assert count_all_distinct({}, {}, hits=0, temporary=tmp_path) == DistinctCounts(
        {}, {}, {}, [], {}
    )
