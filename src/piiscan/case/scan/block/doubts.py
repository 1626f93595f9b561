"""Doubts of a block: findings of low score that another place of the case can confirm.

A number of low score whose value stands under its label elsewhere, and a name with a verb's first
character behind it (``王伟打``) that is known without it (``王伟``).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from piiscan.arrays import Bool, Int64
from piiscan.bundles import take_rows
from piiscan.case.scan.block.records import CountedKinds
from piiscan.detect.ner.span_rules import BEFORE_SOME, VERBS
from piiscan.hashing.digest import digest_values
from piiscan.schemas import DOUBTS
from piiscan.sources.block import Block
from piiscan.tabular.hits import CodeBooks, Hits

#: Least score of a finding that another place of the case can confirm.
LOWEST: Final = 0.3
#: Score of a finding that another place has confirmed, and its reason code.
CONFIRMED: Final = 0.75
SEEN_ELSEWHERE: Final = "SEEN_ELSEWHERE"
#: Last characters of a name that may begin the next word; the others only if a character follows.
_IS_VERB: Final = pa.array(list(VERBS))
_IS_EITHER: Final = pa.array(list(BEFORE_SOME))
#: Lengths of a name with one character too many, in code points.
_LENGTHS: Final = (3, 4)
_DIGEST: Final = DOUBTS.field("digest").type


class _Cuts(NamedTuple):
    """Names that may be one character too long: hit indices, and digests of the shorter names."""

    rows: Int64
    shorter: pa.Array


@dataclass(frozen=True, slots=True)
class KnownValues:
    """Values that other places of the case confirm, by digest.

    ``values``: digests of values that stand under a label elsewhere.  ``longer``: digests of names
    that are known without their last character.
    """

    values: pa.Array = field(default_factory=lambda: pa.array([], _DIGEST))
    longer: pa.Array = field(default_factory=lambda: pa.array([], _DIGEST))

    @classmethod
    def of(cls, known: pa.Table) -> Self:
        """Return the values of a table of confirmed doubts (DOUBTS)."""
        digest, longer = (known[name].combine_chunks() for name in DOUBTS.names)
        return cls(digest.filter(longer.is_null()), longer.drop_null())


def _are_in(digests: pa.Array, known: pa.Array) -> Bool:
    """Return True for each of ``digests`` that is in ``known``."""
    found: Bool = pc.is_in(digests, value_set=known).to_numpy(zero_copy_only=False)
    return found


class Settled(NamedTuple):
    """Hits after their doubts were settled, their digests, and the doubts as DOUBTS rows.

    ``rows``: index in the block of the row of each doubt.
    """

    hits: Hits
    digests: pa.Array
    doubts: pa.Table
    rows: Int64


def settle_doubts(
    hits: Hits,
    block: Block,
    books: CodeBooks,
    known: KnownValues,
    *,
    min_score: float,
    counted: CountedKinds,
    key: bytes,
) -> Settled:
    """Return hits of at least ``min_score``, hits that ``known`` confirms, and all doubts.

    Args:
        hits: hits of a block with scores from LOWEST.
        block: the cells.
        books: code books of the block.
        known: values that other places confirm.
        min_score: least score of a finding.
        counted: kinds of the catalogue; others are never in doubt.
        key: secret of the digests.
    """
    digests = _digest(hits, books, key)
    low = (hits.score < min_score) & ((counted.bits[hits.entity] & counted.person_bits) != 0)
    cuts = _cuts(hits, block, books, counted, key)
    longer = digests.take(pa.array(cuts.rows))
    doubts = pa.Table.from_arrays(
        [
            pa.concat_arrays([digests.filter(pa.array(low)), cuts.shorter]),
            pa.concat_arrays([pa.nulls(int(low.sum()), _DIGEST), longer]),
        ],
        schema=DOUBTS,
    )
    rows = hits.record[np.append(np.flatnonzero(low), cuts.rows)]
    confirmed = low & _are_in(digests, known.values) & (min_score <= CONFIRMED)
    chosen = cuts.rows[_are_in(longer, known.longer)]
    if len(chosen) or confirmed.any():
        reason = books.reason.codes.setdefault(SEEN_ELSEWHERE, len(books.reason.codes))
        settled = confirmed.copy()
        settled[chosen] = True
        hits = replace(
            _shorten(hits, books, chosen),
            score=np.where(settled & (hits.score < CONFIRMED), CONFIRMED, hits.score),
            reason=np.where(settled, np.int32(reason), hits.reason),
        )
        digests = _digest(hits, books, key)
    kept = hits.score >= min_score
    if kept.all():
        return Settled(hits, digests, doubts, rows)
    chosen = np.flatnonzero(kept)
    return Settled(take_rows(hits, chosen), digests.take(pa.array(chosen)), doubts, rows)


def _digest(hits: Hits, books: CodeBooks, key: bytes) -> pa.Array:
    """Return the keyed digests of the hits' canonical values: ``binary(16)[n]``."""
    return digest_values(hits.value, hits.entity, entities=list(books.entity.codes), key=key)


