"""Corpus rows: the rows of a file, drawn from the seed or copied from earlier files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from zlib import crc32

import numpy as np

from piiscan.synth.planted_cells import Cells, mask_cells, take_cells
from piiscan.synth.recipe import FileRecipe, Part, Recipe
from piiscan.synth.sampler import Chunk, Draw
from piiscan.synth.value_kinds import make_cells as make_value

#: Rows per chunk. Part of the format: another size gives other values.
CHUNK: Final = 65_536


@dataclass(frozen=True, slots=True)
class CorpusRows:
    """All rows of a recipe; they depend on recipe, size and seed, not on the order of calls."""

    recipe: Recipe
    rows: int
    seed: int

    def own_rows(self, file: FileRecipe) -> int:
        """Return the number of rows drawn for a file: a fixed number, or a share of the corpus.

        Rows taken from other files are not counted.
        """
        if file.rows is not None:
            return file.rows
        share = round(self.rows * file.share)
        return share if file.parts else max(1, share)

    def count(self, file: FileRecipe) -> int:
        """Return the number of rows of a file, drawn and copied."""
        return self.own_rows(file) + sum(high - low for low, high in map(self._range, file.parts))

    def chunks(self, file: FileRecipe, *, chain: str) -> Iterator[tuple[int, list[Cells]]]:
        """Yield (first row, columns) of each chunk of a file, masked if its recipe masks it."""
        first = 0
        for columns in self._all_chunks(file, chain):
            names = _names(file)
            yield (
                first,
                [
                    mask_cells(cells, file.masks[name]) if name in file.masks else cells
                    for name, cells in zip(names, columns, strict=True)
                ],
            )
            first += len(columns[0])

    def _all_chunks(self, file: FileRecipe, chain: str) -> Iterator[list[Cells]]:
        """Yield the columns of all chunks of a file: drawn rows, then rows of other files."""
        yield from self._own_chunks(file, chain)
        for number, part in enumerate(file.parts):
            yield from self._part_chunks(file, part, f"{chain} part {number}")

    def _own_chunks(self, file: FileRecipe, chain: str) -> Iterator[list[Cells]]:
        """Yield the columns of drawn rows, with the recipe's share of duplicates and variants.

        A variant is a copy of an earlier row with some values drawn again.
        """
        names = _names(file)
        total = self.own_rows(file)
        for number, first in enumerate(range(0, total, CHUNK)):
            rows = min(CHUNK, total - first)
            chunk = Chunk((self.seed, crc32(chain.encode()), number), rows, self.recipe.people)
            columns = [
                self._make_value(name, chunk, position) for position, name in enumerate(names)
            ]
            if file.duplicates:
                columns = _repeat_rows(columns, chunk, "duplicates", file.duplicates)
            share, redrawn = file.variants.share, file.variants.of
            if share:
                repeated = _repeat_rows(columns, chunk, "variants", share)
                columns = [
                    old if name in redrawn else new
                    for name, old, new in zip(names, columns, repeated, strict=True)
                ]
            yield columns

    def _part_chunks(self, file: FileRecipe, part: Part, chain: str) -> Iterator[list[Cells]]:
        """Yield the columns of rows copied from another file; missing values are drawn."""
        base = self.recipe.file(part.of)
        known, (low, high) = _names(base), self._range(part)
        at = 0
        for number, columns in enumerate(self._all_chunks(base, part.of)):
            chosen = np.arange(max(low - at, 0), min(high - at, len(columns[0])))
            at += len(columns[0])
            if not len(chosen):
                continue
            chunk = Chunk(
                (self.seed, crc32(chain.encode()), number), len(chosen), self.recipe.people
            )
            yield [
                take_cells(columns[known.index(name)], chosen)
                if name in known
                else self._make_value(name, chunk, position)
                for position, name in enumerate(_names(file))
            ]

    def _make_value(self, name: str, chunk: Chunk, position: int) -> Cells:
        """Return the cells of the value kind ``name`` for all rows of a chunk."""
        draw = Draw(chunk, np.arange(chunk.rows), chunk.generator(f"value {position}"))
        return make_value(name, self.recipe.values, draw)

    def _range(self, part: Part) -> tuple[int, int]:
        """Return the row range [first, end) of ``part`` in the file it copies."""
        rows = self.count(self.recipe.file(part.of))
        return round(rows * part.start), round(rows * part.end)


def _names(file: FileRecipe) -> list[str]:
    """Return the value kind of each column of a file."""
    return [file.line] if file.line else [value for _, value in file.columns]


def _repeat_rows(columns: list[Cells], chunk: Chunk, name: str, share: float) -> list[Cells]:
    """Replace a ``share`` of the rows by copies of earlier rows."""
    rng = chunk.generator(name)
    chosen = np.arange(chunk.rows)
    copies = np.flatnonzero(rng.random(chunk.rows) < share)
    chosen[copies] = (rng.random(len(copies)) * copies).astype(np.int64)
    return [take_cells(cells, chosen) for cells in columns]
