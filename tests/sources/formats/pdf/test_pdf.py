"""PDF documents: each text is read once, with its page; what is not read is listed."""

import pytest

from tests.sources.formats.document.planted import places
from tests.sources.formats.pdf.made import document, lined, ruled, shown, wide
from tests.sources.people import HEAD, PEOPLE, count_whole
from tests.sources.tables import Source, cells_of, read_all, read_members, read_one, read_reasons

WIDTHS = (60, 130, 90, 180)
FILE = "姓名,手机号\n李四,13900000099\n"
MORE = [
    (
        f"<</Type/Annot/Subtype/Text/Rect[0 0 9 9]/Contents{wide('便条 13900000001')}"
        f"/T{wide('作者 13900000002')}>>"
    ),
    "<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/URI/URI(tel:13900000003)>>>>",
    f"<</Type/Annot/Subtype/Widget/FT/Tx/T{wide('姓名')}/V{wide('张伟')}/Rect[0 0 9 9]/P 30 0 R>>",
    f"<</Type/Annot/Subtype/Widget/FT/Tx/T{wide('手机号')}/V{wide('13900000004')}/Rect[0 0 9 9]>>",
    f"<</Type/EmbeddedFile/Length {len(FILE.encode('gb18030'))}>>stream\n"
    + FILE.encode("gb18030").decode("latin-1")
    + "\nendstream",
    f"<</Type/Filespec/F(a.csv)/UF{wide('名单.csv')}/EF<</F 14 0 R>>>>",
    "<</Type/Outlines/First 17 0 R/Last 17 0 R/Count 1>>",
    f"<</Title{wide('书签 13900000005')}/Parent 16 0 R/Dest[18 0 R/Fit]>>",
]
CATALOG = (
    "/Names<</EmbeddedFiles<</Names[(a) 15 0 R]>>>>/Outlines 16 0 R"
    "/AcroForm<</Fields[12 0 R 13 0 R]>>"
)


PHONE = lined("电话 13900000001")


def values(source: Source) -> dict[str, list[tuple[str, int]]]:
    """Pages and rows of the numbers that begin with 139."""
    return {value: [each[:2] for each in found] for value, found in places(source).items()}


def read_rows(page: str) -> list[list[str | None]]:
    """The rows of the only table of a document of one page."""
    return cells_of(read_one(document([page]))[1])


def test_every_text_of_a_document_is_read_once() -> None:
    data = document(
        [lined("第一页 13900000010", "x", "行 13900000011"), lined("第二页 13900000012")],
        info=f"/Title{wide('题 13900000006')}/Author{wide('甲 13900000007')}/Own{wide('x')}",
        catalog=CATALOG,
        notes=["10 0 R", "11 0 R", "12 0 R", "13 0 R"],
        more=MORE,
    )
    assert values(data) == {
        "13900000010": [("#page 1", 1)],
        "13900000011": [("#page 1", 3)],
        "13900000012": [("#page 2", 1)],
        "13900000001": [("#page 1 notes", 1)],
        "13900000002": [("#page 1 notes", 2)],
        "13900000003": [("#page 1 notes", 3)],
        "13900000004": [("#page 1 fields", 2)],
        "13900000005": [("#bookmarks", 1)],
        "13900000006": [("#properties", 1)],
        "13900000007": [("#properties", 2)],
        "13900000099": [("名单.csv", 2)],
    }
    assert read_reasons(data) == []


@pytest.mark.parametrize("pages", [1, 2])
def test_five_people_in_a_ruled_table_are_five_rows_with_headers(pages: int) -> None:
    rows = [HEAD, *PEOPLE]
    first = lined("客户名单") + ruled(rows[:3], WIDTHS)
    second = ruled(rows[3:], WIDTHS, 800) + shown("完", y=100)
    data = document([first, second] if pages == 2 else [ruled(rows, WIDTHS)])
    assert count_whole(data) == 5
    tables = [table for table, _ in read_all(data)[0] if "table" in table.member]
    assert [table.headers for table in tables] == [HEAD] * pages
    assert tables[-1].member == f"#page {pages} table 1"


def test_cells_that_are_one_and_a_full_line_that_goes_on() -> None:
    text = ruled([["甲", "乙", "丙"], ["一二三", "", "x"], ["a", "b", "c"]], (60, 60, 60))
    assert read_rows(text) == [["甲", "乙", "丙"], ["一二三", None, "x"], ["a", "b", "c"]]


