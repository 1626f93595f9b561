"""Tests of shared hosts: privacy numbers are told from phone numbers with remarks by all cells."""

from pathlib import Path

import pytest

from piiscan.detect.columns.shared_hosts import hosts_are_shared
from piiscan.sources.block import Block, Table
from piiscan.tabular.column_overrides import ColumnOverrides
from piiscan.tabular.hits import CodeBooks
from piiscan.tabular.search import TableSearch, find_hits
from piiscan.tabular.typed_table import open_source, type_table
from tests.detect.columns.typed import ENGINE

SINGLE = [f"张三-139{n * 7919:08d}-{4000 + n * 7}" for n in range(300)]
SHARED = [f"张三-1390000000{n % 9}-{4000 + n * 7}" for n in range(300)]
RENTED = [f"张三 184{n * 7919:08d}-{4000 + n * 7}" for n in range(300)]
SEGMENT = [f"张三 1841200{n:04d}-{4000 + n * 7}" for n in range(300)]

TABLE = ["姓名;手机", *(line.replace("-", ";", 1) for line in SHARED)]


@pytest.mark.parametrize(
    ("cells", "shared"),
    [
        (SINGLE, False),
        (SHARED, True),
        (SINGLE[:19], None),
        (SHARED[:18], True),
        (SHARED[:7], None),
        (SINGLE[:20] * 5, False),
        (SINGLE[:12] + SHARED[:12], None),
        (["１３９００００００００－１２３４", *SHARED[:18]], True),
        ([f"1390000{n:04d},0760-88123456" for n in range(30)], None),
        ([], None),
    ],
)
def test_hosts_are_shared_if_they_have_several_extensions(
    cells: list[str], shared: bool | None
) -> None:
    assert hosts_are_shared(cells) is shared


@pytest.mark.parametrize(
    ("lines", "kind"),
    [
        (SINGLE, "cn.mobile"),
        (SHARED, "cn.virtual_number_joined"),
        (RENTED, "cn.mobile"),
        (RENTED[:15], "cn.virtual_number_rented"),
        (SEGMENT, "cn.virtual_number_rented"),
        (TABLE, "cn.virtual_number_joined"),
        (["姓名;手机", *(line.replace(" ", ";", 1) for line in RENTED)], "cn.mobile"),
    ],
)
def test_a_source_decides_and_the_other_reading_is_an_alternative(
    lines: list[str], kind: str, tmp_path: Path
) -> None:
    path = tmp_path / "list.txt"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    (table,) = open_source(path, ENGINE.catalog)
    assert isinstance(table, Table)
    typed = type_table(0, 0, table, ENGINE, ColumnOverrides())
    search = TableSearch(ENGINE, names=False)
    books: CodeBooks = search.code_books()
    names = [recognizer.id for recognizer in ENGINE.catalog.recognizers]
    count = 0
    for block in table.blocks():
        assert isinstance(block, Block)
        hits = find_hits(block, typed.layout, search, books)
        assert {names[number] for number in hits.recognizer.tolist()} == {kind}
        assert hits.alternatives.null_count == 0
        count += len(hits.recognizer)
    assert count == len(lines) - lines[0].startswith("姓名")
