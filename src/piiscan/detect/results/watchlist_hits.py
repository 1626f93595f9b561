"""Watch-list hits: a second FOUND row for every finding whose value is on a watch list.

The hit has the same place, the list's entity and the list's recognizer, so every table counts it
separately.  The finding itself does not change.  A known value is evidence: the hit scores at
least the list's base score (``bare``), even where the finding is capped at 0.3.  Superseded and
refused spans produce no hit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute

from piiscan.arrays import Bool
from piiscan.detect.catalog.catalog import Catalog
from piiscan.detect.catalog.watchlist import Watchlist
from piiscan.detect.results.found_table import merge_sorted
from piiscan.errors import CatalogError
from piiscan.schemas import ALTERNATIVE, FOUND

#: Entity of hits, or its first part; no other recognizer has it.
ENTITY: Final = "WATCHLIST"
#: Entity of passwords, whose values are never disclosed and so cannot be watched.
CREDENTIAL_ENTITY: Final = "CREDENTIAL"


@dataclass(frozen=True, slots=True)
class _CompiledList:
    """One watch list by numbers: its recognizer, its entity, the recognizers it watches.

    ``watched[entity]`` are the numbers of the watched recognizers of that entity.
    """

    recognizer: int
    entity: int
    score: float
    watch: Watchlist
    watched: dict[str, list[int]]


@dataclass(frozen=True, slots=True)
class Watchlists:
    """All watch lists of a catalogue, ready to add hits to FOUND tables."""

    lists: tuple[_CompiledList, ...]

    @classmethod
    def of(cls, catalog: Catalog) -> Watchlists:
        """Compile the lists of ``catalog``.  Raise CatalogError if a watched id is unknown."""
        numbers = {rule.id: number for number, rule in enumerate(catalog.recognizers)}
        lists = []
        for rule in catalog.recognizers:
            if rule.watch is None:
                continue
            if not rule.entity.startswith(ENTITY):
                raise CatalogError("rule.watch_entity", file=rule.file, entity=ENTITY)
            watched: dict[str, list[int]] = {}
            for name in rule.watch.of:
                other = catalog.by_id.get(name)
                if other is None or other.watch is not None or other.entity == CREDENTIAL_ENTITY:
                    raise CatalogError("rule.nothing_to_watch", file=rule.file, name=name)
                watched.setdefault(other.entity, []).append(numbers[name])
            entity = catalog.entities.index(rule.entity)
            lists.append(_CompiledList(numbers[rule.id], entity, rule.score, rule.watch, watched))
        return cls(tuple(lists))

    def lowest_score(self, min_score: float) -> float:
        """Return the score limit to scan with, so that findings with capped scores can be hits."""
        return min(min_score, 0.3) if self.lists else min_score

    def add_hits(self, found: pa.Table, min_score: float) -> pa.Table:
        """Add watch-list hits to a FOUND table, in order; drop rows below ``min_score``."""
        if not (self.lists and found.num_rows):
            return found
        score = found["score"].to_numpy()
        superseded = pa.compute.equal(found["reason"].cast(pa.string()), "LOST").fill_null(False)
        excluded = (score <= 0) | superseded.to_numpy().astype(np.bool_)
        tables = [found.filter(pa.array(excluded | (score >= min_score)))]
        for each in self.lists:
            hits = self._hits(found, each, ~excluded)
            tables.append(hits.filter(pa.compute.greater_equal(hits["score"], min_score)))
        return merge_sorted(tables)

    def _hits(self, found: pa.Table, compiled_list: _CompiledList, reported: Bool) -> pa.Table:
        """Return the FOUND rows of one watch list's hits among the ``reported`` rows."""
        numbers = found["recognizer"].chunk(0).indices.to_numpy()
        known = np.zeros(found.num_rows, np.bool_)
        for entity, watched in compiled_list.watched.items():
            rows = np.flatnonzero(np.isin(numbers, watched) & reported)
            values = found["value"].chunk(0).take(pa.array(rows))
            known[rows] = compiled_list.watch.contains(values, entity).to_numpy(
                zero_copy_only=False
            )
        return _as_hits(found.filter(pa.array(known)), found, compiled_list)


def _as_hits(rows: pa.Table, found: pa.Table, compiled_list: _CompiledList) -> pa.Table:
    """Rewrite FOUND rows as watch-list hits: the list's entity, recognizer and score."""
    count = rows.num_rows
    changed: dict[str, Any] = {
        "score": pa.array(np.maximum(rows["score"].to_numpy(), compiled_list.score)),
        "alternatives": pa.array([[]] * count, pa.list_(ALTERNATIVE)),
    }
    for name, number in (
        ("entity", compiled_list.entity),
        ("recognizer", compiled_list.recognizer),
    ):
        words = found[name].chunk(0).dictionary
        indices = pa.array(np.full(count, number, np.int16))
        changed[name] = pa.DictionaryArray.from_arrays(indices, words)
    columns = [changed.get(name, rows[name]) for name in FOUND.names]
    return pa.Table.from_arrays(columns, schema=FOUND)
