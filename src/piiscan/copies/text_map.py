"""Text map: a decoded text and the byte range of each of its characters in the source.

Edits replace the bytes of found characters only. Quotes, escapes, entities and the tags of
formatted text between them are preserved.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from piiscan.masking.splice import Change, resolve_changes

#: Start and end in bytes (end exclusive), replacement.
Edit = tuple[int, int, bytes]

#: Characters forbidden in replacements: they need escapes, or end a cell, a text or a tag.
_UNSAFE: Final = re.compile(r"[\"'\\<>&`\x7f\x00-\x1f]")


def replace_unsafe(text: str) -> str:
    """Replace each character with a meaning in file formats by ``*``: ``张,三 -> 张*三``.

    >>> replace_unsafe('a"b<c')
    'a*b*c'
    """
    return _UNSAFE.sub("*", text)


def encode_text(text: str, codec: str) -> bytes:
    """Encode ``text`` in ``codec``; a character that the codec lacks becomes ``*``.

    >>> encode_text("赵*", "ascii")
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


@dataclass(frozen=True, slots=True)
class TextMap:
    """Text whose character ``i`` has the bytes ``[begins[i], ends[i])`` of the source.

    Characters without bytes (a line break between two paragraphs) have an empty range. ``encoder``
    converts a replacement to bytes.
    """

    text: str
    begins: Sequence[int]
    ends: Sequence[int]
    encoder: Callable[[str], bytes] = str.encode

    def edits(self, changes: Iterable[Change]) -> list[Edit]:
        """Convert ``changes`` of the text (code points) to byte edits of the source.

        The new text replaces the first byte range of a change; its other ranges are deleted.
        """
        edits: list[Edit] = []
        for start, end, new in resolve_changes(changes):
            runs = _byte_ranges(self.begins[start:end], self.ends[start:end])
            if not runs:
                continue
            edits.append((*runs[0], self.encoder(new)))
            edits += [(first, last, b"") for first, last in runs[1:]]
        return edits


def _byte_ranges(begins: Sequence[int], ends: Sequence[int]) -> list[tuple[int, int]]:
    """Merge the byte ranges of consecutive characters where they touch: (begin, end)."""
    runs: list[tuple[int, int]] = []
    for begin, end in zip(begins, ends, strict=True):
        if begin == end:
            continue
        if runs and runs[-1][1] == begin:
            runs[-1] = runs[-1][0], end
        else:
            runs.append((begin, end))
    return runs


def apply_edits(data: bytes, edits: Iterable[Edit]) -> bytes:
    """Apply byte edits to ``data``; an edit that overlaps an earlier one is skipped.

    >>> apply_edits(b"abc", [(1, 2, b"xx")])
    b'axxc'
    """
    parts, at = [], 0
    for begin, end, new in sorted(edits, key=lambda each: each[:2]):
        if begin < at:
            continue
        parts += [data[at:begin], new]
        at = end
    return b"".join([*parts, data[at:]])
