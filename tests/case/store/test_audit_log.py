"""The log is a chain: any line changed, dropped or inserted is found."""

from __future__ import annotations

import datetime
from contextlib import closing
from pathlib import Path

import pytest

from piiscan.case.store import audit_log

MOMENT = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "log.jsonl"
    with closing(audit_log.AuditLog(path)) as writer:
        for number in range(5):
            writer.append("source", moment=MOMENT, source=number)
    return path


def test_a_chain_goes_on_over_several_openings(path: Path) -> None:
    with closing(audit_log.AuditLog(path)) as writer:
        head = writer.append("manifest", moment=MOMENT)
    assert head.lines == 6
    assert audit_log.broken_link(path) is None
    assert audit_log.head_at(path, 6) == head
    assert [entry["seq"] for entry in audit_log.read_events(path)] == [1, 2, 3, 4, 5, 6]


def test_times_are_written_in_china_standard_time(path: Path) -> None:
    assert audit_log.read_events(path)[0]["time"] == "2026-01-01T08:00:00+08:00"


def test_the_log_is_private(path: Path) -> None:
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("line", range(4))
def test_a_changed_line_breaks_the_next(path: Path, line: int) -> None:
    lines = path.read_text().splitlines(keepends=True)
    lines[line] = lines[line].replace(f'"source": {line}', '"source": 99')
    path.write_text("".join(lines))
    assert audit_log.broken_link(path) == line + 2


def test_the_last_line_is_held_by_the_head(path: Path) -> None:
    head = audit_log.head_at(path, 5)
    path.write_text(path.read_text().replace('"source": 4', '"source": 99'))
    assert audit_log.broken_link(path) is None
    assert audit_log.head_at(path, 5) != head


@pytest.mark.parametrize("line", range(4))
def test_a_dropped_line_breaks_the_chain(path: Path, line: int) -> None:
    lines = path.read_text().splitlines(keepends=True)
    del lines[line]
    path.write_text("".join(lines))
    assert audit_log.broken_link(path) == line + 1


def test_dropped_last_lines_shorten_the_head(path: Path) -> None:
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:-1]))
    assert audit_log.head_at(path, 5).lines == 4


def test_a_torn_last_line_stays_and_the_chain_goes_on_from_it(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b'{"seq": 6, "ti')
    with closing(audit_log.AuditLog(path)) as writer:
        assert writer.append("scan", moment=MOMENT).lines == 7
    assert b'{"seq": 6, "ti\n' in path.read_bytes()
    assert audit_log.broken_link(path) == 6
    assert audit_log.read_events(path)[-1]["event"] == "scan"
