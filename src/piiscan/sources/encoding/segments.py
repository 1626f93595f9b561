r"""Segments: byte ranges of a content by kind: text, UTF-16 or UTF-32, runs of NULs, binary.

"张三\n", 4,096 NULs, "李四\n" -> TEXT [0, 7), HOLE [7, 4103), TEXT [4103, 4110)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from piiscan.arrays import Int64
from piiscan.sources.encoding.plausibility import decodes, is_mostly_text
from piiscan.sources.encoding.wide_spans import wide_spans

#: Kinds of segments beside the encodings of wide text: text in bytes, NULs, anything else.
TEXT, HOLE, BINARY = "text", "hole", "binary"
#: NULs of a hole; fewer of them pad a field.
LEAST_HOLE: Final = 1024
CONTROLS: Final = np.isin(np.arange(256), [*range(9), 11, *range(14, 27), *range(28, 32), 127])
#: Bytes between two control characters that are one part.
_NEAR: Final = 64
#: Least bytes, control characters and different ones of a part that is no text.
_LEAST_BYTES: Final = 256
_LEAST_CONTROLS: Final = 8
_LEAST_DIFFERENT: Final = 5
#: Share of control characters in UTF-8 that is no text.
_DENSE: Final = 0.2


@dataclass(frozen=True, slots=True)
class Segment:
    """Byte range [start, end) of one kind: TEXT, HOLE (NULs), BINARY or a wide encoding."""

    start: int
    end: int
    kind: str

    @property
    def is_wide(self) -> bool:
        """Return True if the kind is UTF-16 or UTF-32."""
        return self.kind.startswith("utf-")


def find_segments(data: bytes, *, least_hole: int = LEAST_HOLE) -> list[Segment]:
    r"""Split ``data`` into segments, in order and without gaps.

    ``least_hole``: NULs in a row that are a HOLE.

    >>> [each.kind for each in find_segments("name,phone\n".encode("utf-16-le") + b"d\n")]
    ['utf-16-le', 'text']
    """
    found: list[Segment] = []
    at = 0
    for start, end, encoding in [*wide_spans(data), (len(data), len(data), "")]:
        found += _narrow_segments(data, at, start, least_hole)
        if encoding:
            found.append(Segment(start, end, encoding))
        at = end
    return found


def _narrow_segments(data: bytes, low: int, high: int, least_hole: int) -> Iterator[Segment]:
    """Yield the segments of ``data[low:high]``, which has no UTF-16 or UTF-32."""
    holes = [each.span() for each in re.finditer(rb"\0{%d,}" % least_hole, data[low:high])]
    spans = [(low + start, low + end, HOLE) for start, end in holes]
    binary = _binary_spans(data, low, spans, high)
    spans = [each for each in spans if not any(b <= each[0] and each[1] <= e for b, e, _ in binary)]
    at = low
    for start, end, kind in [*sorted(spans + binary), (high, high, "")]:
        if start > at:
            yield Segment(at, start, TEXT)
        if kind:
            yield Segment(start, end, kind)
        at = end


def _binary_spans(
    data: bytes, low: int, holes: list[tuple[int, int, str]], high: int
) -> list[tuple[int, int, str]]:
    """Return (start, end, BINARY) of the parts of ``data[low:high]`` with many control characters.

    ``holes``: runs of NULs, which do not count. A span includes the binary bytes around it.
    """
    marks = CONTROLS[np.frombuffer(data, np.uint8, high - low, low)]
    for start, end, _ in holes:
        marks[start - low : end - low] = False
    places = np.flatnonzero(marks) + low
    found: list[tuple[int, int, str]] = []
    at = low
    for first, last in _groups(data, places):
        start, end = int(places[first]), int(places[last - 1]) + 1
        if start >= at and _is_binary(data, start, end, places[first:last]):
            start, end = _text_end(data, at, start), _text_start(data, end, high)
            found.append((start, end, BINARY))
            at = end
    return found


def _groups(data: bytes, places: Int64) -> Iterator[tuple[int, int]]:
    """Yield [first, last) of indices into ``places``: control characters without text between them.

    ``places``: byte offsets of the control characters.
    """
    cuts = np.flatnonzero(np.diff(places) > _NEAR) + 1
    first = 0
    for cut in cuts.tolist():
        if is_mostly_text(data[int(places[cut - 1]) + 1 : int(places[cut])].replace(b"\0", b"")):
            yield first, cut
            first = cut
    if len(places):
        yield first, len(places)


def _is_binary(data: bytes, start: int, end: int, places: Int64) -> bool:
    """Return True if bytes [start, end) are no text. ``places``: their control characters."""
    if end - start < _LEAST_BYTES or len(places) < _LEAST_CONTROLS:
        return False
    different = np.unique(np.frombuffer(data, np.uint8)[places])
    if len(different) < _LEAST_DIFFERENT:
        return False
    return len(places) > _DENSE * (end - start) or not decodes(data[start:end], "utf-8")


def _codec(data: bytes) -> str:
    """Return ``utf-8`` if the whole lines of ``data`` decode as UTF-8, else ``gb18030``."""
    return "utf-8" if decodes(data[: data.rfind(b"\n") + 1], "utf-8") else "gb18030"


def _text_end(data: bytes, low: int, start: int) -> int:
    """Return the byte offset, at most ``start``, where the text before a binary span ends."""
    line = data.rfind(b"\n", low, start) + 1 or low
    begin = data[max(low, line - 4096) : line]
    codec = _codec(begin[begin.find(b"\n") + 1 :])
    try:
        data[line:start].decode(codec)
    except UnicodeDecodeError as error:
        return line + (error.start if error.start >= 4 else 0)
    return start


def _text_start(data: bytes, end: int, high: int) -> int:
    """Return the byte offset, at least ``end``, where the text after a binary span begins."""
    near = data.find(b"\n", min(end + 2 * _NEAR, high), high) + 1 or high
    codec = _codec(data[data.rfind(b"\n", end, near - 1) + 1 or end : near])
    while True:
        try:
            data[end:near].decode(codec)
        except UnicodeDecodeError as error:
            end += error.start + 1
        else:
            return end
