"""Parts scanned anywhere, or cases of one key, are one case: that of one scan, or a refusal."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from piiscan import Case, CaseError, count, merge, scan
from piiscan.case.store import shard_runs
from piiscan.case.store.audit_log import broken_link, read_events
from tests.case.dump import DAY, REFUTED, VALID, content, scan_dump, write_dump, write_register
from tests.case.scanned import write_files
from tests.keys import random_secret, write_key
from tests.often import long


def lines(count: int, first: int = 0) -> str:
    """Return a table of ``count`` rows."""
    rows = (f"{VALID[n % 3]},138{n:08d}\n" for n in range(first, first + count))
    return "身份证号,手机号\n" + "".join(rows)


@pytest.fixture(scope="module", autouse=True)
def small_blocks() -> Iterator[None]:
    """Share shards among four sources; from 1,000 bytes on a source has its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shard_runs, "BLOCK", 4)
        patch.setattr(shard_runs, "LARGE", 1000)
        yield


def split(home: Path, of: int) -> Path:
    """Scan a dump with tables of one row, and in between large ones, whole and in parts.

    Write ``seized``, ``whole``, ``part1`` … and, merged while the evidence is away, ``case``.
    """
    seized = write_dump(home / "seized")
    tables = {f"t{n:02d}.csv": lines(99 if n % 5 == 0 else 1, n) for n in range(14)}
    write_files(seized, tables)
    scan_dump([seized], home / "whole", reveal=True)
    parts = scan_parts(seized, home, of, reveal=True)
    seized.rename(home / "away")
    join(parts[::-1], home / "case")
    (home / "away").rename(seized)
    return home


