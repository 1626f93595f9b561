"""The one engine: texts in, a FOUND table out; batch scanning and the Presidio door both call it.

fold -> scan -> locate -> values and checks -> surroundings -> context -> weigh -> settle, over
arrays, some megabytes of text at a time, which bounds memory.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np
import pyarrow as pa

from piiscan.arrays import Bool, Int64, UInt8
from piiscan.detect.catalog.catalog import Catalog
from piiscan.detect.catalog.headers import OTHER_NUMBERS, Label
from piiscan.detect.checks import Verdict
from piiscan.detect.compiled_catalog import Plan, plan
from piiscan.detect.context import context_words
from piiscan.detect.context.credential_lists import Fields, listed
from piiscan.detect.context.roles import roles_of
from piiscan.detect.context.surroundings import look
from piiscan.detect.matching.alphabet import KIND_BREAK, KIND_OTHER
from piiscan.detect.matching.automaton import Automaton
from piiscan.detect.matching.batch import CHUNK, Chunk, Texts
from piiscan.detect.matching.matcher import Candidates, joined, match
from piiscan.detect.matching.offsets import locate
from piiscan.detect.matching.scan_positions import openings, openings_behind
from piiscan.detect.matching.whole_cells import scan_cells
from piiscan.detect.ner.find_names import make_way, may_name, settle_names
from piiscan.detect.results.found_table import found_table, in_order
from piiscan.detect.results.resolved import Settled
from piiscan.detect.scoring.candidate_score import Traits, weigh
from piiscan.detect.scoring.isolated import Lone, part
from piiscan.detect.scoring.overlap_resolution import settle
from piiscan.detect.validation.allow_list import bar
from piiscan.detect.validation.canonical_values import values_of
from piiscan.schemas import FOUND


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
        tagged = self.plan.tagged[self.plan.tagged >= 0]
        self._naming: Bool = np.isin(self.plan.entity, self.plan.entity[tagged])
        _keep_memory()

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
        own = self._own(label)
        tables = []
        for first, offsets in batch.chunks(chunk):
            folded = Chunk.of(batch.data, offsets, self.plan)
            least = self.plan.watching.least(min_score)
            found = in_order(
                [
                    found_table(*each, self.plan, label, first, least, rejected=rejected)
                    for each in self._each(folded, label, own, names=names, rejected=rejected)
                ]
            )
            tables.append(self.plan.watching.added(found, min_score))
        return pa.concat_tables(tables) if tables else FOUND.empty_table()

    def settle_one(self, text: str, label: Label | None = None) -> list[tuple[Settled, Lone]]:
        """Every candidate in one text, refused ones too: those of patterns, then the tagger's."""
        batch = Texts.of(pa.array([text], pa.string()))
        chunk = Chunk.of(batch.data, batch.offsets, self.plan)
        return list(self._each(chunk, label, self._own(label), names=True, rejected=True))

    def _each(
        self, chunk: Chunk, label: Label | None, own: Bool, *, names: bool, rejected: bool
    ) -> Iterator[tuple[Settled, Lone]]:
        """What patterns find in a chunk, then what the tagger finds beside it."""
        settled, lone = self._settle(chunk, label, own, names=names, rejected=rejected)
        named = None
        if names and may_name(label) and (self.plan.tagged >= 0).any():
            named = settle_names(chunk, settled, lone, self.plan, self._day)
        if len(settled.winner) or len(lone):
            yield settled, lone
        if named is not None:
            yield named, Lone.none(chunk.folded, chunk.laid)

    def _settle(
        self, chunk: Chunk, label: Label | None, own: Bool, *, names: bool, rejected: bool
    ) -> tuple[Settled, Lone]:
        """Everything found in one chunk, and what stands alone in it and needs no settling."""
        data, offsets = chunk.data, chunk.offsets
        folded, starts, ends = chunk.folded, chunk.starts, chunk.ends
        candidates, fields = self._scan(chunk, own, names=names)
        values, judged = values_of(folded, candidates, self.plan, self._day)
        lone = Lone.none(folded, chunk.laid)
        if not rejected:
            lone, rows = part(
                chunk.laid, folded, candidates, judged, values.as_spelt, own, ends, self.plan.quiet
            )
            candidates, values, judged = candidates.take(rows), values.take(rows), judged.take(rows)
        places = locate(chunk.laid, candidates.start, candidates.end)
        bar(data, candidates, places, judged, self.plan)
        words = context_words.judge(
            folded, data, offsets, candidates, places, ends, own,
            self.plan.words, self.plan.alphabet,
        )  # fmt: skip
        if len(fields):
            fields = fields.upheld(candidates, judged.verdict == Verdict.REFUTED)
            fields.name(candidates, words, self.plan.follows, len(self.plan.words.words))
        traits = self._traits(label, own)
        other_label = label is not None and label.other in OTHER_NUMBERS
        weights = weigh(
            candidates,
            judged,
            look(*_closed_up(folded, candidates, chunk.seen), self.plan.alphabet),
            words,
            traits,
            alone=self._alone(folded, candidates, own),
            other_label=other_label,
        )
        if names:
            make_way(candidates, weights, self.plan, own)
        winner = settle(candidates.start, candidates.end, weights.priority, weights.refused)
        role = roles_of(
            folded, data, offsets, starts, ends, candidates, places,
            self.plan.roles, self.plan.role_pairs, self.plan.alphabet,
        )  # fmt: skip
        found = (candidates, places, values, judged, words, weights, winner, role)
        return Settled(data, *found, traits, other_label), lone

    def _own(self, label: Label | None) -> Bool:
        """Which recognizers the label names."""
        named = label.recognizers if label and not label.parts else ()
        return np.array([r.id in named for r in self.catalog.recognizers], np.bool_)

    def _traits(self, label: Label | None, own: Bool) -> Traits:
        """What weighing must know of the recognizers in a column of that label."""
        plan, lucky = self.plan, label.chance if label else ()
        by_chance = np.array([r.id in lucky for r in self.catalog.recognizers], np.bool_)
        return Traits(plan.strength, plan.anchored, plan.outranks, own, by_chance)

    def _scan(self, chunk: Chunk, own: Bool, *, names: bool) -> tuple[Candidates, Fields]:
        """Candidates of all recognizers, and the places behind accounts of a list.

        Zero-width characters are crossed.
        """
        plan, folded, starts, seen = self.plan, chunk.folded, chunk.starts, chunk.seen
        text = folded if seen is None else folded[seen]
        running = self._match(text, chunk.opening, plan.anywhere)
        anchored, fields = self._anchored(text, chunk.near, own, running)
        if not names:
            anchored = anchored.take(~self._naming[anchored.recognizer])
        candidates = joined([running, anchored])
        if seen is not None:
            candidates, fields = candidates.over(seen), fields.over(seen)
        wanted = own & plan.whole_cell
        if names and wanted.any():
            candidates = joined([candidates, scan_cells(folded, starts, plan.cells, wanted)])
        raw = chunk.data, chunk.offsets
        candidates = plan.patterns.added(candidates, raw, (folded, starts), own, names=names)
        return candidates, fields

    def _match(self, text: UInt8, places: Int64, automaton: Automaton) -> Candidates:
        return match(text, places, automaton, self.plan.alphabet, self.plan.boundary)

    def _anchored(
        self, text: UInt8, ends: Int64, own: Bool, running: Candidates
    ) -> tuple[Candidates, Fields]:
        """Values behind their words and in lists; anywhere where the column's label names them."""
        plan = self.plan
        places = openings_behind(text, ends, plan.behind, plan.alphabet)
        found = self._match(text, places, plan.behind)
        fields = listed(text, ends, running, found, plan, partial(self._match, text))
        if len(fields):
            more = np.setdiff1d(fields.place, places)
            found = joined([found, self._match(text, more, plan.behind)])
        if not (own & (plan.anchored > 0)).any():
            return found, fields
        labelled = self._match(text, openings(text, plan.behind, plan.alphabet), plan.behind)
        kept = found.take(~own[found.recognizer])
        return joined([kept, labelled.take(own[labelled.recognizer])]), fields

    def _alone(self, folded: UInt8, candidates: Candidates, own: Bool) -> Bool:
        """Whether a candidate is set off from letters, digits and Hanzi (asked under a label)."""
        if not own.any():
            return np.zeros(len(candidates.start), np.bool_)
        kind = self.plan.alphabet.kind
        outside = (kind == KIND_OTHER) | (kind == KIND_BREAK)
        alone: Bool = outside[folded[candidates.start - 1]] & outside[folded[candidates.end]]
        return alone


