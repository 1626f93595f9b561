"""A text file as one UTF-8 text, and the way back from its places to the file's own bytes.

Readers read the view, whose every byte has an exact place, whatever mixture of encodings the file
is in; what is to be replaced there is then replaced in the bytes it was read from.
"""

from __future__ import annotations

import codecs
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Final, cast

import numpy as np

from piiscan.arrays import Int64
from piiscan.redact.text_map import Edit, encode
from piiscan.sources.content import Content, Window
from piiscan.sources.encoding.decoder import (
    Piece,
    cut_pieces,
    decode_piece,
    decode_window,
    line_encodings,
)
from piiscan.sources.encoding.detector import CODECS, Guess

_HANDLER: Final = "piiscan-trace"
_UNKNOWN: Final = "\ufffd"


def trace(raw: bytes, codec: str) -> tuple[str, list[int]]:
    r"""The text of ``raw``, U+FFFD for what cannot be read, and where each character begins.

    One more place says where the last one ends.

    >>> trace(b"a\xff\xd5\xc5", "gb18030")
    ('a\ufffd张', [0, 1, 2, 4])
    """
    text, places, at = [], [], 0
    decoder = codecs.getincrementaldecoder(codec)("strict")
    begin = 0
    while at < len(raw):
        try:
            char = decoder.decode(raw[at : at + 1], final=at + 1 == len(raw))
        except UnicodeDecodeError:
            error = _error(raw[begin:], codec)
            text.append(_UNKNOWN)
            places.append(begin)
            begin += error
            at = begin
            decoder.reset()
            continue
        at += 1
        if char:
            text.append(char)
            places.append(begin)
            begin = at
    places.append(len(raw))
    return "".join(text), places


def _error(raw: bytes, codec: str) -> int:
    """How many bytes at the start of ``raw`` stand for one unreadable character."""
    try:
        raw.decode(codec)
    except UnicodeDecodeError as error:
        return max(error.end - error.start, 1) if error.start == 0 else 1
    return 1


def byte_places(raw: bytes, codec: str) -> Int64:
    """For each UTF-8 byte of the text of ``raw`` where its character begins; and the end."""
    text, places = trace(raw, codec)
    widths = [len(char.encode()) for char in text]
    found = np.empty(sum(widths) + 1, np.int64)
    found[:-1] = np.repeat(places[:-1], widths) if widths else []
    found[-1] = places[-1]
    return found


#: What the view begins with, so that nobody has to guess its encoding.
_BOM: Final = codecs.BOM_UTF8
#: From and to in the view, and what stands there instead.
ViewEdit = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class _Part:
    """One piece: where it begins in the view and in the file, the lines before it, its bytes."""

    start: int
    base: int
    line: int
    size: int


