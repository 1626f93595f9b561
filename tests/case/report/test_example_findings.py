"""Samples are the first findings of a kind, whichever way they are looked for."""

import pytest

from piiscan import Case
from piiscan.case.report import example_findings
from piiscan.case.report.example_findings import PER_KIND, examples_by_entity


@pytest.mark.parametrize("groups", [0, 1, 32])
def test_samples_are_the_first_findings_of_their_kind(
    case: Case, monkeypatch: pytest.MonkeyPatch, groups: int
) -> None:
    monkeypatch.setattr(example_findings, "_MAX_ROW_GROUPS", groups)
    rows = case.findings().to_pylist()
    entities = sorted({row["entity"] for row in rows})
    found = examples_by_entity(case, entities)
    assert list(found) == entities
    names = ("source", "row", "column", "header", "start", "byte_offset", "masked", "context")
    for entity in entities:
        first = [row for row in rows if row["entity"] == entity][:PER_KIND]
        assert [[row[n] for n in names] for row in found[entity]] == [
            [row[n] for n in names] for row in first
        ]
