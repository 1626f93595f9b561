"""Detection engine: read a batch of texts and return a FOUND table of the findings.

The scan of a case and the Presidio recognizer call the same engine. It processes a few megabytes of
text at a time, which bounds its memory, and every stage works on arrays:

    match -> validate -> annotate -> score -> resolve, for patterns, then for names

    手机13800138000 -> entity CN_MOBILE, start 2, end 13, value 13800138000
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from typing import Any, Self

import numpy as np
import pyarrow as pa

from piiscan.arrays import Int64, UInt8
from piiscan.arrow_strings import as_array
from piiscan.detect.catalog.catalog import Catalog, cached_by_digest
from piiscan.detect.catalog.column import Column
from piiscan.detect.catalog.headers import Label
from piiscan.detect.compiled_catalog import CompiledCatalog, compile_catalog
from piiscan.detect.findings.build_findings import objects_of_table
from piiscan.detect.findings.finding import Finding
from piiscan.detect.matching.batch import CHUNK_BYTES, TextBatch
from piiscan.detect.ner.find_names import find_names, trace_names
from piiscan.detect.ner.span_trace import NameChange
from piiscan.detect.pattern_kernels import PatternSearch, Workspace
from piiscan.detect.results.found_table import build_found_table, merge_sorted
from piiscan.detect.scoring.overlap_resolution import Resolved
from piiscan.kernel_files import check_kernels
from piiscan.schemas import FOUND


class Engine:
    """Finder of every value that the recognizers of one catalogue describe.

    ``as_of`` is the latest day that counts as a possible date of birth. An engine stores no text,
    and several threads may use it at once.
    """

    def __init__(self, catalog: Catalog, *, as_of: datetime.date) -> None:
        self.catalog = catalog
        self.as_of = as_of
        self.compiled: CompiledCatalog = compile_catalog(catalog)
        self._day = as_of.year * 10000 + as_of.month * 100 + as_of.day
        self._patterns = PatternSearch(self.compiled, self._day)
        self._running_text = Column.of(catalog, None)
        # glibc returns memory above the size of the largest block freed so far: without this one
        # the memory of every chunk, which it requests again page by page
        np.empty(30 << 20, np.uint8)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle as catalogue and day, which :func:`engine_of` makes an engine of."""
        return engine_of, (self.catalog, self.as_of)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Return the engine itself: it stores no text."""
        return self

    def find_table(
        self,
        texts: pa.Array,
        *,
        label: Label | None = None,
        min_score: float = 0.5,
        names: bool = True,
        rejected: bool = False,
        chunk: int = CHUNK_BYTES,
    ) -> pa.Table:
        """Find personal information in ``texts`` and return a FOUND table, one row per finding.

        Args:
            texts: string array; a null counts as an empty text.
            label: meaning of the column that the texts come from; None for running text.
            min_score: lowest score of a reported finding.
            names: also find names and addresses with the name tagger.
            rejected: add refused candidates (score 0) and superseded ones (reason LOST).
            chunk: bytes of text to process at a time; the result does not depend on it.

        The result is an empty FOUND table if nothing is found.
        """
        batch, column = TextBatch.of(texts), self.column(label)
        watchlists = self.compiled.watchlists
        lowest_score = watchlists.lowest_score(float(min_score))
        tables = []
        for first_text, offsets in batch.chunks(chunk):
            space = self._search(
                batch.data, offsets, column, names=names, refused=rejected, split=not rejected
            )
            found = merge_sorted(
                [
                    build_found_table(
                        resolved, isolated, column, self.compiled.results, first_text,
                        lowest_score, rejected=rejected,
                    )
                    for resolved, isolated in self._patterns.results(space, column, not rejected)
                ]
            )  # fmt: skip
            self._patterns.give_back(space)
            tables.append(watchlists.add_hits(found, min_score))
        return pa.concat_tables(tables) if tables else FOUND.empty_table()

    def find_all(
        self,
        texts: Sequence[str],
        *,
        label: Label | None = None,
        min_score: float = 0.5,
        names: bool = True,
        chunk: int = CHUNK_BYTES,
    ) -> list[list[Finding]]:
        """Return the findings in each of ``texts`` as objects, in order.

        They are the rows of :meth:`find_table`, which costs many times as much for one text.
        """
        if self.compiled.watchlists.lists:
            table = self.find_table(as_array(texts), label=label, min_score=min_score, names=names)
            return objects_of_table(table, len(texts))
        batch, column = TextBatch.of_strings(texts), self.column(label)
        found: list[list[Finding]] = [[] for _ in texts]
        for first_text, offsets in batch.chunks(chunk):
            space = self._search(
                batch.data, offsets, column, names=names, refused=False, split=False
            )
            part = list(texts[first_text : first_text + len(offsets) - 1])
            self._patterns.add_findings(
                space, column, part, min_score, found[first_text : first_text + len(part)]
            )
            self._patterns.give_back(space)
        return found

    def column(self, label: Label | None) -> Column:
        """Return the Column of this ``label``, None for running text."""
        return self._running_text if label is None else Column.of(self.catalog, label)

    def resolve_one(self, text: str, column: Column) -> list[Resolved]:
        """Return all candidates in one text with scores, refused ones too: one pair per stage.

        The first part has the candidates of shapes and patterns, the second those of the name
        tagger. A part is absent if it has no candidate.
        """
        batch = TextBatch.of_strings([text])
        space = self._search(
            batch.data, batch.offsets, column, names=True, refused=True, split=False
        )
        return [resolved for resolved, _ in self._patterns.results(space, column, False)]

    def trace_names(self, text: str, column: Column) -> tuple[NameChange, ...]:
        """Return the change that each span rule made to the name tagger's spans in one text."""
        batch, search = TextBatch.of_strings([text]), self._patterns
        space = search.take_workspace()
        search.run(space, batch.data, batch.offsets, column, True, True, False)
        claimed = search.claimed(space, column, False)
        return trace_names(search.texts(space), claimed, column, self.compiled.names)

    def _search(
        self,
        data: UInt8,
        offsets: Int64,
        column: Column,
        *,
        names: bool,
        refused: bool,
        split: bool,
    ) -> Workspace:
        """Search the texts ``data[offsets[i]:offsets[i + 1]]``: patterns, then names.

        Return the workspace with the spans; the caller gives it back after use.

        Args:
            names: also read the texts that may have names with the name tagger
            refused: keep candidates that need a context word and have none
            split: set isolated candidates apart
        """
        search = self._patterns
        space = search.take_workspace()
        search.run(space, data, offsets, column, names, refused, split)
        if names:
            claimed = search.claimed(space, column, split)
            found = find_names(search.texts(space), claimed, column, self.compiled.names)
            if found is not None:
                search.add_names(space, found, column, split)
        search.assign_roles(space, column, split)
        return space


@cached_by_digest
def engine_of(catalog: Catalog, as_of: datetime.date) -> Engine:
    """Return the engine of this process for a catalogue and a day, cached.

    Raise KernelError if compiled modules are missing or stale.
    """
    check_kernels()
    return Engine(catalog, as_of=as_of)


def find_batched(find: Callable[[pa.Array], pa.Table], parts: Sequence[pa.Array]) -> list[pa.Table]:
    """Call ``find`` once on all ``parts`` joined, and return one FOUND table per part.

    One call is cheaper than many. ``index`` counts the texts of each part from 0.
    """
    found = find(parts[0] if len(parts) == 1 else pa.concat_arrays(parts))
    index = found["index"].to_numpy()
    bounds_of_parts = np.cumsum([0, *map(len, parts)])
    bounds = np.searchsorted(index, bounds_of_parts)
    return [
        found.slice(low, high - low).set_column(0, "index", pa.array(index[low:high] - first_index))
        for low, high, first_index in zip(
            bounds[:-1], bounds[1:], bounds_of_parts[:-1], strict=True
        )
    ]
