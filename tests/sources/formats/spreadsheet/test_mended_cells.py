"""A damaged cell of a workbook costs itself: its text is read apart, all others in their sheet."""

import pytest

from tests.sources.formats.spreadsheet.test_part_tables import PARTS
from tests.sources.tables import lost, read_members, zipped

STRINGS = "".join(f"<si><t>{text}</t></si>" for text in ("姓名", "电话", "张伟强", "李秀英"))
ROWS = (
    '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>'
    '<row r="2"><c r="A2" t="s"><v>2</v></c><c r="B2"><v>13800138000</v></c></row>'
    '<row r="3"><c r="A3" t="s"><v>3</v></c><c r="B3"><v>13900139000</v></c></row>'
)
SHEET = '<sheet name="a" r:id="r1"/>'
FAR = '<row r="1048576"><c r="XFD1048576" t="str"><v>王建国</v></c></row>'


def book(rows: str = ROWS, strings: str = f'<sst uniqueCount="4">{STRINGS}</sst>') -> bytes:
    names = ("[Content_Types].xml", "_rels/.rels", "xl/_rels/workbook.xml.rels")
    return zipped({
        **{name: PARTS[name] for name in names},
        "xl/workbook.xml": f'<workbook xmlns:r="r"><sheets>{SHEET}</sheets></workbook>',
        "xl/worksheets/sheet1.xml": f"<worksheet><sheetData>{rows}</sheetData></worksheet>",
        "xl/sharedStrings.xml": strings,
    })  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "left", "apart"),
    [
        (ROWS.replace("<v>2<", "<v>9<"), ["", "13800138000"], "9"),
        (ROWS.replace("<v>2<", "<v>张&x;伟<"), ["", "13800138000"], "张&x;伟"),
        (ROWS.replace("<v>13800138000</v>", "<v>138001x8000<v>"), ["张伟强", ""], "138001x8000"),
        (
            ROWS + '<row r="2"><c r="A2" t="str"><v>赵六</v></c></row>',
            ["赵六", "13800138000"],
            "张伟强",
        ),
        (ROWS + FAR, ["张伟强", "13800138000"], "王建国"),
    ],
)
def test_a_damaged_cell_costs_itself(rows: str, left: list[str], apart: str) -> None:
    tables, troubles = read_members(book(rows), "a.xlsx")
    assert apart in {row[-1] for row in tables["#xl/worksheets/sheet1.xml#cells"]}
    found = [[cell or "" for cell in [*row, ""][:2]] for row in tables["#a"]]
    assert found[1:] == [left, ["李秀英", "13900139000"]]
    assert lost(troubles) == ["CORRUPT"]


@pytest.mark.parametrize(("count", "is_sure"), [(4, True), (5, False)])
def test_strings_are_mended_only_if_their_number_is_sure(count: int, is_sure: bool) -> None:
    damaged = STRINGS.replace("张伟强", "张&x;伟强")
    made = book(strings=f'<sst uniqueCount="{count}">{damaged}</sst>')
    tables, troubles = read_members(made, "a.xlsx")
    assert ("#a" in tables) == is_sure
    assert not is_sure or tables["#a"][1] == ["张&x;伟强", "13800138000"]
    assert "CORRUPT" in lost(troubles)
