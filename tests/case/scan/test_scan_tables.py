"""Tables agree with the shards, whichever way they are counted, and with each other."""

import csv
import io
import json
from collections import Counter
from pathlib import Path

import pytest

from piiscan import Case
from piiscan.case.report.table_files import table_csv, write_tables
from piiscan.case.scan.scan_tables import SCAN_TABLES
from piiscan.case.scan.tables.kind_tables import ROLES
from piiscan.case.scan.tables.scan_table_inputs import CLASSES
from piiscan.case.scan.tables.unread_table import UNREAD
from piiscan.wording.words import Words
from tests.case.scanned import query_rows, scan_files


def test_kinds_agree_with_every_finding(case: Case) -> None:
    """A naive count over the rows, beside the counts taken while scanning and DuckDB's."""
    findings = case.findings().to_pylist()
    hits, refuted, verified = Counter[str](), Counter[str](), Counter[str]()
    distinct: dict[str, set[bytes]] = {}
    for row in findings:
        hits[row["entity"]] += 1
        refuted[row["entity"]] += row["verdict"] == "refuted"
        verified[row["entity"]] += row["verdict"] == "verified"
        if row["verdict"] != "refuted":
            distinct.setdefault(row["entity"], set()).add(row["digest"])
    for row in case.tables()["kinds"]:
        entity = row["entity"]
        assert row["hits"] == hits.pop(entity)
        assert row["distinct"] == len(distinct.get(entity, ()))
        if row["class"] == "masked":
            assert row["valid"] is row["verified"] is row["refuted"] is None
        else:
            assert row["refuted"] == refuted[entity]
            assert row["verified"] == verified[entity]
            assert row["valid"] == row["hits"] - row["refuted"]
    assert not hits


@pytest.mark.parametrize(
    ("table", "name", "part"),
    [
        ("provinces", "province", "province"),
        ("ages", "age_band", "age_band"),
        ("carriers", "carrier", "carrier"),
        ("sexes", "sex", "sex"),
    ],
)
def test_coarse_attributes_agree_with_the_columns_of_findings(
    case: Case, table: str, name: str, part: str
) -> None:
    rows = case.sql(
        f"select {part} as {name}, entity, count(*) hits, count(distinct digest) as distinct"
        f" from findings where verdict <> 'refuted' and {part} is not null group by all"
    ).to_pylist()
    counted = case.tables()[table]
    assert counted
    assert sorted(map(repr, counted)) == sorted(map(repr, rows))


def test_combinations_agree_with_every_record(case: Case) -> None:
    records = case.sql("select combination, hex(digest) d from records").to_pylist()
    count = Counter(row["combination"] for row in records)
    distinct = {(row["combination"], row["d"]) for row in records}
    assert case.tables()["combinations"] == [
        {
            "combination": name.split("+"),
            "records": number,
            "distinct_records": sum(name == other for other, _ in distinct),
        }
        for name, number in sorted(count.items(), key=lambda item: (-item[1], item[0]))
    ]


def test_sources_add_up_to_kinds(case: Case) -> None:
    tables = case.tables()
    for name in ("hits", "valid", "refuted"):
        by_source = sum(row[name] or 0 for row in tables["by_source"])
        assert by_source == sum(row[name] or 0 for row in tables["kinds"])
    assert sum(row["hits"] for row in tables["sources"]) == case.findings().num_rows
    assert sum(row["hits"] for row in tables["reasons"]) == case.findings().num_rows
    assert sum(row["records"] for row in tables["sources"]) == sum(
        row["records"] for row in tables["combinations"]
    )


def test_kinds_are_grouped_by_class(case: Case) -> None:
    classes = [row["class"] for row in case.tables()["kinds"]]
    assert classes == sorted(classes, key=CLASSES.index)


def test_csv_opens_in_excel_with_chinese_headings(case: Case) -> None:
    raw = (case.tables_folder / "kinds.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    heading, first, *_ = csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline=""))
    assert heading[:4] == ["类别", "信息类型", "类型代码", "命中"]
    assert first[:3] == ["个人信息", "手机号码", "CN_MOBILE"]


def test_csv_and_json_have_the_same_rows(case: Case) -> None:
    declared = {table.name: table for table in SCAN_TABLES}
    tables = case.tables()
    assert [*tables["roles"], *tables["holder_accounts"]] == []  # which have no files
    for name, rows in ((name, rows) for name, rows in tables.items() if rows):
        raw = (case.tables_folder / f"{name}.csv").read_text("utf-8-sig")
        read = list(csv.reader(io.StringIO(raw, newline="")))
        assert len(read) == len(rows) + 1, name
        assert {len(line) for line in read} == {len(declared[name].columns_in("files"))}


def test_a_cell_cannot_become_a_formula() -> None:
    row = {
        "source": 1, "path": '=HYPERLINK("http://x")', "member": "@x", "row": None,
        "reason": "EMPTY", "detail": "+1-1", "lost": True,
    }  # fmt: skip
    text = table_csv(UNREAD, [row], Words("zh")).decode("utf-8-sig")
    line = list(csv.reader(io.StringIO(text, newline="")))[1]
    assert line[1] == '\'=HYPERLINK("http://x")'
    assert line[2] == "'@x"
    assert line[6] == "'+1-1"
    assert line[7] == "是"


def test_tables_can_be_written_in_english(case: Case, tmp_path: Path) -> None:
    (tmp_path / "tmp").mkdir()
    (tmp_path / "out").mkdir()
    written = write_tables(
        SCAN_TABLES,
        case.tables(),
        tmp_path / "out",
        case.words("en"),
        temporary=tmp_path / "tmp",
    )
    filled = [name for name, rows in case.tables().items() if rows]
    assert set(written) == {f"{name}.{suffix}" for name in filled for suffix in ("csv", "json")}
    text = (tmp_path / "out" / "combinations.csv").read_text("utf-8-sig")
    assert text.startswith("combination,records,distinct records")
    assert "name" in text
    assert (tmp_path / "out" / "kinds.json").read_bytes() == (
        case.tables_folder / "kinds.json"
    ).read_bytes()


def test_json_keys_are_english(case: Case) -> None:
    for path in case.tables_folder.glob("*.json"):
        content = json.loads(path.read_text("utf-8"))
        assert content["table"] == path.stem
        assert all(key.isascii() for row in content["rows"] for key in row)


def test_roles_are_counted_and_keep_two_people_apart(tmp_path: Path) -> None:
    text = (
        "收件人姓名,收件人手机号,寄件人手机号,手机号\n"
        "张三,13500135000,13400134000,13300133000\n"
        "李四,13500135001,,13300133001\n"
    )
    case = scan_files(tmp_path, {"a.csv": text})
    assert case.tables()["roles"] == [
        {"role": "recipient", "entity": "CN_MOBILE", "hits": 2, "valid": 2, "refuted": 0},
        {"role": "recipient", "entity": "PERSON", "hits": 2, "valid": 2, "refuted": 0},
        {"role": "sender", "entity": "CN_MOBILE", "hits": 1, "valid": 1, "refuted": 0},
    ]
    people = query_rows(case, "select people, count(*) from records group by all order by all")
    assert people == [
        ("recipient:CN_MOBILE+PERSON;CN_MOBILE", 1),
        ("recipient:CN_MOBILE+PERSON;sender:CN_MOBILE;CN_MOBILE", 1),
    ]
    assert "收件人,手机号码,CN_MOBILE,2,2,0" in table_csv(
        ROLES, case.tables()["roles"], case.words("zh")
    ).decode("utf-8-sig")
