"""Agreement of two taggers, raw texts of a folder, and the mean of rounds."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
import pytest

from training.agreement import looks_like_name, merge_spans
from training.calibrate import LabelledLine
from training.lines import Line
from training.raw_texts import folder_texts
from training.rounds import cell_lines, mean_arrays, read_measured
from training.silver import DOUBT, Silver, Span

TEXT = "记者刘永好等人报道，李从说"
TEACHER = Span(2, 4, "PERSON")


@pytest.mark.parametrize(
    ("teacher", "network", "wanted"),
    [
        ([TEACHER], [(2, 4, 0.4)], [TEACHER]),
        ([TEACHER], [(2, 5, 0.9)], [Span(2, 5, "PERSON")]),
        ([TEACHER], [(2, 5, 0.5)], [Span(2, 5, DOUBT)]),
        ([TEACHER], [(2, 6, 0.9)], [Span(2, 6, DOUBT)]),
        ([TEACHER], [], [TEACHER]),
        ([Span(7, 9, "PERSON")], [], [Span(7, 9, DOUBT)]),
        ([], [(2, 5, 0.9)], [Span(2, 5, "PERSON")]),
        ([], [(2, 5, 0.5)], [Span(2, 5, DOUBT)]),
        ([Span(0, 2, "ORGANIZATION")], [(0, 2, 0.9)], [Span(0, 2, "ORGANIZATION")]),
        ([Span(2, 4, DOUBT)], [(2, 5, 0.9)], [Span(2, 5, "PERSON")]),
    ],
)
def test_a_name_is_believed_if_both_say_it_or_one_convinces(
    teacher: list[Span], network: list[tuple[int, int, float]], wanted: list[Span]
) -> None:
    assert list(merge_spans(Silver(TEXT, tuple(teacher)), network).spans) == wanted


def test_spans_that_are_believed_never_overlap() -> None:
    spans = merge_spans(
        Silver(TEXT, (TEACHER, Span(4, 6, DOUBT))), [(2, 5, 0.9), (5, 7, 0.9)]
    ).spans
    assert all(a.end <= b.start for a, b in itertools.pairwise(spans))


def test_a_likely_name_has_a_surname_and_a_given_name() -> None:
    assert [
        name for name in ("王伟", "欧阳娜娜", "罗某", "玛丽·居里") if not looks_like_name(name)
    ] == []
    assert [name for name in ("王", "报道", "王伟明明", "欧阳") if looks_like_name(name)] == []


def test_a_name_from_abroad_is_likely_by_its_sounds() -> None:
    assert all(looks_like_name(name) for name in ("基里延科", "普京", "桥本龙太郎"))


def test_folders_give_lines_of_text_and_labels_only_when_asked(tmp_path: Path) -> None:
    row = {"id": 1, "text": "王伟来了", "spans": [{"start": 0, "end": 2, "type": "PERSON"}]}
    (tmp_path / "rows.jsonl").write_text(json.dumps(row) + "\n", "utf-8")
    (tmp_path / "more.txt").write_text("第一行\n第二行\n", "utf-8")
    assert list(folder_texts(tmp_path)) == ["第一行", "第二行", "王伟来了"]
    line = Line("王伟来了", (Span(0, 2, "PERSON"),))
    assert list(read_measured(tmp_path)) == [
        LabelledLine(line, frozenset({"ADDRESS", "ORGANIZATION"}))
    ]


def test_a_cell_is_a_line_of_one_span() -> None:
    cell = Line("王伟", (Span(0, 2, "PERSON"),))
    assert list(
        cell_lines([cell, Line("王伟来了", (Span(0, 2, "PERSON"),)), Line("来了", ())])
    ) == [cell]


def test_rounds_are_averaged_weight_by_weight() -> None:
    first, second = {"a": np.array([1.0, 3.0])}, {"a": np.array([3.0, 5.0])}
    assert mean_arrays([first, second])["a"].tolist() == [2.0, 4.0]
    assert mean_arrays([first])["a"].tolist() == [1.0, 3.0]
