"""The log is a chain: any line changed, dropped or inserted is found."""

import datetime
from contextlib import closing
from pathlib import Path

import pytest

from piiscan import CaseError
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


def test_the_log_is_private_and_has_china_standard_time(path: Path) -> None:
    assert audit_log.read_events(path)[0]["time"] == "2026-01-01T08:00:00+08:00"
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("line", range(4))
def test_a_line_changed_or_dropped_breaks_the_chain(path: Path, line: int) -> None:
    lines = path.read_text().splitlines(keepends=True)
    changed = lines[line].replace(f'"source": {line}', '"source": 99')
    for instead, broken in (([changed], line + 2), ([], line + 1)):
        path.write_text("".join([*lines[:line], *instead, *lines[line + 1 :]]))
        assert audit_log.broken_link(path) == broken


def test_the_last_line_is_held_by_the_head(path: Path) -> None:
    head = audit_log.head_at(path, 5)
    path.write_text(path.read_text().replace('"source": 4', '"source": 99'))
    assert audit_log.broken_link(path) is None
    assert audit_log.head_at(path, 5) != head


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


def events(path: Path) -> list[str]:
    return [entry["event"] for entry in audit_log.read_events(path)]


def reopen(path: Path) -> list[str]:
    with closing(audit_log.AuditLog(path)):
        pass
    return events(path)


def test_a_new_log_has_a_head_at_once_and_an_untouched_one_gains_nothing(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    with closing(audit_log.AuditLog(path)):
        head = audit_log.recorded_head(path)
        assert head == audit_log.LogHead(0, "0" * 64)
    assert (path.read_bytes(), reopen(path), audit_log.recorded_head(path)) == (b"", [], head)


def test_every_difference_from_the_head_is_an_event_of_the_log(path: Path) -> None:
    head, text = path.with_suffix(".head").read_bytes(), path.read_bytes()
    lines = text.splitlines(keepends=True)
    changes = {
        "log gone": (None, head),
        "head gone": (text, None),
        "head empty": (text, b""),
        "head of another log": (text, head.replace(b"log.jsonl", b"old.jsonl")),
        "head with a line more": (text, head + b"x\n"),
        "last line gone": (b"".join(lines[:-1]), head),
        "last line changed": (text.replace(b'"source": 4', b'"source": 5'), head),
        "all gone but its name": (b"", head),
    }
    for what, (log, recorded) in changes.items():
        for file, content in ((path, log), (path.with_suffix(".head"), recorded)):
            file.unlink(missing_ok=True)
            if content is not None:
                file.write_bytes(content)
        assert reopen(path)[-1] == audit_log.DIFFERS, what
        assert reopen(path).count(audit_log.DIFFERS) == 1, what  # told once


def test_lines_beyond_the_head_are_of_a_run_that_was_killed(path: Path) -> None:
    with closing(audit_log.AuditLog(path)) as writer:
        before = path.with_suffix(".head").read_bytes()
        writer.append("scan", moment=MOMENT)
    path.with_suffix(".head").write_bytes(before)
    assert reopen(path) == ["source"] * 5 + ["scan"]


ZEROS = b"0" * 64


@pytest.mark.parametrize(
    "line",
    [
        *(b"", b"00  log.jsonl:5\n", b"G" * 64 + b"  log.jsonl:5\n", ZEROS + b"  log.jsonl:5"),
        *(ZEROS + b"  log.jsonl:" + each for each in (b"05\n", b"-1\n", b"9" * 13 + b"\n")),
        *(ZEROS + b" log.jsonl:5\n", ZEROS + b"  other.jsonl:5\n"),
    ],
)
def test_a_damaged_head_is_none(path: Path, line: bytes) -> None:
    path.with_suffix(".head").write_bytes(line)
    assert audit_log.recorded_head(path) is None
    path.with_suffix(".head").unlink()
    assert audit_log.recorded_head(path) is None


@pytest.mark.parametrize("lines", [0, 5, 10, 999_999_999_999])
def test_a_head_is_read_as_it_was_written(path: Path, lines: int) -> None:
    head = audit_log.LogHead(lines, "0123456789abcdef" * 4)
    path.with_suffix(".head").write_bytes(head.line("log.jsonl"))
    assert audit_log.recorded_head(path) == head


@pytest.mark.parametrize("line", [b"[1]", b"1", b"{", b'"x"', b"\xff", b"null"])
def test_a_line_that_is_no_event_breaks_the_chain_and_is_left_out(path: Path, line: bytes) -> None:
    path.write_bytes(path.read_bytes() + line + b"\n")
    assert audit_log.broken_link(path) == 6
    assert events(path) == ["source"] * 5


def test_a_line_with_the_right_hash_and_a_wrong_number_breaks_the_chain(path: Path) -> None:
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:-1], lines[-1].replace(b'"seq": 5', b'"seq": 6')]))
    assert audit_log.broken_link(path) == 5


def test_the_head_after_some_lines_is_that_of_the_last_of_them(path: Path) -> None:
    assert audit_log.head_at(path, 0) == audit_log.LogHead(0, "0" * 64)
    heads = [audit_log.head_at(path, lines) for lines in range(1, 6)]
    entries = audit_log.read_events(path)
    assert [head.sha256 for head in heads[:-1]] == [entry["prev"] for entry in entries[1:]]
    assert audit_log.head_at(path, 99) == heads[-1] == audit_log.recorded_head(path)


def test_the_log_of_a_case_is_written_by_one_process_at_a_time(tmp_path: Path) -> None:
    with audit_log.open_log(tmp_path) as log:
        log.append("seal", moment=MOMENT, files=3)
        with pytest.raises(CaseError, match="another run"), audit_log.open_log(tmp_path):
            pass
    (entry,) = audit_log.read_events(tmp_path / "log.jsonl")
    assert (entry["event"], entry["files"], entry["prev"]) == ("seal", 3, "0" * 64)
    assert audit_log.recorded_head(tmp_path / "log.jsonl") == log.head
