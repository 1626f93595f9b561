"""A case made before a column was declared gives every report, with empty cells."""

import csv
import io
import zipfile
from collections.abc import Iterator

import pytest
from python_calamine import CalamineWorkbook
from rich.console import Console

from piiscan.case.report.case_data import CaseData
from piiscan.case.report.docx import statement
from piiscan.case.report.docx.row_groups import shipped_template
from piiscan.case.report.html.case_page import render_page
from piiscan.case.report.report_contents import TABLE_OF
from piiscan.case.report.spreadsheet.case_workbook import build_workbook
from piiscan.case.report.table_files import table_csv
from piiscan.case.report.terminal.terminal_tables import case_tables, summary_tables
from piiscan.case.scan.tables.kind_tables import KINDS
from piiscan.pages.report_table import EVERYWHERE, TableColumn, coded, named, number
from piiscan.wording.words import Words

#: Columns of every sort, none of which the stored rows of T2 have.
NEW = (
    number("masks", EVERYWHERE),
    coded("state", "state", EVERYWHERE),
    named("event", "events", EVERYWHERE),
)
HEADINGS = [column.heading(Words("zh")) for column in NEW]


@pytest.fixture
def declared() -> Iterator[tuple[TableColumn, ...]]:
    before = KINDS.columns
    object.__setattr__(KINDS, "columns", (*before, *NEW))
    statement._name_index.cache_clear()
    yield KINDS.columns
    object.__setattr__(KINDS, "columns", before)
    statement._name_index.cache_clear()


@pytest.mark.usefixtures("declared")
def test_every_report_has_empty_cells(gathered: CaseData) -> None:
    words = gathered.words("zh")
    content = table_csv(KINDS, gathered.tables["kinds"], words)
    book = CalamineWorkbook.from_filelike(io.BytesIO(build_workbook(gathered)))
    (name,) = [each for each in book.sheet_names if each.startswith("T2 ")]
    file = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    for head, *lines in (file, book.get_sheet_by_name(name).to_python(skip_empty_area=False)[2:]):
        assert head[-3:] == HEADINGS
        assert lines
        assert all(line[-3:] == ["", "", ""] for line in lines)
    page = render_page(gathered.case)
    assert f'<th class="n">{HEADINGS[0]}</th><th>{HEADINGS[1]}</th><th>{HEADINGS[2]}</th>' in page
    assert '<td class="n"></td><td></td><td></td></tr>' in page
    console = Console(file=io.StringIO(), width=300)
    with console.capture() as shown:
        for each in (*case_tables(gathered.case), *summary_tables(gathered.case)):
            console.print(each)
    assert shown.get().count(HEADINGS[0]) == 2
    told = statement.fill_statement(gathered, shipped_template("zh"), words, {})
    assert told.unknown == ()
    with zipfile.ZipFile(io.BytesIO(told.content)) as document:
        text = document.read("word/document.xml").decode()
    assert all(heading in text for heading in HEADINGS)


def test_every_stored_table_can_lose_any_key(gathered: CaseData) -> None:
    words = gathered.words("en")
    for name, rows in gathered.tables.items():
        for column in TABLE_OF[name].columns:
            stripped = [{k: v for k, v in row.items() if k != column.name} for row in rows[:1]]
            assert len(table_csv(TABLE_OF[name], stripped, words)) > 0, (name, column.name)
