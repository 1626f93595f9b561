"""Parquet, Feather and Arrow files are read whole, nested or not, damaged or not."""

from __future__ import annotations

import datetime
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import feather

from piiscan.sources.limits import Budget
from tests.sources.formats.five import HEADERS, PEOPLE, check_five, found_values, lost, zipped
from tests.sources.tables import reasons

COLUMNS = {
    name: list(cells) for name, cells in zip(HEADERS, zip(*PEOPLE, strict=True), strict=True)
}


def _write_stream(table: pa.Table, path: Path) -> None:
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_stream(sink, table.schema) as out:
        out.write_table(table)


WRITERS: dict[str, Callable[[pa.Table, Path], None]] = {
    "parquet": lambda table, path: pq.write_table(table, path, row_group_size=2),
    "zstd": lambda table, path: pq.write_table(table, path, compression="zstd"),
    "feather": lambda table, path: feather.write_feather(table, str(path)),
    "stream": _write_stream,
}


@pytest.mark.parametrize("name", WRITERS)
def test_five_rows_are_five_rows(tmp_path: Path, name: str) -> None:
    path = tmp_path / "a"
    WRITERS[name](pa.table(COLUMNS), path)
    assert check_five(path, "") == []
    packed = zipped(tmp_path, **{"b.x": path.read_bytes()})
    assert check_five(packed, "b.x") == []


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize("dictionary", [False, True])
def test_nested_columns_have_dotted_names(tmp_path: Path, name: str, dictionary: bool) -> None:
    table = pa.table(COLUMNS)
    if dictionary:
        table = pa.table([column.dictionary_encode() for column in table.columns], HEADERS)
    columns = [each.combine_chunks() for each in table.columns]
    inner = pa.StructArray.from_arrays(columns[1:3], HEADERS[1:3])
    outer = pa.StructArray.from_arrays([inner, columns[3]], ["账户", HEADERS[3]])
    path = tmp_path / "a"
    WRITERS[name](pa.table({"姓名": columns[0], "x": outer}), path)
    assert check_five(path, "", ("姓名", "x.账户.手机号", "x.账户.email", "x.地址")) == []


def test_lists_and_maps(tmp_path: Path) -> None:
    table = pa.table(
        {
            "姓名": [person[0] for person in PEOPLE],
            "朋友": [
                [{"电话": "13900139001", "城": "甲"}, {"电话": "13900139002"}],
                [],
                None,
                [],
                [],
            ],
            "属性": pa.array(
                [[("email", p[2]), ("n", None)] for p in PEOPLE], pa.map_("str", "str")
            ),
            "号": [[1, 2], [3], [], None, [4]],
        }
    )
    path = tmp_path / "a"
    pq.write_table(table, path)
    places, troubles = found_values(path)
    assert troubles == []
    assert places["13900139001\n13900139002"] == [("", 1, "朋友.电话")]
    assert places["p5@example.com"] == [("", 5, "属性.email")]
    assert places["1\n2"] == [("", 1, "号")]


def test_values_of_every_type_are_texts(tmp_path: Path) -> None:
    day = datetime.date(2024, 1, 2)
    at = datetime.datetime.fromisoformat("2024-01-02 03:04:05")
    table = pa.table(
        {
            "a": pa.array([13800138000], pa.int64()),
            "b": pa.array([13800138001.0]),
            "c": pa.array([day]),
            "d": pa.array([at], pa.timestamp("ns")),
            "e": pa.array([at], pa.timestamp("us")),
            "f": pa.array([True]),
            "g": pa.array(["张三".encode()]),
            "h": pa.array(["诸葛亮".encode("gbk")]).view(pa.binary()).view(pa.string()),
            "i": pa.array([2**62], pa.timestamp("us")),
        }
    )
    path = tmp_path / "a"
    feather.write_feather(table, str(path))
    places, troubles = found_values(path)
    assert {"13800138000", "13800138001", "2024-01-02", "2024-01-02 03:04:05", "true"} <= set(
        places
    )
    assert {"诸葛亮", "张三"} <= set(places)
    assert troubles == []
    pq.write_table(table.drop_columns(["i"]), path)
    places, troubles = found_values(path)
    assert "诸葛亮" in places
    assert "张三" in places
    assert troubles == []


def test_binary_values_are_members_and_metadata_are_read(tmp_path: Path) -> None:
    listed = '[{"姓名": "张三"}]'.encode()
    table = pa.table({"姓名": ["李四", "王五"], "附件": [listed, bytes(50)]})
    path = tmp_path / "a"
    pq.write_table(table.replace_schema_metadata({"说明": "联系 13800138000"}), path)
    places, troubles = found_values(path)
    assert places["张三"] == [("附件/1", 1, "姓名")]
    assert places["联系 13800138000"] == [("#metadata", 1, "value")]
    assert lost(troubles) == ["BINARY_VALUES"]
    _, troubles = found_values(path, budget=Budget(depth=0))
    assert "ZIP_DEPTH" in lost(troubles)


def test_rows_behind_a_damaged_row_group_keep_their_numbers(tmp_path: Path) -> None:
    path = tmp_path / "a"
    names = [f"n{number:05}" for number in range(30_000)]
    pq.write_table(pa.table({"a": names}), path, row_group_size=10_000, use_dictionary=False)
    meta = pq.ParquetFile(path).metadata.row_group(1).column(0)
    data = bytearray(path.read_bytes())
    at = meta.data_page_offset
    data[at : at + 40] = bytes(40)
    path.write_bytes(data)
    places, troubles = found_values(path)
    assert lost(troubles) == ["CORRUPT"]
    assert places["n29999"] == [("", 30_000, "a")]
    assert "n10000" not in places


@pytest.mark.parametrize("name", WRITERS)
def test_random_damage_raises_nothing(tmp_path: Path, name: str) -> None:
    path = tmp_path / "a"
    WRITERS[name](pa.table(COLUMNS), path)
    data = path.read_bytes()
    rng = random.Random(1)
    for _ in range(25):
        damaged = bytearray(data)
        for _ in range(rng.choice((1, 3, 30))):
            damaged[rng.randrange(8, len(data))] = rng.randrange(256)
        path.write_bytes(damaged[: rng.choice((len(data), len(data), len(data) // 2))])
        _, troubles = found_values(path)
        assert "READER_FAILED" not in reasons(troubles), troubles


def test_many_rows_of_one_value_end_at_the_budget(tmp_path: Path) -> None:
    path = tmp_path / "a"
    array: Any = pa.DictionaryArray.from_arrays(pa.array([0] * 300_000), ["x" * 1000])
    pq.write_table(pa.table({"a": array}), path)
    _, troubles = found_values(path, budget=Budget(ratio_from=1 << 20))
    assert lost(troubles) == ["ZIP_RATIO"]


def test_encrypted_columns_and_empty_tables(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"PARE" + bytes(40) + b"PARE")
    assert lost(found_values(path)[1]) == ["ENCRYPTED"]
    pq.write_table(pa.table({"a": pa.array([], pa.string())}), path)
    assert [(each.reason, each.lost) for each in found_values(path)[1]] == [("EMPTY", False)]
