"""Declared columns of report tables in each medium; mistakes in their surroundings, escaped."""

import re
from dataclasses import replace

import pytest

from piiscan.labelled import read_gold
from piiscan.pages.error_page import render_mistakes
from piiscan.pages.report_table import (
    EVERYWHERE,
    FILES,
    USUAL,
    ReportTable,
    TableColumn,
    coded,
    named,
    number,
    position,
    rows_of_scope,
    text,
)
from piiscan.score import Mistake, count, score_with_mistakes
from piiscan.wording.words import Words

WORDS = Words("en", {"roles": {"sender": {"en": "sender", "zh": "寄件人"}}})
TABLE = ReportTable("kinds", (text("path", FILES), number("hits", EVERYWHERE), text("member")))


def names(table: ReportTable, medium: str) -> list[str]:
    return [column.name for column in table.columns_in(medium)]  # type: ignore[arg-type]


def test_each_medium_shows_its_columns_in_order() -> None:
    assert names(TABLE, "files") == names(TABLE, "workbook") == ["path", "hits", "member"]
    assert names(TABLE, "page") == names(TABLE, "terminal") == ["hits", "member"]
    assert names(TABLE, "summary") == names(TABLE, "statement") == ["hits"]


def test_a_medium_can_have_an_order_of_its_own() -> None:
    table = replace(TABLE, order={"page": ("member", "path")})
    assert names(table, "page") == ["member", "path"]
    assert names(table, "terminal") == ["hits", "member"]


@pytest.mark.parametrize(
    "column",
    [
        text("path"),
        number("hits"),
        coded("lost", "answer"),
        named("role", "roles"),
        TableColumn("list", wording=lambda value, _, __: "+".join(value)),
    ],
    ids=lambda column: column.name,
)
def test_a_row_without_the_key_has_an_empty_cell(column: TableColumn) -> None:
    assert column.text({}, WORDS) == column.text({column.name: None}, WORDS) == ""


def test_an_empty_cell_can_have_a_word() -> None:
    column = named("role", "roles", empty="page.no_role")
    assert column.text({"role": "sender"}, WORDS) == "sender"
    assert column.text({}, WORDS) == WORDS("page.no_role")


def test_numbers_are_grouped_unless_they_name_something() -> None:
    row = {"hits": 1234, "source": 1234, "row": 1234, "sum": "1234.50"}
    assert number("hits").grouped_text(row, WORDS) == "1,234"
    assert position("row").grouped_text(row, WORDS) == "1,234"
    assert TableColumn("source", "identifier").grouped_text(row, WORDS) == "1234"
    assert number("sum").grouped_text(row, WORDS) == "1234.50"


def test_a_medium_can_show_a_part_of_the_rows() -> None:
    rows = [{"scope_kind": "total", "n": 1}, {"scope_kind": "source", "n": 2}]
    table = replace(TABLE, rows={"summary": rows_of_scope("kinds", "total")})
    assert table.rows_in("summary", {"kinds": rows}) == rows[:1]
    assert table.rows_in("page", {"kinds": rows}) == rows
    assert table.rows_in("page", {}) == ()
    assert table.rows_in("summary", {}) == []


def test_most_columns_are_not_in_summary_and_statement() -> None:
    assert {"summary", "statement"} == EVERYWHERE - USUAL


HOSTILE = "<script>alert(1)</script>王小明住在岳麓区示例路1号\u202e"


def page(mistakes: list[Mistake], language: str = "zh") -> str:
    scores = count([], {}, names={})
    return render_mistakes("gold.jsonl", scores, mistakes, language=language)  # type: ignore[arg-type]


def test_pieces_say_what_is_labelled_and_what_was_found() -> None:
    edge = Mistake("7", HOSTILE, "edge", (25, 28, "PERSON"), (25, 29, "PERSON"))
    shown = page([edge])
    assert "<mark>王小明</mark>" in shown
    assert '<mark class="said">住</mark>' in shown
    assert "边界不符" in shown


def test_text_cannot_become_markup() -> None:
    shown = page([Mistake("<b>", HOSTILE, "missed", (25, 28, "PERSON"))])
    assert "<script>" not in shown
    assert "<b>" not in shown
    assert "\u202e" not in shown
    assert re.search("default-src 'none'", shown)


def test_more_than_fit_are_counted() -> None:
    many = [Mistake(str(number), "王小明", "missed", (0, 3, "PERSON")) for number in range(501)]
    shown = page(many, "en")
    assert shown.count("王小明") == 500
    assert "The first 500 of 501." in shown


def test_every_kind_of_mistake_is_told_once(tmp_path) -> None:  # type: ignore[no-untyped-def]
    gold = tmp_path / "gold.jsonl"
    gold.write_text(
        '{"id": 1, "text": "甲乙丙丁", "spans": [{"start": 0, "end": 2, "type": "A"},'
        ' {"start": 3, "end": 4, "type": "A"}]}',
        "utf-8",
    )
    said = tmp_path / "said.jsonl"
    said.write_text(
        '{"id": 1, "spans": [{"start": 0, "end": 1, "type": "A"},'
        ' {"start": 2, "end": 3, "type": "A"}]}',
        "utf-8",
    )
    scores, mistakes = score_with_mistakes(gold, said)
    assert [(each.kind, each.span, each.other) for each in mistakes] == [
        ("edge", (0, 2, "A"), (0, 1, "A")),
        ("missed", (3, 4, "A"), None),
        ("false", (2, 3, "A"), None),
    ]
    assert (scores.strict["A"].tp, scores.strict["A"].fp, scores.strict["A"].fn) == (0, 2, 2)
    assert len(read_gold(gold)) == 1
    assert "甲乙" not in repr(mistakes)
