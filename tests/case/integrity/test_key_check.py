"""The key protects manifests and log; verify says how far it does, and which head was noted."""

import json
import shutil
from pathlib import Path

import pytest

import piiscan
from piiscan import Case, CaseError
from piiscan.case.integrity.key_check import KeyCheck
from piiscan.case.integrity.verify import verify_case
from piiscan.case.report.destination import save_report
from piiscan.case.store.audit_log import AuditLog, line_hashes, now, read_events
from piiscan.case.store.keyed_checksum import LogMac, read_log_mac
from piiscan.hashing.head_groups import head_groups
from piiscan.hashing.key import load_key
from tests.case.dump import scan_dump
from tests.case.integrity.made_case import Made, make_case, rehash, write_log
from tests.keys import random_secret, write_key


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, small_rules: Path) -> Made:
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


def check_key(made: Made) -> KeyCheck:
    check = piiscan.verify(made.case, key=made.key).key_check
    assert check is not None
    return check


def reasons(check: KeyCheck) -> list[tuple[str, str]]:
    return [(each.reason, each.name) for each in check.differences]


def test_the_key_protects_every_line_that_was_written_with_it(made: Made) -> None:
    lines = len(line_hashes(made.case / "log.jsonl"))
    check = check_key(made)
    assert check == KeyCheck((), lines, lines)


def test_nothing_vouches_for_a_file_that_only_a_line_without_the_key_names(made: Made) -> None:
    lines = len(line_hashes(made.case / "log.jsonl"))
    report(made, "a.html", key=False)
    report(made, "b.html", key=False)
    check = check_key(made)
    assert (check.protected, check.unkeyed) == (lines, (lines + 1, lines + 2))
    assert reasons(check) == [("NOT_KEYED", f"reports/{name}.html") for name in "ab"]
    report(made, "c.html", key=True)
    check = check_key(made)
    assert (check.protected, check.unkeyed) == (lines + 3, (lines + 1, lines + 2))
    assert reasons(check) == [("NOT_KEYED", f"reports/{name}.html") for name in "ab"]
    report(made, "a.html", key=True)  # made again with the key
    assert reasons(check_key(made)) == [("NOT_KEYED", "reports/b.html")]
    assert verify_case(made.case) == []


def test_the_users_own_key_is_used_without_asking(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    (made.home / "piiscan").mkdir()
    shutil.copy(made.key, made.home / "piiscan" / "case.key")
    monkeypatch.setenv("XDG_DATA_HOME", str(made.home))
    report(made, "a.html", key=False)
    assert check_key(made).unkeyed == ()


def test_a_named_key_of_another_case_is_refused(made: Made) -> None:
    write_key(made.key, random_secret(4))
    with pytest.raises(CaseError, match="is not the key"):
        report(made, "a.html", key=True)
    names = ["manifest.json", "manifest-0002.json"]
    found = reasons(check_key(made))
    assert found[:3] == [*(("KEY_OTHER", name) for name in names), ("MAC_WRONG", "log.mac")]
    lines = len(line_hashes(made.case / "log.jsonl"))
    assert found.count(("MAC_WRONG", "log.jsonl")) == lines
    with pytest.raises(CaseError, match="is not there"):
        piiscan.verify(made.case, key=made.home / "none.key")
    assert not (made.home / "none.key").exists()


@pytest.mark.parametrize("name", ["manifest.mac", "manifest-0002.mac", "log.mac"])
def test_a_keyed_checksum_taken_away_is_missed_by_everybody(made: Made, name: str) -> None:
    (made.case / name).unlink()
    assert ("FILE_MISSING", name) in [(d.reason, d.name) for d in verify_case(made.case)]
    assert reasons(check_key(made)) == [("MAC_MISSING", name)]


def test_a_run_with_the_key_notes_for_good_that_the_log_was_rewritten(made: Made) -> None:
    events = read_events(made.case / "log.jsonl")[:-1]
    write_log(made.case, events)
    report(made, "a.html", key=True)
    differed = [d for d in verify_case(made.case) if d.detail == "DIFFERED"]
    assert [each.line for each in differed] == [len(events) + 1]
    check = check_key(made)
    assert check.unkeyed == tuple(range(1, len(events) + 1))  # written anew, without the key
    assert check.protected == len(events) + 2


def test_a_checksum_of_one_file_is_none_of_another(made: Made) -> None:
    shutil.copy(made.case / "manifest.mac", made.case / "manifest-0002.mac")
    assert ("MAC_WRONG", "manifest-0002.json") in reasons(check_key(made))


def test_a_source_that_was_not_read_again_stays_what_the_manifest_before_said(made: Made) -> None:
    path = made.case / "manifest-0002.json"
    content = json.loads(path.read_text())
    before = json.loads((made.case / "manifest.json").read_text())["sources"]
    content["sources"].append(max(before, key=lambda each: each["hits"]) | {"hits": 0})
    text = json.dumps(content, ensure_ascii=True, indent=1, sort_keys=True) + "\n"
    path.write_text(text)
    rehash(made.case)
    found = [(d.reason, d.name, d.detail) for d in verify_case(made.case)]
    assert found == [("CHAIN_BROKEN", path.name, "EARLIER_SOURCES")]


def test_a_noted_head_is_found_and_what_came_later_is_said(made: Made) -> None:
    head = head_groups(made.head())
    line = len(line_hashes(made.case / "log.jsonl"))
    report(made, "a.html", key=True)
    noted = piiscan.verify(made.case, expect=head).noted_head
    assert noted is not None
    assert (noted.line, noted.later) == (line, ((line + 1, "report", "reports/a.html"),))
    other = piiscan.verify(made.case, expect="0" * 64)
    assert [(d.reason, d.detail) for d in other.differences] == [("HEAD_OTHER", "EXPECTED")]


def test_a_keyed_checksum_of_the_log_is_read_only_undamaged(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    key = load_key(tmp_path / "key", case=tmp_path / "case")
    mac = LogMac.of(key.mac_key, 9, "00", log.name)
    (tmp_path / "log.mac").write_bytes(mac.line(log.name))
    assert read_log_mac(log) == mac
    assert mac.is_valid(key.mac_key, "00", log.name)
    assert not mac.is_valid(key.mac_key, "01", log.name)
    assert not LogMac(8, mac.checksum).is_valid(key.mac_key, "00", log.name)
    (tmp_path / "log.mac").write_bytes(mac.line(log.name).replace(b":9", b":8"))
    assert read_log_mac(log) is None
    (tmp_path / "log.mac").write_bytes(mac.line("other"))
    assert read_log_mac(log) is None


def test_a_log_begun_with_the_key_has_a_checksum_from_the_start(tmp_path: Path) -> None:
    key = load_key(tmp_path / "key", case=tmp_path / "case")
    log = AuditLog(tmp_path / "log.jsonl", key)
    found = read_log_mac(tmp_path / "log.jsonl")
    assert found is not None
    assert found.lines == 0
    log.append("scan", moment=now())
    log.close()
    found = read_log_mac(tmp_path / "log.jsonl")
    assert found is not None
    assert found.lines == 1


def test_a_scan_that_adds_nothing_keeps_the_case_protected(made: Made, whole: Made) -> None:
    scan_dump([whole.home / "dump"], made.case)
    assert check_key(made).differences == ()
