"""Lists hold what the rows say, each value under its key, each row at its place."""

import csv
import io
import stat
from collections import Counter
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest

from piiscan import Case, CaseError, CountError, count, export
from piiscan.case.count.reopen import require_count
from piiscan.case.export.list_file import MAX_CELL_LENGTH, ListLayout, write_list
from piiscan.case.export.list_lines import ListLine, RecordLocation
from piiscan.case.store import audit_log
from piiscan.hashing.digest import file_sha256
from piiscan.wording.words import Words
from tests.case.dump import scan_dump
from tests.case.leak import HEADERS, people, sheets, write_csv, write_leak
from tests.case.scanned import scan_files
from tests.own_rules import write_member

LISTED = people()
Row = dict[str, str]


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    home = tmp_path_factory.mktemp("listed")
    write_leak(home / "dump")
    case = scan_dump([home / "dump"], home / "case")
    count(case)
    return case


def rows_of(case: Case, out: Path, **wanted: Any) -> list[Row]:
    """What a CSV list holds."""
    done = export(case, out, **wanted, key=case.key)
    found = list(csv.DictReader(io.StringIO(out.read_text("utf-8-sig"))))
    assert len(found) == done.lines
    return found


def of_all(case: Case, name: str) -> list[dict[str, Any]]:
    """The rows of a counted table that are about the whole case."""
    return [row for row in require_count(case).tables()[name] if row["scope_kind"] == "total"]


def places(row: Row, column: str = "位置") -> list[str]:
    """File and row of every place."""
    told = [each.partition("dump/")[2] for each in row[column].split("；") if each]
    return [f"{name.rpartition(' ')[0]}:{name.rpartition('第')[2][:-1]}" for name in told]


def standing(person: Any) -> list[str]:
    """Where a person stands in the two lists."""
    return [
        f"{name}:{number}"
        for name, rows in sheets(LISTED).items()
        for number, each in enumerate(rows, 2)
        if each == person
    ]


def test_a_list_by_key_merges_a_persons_rows(case: Case, tmp_path: Path) -> None:
    rows = rows_of(case, tmp_path / "list.csv", clear=True)
    told = {row["居民身份证号码"]: row for row in rows if row["去重依据"] == "证件号码"}
    sound = [p for n, p in enumerate(LISTED) if n % 10 != 9]
    assert set(told) == {person.identity for person in sound}
    for person in sound:
        row = told[person.identity]
        cells = (row["姓名"], row["居民身份证号码"], row["手机号码"], row["地址"])
        assert cells == person.cells
        assert sorted(places(row)) == sorted(standing(person))
        assert int(row["出现次数"]) == len(standing(person))
    others = {(r["姓名"], r["手机号码"]): places(r) for r in rows if r["去重依据"] == "姓名+电话"}
    # Recipients of parcels and their senders, each of whom has a name and a phone there.
    recipients = [others.pop((person.name, person.phone)) for person in LISTED[:4]]
    assert recipients == sorted(others.values()) == [[f"parcels.csv:{n}"] for n in range(2, 6)]


def test_every_unit_has_as_many_lines_as_the_ladder_says(case: Case, tmp_path: Path) -> None:
    ladder = {row["step"]: row["count"] for row in of_all(case, "ladder")}
    for step in ("R1", "R2", "R3", "R4", "R5", "R6"):
        unit = {"R5": "key", "R6": "person"}.get(step, "row")
        assert len(rows_of(case, tmp_path / f"{step}.csv", unit=unit, step=step)) == ladder[step]


def test_rejects_are_the_rows_that_fell_each_with_its_reason(case: Case, tmp_path: Path) -> None:
    words = case.words("zh")
    for step in ("R2", "R3", "R4", "R5"):
        fell = Counter[str]()
        for row in of_all(case, "ladder_reasons"):
            if row["step"] == step and not row["kept"]:
                fell[words.name("reasons", row["reason"])] += row["count"]
        rows = rows_of(case, tmp_path / f"{step}.csv", rejects=step)
        assert Counter(row["原因"] for row in rows) == fell
    wrong = [p for n, p in enumerate(LISTED) if n % 10 == 9]
    rows = rows_of(case, tmp_path / "wrong.csv", rejects="R3", clear=True)
    assert {r["居民身份证号码"].partition("[")[0] for r in rows} == {p.identity for p in wrong}


