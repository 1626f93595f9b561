"""A workbook with a password is listed as such, and read without it if one of those given fits."""

from __future__ import annotations

import base64
import zipfile
import zlib
from pathlib import Path

import pytest

from piiscan.sources.formats.spreadsheet import open as spreadsheet
from tests.sources.formats.spreadsheet.test_spreadsheet import MANIFEST, XLS
from tests.sources.tables import read_all


def test_an_ods_file_with_a_password_is_listed(tmp_path: Path) -> None:
    path = tmp_path / "a.ods"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        entry = '<manifest:encryption-data manifest:checksum="x"/></manifest:manifest>'
        archive.writestr("META-INF/manifest.xml", MANIFEST.replace("</manifest:manifest>", entry))
        archive.writestr("content.xml", bytes(range(256)))
    assert [(t.reason, t.lost) for t in read_all(path)[1]] == [("ENCRYPTED", True)]


def test_an_xls_file_with_a_password_is_listed_or_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.xls"
    plain = zlib.decompress(base64.b64decode(XLS))
    at = 512 + 20  # the record behind the first one becomes FilePass
    path.write_bytes(plain[:at] + b"\x2f\0\2\0\0\0" + plain[at + 6 :])
    assert [(t.reason, t.lost) for t in read_all(path)[1]] == [("ENCRYPTED", True)]
    tried = []

    def decrypt(_: object, passwords: tuple[bytes, ...]) -> bytes:
        tried.extend(passwords)
        return plain

    monkeypatch.setattr(spreadsheet, "decrypt_office", decrypt)
    tables, troubles = read_all(path, passwords=(b"x",))
    assert [table.member for table, _ in tables] == [t.member for t, _ in read_all(path)[0]]
    assert tables
    assert "ENCRYPTED" not in [t.reason for t in troubles]
    assert tried[:2] == [b"x", b"VelvetSweatshop"]
