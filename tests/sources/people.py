"""Five made-up persons, and the places in which a reader yields what is known about them."""

from collections import defaultdict
from functools import partial
from typing import Any

from piiscan.detect.catalog.catalog import load
from piiscan.detect.columns.header_names import count_header_names
from piiscan.sources.block import Block, Trouble
from piiscan.sources.read import open_tables
from piiscan.tabular.typed_table import label_names
from tests.sources.tables import Source, stored

HEAD = ["姓名", "身份证号", "手机号", "地址"]
KEYS = ["name", "idcard", "phone", "address"]
PEOPLE = [
    [
        name,
        f"43010419900{3 + at}071{230 + at}",
        f"1380013{8000 + at}",
        f"示例市测试区样本路{10 + at}号{at + 1}栋",
    ]
    for at, name in enumerate(["张伟", "李秀英", "王建国", "刘洋", "陈志强"])
]
RECORDS = [dict(zip(KEYS, person, strict=True)) for person in PEOPLE]


def places(source: Source, name: str = "a") -> dict[str, list[tuple[str, int, int]]]:
    """(member, first row of the record, row) of each cell that holds a value of a person."""
    catalog = load()
    found: dict[str, list[tuple[str, int, int]]] = defaultdict(list)
    known: Any = partial(count_header_names, catalog)
    with stored(source, name) as path:
        for table in open_tables(path, count_names=known, label_names=label_names(catalog)):
            for block in () if isinstance(table, Trouble) else table.blocks():
                if isinstance(block, Block):
                    _add_places(found, table.member, block)
    return found


def _add_places(found: dict[str, list[tuple[str, int, int]]], member: str, block: Block) -> None:
    for at, row in enumerate(block.rows.tolist()):
        first = row if block.record_starts is None else int(block.record_starts[at])
        for column in block.columns:
            text = column[at].as_py() or ""
            for person in PEOPLE:
                for value in person:
                    if value in text:
                        found[value].append((member, first, row))


def count_whole(source: Source, name: str = "a") -> int:
    """Number of persons whose values are in one record each, and each value in one cell only."""
    with stored(source, name) as path:
        found = places(path)
        assert found == places(path)  # what is read again has its values at the same places
    records = [
        {found[value][0][:2] for value in person if len(found[value]) == 1} for person in PEOPLE
    ]
    once = all(len(found[value]) == 1 for person in PEOPLE for value in person)
    assert once, {at: len(found[value]) for at, p in enumerate(PEOPLE) for value in p}
    single = [next(iter(record)) for record in records if len(record) == 1]
    return len(set(single))
