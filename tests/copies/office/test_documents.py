"""Copies of documents: no planted number is left, whatever runs and spans cut it."""

import re
import zipfile
from pathlib import Path

import pytest

from piiscan.copies.redact_folder import redact
from tests.sources.formats.document.planted import (
    ODF,
    ODF_PARTS,
    PEOPLE_ROWS,
    SLIDE_PARTS,
    WORD_2003,
    WORD_PARTS,
    W,
    fill,
    odf_table,
    places,
    planted,
    runs,
    save,
    word_table,
)
from tests.sources.formats.spreadsheet.test_part_tables import ODS_PARTS
from tests.sources.people import PEOPLE

ZOO = {"a.docx": WORD_PARTS, "a.pptx": SLIDE_PARTS, "a.odt": ODF_PARTS}


def texts(path: Path) -> str:
    """All parts of a package, tags left out, and again with them."""
    with zipfile.ZipFile(path) as archive:
        data = b"\n".join(archive.read(each) for each in archive.infolist())
    text = data.decode("utf-8", "replace")
    return re.sub(r"<[^<>]*>", "", text) + text


@pytest.mark.parametrize("name", ZOO)
def test_no_planted_number_is_left(tmp_path: Path, name: str) -> None:
    path = save(tmp_path / name, ZOO[name])
    done = redact(path, out=tmp_path / "copy")
    assert done.remaining == 0
    assert {each.reason for each in done.copies[0].problems} <= {"NOT_MASKED"}  # pictures
    copy = tmp_path / "copy" / name
    left = texts(copy)
    wanted = planted(*(each for each in ZOO[name].values() if isinstance(each, str)))
    assert [value for value in wanted if value in left] == []
    assert [value for person in PEOPLE for value in person[1:3] if value in left] == []
    assert len(places(path)) > 10
    assert places(copy) == {}


def test_the_cells_of_an_opendocument_sheet_are_masked_by_their_headers(tmp_path: Path) -> None:
    cell = '<table:table-cell office:value-type="{}"{}><text:p>{}</text:p></table:table-cell>'
    gap = '<table:table-cell table:number-columns-repeated="2"/>'
    number = ' office:value="{}" calcext:value-type="float"'.format
    body = "".join(
        f"<table:table-row>{''.join(cells)}</table:table-row>"
        for cells in (
            [cell.format("string", "", "姓名"), gap, cell.format("string", "", "手机号")],
            [
                cell.format("string", "", "宁静"),
                gap,
                cell.format("float", number("13900000008"), "13900000008"),
            ],
            [gap, cell.format("string", "", "x"), cell.format("float", number("12.5"), "12.5")],
        )
    )
    content = (
        f"<office:document-content {ODF} xmlns:calcext='urn:c'><office:body><office:spreadsheet>"
        f'<table:table table:name="表">{body}</table:table></office:spreadsheet></office:body>'
        "</office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    parts = {"mimetype": kind, "META-INF/manifest.xml": "<manifest/>", "content.xml": content}
    path = save(tmp_path / "a.ods", parts)
    done = redact(path, out=tmp_path / "copy")
    assert (done.remaining, done.copies[0].problems) == (0, ())
    left = texts(tmp_path / "copy" / "a.ods")
    assert "宁静" not in left
    assert "13900000008" not in left
    assert 'office:value-type="string" calcext:value-type="string"><text:p>139****0008' in left
    assert 'office:value="12.5" calcext:value-type="float"' in left


def test_no_part_of_an_opendocument_sheet_keeps_a_number(tmp_path: Path) -> None:
    names = dict.fromkeys(re.findall(r"\{(\w+)\}", "".join(ODS_PARTS.values())))
    values = {name: f"138{number:08}" for number, name in enumerate(names, 10_000_000)}
    parts = {
        name: re.sub(r"\{(\w+)\}", lambda found: values[found[1]], text)
        for name, text in ODS_PARTS.items()
    }
    with zipfile.ZipFile(tmp_path / "a.ods", "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text.replace("\n<", "<").replace("\n", " "))
    done = redact(tmp_path / "a.ods", out=tmp_path / "copy")
    assert done.remaining == 0
    left = texts(tmp_path / "copy" / "a.ods")
    assert [name for name, value in values.items() if value in left] == []


def test_a_form_is_masked_by_its_labels(tmp_path: Path) -> None:
    body = word_table([["姓名", "张伟", "性别", "男"], ["手机号", "13900000001", "地址", "x"]])
    path = save(tmp_path / "a.docx", {"word/document.xml": f"<w:document {W}>{body}</w:document>"})
    redact(path, out=tmp_path / "copy")
    left = texts(tmp_path / "copy" / "a.docx")
    assert "张伟" not in left
    assert "13900000001" not in left
    assert "性别" in left


def test_a_document_in_one_file_is_masked_and_its_files_are_emptied(tmp_path: Path) -> None:
    word = (
        f'<?xml version="1.0"?><w:wordDocument {WORD_2003}><w:body>{runs("一 {flat_a}|{flat_b}")}'
        f"{word_table(PEOPLE_ROWS)}<w:binData w:name='a'>MTM5MDAwMDAwMDE=</w:binData></w:body>"
        "</w:wordDocument>"
    )
    odf = (
        f'<?xml version="1.0"?><office:document {ODF} office:mimetype="application/vnd.oasis.'
        f'opendocument.text"><text:p>139<text:span>{{flat_b}}</text:span></text:p>'
        f"{odf_table(PEOPLE_ROWS)}</office:document>"
    )
    for name, text in (("a.xml", word), ("a.fodt", odf)):
        (tmp_path / name).write_bytes(fill(text))
        done = redact(tmp_path / name, out=tmp_path / f"copy {name}")
        assert done.remaining == 0
        left = (tmp_path / f"copy {name}" / name).read_text("utf-8")
        plain = re.sub(r"<[^<>]*>", "", left)
        assert [v for v in (*planted(text), *(p[2] for p in PEOPLE)) if v in plain] == []
        assert "MTM5" not in left
        assert left.count("<") == fill(text).decode().count("<")


def test_an_encrypted_opendocument_file_is_not_copied(tmp_path: Path) -> None:
    manifest = "<manifest><file-entry><encryption-data/></file-entry></manifest>"
    path = save(tmp_path / "a.odt", {**ODF_PARTS, "META-INF/manifest.xml": manifest})
    done = redact(path, out=tmp_path / "copy")
    assert [each.reason for each in done.copies[0].problems] == ["ENCRYPTED"]