def _cuts(hits: Hits, block: Block, books: CodeBooks, counted: CountedKinds, key: bytes) -> _Cuts:
    """Find names without a label whose last character may begin a verb: ``张三打``."""
    rows = np.flatnonzero((hits.entity == counted.person_entity) & (hits.context < 0))
    values = hits.value.take(pa.array(rows))
    last = pc.utf8_slice_codeunits(values, -1)
    verb = pc.is_in(last, value_set=_IS_VERB).to_numpy(zero_copy_only=False)
    either = pc.is_in(last, value_set=_IS_EITHER).to_numpy(zero_copy_only=False)
    verb[either] = [_goes_on(hits, block, row) for row in rows[either].tolist()]
    length = pc.is_in(pc.utf8_length(values), value_set=pa.array(_LENGTHS, pa.int32()))
    found = verb & length.to_numpy(zero_copy_only=False)
    found &= hits.end[rows] - hits.start[rows] == pc.utf8_length(values).to_numpy()
    shorter = pc.utf8_slice_codeunits(values.filter(pa.array(found)), 0, -1)
    kinds = np.full(len(shorter), counted.person_entity, np.int32)
    digests = digest_values(shorter, kinds, entities=list(books.entity.codes), key=key)
    return _Cuts(rows[found], digests)


def _goes_on(hits: Hits, block: Block, row: int) -> bool:
    """Return True if a Hanzi follows the hit number ``row`` in its cell."""
    cell = block.columns[hits.column[row]][int(hits.record[row])].as_py() or ""
    return "\u4e00" <= cell[hits.end[row] : hits.end[row] + 1] <= "\u9fff"


def _shorten(hits: Hits, books: CodeBooks, rows: Int64) -> Hits:
    """Return the hits, ``rows`` of them one character shorter; the long name is an alternative."""
    if not len(rows):
        return hits
    entities, recognizers = [*books.entity.codes], [*books.recognizer.codes]
    verdicts = [*books.verdict.codes]
    value, alternatives = hits.value.to_pylist(), hits.alternatives.to_pylist()
    text = None if hits.text is None else hits.text.to_pylist()
    end = hits.end.copy()
    for row in rows.tolist():
        longer = {
            "entity": entities[hits.entity[row]],
            "recognizer": recognizers[hits.recognizer[row]],
            "start": int(hits.start[row]),
            "end": int(end[row]),
            "verdict": verdicts[hits.verdict[row]],
            "score": float(hits.score[row]),
            "reason": None,
        }
        others = json.loads(alternatives[row]) if alternatives[row] else []
        alternatives[row] = json.dumps([longer, *others], separators=(",", ":"))
        end[row] -= 1
        value[row] = value[row][:-1]
        if text is not None:
            text[row] = text[row][:-1]
    return replace(
        hits,
        end=end,
        value=pa.array(value, hits.value.type),
        text=None if text is None else pa.array(text, pa.string()),
        alternatives=pa.array(alternatives, pa.string()),
    )
