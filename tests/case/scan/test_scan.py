"""A folder becomes a case: counted, private, reproducible, continued, never written beside."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import piiscan
from piiscan import Case, CaseError
from piiscan.case.scan import source_reader
from piiscan.case.store import audit_log
from piiscan.case.store.job_store import CHANGED
from piiscan.progress import RunState
from piiscan.sources import walk
from piiscan.tabular import typed_table
from tests.case.dump import DAY, content, scan_dump, write_dump
from tests.case.scanned import query_rows


@pytest.fixture(scope="module")
def dump(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_dump(tmp_path_factory.mktemp("evidence") / "dump")


@pytest.fixture(scope="module")
def case(dump: Path, tmp_path_factory: pytest.TempPathFactory, small_rules: Path) -> Case:
    """A case of the dump, which no test writes to."""
    home = tmp_path_factory.mktemp("home")
    return scan_dump([dump], home / "case", operator="某某", case_number="0001号")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A list of one phone number."""
    return write_number(tmp_path / "a.csv", "13600136000")


def write_number(path: Path, number: str) -> Path:
    path.write_text(f"手机号\n{number}\n", "utf-8")
    return path


def before_tables(monkeypatch: pytest.MonkeyPatch, act: Callable[[Path], object]) -> None:
    """Call ``act`` with each source before its tables are read."""
    real = typed_table.open_tables

    def opened(path: Path, **more: Any) -> Any:
        act(path)
        return real(path, **more)

    monkeypatch.setattr(typed_table, "open_tables", opened)


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
    assert {name for name, row in rows.items() if row["state"] != "read"} == {"broken.zip"}
    assert rows["broken.zip"]["state"] == "unread"
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
    query = "select source, byte_offset, masked from findings where entity = 'CN_MOBILE'"
    phones = query_rows(case, f"{query} and member = ''")
    assert len(phones) == 42
    for source, start, masked in phones:
        digits = (dump / paths[source].name).read_bytes()[start : start + 11].decode("ascii")
        assert re.fullmatch(r"1[3-9]\d{9}", digits)
        assert digits[:3] + "****" + digits[7:] == masked


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
    table = case.findings().drop_columns(["member", "digest"])
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


@pytest.mark.parametrize("workers", [1, 3])
def test_the_same_input_gives_the_same_bytes(
    case: Case, dump: Path, tmp_path: Path, workers: int
) -> None:
    other = scan_dump([dump], tmp_path / "case", workers=workers, key=case.key)
    assert content(other.path) == content(case.path)


def test_another_key_gives_other_digests_and_the_same_counts(
    case: Case, dump: Path, tmp_path: Path
) -> None:
    other = scan_dump([dump], tmp_path / "case")
    assert kinds(other) == kinds(case)
    assert other.findings()["digest"] != case.findings()["digest"]


def test_sql_asks_over_findings_and_sources(case: Case) -> None:
    found = query_rows(
        case,
        "select count(*) from findings f join sources s using (source)"
        " where entity = 'CN_MOBILE' group by s.path order by s.path",
    )
    assert found == [(1,), (40,), (40,), (1,)]
    assert query_rows(case, "select count(*) from clear") == [(0,)]
    assert query_rows(case, "select count(*) from errors where lost") == [(1,)]
    assert case.dataset().to_table().num_rows == case.findings().num_rows == 247


