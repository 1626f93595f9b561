"""A folder becomes a case: counted, private, reproducible, continued, never written beside."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from piiscan.case.store import audit_log
from piiscan.case.store.case import Case
from piiscan.case.store.job_store import CHANGED
from piiscan.errors import CaseError
from piiscan.tabular import typed_table
from tests.case.dump import DAY, content, scan_dump, write_dump


@pytest.fixture(scope="module")
def dump(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_dump(tmp_path_factory.mktemp("evidence") / "dump")


@pytest.fixture
def case(dump: Path, tmp_path: Path) -> Case:
    return scan_dump([dump], tmp_path / "case", operator="某某", case_number="0001号")


def kinds(case: Case) -> dict[str, tuple[int, int | None, int]]:
    return {r["entity"]: (r["hits"], r["valid"], r["distinct"]) for r in case.tables()["kinds"]}


def test_kinds_are_counted_with_hits_valid_and_distinct(case: Case) -> None:
    assert kinds(case) == {
        "CN_MOBILE": (82, 82, 42),
        "CN_RESIDENT_ID": (80, 60, 1),
        "PERSON": (82, 82, 5),
        "CREDENTIAL": (1, 1, 1),
        "EMAIL_ADDRESS": (1, 1, 1),
        "MASKED": (1, None, 1),
    }
    assert [row["class"] for row in case.tables()["kinds"]][-1] == "masked"


def test_combinations_are_counted_per_record(case: Case) -> None:
    rows = {tuple(r["combination"]): r for r in case.tables()["combinations"]}
    full = rows["CN_MOBILE", "CN_RESIDENT_ID", "PERSON"]
    assert (full["records"], full["distinct_records"]) == (60, 30)
    assert rows["CN_MOBILE", "PERSON"]["records"] == 21
    assert rows["PERSON",]["records"] == 1  # 王五, whose number is masked


def test_sources_carry_checksums_states_and_rows(case: Case, dump: Path) -> None:
    rows = {Path(row["path"]).name: row for row in case.tables()["sources"]}
    assert len(rows) == 6
    assert all(len(row["sha256"]) == len(row["sm3"]) == 64 for row in rows.values())
    assert {name: row["state"] for name, row in rows.items()} == {
        "broken.zip": "unread",
        "empty.txt": "read",
        "notes.txt": "read",
        "old.zip": "read",
        "sale.csv": "read",
        "客户.csv": "read",
    }
    assert rows["sale.csv"]["rows"] == 40


def test_what_was_not_read_is_listed_with_its_reason(case: Case) -> None:
    rows = case.tables()["unread"]
    assert {(Path(r["path"]).name, r["reason"], r["lost"]) for r in rows} == {
        ("broken.zip", "CORRUPT", True),
        ("empty.txt", "EMPTY", False),
    }
    assert case.manifest.content["counters"]["unread"] == 1


def test_every_finding_can_be_found_again_in_the_bytes(case: Case, dump: Path) -> None:
    paths = {s["source"]: Path(s["path"]) for s in case.stored("sources").to_pylist()}
    seen = 0
    for row in case.findings().to_pylist():
        if row["entity"] != "CN_MOBILE" or row["member"]:
            continue
        raw = (dump / paths[row["source"]].name).read_bytes()
        digits = raw[row["byte_offset"] : row["byte_offset"] + 11].decode("ascii")
        assert re.fullmatch(r"1[3-9]\d{9}", digits)
        assert digits[:3] + "****" + digits[7:] == row["masked"]
        seen += 1
    assert seen == 42


def test_the_manifest_tells_how_the_case_was_made(case: Case) -> None:
    manifest = case.manifest.content
    assert (manifest["operator"], manifest["case_number"]) == ("某某", "0001号")
    assert manifest["settings"]["as_of"] == DAY.isoformat()
    assert set(manifest["settings"]["data"]) >= {"regions", "bins"}
    assert sum(manifest["mounts"].values()) == 6
    assert manifest["started"].endswith("+08:00")
    assert manifest["started"] <= manifest["finished"]
    assert len(manifest["sources"]) == 6
    assert manifest["tool"]["cache"]["state"] == "on"


def test_no_clear_value_is_in_the_case(case: Case) -> None:
    """Not in a shard, table, page, log, manifest or ledger; names of files are the exception."""
    for path in case.path.rglob("*"):
        if path.is_file() and path.suffix != ".parquet":
            text = path.read_bytes()
            for value in (b"13700137000", b"430104190506150016", b"hunter22", b"abc@example"):
                assert value not in text, path
    for path in case.shards("findings"):
        table = pq.read_table(path).drop_columns(["member", "digest"])
        assert not re.search(r"1[3-9]\d{9}|\d{17}[\dX]|hunter|abc@", str(table.to_pylist()))


def test_names_that_hold_values_are_shown_masked(case: Case) -> None:
    shown = json.dumps(case.tables(), ensure_ascii=False)
    page = (case.path / "report.html").read_text("utf-8")
    for text in (shown, page):
        assert "内层/138****5678.csv" in text
        assert "13812345678" not in text
    assert "13812345678" not in (case.path / "log.jsonl").read_text()


def test_folders_and_files_are_private(case: Case) -> None:
    for path in [case.path, *case.path.rglob("*")]:
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600), path


def test_a_fresh_case_verifies(case: Case) -> None:
    assert case.verify() == []


@pytest.mark.parametrize("workers", [1, 3])
def test_the_same_input_gives_the_same_bytes(
    case: Case, dump: Path, tmp_path: Path, workers: int
) -> None:
    (tmp_path / "b").mkdir()
    shutil.copy(tmp_path / "test.key", tmp_path / "b" / "test.key")
    other = scan_dump([dump], tmp_path / "b" / "case", workers=workers)
    assert content(other.path) == content(case.path)


def test_another_key_gives_other_digests_and_the_same_counts(
    case: Case, dump: Path, tmp_path: Path
) -> None:
    (tmp_path / "b").mkdir()
    other = scan_dump([dump], tmp_path / "b" / "case")
    assert kinds(other) == kinds(case)
    assert other.findings()["digest"] != case.findings()["digest"]


def test_sql_asks_over_findings_and_sources(case: Case) -> None:
    table = case.sql(
        "select s.path, count(*) n from findings f join sources s using (source)"
        " where entity = 'CN_MOBILE' group by 1 order by 1"
    )
    assert table["n"].to_pylist() == [1, 40, 40, 1]
    assert case.sql("select count(*) n from clear")["n"].to_pylist() == [0]
    assert case.sql("select count(*) n from errors where lost")["n"].to_pylist() == [1]


def test_the_dataset_holds_the_same_rows(case: Case) -> None:
    assert case.dataset().to_table().num_rows == case.findings().num_rows == 247


# ── what is refused ──────────────────────────────────────────────────────────────────────────────


def test_a_case_inside_a_source_is_refused(dump: Path) -> None:
    with pytest.raises(CaseError, match="never written to"):
        scan_dump([dump], dump / "case")
    assert not (dump / "case").exists()


def test_a_source_inside_the_case_is_refused(tmp_path: Path) -> None:
    (tmp_path / "case" / "dump").mkdir(parents=True)
    with pytest.raises(CaseError, match="inside the case"):
        scan_dump([tmp_path / "case" / "dump"], tmp_path / "case")


def test_a_folder_that_is_no_case_is_refused(dump: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "letter.txt").touch()
    with pytest.raises(CaseError, match="no case"):
        scan_dump([dump], tmp_path / "other")
    assert [path.name for path in (tmp_path / "other").iterdir()] == ["letter.txt"]


@pytest.mark.parametrize(
    ("option", "value"), [("min_score", 0.3), ("names", False), ("reveal", True)]
)
def test_other_options_on_the_same_case_are_refused(
    case: Case, dump: Path, option: str, value: object
) -> None:
    with pytest.raises(CaseError, match=f"other options.*{option}"):
        scan_dump([dump], case.path, **{option: value})
    assert case.verify() == []


def test_an_unfinished_case_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match="no such"):
        Case.open(tmp_path / "none")
    with pytest.raises(CaseError, match="no finished case"):
        Case.open(tmp_path)


def test_a_full_disk_ends_the_run_and_a_second_run_finishes_it(
    dump: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("piiscan.case.store.shards.RESERVE", 1 << 60)
        with pytest.raises(CaseError, match="free some space"):
            scan_dump([dump], tmp_path / "case")
    assert scan_dump([dump], tmp_path / "case").verify() == []


# ── continuing ───────────────────────────────────────────────────────────────────────────────────


def test_scanning_again_changes_nothing(case: Case, dump: Path) -> None:
    def kept() -> dict[Path, bytes]:
        files = [path for path in case.path.rglob("*") if path.is_file()]
        return {path: path.read_bytes() for path in files if path.stem != "ledger"}

    before = kept()
    again = scan_dump([dump], case.path)
    assert again.manifest.sha256 == case.manifest.sha256
    assert kept() == before


def test_the_day_of_a_case_stays(case: Case, dump: Path, tmp_path: Path) -> None:
    from piiscan.case.scan.scan import scan

    again = scan([dump], case=case.path, key=tmp_path / "test.key")
    assert again.manifest.content["settings"]["as_of"] == DAY.isoformat()


def test_added_files_are_scanned_and_the_others_left(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    more = tmp_path / "more.csv"
    more.write_text("手机号\n13600136000\n", encoding="utf-8")
    opened = []
    real = typed_table.open_tables
    monkeypatch.setattr(
        typed_table, "open_tables", lambda path, **kw: (opened.append(path), real(path, **kw))[1]
    )
    first = case.manifest.path.read_bytes()
    added = scan_dump([more], case.path)
    assert opened == [more]
    assert added.manifest.path.name == "manifest-0002.json"
    assert added.manifest.content["previous"] == case.manifest.sha256
    assert case.manifest.path.read_bytes() == first
    assert kinds(added)["CN_MOBILE"] == (83, 83, 43)
    assert kinds(case)["CN_MOBILE"] == (82, 82, 42)  # the first generation's tables stay
    assert added.verify() == []


def test_a_finished_source_that_is_another_file_now_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "a.csv"
    source.write_text("手机号\n13600136000\n", encoding="utf-8")
    case = scan_dump([source], tmp_path / "case")
    source.write_text("手机号\n13600136009\n", encoding="utf-8")
    with pytest.raises(CaseError, match="no longer what was scanned"):
        scan_dump([source], case.path)
    assert [d.reason for d in case.verify()] == ["SOURCE_CHANGED"]


# ── a source that changes under the run ──────────────────────────────────────────────────────────


def test_a_source_changed_while_it_was_read_is_left_out_and_read_by_the_next_run(
    dump: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "a.csv"
    source.write_text("手机号\n13600136000\n", encoding="utf-8")
    real = typed_table.open_tables

    def meddle(path: Path, **more: object):
        for table in real(path, **more):
            yield table
            if path == source:
                path.write_text("手机号\n13600136009\n", encoding="utf-8")

    with monkeypatch.context() as patch:
        patch.setattr(typed_table, "open_tables", meddle)
        case = scan_dump([source, dump], tmp_path / "case")
    (changed,) = (each for each in case.tables()["sources"] if each["path"].endswith("/a.csv"))
    assert (changed["state"], changed["hits"]) == (CHANGED, 0)
    assert kinds(case)["CN_MOBILE"] == (82, 82, 42)
    assert [(d.reason, d.name) for d in case.verify()] == [
        ("SOURCE_CHANGED_DURING_RUN", f"#{changed['source']}")
    ]
    again = scan_dump([source, dump], case.path)
    assert again.manifest.generation == 2
    assert kinds(again)["CN_MOBILE"] == (83, 83, 43)
    assert again.verify() == []


def test_a_source_that_goes_away_is_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "a.csv"
    source.write_text("手机号\n13600136000\n", encoding="utf-8")
    real = typed_table.open_tables
    monkeypatch.setattr(
        typed_table, "open_tables", lambda path, **kw: (path.unlink(), real(path, **kw))[1]
    )
    case = scan_dump([source], tmp_path / "case")
    assert case.tables()["sources"][0]["state"] in ("unread", CHANGED)
    assert case.manifest.content["counters"]["unread"] >= 1
    assert case.tables()["kinds"] == []


def test_a_block_that_cannot_be_examined_is_noted_and_the_run_goes_on(
    dump: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from piiscan.case.scan import scan as line

    real = line.scan_block

    def fail(block, frame, kit):
        if block.columns[0][1].as_py() == "李四":
            raise ValueError("李四 13900139000")
        return real(block, frame, kit)

    monkeypatch.setattr(line, "scan_block", fail)
    case = scan_dump([dump], tmp_path / "case")
    failed = [row for row in case.tables()["unread"] if row["reason"] == "SCAN_FAILED"]
    assert [row["lost"] for row in failed] == [True]
    assert re.fullmatch(r"ValueError at scan:\d+", failed[0]["detail"])
    assert "13900139000" not in json.dumps(case.tables())
    assert kinds(case)["CN_MOBILE"] == (81, 81, 41)


# ── reveal, progress, log ────────────────────────────────────────────────────────────────────────


def test_reveal_writes_clear_values_to_files_of_their_own(dump: Path, tmp_path: Path) -> None:
    case = scan_dump([dump], tmp_path / "case", reveal=True)
    clear = case.sql("select entity, value from clear where entity = 'EMAIL_ADDRESS'").to_pylist()
    assert clear == [{"entity": "EMAIL_ADDRESS", "value": "abc@example.com"}]
    assert case.sql("select value from clear where entity = 'CREDENTIAL'").to_pylist() == [
        {"value": None}
    ]
    for path in case.shards("clear"):
        beside = path.with_name(path.name + ".sha256").read_text()
        assert beside.split() == [case.manifest.content["files"][f"clear/{path.name}"], path.name]
    assert "13700137000" not in str(case.findings().to_pylist())
    assert case.verify() == []


def test_progress_never_falls_and_ends_at_the_whole(dump: Path, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    scan_dump([dump], tmp_path / "case", progress=lambda done, total: told.append((done, total)))
    size = sum(path.stat().st_size for path in dump.iterdir())
    assert {total for _, total in told} == {size}
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert told[-1] == (size, size)


def test_the_log_tells_of_every_source_and_the_manifest(case: Case) -> None:
    events = audit_log.read_events(case.path / "log.jsonl")
    assert [event["event"] for event in events] == ["scan", *["source"] * 6, "manifest", "report"]
    assert events[-2]["sha256"] == case.manifest.sha256


def test_originals_are_opened_for_reading_only_and_nothing_appears_beside_them(
    dump: Path, tmp_path: Path
) -> None:
    before = {p: (p.read_bytes(), p.stat().st_mtime_ns) for p in dump.iterdir()}
    names = sorted(dump.iterdir())
    for path in dump.iterdir():
        path.chmod(0o400)
    dump.chmod(0o500)
    try:
        scan_dump([dump], tmp_path / "case")
    finally:
        dump.chmod(0o700)
        for path in dump.iterdir():
            path.chmod(0o600)
    assert sorted(dump.iterdir()) == names
    assert {p: (p.read_bytes(), p.stat().st_mtime_ns) for p in dump.iterdir()} == before
