"""Ground truth of a corpus: counts by entity per file, spans per line, values per row."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from piiscan.synth.planted_cells import Cells
from piiscan.synth.recipe import FileRecipe


@dataclass(slots=True)
class EntityCounts:
    """Counts of one file, updated chunk by chunk."""

    rows: int = 0
    hits: Counter[str] = field(default_factory=Counter)
    refuted: Counter[str] = field(default_factory=Counter)
    hidden: Counter[tuple[str, str]] = field(default_factory=Counter)
    forms: Counter[tuple[str, str]] = field(default_factory=Counter)
    _values: dict[str, Any] = field(default_factory=dict)
    _valid: dict[str, Any] = field(default_factory=dict)

    def add(self, cells: Cells) -> None:
        """Add the planted values of ``cells`` to the counts."""
        for values in cells.planted:
            count = len(values.cell)
            if not count:
                continue
            self.hits[values.entity] += count
            self.forms[values.of, values.form] += count
            if values.entity != values.of:
                self.hidden[values.of, values.entity.lower()] += count
                continue
            _add_distinct(self._values, values.entity, values.value)
            if values.refuted:
                self.refuted[values.entity] += count
            else:
                _add_distinct(self._valid, values.entity, values.value)

    def report(self) -> dict[str, Any]:
        """Return entity -> its counts, as JSON data.

        Keys: hits, valid, refuted, distinct, distinct_valid, masked, damaged, forms. ``hits``:
        findings that a scan should report as that entity. MASKED and DAMAGED are entities of their
        own; ``masked`` and ``damaged`` count them by original entity. ``forms``: number of values
        by form.
        """
        entities = {}
        for entity in sorted({*self.hits, *(of for of, _ in self.hidden)}):
            hits, refuted = self.hits[entity], self.refuted[entity]
            entities[entity] = {
                "hits": hits,
                "valid": hits - refuted,
                "refuted": refuted,
                "distinct": _count_distinct(self._values, entity),
                "distinct_valid": _count_distinct(self._valid, entity),
                "masked": self.hidden[entity, "masked"],
                "damaged": self.hidden[entity, "damaged"],
                "forms": {f: n for (of, f), n in sorted(self.forms.items()) if of == entity},
            }
        return entities


def _add_distinct(arrays_by_entity: dict[str, Any], entity: str, values: Any) -> None:
    """Add the distinct values of ``values`` to the arrays of ``entity``."""
    distinct = pc.unique(values)
    arrays = arrays_by_entity.setdefault(entity, [])
    arrays.append(distinct)


def _count_distinct(arrays_by_entity: dict[str, Any], entity: str) -> int:
    """Return the number of distinct values of ``entity``."""
    arrays = arrays_by_entity.get(entity)
    return 0 if not arrays else len(pc.unique(pa.chunked_array(arrays, pa.string())))


def cell_spans(cells: Cells) -> list[list[tuple[int, int, str, str]]]:
    """Return per cell the sorted (start, end, entity, role) that a scan should report."""
    found: list[list[tuple[int, int, str, str]]] = [[] for _ in range(len(cells))]
    for values in cells.planted:
        if values.refuted:
            continue
        ranges = zip(values.cell.tolist(), values.start.tolist(), values.end.tolist(), strict=True)
        for cell, start, end in ranges:
            found[cell].append((start, end, values.entity, values.role))
    for one in found:
        one.sort()
    return found


def span_lines(cells: Cells, *, name: str, first: int) -> str:
    """Return each cell as a JSON line ``{"id", "text", "spans"}``.

    Ids are ``name:number``, numbered from ``first``. Spans have a role if their slot has one.
    """
    out = []
    for number, (text, found) in enumerate(
        zip(cells.text.to_pylist(), cell_spans(cells), strict=True)
    ):
        out.append(
            json.dumps(
                {
                    "id": f"{name}:{first + number}",
                    "text": text,
                    "spans": [
                        {"start": a, "end": b, "type": kind} | ({"role": role} if role else {})
                        for a, b, kind, role in found
                    ],
                },
                ensure_ascii=False,
            )
        )
    return "\n".join(out) + "\n" if out else ""


def row_lines(columns: Sequence[Cells], file: FileRecipe, *, name: str, first: int) -> str:
    """Return each row as a JSON line ``{"file", "row", "cells", "values"}``.

    ``row``: line or sheet row, as an editor counts. Each value is ``[column, entity, of, form,
    value, refuted]`` with columns from 1. ``first``: number of the first row in the file, from 0.
    """
    found: list[list[tuple[Any, ...]]] = [[] for _ in range(len(columns[0]))]
    for column, cells in enumerate(columns, 1):
        for planted_values in cells.planted:
            kind = (planted_values.entity, planted_values.of, planted_values.form)
            texts = zip(planted_values.cell.tolist(), planted_values.value.to_pylist(), strict=True)
            for cell, value in texts:
                found[cell].append((column, *kind, value, planted_values.refuted))
    texts = zip(*(cells.text.to_pylist() for cells in columns), strict=True)
    out = []
    for number, (texts_of_row, values) in enumerate(zip(texts, found, strict=True), first):
        row = {
            "file": name,
            "row": _row_number(file, number),
            "cells": texts_of_row,
            "values": values,
        }
        out.append(json.dumps(row, ensure_ascii=False))
    return "\n".join(out) + "\n" if out else ""


def _row_number(file: FileRecipe, number: int) -> int:
    """Return the line or sheet row, from 1, of the row ``number`` of a file, from 0."""
    head = len(file.before) + (file.header and file.format in {"table", "xlsx"})
    repeats = number // file.repeat_header if file.repeat_header else 0
    return 1 + head + number + repeats