def test_rows_without_a_finding_are_listed_from_sources_that_are_the_same(tmp_path: Path) -> None:
    table = "客户名单|姓名,手机号|张三,13800138000|,|姓名,手机号|无,无|李四,13900139000|"
    text = "第一批|收件人：张三|电话：13800138000||以上|"
    files = {"a.csv": table, "b.txt": text, "c.csv": "编号,说明|1,无|2,无|"}
    case = scan_files(tmp_path, {name: each.replace("|", "\n") for name, each in files.items()})
    count(case)
    reasons = {
        row["reason"]: row["count"]
        for row in of_all(case, "ladder_reasons")
        if row["step"] in ("R0", "R1")
    }
    rows = rows_of(case, tmp_path / "r1.csv", rejects="R1")
    words = case.words("zh")
    told = Counter(row["原因"] for row in rows)
    assert told == {words.name("reasons", k): n for k, n in reasons.items() if k != "EMPTY"}
    nothing = {places(r)[0]: r for r in rows if r["原因"].startswith("无命中")}
    assert list(nothing) == [
        *("a.csv:6", "b.txt:1", "b.txt:3", "b.txt:5", "c.csv:1", "c.csv:2", "c.csv:3")
    ]
    assert places(nothing["b.txt:3"], "与何处重复") == ["b.txt:2"]
    (tmp_path / "dump/c.csv").write_text("编号,说明\n1,无\n", "utf-8")
    with pytest.raises(CaseError, match=r"c\.csv is not what was scanned"):
        export(case, tmp_path / "out.csv", rejects="R1")
    assert not (tmp_path / "out.csv").exists()


def test_a_duplicate_names_the_row_it_repeats(case: Case, tmp_path: Path) -> None:
    rows = rows_of(case, tmp_path / "r4.csv", rejects="R4")
    told = {places(row)[0]: (row["重复范围"], *places(row, "与何处重复")) for row in rows}
    assert told["a.csv:32"] == told["a.csv:33"] == ("同一文件内", "a.csv:5")
    assert told["甲/b.csv:22"] == ("不同文件间", "a.csv:2")
    assert told["甲/b.csv:2"] == ("不同文件间", "a.csv:22")


def test_lists_are_masked_unless_said_otherwise(case: Case, tmp_path: Path) -> None:
    for unit in ("row", "key", "person"):
        export(case, tmp_path / f"{unit}.csv", unit=unit)
        text = (tmp_path / f"{unit}.csv").read_text("utf-8")
        assert not any(person.phone in text or person.identity in text for person in LISTED)
        assert "199****1000" in text


def test_the_three_formats_hold_the_same(case: Case, tmp_path: Path) -> None:
    rows = rows_of(case, tmp_path / "a.csv")
    for name in ("a.xlsx", "a.parquet"):
        export(case, tmp_path / name)
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").worksheets[0]
    heading, *told = [[str(c or "") for c in row] for row in sheet.iter_rows(values_only=True)]
    assert told == [[row[name] for name in heading] for row in rows]
    table = pq.read_table(tmp_path / "a.parquet").to_pylist()
    assert ["；".join(row["PERSON"]) for row in table] == [row["姓名"] for row in rows]
    assert [len(row["places"]) for row in table] == [int(row["出现次数"]) for row in rows]


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx", "a.parquet"])
def test_the_same_list_is_the_same_bytes(case: Case, tmp_path: Path, name: str) -> None:
    assert len({export(case, tmp_path / f"{number}{name}").sha256 for number in range(2)}) == 1


