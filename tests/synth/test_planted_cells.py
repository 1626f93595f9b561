"""Marks stay on their values whatever is done to the cells; the truth counts what is planted."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa

from piiscan.config.document import Document
from piiscan.synth import drawn_rows, recipe, value_kinds
from piiscan.synth.drawn_rows import CorpusRows
from piiscan.synth.ground_truth import EntityCounts, cell_spans, span_lines
from piiscan.synth.planted_cells import (
    Cells,
    blank_cells,
    join_cells,
    merge_cells,
    plant,
    take_cells,
)
from piiscan.synth.sampler import Draw


def planted(cells: Cells) -> list[list[str]]:
    """The texts under the marks, by cell."""
    found: list[list[str]] = [[] for _ in range(len(cells))]
    texts = cells.text.to_pylist()
    for marks in cells.planted:
        for cell, start, end, value in zip(
            marks.cell, marks.start, marks.end, marks.value.to_pylist(), strict=True
        ):
            assert texts[cell][start:end] == value
            found[cell].append(value)
    return found


NAMES = plant(pa.array(["张三", "欧阳某某", "李四"]), "PERSON")
PHONES = plant(pa.array(["1", "22", "333"]), "CN_MOBILE")


def test_glued_cells_keep_their_values_at_code_points_behind_hanzi() -> None:
    glued = join_cells(["收：", NAMES, " 😀", PHONES, "。"], 3)
    assert glued.text.to_pylist()[1] == "收：欧阳某某 😀22。"
    assert planted(glued) == [["张三", "1"], ["欧阳某某", "22"], ["李四", "333"]]


def test_taken_cells_may_repeat_and_may_be_left_out() -> None:
    taken = take_cells(join_cells([NAMES, PHONES], 3), np.array([2, 2, 0]))
    assert planted(taken) == [["李四", "333"], ["李四", "333"], ["张三", "1"]]


def test_taking_passes_over_cells_without_a_mark() -> None:
    mixed = merge_cells(
        [
            (np.array([0]), Cells(pa.array(["x"]))),
            (np.array([1]), take_cells(NAMES, np.array([1]))),
        ],
        2,
    )
    assert planted(take_cells(mixed, np.array([1, 0, 1]))) == [["欧阳某某"], [], ["欧阳某某"]]


def test_mixed_parts_stand_at_their_places() -> None:
    parts = [
        (np.array([3, 0]), take_cells(NAMES, np.array([0, 1]))),
        (np.array([1, 2]), take_cells(PHONES, np.array([1, 2]))),
    ]
    assert planted(merge_cells(parts, 4)) == [["欧阳某某"], ["22"], ["333"], ["张三"]]


def test_blanked_cells_lose_text_and_mark() -> None:
    emptied = blank_cells(NAMES, np.array([True, False, True]))
    assert emptied.text.to_pylist() == ["", "欧阳某某", ""]
    assert planted(emptied) == [[], ["欧阳某某"], []]


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


Draws = Callable[..., Draw]


def table(**specs: dict[str, Any]) -> dict[str, value_kinds.Value]:
    documents = {name: Document("try", spec, {}) for name, spec in specs.items()}
    return {name: value_kinds.parse_value(each) for name, each in documents.items()}


def test_a_slot_that_comes_twice_in_a_text_has_one_value(draw: Draws) -> None:
    known = table(a={"kind": "mobile"}, t={"texts": ["{a}={a}"]})
    for text in value_kinds.make_cells("t", known, draw(100)).text.to_pylist():
        left, right = text.split("=")
        assert left == right


def test_texts_come_at_their_weights_and_keep_their_spans(draw: Draws) -> None:
    known = table(a={"kind": "mobile"}, t={"texts": {"号{a}": 3, "无": 1}})
    cells = value_kinds.make_cells("t", known, draw(8000))
    found = cell_spans(cells)
    assert abs(sum(map(bool, found)) / 8000 - 0.75) < 0.02
    for text, one in zip(cells.text.to_pylist(), found, strict=True):
        assert (text == "无") == (not one)
        for start, end, *_ in one:
            assert text[start:end] == text[1:]


def test_wraps_stand_around_the_value_and_not_around_nothing(draw: Draws) -> None:
    known = table(a={"kind": "mobile", "forms": {"plain": 1}, "wrap": {"formula": 1}})
    cells = value_kinds.make_cells("a", known, draw(50))
    for text, ((start, end, *_),) in zip(cells.text.to_pylist(), cell_spans(cells), strict=True):
        assert text == f'="{text[start:end]}"'
    empty = table(a={"kind": "choice", "items": [""], "wrap": {"formula": 1}})
    assert set(value_kinds.make_cells("a", empty, draw(5)).text.to_pylist()) == {""}


def test_a_stated_share_of_cells_is_blank(draw: Draws) -> None:
    known = table(a={"kind": "mobile", "blank": 0.2})
    cells = value_kinds.make_cells("a", known, draw(8000))
    assert abs(cells.text.to_pylist().count("") / 8000 - 0.2) < 0.02
    assert sum(map(bool, cell_spans(cells))) == 8000 - cells.text.to_pylist().count("")


def test_what_a_row_shares_does_not_depend_on_who_asks_first(draw: Draws) -> None:
    known = table(n={"kind": "name"}, i={"kind": "resident_id"})
    one, other = draw(50), draw(50)
    first = value_kinds.make_cells("n", known, one), value_kinds.make_cells("i", known, one)
    second = value_kinds.make_cells("i", known, other), value_kinds.make_cells("n", known, other)
    assert first[0].text == second[1].text
    assert first[1].text == second[0].text


COLUMNS = [{"姓名": "name"}, {"手机号": "phone"}]
SPEC: dict[str, Any] = {
    "title": {"zh": "试", "en": "try"},
    "rows": 200,
    "values": {
        "sold": {"pick": "fate", "texts": {"已售": 30, "在库": 70}},
        "price": {"pick": "fate", "texts": {"{asked}": 30, "": 70}},
        "asked": {"kind": "price", "low": 80, "high": 650},
    },
    "files": [
        {"path": "a.csv", "format": "table", "columns": COLUMNS},
        {
            "path": "b.csv",
            "format": "table",
            "share": 0.1,
            "columns": [*reversed(COLUMNS), {"状态": "sold"}, {"售价": "price"}],
            "parts": [{"of": "a.csv", "from": 0.25, "to": 0.75}],
        },
        {
            "path": "c.csv",
            "format": "table",
            "columns": COLUMNS,
            "variants": {"share": 0.5, "of": ["phone"]},
        },
    ],
}


def rows(path: str) -> list[tuple[str, ...]]:
    made = recipe.parse_recipe(Document("try.yaml", SPEC, {}), name="try")
    all_ = CorpusRows(made, made.rows, 5)
    found: list[tuple[str, ...]] = []
    for first, columns in all_.chunks(made.file(path), chain=path):
        assert first == len(found)
        found += zip(*(cells.text.to_pylist() for cells in columns), strict=True)
    assert len(found) == all_.count(made.file(path))
    return found


def test_a_part_is_some_rows_of_another_file_below_its_own() -> None:
    assert [row[:2] for row in rows("b.csv")[20:]] == [(p, n) for n, p in rows("a.csv")[50:150]]


def test_a_part_goes_over_the_chunks_of_its_file(monkeypatch: Any) -> None:
    monkeypatch.setattr(drawn_rows, "CHUNK", 64)
    assert [row[:2] for row in rows("b.csv")[20:]] == [(p, n) for n, p in rows("a.csv")[50:150]]


def test_texts_of_one_pick_go_together_in_exact_shares() -> None:
    told = [row[2:] for row in rows("b.csv")[20:]]
    assert all((status == "已售") == bool(price) for status, price in told)
    assert sum(status == "已售" for status, _ in told) == 30


def test_variants_keep_their_own_values() -> None:
    found = rows("c.csv")
    assert len(set(found)) == len(found)
    assert len({name for name, _ in found}) < 0.75 * len(found)