# ── what is refused ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("source", "case", "told"),
    [
        ("dump", "dump/case", "never written to"),
        ("case/dump", "case", "inside the case"),
        ("dump", "other", "no case"),
    ],
)
def test_a_place_for_a_case_is_refused(tmp_path: Path, source: str, case: str, told: str) -> None:
    for name in ("dump/a.csv", "case/dump/a.csv", "other/letter.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(CaseError, match=told):
        scan_dump([tmp_path / source], tmp_path / case)
    assert sorted(tmp_path.rglob("*")) == before


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


def test_the_day_of_a_case_stays(case: Case, dump: Path) -> None:
    again = piiscan.scan([dump], case=case.path, key=case.key)
    assert again.manifest.content["settings"]["as_of"] == DAY.isoformat()


def test_added_files_are_scanned_and_the_others_left(
    case: Case, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(case.path, tmp_path / "case")
    first = Case.open(tmp_path / "case")
    opened: list[Path] = []
    before_tables(monkeypatch, opened.append)
    added = scan_dump([source], first.path, key=case.key)
    assert opened == [source]
    assert added.manifest.path.name == "manifest-0002.json"
    assert added.manifest.content["previous"] == first.manifest.sha256
    assert first.manifest.path.read_bytes() == case.manifest.path.read_bytes()
    assert kinds(added)["CN_MOBILE"] == (83, 83, 43)
    assert kinds(first)["CN_MOBILE"] == (82, 82, 42)  # the first generation's tables stay
    assert added.verify() == []


def test_a_file_is_listed_as_unreadable_until_it_can_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path) -> Any:
        if path.name == "b.csv":
            raise PermissionError(13, "denied")
        return path.open("rb")

    def unread() -> list[Any]:
        return [each["path"] for each in scan_dump([dump], case).tables()["unread"]]

    dump, case = tmp_path / "dump", tmp_path / "case"
    dump.mkdir()
    write_number(dump / "a.csv", "13600136000")
    assert unread() == []
    write_number(dump / "b.csv", "13600136001")
    with monkeypatch.context() as denied:
        denied.setattr(walk, "open_file", refuse)
        assert len(unread()) == 1  # nothing else is new
        last = Case.open(case).manifest.sha256
        assert len(unread()) == 1
        assert Case.open(case).manifest.sha256 == last
    assert unread() == []
    assert kinds(Case.open(case))["CN_MOBILE"] == (2, 2, 2)
    assert Case.open(case).verify() == []


def test_a_finished_source_that_is_another_file_now_is_refused(
    source: Path, tmp_path: Path
) -> None:
    case = scan_dump([source], tmp_path / "case")
    write_number(source, "13600136009")
    with pytest.raises(CaseError, match="no longer what was scanned"):
        scan_dump([source], case.path)
    assert [d.reason for d in case.verify()] == ["SOURCE_CHANGED"]


# ── a source that changes under the run ──────────────────────────────────────────────────────────


def test_a_source_changed_while_it_was_read_is_left_out_and_read_by_the_next_run(
    dump: Path, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = typed_table.open_tables

    def meddle(path: Path, **more: Any) -> Any:
        for table in real(path, **more):
            yield table
            if path == source:
                write_number(path, "13600136009")

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


def test_a_source_that_goes_away_is_unread(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before_tables(monkeypatch, Path.unlink)
    case = scan_dump([source], tmp_path / "case")
    assert case.tables()["sources"][0]["state"] in ("unread", CHANGED)
    assert case.manifest.content["counters"]["unread"] >= 1
    assert case.tables()["kinds"] == []


def test_a_block_that_cannot_be_examined_is_noted_and_the_run_goes_on(
    dump: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = source_reader.scan_blocks

    def fail(blocks, frames, kit):
        if any(block.columns[0][1].as_py() == "李四" for block in blocks):
            raise ValueError("李四 13900139000")
        return real(blocks, frames, kit)

    monkeypatch.setattr(source_reader, "scan_blocks", fail)
    case = scan_dump([dump], tmp_path / "case")
    failed = [row for row in case.tables()["unread"] if row["reason"] == "SCAN_FAILED"]
    assert [row["lost"] for row in failed] == [True]
    assert re.fullmatch(r"ValueError at source_reader:\d+", failed[0]["detail"])
    assert "13900139000" not in json.dumps(case.tables())
    assert kinds(case)["CN_MOBILE"] == (81, 81, 41)


# ── reveal, progress, log ────────────────────────────────────────────────────────────────────────


def test_reveal_writes_clear_values_to_files_of_their_own(dump: Path, tmp_path: Path) -> None:
    case = scan_dump([dump], tmp_path / "case", reveal=True)
    query = "select entity, value from clear where entity in ('EMAIL_ADDRESS', 'CREDENTIAL')"
    clear = [("EMAIL_ADDRESS", "abc@example.com"), ("CREDENTIAL", None)]
    assert query_rows(case, query) == clear
    for path in case.shards("clear"):
        beside = path.with_name(path.name + ".sha256").read_text()
        assert beside.split() == [case.manifest.content["files"][f"clear/{path.name}"], path.name]
    assert "13700137000" not in str(case.findings().to_pylist())
    assert case.verify() == []


def test_progress_never_falls_and_ends_at_the_whole(dump: Path, tmp_path: Path) -> None:
    told: list[RunState] = []
    scan_dump([dump], tmp_path / "case", progress=told.append)
    size = sum(path.stat().st_size for path in dump.iterdir())
    read = [each for each in told if each.stage != "tables"]
    assert {each.total for each in read} == {size}
    assert read[-1].done == size
    for values in ([each.done for each in read], [each.share for each in told]):
        assert values == sorted(values)
    assert told[-1].stage == "tables"


def test_the_log_tells_of_every_source_and_the_manifest(case: Case) -> None:
    events = audit_log.read_events(case.path / "log.jsonl")
    assert [each["event"] for each in events] == ["scan", *["source"] * 6, "manifest", "report"]
    assert events[-2]["sha256"] == case.manifest.sha256


def test_originals_are_opened_for_reading_only_and_nothing_appears_beside_them(
    dump: Path, tmp_path: Path
) -> None:
    def kept() -> dict[Path, tuple[bytes, int]]:
        return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in dump.iterdir()}

    before = kept()
    for path in dump.iterdir():
        path.chmod(0o400)
    dump.chmod(0o500)
    try:
        scan_dump([dump], tmp_path / "case")
    finally:
        dump.chmod(0o700)
        for path in dump.iterdir():
            path.chmod(0o600)
    assert kept() == before
