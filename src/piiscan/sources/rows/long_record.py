"""A record longer than any block, in overlapping pieces, so that memory stays bounded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from piiscan.arrays import Int64, UInt8
from piiscan.sources.block import Block
from piiscan.sources.rows.column_builder import string_array
from piiscan.sources.rows.tokenizer import Dialect

#: Code points that two neighbouring pieces share on each side of where one ends being its own:
#: longer than any identifier with its context.
OVERLAP: Final = 512


class Text(Protocol):
    """Text not yet handed over: its first byte's place is ``base``, its first line ``line``."""

    text: UInt8
    places: Int64 | None
    base: int
    row: int
    line: int


class _Form(Protocol):
    @property
    def dialect(self) -> Dialect: ...
    @property
    def width(self) -> str: ...
    @property
    def columns(self) -> int: ...


@dataclass(slots=True)
class LongRecord:
    """How far the pieces of one long record have been handed over."""

    row: int
    line: int
    size: int  # bytes of a piece, about
    start: int = 0  # code point of the record at which the text left begins
    lead: int = 0  # code points at its start that belong to the piece before
    ended: bool = False

    def take(self, state: Text, form: _Form, *, final: bool = False) -> Iterator[Block]:
        """Pieces of what the text holds of the record; what must be seen again stays there."""
        end = _line_end(state.text, form.dialect.cr)
        whole = end is not None or final
        stop = end if end is not None else state.text.size
        while stop > self.size or (whole and not self.ended):
            last = whole and stop <= self.size
            size = stop if last else _boundary(state.text, self.size)
            yield self._piece(state, form, size, last)
            if last:
                passed = _behind(state.text, stop)
                drop_text(state, passed)
                state.row, state.line = self.row + 1, self.line + 1
                self.ended = True
                return
            stop -= self._advance(state, size)

    def _piece(self, state: Text, form: _Form, size: int, last: bool) -> Block:
        text = state.text[:size]
        points = _points(text)
        own = (self.lead, points if last else points - OVERLAP)
        place = state.base if state.places is None else int(state.places[0]) if size else -1
        offsets = np.array([0, size], np.int32)
        return Block(
            [string_array(offsets, text.copy(), None)],
            np.array([self.row]),
            np.array([self.line]),
            [np.array([max(place, -1)])],
            form.width,
            self.start,
            own,
            np.zeros(1, np.int8),
            split=False,
        )

    def _advance(self, state: Text, size: int) -> int:
        """Drop what neither the next piece nor its overlap needs; the number of bytes."""
        text = state.text[:size]
        firsts = np.flatnonzero((text & 0xC0) != 0x80)
        drop = int(firsts[-2 * OVERLAP])
        self.start += firsts.size - 2 * OVERLAP
        self.lead = OVERLAP
        drop_text(state, drop)
        return drop


def drop_text(state: Text, count: int) -> None:
    """Take ``count`` bytes off the text's start."""
    state.text = state.text[count:]
    state.places = None if state.places is None else state.places[count:]
    state.base += count


def _points(text: UInt8) -> int:
    return int(np.count_nonzero((text & 0xC0) != 0x80))


def _boundary(text: UInt8, size: int) -> int:
    """The end of the last whole character at or before ``size``."""
    while size < text.size and text[size] & 0xC0 == 0x80:
        size -= 1
    return size


def _line_end(text: UInt8, cr: bool) -> int | None:
    ends = np.flatnonzero(text == (13 if cr else 10))
    return int(ends[0]) if ends.size else None


def _behind(text: UInt8, end: int) -> int:
    return min(end + 1, text.size)
