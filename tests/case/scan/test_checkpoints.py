"""A scan that ended inside a large source goes on from its last checkpoint: with equal bytes."""

import json
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from piiscan.case.scan import checkpoints, source_reader
from piiscan.case.scan.checkpoints import Checkpoints
from piiscan.case.store import shard_runs
from piiscan.sources import content as contents
from piiscan.sources.encoding import decoder
from piiscan.sources.formats.json import open as json_lines
from piiscan.sources.lined import text_table
from tests.case.dump import VALID, content, scan_dump
from tests.case.killed import run_killed
from tests.keys import random_secret, write_key
from tests.often import long, often

KEY = random_secret(2)
PIECE = 8 << 10


def people(row: str, rows: int = 2400) -> str:
    return "".join(
        row.format(
            n=n % 1700, phone=f"138{n * 7919 % 10**8:08}", id=VALID[n % 3], name="三四五六"[n % 4]
        )
        for n in range(rows)
    )


SOURCES: dict[str, Callable[[], bytes]] = {
    "table.csv": lambda: ("姓名,电话,证件\n" + people('张{name},{phone},"{id}\n"\n')).encode("gbk"),
    "mixed.txt": lambda: (
        people("收件人：张{name}\n电话：{phone}\n地址：长沙市{n}号\n\n").encode()
        + "他的电话是 13900139000\n".encode("gbk") * 500
    ),
    "lines.jsonl": lambda: (
        people('{{"name": "张{name}", "phone": "{phone}"}}\n').encode()
        + people('{{"name": "张{name}", "k{phone:.5}": "&#49;"}}\n', 30).encode()
        + b"no object 13900139000\n" * 200
        + people('{{"name": "李{name}", "k{phone:.5}": "{phone}"}}\n', 600).encode()
    ),
    "run.log": lambda: people("2024-01-02 12:00:01 INFO {id} 手机 {phone}\n").encode(),
}


class Ended(BaseException):
    """End of the process."""


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small pieces, and a checkpoint behind three of them."""
    monkeypatch.setattr(shard_runs, "LARGE", PIECE)
    monkeypatch.setattr(checkpoints, "LEAST", 3 * PIECE)
    monkeypatch.setattr(contents, "HEAD_BYTES", 4 * PIECE)
    for module in (text_table, json_lines):
        monkeypatch.setattr(module, "read_pieces", partial(decoder.read_pieces, size=PIECE))


def scan_until(
    monkeypatch: pytest.MonkeyPatch, calls: int, source: Path, case: Path, *, reveal: bool = True
) -> None:
    """Scan up to the end of the process behind its checkpoint ``calls``."""
    real, left = Checkpoints.add, [calls]

    def add(*arguments: Any) -> None:
        real(*arguments)
        left[0] -= 1
        if not left[0]:
            raise Ended

    with monkeypatch.context() as ending:
        ending.setattr(Checkpoints, "add", add)
        with pytest.raises(Ended):
            scan_dump([source], case, reveal=reveal)


def offsets(case: Path) -> list[int]:
    """Bytes from which scans went on."""
    events = map(json.loads, (case / "log.jsonl").read_text("utf-8").splitlines())
    return [each["offset"] for each in events if each["event"] == "resumed"]


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("name", often(SOURCES, {"table.csv", "mixed.txt", "lines.jsonl"}))
def test_a_scan_goes_on_inside_a_large_source(
    rules: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    write_key(tmp_path / "test.key", KEY)
    source, case, scanned = tmp_path / name, tmp_path / "case", list[int]()
    source.write_bytes(SOURCES[name]())
    real = source_reader.scan_blocks

    def scan_blocks(blocks: Any, *more: Any) -> Any:
        scanned.append(sum(len(each.rows) for each in blocks))
        return real(blocks, *more)

    monkeypatch.setattr(source_reader, "scan_blocks", scan_blocks)
    whole, rows = content(scan_dump([source], tmp_path / "whole", reveal=True).path), sum(scanned)
    scan_until(monkeypatch, 1, source, case)
    scan_until(monkeypatch, 2, source, case)
    scanned.clear()
    done = scan_dump([source], case, reveal=True)
    assert content(case) == whole
    assert done.verify() == []
    assert not (case / "tmp" / "resumed").exists()
    first, second = offsets(case)
    assert first >= 3 * PIECE
    assert second >= 9 * PIECE - 3000
    assert sum(scanned) < rows * (1 - second / source.stat().st_size) + 2 * PIECE / 25


def spoil_source(source: Path, case: Path) -> None:
    """Other digits at the begin, the time of the file as before."""
    status = source.stat()
    source.write_bytes(source.read_bytes().replace(b"138", b"139", 1))
    os.utime(source, ns=(status.st_atime_ns, status.st_mtime_ns))


def spoil_state(source: Path, case: Path) -> None:
    """A bit more in the state of the reader."""
    (path,) = (case / "tmp" / "resumed").glob("*.state")
    path.write_bytes(path.read_bytes() + b"\0")


def spoil_numbers(source: Path, case: Path) -> None:
    """The numbers for the alarms are gone."""
    next((case / "tmp" / "resumed").glob("*.numbers")).unlink()


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("spoil", [long(spoil_source), spoil_state, long(spoil_numbers)])
def test_a_source_begins_anew_if_anything_is_not_as_it_was(
    rules: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spoil: Callable[..., None]
) -> None:
    write_key(tmp_path / "test.key", KEY)
    source, case = tmp_path / "run.log", tmp_path / "case"
    source.write_bytes(SOURCES["run.log"]())
    scan_until(monkeypatch, 1, source, case)
    spoil(source, case)
    scan_dump([source], case, reveal=True)
    assert offsets(case) == []
    assert content(case) == content(scan_dump([source], tmp_path / "whole", reveal=True).path)


@pytest.mark.usefixtures("small")
def test_a_checkpoint_has_no_value_that_can_be_read(
    rules: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_key(tmp_path / "test.key", KEY)
    source, case = tmp_path / "run.log", tmp_path / "case"
    source.write_bytes(SOURCES["run.log"]())
    scan_until(monkeypatch, 2, source, case, reveal=False)
    left = b"".join(path.read_bytes() for path in (case / "tmp" / "resumed").iterdir())
    assert left
    assert VALID[0].encode() not in left
    assert (13800000000 + 7919).to_bytes(8, "little") not in left


@pytest.mark.parametrize("megabytes", [long(200)])
def test_a_killed_scan_goes_on(rules: Path, tmp_path: Path, megabytes: int) -> None:
    write_key(tmp_path / "test.key", KEY)
    source, case = tmp_path / "table.csv", tmp_path / "case"
    part = people("张{name},{phone},{id}\n").encode()
    source.write_bytes("姓名,电话,证件\n".encode() + part * (megabytes * 10**6 // len(part)))
    whole = content(scan_dump([source], tmp_path / "whole").path)
    point = "piiscan.case.scan.shard_writer", "SourceWriter._end", 1
    run_killed(rules, "scan_dump([paths[0]], paths[1])", point, source, case)
    scan_dump([source], case)
    assert content(case) == whole
    assert offsets(case)[0] >= checkpoints.LEAST
