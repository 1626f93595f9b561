"""Copies of documents: no planted number is left, whatever runs and spans cut it."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest

from piiscan.redact.redact_folder import redact
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
