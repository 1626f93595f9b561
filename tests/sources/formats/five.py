"""Five fictional people, and whether a file has each of their values once."""

from __future__ import annotations

import io
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

from piiscan.sources.block import Trouble
from tests.sources.tables import read_all

HEADERS = ("姓名", "手机号", "email", "地址")
PEOPLE = tuple(
    (f"{name}", f"1380013{n}00{n}", f"p{n}@example.com", f"示例市示例路{n}号")
    for n, name in enumerate(("张三", "李四", "王五", "赵六", "钱七"), 1)
)
VALUES = tuple(value for person in PEOPLE for value in person)
Found = tuple[str, int, str | None]  # member, row, header


def found_values(path: Path, **options: Any) -> tuple[dict[str, list[Found]], list[Trouble]]:
    """Every place of each text of a file, and all troubles."""
    places: dict[str, list[Found]] = {}
    tables, troubles = read_all(path, **options)
    for table, blocks in tables:
        every = (table, *table.siblings)
        for block in blocks:
            owner = every[block.table]
            headers = [*(owner.headers or []), *block.extra_headers, *[None] * len(block.columns)]
            for header, column in zip(headers, block.columns, strict=False):
                for row, cell in zip(block.rows.tolist(), column.to_pylist(), strict=True):
                    if cell:
                        places.setdefault(cell, []).append((owner.member, row, header))
    return places, troubles


def check_five(
    path: Path,
    member: str,
    headers: tuple[str, ...] = HEADERS,
    rows: tuple[int, ...] = (1, 2, 3, 4, 5),
) -> list[Trouble]:
    """Each value stands once, in its row and under its header of ``member``; the troubles."""
    places, troubles = found_values(path)
    for row, person in zip(rows, PEOPLE, strict=True):
        for header, value in zip(headers, person, strict=True):
            assert places.get(value) == [(member, row, header)], (
                value,
                places.get(value),
                troubles,
            )
    counts = Counter(row for value in VALUES for _, row, _ in places[value])
    assert len(counts) == len(PEOPLE)
    return troubles


def zipped(folder: Path, **parts: bytes) -> Path:
    """A zip file with these members."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    path = folder / "a.zip"
    path.write_bytes(out.getvalue())
    return path


def lost(troubles: list[Trouble]) -> list[str]:
    """Reasons of what was not read."""
    return [each.reason for each in troubles if each.lost]
