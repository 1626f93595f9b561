"""The ledger holds what a killed run must find again, and one run at a time."""

import dataclasses
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from piiscan import CaseError
from piiscan.case.store.job_store import (
    PENDING,
    READ,
    JobStore,
    Source,
    SourceOutcome,
    is_unfinished,
)
from piiscan.errors import ChangedFileError
from piiscan.hashing.digest import file_sha256
from piiscan.hashing.key import load_key

ONE = Source(1, "/evidence/\udcb0.csv", "evidence/?.csv", 5, 10**18, 1)
TWO = Source(2, "/evidence/b.csv", "evidence/b.csv", 6, -5, 1)


def test_sources_come_back_as_they_were_enrolled(tmp_path: Path) -> None:
    with closing(JobStore(tmp_path / "l")) as ledger:
        ledger.add_sources([TWO, ONE], generation=1)
    with closing(JobStore(tmp_path / "l")) as ledger:
        assert ledger.sources() == [ONE, TWO]
        assert {source.state for source in ledger.sources()} == {PENDING}
        assert ledger.get("generation") == 1


def test_an_outcome_comes_back_whole(tmp_path: Path) -> None:
    outcome = SourceOutcome(
        "aa",
        "bb",
        {"findings/000001.parquet": "cc"},
        [{"member": "", "rows": 3}],
        [{"member": "x", "reason": "EMPTY", "detail": "", "row": None, "lost": False}],
        [["CN_MOBILE", "cn.mobile", "plausible", None, 3]],
        [[[1, ["cn.mobile"], None]]],
    )
    done = dataclasses.replace(ONE, state=READ, outcome=outcome)
    with closing(JobStore(tmp_path / "l")) as ledger:
        ledger.add_sources([ONE, TWO], generation=1)
        ledger.finish_sources([done])
        assert ledger.sources() == [done, TWO]


def test_enrolling_is_all_or_nothing(tmp_path: Path) -> None:
    def broken():
        yield ONE
        raise OSError("disk")

    with closing(JobStore(tmp_path / "l")) as ledger:
        with pytest.raises(OSError, match="disk"):
            ledger.add_sources(broken(), generation=1)
        assert ledger.sources() == []
        assert ledger.get("generation") is None


def test_a_second_run_is_refused_while_one_goes_on(tmp_path: Path) -> None:
    with closing(JobStore(tmp_path / "l")), pytest.raises(CaseError, match="another run"):
        JobStore(tmp_path / "l")
    JobStore(tmp_path / "l").close()


def test_a_damaged_ledger_is_refused(tmp_path: Path) -> None:
    (tmp_path / "l").write_bytes(b"not a database" * 100)
    with pytest.raises(CaseError, match="damaged"):
        JobStore(tmp_path / "l")


def test_a_generation_without_manifest_is_unfinished(tmp_path: Path) -> None:
    path = tmp_path / "l"
    assert is_unfinished(path, generation=1)
    with closing(JobStore(path)) as ledger:
        assert is_unfinished(path, generation=1)  # a run goes on
        ledger.add_sources([ONE], generation=1)
    assert not is_unfinished(path, generation=1)
    assert is_unfinished(path, generation=2)


def finished(path: Path) -> Path:
    with closing(JobStore(path)) as ledger:
        ledger.add_sources([ONE], generation=3)
    assert not is_unfinished(path, generation=3)
    return path


@pytest.mark.parametrize("journal", ["wal", "shm", "journal"])
def test_a_journal_beside_a_finished_ledger_is_of_a_run_that_was_killed(
    journal: str, tmp_path: Path
) -> None:
    path = finished(tmp_path / "l")
    (tmp_path / f"l-{journal}").touch()
    assert is_unfinished(path, generation=3)


CHANGED_JOBS = ("update job set value = 'three'", "update job set value = ''")


@pytest.mark.parametrize("damage", ["delete from job", "drop table job", *CHANGED_JOBS])
def test_a_ledger_that_names_no_generation_is_unfinished(damage: str, tmp_path: Path) -> None:
    path = finished(tmp_path / "l")
    with closing(sqlite3.connect(path)) as base:
        base.execute(damage)
        base.commit()
    assert is_unfinished(path, generation=3)


def test_a_ledger_that_is_no_database_is_unfinished(tmp_path: Path) -> None:
    path = tmp_path / "l"
    path.write_bytes(b"13800138000" * 100)
    assert is_unfinished(path, generation=0)
    path.write_bytes(b"")
    assert is_unfinished(path, generation=0)
    path.unlink()
    path.mkdir()
    assert is_unfinished(path, generation=0)