@dataclass(slots=True)
class TextView:
    """The view of a content in an encoding; ``content()`` is what readers read."""

    source: Content
    guess: Guess
    doubtful: bool = False  # some of it cannot be read
    grown: int = 0  # bytes by which the edits asked for make the file longer
    _parts: list[_Part] = field(default_factory=list)
    _length: int = len(_BOM)
    _held: tuple[int, bytes, Piece] | None = None
    _stream: tuple[BinaryIO, int] | None = None
    _ends: tuple[int, Int64] | None = None
    _exact: tuple[int, bool] | None = None
    _lines: tuple[int, list[_Line], dict[int, Int64]] | None = None

    def content(self) -> Content:
        """The view as a content: the same looks at the text, so that it is judged the same."""
        whole = len(self.source.windows) == 1
        windows = []
        for number, window in enumerate(self.source.windows):
            text = decode_window(window, self.guess, whole=whole).tobytes()
            windows.append(Window(window.start, (b"\n" if number else _BOM) + text))
        name = self.source.name
        return Content(
            name,
            self.source.member,
            self.source.size,
            tuple(windows),
            self._open,
            self.source.sha256,
        )

    def _open(self) -> BinaryIO:
        return cast("BinaryIO", _Stream(self.pieces()))

    def pieces(self) -> Iterator[tuple[bytes, Piece]]:
        """Every piece with its own bytes; the first time through, their places are kept."""
        start, line = len(_BOM), 0
        with self.source.open() as stream:
            for number, (base, raw) in enumerate(cut_pieces(stream, self.guess)):
                piece = decode_piece(raw, self.guess, base)
                if number == len(self._parts):
                    self._parts.append(_Part(start, base, line, len(raw)))
                    self._length = start + piece.text.size
                self.doubtful |= any(doubt.reason == "UNDECODABLE" for doubt in piece.doubts)
                start += piece.text.size
                line += int(np.count_nonzero(piece.text == 10))
                yield raw, piece

    def read(self, begin: int, end: int) -> bytes:
        """The bytes of the view between two places that were read before."""
        parts = []
        while begin < min(end, self._length):
            number = self._part(begin)
            piece = self._piece(number)[1]
            first = begin - self._parts[number].start
            part = piece.text[first : end - self._parts[number].start].tobytes()
            if not part:
                break
            parts.append(part)
            begin += len(part)
        return b"".join(parts)

    def line(self, number: int) -> tuple[int, bytes]:
        """Where a line (counted from 1) begins in the view, and the line without its end."""
        at = bisect_right(self._parts, number - 1, key=lambda part: part.line) - 1
        at = max(at, 0)
        # a line may begin in the piece before the first that has lines ended before it
        while at and self._parts[at].line == number - 1 and self._parts[at - 1].line == number - 1:
            at -= 1
        wanted = number - 1 - self._parts[at].line
        if wanted == 0 and at and not self._ends_line(at - 1):
            at -= 1
            wanted = number - 1 - self._parts[at].line
        ends = self._line_ends(at)
        begin = self._parts[at].start + (int(ends[wanted - 1]) + 1 if wanted else 0)
        if wanted < len(ends):
            return begin, self.read(begin, self._parts[at].start + int(ends[wanted]))
        parts, place = [], begin
        while place < self._length:
            part = self.read(place, self._part_end(place))
            stop = part.find(b"\n")
            parts.append(part if stop < 0 else part[:stop])
            if stop >= 0:
                break
            place += len(part)
        return begin, b"".join(parts)

    def _line_ends(self, number: int) -> Int64:
        if self._ends is None or self._ends[0] != number:
            self._ends = number, np.flatnonzero(self._piece(number)[1].text == 10)
        return self._ends[1]

    def _ends_line(self, number: int) -> bool:
        text = self._piece(number)[1].text
        return bool(text.size and text[-1] == 10)

    def _part(self, place: int) -> int:
        return max(bisect_right(self._parts, place, key=lambda part: part.start) - 1, 0)

    def _part_end(self, place: int) -> int:
        number = self._part(place) + 1
        return self._parts[number].start if number < len(self._parts) else self._length

    def _piece(self, number: int) -> tuple[bytes, Piece]:
        if self._held is None or self._held[0] != number:
            part = self._parts[number]
            raw = self._raw(part.base, part.size)
            self._held = number, raw, decode_piece(raw, self.guess, part.base)
        return self._held[1:]

    def _raw(self, base: int, size: int) -> bytes:
        """Bytes of the file; members of archives can only be read forward, or anew."""
        if self.source.whole is not None:
            return self.source.whole[base : base + size]
        stream, at = self._stream or (self.source.open(), 0)
        if at > base:
            stream.close()
            stream, at = self.source.open(), 0
        while at < base and (passed := stream.read(min(base - at, 1 << 20))):
            at += len(passed)
        parts = []
        while size and (part := stream.read(size)):
            parts.append(part)
            size -= len(part)
            at += len(part)
        self._stream = stream, at
        return b"".join(parts)

    def close(self) -> None:
        """Nothing of the source is open."""
        if self._stream is not None:
            self._stream[0].close()
            self._stream = None

    def raw_edits(self, edits: Iterable[ViewEdit]) -> Iterator[Edit]:
        """Edits of the view, in order, as edits of the file's bytes."""
        for begin, end, new in edits:
            first, codec = self._back(begin)
            last = self._back(end, behind=True)[0] if end > begin else first
            data = encode(new, codec)
            self.grown += len(data) - (last - first)
            yield first, last, data

    def _back(self, place: int, *, behind: bool = False) -> tuple[int, str]:
        """The place in the file of a place in the view, and the codec there.

        ``behind``: where what stands before the place ends.
        """
        number = self._part(place - 1 if behind else place)
        part = self._parts[number]
        raw, piece = self._piece(number)
        at = place - part.start
        codec = CODECS[self.guess.encoding]
        if piece.places is None:
            return part.base + at, codec
        if self._exact is None or self._exact[0] != number:
            self._exact = number, bool(piece.places.min(initial=0) >= 0)
        if self._exact[1]:
            size = len(piece.places)
            return (int(piece.places[at]) if at < size else part.base + len(raw)), codec
        return self._traced(number, at, behind=behind)

    def _traced(self, number: int, at: int, *, behind: bool) -> tuple[int, str]:
        """The same in a piece of mixed or damaged text, by the line in which the place lies."""
        part = self._parts[number]
        if self._lines is None or self._lines[0] != number:
            lines = _lines(self._piece(number), self.guess)
            self._lines = number, lines, {}
        lines, traced = self._lines[1:]
        chosen = bisect_right(lines, at - behind, key=lambda line: line[0]) - 1
        text, base, raw, codec = lines[max(chosen, 0)]
        if chosen not in traced:
            traced[chosen] = byte_places(raw, codec)
        places = traced[chosen]
        return part.base + base + int(places[min(at - text, len(places) - 1)]), codec


#: Where a line begins in the text and in the bytes of its piece, its bytes, its codec.
_Line = tuple[int, int, bytes, str]


def _lines(held: tuple[bytes, Piece], guess: Guess) -> list[_Line]:
    raw, piece = held
    if guess.encoding.startswith("utf-16"):
        return [(0, 0, raw, guess.encoding)]
    ends = np.flatnonzero(piece.text == 10) + 1
    lines: list[_Line] = []
    text, base = 0, 0
    for number, (line, encoding) in enumerate(line_encodings(raw, guess.encoding)):
        lines.append((text, base, line, CODECS[encoding]))
        base += len(line)
        text = int(ends[number]) if number < len(ends) else piece.text.size
    return lines


class _Stream:
    """The view as bytes to read, from its beginning."""

    def __init__(self, pieces: Iterator[tuple[bytes, Piece]]) -> None:
        self._pieces = pieces
        self._left = _BOM

    def read(self, size: int = -1) -> bytes:
        parts = [self._left]
        count = len(self._left)
        while size < 0 or count < size:
            following = next(self._pieces, None)
            if following is None:
                break
            parts.append(following[1].text.tobytes())
            count += len(parts[-1])
        data = b"".join(parts)
        given = data if size < 0 else data[:size]
        self._left = data[len(given) :]
        return given

    def close(self) -> None:
        close: Any = getattr(self._pieces, "close", None)
        if close is not None:
            close()

    def __enter__(self) -> _Stream:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
