"""Texts with lengths before them (bcp native) are rows, with the whole numbers between them."""

import struct

import pytest

from tests.sources.people import PEOPLE, count_whole
from tests.sources.tables import lost, read_all


def native(text: str, encoding: str = "utf-16-le") -> bytes:
    data = text.encode(encoding)
    return struct.pack("<H", len(data)) + data


def numbered(numbers: list[str]) -> bytes:
    return b"".join(native("张三") + native(each) for each in [*numbers, *["13800138000"] * 3])


FUZZ_SEEDS = {"a.bcp": numbered}
ROWS = {
    "wide": lambda at, row: b"".join(map(native, row)),
    "bytes": lambda at, row: b"".join(native(each, "gbk") for each in row),
    "number first": lambda at, row: struct.pack("<i", at) + b"".join(map(native, row)),
    "nullable": lambda at, row: b"\x08" + struct.pack("<q", at) + b"".join(map(native, row)),
    "no value": lambda at, row: (
        b"".join(map(native, row)) + (b"\xff\xff" if at else native("备注"))
    ),
}


@pytest.mark.parametrize("name", ROWS)
def test_each_round_of_fields_is_a_row(name: str) -> None:
    data = b"".join(ROWS[name](at, row) for at, row in enumerate(PEOPLE))
    assert count_whole(data) == len(PEOPLE)
    assert lost(read_all(data)[1]) == []


def test_bytes_that_are_no_whole_numbers_are_listed() -> None:
    rows = (
        b"".join(map(native, row)) + struct.pack("<d", at + 0.3) for at, row in enumerate(PEOPLE)
    )
    data = b"".join(rows)
    assert count_whole(data) == len(PEOPLE)
    assert lost(read_all(data)[1]) == ["BINARY_PART"]


def test_wide_text_is_a_text() -> None:
    text = "".join("\t".join(row) + "\r\n" for row in PEOPLE)
    ((table, _),), _ = read_all(text.encode("utf-16-le"))
    assert table.kind == "delimited"
