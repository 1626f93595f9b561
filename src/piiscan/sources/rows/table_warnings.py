"""Troubles of one table, gathered while it is read and kept to a readable number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from piiscan.sources.block import Trouble
from piiscan.sources.encoding.decoder import Piece
from piiscan.sources.rows.tokenizer import Cut

#: Rows reported one by one; the rest of a kind is one line with their number.
MOST: Final = 100
#: Kinds that mean lost input.
_LOST: Final = frozenset({"UNDECODABLE"})


@dataclass(slots=True)
class Doubts:
    """What was read with a doubt in one table."""

    member: str
    waiting: list[tuple[int, str, str]] = field(default_factory=list)  # line, reason, encoding
    ready: list[Trouble] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    mixed: Counter[str] = field(default_factory=Counter)
    mixed_row: int | None = None

    def add(self, piece: Piece, line: int) -> None:
        """Take a piece's doubts; ``line`` is the number of its first line."""
        self.waiting.extend((line + d.line, d.reason, d.encoding) for d in piece.doubts)

    def note(self, reason: str, row: int, detail: str) -> None:
        """One row's doubt."""
        self.counts[reason] += 1
        if self.counts[reason] <= MOST:
            lost = reason in _LOST
            self.ready.append(Trouble(self.member, reason, detail, row, lost=lost))

    def settle(self, row: int, line: int, found: Cut) -> Iterator[Trouble]:
        """Turn lines of the records just cut (the first one row ``row``, ``line``) into rows."""
        passed = line + found.lines_passed
        still = []
        for item in self.waiting:
            if item[0] >= passed:
                still.append(item)
                continue
            at = row + max(int(np.searchsorted(found.lines, item[0] - line, "right")) - 1, 0)
            self._place(item[1], item[2], at)
        self.waiting = still
        yield from self.ready
        self.ready = []

    def _place(self, reason: str, encoding: str, row: int) -> None:
        if reason == "MIXED_ENCODING":
            self.mixed[encoding] += 1
            self.mixed_row = row if self.mixed_row is None else self.mixed_row
        else:
            self.note(reason, row, f"some bytes of the line are not {encoding}; shown as U+FFFD")

    def summary(self) -> Iterator[Trouble]:
        """What is left to say at the end."""
        for _, reason, encoding in self.waiting:  # the last line of a record never cut
            self._place(reason, encoding, 0)
        yield from self.ready
        for reason, count in sorted(self.counts.items()):
            if count > MOST:
                detail = f"{count - MOST} more rows"
                yield Trouble(self.member, reason, detail, lost=reason in _LOST)
        if self.mixed:
            parts = ", ".join(f"{n} lines {name}" for name, n in sorted(self.mixed.items()))
            yield Trouble(self.member, "MIXED_ENCODING", parts, self.mixed_row, lost=False)
