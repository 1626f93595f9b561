"""Sampler: seeded random choices for the rows of a file, and the persons of these rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal
from zlib import crc32

import numpy as np

from piiscan.arrays import Float64, Int64
from piiscan.bundles import take_rows
from piiscan.synth import made_people as people
from piiscan.synth.made_people import People
from piiscan.synth.planted_cells import Cells, merge_cells
from piiscan.synth.word_lists import cumulative_shares

#: Settings of ``made_people.draw_people`` by role.
RoleKey = Literal["from", "to", "repeat"]
Roles = Mapping[str, Mapping[RoleKey, float]]


@dataclass(slots=True)
class Chunk:
    """Consecutive rows of a file, with the choices that all values of a row share.

    Each choice has its own generator, seeded by corpus seed, file, chunk and name. Its result
    therefore does not depend on the order of calls.
    """

    seed: tuple[int, ...]
    rows: int
    roles: Roles = field(default_factory=dict)
    _people: dict[str, People] = field(default_factory=dict)
    _choices: dict[str, Int64] = field(default_factory=dict)

    def generator(self, name: str) -> np.random.Generator:
        """Return a random generator for ``name``, seeded by corpus, file, chunk and name."""
        return np.random.default_rng([*self.seed, crc32(name.encode())])

    def people(self, role: str) -> People:
        """Return the chunk's persons in ``role`` (person, sender …), one per row."""
        if role not in self._people:
            settings = self.roles.get(role, {})
            self._people[role] = people.draw_people(
                self.generator(f"people {role}"),
                self.rows,
                start=int(settings.get("from", 1901)),
                end=int(settings.get("to", 2023)),
                repeat=float(settings.get("repeat", 0.0)),
            )
        return self._people[role]

    def shared_choice(self, name: str, weights: Float64) -> Int64:
        """Return one weighted choice per row, shared by several values of the row.

        Example: the carrier, used for name and waybill number.
        """
        if name not in self._choices:
            chance = self.generator(f"pick {name}").random(self.rows)
            self._choices[name] = np.searchsorted(cumulative_shares(weights), chance, side="right")
        return self._choices[name]

    def even_shares(self, name: str) -> Float64:
        """Return a number from 0 to 1 per row, evenly spread: a tenth is below 0.1."""
        return (self.generator(f"lot {name}").permutation(self.rows) + 0.5) / self.rows


@dataclass(frozen=True, slots=True)
class Draw:
    """Rows of a chunk for which a value is generated.

    ``at``: row indexes in the chunk. ``rng``: generator of this value.
    """

    chunk: Chunk
    at: Int64
    rng: np.random.Generator

    @property
    def rows(self) -> int:
        """Return the number of rows."""
        return len(self.at)

    def part(self, chosen_rows: Int64) -> Draw:
        """Return a draw for the subset ``chosen_rows`` of these rows."""
        return Draw(self.chunk, self.at[chosen_rows], self.rng)

    def people(self, role: str) -> People:
        """Return the persons in ``role`` (person, sender …) of these rows."""
        return take_rows(self.chunk.people(role), self.at)

    def shared_choice(self, name: str, weights: Float64) -> Int64:
        """Return the choice ``name``, shared by a row's values: an index of ``weights`` per row."""
        return self.chunk.shared_choice(name, weights)[self.at]

    def choose_exactly(self, name: str, weights: Float64) -> Int64:
        """Return an index of ``weights`` per row, in exactly the shares of the weights.

        Calls with the same ``name`` give matching numbers in a row.
        """
        return np.searchsorted(
            cumulative_shares(weights), self.chunk.even_shares(name)[self.at], side="right"
        )

    def choose(self, weights: Float64) -> Int64:
        """Return a random index of ``weights`` per row, drawn by weight."""
        if len(weights) == 1:
            return np.zeros(self.rows, dtype=np.int64)
        return np.searchsorted(cumulative_shares(weights), self.rng.random(self.rows), side="right")


def by_form(draw: Draw, forms: Mapping[str, float], make: Callable[[Draw, str], Cells]) -> Cells:
    """Draw a form per row by weight; return the cells that ``make(draw, form)`` makes.

    ``make``: function from the rows of one form, and the form, to their cells.
    """
    names = list(forms)
    if len(names) == 1:
        return make(draw, names[0])
    chosen = draw.choose(np.array([float(forms[name]) for name in names]))
    parts = []
    for number, name in enumerate(names):
        where = np.flatnonzero(chosen == number)
        if len(where):
            parts.append((where, make(draw.part(where), name)))
    return merge_cells(parts, draw.rows) if parts else make(draw, names[0])
