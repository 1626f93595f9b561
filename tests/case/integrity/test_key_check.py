"""The key protects manifests and log; verify says how far it does, and which head was noted."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from piiscan import Case, CaseError
from piiscan.case.integrity.key_check import KeyCheck, check_key, find_noted_head
from piiscan.case.integrity.verify import verify_case
from piiscan.case.report.destination import save_report
from piiscan.case.store.audit_log import AuditLog, line_hashes, now, read_events
from piiscan.case.store.keyed_checksum import LogMac, read_log_mac
from piiscan.hashing.head_groups import head_groups, parse_head
from piiscan.hashing.key import load_key
from tests.case.dump import scan_dump
from tests.case.integrity.made_case import Made, make_case, rehash, write_log
from tests.keys import random_secret, write_key


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, rules: Path) -> Made:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("piiscan.detect.catalog.catalog.shipped_folder", lambda: rules)
        return make_case(tmp_path_factory.mktemp("keyed"))


@pytest.fixture
def made(whole: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Made:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "nobody"))
    shutil.copytree(whole.case, tmp_path / "case")
    shutil.copy(whole.key, tmp_path / "test.key")
    return Made(tmp_path)


def report(made: Made, name: str, *, key: bool) -> None:
    case = Case.open(made.case, key=made.key if key else None)
    save_report(case, name.encode(), case.path / "reports" / name)


def reasons(check: KeyCheck) -> list[tuple[str, str]]:
    return [(each.reason, each.name) for each in check.differences]


def test_the_key_protects_every_line_that_was_written_with_it(made: Made) -> None:
    lines = len(line_hashes(made.case / "log.jsonl"))
    check = check_key(made.case, made.key)
    assert check == KeyCheck((), ((1, lines),), lines)
    assert (check.unprotected, check.gaps) == (None, [])


def test_lines_without_the_key_are_protected_by_none_until_a_run_with_it(made: Made) -> None:
    lines = len(line_hashes(made.case / "log.jsonl"))
    report(made, "a.html", key=False)
    report(made, "b.html", key=False)
    check = check_key(made.case, made.key)
    assert check.unprotected == (lines + 1, lines + 2)
    assert check.differences == ()
    report(made, "c.html", key=True)
    check = check_key(made.case, made.key)
    assert check.ranges == ((1, lines), (lines + 3, lines + 3))
    assert check.gaps == [(lines + 1, lines + 2)]
    assert check.unprotected is None
    assert verify_case(made.case) == []


def test_the_users_own_key_is_used_without_asking(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    (made.home / "piiscan").mkdir()
    shutil.copy(made.key, made.home / "piiscan" / "case.key")
    monkeypatch.setenv("XDG_DATA_HOME", str(made.home))
    report(made, "a.html", key=False)
    assert check_key(made.case, made.key).unprotected is None


def test_a_named_key_of_another_case_is_refused(made: Made) -> None:
    write_key(made.key, random_secret(4))
    with pytest.raises(CaseError, match="is not the key"):
        report(made, "a.html", key=True)
    names = ["manifest.json", "manifest-0002.json"]
    assert reasons(check_key(made.case, made.key)) == [
        *(("KEY_OTHER", name) for name in names),
        ("MAC_WRONG", "log.mac"),
    ]
    with pytest.raises(CaseError, match="is not there"):
        check_key(made.case, made.home / "none.key")
    assert not (made.home / "none.key").exists()


@pytest.mark.parametrize("name", ["manifest.mac", "manifest-0002.mac", "log.mac"])
def test_a_keyed_checksum_taken_away_is_missed_by_everybody(made: Made, name: str) -> None:
    (made.case / name).unlink()
    assert ("FILE_MISSING", name) in [(d.reason, d.name) for d in verify_case(made.case)]
    assert reasons(check_key(made.case, made.key)) == [("MAC_MISSING", name)]


def test_a_run_with_the_key_notes_for_good_that_the_log_was_rewritten(made: Made) -> None:
    events = read_events(made.case / "log.jsonl")[:-1]
    write_log(made.case, events)
    report(made, "a.html", key=True)
    differed = [d for d in verify_case(made.case) if d.detail == "DIFFERED"]
    assert [each.line for each in differed] == [len(events) + 1]
    assert check_key(made.case, made.key).gaps == [(1, len(events))]


def test_a_checksum_of_one_file_is_none_of_another(made: Made) -> None:
    shutil.copy(made.case / "manifest.mac", made.case / "manifest-0002.mac")
    assert ("MAC_WRONG", "manifest-0002.json") in reasons(check_key(made.case, made.key))


def test_a_source_that_was_not_read_again_stays_what_the_manifest_before_said(made: Made) -> None:
    path = made.case / "manifest-0002.json"
    content = json.loads(path.read_text())
    max(content["sources"], key=lambda each: each["hits"])["hits"] = 0
    text = json.dumps(content, ensure_ascii=True, indent=1, sort_keys=True) + "\n"
    path.write_text(text)
    rehash(made.case)
    found = [(d.reason, d.name, d.detail) for d in verify_case(made.case)]
    assert found == [("CHAIN_BROKEN", path.name, "EARLIER_SOURCES")]


def test_a_noted_head_is_found_and_what_came_later_is_said(made: Made) -> None:
    head = parse_head(head_groups(made.head()))
    line = len(line_hashes(made.case / "log.jsonl"))
    report(made, "a.html", key=True)
    noted = find_noted_head(made.case, head)
    assert noted is not None
    assert (noted.line, noted.later) == (line, ("report",))
    assert find_noted_head(made.case, "0" * 40) is None


def test_ranges_are_read_only_in_order_and_undamaged(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    key = load_key(tmp_path / "key", case=tmp_path / "case")
    mac = LogMac.of(key.mac_key, ((1, 4), (7, 9)), "00", log.name)
    (tmp_path / "log.mac").write_bytes(mac.line(log.name))
    assert read_log_mac(log) == mac
    assert mac.is_valid(key.mac_key, "00", log.name)
    assert not mac.is_valid(key.mac_key, "01", log.name)
    assert not LogMac(((1, 9),), mac.checksum).is_valid(key.mac_key, "00", log.name)
    (tmp_path / "log.mac").write_bytes(LogMac(((7, 9), (1, 4)), mac.checksum).line(log.name))
    assert read_log_mac(log) is None
    (tmp_path / "log.mac").write_bytes(mac.line("other"))
    assert read_log_mac(log) is None


def test_a_log_begun_with_the_key_has_a_checksum_from_the_start(tmp_path: Path) -> None:
    key = load_key(tmp_path / "key", case=tmp_path / "case")
    log = AuditLog(tmp_path / "log.jsonl", key)
    found = read_log_mac(tmp_path / "log.jsonl")
    assert found is not None
    assert found.ranges == ()
    log.append("scan", moment=now())
    log.close()
    found = read_log_mac(tmp_path / "log.jsonl")
    assert found is not None
    assert found.ranges == ((1, 1),)


def test_a_scan_that_adds_nothing_keeps_the_case_protected(
    made: Made, whole: Made, monkeypatch: pytest.MonkeyPatch, rules: Path
) -> None:
    monkeypatch.setattr("piiscan.detect.catalog.catalog.shipped_folder", lambda: rules)
    scan_dump([whole.home / "dump"], made.case)
    assert check_key(made.case, made.key).differences == ()