def test_a_form_with_lines_is_lines_with_labels() -> None:
    text = ruled([["姓名", "张三", "手机号", "13900000001"], ["地址", "示例路", "", ""]], WIDTHS)
    labelled = [["姓名：张三"], ["手机号：13900000001"], ["地址：示例路"]]
    assert [row for row in read_rows(text) if row[0]] == labelled


def test_people_in_lines_are_records() -> None:
    labels = [f"{label}：{value}" for p in PEOPLE for label, value in zip(HEAD, p, strict=True)]
    assert count_whole(document([lined(*labels)])) == 5


def test_pages_and_pictures_that_hold_no_text_are_not_listed() -> None:
    picture = "q 100 0 0 100 0 0 cm /P Do Q\n"
    rows, troubles = read_members(document([lined("x") + picture, picture, "", PHONE]))
    assert rows == {"#page 1": [["x"]], "#page 4": [["电话 13900000001"]]}
    assert troubles == []


def test_an_encrypted_document_is_opened_by_its_password() -> None:
    data = document([PHONE], info=f"/Title{wide('x')}", password="秘密12")
    assert read_reasons(data) == ["ENCRYPTED"]
    assert read_reasons(data, passwords=(b"x",)) == ["ENCRYPTED"]
    tables, troubles = read_all(data, passwords=(b"x", "秘密12".encode()))
    assert (len(tables), troubles) == (2, [])


@pytest.mark.parametrize("cut", [9, 200, 600, 1500])
def test_a_broken_document_is_listed(cut: int) -> None:
    data = document([PHONE] * 3)
    _, troubles = read_all(data[:cut])
    assert any(each.lost for each in troubles)


def test_a_document_behind_other_bytes_is_read() -> None:
    data = b"\0\xff\xfe junk" * 9 + document([PHONE])
    assert values(data) == {"13900000001": [("#page 1", 1)]}


def test_lines_may_be_thin_boxes_around_each_cell() -> None:
    parts = []
    for number, row in enumerate([HEAD, *PEOPLE]):
        x, low = 40.0, 700 - 20 * (number + 1)
        for text, width in zip(row, WIDTHS, strict=True):
            edges = (
                f"{x} {low} {width} .48 re f\n{x} {low + 20} {width} .48 re f\n"
                f"{x} {low} .48 20 re f\n{x + width} {low} .48 20 re f\n"
            )
            parts.append(
                f"q .1 0 0 .1 0 0 cm 10 0 0 10 0 0 cm {edges}Q " + shown(text, x + 3, low + 6)
            )
            x += width
    data = document(["".join(parts)])
    assert count_whole(data) == 5
    assert read_one(data)[0].headers == HEAD


def test_rare_characters_and_wrapped_cells_are_whole() -> None:
    grid = "40 700 m 40 640 l S 120 700 m 120 640 l S 200 700 m 200 640 l S\n" + "".join(
        f"40 {y} m 200 {y} l S\n" for y in (700, 680, 640)
    )
    texts = shown("手机号", 43, 686) + shown("姓名", 123, 686) + shown("139000", 43, 666)
    texts += shown("00001", 43, 650) + shown("张伟", 123, 660)
    header, row = read_rows(grid + texts)
    assert header == ["手机号", "姓名"]
    assert (row[0] or "").replace("\n", "") == "13900000001"


def test_what_the_last_save_took_out_is_read_apart() -> None:
    data = document([lined("留 13900000001", "删 13900000002"), lined("留 13900000003")])
    text = lined("留 13900000001", "新 13900000004")
    at = len(data)
    number = 11  # the contents of the first page
    data += f"{number} 0 obj\n<</Length {len(text)}>>stream\n{text}\nendstream\nendobj\n".encode()
    start = len(data)
    data += (
        f"xref\n{number} 1\n{at:010d} 00000 n \ntrailer\n<</Size 14/Root 1 0 R/Info 4 0 R/Prev "
        f"{data[:at].rindex(b'xref', 0, data[:at].rindex(b'startxref'))}>>\n"
        f"startxref\n{start}\n%%EOF\n"
    ).encode()
    assert values(data) == {
        "13900000001": [("#page 1", 1)],
        "13900000004": [("#page 1", 2)],
        "13900000003": [("#page 2", 1)],
        "13900000002": [("#earlier version 1", 1)],
    }
    assert read_reasons(data) == ["DELETED_TEXT"]
