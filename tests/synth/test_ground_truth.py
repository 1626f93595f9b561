"""The truth counts what is planted, by what a scan should call it."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa

from piiscan.synth.ground_truth import EntityCounts, cell_spans, span_lines
from piiscan.synth.planted_cells import Cells, merge_cells, plant


def column() -> Cells:
    right = plant(pa.array(["1", "1", "2"]), "CN_MOBILE")
    wrong = plant(pa.array(["3"]), "CN_MOBILE", form="wrong", refuted=True)
    masked = plant(
        pa.array(["1*"]),
        "MASKED",
        original_entity="CN_MOBILE",
        form="masked",
        value=pa.array(["1"]),
    )
    damaged = plant(pa.array(["1E"]), "DAMAGED", original_entity="CN_MOBILE", form="sci")
    places = [np.array([0, 1, 2]), np.array([3]), np.array([4]), np.array([5])]
    return merge_cells(list(zip(places, [right, wrong, masked, damaged], strict=True)), 6)


def test_each_value_counts_once_under_what_a_scan_should_call_it() -> None:
    tally = EntityCounts()
    tally.add(column())
    report = tally.report()
    assert report["CN_MOBILE"] == {
        "hits": 4,
        "valid": 3,
        "refuted": 1,
        "distinct": 3,
        "distinct_valid": 2,
        "masked": 1,
        "damaged": 1,
        "forms": {"masked": 1, "plain": 3, "sci": 1, "wrong": 1},
    }
    assert (report["MASKED"]["hits"], report["DAMAGED"]["hits"]) == (1, 1)


def test_distinct_values_are_counted_across_chunks() -> None:
    tally = EntityCounts()
    tally.add(column())
    tally.add(column())
    assert tally.report()["CN_MOBILE"]["hits"] == 8
    assert tally.report()["CN_MOBILE"]["distinct"] == 3


def test_spans_leave_out_what_is_refuted() -> None:
    assert [bool(found) for found in cell_spans(column())] == [True, True, True, False, True, True]


def test_lines_are_numbered_on() -> None:
    rows = [json.loads(line) for line in span_lines(column(), name="a.txt", first=41).splitlines()]
    assert [row["id"] for row in rows] == [f"a.txt:{number}" for number in range(41, 47)]
    assert rows[4]["spans"] == [{"start": 0, "end": 2, "type": "MASKED"}]
