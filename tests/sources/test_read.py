"""A file is read by what it is, not by what it is called; what is not read is said."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from piiscan.sources.block import Block, Table
from piiscan.sources.content import memory_content
from piiscan.sources.limits import Budget
from piiscan.sources.read import open_text_tables
from tests.sources.tables import cells_of, count_names, read_all, read_one, read_reasons


def write(folder: Path, data: bytes, name: str) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def test_an_empty_file_is_no_loss() -> None:
    _, troubles = read_all(b"", "a.csv")
    assert [(t.reason, t.lost) for t in troubles] == [("EMPTY", False)]


def test_a_file_that_is_gone_is_a_trouble(tmp_path: Path) -> None:
    assert read_reasons(tmp_path / "gone") == ["UNREADABLE"]


@pytest.mark.parametrize(
    ("data", "detail"),
    [(b"MSCF\0\0\0\0", "cab"), (b"!<arch>\n", "ar"), (b"\0\0\0\x18ftypheic", "HEIC picture")],
)
def test_formats_not_read_yet_are_named_whatever_their_extension(data: bytes, detail: str) -> None:
    tables, troubles = read_all(data, "a.csv")
    assert tables == []
    assert [(t.reason, t.detail, t.lost) for t in troubles] == [("NOT_SUPPORTED_YET", detail, True)]


def test_binary_files_are_reported_lost() -> None:
    data = random.Random(1).randbytes(5000)
    _, troubles = read_all(data, "a.txt")
    assert [(t.reason, t.lost) for t in troubles] == [("BINARY", True)]


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


def test_sql_without_rows_is_read_as_lines() -> None:
    text = "SELECT * FROM `t` WHERE phone = '13800138000';\n"
    table, _, troubles = read_one(text.encode(), "a.sql")
    assert (table.kind, [(t.reason, t.lost) for t in troubles]) == (
        "text",
        [("SQL_AS_TEXT", False)],
    )


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


@pytest.mark.parametrize(
    ("data", "name", "reason", "lost"),
    [
        (b"\x00\x05\x16\x07" + bytes(60), "._a.csv", "SYSTEM_FILE", False),
        (b"From: a\n\nx\n", "a.eml", "NOT_SUPPORTED_YET", True),
        (b"From a\n\nx\n", "a.mbox", "NOT_SUPPORTED_YET", True),
        (b"MIME-Version: 1.0\n\nx\n", "a.MHT", "NOT_SUPPORTED_YET", True),
        (b"-- a comment\n", "a.sql", "SQL_AS_TEXT", False),
    ],
)
def test_what_is_read_in_part_or_not_at_all_is_named(
    data: bytes, name: str, reason: str, lost: bool
) -> None:
    tables, troubles = read_all(data, name)
    assert [(each.reason, each.lost) for each in troubles] == [(reason, lost)]
    assert len(tables) == (reason != "SYSTEM_FILE")  # the lines of the others are read


def test_a_document_with_a_password_is_lost() -> None:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
    data = ole + "EncryptedPackage".encode("utf-16-le")
    (trouble,) = read_all(data, "a.docx")[1]
    assert (trouble.reason, trouble.detail, trouble.lost) == (
        "ENCRYPTED",
        "the document has a password",
        True,
    )


def test_json_beyond_its_limit_has_the_same_records() -> None:
    data = b'[{"a": "13800138000"},\n {"a": "13900139000"}]'
    for limit in (len(data), len(data) - 1):
        table, blocks, troubles = read_one(data, "a.json", budget=Budget(json=limit))
        assert (table.kind, troubles) == ("jsonl", [])
        assert cells_of(blocks) == [["13800138000"], ["13900139000"]]


def test_a_text_that_is_in_memory_already_is_read_like_a_file() -> None:
    data = "姓名,电话\n张伟,13800138000\n".encode()
    table, blocks, _ = read_one(data, "a.csv")
    content = memory_content(data, "a.csv", member="m")
    (other,) = open_text_tables(content, count_names=count_names)
    assert isinstance(other, Table)
    assert (other.headers, other.delimiter) == (table.headers, table.delimiter)
    found = [each for each in other.blocks() if isinstance(each, Block)]
    assert cells_of(found) == cells_of(blocks)
