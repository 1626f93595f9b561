"""Scores, on examples small enough to count by hand."""

import json
import re
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


META = {"nominal": [{"start": 0, "end": 2}], "other": [{"start": 20, "end": 25}]}


@pytest.mark.parametrize(
    ("gold", "said", "way", "entity", "expected"),
    [
        # where borders differ, the three ways differ
        (["0-4 X", "10-12 X"], ["0-3 X", "10-12 X", "20-22 X"], "strict", "X", (1, 2, 1)),
        (["0-4 X", "10-12 X"], ["0-3 X", "10-12 X", "20-22 X"], "overlap", "X", (2, 1, 0)),
        (["0-4 X", "10-12 X"], ["0-3 X", "10-12 X", "20-22 X"], "char", "X", (5, 2, 1)),
        # overlaps pair one to one, the largest first
        (["0-10 X", "9-14 X"], ["8-14 X"], "overlap", "X", (1, 0, 1)),
        # a split span costs nothing in characters
        (["0-10 X"], ["0-5 X", "5-10 X"], "char", "X", (10, 0, 0)),
        (["0-10 X"], ["0-5 X", "5-10 X"], "overlap", "X", (1, 1, 0)),
        (["0-4 X", "5-6 Y", "7-9 X"], ["0-4 X"], "strict", "MICRO", (1, 0, 2)),
        ([], [], "strict", "MICRO", (0, 0, 0)),
        # what touches only places that are not scored counts neither way
        (["10-12 X"], ["1-3 X", "21-22 X", "11-21 X"], "strict", "X", (0, 1, 1)),
    ],
)
def test_spans_are_counted(
    tmp_path: Path,
    gold: list[str],
    said: list[str],
    way: str,
    entity: str,
    expected: tuple[int, int, int],
) -> None:
    def spans(listed: list[str]) -> list[tuple[int, int, str]]:
        return [(int(a), int(b), kind) for a, b, kind in (re.split("[- ]", one) for one in listed)]

    meta = META if expected == (0, 1, 1) else {}
    paths = [
        lines(tmp_path / "gold", row("a", *spans(gold), meta=meta)),
        lines(tmp_path / "said", row("a", *spans(said))),
    ]
    assert getattr(score(*paths), way)[entity] == Score(*expected)


def test_shares_and_sums(tmp_path: Path) -> None:
    gold = lines(tmp_path / "gold", row("a", (0, 4, "X"), (5, 6, "Y")), row("b", (0, 4, "X")))
    scores = score(gold, lines(tmp_path / "said", row("a", (0, 4, "X"))))
    assert scores.strict["MICRO"].f1 == pytest.approx(1 / 2)
    assert (scores.types(), scores.texts) == (["X", "Y", "MICRO"], 2)
    empty = score(lines(tmp_path / "none", row("a")), lines(tmp_path / "said", row("a")))
    assert empty.strict["MICRO"].f1 == 0
    assert empty.to_dict()["strict"]["MICRO"]["tp"] == 0


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