def test_looking_whether_a_run_finished_writes_nothing(tmp_path: Path) -> None:
    path = finished(tmp_path / "l")
    with closing(sqlite3.connect(path)) as base:  # as an old run left it on a disk now read-only
        base.execute("pragma journal_mode = wal")
    before = path.read_bytes()
    assert before[18:20] == b"\x02\x02"
    tmp_path.chmod(0o500)
    try:
        assert not is_unfinished(path, generation=3)
    finally:
        tmp_path.chmod(0o700)
    assert path.read_bytes() == before
    assert sorted(each.name for each in tmp_path.iterdir()) == ["l", "l.sha256", "tmp"]


def test_troubles_come_in_order_and_the_newest_of_one_place_counts(tmp_path: Path) -> None:
    old = {"member": "b", "reason": "FIFO", "detail": "old"}
    new, other = {**old, "detail": "new"}, {**old, "reason": "DEVICE"}
    third = {"member": "a", "reason": "SOCKET", "detail": ""}
    with closing(JobStore(tmp_path / "l")) as ledger:
        ledger.add_troubles([old, old, other])
        assert ledger.troubles() == [other, old]
        ledger.add_troubles([new, third])
        assert ledger.troubles() == [third, other, new]


def test_a_source_that_is_opened_again_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    again = dataclasses.replace(ONE, size=9, generation=2)
    with closing(JobStore(tmp_path / "l")) as ledger:
        ledger.add_sources([ONE, TWO], generation=1)
        ledger.add_sources([again], generation=2)
        assert ledger.sources() == [again, TWO]
        assert ledger.get("generation") == 2


def test_a_folder_in_the_place_of_a_ledger_is_told(tmp_path: Path) -> None:
    (tmp_path / "l").mkdir()
    with pytest.raises(CaseError, match="unable to open"):
        JobStore(tmp_path / "l")


def test_a_closed_ledger_is_one_file_that_a_read_only_disk_can_hold(tmp_path: Path) -> None:
    path = tmp_path / "l"
    with closing(JobStore(path)) as ledger:
        ledger.add_sources([ONE], generation=1)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["l", "l.sha256", "tmp"]
    assert (tmp_path / "l.sha256").read_text() == f"{file_sha256(path)}  l\n"
    assert path.read_bytes()[18:20] == b"\x01\x01"  # SQLite's rollback journal, not WAL


def test_the_ledger_is_private(tmp_path: Path) -> None:
    JobStore(tmp_path / "l").close()
    assert (tmp_path / "l").stat().st_mode & 0o777 == 0o600


def test_the_journal_is_merged_every_so_many_sources(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("piiscan.case.store.job_store._FLUSHED", 2)
    sources = [dataclasses.replace(ONE, source=n, absolute_path=f"/{n}") for n in range(1, 6)]
    with closing(JobStore(tmp_path / "l")) as ledger:
        ledger.add_sources(sources, generation=1)
        for source in sources:
            ledger.finish_sources([dataclasses.replace(source, state=READ)])
        (tmp_path / "m").write_bytes((tmp_path / "l").read_bytes())  # without its journal
    with closing(sqlite3.connect(tmp_path / "m")) as base:
        states = [state for (state,) in base.execute("select state from sources order by source")]
    assert states == ["read", "read", "read", "pending", "pending"]


@pytest.mark.parametrize(
    "forgery",
    [
        'update sources set outcome = replace(outcome, \'"sm3": "\', \'"sm3": "0\')',
        "update sources set place = '\"/etc/passwd\"'",
        "update sources set source = 2",
        "insert into sources select 2, '\"b\"', path, 1, 0, 1, state, outcome, '' from sources",
        "update job set value = '9' where name = 'generation'",
        "insert into job values ('corrections', '{}', '')",
        "update troubles set entry = '{}'",
    ],
)
def test_a_row_that_was_written_without_the_key_is_not_used(forgery: str, tmp_path: Path) -> None:
    path = tmp_path / "l"
    key = load_key(tmp_path / "key")
    with closing(JobStore(path, key)) as ledger:
        ledger.put("settings", {"key": key.fingerprint})
        ledger.add_sources([Source(1, "a", "a", 1, 0, 1, READ)], generation=1)
        ledger.add_troubles([{"member": "a", "reason": "X"}])

    def read(ledger: JobStore) -> list[object]:
        return [
            ledger.sources(),
            ledger.troubles(),
            *map(ledger.get, ("generation", "corrections")),
        ]

    with closing(JobStore(path, key)) as ledger:
        before = read(ledger)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(forgery)
    with closing(JobStore(path, key)) as ledger, pytest.raises(ChangedFileError):
        read(ledger)
    with closing(JobStore(path)) as ledger:  # nothing is compared without the key
        assert read(ledger) != before
