"""Five fictional people, and whether a file has each of their values once."""

from collections import Counter
from typing import Any

from piiscan.sources.block import Trouble
from tests.sources.tables import Source, read_all

HEADERS = ("姓名", "手机号", "email", "地址")
PEOPLE = tuple(
    (f"{name}", f"1380013{n}00{n}", f"p{n}@example.com", f"示例市示例路{n}号")
    for n, name in enumerate(("张三", "李四", "王五", "赵六", "钱七"), 1)
)
VALUES = tuple(value for person in PEOPLE for value in person)
Found = tuple[str, int, str | None]  # member, row, header


def found_values(
    source: Source, name: str = "a", **options: Any
) -> tuple[dict[str, list[Found]], list[Trouble]]:
    """Every place of each text of a file, and all troubles."""
    places: dict[str, list[Found]] = {}
    tables, troubles = read_all(source, name, **options)
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
    source: Source,
    member: str,
    headers: tuple[str, ...] = HEADERS,
    rows: tuple[int, ...] = (1, 2, 3, 4, 5),
    name: str = "a",
) -> list[Trouble]:
    """Each value stands once, in its row and under its header of ``member``; the troubles."""
    places, troubles = found_values(source, name)
    for row, person in zip(rows, PEOPLE, strict=True):
        for header, value in zip(headers, person, strict=True):
            found = places.get(value)
            assert found == [(member, row, header)], (value, found, troubles)
    counts = Counter(row for value in VALUES for _, row, _ in places[value])
    assert len(counts) == len(PEOPLE)
    return troubles
