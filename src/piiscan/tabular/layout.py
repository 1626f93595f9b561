"""What all blocks of one table share: where it stands, and what its columns are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from piiscan.detect.catalog.headers import Label


@dataclass(frozen=True, slots=True)
class Trait:
    """What a column says of the holder of the row's identity number.

    ``since``: how many years ago, by most rows, the ages were true; None if that is not known.
    """

    kind: str
    since: int | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table: its label, its side-by-side group, its header as it may be shown.

    ``ahead`` are the columns whose cells belong in front of its own (see ``detect.joins``), and
    ``told`` is what all of them are called, as it may be shown.  ``running``: its cells number the
    rows and say nothing of what stands in them.  ``trade``: what it tells of a trade in the row,
    and ``unit`` how many fen the unit of its prices is, None for a currency other than yuan.
    ``trait``: what it tells of the holder of the row's identity number.
    """

    label: Label | None = None
    group: int = 0
    header: str | None = None
    ahead: tuple[int, ...] = ()
    told: str | None = None
    running: bool = False
    trade: str | None = None
    unit: int | None = 100
    trait: Trait | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """What all blocks of one table share; ``part`` is its number in the source, from 0.

    ``messages``: which columns tell what, if its rows are messages.
    """

    source: int
    part: int
    member: str
    columns: tuple[Column, ...]
    messages: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    def column(self, number: int) -> Column:
        """The column's description; one beyond the table's own (a wider row) has no label."""
        if number < len(self.columns):
            return self.columns[number]
        return Column(group=self.columns[-1].group if self.columns else 0)
