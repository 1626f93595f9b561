"""Parquet, Feather and Arrow files are read whole, nested or not, damaged or not."""

import datetime
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import feather

from piiscan.sources.limits import Budget
from tests.sources.formats.five import HEADERS, PEOPLE, check_five, found_values
from tests.sources.tables import check_damage, lost, read_all, read_reasons, told, zipped

COLUMNS = {
    name: list(cells) for name, cells in zip(HEADERS, zip(*PEOPLE, strict=True), strict=True)
}


def written(write: Callable[..., None], table: pa.Table | dict[str, Any], **options: Any) -> bytes:
    """The bytes that a function of Arrow writes of a table."""
    sink = pa.BufferOutputStream()
    write(table if isinstance(table, pa.Table) else pa.table(table), sink, **options)
    return bytes(sink.getvalue())


def write_stream(table: pa.Table, sink: pa.BufferOutputStream) -> None:
    with pa.ipc.new_stream(sink, table.schema) as out:
        out.write_table(table)


Writer = Callable[[pa.Table | dict[str, Any]], bytes]
WRITERS: dict[str, Writer] = {
    "parquet": lambda table: written(pq.write_table, table, row_group_size=2),
    "zstd": lambda table: written(pq.write_table, table, compression="zstd"),
    "feather": lambda table: written(feather.write_feather, table),
    "stream": lambda table: written(write_stream, table),
}
writers = pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)


@writers
def test_five_rows_are_five_rows(write: Writer) -> None:
    data = write(COLUMNS)
    assert check_five(data, "") == []
    assert check_five(zipped({"b.x": data}), "b.x") == []


@writers
@pytest.mark.parametrize("dictionary", [False, True])
def test_nested_columns_have_dotted_names(write: Writer, dictionary: bool) -> None:
    columns = [pa.array(cells) for cells in COLUMNS.values()]
    if dictionary:
        columns = [column.dictionary_encode() for column in columns]
    inner = pa.StructArray.from_arrays(columns[1:3], HEADERS[1:3])
    outer = pa.StructArray.from_arrays([inner, columns[3]], ["账户", HEADERS[3]])
    data = write({"姓名": columns[0], "x": outer})
    assert check_five(data, "", ("姓名", "x.账户.手机号", "x.账户.email", "x.地址")) == []


def test_lists_and_maps() -> None:
    friends = [{"电话": "13900139001", "城": "甲"}, {"电话": "13900139002"}]
    facts = [[("email", person[2]), ("n", None)] for person in PEOPLE]
    table = {
        "姓名": COLUMNS["姓名"],
        "朋友": [friends, [], None, [], []],
        "属性": pa.array(facts, pa.map_("str", "str")),
        "号": [[1, 2], [3], [], None, [4]],
    }
    places, troubles = found_values(written(pq.write_table, table))
    assert troubles == []
    assert places["13900139001\n13900139002"] == [("", 1, "朋友.电话")]
    assert places["p5@example.com"] == [("", 5, "属性.email")]
    assert places["1\n2"] == [("", 1, "号")]


def test_values_of_every_type_are_texts() -> None:
    at = datetime.datetime.fromisoformat("2024-01-02 03:04:05")
    table = pa.table(
        {
            "a": pa.array([13800138000], pa.int64()),
            "b": pa.array([13800138001.0]),
            "c": pa.array([at.date()]),
            "d": pa.array([at], pa.timestamp("ns")),
            "e": pa.array([at], pa.timestamp("us")),
            "f": pa.array([True]),
            "g": pa.array(["张三".encode()]),
            "h": pa.array(["诸葛亮".encode("gbk")]).view(pa.binary()).view(pa.string()),
            "i": pa.array([2**62], pa.timestamp("us")),
        }
    )
    texts = {"诸葛亮", "张三"}
    numbers = {"13800138000", "13800138001", "2024-01-02", "2024-01-02 03:04:05", "true"}
    for data, wanted in (
        (written(feather.write_feather, table), numbers | texts),
        (written(pq.write_table, table.drop_columns(["i"])), texts),
    ):
        places, troubles = found_values(data)
        assert (wanted - set(places), troubles) == (set(), [])


def test_binary_values_are_members_and_metadata_are_read() -> None:
    listed = '[{"姓名": "张三"}]'.encode()
    table = pa.table({"姓名": ["李四", "王五"], "附件": [listed, bytes(50)]})
    table = table.replace_schema_metadata({"说明": "联系 13800138000"})
    data = written(pq.write_table, table)
    places, troubles = found_values(data)
    assert places["张三"] == [("附件/1", 1, "姓名")]
    assert places["联系 13800138000"] == [("#metadata", 1, "value")]
    assert lost(troubles) == ["BINARY_VALUES"]
    assert "ZIP_DEPTH" in read_reasons(data, budget=Budget(depth=0))


def test_rows_behind_a_damaged_row_group_keep_their_numbers() -> None:
    names = {"a": [f"n{number:05}" for number in range(30_000)]}
    whole = written(pq.write_table, names, row_group_size=10_000, use_dictionary=False)
    group = pq.ParquetFile(pa.BufferReader(whole)).metadata.row_group(1)
    at = group.column(0).data_page_offset
    places, troubles = found_values(whole[:at] + bytes(40) + whole[at + 40 :])
    assert lost(troubles) == ["CORRUPT"]
    assert places["n29999"] == [("", 30_000, "a")]
    assert "n10000" not in places


@writers
def test_random_damage_raises_nothing(write: Writer) -> None:
    data = write(COLUMNS)
    check_damage(data, 20, begin=8)
    check_damage(data[: len(data) // 2], 5, begin=8)


def test_many_rows_of_one_value_end_at_the_budget() -> None:
    array: Any = pa.DictionaryArray.from_arrays(pa.array([0] * 300_000), ["x" * 1000])
    data = written(pq.write_table, {"a": array})
    assert lost(read_all(data, budget=Budget(ratio_from=1 << 20))[1]) == ["ZIP_RATIO"]


def test_encrypted_columns_and_empty_tables() -> None:
    assert told(read_all(b"PARE" + bytes(40) + b"PARE")[1]) == [("", "ENCRYPTED", True)]
    empty = written(pq.write_table, {"a": pa.array([], pa.string())})
    assert told(read_all(empty)[1]) == [("", "EMPTY", False)]
