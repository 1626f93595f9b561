"""Read context: options and state that all readers of one source share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from piiscan.sources.block import CountNames
from piiscan.sources.limits import Budget, BudgetUsage
from piiscan.sources.selection import EVERYTHING, Selection

if TYPE_CHECKING:
    from piiscan.sources.lined.line_kinds import LabelNames


@dataclass(frozen=True, slots=True)
class ReadContext:
    """Options and state shared by all readers of one source: budget, selection, passwords.

    ``in_worker``: the reader of the source is another process;
    ``count_names`` returns the number of known column names in a row of cells; by ``label_names``
    lines of plain text are grouped to records; ``usage`` is the used part of the budget;
    ``selection`` tells what to leave out, by the path ``display`` among others; ``decode``: cells
    are read as what their escapes, entities, base64 … stand for; ``passwords`` are tried on
    encrypted archives; ``peek``: slow formats are only named; ``section``: part of a content to be
    drawn instead of read, or ``EVERY_DRAWING``; ``wanted``: members that are asked for, None for
    all, so that what takes long to read of others is left out; ``notes``: what a format keeps from
    one content for the next ones.
    """

    count_names: CountNames
    budget: Budget
    seed: int
    usage: BudgetUsage
    label_names: LabelNames | None = None
    selection: Selection = EVERYTHING
    display: str = ""
    decode: bool = True
    passwords: tuple[bytes, ...] = field(default=(), repr=False)
    peek: bool = False
    in_worker: bool = False
    section: str | None = None
    wanted: frozenset[str] | None = None
    notes: dict[str, Any] = field(default_factory=dict)

    def wants(self, prefix: str) -> bool:
        """Return True if all members, or one whose path begins with ``prefix``, are asked for."""
        return self.wanted is None or any(each.startswith(prefix) for each in self.wanted)
