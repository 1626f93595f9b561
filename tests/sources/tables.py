"""Reading a file the way every test of this room looks at it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from piiscan.sources.block import Block, Table, Trouble
from piiscan.sources.read import open_tables

NAMES = frozenset(
    [
        "姓名",
        "电话",
        "手机号",
        "身份证号",
        "地址",
        "收件人",
        "联系电话",
        "備註",
        "name",
        "phone",
        "email",
    ]
)


def count_names(cells: list[str]) -> int:
    return sum(cell in NAMES for cell in cells)


def read_all(path: Path, **options: Any) -> tuple[list[tuple[Table, list[Block]]], list[Trouble]]:
    """Every table with its blocks, and all troubles in the order in which they came."""
    tables: list[tuple[Table, list[Block]]] = []
    troubles: list[Trouble] = []
    for item in open_tables(path, count_names=count_names, **options):
        if isinstance(item, Trouble):
            troubles.append(item)
            continue
        blocks: list[Block] = []
        for part in item.blocks():
            if isinstance(part, Trouble):
                troubles.append(part)
            else:
                blocks.append(part)
        tables.append((item, blocks))
    return tables, troubles


def read_one(path: Path, **options: Any) -> tuple[Table, list[Block], list[Trouble]]:
    tables, troubles = read_all(path, **options)
    assert len(tables) == 1, (len(tables), troubles)
    return tables[0][0], tables[0][1], troubles


def cells_of(blocks: list[Block]) -> list[list[str | None]]:
    """All rows as lists of cells, absent ones at the end left out."""
    rows: list[list[str | None]] = []
    for block in blocks:
        columns = [column.to_pylist() for column in block.columns]
        for number in range(len(block.rows)):
            row = [column[number] for column in columns]
            while row and row[-1] is None:
                row.pop()
            rows.append(row)
    return rows


def kinds_of(blocks: list[Block]) -> list[int]:
    return [int(kind) for block in blocks for kind in block.kinds]  # type: ignore[union-attr]


def numbers_of(blocks: list[Block]) -> list[int]:
    return [int(row) for block in blocks for row in block.rows]


def reasons(troubles: list[Trouble]) -> list[str]:
    return [trouble.reason for trouble in troubles]
