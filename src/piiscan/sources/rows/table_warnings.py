"""Table warnings: the Troubles of one table, collected during reading and limited in number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from piiscan.packed_state import packable
from piiscan.sources.block import Trouble
from piiscan.sources.encoding.decoder import Piece
from piiscan.sources.rows.tokenizer import RecordCells

#: Maximum number of rows reported one by one per reason; the others are reported as a count.
MAX_REPORTED: Final = 100
#: Reasons that mean lost input.
_LOST_REASONS: Final = frozenset({"UNDECODABLE", "CUT_OFF"})
#: Parts that are no text and are named by their places; the others only count.
_MAX_PARTS: Final = 20


@packable
@dataclass(slots=True)
class TableWarnings:
    """Collector of the warnings of one table."""

    member: str
    pending: list[tuple[int, str, str]] = field(default_factory=list)  # line, reason, encoding
    ready: list[Trouble] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    mixed_encodings: Counter[str] = field(default_factory=Counter)
    first_mixed_row: int | None = None
    skipped: list[tuple[int, int]] = field(default_factory=list)  # [start, end) in bytes

    def add_piece(self, piece: Piece, line: int) -> None:
        """Add the line warnings of a decoded piece; ``line``: number of its first line."""
        for each in piece.warnings:
            start, end = each.skipped
            if each.reason != "BINARY_PART":
                self.pending.append((line + each.line, each.reason, each.encoding))
            elif self.skipped and self.skipped[-1][1] == start:
                self.skipped[-1] = self.skipped[-1][0], end
            else:
                self.skipped.append(each.skipped)

    def add_row(self, reason: str, row: int, detail: str) -> None:
        """Add a warning with this reason code about one row."""
        self.counts[reason] += 1
        if self.counts[reason] <= MAX_REPORTED:
            lost = reason in _LOST_REASONS
            self.ready.append(Trouble(self.member, reason, detail, row, lost=lost))

    def resolve_rows(self, row: int, line: int, cells: RecordCells) -> Iterator[Trouble]:
        """Yield a Trouble for each warning about the records just tokenized, with its row.

        ``row`` and ``line`` are the numbers of the first record and of its line.
        """
        passed = line + cells.lines_passed
        still_pending = []
        for item in self.pending:
            if item[0] >= passed:
                still_pending.append(item)
                continue
            # a number of the same type: any other would copy all lines for each warning
            wanted = np.int32(max(item[0] - line, 0))
            row_number = row + max(int(cells.lines.searchsorted(wanted, "right")) - 1, 0)
            self._add_line(item[1], item[2], row_number)
        self.pending = still_pending
        yield from self.ready
        self.ready = []

    def _add_line(self, reason: str, encoding: str, row: int) -> None:
        """Count a line in another encoding; add a warning for an undecodable line."""
        if reason == "MIXED_ENCODING":
            self.mixed_encodings[encoding] += 1
            self.first_mixed_row = row if self.first_mixed_row is None else self.first_mixed_row
        else:
            self.add_row(reason, row, f"some bytes of the line are not {encoding}; shown as U+FFFD")

    def summary(self) -> Iterator[Trouble]:
        """Yield a Trouble for each remaining warning, and the number of unreported warnings."""
        for _, reason, encoding in self.pending:  # lines of a record that was never tokenized
            self._add_line(reason, encoding, 0)
        yield from self.ready
        if self.skipped:
            places = [f"{start}-{end}" for start, end in self.skipped[:_MAX_PARTS]]
            places += ["…"] * (len(self.skipped) > _MAX_PARTS)
            size = sum(end - start for start, end in self.skipped)
            detail = f"{len(self.skipped)} parts, {size} bytes: {', '.join(places)}"
            yield Trouble(self.member, "BINARY_PART", detail)
        for reason, count in sorted(self.counts.items()):
            if count > MAX_REPORTED:
                detail = f"{count - MAX_REPORTED} more rows"
                yield Trouble(self.member, reason, detail, lost=reason in _LOST_REASONS)
        if self.mixed_encodings:
            parts = ", ".join(
                f"{n} lines {name}" for name, n in sorted(self.mixed_encodings.items())
            )
            yield Trouble(self.member, "MIXED_ENCODING", parts, self.first_mixed_row, lost=False)
