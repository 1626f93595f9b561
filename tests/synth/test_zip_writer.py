"""Archives are read by the standard library, and by no one without a password when so flagged."""

from __future__ import annotations

import io
import zipfile

import pytest

from piiscan.synth.file_encoder import pack_zip

MEMBERS = [("名单/一月.txt", "张三".encode("gbk")), ("空", b"")]


@pytest.mark.parametrize("names", ["gbk", "utf-8"])
def test_names_and_bytes_come_back(names: str) -> None:
    with zipfile.ZipFile(
        io.BytesIO(pack_zip(MEMBERS, names=names)), metadata_encoding=names
    ) as box:
        assert box.testzip() is None
        assert [(name, box.read(name)) for name in box.namelist()] == MEMBERS


def test_gbk_names_carry_no_flag_that_says_so() -> None:
    with zipfile.ZipFile(io.BytesIO(pack_zip(MEMBERS, names="gbk"))) as box:
        assert box.infolist()[0].flag_bits == 0


def test_an_encrypted_looking_archive_asks_for_a_password() -> None:
    with (
        zipfile.ZipFile(io.BytesIO(pack_zip(MEMBERS, names="utf-8", encrypted=True))) as box,
        pytest.raises(RuntimeError, match="password"),
    ):
        box.read("空")
