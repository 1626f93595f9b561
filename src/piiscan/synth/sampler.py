"""What a value is drawn from: a seeded generator, the rows it is wanted for, their persons."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from zlib import crc32

import numpy as np

from piiscan.arrays import Float64, Int64
from piiscan.synth import made_people as people
from piiscan.synth.made_people import People
from piiscan.synth.planted_cells import Cells, mix
from piiscan.synth.word_lists import cumulate

#: How one kind of person is drawn: see ``people.draw``.
Roles = Mapping[str, Mapping[str, float]]


@dataclass(slots=True)
class Chunk:
    """Some consecutive rows of a file, and what all values of a row share.

    Each shared thing has a generator of its own, seeded by the corpus seed, the file, the chunk
    and its name, so that what is drawn does not depend on who asks first.
    """

    seed: tuple[int, ...]
    rows: int
    roles: Roles = field(default_factory=dict)
    _people: dict[str, People] = field(default_factory=dict)
    _picks: dict[str, Int64] = field(default_factory=dict)

    def generator(self, name: str) -> np.random.Generator:
        """The generator of the shared or drawn thing ``name``."""
        return np.random.default_rng([*self.seed, crc32(name.encode())])

    def people(self, role: str) -> People:
        """The persons who play ``role`` in each row."""
        if role not in self._people:
            how = self.roles.get(role, {})
            self._people[role] = people.draw(
                self.generator(f"people {role}"),
                self.rows,
                start=int(how.get("from", 1901)),
                end=int(how.get("to", 2023)),
                repeat=float(how.get("repeat", 0.0)),
            )
        return self._people[role]

    def pick(self, name: str, weights: Float64) -> Int64:
        """A choice that several values of a row share, such as the carrier."""
        if name not in self._picks:
            chance = self.generator(f"pick {name}").random(self.rows)
            self._picks[name] = np.searchsorted(cumulate(weights), chance, side="right")
        return self._picks[name]

    def lot(self, name: str) -> Float64:
        """A number from 0 to 1 for each row, spread evenly: a tenth of them is below 0.1."""
        return (self.generator(f"lot {name}").permutation(self.rows) + 0.5) / self.rows


@dataclass(frozen=True, slots=True)
class Draw:
    """The rows of a chunk for which a value is wanted now."""

    chunk: Chunk
    at: Int64
    rng: np.random.Generator

    @property
    def rows(self) -> int:
        """How many values are wanted."""
        return len(self.at)

    def part(self, picked: Int64) -> Draw:
        """Only the rows ``picked`` of these."""
        return Draw(self.chunk, self.at[picked], self.rng)

    def people(self, role: str) -> People:
        """The persons of these rows."""
        return self.chunk.people(role).take(self.at)

    def shared(self, name: str, weights: Float64) -> Int64:
        """The shared choice ``name`` of these rows."""
        return self.chunk.pick(name, weights)[self.at]

    def dealt(self, name: str, weights: Float64) -> Int64:
        """Like ``choose``, by the row's number in the lot ``name``: exactly in those shares."""
        return np.searchsorted(cumulate(weights), self.chunk.lot(name)[self.at], side="right")

    def choose(self, weights: Float64) -> Int64:
        """A number below ``len(weights)`` for each row, by weight."""
        if len(weights) == 1:
            return np.zeros(self.rows, dtype=np.int64)
        return np.searchsorted(cumulate(weights), self.rng.random(self.rows), side="right")


def by_form(draw: Draw, forms: Mapping[str, float], make: Callable[[Draw, str], Cells]) -> Cells:
    """Cells in several forms: each row's form by weight, each form made in one go."""
    names = list(forms)
    if len(names) == 1:
        return make(draw, names[0])
    chosen = draw.choose(np.array([float(forms[name]) for name in names]))
    parts = []
    for number, name in enumerate(names):
        where = np.flatnonzero(chosen == number)
        if len(where):
            parts.append((where, make(draw.part(where), name)))
    return mix(parts, draw.rows) if parts else make(draw, names[0])
