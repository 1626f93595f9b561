"""UTF-8 view of a text file: its decoded text, and the file offset of each character.

Readers read the view, so every offset is exact in any mixture of encodings. Edits of the view
are converted to edits of the original bytes.
"""

from __future__ import annotations

import codecs
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Final, cast

import numpy as np

from piiscan.arrays import Int64
from piiscan.copies.text_map import Edit, encode_text
from piiscan.sources.content import Content, Window
from piiscan.sources.encoding.decoder import (
    Piece,
    decode_piece,
    decode_window,
    line_encodings,
    read_raw_pieces,
)
from piiscan.sources.encoding.detector import CODECS, EncodingGuess, is_wide

_UNKNOWN: Final = "\ufffd"


def decode_with_offsets(raw: bytes, codec: str) -> tuple[str, list[int]]:
    r"""Return the text of ``raw`` and the byte offset of each character, plus the end offset.

    Undecodable bytes become U+FFFD.

    >>> decode_with_offsets(b"a\xff\xd5\xc5", "gb18030")
    ('a\ufffd张', [0, 1, 2, 4])
    """
    text, offsets, at = [], [], 0
    decoder = codecs.getincrementaldecoder(codec)("strict")
    begin = 0
    while at < len(raw):
        try:
            char = decoder.decode(raw[at : at + 1], final=at + 1 == len(raw))
        except UnicodeDecodeError:
            length = _error_length(raw[begin:], codec)
            text.append(_UNKNOWN)
            offsets.append(begin)
            begin += length
            at = begin
            decoder.reset()
            continue
        at += 1
        if char:
            text.append(char)
            offsets.append(begin)
            begin = at
    offsets.append(len(raw))
    return "".join(text), offsets


def _error_length(raw: bytes, codec: str) -> int:
    """Return the number of bytes at the start of ``raw`` that form one undecodable character."""
    try:
        raw.decode(codec)
    except UnicodeDecodeError as error:
        return max(error.end - error.start, 1) if error.start == 0 else 1
    return 1


def utf8_offsets(raw: bytes, codec: str) -> Int64:
    """Return the offset in ``raw`` of the character of each UTF-8 byte: ``int64[n + 1]``.

    The last item is the length of ``raw``.
    """
    text, offsets = decode_with_offsets(raw, codec)
    widths = [len(char.encode()) for char in text]
    utf8 = np.empty(sum(widths) + 1, np.int64)
    utf8[:-1] = np.repeat(offsets[:-1], widths) if widths else []
    utf8[-1] = offsets[-1]
    return utf8


#: Start of the view: it makes detection of the encoding exact.
_BOM: Final = codecs.BOM_UTF8
#: Start and end in bytes of the view (end exclusive), replacement.
ViewEdit = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class _ViewPiece:
    """Piece of a file: its byte offsets in view and file, lines before it, its size."""

    start: int
    base: int
    line: int
    size: int


