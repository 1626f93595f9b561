"""LevelDB: each entry of a journal and of a table is a record of the fields of its value."""

import json
import struct
from typing import Any

import pyarrow as pa
import pytest

from tests.sources.formats.five import HEADERS, PEOPLE, check_five, found_values
from tests.sources.tables import check_damage, lost

RECORDS = [dict(zip(HEADERS, person, strict=True)) for person in PEOPLE]
ENTRIES = [(b"k%d" % at, json.dumps(each).encode()) for at, each in enumerate(RECORDS)]


def varint(number: int) -> bytes:
    out = b""
    while number > 127:
        out, number = out + bytes([number & 127 | 128]), number >> 7
    return out + bytes([number])


def sized(data: bytes) -> bytes:
    return varint(len(data)) + data


def journal(entries: list[tuple[bytes, bytes]]) -> bytes:
    """A journal with a batch for each entry, cut at pages of 32 KB."""
    out = b""
    for at, (key, value) in enumerate(entries, 1):
        batch, first = struct.pack("<QI", at, 1) + b"\1" + sized(key) + sized(value), True
        while batch or first:
            room = 32768 - len(out) % 32768
            if room < 7:
                out += bytes(room)
                continue
            part, batch = batch[: room - 7], batch[room - 7 :]
            kind = (1 if first else 4) if not batch else 2 if first else 3
            out, first = out + struct.pack("<IHB", 0, len(part), kind) + part, False
    return out


def block(entries: list[tuple[bytes, bytes]], *, packed: bool = False) -> bytes:
    data = b"".join(b"\0" + varint(len(k)) + varint(len(v)) + k + v for k, v in entries)
    data += struct.pack("<II", 0, 1)
    if packed:
        data = pa.compress(data, codec="snappy", asbytes=True)
    return data + bytes([packed, 0, 0, 0, 0])


def table(entries: list[tuple[bytes, bytes]], *, packed: bool = False) -> bytes:
    """A table with a block for each entry."""
    out, index = b"", []
    for key, value in entries:
        made = block([(key + struct.pack("<Q", 257), value)], packed=packed)
        index.append((key + bytes(8), varint(len(out)) + varint(len(made) - 5)))
        out += made
    made = block(index)
    footer = b"\0\0" + varint(len(out)) + varint(len(made) - 5)
    return out + made + footer.ljust(40, b"\0") + b"\x57\xfb\x80\x8b\x24\x75\x47\xdb"


def v8(value: Any) -> bytes:
    """A value as V8 writes it."""
    if isinstance(value, str):
        return (
            b"c" + sized(value.encode("utf-16-le"))
            if not value.isascii()
            else b'"' + sized(value.encode())
        )
    if isinstance(value, dict):
        return b"o" + b"".join(v8(k) + v8(v) for k, v in value.items()) + b"{" + varint(len(value))
    if isinstance(value, list):
        return b"A" + varint(len(value)) + b"".join(map(v8, value)) + b"$\0" + varint(len(value))
    return b"I" + varint(value << 1) if isinstance(value, int) else b"_"


def indexed(value: Any) -> bytes:
    return b"\x05\xff\x11\xff\x0d" + v8(value)


@pytest.mark.parametrize(
    "data",
    [
        journal(ENTRIES),
        table(ENTRIES),
        table(ENTRIES, packed=True),
        journal([(key, indexed(each)) for (key, _), each in zip(ENTRIES, RECORDS, strict=True)]),
        journal([(b"all", indexed({"n": 1, "m": RECORDS}["m"]))]),
        table([(key, b"\0" + value.decode().encode("utf-16-le")) for key, value in ENTRIES]),
    ],
)
def test_five_entries_are_five_records(data: bytes) -> None:
    assert check_five(data, "objects") == []


def test_an_entry_over_pages_is_whole() -> None:
    entries = [(b"long", b"x" * 70_000), *ENTRIES]
    assert check_five(journal(entries), "objects", rows=(2, 3, 4, 5, 6)) == []


def test_a_damaged_block_costs_itself() -> None:
    for data in (table(ENTRIES, packed=True), table(ENTRIES)):
        at = data.index(b"k2") - 8 if b"k2" in data[: len(data) // 2] else len(data) // 5 * 2
        places, troubles = found_values(data[:at] + b"\xff" * 8 + data[at + 8 :])
        assert {"张三", "赵六", "钱七"} <= places.keys()
        assert "CORRUPT" in lost(troubles) or "BINARY_VALUES" in lost(troubles)
    check_damage(table(ENTRIES), 15)
    check_damage(journal(ENTRIES), 15)
