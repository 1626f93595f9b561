"""Encoding detection for Chinese text: BOM, UTF-16 by its NULs, strict UTF-8, GB18030 or Big5.

GB18030 and Big5 are compared by the plausibility of the decoded characters.  General detectors fail
on the usual content of dumps: short, digit-heavy GBK, and UTF-16 without a BOM.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from piiscan.sources.encoding.plausibility import decodes, plausibility
from piiscan.sources.encoding.segments import BINARY, TEXT, find_segments
from piiscan.sources.encoding.wide_spans import wide_spans

#: Python codec of each encoding; cp950 is the Big5 of Windows.
CODECS: Final = {
    "utf-8": "utf-8",
    "gb18030": "gb18030",
    "big5": "cp950",
    "utf-16-le": "utf-16-le",
    "utf-16-be": "utf-16-be",
    "utf-32-le": "utf-32-le",
    "utf-32-be": "utf-32-be",
}
#: Encodings to try for single lines of a file that is in another encoding.
_LINE_ENCODINGS: Final = ("utf-8", "gb18030")
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose BOM is its beginning
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)
_MAX_LINES: Final = 4000
#: First bytes of characters of two bytes in UTF-8, and of more.
_TWO_BYTE: Final = bytes(range(0xC2, 0xE0))
_MORE_BYTES: Final = bytes(range(0xE0, 0xF5))
#: NULs in a row that are a hole, and no padding of a field, when text is known by its bytes.
_LEAST_HOLE: Final = 64
#: A character of GBK; the first group has those that draw boxes, which are Hanzi in Big5.
_GBK_CHARACTER: Final = re.compile(
    rb"(\xa9[\xa4-\xef]|\xa8[\x40-\x95])|[\x81-\xfe][\x40-\xfe]|.", re.DOTALL
)
#: Difference of plausibility below which two encodings that both decode a text are in doubt.
_DOUBT: Final = 0.3
_RIVAL_LINES: Final = 200
#: Control characters of no text: not NUL, of padding, and not those of lines and terminals.
#: Control character between the cells of Hive: a third of a text at most.
_HIVE: Final = "\x01"
_CONTROL_CHARACTERS: Final = sorted({*map(chr, range(1, 32)), "\x7f"} - set("\t\r\n\f\x1b"))


@dataclass(frozen=True, slots=True)
class EncodingGuess:
    """Detected encoding (a key of ``CODECS``), and the number of bytes of BOM before the text."""

    encoding: str
    bom: int = 0
    rival: str = ""  # another encoding in which the text is nearly as plausible

    @property
    def block_encoding(self) -> str:
        """Return the encoding as Blocks name it (``utf-16`` for both byte orders)."""
        return self.encoding[:6] if is_wide(self.encoding) else self.encoding


def guess_encoding(head: bytes, others: Iterable[bytes] = ()) -> EncodingGuess | None:
    """Detect the encoding of a content from its head and other samples; return None if not text.

    ``others`` may begin and end inside a line; only their complete lines are used.
    """
    for bom, name in _BOMS:
        if head.startswith(bom):
            return EncodingGuess(name, len(bom))
    others = list(others)
    found = _detect_utf32(head) or _detect_utf16(head) or _detect_narrow(head, others)
    if found is None and 0 in head:
        found = _detect_by_segments(head, others)
    if found is None:
        return None
    return EncodingGuess(
        found, rival=_find_rival(head, found) if found in ("gb18030", "big5") else ""
    )


def is_wide(encoding: str) -> bool:
    """Return True if ``encoding`` is UTF-16 or UTF-32."""
    return encoding.startswith(("utf-16", "utf-32"))


def unit_bytes(encoding: str) -> int:
    """Return the bytes of a code unit: 2 for UTF-16, 4 for UTF-32."""
    return 4 if encoding.startswith("utf-32") else 2


def _detect_narrow(head: bytes, others: list[bytes]) -> str | None:
    """Detect UTF-8, GB18030 or Big5; return None if the samples are no text."""
    lines = _whole_lines(head, first=True)
    for window in others:
        lines += _whole_lines(window, first=False)
    encoding = _detect_by_lines(lines[:_MAX_LINES])
    return encoding if _is_text(b"\n".join(lines), encoding) else None


def _detect_by_segments(head: bytes, others: list[bytes]) -> str | None:
    """Detect the encoding of the larger part of a text that has NULs or UTF-16 segments in it."""
    if not head.strip(b"\0") and others:
        guesses = (guess_encoding(other[other.find(b"\n") + 1 :]) for other in others)
        return next((guess.encoding for guess in guesses if guess is not None), None)
    narrow, wide = [], Counter[str]()
    for each in find_segments(head, least_hole=_LEAST_HOLE):
        if each.kind == BINARY:
            return None
        if each.kind == TEXT:
            narrow.append(head[each.start : each.end])
        elif each.is_wide:
            wide[each.kind] += each.end - each.start
    text = b"\n".join(narrow)
    if wide and (len(text) < wide.total() or not _detect_narrow(text, [])):
        return wide.most_common(1)[0][0]
    return _detect_narrow(text, []) if text.strip() else None


def _detect_utf32(head: bytes) -> str | None:
    """Detect UTF-32 without a BOM: return ``utf-32-le`` or ``utf-32-be``, None for other bytes."""
    units = np.frombuffer(head, np.uint8, len(head) // 4 * 4).reshape(-1, 4)
    for name, zeros in (("utf-32-le", units[:, 3]), ("utf-32-be", units[:, 0])):
        if (
            len(units)
            and not zeros.any()
            and wide_spans(head[:4096])[:1] == [(0, min(len(units) * 4, 4096), name)]
        ):
            return name
    return None


def _detect_utf16(head: bytes) -> str | None:
    """Detect UTF-16 without a BOM: return ``utf-16-le`` or ``utf-16-be``, None for other bytes.

    ASCII characters (digits, line ends) have a NUL as their high byte.  Text with hardly any ASCII
    must be plausible Chinese instead, as 一 (U+4E00) has a NUL as its low byte.
    """
    even = head[: len(head) // 2 * 2]
    if 0 not in even:
        return None
    found: list[tuple[float, str]] = []
    for name, high in (("utf-16-le", 1), ("utf-16-be", 0)):
        text = even.decode(name, "replace")
        control_characters = sum(
            1 for c in text if c == "\ufffd" or (c < " " and c not in "\t\r\n\f\x1b")
        )
        nul_share = even[high::2].count(0) / len(text)
        quality = plausibility(text)
        if (
            control_characters * 50 <= len(text)
            and quality > -0.5
            and (nul_share > 0.2 or quality > 0.5)
        ):
            found.append((nul_share + quality, name))
    return max(found)[1] if found else None


def _whole_lines(window: bytes, *, first: bool) -> list[bytes]:
    """Return the complete lines of a sample window; the whole head if it has no line end."""
    lines = window.split(b"\n")
    if first:
        return lines[:-1] or [window[:-4] if len(window) > 1024 else window]
    return lines[1:-1]


def _detect_by_lines(lines: list[bytes]) -> str:
    """Return utf-8 if at least half of the non-ASCII lines are UTF-8, else the most plausible one.

    Of fewer than four such lines all decide together. Return utf-8 without one.
    """
    valid, invalid, three_byte = 0, [], False
    for line in lines:
        if line.isascii():
            continue
        try:
            line.decode("utf-8")
            valid += 1
            # UTF-8 with many three-byte characters and hardly any two-byte ones is no coincidence
            if not three_byte:
                two_byte = len(line) - len(line.translate(None, _TWO_BYTE))
                three_byte = len(line) - len(line.translate(None, _MORE_BYTES)) > 2 * two_byte
        except UnicodeDecodeError:
            invalid.append(line)
    if three_byte and not invalid:
        return "utf-8"
    if valid + len(invalid) < 4:  # too few for a majority; 薛伟强 in GBK is also valid UTF-8
        return best_encoding(b"\n".join(line for line in lines if not line.isascii()))
    return "utf-8" if valid >= len(invalid) else best_encoding(b"\n".join(invalid))


def best_encoding(line: bytes) -> str:
    """Return the encoding in which a line is most plausible: utf-8, gb18030 or big5.

    >>> best_encoding("刘伟,13800138000".encode("gbk")), best_encoding("│张伟│".encode("gbk"))
    ('gb18030', 'gb18030')
    """
    if line.isascii():
        return "utf-8"
    # GB18030 is far more common than Big5, so it wins if both score nearly the same
    bonus = {"utf-8": 0.5, "gb18030": 0.4, "big5": 0.0}
    scores = _encoding_scores(line)
    return max(bonus, key=lambda name: scores[name] + bonus[name])


def _encoding_scores(line: bytes) -> dict[str, float]:
    """Return the plausibility of a line in all encodings, without characters of boxes in GBK."""
    plain = _GBK_CHARACTER.sub(lambda found: b"" if found[1] else found[0], line)
    line = line if plain.isascii() else plain
    names = ("utf-8", "gb18030", "big5")
    return {name: plausibility(line.decode(CODECS[name], "replace")) for name in names}


def _find_rival(head: bytes, encoding: str) -> str:
    """Return another encoding that decodes a sample, and nearly as plausibly; "" without one."""
    lines = _whole_lines(head, first=True)[:_RIVAL_LINES]
    text = b"\n".join(line for line in lines if not line.isascii())
    scores = _encoding_scores(text) if text else {}
    least = scores.get(encoding, 0.0) - _DOUBT
    others = [n for n, score in scores.items() if n != encoding and score > least]
    return next((name for name in others if decodes(text, CODECS[name])), "")


def _is_text(data: bytes, encoding: str) -> bool:
    """Return True if the decoding has few enough control characters and undecodable bytes."""
    data = data[: 1 << 16]
    try:
        # U+FFFD may be part of the text, from an earlier conversion; the end may be cut off
        text = codecs.getincrementaldecoder(CODECS[encoding])().decode(data)
        unreadable = 0
    except UnicodeDecodeError:
        text = "\n".join(_decode_line(line, encoding) for line in data.split(b"\n"))
        unreadable = text.count("\ufffd")
    nuls = text.count("\0")  # fields padded with NUL are still text
    control_characters = sum(map(text.count, _CONTROL_CHARACTERS))
    if not unreadable and text.count(_HIVE) * 3 <= len(text):
        control_characters -= text.count(_HIVE)
    return (control_characters + unreadable) * 10 <= len(text) - nuls and nuls * 2 <= len(text)


def _decode_line(line: bytes, encoding: str) -> str:
    """Decode one line in the first encoding that fits, ``encoding`` first."""
    for codec in dict.fromkeys((CODECS[encoding], *_LINE_ENCODINGS)):
        try:
            return line.decode(codec)
        except UnicodeDecodeError:
            continue
    return line.decode(CODECS[encoding], "replace")


def decode_name(name: bytes, *, others: bytes = b"") -> str:
    """Decode a file name as UTF-8, else GB18030 or Big5; undecodable bytes become U+FFFD.

    ``others`` are further names from the same folder or archive, to decide the encoding by.

    >>> decode_name("名单.txt".encode("gbk"))
    '名单.txt'
    """
    try:
        return name.decode("utf-8")
    except UnicodeDecodeError:
        codec = CODECS[best_encoding(name + b"\n" + others)]
    return name.decode(codec, "replace")
