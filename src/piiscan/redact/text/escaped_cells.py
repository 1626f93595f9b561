"""Cells whose text is no image of their bytes: doubled quotes, backslashes, hexadecimal.

Every way to read such a cell is tried; the one that gives the text which the reader read is the
way it stands there, so a cell is never changed on a guess.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from piiscan.redact.text_map import Passage

#: One character with where it stands; None ends the cell.
_Step = tuple[str, int, int]
_LETTERS: Final = {"n": "\n", "t": "\t", "r": "\r", "b": "\b"}
_OF_SQL: Final = _LETTERS | {"0": "\0", "Z": "\x1a"}
_OF_COPY: Final = _LETTERS | {"f": "\f", "v": "\v"}
_CODE: Final = re.compile(rb"\\(x[0-9A-Fa-f]{1,2}|[0-7]{1,3})")
_HEX: Final = re.compile(rb"(?:0x|[xX]')([0-9A-Fa-f]+)")


def quoted(data: bytes, at: int, text: str) -> Passage | None:
    """The cell of a CSV file that begins behind a quote at ``at``, if it reads as ``text``."""
    return _match(_doubling(data, at, b'"'), text)


def valued(data: bytes, at: int, text: str) -> Passage | None:
    """The value of an SQL row at ``at`` in UTF-8 text, if it reads as ``text`` in some way."""
    mark = data[at - 1 : at]
    ways: list[Iterator[_Step]] = []
    if mark in (b"'", b'"'):
        ways = [_doubling(data, at, mark, escapes=True), _doubling(data, at, mark)]
    ways.append(_copied(data, at))
    for way in ways:
        found = _match(way, text)
        if found is not None:
            return found
    return _hexed(data, at, text)


def _match(steps: Iterator[_Step], text: str) -> Passage | None:
    begins, ends = [], []
    for expected in text:
        step = next(steps, None)
        if step is None or step[0] != expected:
            return None
        begins.append(step[1])
        ends.append(step[2])
    return Passage(text, begins, ends)


def char_at(data: bytes, at: int) -> tuple[str, int]:
    """The character of UTF-8 text at ``at``, and where it ends; "" at the end."""
    lead = data[at] if at < len(data) else -1
    if lead < 0:
        return "", at
    width = 1 if lead < 0x80 else 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
    return data[at : at + width].decode("utf-8", "replace")[:1], at + width


def _doubling(data: bytes, at: int, mark: bytes, *, escapes: bool = False) -> Iterator[_Step]:
    """Characters up to the mark that is not doubled; ``escapes``: backslashes are read too."""
    while at < len(data):
        char, end = char_at(data, at)
        if escapes and char == "\\":
            char, end = char_at(data, end)
            char = _OF_SQL.get(char, char)
        elif data[at : at + 1] == mark:
            if data[at + 1 : at + 2] != mark:
                return
            end += 1
        yield char, at, end
        at = end


def _copied(data: bytes, at: int) -> Iterator[_Step]:
    r"""Characters of a COPY cell; ``\xe5\xbc\xa0`` are the bytes of one."""
    while at < len(data) and data[at] not in (9, 10):
        begin = at
        if data[at] != 92:
            char, at = char_at(data, at)
            yield char, begin, at
            continue
        code = _CODE.match(data, at)
        if code is None:
            char, at = char_at(data, at + 1)
            yield _OF_COPY.get(char, char), begin, at
            continue
        held = b""
        while code is not None and (not held or not _whole(held)):
            digits = code[1]
            value = int(digits[1:], 16) if digits[:1] == b"x" else int(digits, 8)
            held += bytes([value & 255])
            at = code.end()
            code = _CODE.match(data, at)
        yield held.decode("utf-8", "replace")[:1], begin, at


def _whole(held: bytes) -> bool:
    return len(char_at(held, 0)[0].encode()) == len(held) and char_at(held, 0)[1] <= len(held)


def _hexed(data: bytes, at: int, text: str) -> Passage | None:
    found = _HEX.match(data, at)
    if found is None:
        return None
    digits = found[1]
    try:
        if bytes.fromhex(digits.decode()).decode("utf-8") != text:
            return None
    except ValueError:
        return None
    sizes = [2 * len(char.encode()) for char in text]
    begins, place = [], found.start(1)
    for size in sizes:
        begins.append(place)
        place += size
    ends = [begin + size for begin, size in zip(begins, sizes, strict=True)]
    return Passage(text, begins, ends, _in_hex(digits))


def _in_hex(digits: bytes) -> Callable[[str], bytes]:
    """Writes text in hexadecimal, in the letters that stand there."""
    upper = digits.upper() == digits
    return lambda new: (new.encode().hex().upper() if upper else new.encode().hex()).encode()
