"""A small table with every kind of cell, and the engine's findings in it."""

import datetime
from typing import Any

import pyarrow as pa

import piiscan

DAY = datetime.date(2025, 1, 1)
TABLE = pa.table(
    {
        "id": [1, 2, 3, 4, 5],
        "姓名": ["张三", "李四", None, "王小明", ""],
        "手机.号": ["13800138000", "13900139000 和 13800138000", None, "138****8000", "无"],
        "省": ["湖南省", "湖南省", None, "", "湖南省"],
        "地址": ["长沙市人民路1号", "", None, "长沙市五一大道2号", "x"],
        "备注": ["身份证430104190506150016，收件人王小明", "a@example.com", None, "", "无"],
        "n": pa.array([1, None, 3, 4, 5], pa.int32()),
        "d": [datetime.date(2020, 1, day) for day in range(1, 6)],
    }
)
#: Columns that a table of findings has in common with find_frame's.
_SHARED = (
    *("start", "end", "entity", "recognizer", "text", "value", "verdict", "score"),
    *("context", "reason", "role"),
)


def found_by_the_engine(table: pa.Table = TABLE) -> list[tuple[Any, ...]]:
    """Return the findings of find_frame as (id, column, …), sorted."""
    ids = table["id"].to_pylist()
    found = piiscan.find_frame(table.drop_columns(["id"]), as_of=DAY)
    return sorted(
        (ids[each["row"]], each["column"], *(str(each[name]) for name in _SHARED))
        for each in found.to_pylist()
    )


def findings_of(found: pa.Table) -> list[tuple[Any, ...]]:
    """Return a table of findings as (id, column, …), sorted."""
    return sorted(
        (each["id"], each["column"], *(str(each[name]) for name in _SHARED))
        for each in found.to_pylist()
    )
