"""Workbooks and Word documents: cells and texts change, other parts stay byte for byte."""

import io
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.comments import Comment
from python_calamine import CalamineWorkbook

from piiscan.copies.redact_folder import redact
from tests.copies.documents import document, paragraph, table

PHONE, MASKED = "13800138000", "138****8000"
ID = "430104190506150016"


def copied(tmp_path: Path, name: str, data: bytes, **options: Any) -> Path:
    (tmp_path / name).write_bytes(data)
    done = redact(tmp_path / name, out=tmp_path / "copy", **options)
    assert (done.remaining, done.incomplete) == (0, 0), done.copies
    assert (tmp_path / name).read_bytes() == data
    return tmp_path / "copy" / name


def workbook() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "客户"
    sheet.append(["姓名", "身份证号", "手机号", "备注", "公式"])
    sheet.append(["张三", ID, 13800138000, "正常", '="电话"&C2'])
    sheet.append(["李四", ID, "13900139000", f"联系 {PHONE} <a&b>", '="13700137000"'])
    sheet["D2"].comment = Comment("此人电话13700137000", "某人")
    sheet.oddHeader.center.text = f"负责人电话 {PHONE}"
    sheet["A9"] = "完"
    other = book.create_sheet(PHONE)
    other["A1"] = "=客户!C2"
    other["B1"] = f"='{PHONE}'!A1"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_cells_of_a_workbook_are_masked_whatever_they_are_stored_as(tmp_path: Path) -> None:
    path = copied(tmp_path, "a.xlsx", workbook())
    rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_name("客户").to_python()
    assert [row[:4] for row in rows[1:3]] == [
        ["张*", "4301***********016", MASKED, "正常"],
        ["李*", "4301***********016", "139****9000", f"联系 {MASKED} <a&b>"],
    ]
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["客户", "138＊＊＊＊8000"]
    assert book["客户"]["C2"].data_type == "s"
    assert book["客户"]["D2"].comment.text == "此人电话137****7000"
    assert book["客户"].oddHeader.center.text == f"负责人电话 {MASKED}"
    assert book["客户"]["E2"].value == '="电话"&C2'
    assert book["客户"]["E3"].value != '="13700137000"'
    assert book["138＊＊＊＊8000"]["B1"].value == "='138＊＊＊＊8000'!A1"


def test_no_part_of_a_workbook_keeps_a_value(tmp_path: Path) -> None:
    path = copied(tmp_path, "a.xlsx", workbook())
    with zipfile.ZipFile(path) as archive:
        whole = b"\n".join(archive.read(name) for name in archive.namelist())
    for value in (PHONE, "13700137000", "13900139000", ID, "张三", "李四"):
        assert value.encode() not in whole


def test_parts_without_findings_stay_byte_for_byte(tmp_path: Path) -> None:
    data = workbook()
    path = copied(tmp_path, "a.xlsx", data)
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(path) as after:
        assert before.namelist() == after.namelist()
        same = [name for name in before.namelist() if before.read(name) == after.read(name)]
    assert {"xl/styles.xml", "xl/theme/theme1.xml", "[Content_Types].xml"} <= set(same)


def test_a_shared_string_that_another_column_shows_stays_there(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["QQ号", "数量"])
    for number in range(123456, 123468):
        book.active.append([str(number), str(number)])
    out = io.BytesIO()
    book.save(out)
    path = copied(tmp_path, "a.xlsx", out.getvalue())
    rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    assert rows[1] == ["12***6", "123456"]


def test_formats_inside_a_text_stay(tmp_path: Path) -> None:
    import xlsxwriter

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_rich_string(0, 0, "电话", book.add_format({"bold": True}), "13800", "138000转")
    path = copied(tmp_path, "a.xlsx", out.getvalue())
    with zipfile.ZipFile(path) as archive:
        strings = archive.read("xl/sharedStrings.xml").decode()
    assert strings.count("<r>") == 3
    assert MASKED in strings


BODY = (
    paragraph("嫌疑人", "张", "三，电话138", "0013", f"8000，身份证号{ID} &amp; 其他")
    + table(("姓名", "QQ号", "数量"), ("李四", "123456", "123456"), ("王五", "23456789", "1"))
    + paragraph("完毕")
)


def test_a_word_document_is_masked_in_all_its_parts(tmp_path: Path) -> None:
    data = document(
        BODY,
        header=f"页眉{PHONE}",
        footnote=f"脚注{PHONE}",
        comment=f"批注{PHONE}",
        author="王小明",
    )
    path = copied(tmp_path, "a.docx", data)
    with zipfile.ZipFile(path) as after, zipfile.ZipFile(io.BytesIO(data)) as before:
        parts = {name: after.read(name).decode() for name in after.namelist()}
        assert before.namelist() == after.namelist()
        expected = before.read("word/document.xml").decode()
        assert parts["[Content_Types].xml"].encode() == before.read("[Content_Types].xml")
    for old, new in (
        ('<w:t xml:space="preserve">张</w:t>', '<w:t xml:space="preserve">张*</w:t>'),
        (">三，电话138<", f">，电话{MASKED}<"),
        (">0013<", "><"),
        (f">8000，身份证号{ID} &amp;", ">，身份证号4301***********016 &amp;"),
        (">李四<", ">李*<"),
        (">王五<", ">王*<"),
        (">123456<", ">12***6<"),
        (">23456789<", ">23****89<"),
    ):
        expected = expected.replace(old, new, 1)
    assert parts["word/document.xml"] == expected
    for name in ("header1", "footnotes", "comments"):
        assert PHONE not in parts[f"word/{name}.xml"]
        assert MASKED in parts[f"word/{name}.xml"]
    assert "王小明" not in parts["word/comments.xml"]


def test_pictures_are_told(tmp_path: Path) -> None:
    out = io.BytesIO(document(paragraph("好")))
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("word/media/image1.png", b"\x89PNG")
    (tmp_path / "a.docx").write_bytes(out.getvalue())
    done = redact(tmp_path / "a.docx", out=tmp_path / "copy")
    assert [(t.reason, t.detail) for t in done.copies[0].problems] == [("NOT_MASKED", "1 png")]
    assert done.incomplete == 1


def test_labels_of_a_form_stay_in_its_copy(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for name in ("张伟强", "李秀英"):
        book.active.append(["姓名", name, "性别", "男"])
        book.active.append(["身份证号", ID, "电话", PHONE])
    book.save(made := io.BytesIO())
    path = copied(tmp_path, "a.xlsx", made.getvalue())
    rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    assert rows[:2] == [
        ["姓名", "张**", "性别", "男"],
        ["身份证号", "4301***********016", "电话", MASKED],
    ]