@pytest.fixture(scope="module")
def three(rules: Path, small_blocks: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with evidence, its scan, its three parts, and these merged; nobody changes it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("piiscan.detect.catalog.catalog.shipped_folder", lambda: rules)
        return split(tmp_path_factory.mktemp("three"), 3)


@pytest.fixture
def home(three: Path, tmp_path: Path) -> Path:
    """A copy of that folder."""
    return shutil.copytree(three, tmp_path / "home")


@pytest.fixture
def few(tmp_path: Path) -> Path:
    """Two large tables and two small ones."""
    tables = {f"t{n}.csv": lines(40 if n < 2 else 1, n) for n in range(4)}
    return write_files(tmp_path / "seized", tables)


def scan_parts(seized: Path, home: Path, of: int, **options: Any) -> list[Path]:
    """Scan all parts of a folder by one listing; return their folders."""
    options = {"listing": home / "listing.json", **options}
    folders = [home / f"part{number}" for number in range(1, of + 1)]
    for number, folder in enumerate(folders, 1):
        scan_dump([seized], folder, part=f"{number}/{of}", **options)
    return folders


def figures(case: Case) -> dict[str, Any]:
    """Return all tables of a case, counted."""
    count(case)
    return {name: rows for name, rows in case.tables().items() if name != "count_log"}


def join(parts: list[Path], case: Path, **options: Any) -> Case:
    """Merge parts with the key beside the case."""
    return merge(parts, case=case, **{"key": case.parent / "test.key", **options})


def parts_of(home: Path) -> list[Path]:
    """Return the three parts."""
    return [home / f"part{number}" for number in (1, 2, 3)]


@pytest.mark.parametrize("of", [3, long(2), long(8), long(64)])
def test_parts_give_the_shards_and_tables_of_one_scan(three: Path, tmp_path: Path, of: int) -> None:
    made = three if of == 3 else split(tmp_path, of)
    whole, merged = (Case.of(made / name, key=made / "test.key") for name in ("whole", "case"))
    assert content(merged.path) == content(whole.path)
    assert merged.verify() == []
    assert figures(merged) == figures(whole)
    for name in ("counters", "mounts", "settings", "troubles", "sources"):
        assert merged.manifest.content[name] == whole.manifest.content[name]


def test_the_log_of_each_part_stays_whole(home: Path) -> None:
    merged = Case.of(home / "case", key=home / "test.key")
    for number, part in enumerate(parts_of(home), 1):
        kept = merged.path / "parts" / f"{number:04d}"
        assert broken_link(kept / "log.jsonl") is None
        for name in ("log.jsonl", "manifest.json"):
            assert (kept / name).read_bytes() == (part / name).read_bytes()
    named = [e["file"] for e in read_events(merged.path / "log.jsonl") if e["event"] == "part"]
    assert len(named) == 6
    (merged.path / named[0]).write_bytes(b"")
    assert [each.name for each in merged.verify()] == [named[0]]
    entries = merged.manifest.content["parts"]
    assert sum(each["sources"] for each in entries) == len(merged.manifest.content["sources"])
    assert [each["part"]["number"] for each in entries] == [1, 2, 3]


def test_a_part_is_no_case(three: Path, home: Path) -> None:
    seized, part = three / "seized", home / "part1"
    with pytest.raises(CaseError, match="part 1/3"):
        count(part)
    for number in (None, "1/2"):
        with pytest.raises(CaseError, match="another part"):
            scan_dump([seized], part, part=number)
    again = scan_dump([seized], part, part="1/3", listing=home / "listing.json", reveal=True)
    assert again.manifest.generation == 1


@pytest.mark.parametrize("text", ["0/3", "4/3", "1", "1/0", "a/b", "-1/2", "01/2", "1/2/3"])
def test_a_part_has_a_number(tmp_path: Path, text: str) -> None:
    with pytest.raises(CaseError, match="names no part"):
        scan_dump([write_files(tmp_path / "d", {"a.csv": lines(1)})], tmp_path / "c", part=text)
    assert not (tmp_path / "c").exists()


def test_other_machines_have_other_paths(three: Path, home: Path) -> None:
    moved, listing = (home / "seized").rename(home / "mounted"), home / "listing.json"
    parts = parts_of(home)
    shutil.rmtree(parts[1])
    scan_dump([moved], parts[1], part="2/3", listing=listing, reveal=True)
    assert content(join(parts, home / "joint").path) == content(three / "whole")
    with pytest.raises(CaseError, match="listing has 1 paths, 2 are given"):
        scan_dump([moved, parts[0]], home / "p3", part="2/3", listing=listing)


def test_a_file_that_is_not_the_listed_one_is_refused(home: Path) -> None:
    (home / "seized" / "t03.csv").write_text(lines(2), "utf-8")
    with pytest.raises(CaseError, match="no longer the file that was listed"):
        scan_dump([home / "seized"], home / "p", part="1/1", listing=home / "listing.json")


#: What is done to three parts -> the refusal.
REFUSALS: list[tuple[str, Callable[[Path, list[Path]], object], str]] = [
    ("one is missing", lambda _, parts: parts.pop(1), "parts 2/3 are missing"),
    ("one twice", lambda _, parts: parts.append(parts[0]), "twice"),
    (
        "a copy of one",
        lambda home, parts: parts.append(shutil.copytree(parts[0], home / "copy")),
        "twice",
    ),
    (
        "of another listing",
        lambda home, parts: (
            (home / "seized" / "t01.csv").write_text(lines(3), "utf-8"),
            shutil.rmtree(parts[2]),
            scan_dump([home / "seized"], parts[2], part="3/3", reveal=True),
        ),
        "two listings",
    ),
    (
        "of another number of parts",
        lambda home, parts: (
            shutil.rmtree(parts[2]),
            scan_dump([home / "seized"], parts[2], part="3/4", reveal=True),
        ),
        "two listings",
    ),
    (
        "of another key",
        lambda home, parts: (
            shutil.rmtree(parts[2]),
            scan_dump(
                [home / "seized"],
                parts[2],
                part="3/3",
                key=write_key(home / "other.key", random_secret(9)),
            ),
        ),
        "is not the key of this case",
    ),
    (
        "of other settings",
        lambda home, parts: (
            shutil.rmtree(parts[2]),
            scan_dump([home / "seized"], parts[2], part="3/3", names=False, min_score=0.7),
        ),
        "differ in min_score, names",
    ),
    ("a whole case", lambda home, parts: parts.append(home / "whole"),
     "is a whole case"),
    ("a changed shard", lambda _, parts: next(parts[0].glob("findings/*")).write_bytes(b"x"),
     "differs from its records"),
    ("a changed log", lambda _, parts: (parts[1] / "log.jsonl").write_bytes(b"{}\n"),
     "not the file|differs"),
    ("a changed job store", lambda _, parts: (parts[1] / "ledger.sqlite").write_bytes(
        (parts[0] / "ledger.sqlite").read_bytes()), "differs from its records"),
    ("unfinished", lambda _, parts: [each.unlink() for each in parts[0].glob("manifest*")],
     "missing|no finished case"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "sentence"), [each[1:] for each in REFUSALS],
                         ids=[each[0] for each in REFUSALS])  # fmt: skip
def test_what_is_no_set_of_parts_is_refused(
    home: Path, change: Callable[[Path, list[Path]], object], sentence: str
) -> None:
    change(home, parts := parts_of(home))
    with pytest.raises(CaseError, match=sentence) as refused:
        join(parts, home / "joint")
    assert "1380013" not in str(refused.value)
    assert not (home / "joint").exists()


def test_rules_of_the_user_must_be_the_same(few: Path, tmp_path: Path, rules: Path) -> None:
    own = shutil.copytree(rules, tmp_path / "own")
    mobile = own / "mobile.yaml"
    mobile.write_text(mobile.read_text("utf-8").replace("bare: H", "bare: L"), "utf-8")
    parts = [
        scan_dump([few], tmp_path / "p1", part="1/2").path,
        scan_dump([few], tmp_path / "p2", part="2/2", recognizers=own).path,
    ]
    with pytest.raises(CaseError, match="differ in catalogue"):
        join(parts, tmp_path / "case")
    shutil.rmtree(parts[0])
    scan_dump([few], parts[0], part="1/2", recognizers=own)
    with pytest.raises(CaseError, match="other catalogue"):
        join(parts, tmp_path / "case")
    assert join(parts, tmp_path / "case", recognizers=own).manifest.content["counters"]["sources"]


def test_a_second_pass_runs_after_the_merge(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()  # the shipped rules
    monkeypatch.setattr(shard_runs, "LARGE", 10)
    number = "482910375516"
    seized = write_files(
        tmp_path / "seized",
        {
            "a_chat.txt": f"客户冯巩来群里\n那边冯巩学五年\n今天 {number} 到了\n",
            "b_list.csv": f"姓名,快递单号\n冯巩,{number}\n",
        },
    )
    whole = scan_dump([seized], tmp_path / "whole", whole_case=True)
    parts = scan_parts(seized, tmp_path, 2, whole_case=True)
    seized.rename(tmp_path / "away")
    with pytest.raises(CaseError, match="not at hand"):
        join(parts, tmp_path / "case")
    (tmp_path / "away").rename(seized)
    merged = join(parts, tmp_path / "case")
    assert content(merged.path) == content(whole.path)
    assert "SEEN_ELSEWHERE" in str(merged.sql("select reason from findings").to_pylist())


def test_two_cases_are_those_of_one_scan(few: Path, tmp_path: Path) -> None:
    other = write_files(tmp_path / "zweite", {f"z{n}.csv": lines(2, 50 + n) for n in range(3)})
    whole = scan_dump([few, other], tmp_path / "whole", reveal=True)
    cases = [
        scan_dump([few], tmp_path / "one", reveal=True).path,
        scan_dump([other], tmp_path / "two", reveal=True).path,
    ]
    count(cases[0])
    scan_dump([other / "z0.csv"], cases[0], reveal=True)  # a second generation, and a source twice
    merged = join(cases, tmp_path / "case")
    assert [t["reason"] for t in merged.manifest.content["troubles"]] == ["GIVEN_TWICE"]
    shards = {n: b for n, b in content(merged.path).items() if not n.startswith("tables")}
    assert shards == {n: b for n, b in content(whole.path).items() if not n.startswith("tables")}
    tables, expected = figures(merged), figures(whole)
    tables["unread"] = [row for row in tables["unread"] if row["reason"] != "GIVEN_TWICE"]
    assert tables == expected
    assert merged.verify() == []


def test_a_merged_case_can_be_merged(tmp_path: Path) -> None:
    cases = []
    for name in "abc":
        folder = write_files(tmp_path / name, {f"{name}.csv": lines(2, ord(name))})
        cases.append(scan_dump([folder], tmp_path / f"case-{name}").path)
    first = join(cases[:2], tmp_path / "ab")
    merged = join([first.path, cases[2]], tmp_path / "abc")
    whole = scan_dump([tmp_path / name for name in "abc"], tmp_path / "whole")
    assert content(merged.path) == content(whole.path)
    assert merged.verify() == []
    kept = {path.relative_to(merged.path).as_posix() for path in merged.path.rglob("log.jsonl")}
    assert {"log.jsonl", "parts/0001/log.jsonl", "parts/0001/parts/0002/log.jsonl"} <= kept


def test_one_path_with_two_contents_is_two_sources(tmp_path: Path) -> None:
    seized = write_files(tmp_path / "seized", {"a.csv": lines(2), "b.csv": lines(1, 9)})
    cases = [scan_dump([seized], tmp_path / "one").path]
    for office in ("x", "y"):
        write_files(seized, {"a.csv": lines(3, ord(office))})
        other = scan_dump([seized], tmp_path / office / "two", key=tmp_path / "test.key")
        cases.append(other.path)
    merged = join(cases, tmp_path / "case")
    sources = merged.manifest.content["sources"]
    names = ["a.csv", "b.csv", "a (two).csv", "a (two 2).csv"]
    assert [Path(each["path"]).name for each in sources] == names
    assert [each["rows"] for each in sources] == [2, 1, 3, 3]
    assert [t["reason"] for t in merged.manifest.content["troubles"]] == ["GIVEN_TWICE"]
    assert {(each.reason, each.name) for each in merged.verify()} == {
        ("SOURCE_CHANGED", "#1"),
        ("SOURCE_MISSING", "#3"),
        ("SOURCE_MISSING", "#4"),
    }
    assert join(cases, tmp_path / "again").manifest.content["sources"] == sources


def test_registers_are_kept_and_must_agree(few: Path, tmp_path: Path) -> None:
    row = {"路径": "seized", "检材编号": "JC-001"}
    first = write_register(tmp_path / "one.xlsx", [row], [])
    second = write_register(tmp_path / "two.xlsx", [{**row, "检材编号": "JC-002"}], [])
    parts = scan_parts(few, tmp_path, 2, register=first)
    merged = join(parts, tmp_path / "case")
    assert [path.name for path in (merged.path / "handed").iterdir()] == ["register-0001.xlsx"]
    scan_dump([few], parts[1], part="2/2", register=second)
    with pytest.raises(CaseError, match="different registers"):
        join(parts, tmp_path / "next")
    joint = join(parts, tmp_path / "next", register=second)
    kept = sorted((joint.path / "handed").iterdir())
    assert kept[-1].read_bytes() == second.read_bytes()
    assert len(kept) == 2


def test_a_merge_happens_once_and_a_case_of_something_else_stays(home: Path) -> None:
    parts, case = parts_of(home), home / "case"
    before = (case / "manifest.json").read_bytes()
    assert join(parts, case).manifest.generation == 1
    assert (case / "manifest.json").read_bytes() == before
    with pytest.raises(CaseError, match="has another case"):
        join(parts, home / "whole")
    added = write_files(home / "more", {"m.csv": lines(1, 77)})
    grown = scan_dump([added], case, reveal=True)
    assert grown.manifest.generation == 2
    assert grown.verify() == []


def test_the_first_listing_holds(home: Path) -> None:
    seized, listing = home / "seized", home / "listing.json"
    listed = json.loads(listing.read_text("ascii"))
    assert listing.stat().st_mode & 0o77 == 0
    assert listed["as_of"] == DAY.isoformat()
    made = scan([seized], case=home / "p", key=home / "test.key", part="1/3", listing=listing)
    assert made.manifest.content["settings"]["as_of"] == DAY.isoformat()
    with pytest.raises(CaseError, match="inside"):
        scan_dump([seized], home / "x", part="1/2", listing=seized / "listing.json")
    assert not [*seized.glob("*listing*")]
    assert REFUTED not in str(listed)
