"""Event logs of Windows: each event is a row; a damaged chunk costs its events."""

import struct
from collections.abc import Sequence

from tests.sources.people import KEYS, PEOPLE, count_whole
from tests.sources.tables import lost, read_members

CHUNK, BEGIN = 1 << 16, 512


class Chunk:
    """Chunk of events in binary XML, with names where they are first used."""

    def __init__(self) -> None:
        self.data = bytearray(BEGIN)

    def _name(self, name: str) -> None:
        self.data += struct.pack("<I", len(self.data) + 4)
        self.data += struct.pack("<IHH", 0, 0, len(name)) + name.encode("utf-16-le") + b"\0\0"

    def _value(self, text: str) -> None:
        self.data += struct.pack("<BBH", 5, 1, len(text)) + text.encode("utf-16-le")

    def element(self, name: str, text: str = "", inner: Sequence[tuple[str, str]] = ()) -> None:
        """Add an element; ``inner``: texts of elements ``Data`` by their attribute Name."""
        self.data += b"\1" + bytes(4)
        self._name(name)
        self.data += b"\2"
        if text:
            self._value(text)
        for key, value in inner:
            self.data += b"\x41" + bytes(4)
            self._name("Data")
            self.data += bytes(4) + b"\6"
            self._name("Name")
            self._value(key)
            self.data += b"\2"
            self._value(value)
            self.data += b"\4"
        self.data += b"\4"

    def event(self, number: int, pairs: Sequence[tuple[str, str]]) -> None:
        begin = len(self.data)
        self.data += struct.pack("<IIQQ", 0x2A2A, 0, number, 133_000_000_000_000_000)
        self.data += b"\x0f\1\1\0\1" + bytes(4)
        self._name("Event")
        self.data += b"\2"
        self.element("Channel", "Security")
        self.element("EventData", inner=pairs)
        self.data += b"\4\0"
        size = len(self.data) + 4 - begin
        self.data[begin + 4 : begin + 8] = struct.pack("<I", size)
        self.data += struct.pack("<I", size)

    def bytes(self, first: int, last: int) -> bytes:
        head = struct.pack(
            "<8s4Q4I", b"ElfChnk", first, last, first, last, 128, BEGIN, len(self.data), 0
        )
        self.data[: len(head)] = head
        return bytes(self.data.ljust(CHUNK, b"\0"))


def log(events: Sequence[Sequence[tuple[str, str]]], *, in_chunk: int = 3) -> bytes:
    chunks = []
    for first in range(0, len(events), in_chunk):
        chunk, part = Chunk(), events[first : first + in_chunk]
        for number, pairs in enumerate(part, first + 1):
            chunk.event(number, pairs)
        chunks.append(chunk.bytes(first + 1, first + len(part)))
    head = struct.pack(
        "<8s3QIHHHH", b"ElfFile", 0, len(chunks) - 1, len(events) + 1, 128, 1, 3, 4096, len(chunks)
    )
    return head.ljust(4096, b"\0") + b"".join(chunks)


def numbered(numbers: list[str]) -> bytes:
    return log([[("name", "张三"), ("phone", each)] for each in numbers])


FUZZ_SEEDS = {"a.evtx": numbered}
EVENTS = [list(zip(KEYS, person, strict=True)) for person in PEOPLE]


def test_each_event_is_a_row_with_columns_of_its_names() -> None:
    assert count_whole(log(EVENTS)) == len(PEOPLE)


def test_a_damaged_chunk_costs_its_own_events() -> None:
    data = bytearray(log(EVENTS))
    data[4096 : 4096 + 8] = bytes(8)
    members, troubles = read_members(bytes(data))
    assert len(members[""]) == 2
    assert lost(troubles) == ["CORRUPT"]
