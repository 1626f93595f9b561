"""An office file with a password is read with it, else listed; it is never written to disk."""

import io
import sys
from pathlib import Path

import pytest
from msoffcrypto.format.ooxml import OOXMLFile

from tests.sources.formats.spreadsheet.books import workbook
from tests.sources.tables import ROWS, read_all, read_members, read_reasons, told


def encrypted(password: str) -> bytes:
    out = io.BytesIO()
    OOXMLFile(io.BytesIO(workbook(ROWS))).encrypt(password, out)
    return out.getvalue()


@pytest.mark.parametrize(("password", "encoding"), [("abc123", "ascii"), ("密码一二", "gb18030")])
def test_it_is_read_with_the_right_password(password: str, encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(encrypted(password))
    for passwords in ((), (b"wrong",)):
        tables, troubles = read_all(path, passwords=passwords)
        assert (tables, told(troubles)) == ([], [("", "ENCRYPTED", True)])
    found = read_members(path, passwords=(b"wrong", password.encode(encoding)))
    assert found == ({"#Sheet": ROWS}, [])
    assert [each.name for each in tmp_path.iterdir()] == ["a.xlsx"]


def test_a_damaged_file_and_a_missing_package_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    data, passwords = encrypted("abc123"), (b"abc123",)
    assert [t.lost for t in read_all(data[: len(data) // 2], passwords=passwords)[1]] == [True]
    monkeypatch.setitem(sys.modules, "msoffcrypto", None)
    assert read_reasons(data, passwords=passwords) == ["PACKAGE_MISSING"]
