"""Every part of a document is read, holds no text, or is listed: a value in each is found once."""

import io

import openpyxl
import pytest

from tests.sources.formats.document.planted import (
    ODF,
    ODF_PARTS,
    PEOPLE_ROWS,
    SLIDE_PARTS,
    WORD_2003,
    WORD_PARTS,
    W,
    check_each_once,
    fill,
    filled,
    odf_table,
    places,
    planted,
    runs,
    value_of,
    word_table,
)
from tests.sources.people import count_whole
from tests.sources.tables import read_all, read_reasons, read_text, told

ZOO = {"a.docx": WORD_PARTS, "a.pptx": SLIDE_PARTS, "a.odt": ODF_PARTS}


def word(changed: dict[str, str | bytes]) -> bytes:
    """The document with some of its parts changed."""
    return filled(WORD_PARTS | changed)


@pytest.mark.parametrize("name", ZOO)
def test_a_value_in_every_part_is_found_once_and_five_people_are_five(name: str) -> None:
    data = filled(ZOO[name])
    check_each_once(data, *(each for each in ZOO[name].values() if isinstance(each, str)))
    assert count_whole(data) == 5


PLACES: dict[str, list[tuple[str, str, int]]] = {
    "a.docx": [
        ("first", "#text", 1),
        ("soft", "#text", 3),
        ("header", "#header1", 1),
        ("footer", "#footer1 table 1", 2),
        ("nested", "#table 3", 2),
        ("creator", "#docProps/core.xml", 1),
        ("embedded", "word/embeddings/list.csv", 2),
    ],
    "a.pptx": [
        ("slide2", "#slide 1", 1),
        ("target", "#slide 1", 3),
        ("note", "#slide 1 notes", 1),
        ("slide_comment", "#slide 1 comments", 1),
        ("slide1", "#slide 2", 1),
    ],
}


@pytest.mark.parametrize("name", PLACES)
def test_each_text_has_a_place_that_people_find(name: str) -> None:
    found = places(filled(ZOO[name]))
    assert [(slot, *found[value_of(slot)][0][:2]) for slot, *_ in PLACES[name]] == PLACES[name]


def test_what_holds_no_text_or_is_not_read_is_listed() -> None:
    assert set(told(read_all(word({}))[1])) == {
        ("#word/document.xml", "DELETED_TEXT", False),
        ("#word/vbaProject.bin", "READ_AS_STRINGS", True),
        ("word/media/image1.png", "CORRUPT", True),
    }


def test_charts_repeat_no_cells_of_the_workbook_behind_them() -> None:
    book, out = openpyxl.Workbook(), io.BytesIO()
    book.active.append(["x", int(value_of("chart"))])
    book.save(out)
    relations = (
        '<Relationships><Relationship Id="rId1" Target="../embeddings/b.xlsx" Type="x/package"/>'
        "</Relationships>"
    )
    name = "word/embeddings/b.xlsx"
    parts = {name: out.getvalue(), "word/charts/_rels/chart1.xml.rels": relations}
    found = places(word(parts))[value_of("chart")]
    assert [member for member, _, _ in found] == [f"{name}#Sheet"]


@pytest.mark.parametrize("end", ["<w:p>", "</w:x>"])
def test_a_broken_part_is_read_up_to_there_and_listed(end: str) -> None:
    text = f"<w:document {W}><w:p><w:r><w:t>电话 {{kept}}</w:t></w:r></w:p>{end}"
    data = word({"word/document.xml": text})
    assert len(places(data)[value_of("kept")]) == 1
    assert ("#word/document.xml", "CORRUPT", True) in told(read_all(data)[1])


@pytest.mark.parametrize("declared", ['<?xml version="1.0" encoding="GBK"?>', ""])
def test_a_part_in_gbk_is_read(declared: str) -> None:
    text = f"{declared}<w:document {W}>{runs('姓名：张伟强 电话：13800138009')}</w:document>"
    data = word({"word/document.xml": text.encode("gbk")})
    assert "张伟强 电话：13800138009" in read_text(data)
    assert ("#word/document.xml", "CORRUPT", True) not in told(read_all(data)[1])


def test_entities_and_deep_elements_end_nothing() -> None:
    bomb = '<!DOCTYPE a [<!ENTITY b "13900000001">]><a>&b;</a>'
    deep = f"<w:document {W}>" + "<w:tbl><w:tr><w:tc>" * 20_000 + runs("{deep}")
    data = filled({"word/document.xml": deep, "word/header1.xml": bomb, "x.xml": "x"})
    assert len(places(data)[value_of("deep")]) == 1
    assert read_reasons(data) == ["CORRUPT"] * 3


def test_files_inside_are_not_opened_without_end() -> None:
    data = filled({"word/document.xml": "<a/>", "x.csv": "电话\n{inner}\n"})
    for _ in range(8):
        data = filled({"word/document.xml": "<a/>", "word/embeddings/a.docx": data})
    assert read_reasons(data) == ["ZIP_DEPTH"]


def test_an_encrypted_opendocument_file_is_listed() -> None:
    manifest = "<manifest><file-entry><encryption-data/></file-entry></manifest>"
    assert read_reasons(filled({**ODF_PARTS, "META-INF/manifest.xml": manifest})) == ["ENCRYPTED"]


def test_documents_in_one_file_are_read_alike() -> None:
    flat = (
        f'<?xml version="1.0"?>\n<?mso-application progid="Word.Document"?>\n<w:wordDocument '
        f'{WORD_2003} xmlns:o="urn:schemas-microsoft-com:office:office"><o:DocumentProperties>'
        "<o:Author>甲 {author}</o:Author></o:DocumentProperties><w:body>"
        f"{runs('一 {cut_a}|{cut_b}')}<w:p><w:hlink w:dest='tel:{{link}}'><w:r><w:t>x</w:t></w:r>"
        f"</w:hlink></w:p>{word_table(PEOPLE_ROWS)}<w:p><w:pPr><w:sectPr><w:hdr>{runs('{header}')}"
        "</w:hdr></w:sectPr></w:pPr></w:p><w:binData w:name='a'>55S16K+dIDEzOTAwMDAwMDAxCg=="
        "</w:binData></w:body></w:wordDocument>"
    )
    odf = (
        f'<?xml version="1.0"?><office:document {ODF} office:mimetype="application/vnd.oasis.'
        f'opendocument.text"><office:body><text:p>139<text:span>{{flat_b}}</text:span></text:p>'
        f"{odf_table(PEOPLE_ROWS)}</office:body></office:document>"
    )
    for text in (flat, odf):
        found = places(fill(text))
        assert found.pop("13900000001", [("text/binData 1", 1, "")])[0][:2] == ("text/binData 1", 1)
        counts = {value: len(each) for value, each in found.items()}
        assert counts == dict.fromkeys(planted(text), 1)
        assert count_whole(fill(text)) == 5


def test_a_very_long_paragraph_is_one_line() -> None:
    text = f"<w:document {W}>{runs('x，' * 1_500_000 + '{end}')}{runs('{behind}')}</w:document>"
    found = places(filled({"word/document.xml": text}))
    at = [found[value_of(slot)][0][:2] for slot in ("end", "behind")]
    assert at == [("#text", 1), ("#text", 2)]
