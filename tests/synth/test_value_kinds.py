"""Texts with slots: one row, one person; wraps and blanks move marks with the text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from piiscan.config.document import Document
from piiscan.synth import value_kinds
from piiscan.synth.ground_truth import cell_spans
from piiscan.synth.sampler import Draw

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
        for start, end, _ in one:
            assert text[start:end] == text[1:]


def test_wraps_stand_around_the_value_and_not_around_nothing(draw: Draws) -> None:
    known = table(a={"kind": "mobile", "forms": {"plain": 1}, "wrap": {"formula": 1}})
    cells = value_kinds.make_cells("a", known, draw(50))
    for text, ((start, end, _),) in zip(cells.text.to_pylist(), cell_spans(cells), strict=True):
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
