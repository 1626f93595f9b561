"""No content of a file ends a run: whatever a reader raises is a Trouble with type and place."""

import io
import json
import random
import zipfile
from pathlib import Path
from typing import Any

import pytest

from piiscan.errors import failure_place
from piiscan.sources import read
from piiscan.sources.walk import GivenPaths
from piiscan.wording.words import sentence
from tests.sources.formats.spreadsheet.books import workbook
from tests.sources.tables import (
    CSV,
    ROWS,
    cells_of,
    read_all,
    read_members,
    read_one,
    reasons,
    zipped,
)


def phones() -> bytes:
    return workbook([("姓名", "手机号"), *((f"张三{n}", f"138001{n:05}") for n in range(300))])


def test_a_workbook_with_a_flipped_bit_raises_nothing() -> None:
    good, corrupt = phones(), 0
    for seed in range(60):
        data, at = bytearray(good), random.Random(seed).randrange(len(good) * 8)
        data[at // 8] ^= 1 << at % 8
        tables, troubles = read_all(bytes(data))
        assert tables or any(trouble.lost for trouble in troubles)
        assert "READER_FAILED" not in reasons(troubles)
        corrupt += "CORRUPT" in reasons(troubles)
    assert corrupt  # zlib.error among them


@pytest.mark.parametrize("error", [RuntimeError("x"), zipfile.BadZipFile("x"), RecursionError()])
def test_blocks_that_fail_end_with_a_trouble(error: Exception) -> None:
    def blocks() -> Any:
        yield "block"
        raise error

    done = list(read.guard_reader(blocks(), "a!b"))
    assert done[0] == "block"
    assert [(each.member, each.reason) for each in done[1:]] == [("a!b", "READER_FAILED")]


@pytest.mark.parametrize("error", [MemoryError(), OSError(28, "No space left on device")])
def test_too_little_memory_or_disk_is_no_fault_of_the_file(error: Exception) -> None:
    def blocks() -> Any:
        raise error
        yield

    with pytest.raises(type(error)):
        list(read.guard_reader(blocks(), ""))


def test_a_bad_member_costs_itself_alone() -> None:
    bad = bytearray(phones())
    with zipfile.ZipFile(io.BytesIO(bad)) as book:
        at = book.getinfo("xl/worksheets/sheet1.xml").header_offset
    bad[at + 60 : at + 90] = bytes(30)
    rows, troubles = read_members(zipped({"bad.xlsx": bytes(bad), "b.csv": CSV}))
    assert rows == {"b.csv": ROWS}
    assert {(each.member, each.lost) for each in troubles} == {("bad.xlsx", True)}


@pytest.mark.parametrize("name", ["", ".", "/", "//", "\0", "a\0b", "\n", "..\\x", "\u202e.txt"])
def test_members_with_odd_names_are_read(name: str) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        info = zipfile.ZipInfo("x")
        info.filename = name
        archive.writestr(info, "电话：13800138000\n")
        archive.writestr("b.txt", "电话：13900139000\n")
    texts = [cells_of(blocks) for _, blocks in read_all(out.getvalue())[0]]
    assert [["电话：13900139000"]] in texts
    assert len(texts) == 2


@pytest.mark.parametrize("lines", [True, False])
def test_lone_surrogates_in_keys_and_values_are_read(lines: bool) -> None:
    rows = ['{"a\\ud800": "13800138000", "b": "\\udc00"}'] * 2
    table, blocks, troubles = read_one("\n".join(rows) if lines else f"[{','.join(rows)}]")
    assert table.headers == ["a\ufffd", "b"]
    assert cells_of(blocks) == [["13800138000", "\ufffd"]] * 2
    assert troubles == []
    json.dumps(table.headers, ensure_ascii=False).encode()


def test_a_place_is_the_innermost_line_of_the_package() -> None:
    with pytest.raises(KeyError) as raised:
        sentence("no.such.code", "zh")
    assert failure_place(raised.value).startswith("KeyError at words:")
    assert failure_place(ValueError("13800138000")) == "ValueError"


def test_a_share_that_vanished_is_told_from_a_file_that_is_gone(tmp_path: Path) -> None:
    share = tmp_path / "share"
    share.mkdir()
    file = share / "a.txt"
    file.write_text("x")
    folders, files = GivenPaths([share]), GivenPaths([file])
    file.unlink()
    folders.check()
    files.check()
    (tmp_path / "other").mkdir()
    share.rename(tmp_path / "gone")
    for given in (folders, files):
        with pytest.raises(Exception, match="vanished"):
            given.check()
    (tmp_path / "other").rename(share)  # an empty mount point where the share was
    with pytest.raises(Exception, match="vanished"):
        folders.check()