@dataclass(slots=True)
class Utf8View:
    """UTF-8 view of a text content in a detected encoding.

    ``undecodable``: True if some bytes could not be decoded. ``is_segmented``: True if lines of the
    view are no lines of the bytes, so that edits cannot be converted.
    ``size_change``: bytes by which the
    converted edits make the file longer.
    """

    source: Content
    guess: EncodingGuess
    undecodable: bool = False
    is_segmented: bool = False
    size_change: int = 0
    _parts: list[_ViewPiece] = field(default_factory=list)
    _length: int = len(_BOM)
    _cached: tuple[int, bytes, Piece] | None = None
    _stream: tuple[BinaryIO, int] | None = None
    _ends: tuple[int, Int64] | None = None
    _exact: tuple[int, bool] | None = None
    _lines: tuple[int, list[_SourceLine], dict[int, Int64]] | None = None

    def content(self) -> Content:
        """Return the view as a Content, its sample windows decoded.

        The view is thus classified like the file.
        """
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
        """Open the view as a stream of bytes."""
        return cast("BinaryIO", _ViewStream(self.pieces()))

    def pieces(self) -> Iterator[tuple[bytes, Piece]]:
        """Yield (raw bytes, decoded piece) of each piece; record their positions the first time."""
        start, line = len(_BOM), 0
        with self.source.open() as stream:
            for number, (base, raw) in enumerate(read_raw_pieces(stream, self.guess)):
                piece = decode_piece(raw, self.guess, base)
                if number == len(self._parts):
                    self._parts.append(_ViewPiece(start, base, line, len(raw)))
                    self._length = start + piece.text.size
                self.undecodable |= any(
                    warning.reason == "UNDECODABLE" for warning in piece.warnings
                )
                self.is_segmented |= piece.is_segmented
                start += piece.text.size
                line += int(np.count_nonzero(piece.text == 10))
                yield raw, piece

    def read(self, begin: int, end: int) -> bytes:
        """Return the view's bytes [``begin``, ``end``); :meth:`pieces` must have passed them."""
        parts = []
        while begin < min(end, self._length):
            number = self._piece_number(begin)
            piece = self._piece(number)[1]
            first = begin - self._parts[number].start
            part = piece.text[first : end - self._parts[number].start].tobytes()
            if not part:
                break
            parts.append(part)
            begin += len(part)
        return b"".join(parts)

    def read_line(self, number: int) -> tuple[int, bytes]:
        """Return the view offset and the bytes of a line, counted from 1, without its line end."""
        at = bisect_right(self._parts, number - 1, key=lambda part: part.line) - 1
        at = max(at, 0)
        # a line may start in an earlier piece than the one that ends the line before
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
        parts, offset = [], begin
        while offset < self._length:
            following = self._piece_number(offset) + 1
            is_last = following == len(self._parts)
            part = self.read(offset, self._length if is_last else self._parts[following].start)
            stop = part.find(b"\n")
            parts.append(part if stop < 0 else part[:stop])
            if stop >= 0:
                break
            offset += len(part)
        return begin, b"".join(parts)

    def _line_ends(self, number: int) -> Int64:
        """Return the offsets of the line feeds in piece number ``number``."""
        if self._ends is None or self._ends[0] != number:
            self._ends = number, np.flatnonzero(self._piece(number)[1].text == 10)
        return self._ends[1]

    def _ends_line(self, number: int) -> bool:
        """Return True if piece number ``number`` ends with a line feed."""
        text = self._piece(number)[1].text
        return bool(text.size and text[-1] == 10)

    def _piece_number(self, offset: int) -> int:
        """Return the number of the piece that contains a view offset."""
        if self._cached is not None:  # most offsets come in order
            at, parts = self._cached[0], self._parts
            after = parts[at + 1].start if at + 1 < len(parts) else self._length
            if parts[at].start <= offset < after:
                return at
        return max(bisect_right(self._parts, offset, key=lambda part: part.start) - 1, 0)

    def _piece(self, number: int) -> tuple[bytes, Piece]:
        """Return (raw bytes, decoded piece) of piece ``number``; the last one is cached."""
        if self._cached is None or self._cached[0] != number:
            part = self._parts[number]
            raw = self._read_source(part.base, part.size)
            self._cached = number, raw, decode_piece(raw, self.guess, part.base)
        return self._cached[1:]

    def _read_source(self, base: int, size: int) -> bytes:
        """Return ``size`` bytes of the original file from byte ``base`` on.

        Members of archives cannot seek: they are read forward, or opened again.
        """
        if self.source.data is not None:
            return self.source.data[base : base + size]
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
        """Close the original file."""
        if self._stream is not None:
            self._stream[0].close()
            self._stream = None

    def raw_edits(self, edits: Iterable[ViewEdit]) -> Iterator[Edit]:
        """Convert byte edits of the view to edits of the original file; update ``size_change``."""
        for begin, end, new in edits:
            first, codec = self._source_position(begin)
            last = self._source_position(end, at_end=True)[0] if end > begin else first
            data = encode_text(new, codec)
            self.size_change += len(data) - (last - first)
            yield first, last, data

    def _source_position(self, offset: int, *, at_end: bool = False) -> tuple[int, str]:
        """Map a view offset to (offset in the original file, codec there).

        ``at_end``: return the end of the character before ``offset`` instead of the start of the
        next.
        """
        number = self._piece_number(offset - 1 if at_end else offset)
        part = self._parts[number]
        raw, piece = self._piece(number)
        at = offset - part.start
        codec = CODECS[self.guess.encoding]
        if piece.byte_offsets is None:
            return part.base + at, codec
        if self._exact is None or self._exact[0] != number:
            self._exact = number, bool(piece.byte_offsets.min(initial=0) >= 0)
        if self._exact[1]:
            size = len(piece.byte_offsets)
            return (int(piece.byte_offsets[at]) if at < size else part.base + len(raw)), codec
        return self._position_in_line(number, at, at_end=at_end)

    def _position_in_line(self, number: int, at: int, *, at_end: bool) -> tuple[int, str]:
        """Map byte ``at`` of a piece decoded by lines to (file offset, codec there).

        Pieces with mixed encodings or damaged text need this.
        """
        part = self._parts[number]
        if self._lines is None or self._lines[0] != number:
            lines = _source_lines(self._piece(number), self.guess)
            self._lines = number, lines, {}
        lines, offsets_by_line = self._lines[1:]
        chosen = bisect_right(lines, at - at_end, key=lambda line: line[0]) - 1
        text, base, raw, codec = lines[max(chosen, 0)]
        if chosen not in offsets_by_line:
            offsets_by_line[chosen] = utf8_offsets(raw, codec)
        offsets = offsets_by_line[chosen]
        return part.base + base + int(offsets[min(at - text, len(offsets) - 1)]), codec


#: Offset of a line in the piece's text and in its bytes, the line's bytes, its codec.
_SourceLine = tuple[int, int, bytes, str]


def _source_lines(cached: tuple[bytes, Piece], guess: EncodingGuess) -> list[_SourceLine]:
    """Return (text offset, byte offset, bytes, codec) of each line of a piece.

    Wide text is one line.
    """
    raw, piece = cached
    if is_wide(guess.encoding):
        return [(0, 0, raw, guess.encoding)]
    ends = np.flatnonzero(piece.text == 10) + 1
    lines: list[_SourceLine] = []
    text, base = 0, 0
    for number, (line, encoding) in enumerate(line_encodings(raw, guess.encoding)):
        lines.append((text, base, line, CODECS[encoding]))
        base += len(line)
        text = int(ends[number]) if number < len(ends) else piece.text.size
    return lines


class _ViewStream:
    """Binary stream over the bytes of a view, from its start."""

    def __init__(self, pieces: Iterator[tuple[bytes, Piece]]) -> None:
        """Create a stream over ``pieces``; it starts with a byte order mark."""
        self._pieces = pieces
        self._buffer = _BOM

    def read(self, size: int = -1) -> bytes:
        """Return at most ``size`` bytes, all that remain if it is negative."""
        parts = [self._buffer]
        count = len(self._buffer)
        while size < 0 or count < size:
            next_piece = next(self._pieces, None)
            if next_piece is None:
                break
            parts.append(next_piece[1].text.tobytes())
            count += len(parts[-1])
        data = b"".join(parts)
        result = data if size < 0 else data[:size]
        self._buffer = data[len(result) :]
        return result

    def close(self) -> None:
        close: Any = getattr(self._pieces, "close", None)
        if close is not None:
            close()

    def __enter__(self) -> _ViewStream:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
