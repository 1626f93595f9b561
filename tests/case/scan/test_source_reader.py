"""Tables that stand in one text in turn are scanned each by itself, and like any other table."""

from pathlib import Path

import openpyxl
import pytest

from piiscan import Case
from piiscan.case.columns.columns import survey
from tests.case.dump import DAY, scan_dump
from tests.case.scanned import query_rows

PEOPLE = [("张三", f"138001380{n:02}") for n in range(40)]


def insert(table: str, row: tuple[str, ...]) -> str:
    values = ", ".join(f"'{cell}'" for cell in row)
    return f"INSERT INTO `{table}` VALUES ({values});\n"


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    create = (
        "CREATE TABLE `p` (\n  `a` varchar(9) COMMENT '姓名',\n  `电话` varchar(11)\n);\n"
        "CREATE TABLE `q` (`n` int);\n"
    )
    rows = "".join(insert("p", row) + insert("q", (row[1][-2:],)) for row in PEOPLE)
    path = tmp_path / "dump" / "出库.sql"
    path.parent.mkdir()
    path.write_text(f"{create}-- 联系手机 13900139000\n{rows}", "utf-8")
    return path


@pytest.fixture
def case(dump: Path, tmp_path: Path) -> Case:
    return scan_dump([dump], tmp_path / "case")


def test_findings_of_a_dump_have_table_column_line_and_place(case: Case, dump: Path) -> None:
    found = query_rows(
        case,
        'select member, row, "column", header, line, byte_offset from findings '
        "where entity = 'CN_MOBILE' order by byte_offset",
    )
    data = dump.read_bytes()
    lines = dump.read_text("utf-8").split("\n")
    assert found[0][:5] == ("", 6, 0, None, 6)
    assert len(found) == 41
    for number, (member, row, column, header, line, place) in enumerate(found[1:], 1):
        assert (member, row, column, header) == ("#p", number, 2, "电话")
        assert isinstance(line, int)
        assert isinstance(place, int)
        value = PEOPLE[number - 1][1]
        assert data[place : place + 11] == value.encode()
        assert value in lines[line - 1]


def test_rows_and_people_are_counted_as_in_a_csv(case: Case, dump: Path, tmp_path: Path) -> None:
    assert case.verify() == []
    path = tmp_path / "same.csv"
    path.write_text("姓名,电话\n" + "".join(",".join(row) + "\n" for row in PEOPLE), "utf-8")
    other = scan_dump([path], tmp_path / "other")
    query = (
        "select entity, masked, verdict, score from findings "
        "where member <> '' or entity = 'PERSON' order by all"
    )
    assert query_rows(case, query) == query_rows(other, query.replace("member <> ''", "true"))
    assert case.tables()["combinations"][0]["records"] == 40


def test_columns_of_a_dump_are_surveyed_with_its_rows(dump: Path, tmp_path: Path) -> None:
    book = tmp_path / "columns.xlsx"
    survey([dump], book, as_of=DAY)
    lines = list(openpyxl.load_workbook(book).worksheets[0].iter_rows(min_row=2, values_only=True))
    assert [line[2] for line in lines] == ["姓名(a)", "电话", "n"]
    assert [line[11] for line in lines] == [40, 40, 40]
