"""Every part of a document is read, holds no text, or is listed: a value in each is found once."""

from __future__ import annotations

import io
from pathlib import Path

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
    odf_table,
    places,
    planted,
    runs,
    save,
    value_of,
    word_table,
)
from tests.sources.people import count_whole
from tests.sources.tables import read_all

ZOO = {"a.docx": WORD_PARTS, "a.pptx": SLIDE_PARTS, "a.odt": ODF_PARTS}


@pytest.mark.parametrize("name", ZOO)
def test_a_value_in_every_part_is_found_once_and_five_people_are_five(
    tmp_path: Path, name: str
) -> None:
    path = save(tmp_path / name, ZOO[name])
    check_each_once(path, *(each for each in ZOO[name].values() if isinstance(each, str)))
    assert count_whole(path) == 5


def test_each_text_has_a_place_that_people_find(tmp_path: Path) -> None:
    found = places(save(tmp_path / "a.docx", WORD_PARTS))
    for slot, member, row in (
        ("first", "#text", 1),
        ("soft", "#text", 3),
        ("header", "#header1", 1),
        ("footer", "#footer1 table 1", 2),
        ("nested", "#table 3", 2),
        ("creator", "#docProps/core.xml", 1),
        ("embedded", "word/embeddings/list.csv", 2),
    ):
        ((where, at, _),) = found[value_of(slot)]
        assert (where, at) == (member, row), slot
    found = places(save(tmp_path / "a.pptx", SLIDE_PARTS))
    for slot, member in (
        ("slide2", "#slide 1"),
        ("target", "#slide 1"),
        ("note", "#slide 1 notes"),
        ("slide_comment", "#slide 1 comments"),
        ("slide1", "#slide 2"),
    ):
        assert found[value_of(slot)][0][0] == member


def test_what_holds_no_text_or_is_not_read_is_listed(tmp_path: Path) -> None:
    troubles = read_all(save(tmp_path / "a.docx", WORD_PARTS))[1]
    assert {(each.member, each.reason, each.lost) for each in troubles} == {
        ("#word/document.xml", "DELETED_TEXT", False),
        ("#word/vbaProject.bin", "READ_AS_STRINGS", True),
        ("word/media/image1.png", "CORRUPT", True),
    }


def test_charts_repeat_no_cells_of_the_workbook_behind_them(tmp_path: Path) -> None:
    book, out = openpyxl.Workbook(), io.BytesIO()
    book.active.append(["x", int(value_of("chart"))])
    book.save(out)
    parts = {
        **WORD_PARTS,
        "word/embeddings/b.xlsx": out.getvalue(),
        "word/charts/_rels/chart1.xml.rels": '<Relationships><Relationship Id="rId1" '
        'Target="../embeddings/b.xlsx" Type="x/package"/></Relationships>',
    }
    found = places(save(tmp_path / "a.docx", parts))
    assert [where for where, _, _ in found[value_of("chart")]] == ["word/embeddings/b.xlsx#Sheet"]


@pytest.mark.parametrize(
    "text",
    [
        f"<w:document {W}><w:p><w:r><w:t>电话 {{kept}}</w:t></w:r></w:p><w:p>",
        f"<w:document {W}><w:p><w:r><w:t>电话 {{kept}}</w:t></w:r></w:p></w:x>",
    ],
)
def test_a_broken_part_is_read_up_to_there_and_listed(tmp_path: Path, text: str) -> None:
    path = save(tmp_path / "a.docx", {**WORD_PARTS, "word/document.xml": text})
    assert len(places(path)[value_of("kept")]) == 1
    troubles = read_all(path)[1]
    assert ("#word/document.xml", "CORRUPT", True) in {
        (each.member, each.reason, each.lost) for each in troubles
    }


def test_entities_and_deep_elements_end_nothing(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE a [<!ENTITY b "13900000001">]><a>&b;</a>'
    deep = f"<w:document {W}>" + "<w:tbl><w:tr><w:tc>" * 20_000 + runs("{deep}")
    path = save(
        tmp_path / "a.docx", {"word/document.xml": deep, "word/header1.xml": bomb, "x.xml": "x"}
    )
    assert len(places(path)[value_of("deep")]) == 1
    assert [each.reason for each in read_all(path)[1]] == ["CORRUPT"] * 3


def test_files_inside_are_not_opened_without_end(tmp_path: Path) -> None:
    data = save(tmp_path / "0.docx", {"word/document.xml": "<a/>", "x.csv": "电话\n{inner}\n"})
    for number in range(8):
        data = save(
            tmp_path / f"{number + 1}.docx",
            {"word/document.xml": "<a/>", "word/embeddings/a.docx": data.read_bytes()},
        )
    assert [each.reason for each in read_all(data)[1]] == ["ZIP_DEPTH"]


def test_an_encrypted_opendocument_file_is_listed(tmp_path: Path) -> None:
    manifest = "<manifest><file-entry><encryption-data/></file-entry></manifest>"
    path = save(tmp_path / "a.odt", {**ODF_PARTS, "META-INF/manifest.xml": manifest})
    assert [each.reason for each in read_all(path)[1]] == ["ENCRYPTED"]


def test_documents_in_one_file_are_read_alike(tmp_path: Path) -> None:
    word = (
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
    for name, text in (("a.xml", word), ("a.fodt", odf)):
        path = tmp_path / name
        path.write_bytes(fill(text))
        found = places(path)
        assert found.pop("13900000001", [("text/binData 1", 1, "")])[0][:2] == ("text/binData 1", 1)
        assert {value: len(each) for value, each in found.items()} == dict.fromkeys(
            planted(text), 1
        )
        assert count_whole(path) == 5


def test_a_very_long_paragraph_is_one_line(tmp_path: Path) -> None:
    text = f"<w:document {W}>{runs('x，' * 1_500_000 + '{end}')}{runs('{behind}')}</w:document>"
    found = places(save(tmp_path / "a.docx", {"word/document.xml": text}))
    assert {found[value_of("end")][0][:2], found[value_of("behind")][0][:2]} == {
        ("#text", 1),
        ("#text", 2),
    }
