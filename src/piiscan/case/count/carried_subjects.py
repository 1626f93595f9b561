"""Carried subjects: record subjects of the count before that a new count has too.

Sources are numbered in the order in which they were added, so those of the count before come first.
As long as sources, request and program are the same, so are their record subjects; a new count
copies these and computes the others. All later steps see one table of record subjects.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from piiscan.case.store.case import Case
from piiscan.case.store.count_store import Count
from piiscan.case.store.manifest import all_manifests
from piiscan.errors import ChangedFileError
from piiscan.schemas import RECORD_SUBJECTS

#: Entries of a manifest, beside the sources, on which record subjects depend.
_FACTS: Final = ("settings", "whose", "roles")
#: Facts of the program on which they depend.
_PROGRAM: Final = ("code_sha256", "kernels_sha256", "libraries")
#: Files of a request whose lines may concern any source once another one is added.
_OF_ALL: Final = ("exclusions", "judged")
#: Most entities whose combinations do not depend on the order of reading (bits of a mask).
_MOST_ENTITIES: Final = 63
#: Rows that are copied at once.
_BATCH: Final = 65_536


@dataclass(frozen=True, slots=True)
class CarriedSubjects:
    """Record subjects of ``count`` that belong to the sources up to ``last``; None for none."""

    count: Count | None = None
    sources: int = 0
    last: int = 0

    @classmethod
    def find(
        cls, case: Case, count: Count | None, asked: Mapping[str, Any], tool: Mapping[str, Any]
    ) -> CarriedSubjects:
        """Return the subjects of the newest ``count`` that hold for a new count of ``case``.

        ``asked``, ``tool``: request and program of the new count. A count of another one has none,
        and so has one whose file is not the recorded one.
        """
        if count is None or any(asked[name] for name in _OF_ALL):
            return cls()
        if count.content["asked"] != json.loads(json.dumps(asked)):
            return cls()
        if any(count.content["tool"][name] != tool[name] for name in _PROGRAM):
            return cls()
        known = {each.sha256: each.content for each in all_manifests(case.path)}
        before, now = known.get(count.content["manifest"]), case.manifest.content
        if before is None or any(before[name] != now[name] for name in _FACTS):
            return cls()
        if len(now["whose"]) > _MOST_ENTITIES:
            return cls()
        pairs = zip(before["sources"], now["sources"], strict=False)
        same = [each["source"] for each, _ in takewhile(lambda pair: pair[0] == pair[1], pairs)]
        try:
            _ = count.record_subjects
        except ChangedFileError:
            return cls()
        return cls(count, len(same), same[-1]) if same else cls()

    def tables(self) -> Iterator[pa.Table]:
        """Yield the subjects as tables of RECORD_SUBJECTS."""
        if self.count is None:
            return
        with pq.ParquetFile(self.count.record_subjects, pre_buffer=False) as file:
            for batch in file.iter_batches(_BATCH, use_threads=False):
                rows = pa.Table.from_batches([batch]).filter(pc.field("source") <= self.last)
                if not rows.num_rows:
                    return
                yield rows.cast(RECORD_SUBJECTS)

    def facts(self) -> dict[str, int]:
        """Return number of the count and of the sources, as ``count.json`` has them."""
        return {"count": 0 if self.count is None else self.count.number, "sources": self.sources}
