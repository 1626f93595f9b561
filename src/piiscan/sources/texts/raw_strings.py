"""Raw strings: the texts inside a binary content, in UTF-8, GBK and UTF-16, each byte read once.

Two bytes of anything, 13800138000, a NUL -> 13800138000 at byte 2, in the table ``#strings-utf-8``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import numpy as np

from piiscan.arrow_strings import string_column
from piiscan.sources.block import Block, Table, Trouble
from piiscan.sources.content import Content, memory_content, read_up_to
from piiscan.sources.encoding.plausibility import plausibility

#: Encodings of the strings.
_VIEWS: Final = ("utf-8", "gb18030", "utf-16-le", "utf-16-be")
_BUFFER_BYTES: Final = 4 << 20
#: Bytes at the end of a buffer that are looked at again with the next one: no string yet, a
#: character cut in two, the longest string that is carried over.
_EDGE: Final = 16
_CHARACTER: Final = 4
_MAX_CARRIED: Final = 1 << 20
#: Plausibility of GBK and of UTF-16 without ASCII.
_LIKELY: Final = 0.9
_FREQUENT: Final = 1.2
#: Fewest characters of a string, and characters after which a long one is cut, in words.
_LEAST: Final = 6
_LEAST_BYTES: Final = 4  # of a part with a text
_LEAST_HANZI: Final = 2
_LONGEST: Final = 8192
_LINES: Final = re.compile(r"[\r\n]+")
_WORD_END: Final = re.compile(r"[\s,;，；。]")
_EIGHT_BIT: Final = re.compile(rb"[\t\n\r\x20-\x7e\x80-\xfe]{4,}")
_ASCII: Final = re.compile(rb"[\t\n\r\x20-\x7e]{6,}")
_UTF8: Final = re.compile(
    rb"(?:[\t\n\r\x20-\x7e]|[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}"
    rb"|[\xf0-\xf4][\x80-\xbf]{3}){5,}"
)
_GBK: Final = re.compile(rb"(?:[\t\n\r\x20-\x7e]|[\x81-\xfe][\x40-\x7e\x80-\xfe]){3,}")
_ROWS: Final = 8192


@dataclass(frozen=True, slots=True)
class _String:
    """String in a binary content: offset of its first byte, index of its encoding, its text."""

    start: int
    view: int
    text: str


def open_strings(content: Content) -> Table | None:
    """Return the strings of a content as a table per encoding; None without strings.

    A string is a row; its place is its first byte.
    """
    samples: list[list[_String]] = [[] for _ in _VIEWS]
    for each in _strings(content):
        if len(samples[each.view]) < 300:
            samples[each.view].append(each)
    views = [number for number, sample in enumerate(samples) if sample]
    if not views:
        return None
    first, *others = (
        Table(
            member=f"{content.member}#strings-{_VIEWS[view]}",
            kind="text",
            encoding=_VIEWS[view],
            sample=_block([(-1, each) for each in samples[view]], view, 0),
            sha256=content.sha256,
            size=0,
        )
        for view in views
    )
    read = partial(_read, content, views)
    return replace(first, blocks=read, size=content.size, siblings=tuple(others))


def open_strings_of(
    content: Content, name: str, data: bytes, *, lost: bool
) -> Iterator[Table | Trouble]:
    """Yield the strings of the part ``name``. ``lost``: True if it may contain more."""
    member = f"{content.member}#{name}"
    if len(data) < _LEAST_BYTES:
        return
    table = open_strings(memory_content(data, name, member=member))
    if table is not None or lost:
        detail = "packed or encrypted parts are not"
        yield Trouble(member, "READ_AS_STRINGS", detail, lost=lost)
    if table is not None:
        yield table


def _read(content: Content, views: list[int]) -> Iterator[Block]:
    """Yield the strings of the encodings ``views`` as blocks."""
    rows = dict.fromkeys(views, 0)
    parts: dict[int, list[tuple[int, _String]]] = {view: [] for view in views}
    for each in _strings(content):
        rows[each.view] += 1
        parts[each.view].append((rows[each.view], each))
        if len(parts[each.view]) == _ROWS:
            yield _block(parts[each.view], each.view, views.index(each.view))
            parts[each.view] = []
    for view, part in parts.items():
        if part:
            yield _block(part, view, views.index(view))


def _block(strings: list[tuple[int, _String]], view: int, table: int) -> Block:
    """Build a Block of (row number, string) pairs."""
    rows = np.array([row for row, _ in strings], np.int64)
    starts = np.array([each.start for _, each in strings], np.int64)
    column = string_column([each.text for _, each in strings])
    name = _VIEWS[view]
    encoding = "utf-16" if name.startswith("utf-16") else name
    return Block([column], rows, None, [starts], encoding, split=False, table=table)


def _strings(content: Content) -> Iterator[_String]:
    """Yield every string, in the order of the bytes.

    A string at the end of a buffer may go on, so it is found again at the beginning of the next.
    """
    offset, data = 0, b""
    with content.open() as stream:
        while True:
            piece = read_up_to(stream, _BUFFER_BYTES)
            data += piece
            end = 0  # of the last string that is whole
            keep = len(data) - _EDGE if piece else len(data)
            for start, stop, view in _spans(data):
                if piece and stop > len(data) - _CHARACTER and stop - start < _MAX_CARRIED:
                    keep = min(keep, start)
                    break
                yield from _lines(data[start:stop], offset + start, view)
                end = stop
            if not piece:
                return
            keep = max(keep, end, 0)
            offset, data = offset + keep, data[keep:]


def _lines(data: bytes, start: int, view: int) -> Iterator[_String]:
    """Yield the lines of a string; long lines are cut between words."""
    text, at = data.decode(_VIEWS[view], "replace"), 0
    while at < len(text):
        found = _LINES.search(text, at)
        end = after = len(text)
        if found is not None:
            end, after = found.span()
        if end > at + _LONGEST:
            end = after = at + _LONGEST
            ends = [each.end() for each in _WORD_END.finditer(text, end - 256, end)]
            end = after = ends[-1] if ends else end
        part = text[at:end]
        if len(part.strip()) >= _LEAST or not part.isascii():
            yield _String(start, view, part)
        start += len(text[at:after].encode(_VIEWS[view], "replace"))
        at = after


def _spans(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield (start, end, encoding number) of the strings in a buffer, in order."""
    wide = _wide_spans(data)
    at = 0
    for start, stop, view in [*wide, (len(data), len(data), 0)]:
        yield from _narrow_spans(data, at, start)
        if stop > start:
            yield start, stop, view
        at = stop


