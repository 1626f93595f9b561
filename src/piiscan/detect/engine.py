"""The one engine: texts in, a FOUND table out; batch scanning and the Presidio door both call it.

fold -> scan -> locate -> values and checks -> surroundings -> context -> weigh -> settle, over
arrays, a megabyte of text at a time so that every temporary stays in the processor's cache.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from piiscan.detect import context, settle, surroundings, weigh
from piiscan.detect.candidates import Candidates, Rules, scan, scan_cells
from piiscan.detect.catalog import Catalog
from piiscan.detect.checks import Judgement
from piiscan.detect.fold import KIND_BREAK, KIND_OTHER, UInt8, fold_texts
from piiscan.detect.found import Settled, found_table
from piiscan.detect.labels import Label
from piiscan.detect.places import Places, locate
from piiscan.detect.plan import Plan, plan
from piiscan.detect.values import Values, values_of
from piiscan.schemas import FOUND

Int64 = npt.NDArray[np.int64]

#: Bytes of text folded and scanned at a time.
CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Texts:
    """A batch as one byte buffer: text i is ``data[offsets[i]:offsets[i + 1]]``."""

    data: UInt8
    offsets: Int64

    @classmethod
    def of(cls, array: pa.Array) -> Texts:
        """A view of a string array without copying its bytes; a null is an empty text."""
        if isinstance(array, pa.ChunkedArray):
            array = array.combine_chunks()
        if pa.types.is_dictionary(array.type):
            array = array.dictionary_decode()
        if pa.types.is_null(array.type):
            array = array.cast(pa.string())
        wide = pa.types.is_large_string(array.type)
        if not wide and not pa.types.is_string(array.type):
            raise TypeError(f"an array of texts is expected, not of {array.type}")
        _, offset_buffer, data_buffer = array.buffers()
        width = np.int64 if wide else np.int32
        if offset_buffer is None:
            return cls(np.empty(0, np.uint8), np.zeros(1, np.int64))
        offsets = np.frombuffer(offset_buffer, width)[array.offset : array.offset + len(array) + 1]
        data = np.frombuffer(data_buffer or b"", np.uint8)
        return cls(data, offsets.astype(np.int64))

    def chunks(self, size: int) -> Iterator[tuple[int, Int64]]:
        """(number of the first text, offsets) of consecutive runs of about ``size`` bytes."""
        first, count = 0, len(self.offsets) - 1
        while first < count:
            wanted = self.offsets[first] + size
            last = int(np.searchsorted(self.offsets, wanted, "right")) - 1
            last = min(max(last, first + 1), count)
            yield first, self.offsets[first : last + 1]
            first = last


class Engine:
    """Finds everything the catalogue knows in batches of texts.

    ``as_of`` is the day up to which a birth date is possible.  An engine holds no text and may be
    used from several threads at once.
    """

    def __init__(self, catalog: Catalog, *, as_of: datetime.date) -> None:
        self.catalog = catalog
        self.as_of = as_of
        self.plan: Plan = plan(catalog)
        self._day = as_of.year * 10000 + as_of.month * 100 + as_of.day

    def find_table(
        self,
        texts: pa.Array,
        *,
        label: Label | None = None,
        min_score: float = 0.5,
        names: bool = True,
        rejected: bool = False,
        chunk: int = CHUNK,
    ) -> pa.Table:
        """All findings in ``texts`` with a score of at least ``min_score``: a FOUND table.

        ``label`` says what the column that the texts stand in is called.  With ``rejected``
        refused candidates (score 0, with their reason) and losers (reason LOST) are rows too.
        ``names=False`` leaves names and addresses out.
        """
        batch = Texts.of(texts)
        tables = []
        for first, offsets in batch.chunks(chunk):
            settled = self._settle(batch.data, offsets, label, names=names)
            if settled is not None:
                tables.append(
                    found_table(settled, self.plan, label, first, min_score, rejected=rejected)
                )
        return pa.concat_tables(tables) if tables else FOUND.empty_table()

    def _settle(
        self, data: UInt8, offsets: Int64, label: Label | None, *, names: bool
    ) -> Settled | None:
        """Everything found in one chunk; None where no shape matched anywhere."""
        own = self._own(label)
        room = int(offsets[-1] - offsets[0]) + len(offsets) + 1
        folded, starts = np.empty(room, np.uint8), np.empty(len(offsets), np.int64)
        folded = folded[: fold_texts(data, offsets, self.plan.alphabet.table, folded, starts)]
        candidates = self._scan(folded, starts, own, names=names)
        if not len(candidates.start):
            return None
        places = locate(data, offsets, starts, candidates)
        values, judged = values_of(folded, data, candidates, places, self.plan, self._day)
        words = context.judge(
            folded, data, offsets, candidates, places, self.plan.words, self.plan.alphabet
        )
        return self._weigh(folded, data, candidates, places, values, judged, words, label, own)

    def _own(self, label: Label | None) -> npt.NDArray[np.bool_]:
        """Which recognizers the label names."""
        named = label.recognizers if label and not label.parts else ()
        return np.array([r.id in named for r in self.catalog.recognizers], np.bool_)

    def _scan(
        self, folded: UInt8, starts: Int64, own: npt.NDArray[np.bool_], *, names: bool
    ) -> Candidates:
        plan = self.plan
        rules = Rules(plan.boundary, plan.anchored & ~own)
        running = scan(folded, plan.anywhere, plan.alphabet, rules)
        wanted = own & plan.whole_cell
        if not names or not wanted.any():
            return running
        cells = scan_cells(folded, starts, plan.cells, wanted)
        start = np.concatenate([running.start, cells.start])
        order = np.argsort(start, kind="stable")
        return Candidates(
            np.concatenate([running.recognizer, cells.recognizer])[order],
            start[order],
            np.concatenate([running.end, cells.end])[order],
        )

    def _weigh(
        self,
        folded: UInt8,
        data: UInt8,
        candidates: Candidates,
        places: Places,
        values: Values,
        judged: Judgement,
        words: context.Context,
        label: Label | None,
        own: npt.NDArray[np.bool_],
    ) -> Settled:
        which = candidates.recognizer
        kind = self.plan.alphabet.kind
        outside = (KIND_OTHER, KIND_BREAK)
        alone = np.isin(kind[folded[candidates.start - 1]], outside)
        alone &= np.isin(kind[folded[candidates.end]], outside)
        weights = weigh.weigh(
            self.plan.strength[which],
            judged,
            surroundings.look(folded, candidates, self.plan.alphabet),
            words,
            own_label=own[which],
            other_label=label is not None and label.other is not None,
            anchored=self.plan.anchored[which].astype(np.bool_),
            alone=alone,
        )
        length = candidates.end - candidates.start
        order = weigh.priority(weights, judged.verdict, length, self.plan.outranks[which])
        live = np.flatnonzero(~weights.refused)
        winner = np.full(len(which), -1, np.int64)
        winner[live] = live[
            settle.settle(candidates.start[live], candidates.end[live], order[live])
        ]
        return Settled(data, candidates, places, values, judged, words, weights, winner)
