r"""Decoder: a stream of bytes as pieces of UTF-8 text, with the byte offset of every character.

read_pieces(stream of GBK "张三\n") -> Piece(text="张三\n" as UTF-8, byte offsets 0 0 0 2 2 2 4)
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

import numpy as np
import pyarrow as pa

from piiscan.arrays import Int64, UInt8
from piiscan.sources.content import Window
from piiscan.sources.encoding.byte_map import (
    ASCII_COMPATIBLE,
    OTHER_ENCODING,
    align_offsets,
    utf8_lines,
)
from piiscan.sources.encoding.detector import CODECS, EncodingGuess, plausibility

#: Bytes per read. Pieces end at line ends, so they are a little shorter or longer.
PIECE_BYTES: Final = 3 << 20
#: Bytes of a sample that are used if its first line has no end.
_MAX_FIRST_LINE: Final = 64 << 10
#: UTF-16 inside a text in another encoding: a tool appended it (``>>`` of Windows PowerShell).
_UTF16_INSIDE: Final = re.compile(rb"(?:[ -~]\0){4}|(?:\0[ -~]){4}")
_ASCII, _DIGITS = range(32, 127), range(48, 58)
#: Four characters that UTF-16 has by misreading alone: ASCII that begins at an odd byte, since one
#: was lost before it (``1`` is U+3100), and digits in an encoding of one byte (``13`` is U+3331).
_MISREAD: Final = re.compile(
    f"[{''.join(chr(a << 8) for a in _ASCII)}]{{4}}"
    f"|[{''.join(chr(a << 8 | b) for a in _DIGITS for b in _DIGITS)}]{{4}}"
)


class Readable(Protocol):
    """Protocol of a binary stream from which pieces are read."""

    def read(self, size: int = ..., /) -> bytes:
        """Return at most ``size`` bytes, none at the end."""
        ...


@dataclass(frozen=True, slots=True)
class LineWarning:
    """Warning about a line of a piece: read in another encoding, or not completely decodable."""

    reason: str  # MIXED_ENCODING | UNDECODABLE
    line: int  # line in the piece, from 0
    encoding: str


@dataclass(frozen=True, slots=True)
class Piece:
    """Piece of UTF-8 text with the byte offsets of its characters in the stream.

    ``base`` is the byte offset of the first character.  If ``byte_offsets`` is None, all others
    follow byte by byte.  Else it has the offset of each byte of the text: -1 if there is no exact
    offset, and -2 - p for an offset p in a line of another encoding.
    """

    text: UInt8
    base: int
    byte_offsets: Int64 | None = None
    warnings: list[LineWarning] = field(default_factory=list)


def read_pieces(
    stream: Readable, guess: EncodingGuess, *, size: int = PIECE_BYTES
) -> Iterator[Piece]:
    """Yield the stream as decoded pieces, each with complete lines unless a line is too long.

    Text is decoded before it is split into cells: trail bytes of GBK include ``|`` and the
    backslash, and four-byte codes of GB18030 contain digits.
    """
    for base, raw in read_raw_pieces(stream, guess, size=size):
        yield decode_piece(raw, guess, base)


def read_raw_pieces(
    stream: Readable, guess: EncodingGuess, *, size: int = PIECE_BYTES
) -> Iterator[tuple[int, bytes]]:
    """Yield (byte offset, undecoded bytes) of each piece of the stream after the BOM."""
    start, rest = _skip_bytes(stream, guess.bom), b""
    while more := stream.read(size):
        raw = rest + more
        end = _piece_end(raw, guess.encoding, size)
        if end:
            yield start, raw[:end]
        rest, start = raw[end:], start + end
    if rest:
        yield start, rest


def decode_piece(raw: bytes, guess: EncodingGuess, base: int) -> Piece:
    """Decode the bytes of one piece to UTF-8; ``base`` is its offset in the stream.

    The result depends on these bytes alone.
    """
    if guess.encoding.startswith("utf-16"):
        return _decode_utf16(raw, guess.encoding, base)
    piece = _decode_lines(raw, guess.encoding, base)
    if b"\0" not in raw:
        return piece
    return replace(piece, warnings=[*piece.warnings, *_utf16_lines(raw, guess.encoding)])


def _utf16_lines(raw: bytes, encoding: str) -> Iterator[LineWarning]:
    """Yield a warning for each line with UTF-16 inside: its digits have NULs between them."""
    line, position, last = 0, 0, -1
    for found in _UTF16_INSIDE.finditer(raw):
        line += raw.count(b"\n", position, found.start())
        position = found.start()
        if line != last:
            yield LineWarning("UNDECODABLE", line, encoding)
        last = line


def line_encodings(raw: bytes, encoding: str) -> Iterator[tuple[bytes, str]]:
    """Yield (line with its line end, encoding to decode it in) for each line of a piece."""
    suspects = set(utf8_lines(_array(raw)).tolist()) if encoding != "utf-8" else set()
    start = 0
    for number, line in enumerate(raw.split(b"\n")):
        whole = raw[start : start + len(line) + 1]  # with the line end, except the last line
        yield whole, choose_encoding(whole, encoding, suspect=number in suspects)
        start += len(whole)


def decode_window(window: Window, guess: EncodingGuess, *, whole: bool) -> UInt8:
    """Return the complete lines of a sample window as UTF-8.

    ``whole``: the window is the whole content.  A head without any line end is shortened, not
    dropped.
    """
    data = window.data
    start = EncodingGuess(guess.encoding, guess.bom if window.start == 0 else 0)
    if guess.encoding.startswith("utf-16"):
        data = data[window.start % 2 :]
    pieces = read_pieces(io.BytesIO(data), start, size=max(len(data), 1))
    text = b"".join(piece.text.tobytes() for piece in pieces)
    if window.start:
        text = text[text.find(b"\n") + 1 :]
    if not whole:
        end = text.rfind(b"\n") + 1
        text = text[:end] if end or window.start else text[:_MAX_FIRST_LINE]
    return np.frombuffer(text, np.uint8)


def _skip_bytes(stream: Readable, count: int) -> int:
    """Read ``count`` bytes and drop them; return ``count``."""
    left = count
    while left and (skipped := stream.read(left)):
        left -= len(skipped)
    return count


def _piece_end(raw: bytes, encoding: str, size: int) -> int:
    """Return the offset to cut a piece at: after its last line end, else after a character."""
    if encoding.startswith("utf-16"):
        end = len(raw) // 2 * 2
        high = raw[end - 1 if encoding.endswith("le") else end - 2] if end else 0
        return end - 2 if 0xD8 <= high <= 0xDB else end
    end_of_line = raw.rfind(b"\n") + 1
    if end_of_line or len(raw) < size:
        return end_of_line
    if encoding == "utf-8":
        tail = raw[-4:]
        for back in range(1, len(tail) + 1):
            if tail[-back] >= 0xC0:
                return len(raw) - back
            if tail[-back] < 0x80:
                break
        return len(raw)
    return _whole_character_bytes(raw, encoding)


def _whole_character_bytes(raw: bytes, encoding: str) -> int:
    """Return the number of bytes of ``raw`` up to the end of its last complete character."""
    decoder = codecs.getincrementaldecoder(CODECS[encoding])("replace")
    decoder.decode(raw)
    return len(raw) - len(decoder.getstate()[0])


def is_utf8(raw: bytes) -> bool:
    r"""Return True if ``raw`` is strict UTF-8 without surrogates.

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
    """Decode a piece with single-byte line ends; line by line if it does not decode exactly."""
    if encoding == "utf-8":
        return Piece(_array(raw), base) if is_utf8(raw) else _decode_mixed(raw, encoding, base)
    try:
        text = raw.decode(CODECS[encoding])
    except UnicodeDecodeError:
        return _decode_mixed(raw, encoding, base)
    if utf8_lines(_array(raw)).size or text.encode(CODECS[encoding]) != raw:
        return _decode_mixed(raw, encoding, base)
    encoded = _array(text.encode())
    return Piece(encoded, base, align_offsets(_array(raw), encoded, encoding, base))


