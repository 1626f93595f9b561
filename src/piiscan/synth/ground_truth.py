"""What was planted: counts by kind for every file, spans for every line."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from piiscan.synth.planted_cells import Cells
from piiscan.synth.recipe import File


@dataclass(slots=True)
class Tally:
    """Counts of one file, grown chunk by chunk."""

    rows: int = 0
    hits: Counter[str] = field(default_factory=Counter)
    refuted: Counter[str] = field(default_factory=Counter)
    hidden: Counter[tuple[str, str]] = field(default_factory=Counter)
    forms: Counter[tuple[str, str]] = field(default_factory=Counter)
    _values: dict[str, Any] = field(default_factory=dict)
    _sound: dict[str, Any] = field(default_factory=dict)

    def add(self, cells: Cells) -> None:
        """Counts what is planted in ``cells``."""
        for marks in cells.marks:
            count = len(marks.cell)
            if not count:
                continue
            self.hits[marks.entity] += count
            self.forms[marks.of, marks.form] += count
            if marks.entity != marks.of:
                self.hidden[marks.of, marks.entity.lower()] += count
                continue
            _keep(self._values, marks.entity, marks.value)
            if marks.refuted:
                self.refuted[marks.entity] += count
            else:
                _keep(self._sound, marks.entity, marks.value)

    def report(self) -> dict[str, Any]:
        """Per entity: hits, valid, refuted, distinct values, distinct valid ones, masked, damaged.

        ``hits`` is what a scan should report under that entity; MASKED and DAMAGED are entities
        of their own, and ``masked``/``damaged`` say of which kind those were. ``forms`` counts
        how the values were written.
        """
        entities = {}
        for entity in sorted({*self.hits, *(of for of, _ in self.hidden)}):
            hits, refuted = self.hits[entity], self.refuted[entity]
            entities[entity] = {
                "hits": hits,
                "valid": hits - refuted,
                "refuted": refuted,
                "distinct": _distinct(self._values, entity),
                "distinct_valid": _distinct(self._sound, entity),
                "masked": self.hidden[entity, "masked"],
                "damaged": self.hidden[entity, "damaged"],
                "forms": {f: n for (of, f), n in sorted(self.forms.items()) if of == entity},
            }
        return entities


def _keep(seen: dict[str, Any], entity: str, values: Any) -> None:
    """Remembers the distinct ones of ``values``."""
    fresh = pc.unique(values)
    old = seen.setdefault(entity, [])
    old.append(fresh)


def _distinct(seen: dict[str, Any], entity: str) -> int:
    """How many different values of ``entity`` there were."""
    kept = seen.get(entity)
    return 0 if not kept else len(pc.unique(pa.chunked_array(kept, pa.string())))


def spans(cells: Cells) -> list[list[tuple[int, int, str]]]:
    """Per cell the (start, end, entity) of what a scan should report, in order."""
    found: list[list[tuple[int, int, str]]] = [[] for _ in range(len(cells))]
    for marks in cells.marks:
        if marks.refuted:
            continue
        places = zip(marks.cell.tolist(), marks.start.tolist(), marks.end.tolist(), strict=True)
        for cell, start, end in places:
            found[cell].append((start, end, marks.entity))
    for one in found:
        one.sort()
    return found


def lines(cells: Cells, *, name: str, first: int) -> str:
    """JSON lines ``{"id","text","spans"}`` of the cells, ids counting from ``first``."""
    out = []
    for number, (text, found) in enumerate(zip(cells.text.to_pylist(), spans(cells), strict=True)):
        out.append(
            json.dumps(
                {
                    "id": f"{name}:{first + number}",
                    "text": text,
                    "spans": [{"start": a, "end": b, "type": kind} for a, b, kind in found],
                },
                ensure_ascii=False,
            )
        )
    return "\n".join(out) + "\n" if out else ""


def rows(columns: Sequence[Cells], file: File, *, name: str, first: int) -> str:
    """JSON lines ``{"file","row","cells","values"}``: the row as editors count, what is in it.

    Each value is ``[column, entity, of, form, value, refuted]``, columns counting from 1.
    ``first`` is the number of the first row among those of the file, from 0.
    """
    found: list[list[tuple[Any, ...]]] = [[] for _ in range(len(columns[0]))]
    for place, cells in enumerate(columns, 1):
        for marks in cells.marks:
            what = (marks.entity, marks.of, marks.form)
            texts = zip(marks.cell.tolist(), marks.value.to_pylist(), strict=True)
            for cell, value in texts:
                found[cell].append((place, *what, value, marks.refuted))
    texts = zip(*(cells.text.to_pylist() for cells in columns), strict=True)
    out = []
    for number, (cells_, values) in enumerate(zip(texts, found, strict=True), first):
        row = {"file": name, "row": _place(file, number), "cells": cells_, "values": values}
        out.append(json.dumps(row, ensure_ascii=False))
    return "\n".join(out) + "\n" if out else ""


def _place(file: File, number: int) -> int:
    """The line or sheet row on which the row ``number`` of a file stands."""
    head = len(file.before) + (file.header and file.format in {"table", "xlsx"})
    repeats = number // file.repeat_header if file.repeat_header else 0
    return 1 + head + number + repeats
