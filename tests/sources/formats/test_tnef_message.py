"""A winmail.dat: subject, body, receivers and attachments of the message in it."""

import struct

from tests.sources.formats.five import PEOPLE, found_values
from tests.sources.tables import CSV, check_damage, lost

NAMES = [name for name, *_ in PEOPLE]


def attribute(level: int, number: int, data: bytes) -> bytes:
    return struct.pack("<BHHI", level, number, 6, len(data)) + data + b"\0\0"


def text(number: int, value: str) -> bytes:
    data = value.encode("utf-16-le")
    return struct.pack("<HHII", 0x1F, number, 1, len(data)) + data + bytes(-len(data) % 4)


def properties(*given: bytes) -> bytes:
    return struct.pack("<I", len(given)) + b"".join(given)


def tnef(body: str, attachments: dict[str, bytes]) -> bytes:
    named = struct.pack("<HH16xII", 0x1F, 0x8001, 1, 4) + b"a\0b\0"
    kept = named + struct.pack("<II", 1, 2) + "王五".encode("utf-16-le")[:2] + bytes(2)
    number = struct.pack("<HHI", 3, 0x0017, 1)
    made = attribute(1, 0x9003, properties(kept, number, text(0x37, "李四"), text(0x1000, body)))
    made += attribute(1, 0x9004, struct.pack("<I", 1) + properties(text(0x3001, "赵六")))
    for name, data in attachments.items():
        made += attribute(2, 0x9002, bytes(14)) + attribute(2, 0x800F, data)
        made += attribute(2, 0x9005, properties(text(0x3707, name)))
    return b"\x78\x9f\x3e\x22\0\0" + made


FUZZ_SEEDS = {"winmail.dat": lambda numbers: tnef("\n".join(f"电话 {n}" for n in numbers), {})}
FUZZ_PACKERS = {"tnef": ("dat", lambda name, data: tnef("", {name or "a": data}))}


def test_every_part_of_the_message_is_read() -> None:
    places, troubles = found_values(tnef("电话 13800138001", {"名单.csv": CSV}))
    assert places["李四"] == [("", 1, "Subject")]
    assert places["赵六"] == [("", 1, "To")]
    assert places["电话 13800138001"] == [("body", 1, None)]
    assert places["张伟"] == [("名单.csv", 2, "姓名")]
    assert troubles == []


def test_damage_costs_what_stands_behind_it() -> None:
    data = tnef("x", {"a.csv": CSV, "b.csv": CSV})
    places, troubles = found_values(data[:-30])
    assert ("a.csv", 2, "姓名") in places["张伟"]
    assert lost(troubles) == ["CORRUPT"]
    check_damage(data, 20)
