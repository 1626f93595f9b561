"""A split address in a scanned file: the same findings as in memory, places that hold, masked."""

from __future__ import annotations

from pathlib import Path

import pyarrow.csv

import piiscan
from piiscan import find_frame

LINES = [
    "收件人,省,市,区县,详细地址,手机号",
    "张三,湖南省,长沙市,岳麓区,示例路1号3栋,13800138000",
    "李四,湖北省,武汉市,武昌区,示例路1号3栋,13900139000",
    "王五,湖北省,武汉市,武昌区,示例路1号3栋,13700137000",
]


def test_split_addresses_are_counted_by_all_their_cells(tmp_path: Path) -> None:
    source = tmp_path / "dump" / "sale.csv"
    source.parent.mkdir()
    source.write_text("\n".join(LINES) + "\n", "utf-8")
    case = piiscan.scan([source], case=tmp_path / "case", key=tmp_path / "key")
    (kind,) = [row for row in case.tables()["kinds"] if row["entity"] == "CN_ADDRESS"]
    assert (kind["hits"], kind["distinct"]) == (3, 2)
    found = [row for row in case.findings().to_pylist() if row["entity"] == "CN_ADDRESS"]
    assert {row["header"] for row in found} == {"详细地址"}
    assert {row["context"] for row in found} == {"省+市+区县+详细地址"}
    for row in found:
        cell = source.read_bytes()[row["byte_offset"] :][: len("示例路1号3栋".encode())]
        assert cell.decode() == "示例路1号3栋"
    frame = find_frame(pyarrow.csv.read_csv(source))
    assert sorted(frame["entity"].to_pylist()) == sorted(case.findings()["entity"].to_pylist())
