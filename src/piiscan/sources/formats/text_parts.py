"""Text parts of a binary content: each part of text is a member; the other parts are listed.

A header of text before binary data, a table behind some bytes -> members ``#text-START``; with
``--raw``, the other parts are also read as strings.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import BinaryIO, Final

import numpy as np

from piiscan.sources.archives.spool import open_range, seekable_content
from piiscan.sources.block import Trouble
from piiscan.sources.content import Content, read_up_to, read_windows
from piiscan.sources.encoding.plausibility import plausibility
from piiscan.sources.encoding.segments import BINARY, CONTROLS, HOLE, TEXT, Segment, find_segments
from piiscan.sources.format import Format, Opened, Sample
from piiscan.sources.read_context import ReadContext
from piiscan.sources.texts.raw_strings import open_strings

_BUFFER_BYTES: Final = 4 << 20
#: Bytes that are looked at together, and their control characters other than NUL above which no
#: text is among them: random bytes have a tenth of them, wide text a twentieth.
_RUN: Final = 512
_MAX_CONTROLS: Final = 34
#: Least bytes and lines of a part of text.
_LEAST_BYTES: Final = 64
_LEAST_LINES: Final = 2
#: Least plausibility of a part of text that is not ASCII.
_LIKELY: Final = 0.5
_MAX_LISTED: Final = 20


def _segments(content: Content) -> Iterator[Segment]:
    """Yield the segments of a content, buffer by buffer; surely binary bytes are one segment."""
    offset, data = 0, b""
    with content.open() as stream:
        while piece := read_up_to(stream, _BUFFER_BYTES):
            data += piece
            *runs, (start, end, likely) = _runs(data)
            if likely and len(piece) == _BUFFER_BYTES:  # text that goes on in the next buffer
                end = start or data.rfind(b"\n") + 1 or end
                end += data[end : end + 1] == b"\0"  # of a line end in UTF-16
            for run in [*runs, (start, end, likely)]:
                yield from _run_segments(data, run, offset)
            offset, data = offset + end, data[end:]
        if data:
            yield from _run_segments(data, (0, len(data), True), offset)


def _run_segments(data: bytes, run: tuple[int, int, bool], offset: int) -> Iterator[Segment]:
    """Yield the segments of a run (start, end, maybe text) of ``data``; unlikely text is BINARY.

    ``offset``: of ``data`` in the content.
    """
    start, end, likely = run
    if likely:
        for each in find_segments(data[start:end]):
            begin, stop, kind = start + each.start, start + each.end, each.kind
            if kind != HOLE and not _is_text_part(data[begin:stop], kind):
                kind = BINARY
            yield Segment(offset + begin, offset + stop, kind)
    elif end > start:
        kind = BINARY if data[start:end].strip(b"\0") else HOLE
        yield Segment(offset + start, offset + end, kind)


def _runs(data: bytes) -> Iterator[tuple[int, int, bool]]:
    """Split a buffer into runs: (start, end, True if it may contain text)."""
    array = np.frombuffer(data, np.uint8)
    starts = np.arange(0, len(data), _RUN)
    likely = np.add.reduceat(CONTROLS[array] & (array != 0), starts, dtype=np.int64)
    likely = (likely <= _MAX_CONTROLS) & (np.maximum.reduceat(array, starts) > 0)
    likely[1:] |= likely[:-1].copy()
    likely[:-1] |= likely[1:].copy()
    edges = [0, *(np.flatnonzero(np.diff(likely)) + 1).tolist(), len(starts)]
    for first, last in pairwise(edges):
        yield first * _RUN, min(last * _RUN, len(data)), bool(likely[first])


def _is_text_part(data: bytes, kind: str) -> bool:
    """Return True if a segment of this ``kind`` has enough plausible lines of text."""
    if kind == BINARY or len(data) < _LEAST_BYTES or data.count(b"\n") < _LEAST_LINES:
        return False
    if kind != TEXT:
        return True
    if CONTROLS[np.frombuffer(data, np.uint8)].any():
        return False
    lines = data[data.find(b"\n") + 1 : data.rfind(b"\n") + 1]  # others may be cut
    for codec in ("utf-8", "gb18030"):
        try:
            text = lines.decode(codec)
        except UnicodeDecodeError:
            continue
        return text.isascii() or plausibility(text) > _LIKELY
    return False


def _parts(content: Content) -> list[Segment]:
    """Return text, NUL and binary segments of a content; adjacent segments of a kind are merged."""
    found: list[Segment] = []
    for each in _segments(content):
        is_text = each.kind not in (HOLE, BINARY)
        kind = TEXT if is_text else each.kind
        start = found.pop().start if found and found[-1].kind == kind else each.start
        found.append(Segment(start, each.end, kind))
    return found


def _has_text(sample: Sample) -> bool:
    """Return True for a binary content that contains parts of text, or only NULs."""
    if sample.guess is not None or sample.content.size < _LEAST_BYTES:
        return False
    is_binary = False
    for each in _segments(sample.content):
        if each.kind not in (HOLE, BINARY):
            return True
        is_binary |= each.kind == BINARY
    return not is_binary


def _part_content(content: Content, part: Segment, name: str, seed: int) -> Content:
    """Return the bytes of a segment as the member ``name``."""
    size = part.end - part.start

    def open_part() -> BinaryIO:
        """Open the bytes of the part."""
        return open_range(content.open(), part.start, size)

    with open_part() as stream:
        windows = read_windows(stream, size, seed=seed)
    return Content(name, content.member_path(name), size, windows, open_part)


def _open(sample: Sample, context: ReadContext) -> Opened:
    """Yield each part of text as a member, and a Trouble for the other parts."""
    content = seekable_content(sample.content)
    parts = _parts(content)
    others = [each for each in parts if each.kind == BINARY]
    if all(each.kind == HOLE for each in parts):
        yield Trouble(content.member, "EMPTY", "only NULs", lost=False)
    if others:
        places = [f"{each.start}-{each.end}" for each in others[:_MAX_LISTED]]
        places += ["…"] * (len(others) > _MAX_LISTED)
        size = sum(each.end - each.start for each in others)
        detail = f"{len(others)} parts, {size} bytes: {', '.join(places)}"
        yield Trouble(content.member, "BINARY_PART", detail)
    for each in parts:
        if each.kind == TEXT:
            yield _part_content(content, each, f"#text-{each.start}", context.seed)
        elif each.kind == BINARY and context.selection.raw:
            rest = _part_content(content, each, f"#bytes-{each.start}", context.seed)
            if (table := open_strings(rest)) is not None:
                yield table


FORMATS: Final = (Format("text in other bytes", 49, _open, probe=_has_text, container=True),)
