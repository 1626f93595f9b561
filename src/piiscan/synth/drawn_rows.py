"""The rows of a file: its own, drawn from the seed, and parts of files that stand before it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from zlib import crc32

import numpy as np

from piiscan.synth.made_masks import mask_cells
from piiscan.synth.planted_cells import Cells, take
from piiscan.synth.recipe import File, Part, Recipe
from piiscan.synth.sampler import Chunk, Draw
from piiscan.synth.value_kinds import make as make_value

#: Rows made at a time. Part of the format: another size would draw other values.
CHUNK: Final = 65_536


@dataclass(frozen=True, slots=True)
class Drawn:
    """All rows of a recipe; the same rows and seed give the same ones, whoever asks first."""

    recipe: Recipe
    rows: int
    seed: int

    def own_rows(self, file: File) -> int:
        """How many rows of its own a file has: its number, or its share of the corpus."""
        if file.rows is not None:
            return file.rows
        share = round(self.rows * file.share)
        return share if file.parts else max(1, share)

    def count(self, file: File) -> int:
        """How many rows a file has in all."""
        return self.own_rows(file) + sum(high - low for low, high in map(self._range, file.parts))

    def chunks(self, file: File, *, chain: str) -> Iterator[tuple[int, list[Cells]]]:
        """First row and columns of each chunk, masked as the file wants them."""
        first = 0
        for columns in self._all(file, chain):
            names = _names(file)
            yield (
                first,
                [
                    mask_cells(cells, file.masks[name]) if name in file.masks else cells
                    for name, cells in zip(names, columns, strict=True)
                ],
            )
            first += len(columns[0])

    def _all(self, file: File, chain: str) -> Iterator[list[Cells]]:
        yield from self._own(file, chain)
        for number, part in enumerate(file.parts):
            yield from self._part(file, part, f"{chain} part {number}")

    def _own(self, file: File, chain: str) -> Iterator[list[Cells]]:
        """A share of rows stands there twice, another again but for some of its values."""
        names = _names(file)
        total = self.own_rows(file)
        for number, first in enumerate(range(0, total, CHUNK)):
            rows = min(CHUNK, total - first)
            chunk = Chunk((self.seed, crc32(chain.encode()), number), rows, self.recipe.people)
            columns = [self._made(name, chunk, place) for place, name in enumerate(names)]
            if file.duplicates:
                columns = _repeated(columns, chunk, "duplicates", file.duplicates)
            share, kept = file.variants
            if share:
                again = _repeated(columns, chunk, "variants", share)
                columns = [
                    old if name in kept else new
                    for name, old, new in zip(names, columns, again, strict=True)
                ]
            yield columns

    def _part(self, file: File, part: Part, chain: str) -> Iterator[list[Cells]]:
        """Rows of another file; values that it does not have are drawn anew."""
        base = self.recipe.file(part.of)
        known, (low, high) = _names(base), self._range(part)
        at = 0
        for number, columns in enumerate(self._all(base, part.of)):
            picked = np.arange(max(low - at, 0), min(high - at, len(columns[0])))
            at += len(columns[0])
            if not len(picked):
                continue
            chunk = Chunk(
                (self.seed, crc32(chain.encode()), number), len(picked), self.recipe.people
            )
            yield [
                take(columns[known.index(name)], picked)
                if name in known
                else self._made(name, chunk, place)
                for place, name in enumerate(_names(file))
            ]

    def _made(self, name: str, chunk: Chunk, place: int) -> Cells:
        draw = Draw(chunk, np.arange(chunk.rows), chunk.generator(f"value {place}"))
        return make_value(name, self.recipe.values, draw)

    def _range(self, part: Part) -> tuple[int, int]:
        """The rows of a part in the file it is of: from, to."""
        rows = self.count(self.recipe.file(part.of))
        return round(rows * part.start), round(rows * part.end)


def _names(file: File) -> list[str]:
    return [file.line] if file.line else [value for _, value in file.columns]


def _repeated(columns: list[Cells], chunk: Chunk, name: str, share: float) -> list[Cells]:
    """The columns, a share of rows being copies of earlier ones."""
    rng = chunk.generator(name)
    picked = np.arange(chunk.rows)
    copies = np.flatnonzero(rng.random(chunk.rows) < share)
    picked[copies] = (rng.random(len(copies)) * copies).astype(np.int64)
    return [take(cells, picked) for cells in columns]
