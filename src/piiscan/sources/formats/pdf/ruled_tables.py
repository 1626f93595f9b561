"""Ruled tables: the cells that horizontal and vertical lines of a page make, and their texts.

A line between two cells may be missing: then they are one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from piiscan.arrays import Bool

#: Points, 1/72 inch: of a line that is straight; of lines that are one; of lines that meet.
_STRAIGHT: Final = 1.5
_SAME: Final = 2.5
_MEET: Final = 3.0
_SHORTEST: Final = 4.0
_MAX_LINES: Final = 3000
_MAX_CELLS: Final = 100_000

Line = tuple[float, float, float, float]  # x, y of the begin, x, y of the end


@dataclass(frozen=True, slots=True)
class Char:
    """Character of a page with its box in points; a space that pdfium inserts has no box."""

    text: str
    left: float = 0.0
    bottom: float = 0.0
    right: float = 0.0
    top: float = 0.0


@dataclass(slots=True)
class Grid:
    """Table between ruled lines: its lines' positions, the owner of each cell, and the texts.

    ``xs`` rise, ``ys`` fall (points). ``owners``: for each cell, the first cell of the merged cell
    that it belongs to.
    """

    xs: list[float]
    ys: list[float]
    owners: list[list[tuple[int, int]]]
    texts: dict[tuple[int, int], list[str]] = field(default_factory=dict)
    _last: dict[tuple[int, int], Char] = field(default_factory=dict)

    def cell_at(self, char: Char) -> tuple[int, int] | None:
        """Return (row, column) of the cell that contains the centre of ``char``, else None."""
        x, y = (char.left + char.right) / 2, (char.bottom + char.top) / 2
        if not (self.xs[0] <= x < self.xs[-1] and self.ys[-1] <= y < self.ys[0]):
            return None
        column = int(np.searchsorted(self.xs, x, "right")) - 1
        row = len(self.ys) - 1 - int(np.searchsorted(self.ys[::-1], y, "right"))
        return self.owners[row][column]

    def add(self, cell: tuple[int, int], char: Char, *, spaced: bool) -> None:
        """Add a character to a cell; a line that fills the cell continues without a line end."""
        pieces = self.texts.setdefault(cell, [])
        last = self._last.get(cell)
        if last is not None:
            height = max(char.top - char.bottom, last.top - last.bottom, 1.0)
            if abs(char.bottom - last.bottom) > 0.6 * height and char.left <= last.left:
                row, column = cell
                while column + 1 < len(self.xs) - 1 and self.owners[row][column + 1] == cell:
                    column += 1  # a merged cell
                right = self.xs[column + 1]
                pieces.append("" if last.right + 1.6 * (char.right - char.left) > right else "\n")
            elif spaced:
                pieces.append(" ")
        pieces.append(char.text)
        self._last[cell] = char

    def rows(self) -> list[list[str | None]]:
        """Return the texts of the cells by row; None for a cell that is a part of a merged one."""
        return [
            [
                "".join(self.texts.get(owner, ())) if owner == (row, column) else None
                for column, owner in enumerate(owners)
            ]
            for row, owners in enumerate(self.owners)
        ]


def find_grids(lines: Iterable[Line]) -> list[Grid]:
    """Find ruled tables among the lines of a page, from the top; two rows and columns at least."""
    across: list[tuple[float, float, float]] = []  # y, left, right
    down: list[tuple[float, float, float]] = []  # x, bottom, top
    for x0, y0, x1, y1 in lines:
        if abs(y0 - y1) <= _STRAIGHT and abs(x0 - x1) >= _SHORTEST:
            across.append(((y0 + y1) / 2, min(x0, x1), max(x0, x1)))
        elif abs(x0 - x1) <= _STRAIGHT and abs(y0 - y1) >= _SHORTEST:
            down.append(((x0 + x1) / 2, min(y0, y1), max(y0, y1)))
    across, down = list(dict.fromkeys(across)), list(dict.fromkeys(down))
    if min(len(across), len(down)) < 3 or max(len(across), len(down)) > _MAX_LINES:
        return []
    h, v = np.array(across), np.array(down)
    meet = (
        (h[:, None, 1] - _MEET <= v[None, :, 0])
        & (v[None, :, 0] <= h[:, None, 2] + _MEET)
        & (v[None, :, 1] - _MEET <= h[:, None, 0])
        & (h[:, None, 0] <= v[None, :, 2] + _MEET)
    )
    found = []
    for rows, columns in _groups(meet):
        grid = _grid([across[at] for at in rows], [down[at] for at in columns])
        if grid is not None:
            found.append(grid)
    return sorted(found, key=lambda grid: -grid.ys[0])


def _groups(meet: Bool) -> Iterator[tuple[list[int], list[int]]]:
    """Yield (horizontal, vertical) indices of lines that meet, directly or through others.

    ``meet[h, v]``: True if these two lines meet.
    """
    left = np.ones(meet.shape[0], np.bool_)
    for start in range(meet.shape[0]):
        if not left[start]:
            continue
        rows = np.zeros(meet.shape[0], np.bool_)
        rows[start] = True
        while True:
            columns = meet[rows].any(0)
            more = meet[:, columns].any(1) | rows
            if (more == rows).all():
                break
            rows = more
        left &= ~rows
        yield np.flatnonzero(rows).tolist(), np.flatnonzero(columns).tolist()


def _grid(
    across: Sequence[tuple[float, float, float]], down: Sequence[tuple[float, float, float]]
) -> Grid | None:
    """Build the Grid of lines that meet; None if it has fewer than two rows or columns."""
    xs, ys = _places(x for x, _, _ in down), _places(y for y, _, _ in across)[::-1]
    rows, columns = len(ys) - 1, len(xs) - 1
    if rows < 2 or columns < 2 or rows * columns > _MAX_CELLS:
        return None
    beside = _drawn(xs, down, [(ys[r] + ys[r + 1]) / 2 for r in range(rows)])
    below = _drawn(ys, across, [(xs[c] + xs[c + 1]) / 2 for c in range(columns)])
    owners = [[(r, c) for c in range(columns)] for r in range(rows)]
    for r in range(rows):
        for c in range(columns):
            if c and not beside[c, r]:
                owners[r][c] = owners[r][c - 1]
            elif r and not below[r, c]:
                owners[r][c] = owners[r - 1][c]
    return Grid(xs, ys, owners)


def _places(values: Iterable[float]) -> list[float]:
    """Return line positions in rising order; positions within ``_SAME`` points are one line."""
    found: list[float] = []
    for value in sorted(values):
        if not found or value - found[-1] > _SAME:
            found.append(value)
    return found


def _drawn(
    places: list[float], lines: Sequence[tuple[float, float, float]], middles: list[float]
) -> Bool:
    """Return ``bool[places, middles]``: True if a line is drawn at a place across a middle."""
    drawn = np.zeros((len(places), len(middles)), np.bool_)
    at, points = np.array(places), np.array(middles)
    for place, begin, end in lines:
        near = np.abs(at - place) <= _SAME
        drawn[np.ix_(near, (begin - _MEET <= points) & (points <= end + _MEET))] = True
    return drawn
