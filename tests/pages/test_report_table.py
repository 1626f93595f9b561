"""Report tables: each medium shows the declared columns; a row of an earlier version is empty."""

from __future__ import annotations

from dataclasses import replace

import pytest

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
