"""Spark tables and SQL functions on a cluster of this machine: what the engine says of the rows."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from piiscan import spark as doors
from piiscan.errors import PiiscanError
from tests.own_rules import write_member
from tests.spark.tables import DAY, TABLE, findings_of, found_by_the_engine

pytestmark = [
    pytest.mark.program("java"),
    pytest.mark.filterwarnings("ignore"),  # PySpark's own
]


@pytest.fixture(scope="module")
def table(spark: Any) -> Any:
    rows = [tuple(each.values()) for each in TABLE.to_pylist()]
    texts = ", ".join(f"`{name}` string" for name in TABLE.column_names[1:-2])
    schema = f"id long, {texts}, n int, d date"
    return spark.createDataFrame(rows, schema).repartition(7).cache()


def test_findings_are_those_of_the_engine_under_their_row_keys(table: Any) -> None:
    found = doors.detect(table, keep=["id"], clear=True, as_of=DAY).toArrow()
    assert findings_of(found) == found_by_the_engine()
    places = found.select(["id", "column", "start"]).to_pylist()
    assert len({tuple(each.values()) for each in places}) == len(places)


def test_values_are_masked_unless_asked_for(table: Any) -> None:
    found = doors.detect(table, ["姓名", "手机.号"], keep="id", as_of=DAY)
    assert found.columns == [
        *("id", "column", "start", "end", "entity", "recognizer", "verdict", "score"),
        *("masked", "context", "reason", "role"),
    ]
    assert "13800138000" not in str(found.collect())


def test_a_masked_table_has_the_same_rows_and_columns(table: Any) -> None:
    masked = doors.mask(table, as_of=DAY)
    assert masked.schema == table.schema
    rows = {each["id"]: each.asDict() for each in masked.collect()}
    assert rows[1]["手机.号"] == "138****8000"
    assert rows[3]["手机.号"] is None
    before = {each["id"]: each for each in TABLE.to_pylist()}
    assert all(rows[key][name] == before[key][name] for key in before for name in ("n", "d"))


def test_a_column_of_numbers_is_not_left_in_the_clear_unsaid(spark: Any) -> None:
    numbers = spark.createDataFrame([(1, 13800138000)], "id long, `手机号` long")
    with pytest.raises(PiiscanError, match="手机号 is of type bigint"):
        doors.mask(numbers, as_of=DAY)
    with pytest.raises(PiiscanError, match="手机号 is of type bigint"):
        doors.mask(numbers, "手机号", as_of=DAY)
    found = doors.detect(numbers, keep=["id"], as_of=DAY).collect()
    assert [(each["id"], each["column"], each["masked"]) for each in found] == [
        (1, "手机号", "138****8000")
    ]
    nested = spark.createDataFrame([(1, ["13800138000"])], "id long, notes array<string>")
    with pytest.raises(PiiscanError, match="notes is of type array"):
        doors.mask(nested, as_of=DAY)


def test_keys_are_asked_for_and_columns_are_known(table: Any) -> None:
    with pytest.raises(PiiscanError, match="keep="):
        doors.detect(table)
    with pytest.raises(PiiscanError, match="no column nothing"):
        doors.detect(table, ["nothing"], keep=["id"])
    with pytest.raises(PiiscanError, match="rename this key"):
        doors.detect(table.withColumnRenamed("id", "start"), keep=["start"])


def test_a_table_without_rows_has_no_findings(table: Any) -> None:
    empty = table.where("id < 0")
    assert doors.detect(empty, keep=["id"], as_of=DAY).collect() == []
    assert doors.mask(empty, as_of=DAY).collect() == []


def test_rules_of_the_user_reach_the_workers(spark: Any, tmp_path: Path) -> None:
    write_member(tmp_path)
    members = spark.createDataFrame([(1, "HY12345678")], "id long, x string")
    plan = doors.plan(members, "x", as_of=DAY, recognizers=tmp_path)
    (tmp_path / "member.yaml").unlink()
    found = doors.detect(members, keep=["id"], plan=plan).collect()
    assert [each["recognizer"] for each in found] == ["shop.member"]


def test_sql_functions(spark: Any) -> None:
    doors.register(spark, as_of=DAY)
    texts = [("收件人电话13800138000，a@example.com",), ("无",), (None,)]
    spark.createDataFrame(texts, "t string").coalesce(1).createOrReplaceTempView("texts")
    rows = spark.sql("select pii_mask(t), pii_kinds(t), pii_count(t) from texts").collect()
    assert [tuple(each) for each in rows] == [
        ("收件人电话138****8000，***@example.com", ["CN_MOBILE", "EMAIL_ADDRESS"], 2),
        ("无", [], 0),
        (None, None, None),
    ]


def test_presidio_s_recipe_works_beside_it(spark: Any) -> None:
    from pyspark.sql.functions import col, pandas_udf

    import piiscan.presidio

    analyzer = piiscan.presidio.analyzer(as_of=DAY)
    anonymizer = piiscan.presidio.anonymizer()
    operators = piiscan.presidio.operators()
    broadcasted_analyzer = spark.sparkContext.broadcast(analyzer)
    broadcasted_anonymizer = spark.sparkContext.broadcast(anonymizer)

    def anonymize_text(text: str) -> str:
        results = broadcasted_analyzer.value.analyze(text=text, language="zh")
        return broadcasted_anonymizer.value.anonymize(
            text=text, analyzer_results=results, operators=operators
        ).text

    def anonymize_series(s: pd.Series) -> pd.Series:
        return s.apply(anonymize_text)

    anonymize = pandas_udf(anonymize_series, returnType="string")
    texts = spark.createDataFrame([("电话13800138000",), ("无",)], "text string")
    rows = texts.withColumn("text", anonymize(col("text"))).collect()
    assert sorted(each["text"] for each in rows) == ["无", "电话138****8000"]
