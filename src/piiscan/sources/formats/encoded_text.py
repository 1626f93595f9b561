"""Encoded texts: uuencoded files in a text, and whole files of base64, as the files they encode.

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
    kinds = [len(re.findall(kind, whole[:4096])) for kind in (rb"[A-Z]", rb"[a-z]", rb"[0-9+/]")]
    return len({len(line) for line in lines[:-1]}) < 2 and 20 * min(kinds) > len(whole[:4096])


def _open_base64(sample: Sample, context: ReadContext) -> Opened:
    """Yield the decoded file; raise OtherFormatError if it is neither text nor a known file."""
    content = sample.content
    encoded = b"".join(read_whole(content, context.budget.in_memory).split())
    try:
        data = base64.b64decode(encoded + b"=" * (-len(encoded) % 4), validate=True)
    except ValueError:
        raise OtherFormatError("") from None
    member = memory_member(content, content.name.rpartition(".")[0] or "base64", data)
    guess = Sample(member).guess
    if file_type(member) == "text" and (guess is None or guess.rival):
        raise OtherFormatError("")
    yield from open_inner_file(content, context, member.name, data)


FORMATS: Final = (
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