def _decode_utf16(raw: bytes, encoding: str, base: int) -> Piece:
    """Decode a piece of UTF-16; warn for each line with undecodable bytes."""
    text = raw.decode(encoding, "replace")
    encoded = _array(text.encode())
    exact, misread = text.encode(encoding) == raw, _MISREAD.search(text)
    if exact and not misread:
        return Piece(encoded, base, align_offsets(_array(raw), encoded, encoding, base))
    warnings = [
        LineWarning("UNDECODABLE", number, encoding)
        for number, line in enumerate(text.split("\n"))
        if (not exact and "\ufffd" in line) or (misread and _MISREAD.search(line))
    ]
    if exact:
        offsets = align_offsets(_array(raw), encoded, encoding, base)
        return Piece(encoded, base, offsets, warnings)
    return Piece(encoded, base, np.full(encoded.size, -1, np.int64), warnings)


def _decode_mixed(raw: bytes, encoding: str, base: int) -> Piece:
    """Decode a piece line by line, each line in its most plausible encoding."""
    texts: list[bytes] = []
    byte_offsets: list[Int64] = []
    warnings: list[LineWarning] = []
    start = 0
    for number, (whole, name) in enumerate(line_encodings(raw, encoding)):
        text = whole.decode(CODECS[name], "replace")
        encoded = text.encode()
        exact = text.encode(CODECS[name], "replace") == whole
        if not exact and "\ufffd" in text:
            warnings.append(LineWarning("UNDECODABLE", number, name))
        elif name != encoding:
            warnings.append(LineWarning("MIXED_ENCODING", number, name))
        texts.append(encoded)
        byte_offsets.append(
            _line_byte_offsets(whole, encoded, name, base + start, exact, name == encoding)
        )
        start += len(whole)
    return Piece(_array(b"".join(texts)), base, np.concatenate(byte_offsets), warnings)


def _line_byte_offsets(
    raw: bytes, text: bytes, encoding: str, base: int, exact: bool, is_main: bool
) -> Int64:
    """Return the file offset of each byte of a decoded line; all -1 unless ``exact``."""
    if not exact:
        return np.full(len(text), -1, np.int64)
    byte_offsets = align_offsets(_array(raw), _array(text), encoding, base)
    return byte_offsets if is_main else OTHER_ENCODING - byte_offsets


def choose_encoding(line: bytes, main_encoding: str, *, suspect: bool = False) -> str:
    """Return the encoding of one line of a file that is mostly in ``main_encoding``.

    ``suspect``: the line decodes in ``main_encoding``, but is also valid UTF-8 with characters of
    three bytes.  Text in GBK is hardly ever so by chance.
    """
    if line.isascii():
        return main_encoding
    best, best_quality = main_encoding, -9.0
    for name in (
        main_encoding,
        *(other for other in CODECS if other != main_encoding and other in ASCII_COMPATIBLE),
    ):
        try:
            text = line.decode(CODECS[name])
        except UnicodeDecodeError:
            text = line.decode(CODECS[name], "replace")
        else:
            if name == main_encoding and not suspect:
                return main_encoding
        quality = plausibility(text) + (0.5 if name == main_encoding and not suspect else 0.0)
        if quality > best_quality:
            best, best_quality = name, quality
    return best
