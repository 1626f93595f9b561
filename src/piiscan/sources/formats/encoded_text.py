"""Encoded texts: uuencoded files in a text, files of base64, of hex digits, or dumps of bytes.

``begin 644 名单.csv`` -> member ``名单.csv``; other lines of the text are the member ``text``.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final

from piiscan.errors import OtherFormatError
from piiscan.sources.archives.member_names import open_inner_file
from piiscan.sources.block import Trouble
from piiscan.sources.content import memory_member, read_whole
from piiscan.sources.encoding.detector import decode_name
from piiscan.sources.format import Format, Opened, Sample
from piiscan.sources.formats import file_type
from piiscan.sources.read_context import ReadContext

_BEGIN: Final = re.compile(rb"begin [0-7]{3,4} ([^\r\n]{1,255})\r?\n([!-M])([ -`]+)\r?\n")
_FIRST_LINE: Final = re.compile(rb"begin [0-7]{3,4} ([^\r\n]{1,255})")
_BASE64: Final = re.compile(rb"\s*(?:[A-Za-z0-9+/]{4,}\r?\n)*[A-Za-z0-9+/]+={0,2}\s*")
_HEX: Final = re.compile(rb"\s*(?:(?:[0-9a-fA-F]{2})+\r?\n)*(?:[0-9a-fA-F]{2})+\s*")
#: Row of a dump by xxd or hexdump -C: ``0010: e5bc a0e4  ...``, ``0010  e5 bc a0 e4  |...|``.
_DUMP: Final = re.compile(
    rb"([0-9a-fA-F]{4,16})(?:: ((?:[0-9a-fA-F]{2,32} )*[0-9a-fA-F]{2,32})  .*"
    rb"|  ((?:[0-9a-fA-F]{2} {1,2})+) *\|.*)"
)
_LEAST_BYTES: Final = 24


def _is_uuencoded(sample: Sample) -> bool:
    """Return True if a text has a first line of uuencode, and a line of the length it states."""
    found = (found for found in _BEGIN.finditer(sample.content.head))
    return any(len(each[3]) - (each[2][0] - 32 + 2) // 3 * 4 in (0, 1) for each in found)


def _open_uuencoded(sample: Sample, context: ReadContext) -> Opened:
    """Yield the files, and the other lines of the text at their numbers."""
    content, rest, broken = sample.content, list[bytes](), 0
    name, data = b"", bytearray()
    for line in read_whole(content, context.budget.in_memory).split(b"\n"):
        found = None if name else _FIRST_LINE.match(line)
        rest.append(line if not name and found is None else b"")
        if found is not None:
            name, data = found[1], bytearray()
        elif name and line.strip() == b"end":
            yield from open_inner_file(content, context, decode_name(name), bytes(data))
            name = b""
        elif name:
            try:
                data += binascii.a2b_uu(line.rstrip(b"\r"))
            except binascii.Error:
                broken += 1
    if name:
        yield Trouble(content.member, "CORRUPT", "uuencode: cut off")
        yield from open_inner_file(content, context, decode_name(name), bytes(data))
    if broken:
        yield Trouble(content.member, "CORRUPT", f"uuencode: {broken} lines")
    if any(map(bytes.strip, rest)):
        yield memory_member(content, "text", b"\n".join(rest), seed=context.seed)


def _is_base64(sample: Sample) -> bool:
    """Return True if a text is base64 alone, with all its kinds of characters."""
    head = sample.content.head
    whole = head if len(sample.content.windows) == 1 else head[: head.rfind(b"\n") + 1]
    lines = whole.split()
    if len(whole) < _LEAST_BYTES or not _BASE64.fullmatch(whole):
        return False
    if len({len(line) for line in lines[:-1]}) > 1:
        return False
    if _HEX.fullmatch(whole):
        return not b"".join(lines).isdigit()
    kinds = [len(re.findall(kind, whole[:4096])) for kind in (rb"[A-Z]", rb"[a-z]", rb"[0-9+/]")]
    return 20 * min(kinds) > len(whole[:4096])


def _open_base64(sample: Sample, context: ReadContext) -> Opened:
    """Yield the decoded file; raise OtherFormatError if it is neither text nor a known file."""
    content = sample.content
    encoded = b"".join(read_whole(content, context.budget.in_memory).split())
    try:
        if _HEX.fullmatch(encoded):
            data = bytes.fromhex(encoded.decode())
        else:
            data = base64.b64decode(encoded + b"=" * (-len(encoded) % 4), validate=True)
    except ValueError:
        raise OtherFormatError("") from None
    member = memory_member(content, content.name.rpartition(".")[0] or "base64", data)
    guess = Sample(member).guess
    if file_type(member) == "text" and (guess is None or guess.rival):
        raise OtherFormatError("")
    yield from open_inner_file(content, context, member.name, data)


def _dumped(line: bytes) -> tuple[int, bytes] | None:
    """Return offset and bytes of a row of a dump; None for another line."""
    found = _DUMP.match(line)
    return found and (int(found[1], 16), bytes.fromhex((found[2] or found[3]).decode()))


def _is_dump(sample: Sample) -> bool:
    """Return True if the first two lines are rows of a dump, one behind the other."""
    rows = [row for row in map(_dumped, sample.content.head.split(b"\n", 2)[:2]) if row]
    return len(rows) == 2 and rows[0][0] == 0 and rows[1][0] == len(rows[0][1])


def _open_dump(sample: Sample, context: ReadContext) -> Opened:
    """Yield the file that was dumped; rows that are left out (``*``) repeat the one before."""
    content, data, row, others = sample.content, bytearray(), b"", 0
    for line in read_whole(content, context.budget.in_memory).split(b"\n"):
        found = _dumped(line)
        if found is None:
            others += bool(line.strip(b" *\r")) and not re.fullmatch(rb"[0-9a-fA-F]+\s*", line)
            continue
        if row and 0 < found[0] - len(data) <= context.budget.in_memory:
            data += (row * ((found[0] - len(data)) // len(row) + 1))[: found[0] - len(data)]
        data += (row := found[1])
    if others:
        yield Trouble(content.member, "CORRUPT", f"dump: {others} lines are no rows")
    yield from open_inner_file(content, context, content.name.rpartition(".")[0], bytes(data))


FORMATS: Final = (
    Format("dump of bytes", 40, _open_dump, probe=_is_dump, container=True),
    Format(
        "uuencode",
        41,
        _open_uuencoded,
        probe=_is_uuencoded,
        extensions=("uu", "uue"),
        container=True,
    ),
    Format("base64", 49, _open_base64, probe=_is_base64, extensions=("b64",), container=True),
)