def test_what_was_written_is_private_and_logged(case: Case, tmp_path: Path) -> None:
    (case.path / "tmp" / "clear-killed").mkdir()  # left by a run that was killed
    done = export(case, tmp_path / "list.csv", clear=True, key=case.key)
    assert stat.S_IMODE((tmp_path / "list.csv").stat().st_mode) == 0o600
    entry = audit_log.read_events(case.path / "log.jsonl")[-1]
    assert (entry["event"], entry["clear"], entry["lines"]) == ("export", True, done.lines)
    assert entry["sha256"] == done.sha256 == file_sha256(done.path)
    assert [p.name for p in (case.path / "tmp").iterdir() if p.name.startswith("clear")] == []
    assert case.verify() == []


def test_a_changed_source_is_refused_by_name(tmp_path: Path) -> None:
    write_csv(tmp_path / "dump" / "x.csv", HEADERS, [LISTED[0].cells])
    case = scan_dump([tmp_path / "dump"], tmp_path / "case")
    with pytest.raises(CaseError, match="has no count yet"):
        export(case, tmp_path / "out.csv")
    count(case)
    write_csv(tmp_path / "dump" / "x.csv", HEADERS, [LISTED[1].cells])
    with pytest.raises(CaseError, match=r"x\.csv is not what was scanned"):
        export(case, tmp_path / "out.csv")
    (tmp_path / "dump" / "x.csv").unlink()
    with pytest.raises(CaseError, match=r"x\.csv cannot be read again"):
        export(case, tmp_path / "out.csv")
    assert not (tmp_path / "out.csv").exists()


def test_nothing_is_written_into_a_source_or_of_a_step_that_is_none(
    case: Case, tmp_path: Path
) -> None:
    dump = case.path.parent / "dump"
    with pytest.raises(CaseError, match="written as"):
        export(case, tmp_path / "a.pdf")
    for wanted in ({"unit": "key", "step": "R3"}, {"unit": "row", "step": "R5"}, {"rejects": "R7"}):
        with pytest.raises(CountError):
            export(case, tmp_path / "a.csv", **wanted)
    assert list(dump.rglob("*.xlsx")) == []


def made_line(number: int, places: int) -> ListLine:
    spots = [RecordLocation(1, "", row, None, None, None, None) for row in range(places)]
    return ListLine(number, "identity", False, (), spots, {"PERSON": [("=1+1", None, False)]})


def test_a_workbook_takes_more_sheets_and_puts_long_cells_apart(tmp_path: Path) -> None:
    layout = ListLayout(Words("zh"), ["PERSON"], False, {1: "x" * 50}, {})
    lines = [made_line(1, 2), made_line(2, 2000), *(made_line(n, 1) for n in range(3, 8))]
    assert write_list(tmp_path / "a.xlsx", layout, lines, temporary=tmp_path, max_rows=4) == 7
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    lists = [s for s in book.worksheets if s.title.startswith("清单")]
    assert [sheet.max_row for sheet in lists] == [4, 4, 2]
    cells = [row for sheet in lists for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert [row[0] for row in cells] == list(range(1, 8))
    assert {row[2] for row in cells} == {"=1+1"}
    assert max(len(str(cell)) for row in cells for cell in row) <= MAX_CELL_LENGTH
    rest = [s for s in book.worksheets if s.title.startswith("位置")]
    assert sum(sheet.max_row - 1 for sheet in rest) == 2000


def test_a_csv_never_runs_what_a_cell_says(tmp_path: Path) -> None:
    layout = ListLayout(Words("zh"), ["PERSON"], False, {1: "x"}, {})
    write_list(tmp_path / "a.csv", layout, [made_line(1, 1)], temporary=tmp_path)
    (row,) = csv.DictReader(io.StringIO((tmp_path / "a.csv").read_text("utf-8-sig")))
    assert row["PERSON"] == "'=1+1"


def test_another_catalogue_is_refused_where_values_are_read_again(
    case: Case, tmp_path: Path
) -> None:
    write_member(tmp_path)
    with pytest.raises(CaseError, match="other rules"):
        export(case, tmp_path / "a.csv", clear=True, key=case.key, recognizers=tmp_path)
