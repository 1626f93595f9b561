"""Captures of network packets (pcap, pcapng): the bytes of each flow are a member of its own.

``a.pcap!TCP 10.0.0.1:50000 - 10.0.0.2:80``; bodies of HTTP are members below it
"""

from __future__ import annotations

import ipaddress
import re
import struct
import zlib
from collections.abc import Iterator
from typing import Final, NamedTuple

from piiscan.sources.block import Trouble
from piiscan.sources.content import memory_member, read_whole
from piiscan.sources.encoding.detector import guess_encoding
from piiscan.sources.format import Format, Opened, Sample
from piiscan.sources.formats import file_type
from piiscan.sources.read_context import ReadContext

#: First bytes -> order of the bytes of a number; times in microseconds or nanoseconds.
_PCAP: Final = {
    **dict.fromkeys((b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1"), "<"),
    **dict.fromkeys((b"\xa1\xb2\xc3\xd4", b"\xa1\xb2\x3c\x4d"), ">"),
}
_PCAPNG: Final = b"\x0a\x0d\x0d\x0a"
#: Bytes before the packet of IP, by type of link; those of Ethernet depend on tags.
_LINKS: Final = {0: 4, 1: 14, 12: 0, 14: 0, 101: 0, 108: 4, 113: 16, 228: 0, 229: 0, 276: 20}
_ETHERNET: Final = 1
_TAGS: Final = (b"\x81\x00", b"\x88\xa8")
_TCP, _UDP = 6, 17
_MOST_BODY: Final = 64 << 20
_HTTP: Final = re.compile(rb"(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) \S+ HTTP/1|HTTP/1\.[01] \d")
_LENGTH: Final = re.compile(rb"\r\nContent-Length:\s*(\d+)", re.IGNORECASE)
_CHUNK: Final = re.compile(rb"([0-9A-Fa-f]{1,8})[^\r\n]*\r\n")


class _Packet(NamedTuple):
    """Bytes of a packet: type of its link, and the bytes."""

    link: int
    data: bytes


#: One direction of a connection: parts of its bytes, with their number in the sequence.
_Flow = list[tuple[int, bytes]]


def _joined(flow: _Flow, *, is_stream: bool) -> tuple[bytes, bool]:
    """Return the bytes of a flow in order, and True if some are missing; datagrams are lines."""
    if not is_stream:
        return b"\n".join(data for _, data in flow), False
    ordered = sorted((_distance(flow[0][0], number), data) for number, data in flow)
    end, has_gap, out = ordered[0][0], False, bytearray()
    for at, data in ordered:
        if at > end:
            has_gap = True
            out += b"\n"
        out += data[max(end - at, 0) :]
        end = max(end, at + len(data))
    return bytes(out), has_gap


def _distance(first: int, number: int) -> int:
    """Return the distance of two numbers of a sequence, which begins anew after 2**32."""
    return (number - first + (1 << 31) & 0xFFFFFFFF) - (1 << 31)


def _packets(data: bytes) -> Iterator[_Packet]:
    """Yield the packets of a capture. Raises ValueError where it is cut off or damaged."""
    if data.startswith(_PCAPNG):
        yield from _blocks(data)
        return
    order, at = _PCAP[data[:4]], 24
    if len(data) < at:
        raise ValueError("cut off")
    link = struct.unpack_from(f"{order}I", data, 20)[0] & 0xFFFF
    while at < len(data):
        if at + 16 > len(data):
            raise ValueError(f"byte {at}")
        size = struct.unpack_from(f"{order}I", data, at + 8)[0]
        at += 16
        if at + size > len(data):
            raise ValueError(f"byte {at}")
        yield _Packet(link, data[at : at + size])
        at += size


def _blocks(data: bytes) -> Iterator[_Packet]:
    """Yield the packets of a pcapng file. Raises ValueError."""
    at, order, links = 0, "<", list[int]()
    while at < len(data):
        head = data[at : at + 12]
        if head.startswith(_PCAPNG):
            order, links = "<" if head[8:] == b"\x4d\x3c\x2b\x1a" else ">", []
        if len(head) < 12:
            raise ValueError(f"byte {at}")
        kind, size = struct.unpack_from(f"{order}II", head)
        if size < 12 or size % 4 or at + size > len(data):
            raise ValueError(f"byte {at}")
        body = data[at + 8 : at + size - 4]
        if kind == 1 and len(body) >= 2:
            links.append(struct.unpack_from(f"{order}H", body)[0])
        elif kind == 6 and len(body) >= 20:
            number, _, _, length = struct.unpack_from(f"{order}4I", body)
            link = links[number] if number < len(links) else _ETHERNET
            yield _Packet(link, body[20 : 20 + length])
        elif kind == 3 and len(body) >= 4:
            yield _Packet(links[0] if links else _ETHERNET, body[4:])
        at += size


def _add(flows: dict[str, _Flow], packet: _Packet) -> bool:
    """Add the payload of a packet to its flow. Return False for one without TCP or UDP."""
    at = _LINKS.get(packet.link)
    if at is None:
        return False
    if packet.link == _ETHERNET:
        while packet.data[at - 2 : at] in _TAGS:
            at += 4
    ip = packet.data[at:]
    version = ip[0] >> 4 if ip else 0
    if version == 4 and len(ip) >= 20:
        head, end, protocol = (ip[0] & 15) * 4, int.from_bytes(ip[2:4], "big") or len(ip), ip[9]
        sides = ip[12:16], ip[16:20]
        if int.from_bytes(ip[6:8], "big") & 0x1FFF:  # a later fragment
            return False
    elif version == 6 and len(ip) >= 40:
        head, end, protocol = 40, 40 + int.from_bytes(ip[4:6], "big"), ip[6]
        sides = ip[8:24], ip[24:40]
    else:
        return False
    layer = ip[head:end]
    if protocol not in (_TCP, _UDP) or len(layer) < (20 if protocol == _TCP else 8):
        return False
    ends = [
        f"{ipaddress.ip_address(side)}:{int.from_bytes(layer[n * 2 : n * 2 + 2], 'big')}"
        for n, side in enumerate(sides)
    ]
    skip = (layer[12] >> 4) * 4 if protocol == _TCP else 8
    if payload := layer[skip:]:
        name = f"{'TCP' if protocol == _TCP else 'UDP'} {' - '.join(ends)}"
        number = int.from_bytes(layer[4:8], "big")
        flows.setdefault(name, []).append((number, payload))
    return True


def _messages(data: bytes) -> Iterator[tuple[str, bytes, bool]]:
    """Yield (``heads`` or ``body N``, bytes, True if they are whole) of HTTP in a flow."""
    at, heads, number = 0, list[bytes](), 0
    while (end := data.find(b"\r\n\r\n", at)) >= 0 and _HTTP.match(data, at):
        head, at = data[at : end + 2], end + 4
        heads.append(head)
        if re.search(rb"\r\nTransfer-Encoding:\s*chunked", head, re.IGNORECASE):
            body, at, is_whole = _chunks(data, at)
        else:
            length = _LENGTH.search(head)
            is_open = head.startswith(b"HTTP/") and length is None
            size = len(data) - at if is_open else int(length[1]) if length else 0
            body, at = data[at : at + size], at + size
            is_whole = len(body) == size
        if re.search(rb"\r\nContent-Encoding:\s*(?:gzip|deflate)", head, re.IGNORECASE):
            unpacking = zlib.decompressobj(47)
            try:
                body = unpacking.decompress(body, _MOST_BODY)
            except zlib.error:
                is_whole = False
            is_whole = is_whole and unpacking.eof
        number += 1
        if body:
            yield f"body {number}", body, is_whole
    yield "heads", b"".join((*heads, data[at:])), True


def _chunks(data: bytes, at: int) -> tuple[bytes, int, bool]:
    """Return the body of chunks from an offset on, the offset after it, and if it is whole."""
    out, size = bytearray(), 1
    while found := _CHUNK.match(data, at):
        size, at = int(found[1], 16), found.end()
        out += data[at : at + size]
        at += size + 2
        if not size:
            break
    return bytes(out), min(at, len(data)), not size


def _open(sample: Sample, context: ReadContext) -> Opened:
    """Yield the bytes of each flow as members, and Troubles for unread packets."""
    content = sample.content
    flows: dict[str, _Flow] = {}
    others, damage = 0, None
    try:
        for packet in _packets(read_whole(content, context.budget.in_memory)):
            others += not _add(flows, packet)
    except ValueError as error:
        damage = Trouble(content.member, "CORRUPT", f"no whole packet: {error}")
    unknown = 0
    for name, flow in flows.items():
        data, has_gap = _joined(flow, is_stream=name.startswith("TCP"))
        parts = _messages(data) if _HTTP.match(data) else (("", data, True),)
        for part, found, is_whole in parts:
            has_gap = has_gap or not is_whole
            member = memory_member(content, f"{name}/{part}".rstrip("/"), found, seed=context.seed)
            context.usage.total += len(found)
            if guess_encoding(found[:4096]) is None and file_type(member) == "text":
                unknown += 1
            elif found:
                yield member
        if has_gap:
            yield Trouble(content.member_path(name), "CORRUPT", "packets of the flow are missing")
    if unknown:
        detail = f"{unknown} flows are no text and of no known format (encrypted, or of a program)"
        yield Trouble(content.member, "BINARY_VALUES", detail)
    if others:
        detail = f"{others} packets are neither TCP nor UDP"
        yield Trouble(content.member, "BINARY_PART", detail, lost=False)
    if damage is not None:
        yield damage


FORMATS: Final = (
    Format(
        *("packet capture", 25, _open),
        signatures=tuple((0, each) for each in (*_PCAP, _PCAPNG)),
        extensions=("pcap", "pcapng", "cap"),
        container=True,
    ),
)
