r"""Decoder: a stream of bytes as pieces of UTF-8 text, with the byte offset of every character.

read_pieces(stream of GBK "张三\n") -> Piece(text="张三\n" as UTF-8, byte offsets 0 0 0 2 2 2 4)

``base`` is everywhere the byte offset, in the stream, of the bytes ``raw`` that are decoded.
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import BinaryIO, Final

import numpy as np
import pyarrow as pa

from piiscan.arrays import Int64, UInt8
from piiscan.sources.content import Window, read_up_to
from piiscan.sources.encoding.byte_map import (
    ASCII_COMPATIBLE,
    OTHER_ENCODING,
    align_offsets,
    utf8_lines,
)
from piiscan.sources.encoding.detector import (
    CODECS,
    EncodingGuess,
    best_encoding,
    is_wide,
    unit_bytes,
)
from piiscan.sources.encoding.plausibility import is_mostly_text, plausibility
from piiscan.sources.encoding.segments import BINARY, HOLE, TEXT, Segment, find_segments
from piiscan.sources.encoding.wide_spans import unit_weights, wide_spans
from piiscan.sources.read_state import ReadState

#: Bytes per read. Pieces end at line ends, so they are a little shorter or longer.
PIECE_BYTES: Final = 3 << 20
#: Bytes of a sample that are used if its first line has no end.
_MAX_FIRST_LINE: Final = 64 << 10
#: Bytes before the end of a piece in which its last line end is looked for, if there is wide text.
_MAX_LAST_LINE: Final = 64 << 10
_TAIL: Final = 4096
#: Parts of a piece that are decoded by themselves if the whole does not decode exactly, and least
#: bytes of one.
_PARTS: Final = 16
_LEAST_PART: Final = 2048
#: Most bytes of other text behind wide text at the end of a piece: its last line, cut in two.
_MAX_CUT_LINE: Final = 1024
#: Units of UTF-16 that are looked at together, and their least mean weight in ordinary text.
_RUN: Final = 64
_ORDINARY: Final = -1
#: UTF-16 inside a text in another encoding: a tool appended it (``>>`` of Windows PowerShell).
_UTF16_INSIDE: Final = re.compile(rb"(?:[ -~]\0){4}|(?:\0[ -~]){4}")
_ASCII, _DIGITS = range(32, 127), range(48, 58)
#: Four characters that UTF-16 has by misreading alone: ASCII that begins at an odd byte, since one
#: was lost before it (``1`` is U+3100), and digits in an encoding of one byte (``13`` is U+3331).
_MISREAD: Final = re.compile(
    f"[{''.join(chr(a << 8) for a in _ASCII)}]{{4}}"
    f"|[{''.join(chr(a << 8 | b) for a in _DIGITS for b in _DIGITS)}]{{4}}"
)


_NONE: Final = np.empty(0, np.int64)


@dataclass(frozen=True, slots=True)
class LineWarning:
    """Warning about a line of a piece: other encoding, undecodable, or after binary bytes."""

    reason: str  # MIXED_ENCODING | UNDECODABLE | BINARY_PART
    line: int  # line in the piece, from 0
    encoding: str
    skipped: tuple[int, int] = (0, 0)  # of BINARY_PART: [start, end) in the stream


@dataclass(frozen=True, slots=True)
class Piece:
    """Part of a decoded stream: UTF-8 text, with the byte offset of its characters in the stream.

    ``base`` is the byte offset of the first character.  If ``byte_offsets`` is None, all others
    follow byte by byte.  Else it has the offset of each byte of the text: -1 if there is no exact
    offset, and -2 - p for an offset p in a line of another encoding.  ``is_segmented``: True if
    lines of the text are no lines of the bytes, as parts are wide text or no text.
    """

    text: UInt8
    base: int
    byte_offsets: Int64 | None = None
    warnings: list[LineWarning] = field(default_factory=list)
    is_segmented: bool = False


def read_pieces(
    stream: BinaryIO,
    guess: EncodingGuess,
    *,
    size: int = PIECE_BYTES,
    reading: ReadState | None = None,
) -> Iterator[Piece]:
    """Yield a stream as decoded UTF-8 pieces of whole lines; a line above the piece size is cut.

    Text is decoded before it is split into cells: trail bytes of GBK include ``|`` and the
    backslash, and four-byte codes of GB18030 contain digits.  ``reading``: state from which to go
    on, else the stream is read from its start.
    """
    for base, raw in read_raw_pieces(stream, guess, size=size, reading=reading):
        yield decode_piece(raw, guess, base)


def read_raw_pieces(
    stream: BinaryIO,
    guess: EncodingGuess,
    *,
    size: int = PIECE_BYTES,
    reading: ReadState | None = None,
) -> Iterator[tuple[int, bytes]]:
    """Yield (byte offset, undecoded bytes) of each piece of the stream after the BOM."""
    at = reading or ReadState()
    if at.end:
        stream.seek(at.start)
    else:
        read_up_to(stream, guess.bom)
        at.start = at.end = guess.bom
    rest = read_up_to(stream, at.end - at.start)
    at.between_pieces()
    while more := stream.read(size):
        raw, start = rest + more, at.start
        end = _piece_end(raw, guess.encoding, size)
        rest, at.start, at.end = raw[end:], start + end, start + len(raw)
        if end:
            yield start, raw[:end]
        at.between_pieces()
    if rest:
        yield at.start, rest


def decode_piece(raw: bytes, guess: EncodingGuess, base: int) -> Piece:
    """Decode ``raw``, the bytes of one piece, to UTF-8. ``base``: its byte offset in the stream.

    The result depends on these bytes alone.
    """
    if is_wide(guess.encoding):
        if (piece := _decode_wide(raw, guess.encoding, base)) is not None:
            return piece
        return _decode_segments(raw, _wide_segments(raw, guess.encoding), guess, base)
    if b"\0" not in raw:
        return _decode_lines(raw, guess.encoding, base)
    segments = find_segments(raw)
    if len(segments) == 1 and segments[0].kind == TEXT:
        return _decode_padded(raw, guess.encoding, base)
    return _decode_segments(raw, segments, guess, base)


def _decode_padded(raw: bytes, encoding: str, base: int) -> Piece:
    """Decode text that has NULs between its lines; warn of lines that are UTF-16."""
    piece = _decode_lines(raw, encoding, base)
    return replace(piece, warnings=[*piece.warnings, *_utf16_lines(raw, encoding)])


def _utf16_lines(raw: bytes, encoding: str) -> Iterator[LineWarning]:
    """Yield a warning for each line that contains UTF-16: NULs between its digits."""
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
    if is_wide(guess.encoding):
        data = data[-window.start % unit_bytes(guess.encoding) :]
    pieces = read_pieces(io.BytesIO(data), start, size=max(len(data), 1))
    text = b"".join(piece.text.tobytes() for piece in pieces)
    if window.start:
        text = text[text.find(b"\n") + 1 :]
    if not whole:
        end = text.rfind(b"\n") + 1
        if end == 0 and window.start == 0:
            end = character_boundary(np.frombuffer(text, np.uint8), _MAX_FIRST_LINE)
        text = text[:end]
    return np.frombuffer(text, np.uint8)


def character_boundary(text: UInt8, size: int) -> int:
    """Return the end of the last complete character of the UTF-8 ``text`` at or before ``size``."""
    while size < text.size and text[size] & 0xC0 == 0x80:
        size -= 1
    return size


def _piece_end(raw: bytes, encoding: str, size: int) -> int:
    """Return the byte offset at which to cut ``raw``: after its last line end, else a character."""
    wide, start = _last_wide_text(raw, encoding)
    low = max(0, len(raw) - _MAX_LAST_LINE)
    if wide and (end := _after_line_end(raw, wide, low, len(raw))):
        return end
    if start:  # a piece that begins inside a line cannot tell that a byte was lost in it
        return _after_line_end(raw, encoding, low, start) or start
    if wide == encoding:
        unit = unit_bytes(encoding)
        end = len(raw) // unit * unit
        high = raw[end - 1 if encoding.endswith("le") else end - 2] if end and unit == 2 else 0
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
    decoder = codecs.getincrementaldecoder(CODECS[encoding])("replace")
    decoder.decode(raw)
    return len(raw) - len(decoder.getstate()[0])  # without the first bytes of a character


def _after_line_end(raw: bytes, encoding: str, low: int, high: int) -> int:
    """Return the byte offset after the last line end in ``raw[low:high]``; 0 without a line end."""
    line_end = "\n".encode(CODECS[encoding])
    end = raw.rfind(line_end, low, high)
    return end + len(line_end) if end >= 0 else 0


def _last_wide_text(raw: bytes, encoding: str) -> tuple[str, int]:
    """Return (encoding, byte offset) of UTF-16 or UTF-32 at the end of ``raw``; ("", 0) without it.

    The start is 0 if the end of the piece is in the encoding of the file.
    """
    start = max(0, len(raw) - _TAIL) // 4 * 4
    tail = raw[start:]
    if is_wide(encoding):
        text = tail[: len(tail) // 4 * 4].decode(encoding, "replace")
        if not _MISREAD.search(text) and _is_wide_text(text):
            return encoding, 0
    elif b"\0" not in tail:
        return "", 0
    spans = wide_spans(tail)
    if not spans or spans[-1][1] <= len(tail) - _MAX_CUT_LINE:
        lines = tail[tail.find(b"\n") + 1 : tail.rfind(b"\n") + 1]
        is_narrow = b"\0" not in lines and is_mostly_text(lines)
        return ("", 0) if is_narrow or not is_wide(encoding) else (encoding, 0)
    return spans[-1][2], start + spans[-1][0]


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


def _decode_wide(raw: bytes, encoding: str, base: int) -> Piece | None:
    """Decode UTF-16 or UTF-32 to a Piece; None if parts of it may be in another encoding."""
    text = raw.decode(encoding, "replace")
    if text.encode(encoding) != raw or _MISREAD.search(text):
        return None
    if unit_bytes(encoding) == 2 and len(raw) >= 2:
        weights = unit_weights()[np.frombuffer(raw, "<u2" if encoding.endswith("le") else ">u2")]
        runs = weights[: len(weights) // _RUN * _RUN].reshape(-1, _RUN).sum(1)
        if np.any(runs < _RUN * _ORDINARY) or weights[len(runs) * _RUN :].sum() < -_RUN:
            return None
    encoded = _array(text.encode())
    return Piece(encoded, base, align_offsets(_array(raw), encoded, encoding, base))


def _wide_segments(raw: bytes, encoding: str) -> list[Segment]:
    """Return the segments of ``raw``, which is mostly UTF-16 or UTF-32 (``encoding``).

    An unlikely text remains in that encoding.
    """
    segments: list[Segment] = []
    for each in find_segments(raw):
        part = raw[each.start : each.end]
        other = each.is_wide or (
            (each.kind == BINARY and not _is_wide_text(part.decode(encoding, "replace")))
            or (each.kind == TEXT and b"\0" not in part and is_mostly_text(part))
        )
        kind = each.kind if other or len(part) < unit_bytes(encoding) else encoding
        start = each.start
        if segments and kind == encoding == segments[-1].kind:
            before = segments[-1].start
            if (start - before) % unit_bytes(encoding) == 0:
                start = before
                segments.pop()
        segments.append(Segment(start, each.end, kind))
    return segments


def _is_wide_text(text: str) -> bool:
    """Return True if hardly any character of wide text is a control character or has no meaning."""
    odd = sum(not (char.isprintable() or char in "\t\r\n") or char == "\ufffd" for char in text)
    return odd * 20 <= len(text)


def _decode_segments(raw: bytes, segments: list[Segment], guess: EncodingGuess, base: int) -> Piece:
    """Decode ``raw`` segment by segment; each segment begins on a line of its own.

    Holes have no text, and parts that are no text are left out, each with a warning.
    """
    texts: list[UInt8] = []
    byte_offsets: list[Int64] = []
    warnings: list[LineWarning] = []
    line, ends_line = 0, not base or base == guess.bom
    for each in segments:
        if not ends_line and not (each.start == 0 and each.kind != HOLE and each.kind != BINARY):
            texts.append(_array(b"\n"))
            byte_offsets.append(np.array([base + each.start], np.int64))
            line, ends_line = line + 1, True
            if each.is_wide and is_wide(guess.encoding):  # as behind a lost byte
                warnings.append(LineWarning("UNDECODABLE", line, guess.encoding))
        if each.kind == HOLE:
            continue
        if each.kind == BINARY:
            place = base + each.start, base + each.end
            warnings.append(LineWarning("BINARY_PART", line, guess.encoding, place))
            continue
        piece = _decode_segment(raw[each.start : each.end], each.kind, guess, base + each.start)
        warnings += [replace(warning, line=line + warning.line) for warning in piece.warnings]
        texts.append(piece.text)
        byte_offsets.append(_explicit_offsets(piece))
        line += int(np.count_nonzero(piece.text == 10))
        # a byte that is left over stays in the line of what is behind it
        ends_line = bool(piece.text.size and piece.text[-1] == 10)
        if not ends_line and each.end - each.start < 4 and len(segments) > 1:
            ends_line = True
            warnings.append(LineWarning("UNDECODABLE", line, guess.encoding))
    text = np.concatenate([_array(b""), *texts])
    text.setflags(write=False)
    offsets = np.concatenate([_NONE, *byte_offsets])
    segmented = len(segments) > 1 and bool(offsets.min(initial=0) < 0 or warnings)
    return Piece(text, base, offsets, warnings, segmented)


def _decode_segment(raw: bytes, kind: str, guess: EncodingGuess, base: int) -> Piece:
    """Decode one segment of a piece. ``kind``: TEXT, or the name of a wide encoding."""
    main = guess.encoding
    if kind == TEXT and not is_wide(main):
        return _decode_padded(raw, main, base)
    if kind == TEXT and len(raw) < unit_bytes(main):  # left by a lost byte
        text = _array(b"\n" if b"\n" in raw else "\ufffd".encode())
        warning = LineWarning("UNDECODABLE", 0, main)
        return Piece(text, base, np.full(text.size, -1, np.int64), [warning])
    if kind == TEXT:
        encoding = best_encoding(raw[:_MAX_FIRST_LINE])
        piece = _decode_padded(raw, encoding, base)
    else:
        encoding = kind
        mark = "\ufeff".encode(kind)
        skipped = len(mark) if raw.startswith(mark) else 0
        piece = _replace_undecodable(raw[skipped:], kind, base + skipped)
        if kind == main:
            return piece
    warned = {warning.line for warning in piece.warnings}
    lines = int(np.count_nonzero(piece.text == 10)) + int(piece.text.size and piece.text[-1] != 10)
    others = [LineWarning("MIXED_ENCODING", n, encoding) for n in range(lines) if n not in warned]
    nowhere = np.full(piece.text.size, -1, np.int64)  # as its characters have other widths
    return replace(piece, byte_offsets=nowhere, warnings=[*piece.warnings, *others])


def _replace_undecodable(raw: bytes, encoding: str, base: int) -> Piece:
    """Decode wide text; warn for each line with undecodable or misread bytes."""
    text = raw.decode(encoding, "replace")
    encoded = _array(text.encode())
    exact, misread = text.encode(encoding) == raw, _MISREAD.search(text)
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
    """Decode a piece by parts; decode line by line a part that does not decode exactly."""
    if len(raw) < _PARTS * _LEAST_PART:
        return _decode_by_line(raw, encoding, base)
    texts: list[UInt8] = []
    byte_offsets: list[Int64] = []
    warnings: list[LineWarning] = []
    start = line = 0
    while start < len(raw):
        end = raw.find(b"\n", start + len(raw) // _PARTS) + 1 or len(raw)
        decode = _decode_lines if end - start < len(raw) else _decode_by_line  # one line
        piece = decode(raw[start:end], encoding, base + start)
        texts.append(piece.text)
        byte_offsets.append(_explicit_offsets(piece))
        warnings += [replace(warning, line=line + warning.line) for warning in piece.warnings]
        line += raw.count(b"\n", start, end)
        start = end
    text = np.concatenate(texts)
    text.setflags(write=False)
    return Piece(text, base, np.concatenate(byte_offsets), warnings)


def _explicit_offsets(piece: Piece) -> Int64:
    """Return the file offset of the character of each UTF-8 byte of a piece: ``int64[bytes]``."""
    if piece.byte_offsets is not None:
        return piece.byte_offsets
    return align_offsets(piece.text, piece.text, "utf-8", piece.base)


def _decode_by_line(raw: bytes, encoding: str, base: int) -> Piece:
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
        if exact:
            offsets = align_offsets(_array(whole), _array(encoded), name, base + start)
            byte_offsets.append(offsets if name == encoding else OTHER_ENCODING - offsets)
        else:
            byte_offsets.append(np.full(len(encoded), -1, np.int64))
        start += len(whole)
    return Piece(_array(b"".join(texts)), base, np.concatenate(byte_offsets), warnings)


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
