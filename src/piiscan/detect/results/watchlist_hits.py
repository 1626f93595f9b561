"""Watch lists at work: every finding whose value is on a list is told a second time, as a hit.

A hit is a FOUND row of its own at the same place, of the list's entity and recognizer, so that it
has its own line in every table; the finding itself stays what it is.  That the value is a known
one is the evidence: a hit is worth what the list says (``bare``), even where the finding alone is
held low.  What lost its place to another kind, or was refused, gives no hit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute

from piiscan.arrays import Bool
from piiscan.detect.catalog.catalog import Catalog
from piiscan.detect.catalog.watchlist import Watch
from piiscan.detect.results.found_table import in_order
from piiscan.errors import CatalogError
from piiscan.schemas import ALTERNATIVE, FOUND

#: The entity of hits, or how it begins; nothing else finds it.
ENTITY: Final = "WATCHLIST"
#: Passwords are never told, so not by a list either.
SECRET: Final = "CREDENTIAL"


@dataclass(frozen=True, slots=True)
class _List:
    """One list by numbers: its own recognizer and entity; those it watches, by entity name."""

    recognizer: int
    entity: int
    score: float
    watch: Watch
    of: dict[str, list[int]]


@dataclass(frozen=True, slots=True)
class Watching:
    """All watch lists of a catalogue."""

    lists: tuple[_List, ...]

    @classmethod
    def of(cls, catalog: Catalog) -> Watching:
        """The lists of ``catalog``; CatalogError where one watches what is not there."""
        numbers = {rule.id: number for number, rule in enumerate(catalog.recognizers)}
        lists = []
        for rule in catalog.recognizers:
            if rule.watch is None:
                continue
            if not rule.entity.startswith(ENTITY):
                raise CatalogError(
                    f"{rule.file}: entity: that of a watch list is {ENTITY}, or begins with it"
                )
            watched: dict[str, list[int]] = {}
            for name in rule.watch.of:
                other = catalog.by_id.get(name)
                if other is None or other.watch is not None or other.entity == SECRET:
                    raise CatalogError(f"{rule.file}: watch: no recognizer {name} to watch")
                watched.setdefault(other.entity, []).append(numbers[name])
            entity = catalog.entities.index(rule.entity)
            lists.append(_List(numbers[rule.id], entity, rule.score, rule.watch, watched))
        return cls(tuple(lists))

    def least(self, min_score: float) -> float:
        """The score from which findings are needed, so that held ones can be hits."""
        return min(min_score, 0.3) if self.lists else min_score

    def added(self, found: pa.Table, min_score: float) -> pa.Table:
        """``found`` with its hits, in order, without what is below ``min_score``."""
        if not (self.lists and found.num_rows):
            return found
        score = found["score"].to_numpy()
        lost = pa.compute.equal(found["reason"].cast(pa.string()), "LOST").fill_null(False)
        aside = (score <= 0) | lost.to_numpy().astype(np.bool_)
        tables = [found.filter(pa.array(aside | (score >= min_score)))]
        for each in self.lists:
            hits = self._hits(found, each, ~aside)
            tables.append(hits.filter(pa.compute.greater_equal(hits["score"], min_score)))
        return in_order(tables)

    def _hits(self, found: pa.Table, each: _List, standing: Bool) -> pa.Table:
        numbers = found["recognizer"].chunk(0).indices.to_numpy()
        known = np.zeros(found.num_rows, np.bool_)
        for entity, watched in each.of.items():
            rows = np.flatnonzero(np.isin(numbers, watched) & standing)
            values = found["value"].chunk(0).take(pa.array(rows))
            known[rows] = each.watch.known(values, entity).to_numpy(zero_copy_only=False)
        return _renamed(found.filter(pa.array(known)), found, each)


def _renamed(hits: pa.Table, found: pa.Table, each: _List) -> pa.Table:
    """``hits``, some rows of ``found``, as findings of the list."""
    count = hits.num_rows
    changed: dict[str, Any] = {
        "score": pa.array(np.maximum(hits["score"].to_numpy(), each.score)),
        "alternatives": pa.array([[]] * count, pa.list_(ALTERNATIVE)),
    }
    for name, number in (("entity", each.entity), ("recognizer", each.recognizer)):
        words = found[name].chunk(0).dictionary
        indices = pa.array(np.full(count, number, np.int16))
        changed[name] = pa.DictionaryArray.from_arrays(indices, words)
    columns = [changed.get(name, hits[name]) for name in FOUND.names]
    return pa.Table.from_arrays(columns, schema=FOUND)