def _wide_spans(data: bytes) -> list[tuple[int, int, int]]:
    """Return (start, end, encoding number) of UTF-16 with ASCII or frequent Hanzi in it."""
    found: list[tuple[float, int, int, int]] = []
    if len(data) < 4:
        return []
    for view, kind in ((2, "<u2"), (3, ">u2")):
        for parity in (0, 1):
            units = np.frombuffer(data, kind, (len(data) - parity) // 2, parity)
            ascii_units = (units >= 32) & (units < 127) | np.isin(units, (9, 10, 13))
            other = (units >= 0x4E00) & (units <= 0x9FFF) | (units >= 0x3000) & (units <= 0x303F)
            other |= (units >= 0xFF00) & (units <= 0xFFEF)
            edges = np.flatnonzero(np.diff(ascii_units | other, prepend=False, append=False))
            counts = np.concatenate([[0], np.cumsum(ascii_units)])
            for first, last in edges.reshape(-1, 2)[np.diff(edges)[::2] >= _LEAST].tolist():
                start, stop = parity + 2 * first, parity + 2 * last
                text = data[start:stop].decode(_VIEWS[view], "replace")
                plain = int(counts[last] - counts[first])
                if plain >= _LEAST - 1 or plausibility(text) > _FREQUENT:
                    found.append((_weight(text) + plain, start, stop, view))
    apart: list[tuple[int, int, int]] = []
    taken = np.zeros(len(data), np.bool_)
    for _, start, stop, view in sorted(found, key=lambda each: -each[0]):
        if not taken[start:stop].any():
            taken[start:stop] = True
            apart.append((start, stop, view))
    return sorted(apart)


def _narrow_spans(data: bytes, begin: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Yield (start, end, encoding number) of UTF-8, GBK and ASCII in [begin, end)."""
    for run in _EIGHT_BIT.finditer(data, begin, end):
        if run[0].isascii():
            yield run.start(), run.end(), 0
            continue
        at = run.start()
        for start, stop, view in _mixed_spans(data, run.start(), run.end()):
            yield max(start, at), stop, view
            at = stop


def _mixed_spans(data: bytes, begin: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Yield the likeliest (start, end, encoding number) in a run with bytes above 127.

    Three bytes of GBK are often one character of UTF-8, so both readings are compared as far as
    GBK goes.
    """
    double = [_aligned(data, each.start(), each.end()) for each in _GBK.finditer(data, begin, end)]
    at = begin
    for span in _UTF8.finditer(data, begin, end):
        start, stop = span.span()
        rival = max((w for s, e, w in double if s < stop and e > start), default=0.0)
        if not span[0].isascii() and _weight(span[0].decode("utf-8", "replace")) > max(rival, 0.0):
            yield from _gbk_spans(data, double, at, start)
            yield start, stop, 0
            at = stop
    yield from _gbk_spans(data, double, at, end)


def _aligned(data: bytes, start: int, end: int) -> tuple[int, int, float]:
    """Return (start, end, weight) of GBK from its first or second byte, the likelier one."""
    texts = [(at, data[at:end].decode("gb18030", "replace")) for at in (start, start + 1)]
    weight, at = max((_weight(text), -at) for at, text in texts)
    return -at, end, weight


def _weight(text: str) -> float:
    """Return the sum of the plausibility of the characters of ``text`` that are not ASCII."""
    return plausibility(text) * sum(char > "\x7f" for char in text)


def _gbk_spans(
    data: bytes, double: list[tuple[int, int, float]], begin: int, end: int
) -> Iterator[tuple[int, int, int]]:
    """Yield (start, end, encoding number) of plausible GBK, and of ASCII around it.

    ``double``: candidates for GBK with their weights.
    """
    for start, stop, weight in [*double, (end, end, 0.0)]:
        if start < begin or stop > end:
            continue
        hanzi = sum(char > "\x7f" for char in data[start:stop].decode("gb18030", "replace"))
        if (hanzi >= _LEAST_HANZI and weight > _LIKELY * hanzi) or start == end:
            for each in _ASCII.finditer(data, begin, start):
                yield each.start(), each.end(), 0
            if stop > start:
                yield start, stop, 1
            begin = stop
