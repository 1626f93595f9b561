"""Where each character of a line stands in its bytes, unreadable bytes among them."""

from __future__ import annotations

import codecs
from typing import Final

import numpy as np

from piiscan.arrays import Int64

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
