"""A stream of bytes as pieces of UTF-8 text, each byte with its place in the stream."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Protocol

import numpy as np
import pyarrow as pa

from piiscan.arrays import Int64, UInt8
from piiscan.sources.content import Window
from piiscan.sources.encoding.byte_map import OTHER, UTF8_LIKE, align, utf8_lines
from piiscan.sources.encoding.detector import CODECS, Guess, plausibility

#: Bytes read at a time; pieces are cut at line ends, so they are a little shorter or longer.
PIECE: Final = 3 << 20
#: Bytes of a first line without an end that are looked at.
_HEAD_LINE: Final = 64 << 10


class Readable(Protocol):
    """What pieces are read from."""

    def read(self, size: int = ..., /) -> bytes:
        """At most ``size`` bytes, none at the end."""
        ...


@dataclass(frozen=True, slots=True)
class Doubt:
    """Lines of a piece that were read in another encoding, or not wholly."""

    reason: str  # MIXED_ENCODING | UNDECODABLE
    line: int  # line in the piece, from 0
    encoding: str


@dataclass(frozen=True, slots=True)
class Piece:
    """UTF-8 text and where each of its bytes came from.

    ``base`` is the place of the first byte, and all others follow one by one, unless ``places``
    gives each its own: -1 no exact place, below -1 the place p of a byte in a line of another
    encoding, as -2 - p.
    """

    text: UInt8
    base: int
    places: Int64 | None = None
    doubts: list[Doubt] = field(default_factory=list)


def read_pieces(stream: Readable, guess: Guess, *, size: int = PIECE) -> Iterator[Piece]:
    """The whole stream decoded; pieces end at line ends where lines are not longer than a piece.

    Decode first, split afterwards: GBK trail bytes include ``|`` and a backslash, GB18030's
    four-byte codes contain digits.
    """
    for base, raw in cut_pieces(stream, guess, size=size):
        yield decode_piece(raw, guess, base)


def cut_pieces(stream: Readable, guess: Guess, *, size: int = PIECE) -> Iterator[tuple[int, bytes]]:
    """The bytes of each piece behind the BOM, and where they stand."""
    start, rest = _skip(stream, guess.bom), b""
    while more := stream.read(size):
        raw = rest + more
        cut = _cut(raw, guess.encoding, size)
        if cut:
            yield start, raw[:cut]
        rest, start = raw[cut:], start + cut
    if rest:
        yield start, rest


def decode_piece(raw: bytes, guess: Guess, base: int) -> Piece:
    """A piece as text; the same bytes give the same text, whenever they are read."""
    decode = _decode_utf16 if guess.encoding.startswith("utf-16") else _decode_lines
    return decode(raw, guess.encoding, base)


def line_encodings(raw: bytes, encoding: str) -> Iterator[tuple[bytes, str]]:
    """Each line of a piece, its end included, with the encoding it is read in."""
    suspects = set(utf8_lines(_array(raw)).tolist()) if encoding != "utf-8" else set()
    start = 0
    for number, line in enumerate(raw.split(b"\n")):
        whole = raw[start : start + len(line) + 1]  # every line but the last has its line end
        yield whole, choose_encoding(whole, encoding, suspect=number in suspects)
        start += len(whole)


def decode_window(window: Window, guess: Guess, *, whole: bool) -> UInt8:
    """The whole lines of a look, as UTF-8 (a head without any line end is kept)."""
    data = window.data
    start = Guess(guess.encoding, guess.bom if window.start == 0 else 0)
    if guess.encoding.startswith("utf-16"):
        data = data[window.start % 2 :]
    pieces = read_pieces(io.BytesIO(data), start, size=max(len(data), 1))
    text = b"".join(piece.text.tobytes() for piece in pieces)
    if window.start:
        text = text[text.find(b"\n") + 1 :]
    if not whole:
        end = text.rfind(b"\n") + 1
        text = text[:end] if end or window.start else text[:_HEAD_LINE]
    return np.frombuffer(text, np.uint8)


def _skip(stream: Readable, count: int) -> int:
    left = count
    while left and (gone := stream.read(left)):
        left -= len(gone)
    return count


def _cut(raw: bytes, encoding: str, size: int) -> int:
    """Where to end a piece: behind the last line end, in a very long line behind a character."""
    if encoding.startswith("utf-16"):
        end = len(raw) // 2 * 2
        high = raw[end - 1 if encoding.endswith("le") else end - 2] if end else 0
        return end - 2 if 0xD8 <= high <= 0xDB else end
    cut = raw.rfind(b"\n") + 1
    if cut or len(raw) < size:
        return cut
    if encoding == "utf-8":
        tail = raw[-4:]
        for back in range(1, len(tail) + 1):
            if tail[-back] >= 0xC0:
                return len(raw) - back
            if tail[-back] < 0x80:
                break
        return len(raw)
    return _whole_characters(raw, encoding)


def _whole_characters(raw: bytes, encoding: str) -> int:
    """How many bytes of a two- or four-byte encoding end with a whole character."""
    decoder = codecs.getincrementaldecoder(CODECS[encoding])("replace")
    decoder.decode(raw)
    return len(raw) - len(decoder.getstate()[0])


def is_utf8(raw: bytes) -> bool:
    r"""Whether ``raw`` is strict UTF-8, surrogates excluded.

    >>> is_utf8("张".encode()), is_utf8(b"\xed\xa0\x80")
    (True, False)
    """
    buffers = [None, pa.py_buffer(np.array([0, len(raw)], np.int32)), pa.py_buffer(raw)]
    try:
        pa.Array.from_buffers(pa.string(), 1, buffers).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _array(data: bytes) -> UInt8:
    return np.frombuffer(data, np.uint8)


def _decode_lines(raw: bytes, encoding: str, base: int) -> Piece:
    """A piece in an encoding whose line ends are plain bytes; at the first doubt, line by line."""
    if encoding == "utf-8":
        return Piece(_array(raw), base) if is_utf8(raw) else _decode_mixed(raw, encoding, base)
    try:
        text = raw.decode(CODECS[encoding])
    except UnicodeDecodeError:
        return _decode_mixed(raw, encoding, base)
    if utf8_lines(_array(raw)).size or text.encode(CODECS[encoding]) != raw:
        return _decode_mixed(raw, encoding, base)
    encoded = _array(text.encode())
    return Piece(encoded, base, align(_array(raw), encoded, encoding, base))


def _decode_utf16(raw: bytes, encoding: str, base: int) -> Piece:
    text = raw.decode(encoding, "replace")
    encoded = _array(text.encode())
    if text.encode(encoding) == raw:
        return Piece(encoded, base, align(_array(raw), encoded, encoding, base))
    doubts = [
        Doubt("UNDECODABLE", number, encoding)
        for number, line in enumerate(text.split("\n"))
        if "\ufffd" in line
    ]
    return Piece(encoded, base, np.full(encoded.size, -1, np.int64), doubts)


def _decode_mixed(raw: bytes, encoding: str, base: int) -> Piece:
    """A piece whose lines are in several encodings: each in the one it reads best in."""
    texts: list[bytes] = []
    places: list[Int64] = []
    doubts: list[Doubt] = []
    start = 0
    for number, (whole, name) in enumerate(line_encodings(raw, encoding)):
        text = whole.decode(CODECS[name], "replace")
        encoded = text.encode()
        exact = text.encode(CODECS[name], "replace") == whole
        if not exact and "\ufffd" in text:
            doubts.append(Doubt("UNDECODABLE", number, name))
        elif name != encoding:
            doubts.append(Doubt("MIXED_ENCODING", number, name))
        texts.append(encoded)
        places.append(_line_places(whole, encoded, name, base + start, exact, name == encoding))
        start += len(whole)
    return Piece(_array(b"".join(texts)), base, np.concatenate(places), doubts)


def _line_places(
    raw: bytes, text: bytes, encoding: str, base: int, exact: bool, own: bool
) -> Int64:
    if not exact:
        return np.full(len(text), -1, np.int64)
    places = align(_array(raw), _array(text), encoding, base)
    return places if own else OTHER - places


def choose_encoding(line: bytes, main: str, *, suspect: bool = False) -> str:
    """The encoding of one line of a file that is mostly in ``main``.

    ``suspect`` lines decode in ``main`` but are valid UTF-8 with three-byte characters, which GBK
    text hardly ever is by chance.
    """
    if line.isascii():
        return main
    best, score = main, -9.0
    for name in (main, *(other for other in CODECS if other != main and other in UTF8_LIKE)):
        try:
            text = line.decode(CODECS[name])
        except UnicodeDecodeError:
            text = line.decode(CODECS[name], "replace")
        else:
            if name == main and not suspect:
                return main
        mark = plausibility(text) + (0.5 if name == main and not suspect else 0.0)
        if mark > score:
            best, score = name, mark
    return best
