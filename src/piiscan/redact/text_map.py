"""A text and where each of its characters stands in the bytes it was read from.

What is replaced are the bytes of the characters that were found, nothing between or beside them:
quotes, escapes, entities and the marks of formatted text stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

#: From, to, and what stands there instead.
Edit = tuple[int, int, bytes]
#: From and to in code points, and what stands there instead.
Change = tuple[int, int, str]

#: What no replacement may hold: it would need escapes, or end a cell, a text or a tag.
_UNSAFE: Final = frozenset("\"'\\<>&`\x7f") | frozenset(map(chr, range(32)))


def inert(text: str) -> str:
    """``text`` with a star for every character that means something to a format.

    >>> inert('a"b<c')
    'a*b*c'
    """
    if text.isalnum():
        return text
    return "".join("*" if char in _UNSAFE else char for char in text)


def encode(text: str, codec: str) -> bytes:
    """``text`` in a codec, a star for what it lacks.

    >>> encode("赵*", "ascii")
    b'**'
    """
    try:
        return text.encode(codec)
    except UnicodeEncodeError:
        pass
    parts = []
    for char in text:
        try:
            parts.append(char.encode(codec))
        except UnicodeEncodeError:
            parts.append("*".encode(codec))
    return b"".join(parts)


def change(text: str, changes: Iterable[Change]) -> str:
    """``text`` with its changes made; where two overlap, the one that begins first counts.

    >>> change("电话13800138000", [(2, 13, "138****8000")])
    '电话138****8000'
    """
    parts, at = [], 0
    for start, end, new in settle(changes):
        parts += [text[at:start], new]
        at = end
    return "".join([*parts, text[at:]])


def settle(changes: Iterable[Change]) -> list[Change]:
    """Changes in order; of those that overlap the later ones lose what they share."""
    kept: list[Change] = []
    reached = 0
    for start, end, new in sorted(changes, key=lambda each: (each[0], -each[1])):
        if end <= reached:
            continue
        kept.append((max(start, reached), end, new))
        reached = end
    return kept


@dataclass(frozen=True, slots=True)
class Passage:
    """``text``, of which character i stands in the bytes ``begins[i]:ends[i]``.

    Characters of no bytes (a line break between two paragraphs) have an empty range.  ``write``
    says how a replacement stands in the bytes.
    """

    text: str
    begins: Sequence[int]
    ends: Sequence[int]
    write: Callable[[str], bytes] = str.encode

    def edits(self, changes: Iterable[Change]) -> list[Edit]:
        """What to replace in the bytes: the new text where the old began, its other bytes gone."""
        made: list[Edit] = []
        for start, end, new in settle(changes):
            runs = _runs(self.begins[start:end], self.ends[start:end])
            if not runs:
                continue
            made.append((*runs[0], self.write(new)))
            made += [(first, last, b"") for first, last in runs[1:]]
        return made


def _runs(begins: Sequence[int], ends: Sequence[int]) -> list[tuple[int, int]]:
    """The byte ranges of some characters, neighbours joined."""
    runs: list[tuple[int, int]] = []
    for begin, end in zip(begins, ends, strict=True):
        if begin == end:
            continue
        if runs and runs[-1][1] == begin:
            runs[-1] = runs[-1][0], end
        else:
            runs.append((begin, end))
    return runs


def apply(data: bytes, edits: Iterable[Edit]) -> bytes:
    """``data`` with its edits made.

    >>> apply(b"abc", [(1, 2, b"xx")])
    b'axxc'
    """
    parts, at = [], 0
    for begin, end, new in sorted(edits, key=lambda each: each[:2]):
        if begin < at:
            continue
        parts += [data[at:begin], new]
        at = end
    return b"".join([*parts, data[at:]])
