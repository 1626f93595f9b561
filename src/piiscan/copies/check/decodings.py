r"""Decodings: the texts that the bytes of a copy's part can mean, by encoding and escapes.

Every encoding that the bytes allow, each as it is, with its escapes resolved
(``&#24352;``, ``\u5f20``, ``%E5%BC%A0``, ``_x5F20_``, ``0xE5BCA0``, ``1.38E10``) and without tags.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from html import unescape
from typing import Final, NamedTuple

from piiscan.copies.check.unpack import Data

_WINDOW, _OVERLAP = 4 << 20, 16 << 10
_MARKS: Final = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_NO_TEXT: Final = re.compile("[\\x00-\\x08\\x0a-\\x1f\\x7f\ufffd]")
_TAG: Final = re.compile(r"""</?([\w:.-]+)(?:[^<>"']|"[^"]*"|'[^']*')*>""")
#: Tags that end a text.
_BREAKS: Final = frozenset(
    ("p", "si", "is", "c", "v", "f", "tc", "tr", "row", "text", "comment", "td", "li", "div", "br")
)
_QUOTED: Final = re.compile(r"""["']([^"'<>]{5,})["']""")
_ESCAPES: Final = re.compile(
    r"((?:\\u[0-9A-Fa-f]{4})+)|((?:%[0-9A-Fa-f]{2})+)|_x([0-9A-Fa-f]{4})_"
    r"|((?:\\x[0-9A-Fa-f]{1,2})+|(?:\\[0-7]{3})+)|(?:0x|[xX]')((?:[0-9A-Fa-f]{2}){4,})"
    r"|(?<![\w.])(\d(?:\.\d{1,17})?[eE]\+?\d{1,2})(?![\w.])"
)
#: Beginnings of the escapes, each one fast to search for.
_BEGINNINGS: Final = tuple(
    map(
        re.compile,
        (
            *(r"\\[ux0-7]", "%[0-9A-Fa-f]{2}", "_x[0-9A-Fa-f]{4}_", "0x[0-9A-Fa-f]{8}"),
            *("x'[0-9A-Fa-f]{8}", "X'[0-9A-Fa-f]{8}", r"e(?<=\de)\+?\d", r"E(?<=\dE)\+?\d"),
        ),
    )
)
#: Characters of a rich text, with what may stand for one: a sign or bytes, of one or two.
_RICH_UNICODE: Final = tuple(
    re.compile(r"\\u(-?\d{1,6}) ?" + rest)
    for rest in (r"(?:\?|(?:\\'[0-9a-fA-F]{2}){0,2})", r"(?:\?|\\'[0-9a-fA-F]{2})?", "")
)
_RICH_BYTES: Final = re.compile(r"(?:\\'[0-9a-fA-F]{2})+")
_RICH_BREAK: Final = re.compile(r"\\(?:par|cell|nestcell|row|line|tab|sect)(?![a-zA-Z])-?\d* ?")
_RICH_MARKUP: Final = re.compile(r"\\[a-zA-Z]+-?\d* ?|\\[*~_|:-]|(?<!\\)[{}]|\\(?=[{}\\])")
_BYTE: Final = re.compile(r"\\x([0-9A-Fa-f]{1,2})|\\([0-7]{3})")


class Decoding(NamedTuple):
    """Text that bytes of a part can mean. ``line``: number of its first line, from 1.

    ``likely``: people write texts so; UTF-16 without a mark is only tried.
    """

    text: str
    line: int
    likely: bool


def decodings(data: Data) -> Iterator[Decoding]:
    """Yield the possible texts of a part; a long part is decoded in overlapping windows."""
    line = 1
    marked = _MARKS.get(data[:2])
    for at in range(0, max(len(data), 1), _WINDOW - _OVERLAP):
        window = data[at : at + _WINDOW]
        for text, encoding in _decoded(window):
            likely = encoding in ("utf-8", "gb18030", marked)
            yield from (Decoding(each, line, likely) for each in _forms(text))
        line += window[: _WINDOW - _OVERLAP].count(b"\n")
        if at + _WINDOW >= len(data):
            return


def _decoded(window: bytes) -> Iterator[tuple[str, str]]:
    """Yield (text, encoding) for each encoding that the bytes of a window can have."""
    text = window.decode("utf-8", "replace")
    yield text, "utf-8"
    # a window cuts characters at both ends
    if "\ufffd" not in text[4:-4] and b"\0" not in window:
        return
    for encoding in ("gb18030", "big5"):
        yield window.decode(encoding, "replace"), encoding
    for encoding in _MARKS.values():
        for first in (0, 1):
            yield window[first:].decode(encoding, "replace"), encoding


def _forms(text: str) -> Iterator[str]:
    """Yield a text, then it with escapes resolved, then without tags, where these differ."""
    yield text
    plain = _unescaped(text)
    if plain != text:
        yield plain
    if "\\rtf" in text[:16]:
        yield from _rich_forms(text)
    if "<" in text:
        # entities can hide tags, and tags can hide in entities
        yield _unescaped(
            _TAG.sub(lambda tag: "\n" if tag[1].rpartition(":")[2] in _BREAKS else "", text)
        )


def _unescaped(text: str) -> str:
    """Return a text with its entities and escapes resolved."""
    text = unescape(text) if "&" in text else text
    return _ESCAPES.sub(_resolve, text) if any(b.search(text) for b in _BEGINNINGS) else text


def _rich_forms(text: str) -> Iterator[str]:
    """Yield the plain text of RTF, for each possible number of replacement characters."""
    for unicode in _RICH_UNICODE:
        plain = unicode.sub(lambda found: chr(int(found[1]) & 0xFFFF), text)
        for encoding in ("gb18030", "big5"):
            codes = _RICH_BYTES.sub(partial(_rich_bytes, encoding), plain)
            lined = _RICH_BREAK.sub("\n", codes.replace("\r", "").replace("\n", ""))
            bare = _RICH_MARKUP.sub("", lined).encode("utf-16", "surrogatepass")
            yield bare.decode("utf-16", "replace")


def _rich_bytes(encoding: str, found: re.Match[str]) -> str:
    """Decode matched RTF bytes in hex (``'d5'c5``) in ``encoding``."""
    return bytes.fromhex("".join(found[0].split("\\'"))).decode(encoding, "replace")


def _resolve(found: re.Match[str]) -> str:
    """Return the characters of a matched escape; the escape itself if undecodable."""
    units, percent, code, octets, digits, number = found.groups()
    if units:
        return bytes.fromhex(units.replace("\\u", "")).decode("utf-16-be", "replace")
    if code:
        return chr(int(code, 16))
    if number:
        value = float(number)
        return str(int(value)) if value.is_integer() else number
    if percent:
        data = bytes.fromhex(percent.replace("%", ""))
    elif digits:
        data = bytes.fromhex(digits)
    else:
        data = bytes(int(a, 16) if a else int(b, 8) & 255 for a, b in _BYTE.findall(octets))
    for encoding in ("utf-8", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return found.group()


def passages(text: str) -> Iterator[tuple[int, str]]:
    """Split a text to (line from 0, passage): stretches of text, then quoted attribute values."""
    for number, line in enumerate(text.split("\n")):
        for piece in _NO_TEXT.split(line):
            yield number, piece
        if "<" in line:
            for piece in _QUOTED.findall(line):
                yield number, piece
