"""What a worker does with Arrow batches, without Spark: findings and masks are the engine's."""

import pickle
import random
from pathlib import Path

import pyarrow as pa
import pytest

import piiscan
from piiscan.errors import PiiscanError
from piiscan.frame import Plan
from piiscan.spark import plan
from piiscan.spark.batch_jobs import (
    DetectJob,
    MaskJob,
    count_findings,
    kinds_of_texts,
    mask_texts,
    replacer,
)
from piiscan.synth.corpus import make
from tests.spark.tables import DAY, TABLE, findings_of, found_by_the_engine

NAMES = tuple(TABLE.column_names)
ROOT = Path(__file__).parents[2]
TEXTS = ("姓名", "手机.号", "省", "地址", "备注")


def sent(source: pa.Table, *columns: str) -> Plan:
    """The plan of a table as a worker has it: pickled and read again."""
    pickled = pickle.dumps(plan(source, columns, as_of=DAY))
    assert len(pickled) < 100_000
    read: Plan = pickle.loads(pickled)
    return read


def batches(table: pa.Table, rows: int) -> list[pa.RecordBatch]:
    """Batches of a few rows, and one without rows."""
    cut = table.to_batches(max_chunksize=rows)
    return [cut[0].slice(0, 0), *cut]


def detected(planned: Plan, table: pa.Table, rows: int) -> pa.Table:
    job = DetectJob(planned, tuple(table.column_names), ("id",), clear=True)
    return pa.Table.from_batches(list(pickle.loads(pickle.dumps(job)).run(batches(table, rows))))


def masked(table: pa.Table, *columns: str, **options: object) -> pa.Table:
    job = MaskJob(sent(table, *columns), tuple(table.column_names), **options)  # type: ignore[arg-type]
    return pa.Table.from_batches(list(job.run(batches(table, 2))))


@pytest.mark.parametrize("rows", [1, 2, 5])
def test_findings_are_those_of_find_frame_however_batches_are_cut(rows: int) -> None:
    found = detected(sent(TABLE, *NAMES[1:]), TABLE, rows)
    assert findings_of(found) == found_by_the_engine()
    renamed = [str(number) for number in range(len(NAMES))]  # as mapInArrow has them
    job = DetectJob(sent(TABLE, *NAMES[1:]), NAMES, ("id",), clear=True)
    numbered = TABLE.rename_columns(renamed).to_batches()
    assert pa.Table.from_batches(list(job.run(numbered))) == detected(job.plan, TABLE, 5)


def test_findings_in_a_made_table(tmp_path: Path) -> None:
    make("sale-7967", rows=1500, seed=3, out=tmp_path)
    rows = next(tmp_path.glob("sale-7967/*.csv")).read_text("utf-8-sig").splitlines()
    header, *cells = [row.split(",") for row in rows]
    table = pa.table([list(each) for each in zip(*cells, strict=True)], header)
    table = table.add_column(0, "id", pa.array(range(len(table))))
    found = detected(sent(table, *header), table, 700)
    assert findings_of(found) == found_by_the_engine(table)
    shuffled = list(range(len(table)))
    random.Random(1).shuffle(shuffled)
    moved = detected(sent(table, *header), table.take(shuffled), 700)
    assert findings_of(moved) == findings_of(found)


@pytest.mark.parametrize("kind", [pa.large_string(), pa.dictionary(pa.int32(), pa.string())])
def test_cells_of_other_string_types(kind: pa.DataType) -> None:
    columns = {n: TABLE[n].cast(kind) if n in TEXTS else TABLE[n] for n in NAMES}
    table = pa.table(columns)
    assert findings_of(detected(sent(table, *NAMES[1:]), table, 2)) == found_by_the_engine()
    result = masked(table, *TEXTS)
    assert result.schema == table.schema
    assert result["手机.号"].to_pylist() == masked(TABLE, *TEXTS)["手机.号"].to_pylist()


def test_values_are_masked_in_place_and_all_else_stays() -> None:
    result = masked(TABLE, *TEXTS)
    assert result.schema == TABLE.schema
    assert result.select(["id", "n", "d"]) == TABLE.select(["id", "n", "d"])
    assert result["手机.号"].to_pylist() == [
        *("138****8000", "139****9000 和 138****8000", None, "138****8000", "无")
    ]
    assert result["备注"].to_pylist() == [
        *("身份证4301***********016，收件人王**", "***@example.com", None, "", "无")
    ]
    left = piiscan.find_frame(result.drop_columns(["id"]), as_of=DAY)
    assert not {"CN_MOBILE", "CN_RESIDENT_ID", "EMAIL_ADDRESS"} & set(left["entity"].to_pylist())


def test_other_operators_are_presidio_s() -> None:
    result = masked(TABLE, "手机.号", operator="cn_replace")
    assert result["手机.号"].to_pylist()[:2] == ["[CN_MOBILE]", "[CN_MOBILE] 和 [CN_MOBILE]"]
    hashed = masked(TABLE, "手机.号", operator="cn_hash", params={"key": bytes(32)})
    assert hashed["手机.号"].to_pylist()[0] == "92da7eefd3ee800f4d28a331ade55203"
    with pytest.raises(Exception, match="32 bytes"):
        replacer("cn_hash", {})
    job = MaskJob(sent(TABLE, "姓名"), NAMES, "cn_hash", {"key": b"K" * 32})
    assert "KKK" not in repr(job)


def test_running_texts() -> None:
    planned = sent(TABLE)
    texts = pa.array(["电话13800138000，a@example.com，b@example.com", None, ""])
    assert mask_texts(planned, texts) == [
        *("电话138****8000，***@example.com，***@example.com", None, "")
    ]
    assert kinds_of_texts(planned, texts) == [["CN_MOBILE", "EMAIL_ADDRESS"], None, []]
    assert count_findings(planned, texts) == [3, None, 0]


def test_wrong_arguments_have_sentences() -> None:
    with pytest.raises(PiiscanError, match="no column nothing"):
        plan(TABLE, "nothing")
    with pytest.raises(PiiscanError, match="min_score"):
        plan(TABLE, min_score=2)
    with pytest.raises(TypeError, match="table is expected"):
        plan([1])


def test_a_worker_makes_one_engine() -> None:
    first, second = sent(TABLE, "姓名"), sent(TABLE, "备注")
    assert first.engine is second.engine
