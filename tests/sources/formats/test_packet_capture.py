"""Captures of packets: the bytes of a flow are one member, in order, and so are bodies of HTTP."""

import gzip
import json
import struct

import pytest

from tests.sources.formats.five import HEADERS, PEOPLE, check_five, found_values
from tests.sources.tables import CSV, check_damage, lost, told

NAME = "TCP 10.0.0.2:80 - 10.0.0.1:5000"
RECORDS = json.dumps([dict(zip(HEADERS, each, strict=True)) for each in PEOPLE]).encode()


def packets(data: bytes, step: int = 60, first: int = (1 << 32) - 99) -> list[bytes]:
    """The packets of Ethernet of a flow; the numbers of its bytes begin anew in between."""
    made = []
    for at in range(0, len(data), step):
        layer = struct.pack(">HHIIBBHHH", 80, 5000, first + at & 0xFFFFFFFF, 0, 0x50, 0, 0, 0, 0)
        layer += data[at : at + step]
        head = struct.pack(">BBHIBBH", 0x45, 0, 20 + len(layer), 0, 64, 6, 0)
        made.append(bytes(12) + b"\x08\0" + head + bytes([10, 0, 0, 2, 10, 0, 0, 1]) + layer)
    return made


def pcap(given: list[bytes]) -> bytes:
    frames = b"".join(struct.pack("<IIII", 0, 0, len(each), len(each)) + each for each in given)
    return struct.pack("<IHHIIII", 0xA1B2C3D4, 2, 4, 0, 0, 1 << 16, 1) + frames


def pcapng(given: list[bytes]) -> bytes:
    def block(kind: int, body: bytes) -> bytes:
        body += bytes(-len(body) % 4)
        size = struct.pack("<I", len(body) + 12)
        return struct.pack("<I", kind) + size + body + size

    head = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
    frames = [struct.pack("<IIIII", 0, 0, 0, len(each), len(each)) + each for each in given]
    return head + block(1, struct.pack("<HHI", 1, 0, 0)) + b"".join(block(6, f) for f in frames)


def response(body: bytes) -> bytes:
    packed = gzip.compress(body)
    chunks = b"%x\r\n%s\r\n" % (50, packed[:50]) + b"%x\r\n%s\r\n" % (len(packed) - 50, packed[50:])
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
    return head + chunks + b"0\r\n\r\n"


FUZZ_SEEDS = {
    "a.pcap": lambda numbers: pcap(packets("".join(f"电话 {n}\n" for n in numbers).encode())),
    "a.pcapng": lambda numbers: pcapng(packets("".join(f"电话 {n}\n" for n in numbers).encode())),
}
FUZZ_PACKERS = {"packet capture": ("pcap", lambda _, data: pcap(packets(data, 1400)))}


@pytest.mark.parametrize("pack", [pcap, pcapng])
def test_packets_in_any_order_and_sent_twice_are_one_flow(pack: type) -> None:
    made = packets(RECORDS)
    made[2], made[3], made[5] = made[3], made[2], made[4]
    made.insert(6, packets(RECORDS)[5])
    assert check_five(pack(made), NAME) == []
    assert check_five(pack(packets(response(RECORDS))), f"{NAME}/body 1") == []


def test_missing_and_unreadable_packets_are_listed() -> None:
    made = packets(CSV * 3, 30)
    _, troubles = found_values(pcap([*made[:2], *made[3:], b"\xff" * 60]))
    assert {("", "BINARY_PART", False), (NAME, "CORRUPT", True)} <= set(told(troubles))
    assert lost(found_values(pcap(packets(b"\x16\x03\x01" + bytes(range(200)))))[1]) == [
        "BINARY_VALUES"
    ]
    assert lost(found_values(pcap(packets(CSV, 400))[:-3])[1]) == ["CORRUPT"]
    check_damage(pcap(packets(CSV)), 20)
