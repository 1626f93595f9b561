"""Scores, on examples small enough to count by hand."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from piiscan.errors import PiiscanError
from piiscan.score import Score, score


@dataclass(frozen=True)
class Place:
    entity: str
    start: int
    end: int


def lines(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def row(identifier: str, *spans: tuple[int, int, str], **more: Any) -> dict[str, Any]:
    places = [{"start": start, "end": end, "type": kind} for start, end, kind in spans]
    return {"id": identifier, "text": "0123456789" * 3, "spans": places, **more}


def test_the_three_ways_of_counting_differ_where_borders_differ(tmp_path: Path) -> None:
    gold = lines(tmp_path / "gold", row("a", (0, 4, "X"), (10, 12, "X")))
    said = lines(tmp_path / "said", row("a", (0, 3, "X"), (10, 12, "X"), (20, 22, "X")))
    scores = score(gold, said)
    assert scores.strict["X"] == Score(tp=1, fp=2, fn=1)
    assert scores.overlap["X"] == Score(tp=2, fp=1, fn=0)
    assert scores.char["X"] == Score(tp=5, fp=2, fn=1)
    assert scores.strict["X"].f1 == pytest.approx(2 / 5)


def test_overlaps_pair_one_to_one_and_the_largest_first(tmp_path: Path) -> None:
    gold = lines(tmp_path / "gold", row("a", (0, 10, "X"), (9, 14, "X")))
    said = lines(tmp_path / "said", row("a", (8, 14, "X")))
    assert score(gold, said).overlap["X"] == Score(tp=1, fp=0, fn=1)


def test_a_split_span_costs_nothing_in_characters(tmp_path: Path) -> None:
    gold = lines(tmp_path / "gold", row("a", (0, 10, "X")))
    said = lines(tmp_path / "said", row("a", (0, 5, "X"), (5, 10, "X")))
    scores = score(gold, said)
    assert scores.char["X"].f1 == 1
    assert scores.overlap["X"] == Score(tp=1, fp=1, fn=0)


def test_micro_sums_all_types(tmp_path: Path) -> None:
    gold = lines(tmp_path / "gold", row("a", (0, 4, "X"), (5, 6, "Y")), row("b", (0, 4, "X")))
    said = lines(tmp_path / "said", row("a", (0, 4, "X")))
    scores = score(gold, said)
    assert scores.strict["MICRO"] == Score(tp=1, fp=0, fn=2)
    assert scores.types() == ["X", "Y", "MICRO"]
    assert scores.texts == 2


def test_findings_that_touch_only_unscored_places_count_neither_way(tmp_path: Path) -> None:
    meta = {"nominal": [{"start": 0, "end": 2}], "other": [{"start": 20, "end": 25}]}
    gold = lines(tmp_path / "gold", row("a", (10, 12, "X"), meta=meta))
    said = lines(tmp_path / "said", row("a", (1, 3, "X"), (21, 22, "X"), (11, 21, "X")))
    assert score(gold, said).strict["X"] == Score(tp=0, fp=1, fn=1)


def test_merged_and_chosen_types(tmp_path: Path) -> None:
    gold = lines(tmp_path / "gold", row("a", (0, 4, "LOCATION"), (5, 6, "ORG")))
    said = lines(tmp_path / "said", row("a", (0, 4, "ADDRESS"), (8, 9, "PERSON")))
    scores = score(gold, said, merge={"LOCATION": "ADDRESS"}, types=["ADDRESS"])
    assert scores.strict["MICRO"] == Score(tp=1, fp=0, fn=0)
    assert scores.types() == ["ADDRESS", "MICRO"]


def test_entities_take_the_labels_that_the_data_set_uses(tmp_path: Path) -> None:
    def found(texts: list[str]) -> Sequence[Sequence[Place]]:
        return [[Place("CN_MOBILE", 0, 4), Place("CN_ADDRESS", 5, 9)] for _ in texts]

    foreign = lines(tmp_path / "foreign", row("a", (0, 4, "PHONE"), (5, 9, "ADDRESS")))
    assert score(foreign, found).strict["MICRO"] == Score(tp=2, fp=0, fn=0)
    own = lines(tmp_path / "own", row("a", (0, 4, "CN_MOBILE"), (5, 9, "CN_ADDRESS")))
    assert score(own, found).types() == ["CN_ADDRESS", "CN_MOBILE", "MICRO"]
    assert score(own, found).strict["MICRO"] == Score(tp=2, fp=0, fn=0)


def test_nothing_expected_and_nothing_found_is_zero_and_no_error(tmp_path: Path) -> None:
    gold = lines(tmp_path / "gold", row("a"))
    scores = score(gold, lines(tmp_path / "said", row("a")))
    assert scores.strict["MICRO"].f1 == 0
    assert scores.to_dict()["strict"]["MICRO"]["tp"] == 0


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "gold:2: not a JSON object"),
        ("[1]", 'gold:2: needs {"id", "spans"}'),
        ('{"id": "b", "spans": []}', 'gold:2: needs "text"'),
        ('{"id": "b", "text": "", "spans": [{"start": 1}]}', "gold:2: a span needs"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(tmp_path: Path, line: str, message: str) -> None:
    gold = lines(tmp_path / "gold", row("a"))
    gold.write_text(gold.read_text("utf-8") + line + "\n", encoding="utf-8")
    with pytest.raises(PiiscanError) as raised:
        score(gold, gold)
    assert message in str(raised.value)


def test_an_entity_follows_its_label_into_a_merged_type(tmp_path: Path) -> None:
    gold = lines(tmp_path / "gold", row("a", (0, 4, "ID_CARD")))
    said = lines(tmp_path / "said", row("a", (0, 4, "CN_RESIDENT_ID")))
    scores = score(gold, said, merge={"ID_CARD": "DOCUMENT"})
    assert scores.strict["DOCUMENT"] == Score(tp=1, fp=0, fn=0)
