"""A case of Spark tables has the records, ladder and persons of the same rows as files."""

import csv
import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import piiscan
from piiscan import Case, CaseError, count
from piiscan import spark as doors
from piiscan.errors import PiiscanError
from piiscan.frame import plan
from tests.case.count.test_count import PERSON, person
from tests.keys import random_secret, write_key

DAY = datetime.date(2026, 1, 1)
SALE = ("姓名", "手机号", "状态", "买家", "价格")
#: Tables of the lake: headers and rows.
LAKE: dict[str, tuple[tuple[str, ...], list[tuple[str, ...]]]] = {
    "people": (
        PERSON,
        [person(n % 60) for n in range(150)] + [("张三", "", "13800138000")] * 3,
    ),
    "sale": (
        SALE,
        [(f"李{'甲乙丙丁'[n % 4]}", f"139{n:08d}", "已售", "王五", "2.5") for n in range(40)],
    ),
}


@pytest.fixture
def files(tmp_path: Path) -> Case:
    """The rows as files, scanned and counted."""
    write_key(tmp_path / "key", random_secret(4))
    for name, (headers, rows) in LAKE.items():
        with (tmp_path / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([headers, *rows])
    case = piiscan.scan(
        [tmp_path / "people.csv", tmp_path / "sale.csv"],
        case=tmp_path / "files",
        key=tmp_path / "key",
        as_of=DAY,
    )
    count(case)
    return case


#: Tables that name files or their columns, and the alarms, which a lake does not have.
OF_FILES = {"alarms", "by_source", "flow_nodes", "parts", "sources"}


@pytest.mark.program("java")
@pytest.mark.filterwarnings("ignore")
def test_a_lake_is_counted_as_its_rows_in_files(spark: Any, files: Case, tmp_path: Path) -> None:
    found = {}
    for name, (headers, rows) in LAKE.items():
        numbered = [(n, *row) for n, row in enumerate(rows, 2)]
        schema = ", ".join(["id long", *(f"`{each}` string" for each in headers)])
        table = spark.createDataFrame(numbered, schema)
        planned = plan(pa.table(list(map(list, zip(*rows, strict=True))), list(headers)), as_of=DAY)
        spread = table.repartition(5)
        result = doors.detect(
            spread, plan=planned, key=tmp_path / "key", row="id", name=f"{name}.csv"
        )
        if name == "people":  # stored, and read again; the other is found as the case is made
            result.write.parquet(str(tmp_path / f"{name}.found"))
            result = spark.read.parquet(str(tmp_path / f"{name}.found"))
        found[f"{name}.csv"] = result
    case = doors.case(found, tmp_path / "lake", key=tmp_path / "key")
    count(case)
    tables, expected = case.tables(), files.tables()
    assert {"ladder", "units", "kinds"} <= {*expected}
    assert {name for name in expected if tables[name] != expected[name]} <= OF_FILES
    assert case.verify() == []
    columns = [n for n in files.findings().column_names if n not in ("line", "byte_offset")]
    made, same = (each.findings().select(columns).to_pylist() for each in (case, files))
    assert made == same
    left = b"".join(each.read_bytes() for each in tmp_path.glob("*.found/*.parquet"))
    assert b"13800138000" not in left
    assert random_secret(4).hex() not in str(spark.sparkContext.getConf().getAll())
    assert not (tmp_path / "lake-rows").exists()
    with pytest.raises(CaseError, match="another case"):
        doors.case({"people": found["people.csv"]}, tmp_path / "lake", key=tmp_path / "key")
    write_key(tmp_path / "other", random_secret(5))
    with pytest.raises(CaseError, match="not the key"):
        doors.case(found, tmp_path / "next", key=tmp_path / "other")
    twice = spark.createDataFrame([(1, "13800138000"), (1, "13900139000")], "id long, t string")
    with pytest.raises(PiiscanError, match="one number"):
        doors.case(
            {"t": doors.detect(twice, key=tmp_path / "key", row="id", as_of=DAY)},
            tmp_path / "twice",
            key=tmp_path / "key",
        )
    with pytest.raises(PiiscanError, match="row="):
        doors.detect(twice, key=tmp_path / "key")
    with pytest.raises(PiiscanError, match="not found with a key"):
        doors.case({"t": twice}, tmp_path / "no", key=tmp_path / "key")


def test_rows_of_a_case_pass_through_spark_in_their_types() -> None:
    from piiscan.spark.table_records import COLUMNS, KINDS, from_spark

    assert set(KINDS["findings"].names) - {"source"} <= set(COLUMNS)
    empty = pa.table([pa.array([], kind) for kind in COLUMNS.values()], list(COLUMNS))
    for kind, schema in KINDS.items():
        assert from_spark(kind, empty, 1).schema == schema
