"""Sets of characters as sets of UTF-8 bytes, of which there may be too many but never too few."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from piiscan.detect.matching.shapes import Ranges
from piiscan.detect.regex.syntax_tree import merged

#: Stands in front of every text and behind it; no UTF-8 has this byte.
BREAK: Final = 0xFF
_MOST_INSTEAD: Final = 16
_WIDTHS: Final = ((0, 0x7F), (0x80, 0x7FF), (0x800, 0xFFFF), (0x10000, 0x10FFFF))
_TRAILS: Final = frozenset(range(0x80, 0xC0))

Bytes = frozenset[int]
Factor = tuple[Bytes, ...]


@dataclass(frozen=True, slots=True)
class Step:
    r"""One byte of a run, and what a text must hold instead if it holds none of these here.

    ``\d`` is ten ASCII digits, or one of the digits of another script, which are longer.
    """

    bytes_: Bytes
    instead: tuple[Factor, ...] = ()


Run = tuple[Step, ...]


def encoded(ranges: Ranges) -> Run | None:
    """A step for each byte of UTF-8, if all characters have as many, or all but few are ASCII."""
    pieces = [_within(ranges, *width) for width in _WIDTHS]
    widths = [width for width, piece in enumerate(pieces, 1) if piece]
    if len(widths) == 1:
        return tuple(Step(bytes_) for bytes_ in _spelling(ranges, widths[0]))
    if not pieces[0]:
        return None
    instead: list[Factor] = []
    for width, piece in enumerate(pieces[1:], 2):
        leads: dict[int, list[tuple[int, int]]] = {}
        size = 64 ** (width - 1)  # characters that begin with the same byte
        for low, high in piece:
            for lead in range(low // size, high // size + 1):
                part = (max(low, lead * size), min(high, lead * size + size - 1))
                leads.setdefault(lead, []).append(part)
        instead += [_spelling(tuple(same), width) for same in leads.values()]
    if len(instead) > _MOST_INSTEAD:
        return None
    return (Step(_bytes_at(pieces[0], 0), tuple(instead)),)


def _spelling(ranges: Ranges, width: int) -> Factor:
    return tuple(_bytes_at(ranges, place) for place in range(width))


def _within(ranges: Ranges, low: int, high: int) -> Ranges:
    cut = ((max(low, first), min(high, last)) for first, last in ranges)
    return merged((first, last) for first, last in cut if first <= last)


def _bytes_at(ranges: Ranges, place: int) -> Bytes:
    """The bytes at ``place`` of the characters in ``ranges``, all of one width; perhaps more."""
    found: set[int] = set()
    for low, high in ranges:
        first, last = _spelt(low), _spelt(high)
        if first[:place] == last[:place]:
            found.update(range(first[place], last[place] + 1))
        else:
            found |= _TRAILS
    return frozenset(found)


def _spelt(point: int) -> bytes:
    return chr(point).encode("utf-8", "surrogatepass")


def first_bytes(ranges: Ranges) -> Bytes:
    """The bytes that characters of ``ranges`` begin with; perhaps more."""
    pieces = [_within(ranges, *width) for width in _WIDTHS]
    return frozenset().union(*(_bytes_at(each, 0) for each in pieces))


def last_bytes(ranges: Ranges) -> Bytes:
    """The bytes that characters of ``ranges`` end with; perhaps more.

    >>> [hex(byte) for byte in sorted(last_bytes(((0x41, 0x41), (0x4E00, 0x4E01))))]
    ['0x41', '0x80', '0x81']
    """
    pieces = [_within(ranges, *width) for width in _WIDTHS]
    return frozenset().union(*(_bytes_at(each, at) for at, each in enumerate(pieces)))
