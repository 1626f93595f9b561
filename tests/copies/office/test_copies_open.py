"""Copies open in the programs and libraries that people open them with."""

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import openpyxl
import pytest
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.packaging.custom import IntProperty, StringProperty

import piiscan
from tests.copies.documents import document, paragraph
from tests.office import save_as

PHONE: Final = 13800138000


def workbook(path: Path) -> None:
    """Phones as numbers and texts, in a chart, a comment, a name, a filter and properties."""
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (["姓名", "手机号", "金额"], ["张三", PHONE, 5], ["李四", str(PHONE + 1), 7.5]):
        sheet.append(row)
    chart = BarChart()
    chart.add_data(Reference(sheet, min_col=2, min_row=1, max_row=3), titles_from_data=True)
    sheet.add_chart(chart, "E1")
    sheet["A2"].comment = Comment(f"电话{PHONE}", f"{PHONE}")
    sheet["D2"] = f"=B2+{PHONE}"
    sheet.auto_filter.ref = "A1:C3"
    sheet.auto_filter.add_filter_column(1, [str(PHONE)])
    book.custom_doc_props.append(IntProperty(name="tel", value=PHONE))
    book.custom_doc_props.append(StringProperty(name="note", value=f"电话{PHONE}"))
    book.properties.keywords = str(PHONE)
    book.save(path)


def text_document(path: Path) -> None:
    """Phones in runs, in numbers of bookmarks, in a comment and a footnote."""
    mark = f'<w:bookmarkStart w:id="{PHONE}" w:name="tel{PHONE}"/><w:bookmarkEnd w:id="{PHONE}"/>'
    body = paragraph(f"电话{PHONE}") + mark + paragraph("姓名：张三")
    path.write_bytes(document(body, comment=f"{PHONE}", footnote=f"电话{PHONE}"))


def slides(path: Path) -> None:
    """A phone on a slide, and in its notes."""
    pptx = pytest.importorskip("pptx")
    show = pptx.Presentation()
    slide = show.slides.add_slide(show.slide_layouts[1])
    slide.shapes.title.text = f"电话{PHONE}"
    slide.placeholders[1].text = "姓名：张三"
    slide.notes_slide.notes_text_frame.text = f"手机{PHONE}"
    show.core_properties.subject = str(PHONE)
    show.save(path)


def texts_of_workbook(path: Path) -> list[str]:
    sheet = openpyxl.load_workbook(path).active
    return [str(cell) for row in sheet.iter_rows(values_only=True) for cell in row]


def texts_of_document(path: Path) -> list[str]:
    docx: Any = pytest.importorskip("docx")
    return [each.text for each in docx.Document(str(path)).paragraphs]


def texts_of_slides(path: Path) -> list[str]:
    pptx: Any = pytest.importorskip("pptx")
    slides = pptx.Presentation(str(path)).slides
    return [shape.text for slide in slides for shape in slide.shapes if shape.has_text_frame]


FILES: Final[dict[str, tuple[Callable[[Path], None], Callable[[Path], list[str]], str]]] = {
    "a.xlsx": (workbook, texts_of_workbook, "csv"),
    "a.docx": (text_document, texts_of_document, "txt"),
    "a.pptx": (slides, texts_of_slides, ""),
}


@pytest.mark.program("LibreOffice Calc")
@pytest.mark.program("LibreOffice Writer")
@pytest.mark.parametrize("name", FILES)
def test_a_copy_opens_and_has_its_masks(name: str, tmp_path: Path) -> None:
    write, read, office = FILES[name]
    write(tmp_path / name)
    done = piiscan.redact(tmp_path / name, out=tmp_path / "out")
    lost = {(each.reason, each.detail) for each in done.copies[0].problems}
    assert (done.remaining, lost - {("NOT_MASKED", "1 jpeg")}) == (0, set())  # of the template
    copy = tmp_path / "out" / name
    assert any("138****8000" in text for text in read(copy))
    with zipfile.ZipFile(copy) as parts:
        assert [n for n in parts.namelist() if str(PHONE).encode() in parts.read(n)] == []
    assert not office or save_as(copy, office).stat().st_size


def test_numbers_stay_numbers(tmp_path: Path) -> None:
    workbook(tmp_path / "a.xlsx")
    piiscan.redact(tmp_path / "a.xlsx", out=tmp_path / "out")
    book = openpyxl.load_workbook(tmp_path / "out" / "a.xlsx")
    properties = {each.name: each.value for each in book.custom_doc_props.props}
    assert properties == {"tel": 0, "note": "电话138****8000"}
    assert book.active["C3"].value == 7.5
