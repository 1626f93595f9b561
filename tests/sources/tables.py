"""Reading a file the way every test of this room looks at it."""

import io
import random
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from piiscan.sources.block import Block, Table, Trouble
from piiscan.sources.read import open_tables

#: A file, or its bytes or text.
Source = Path | bytes | str
NAMES = frozenset([
    "姓名", "电话", "手机号", "身份证号", "地址", "收件人", "联系电话", "備註",
    "name", "phone", "email",
])  # fmt: skip
#: A list of three people, and its file.
ROWS = [["姓名", "电话"], ["张伟", "13800138000"], ["王芳", "13900139000"], ["李娜", "13700137000"]]
CSV = "".join(",".join(row) + "\n" for row in ROWS).encode()


def count_names(cells: list[str]) -> int:
    return sum(cell in NAMES for cell in cells)


@contextmanager
def stored(source: Source, name: str = "a") -> Iterator[Path]:
    """Yield the path of a file; bytes and texts are stored under a name, and removed afterwards."""
    if isinstance(source, Path):
        yield source
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_bytes(source.encode() if isinstance(source, str) else source)
        yield path


def zipped(members: Mapping[str, bytes | str], method: int = zipfile.ZIP_STORED) -> bytes:
    """The bytes of a zip archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def database(
    *statements: str, rows: Iterable[Any] = (), table: str = "t", after: Iterable[str] = ()
) -> bytes:
    """The bytes of an SQLite database: statements, rows of a table, statements behind them."""
    with closing(sqlite3.connect(":memory:")) as connection:
        for statement in statements:
            connection.execute(statement)
        for row in rows:
            marks = ", ".join("?" * len(row))
            connection.execute(f"INSERT INTO {table} VALUES ({marks})", row)
        for statement in after:
            connection.execute(statement)
        connection.commit()
        return connection.serialize()


def damaged(data: bytes, rng: random.Random, begin: int = 0, end: int | None = None) -> bytes:
    """The data with 1, 3 or 30 bytes drawn anew."""
    changed = bytearray(data)
    for _ in range(rng.choice((1, 3, 30))):
        changed[rng.randrange(begin, end or len(data))] = rng.randrange(256)
    return bytes(changed)


def check_damage(data: bytes, times: int, begin: int = 0, end: int | None = None) -> None:
    """Random damage of a file raises nothing."""
    rng = random.Random(1)
    for _ in range(times):
        _, troubles = read_all(damaged(data, rng, begin, end))
        assert not {"READER_FAILED", "SCAN_FAILED"} & set(reasons(troubles)), troubles


def read_all(
    source: Source, name: str = "a", **options: Any
) -> tuple[list[tuple[Table, list[Block]]], list[Trouble]]:
    """Every table with its blocks, and all troubles in the order in which they came."""
    tables: list[tuple[Table, list[Block]]] = []
    troubles: list[Trouble] = []
    with stored(source, name) as path:
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


def read_one(
    source: Source, name: str = "a", **options: Any
) -> tuple[Table, list[Block], list[Trouble]]:
    tables, troubles = read_all(source, name, **options)
    assert len(tables) == 1, (len(tables), troubles)
    return tables[0][0], tables[0][1], troubles


def read_members(
    source: Source, name: str = "a", **options: Any
) -> tuple[dict[str, list[list[str | None]]], list[Trouble]]:
    """The rows of each table by its member, and all troubles."""
    tables, troubles = read_all(source, name, **options)
    return {table.member: cells_of(blocks) for table, blocks in tables}, troubles


def read_text(source: Source, name: str = "a", **options: Any) -> str:
    """All headers and rows of a file as one text."""
    tables, _ = read_all(source, name, **options)
    return str([(table.member, table.headers, cells_of(blocks)) for table, blocks in tables])


def read_reasons(source: Source, name: str = "a", **options: Any) -> list[str]:
    """The reasons of all troubles of a file."""
    return reasons(read_all(source, name, **options)[1])


def check_numbered(source: Source, count: int, absent: frozenset[int] = frozenset()) -> None:
    """The values V01 to V… of a file are read, but for those that are no text of it."""
    text = read_text(source)
    assert [n for n in range(1, count + 1) if f"V{n:02}" not in text] == sorted(absent)
    assert read_reasons(source) == []


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


def count_images(data: bytes, encoding: str, blocks: list[Block]) -> int:
    """How many cells are exactly the bytes at their place; none may differ from them."""
    count = 0
    for block in blocks:
        assert block.byte_starts is not None
        for cells, starts in zip(block.columns, block.byte_starts, strict=True):
            for cell, start in zip(cells.to_pylist(), starts.tolist(), strict=True):
                if cell and start >= 0:
                    encoded = cell.encode(encoding)
                    assert data[start : start + len(encoded)] == encoded
                    count += 1
    return count


def kinds_of(blocks: list[Block]) -> list[int]:
    return [int(kind) for block in blocks for kind in block.kinds]  # type: ignore[union-attr]


def numbers_of(blocks: list[Block]) -> list[int]:
    return [int(row) for block in blocks for row in block.rows]


def reasons(troubles: list[Trouble]) -> list[str]:
    return [trouble.reason for trouble in troubles]


def lost(troubles: list[Trouble]) -> list[str]:
    """Reasons of what was not read."""
    return [each.reason for each in troubles if each.lost]


def told(troubles: list[Trouble]) -> list[tuple[str, str, bool]]:
    """Member, reason and loss of each trouble."""
    return [(each.member, each.reason, each.lost) for each in troubles]
