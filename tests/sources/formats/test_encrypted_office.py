"""An office file with a password is read with it, else listed; it is never written to disk."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import openpyxl
import pytest
from msoffcrypto.format.ooxml import OOXMLFile

from tests.sources.tables import cells_of, read_all


def encrypted(folder: Path, password: str) -> Path:
    book = openpyxl.Workbook()
    book.active.append(["姓名", "电话"])
    book.active.append(["张伟", "13800138000"])
    plain, path = io.BytesIO(), folder / "a.xlsx"
    book.save(plain)
    plain.seek(0)
    with path.open("wb") as out:
        OOXMLFile(plain).encrypt(password, out)
    return path


@pytest.mark.parametrize(("password", "encoding"), [("abc123", "ascii"), ("密码一二", "gb18030")])
def test_it_is_read_with_the_right_password(password: str, encoding: str, tmp_path: Path) -> None:
    path = encrypted(tmp_path, password)
    for passwords in ((), (b"wrong",)):
        tables, troubles = read_all(path, passwords=passwords)
        assert tables == []
        assert [(t.reason, t.lost) for t in troubles] == [("ENCRYPTED", True)]
    tables, troubles = read_all(path, passwords=(b"wrong", password.encode(encoding)))
    assert [(table.member, cells_of(blocks)[1]) for table, blocks in tables] == [
        ("#Sheet", ["张伟", "13800138000"])
    ]
    assert troubles == []
    assert [each.name for each in tmp_path.iterdir()] == ["a.xlsx"]


def test_a_damaged_file_and_a_missing_package_are_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = encrypted(tmp_path, "abc123")
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    assert [t.lost for t in read_all(path, passwords=(b"abc123",))[1]] == [True]
    path.write_bytes(data)
    monkeypatch.setitem(sys.modules, "msoffcrypto", None)
    troubles = read_all(path, passwords=(b"abc123",))[1]
    assert [t.reason for t in troubles] == ["PACKAGE_MISSING"]