def find_together(
    find: Callable[[pa.Array], pa.Table], parts: Sequence[pa.Array]
) -> list[pa.Table]:
    """What ``find`` says of each of ``parts``, asked about all at once, as every call costs.

    ``index`` counts the texts of each part from 0, as if it had been asked about alone.
    """
    found = find(parts[0] if len(parts) == 1 else pa.concat_arrays(parts))
    index = found["index"].to_numpy()
    first = np.cumsum([0, *map(len, parts)])
    bounds = np.searchsorted(index, first)
    return [
        found.slice(low, high - low).set_column(0, "index", pa.array(index[low:high] - base))
        for low, high, base in zip(bounds[:-1], bounds[1:], first[:-1], strict=True)
    ]


def _keep_memory() -> None:
    """Let glibc keep what a chunk frees for the next one.

    It learns from the largest block freed so far which sizes come and go; otherwise it gives each
    chunk's memory back and takes it again, page by page, which costs an eighth of the time.
    """
    np.empty(30 << 20, np.uint8)  # never touched and freed at once


def _closed_up(
    folded: UInt8, candidates: Candidates, seen: Int64 | None
) -> tuple[UInt8, Candidates]:
    """The text and the candidates in it as they are without zero-width characters."""
    if seen is None:
        return folded, candidates
    start = np.searchsorted(seen, candidates.start)
    end = np.searchsorted(seen, candidates.end)
    return folded[seen], dataclasses.replace(candidates, start=start, end=end)
