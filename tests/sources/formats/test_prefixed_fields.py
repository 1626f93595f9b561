"""Texts with lengths before them (bcp native) are rows, with the whole numbers between them."""

import struct

import pytest

from tests.sources.people import PEOPLE, count_whole
from tests.sources.tables import lost, read_all, read_members


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


@pytest.mark.parametrize("field", [0, 1, 2])
def test_behind_a_damaged_field_no_row_has_the_number_of_another(field: int) -> None:
    rows = [row[:3] for row in PEOPLE * 3]
    data = b"".join(
        b"\xee\xee" + native(value)[2:] if (at, n) == (4, field) else native(value)
        for at, row in enumerate(rows)
        for n, value in enumerate(row)
    )
    members, troubles = read_members(data)
    found = [[cell for cell in row if cell] for row in members[""]]
    assert lost(troubles) == ["BINARY_PART"]
    assert all(any(set(row) <= set(person) for person in PEOPLE) for row in found), found
    assert sum(map(len, found)) >= 3 * len(rows) - 1


def test_wide_text_is_a_text() -> None:
    text = "".join("\t".join(row) + "\r\n" for row in PEOPLE)
    ((table, _),), _ = read_all(text.encode("utf-16-le"))
    assert table.kind == "delimited"
