"""UTF-8 byte sets: character ranges as a set of allowed bytes per position.

A set may be too large, never too small, so a prefilter built on it misses no match.

    [一-丁] -> {E4} {B8} {80, 81}
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from piiscan.detect.matching.shapes import Ranges
from piiscan.detect.regex.syntax_tree import merge_ranges

#: Byte before and after every text; it does not occur in UTF-8.
BREAK: Final = 0xFF
_MAX_ALTERNATIVES: Final = 16
_WIDTHS: Final = ((0, 0x7F), (0x80, 0x7FF), (0x800, 0xFFFF), (0x10000, 0x10FFFF))
#: Bytes of a character after its first.
TRAILS: Final = frozenset(range(0x80, 0xC0))

Bytes = frozenset[int]
RequiredLiteral = tuple[Bytes, ...]


@dataclass(frozen=True, slots=True)
class ByteStep:
    r"""One byte of a run; ``alternatives``: literals that a text may contain instead.

    For ``\d`` the bytes are the ASCII digits, and the alternatives are the longer digits of other
    scripts.
    """

    bytes_: Bytes
    alternatives: tuple[RequiredLiteral, ...] = ()


ByteRun = tuple[ByteStep, ...]


def encode_ranges(ranges: Ranges) -> ByteRun | None:
    """Return one step per UTF-8 byte if all characters have the same length.

    Mixed lengths give one ASCII step with alternatives. Return None if there is no ASCII character,
    or more than sixteen alternatives.
    """
    pieces = [_clip(ranges, *width) for width in _WIDTHS]
    widths = [width for width, piece in enumerate(pieces, 1) if piece]
    if len(widths) == 1:
        return tuple(ByteStep(bytes_) for bytes_ in _byte_sets(ranges, widths[0]))
    if not pieces[0]:
        return None
    alternatives: list[RequiredLiteral] = []
    for width, piece in enumerate(pieces[1:], 2):
        leads: dict[int, list[tuple[int, int]]] = {}
        size = 64 ** (width - 1)  # characters that begin with the same byte
        for low, high in piece:
            for lead in range(low // size, high // size + 1):
                part = (max(low, lead * size), min(high, lead * size + size - 1))
                leads.setdefault(lead, []).append(part)
        alternatives += [_byte_sets(tuple(same), width) for same in leads.values()]
    if len(alternatives) > _MAX_ALTERNATIVES:
        return None
    return (ByteStep(_bytes_at(pieces[0], 0), tuple(alternatives)),)


def _byte_sets(ranges: Ranges, width: int) -> RequiredLiteral:
    """Return the byte set of each of the ``width`` bytes."""
    return tuple(_bytes_at(ranges, index) for index in range(width))


def _clip(ranges: Ranges, low: int, high: int) -> Ranges:
    """Return the part of ``ranges`` between ``low`` and ``high``, inclusive."""
    cut = ((max(low, first), min(high, last)) for first, last in ranges)
    return merge_ranges((first, last) for first, last in cut if first <= last)


def _bytes_at(ranges: Ranges, index: int) -> Bytes:
    """Return the possible bytes at ``index`` of the characters in ``ranges``, a superset.

    All characters have the same UTF-8 length.
    """
    found: set[int] = set()
    for low, high in ranges:
        first, last = _encode(low), _encode(high)
        if first[:index] == last[:index]:
            found.update(range(first[index], last[index] + 1))
        else:
            found |= TRAILS
    return frozenset(found)


def _encode(point: int) -> bytes:
    """Return the UTF-8 bytes of a code point, surrogates included."""
    return chr(point).encode("utf-8", "surrogatepass")


def first_bytes(ranges: Ranges) -> Bytes:
    """Return the possible first bytes of characters in ``ranges``, a superset."""
    pieces = [_clip(ranges, *width) for width in _WIDTHS]
    return frozenset().union(*(_bytes_at(piece, 0) for piece in pieces))


def last_bytes(ranges: Ranges) -> Bytes:
    """Return the possible last bytes of characters in ``ranges``, a superset.

    >>> [hex(byte) for byte in sorted(last_bytes(((0x41, 0x41), (0x4E00, 0x4E01))))]
    ['0x41', '0x80', '0x81']
    """
    pieces = [_clip(ranges, *width) for width in _WIDTHS]
    return frozenset().union(*(_bytes_at(piece, at) for at, piece in enumerate(pieces)))
