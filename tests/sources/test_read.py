"""A file is read by what it is, not by what it is called; what is not read is said."""

import random
from pathlib import Path

import pytest

from piiscan.sources.block import Block, Table
from piiscan.sources.content import memory_content
from piiscan.sources.read import open_text_tables
from tests.sources.tables import cells_of, count_names, read_all, read_one, read_reasons

#: File, content, whether its lines are read, and the trouble.
LISTED: dict[str, tuple[str, bytes, bool, tuple[str, str, bool]]] = {
    "an empty file is no loss": ("a.csv", b"", False, ("EMPTY", "", False)),
    "cabinet": ("a.csv", b"MSCF\0\0\0\0", False, ("NOT_SUPPORTED_YET", "cab", True)),
    "ar": ("a.csv", b"!<arch>\n", False, ("NOT_SUPPORTED_YET", "ar", True)),
    "HEIC": ("a.csv", b"\0\0\0\x18ftypheic", False, ("NOT_SUPPORTED_YET", "HEIC picture", True)),
    "binary": ("a.txt", random.Random(1).randbytes(5000), False, ("BINARY", "", True)),
    "of a system": ("._a.csv", b"\0\x05\x16\x07" + bytes(60), False, ("SYSTEM_FILE", "", False)),
    "a mail of few lines": ("a.eml", b"From: a\n\nx\n", True, ("NOT_SUPPORTED_YET", "", True)),
    "a mailbox": ("a.mbox", b"From a\n\nx\n", True, ("NOT_SUPPORTED_YET", "", True)),
    "an archive": ("a.MHT", b"MIME-Version: 1.0\n\nx\n", True, ("NOT_SUPPORTED_YET", "", True)),
    "SQL without rows": ("a.sql", b"SELECT * FROM t;\n", True, ("SQL_AS_TEXT", "", False)),
    "a comment in SQL": ("a.sql", b"-- a comment\n", True, ("SQL_AS_TEXT", "", False)),
    "a document with a password": (
        "a.docx",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le"),
        False,
        ("ENCRYPTED", "the document has a password", True),
    ),
}


@pytest.mark.parametrize("claim", LISTED)
def test_what_is_read_in_part_or_not_at_all_is_named(claim: str) -> None:
    name, data, are_lines_read, trouble = LISTED[claim]
    tables, (found,) = read_all(data, name)
    detail = found.detail.partition(": ")[0] if trouble[1] else ""
    assert (found.reason, detail, found.lost) == trouble
    assert [table.kind for table, _ in tables] == ["text"] * are_lines_read


def test_a_file_that_is_gone_is_a_trouble(tmp_path: Path) -> None:
    assert read_reasons(tmp_path / "gone") == ["UNREADABLE"]


def test_text_called_a_workbook_is_read_as_text() -> None:
    table, blocks, _ = read_one("姓名\t电话\n张伟\t13800138000\n".encode("gbk"), "a.xls")
    assert (table.kind, table.encoding, table.delimiter) == ("delimited", "gb18030", "\t")
    assert cells_of(blocks)[1] == ["张伟", "13800138000"]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
@pytest.mark.parametrize("before", ["", "a", "ab"])
def test_one_line_longer_than_the_sample_is_read_whole(encoding: str, before: str) -> None:
    text = f"{before}{'前' * 200_000}13800138000{'后' * 200_000}"
    table, blocks, troubles = read_one(text.encode(encoding), "a.txt")
    sample = cells_of([table.sample])
    assert text.startswith(str(sample[0][0]))
    assert troubles == []
    assert cells_of(blocks) == [[text]]


@pytest.mark.parametrize("seed", range(30))
def test_damaged_files_of_every_kind_raise_nothing(seed: int) -> None:
    rng = random.Random(seed)
    text = "姓名,电话\n" + '"张\n伟",13800138000\n' * 50 + '{"a": "1"}\n'
    data = bytearray(text.encode(rng.choice(["utf-8", "gbk", "utf-16-le", "utf-16-be"])))
    for _ in range(rng.randrange(1, 40)):
        data[rng.randrange(len(data))] = rng.randrange(256)
    tables, _ = read_all(bytes(data[rng.randrange(3) :]), "a.csv")
    for _, blocks in tables:
        for block in blocks:
            assert {len(column) for column in block.columns} == {len(block.rows)}
            for column in block.columns:
                column.validate(full=True)


def test_a_text_that_is_in_memory_already_is_read_like_a_file() -> None:
    data = "姓名,电话\n张伟,13800138000\n".encode()
    table, blocks, _ = read_one(data, "a.csv")
    content = memory_content(data, "a.csv", member="m")
    (other,) = open_text_tables(content, count_names=count_names)
    assert isinstance(other, Table)
    assert (other.headers, other.delimiter) == (table.headers, table.delimiter)
    found = [each for each in other.blocks() if isinstance(each, Block)]
    assert cells_of(found) == cells_of(blocks)
