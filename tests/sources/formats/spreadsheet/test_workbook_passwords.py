"""A workbook with a password is listed as such, and read without it if one of those given fits."""

import pytest

from piiscan.sources.formats.spreadsheet import open as spreadsheet
from tests.sources.formats.spreadsheet.books import MANIFEST, ods, old_workbook
from tests.sources.tables import lost, read_all, read_members


def test_an_ods_file_with_a_password_is_listed() -> None:
    entry = '<manifest:encryption-data manifest:checksum="x"/></manifest:manifest>'
    manifest = MANIFEST.replace("</manifest:manifest>", entry)
    assert lost(read_all(ods(bytes(range(256)), manifest))[1]) == ["ENCRYPTED"]


def test_an_xls_file_with_a_password_is_listed_or_read(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = old_workbook()
    at = 512 + 20  # the record behind the first one becomes FilePass
    data = plain[:at] + b"\x2f\0\2\0\0\0" + plain[at + 6 :]
    assert lost(read_all(data)[1]) == ["ENCRYPTED"]
    tried = []

    def decrypt(_: object, passwords: tuple[bytes, ...]) -> bytes:
        tried.extend(passwords)
        return plain

    monkeypatch.setattr(spreadsheet, "decrypt_office", decrypt)
    assert read_members(data, passwords=(b"x",)) == read_members(plain)
    assert tried[:2] == [b"x", b"VelvetSweatshop"]
