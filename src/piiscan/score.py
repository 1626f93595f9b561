"""Evaluation: precision, recall and F1 of findings against labelled texts.

Three methods, per type and over all types together:

- strict: same start, end and type;
- overlap: same type and at least one common character, one to one, largest overlap first;
- char: characters covered by a type, so that splitting or merging a span costs nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from piiscan.labelled import Gold, Span, read_gold, read_spans

#: Label of common data sets by entity; applied if the gold data contain that label.
LABELS: Final[Mapping[str, str]] = {
    "CN_MOBILE": "PHONE",
    "CN_LANDLINE": "PHONE",
    "CN_VIRTUAL_NUMBER": "PHONE",
    "PHONE_NUMBER": "PHONE",
    "CN_RESIDENT_ID": "ID_CARD",
    "CN_FOREIGN_PR_ID": "ID_CARD",
    "EMAIL_ADDRESS": "EMAIL",
    "CN_BANK_CARD": "CARD",
    "CN_WAYBILL": "WAYBILL",
    "CN_ADDRESS": "ADDRESS",
    "ORGANIZATION": "ORG",
}
#: Key in :class:`Scores` for all types together.
MICRO: Final = "MICRO"


class Found(Protocol):
    """Span returned by a predictor; ``piiscan.Finding`` is one."""

    @property
    def entity(self) -> str:
        """Return the entity name of the span."""

    @property
    def start(self) -> int:
        """Return the first code point of the span."""

    @property
    def end(self) -> int:
        """Return the code point after the last one of the span."""


Predict = Callable[[list[str]], Sequence[Sequence[Found]]]


@dataclass(frozen=True, slots=True)
class Score:
    """Counts of one type: ``tp`` correct, ``fp`` wrong, ``fn`` missed.

    >>> Score(8, 2, 0).precision, Score(8, 2, 0).recall
    (0.8, 1.0)
    """

    tp: int
    fp: int
    fn: int

    @property
    def precision(self) -> float:
        """Return the share of found spans that are correct; 0 if nothing was found."""
        return self.tp / (self.tp + self.fp) if self.tp + self.fp else 0.0

    @property
    def recall(self) -> float:
        """Return the share of gold spans that were found; 0 without gold spans."""
        return self.tp / (self.tp + self.fn) if self.tp + self.fn else 0.0

    @property
    def f1(self) -> float:
        """Return the harmonic mean of precision and recall."""
        whole = 2 * self.tp + self.fp + self.fn
        return 2 * self.tp / whole if whole else 0.0


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores by type and, under ``MICRO``, over all types, for three methods.

    ``texts``: number of texts.
    """

    strict: Mapping[str, Score]
    overlap: Mapping[str, Score]
    char: Mapping[str, Score]
    texts: int

    def types(self) -> list[str]:
        """Return the entity types in alphabetical order, ``MICRO`` last."""
        return [*sorted(self.strict.keys() - {MICRO}), MICRO]

    def to_dict(self) -> dict[str, Any]:
        """Return the scores as plain dictionaries, for JSON."""
        methods = {"strict": self.strict, "overlap": self.overlap, "char": self.char}
        return {"texts": self.texts} | {
            method: {
                kind: {
                    "p": scores[kind].precision,
                    "r": scores[kind].recall,
                    "f1": scores[kind].f1,
                    "tp": scores[kind].tp,
                    "fp": scores[kind].fp,
                    "fn": scores[kind].fn,
                }
                for kind in self.types()
            }
            for method, scores in methods.items()
        }


@dataclass(frozen=True, slots=True, repr=False)
class Mistake:
    """Missed or wrong span in its text. Its repr contains no text.

    ``kind``: missed (gold span without a finding of its type), false (finding without a gold span
    of its type) or edge (same type, other ends). ``other``: the overlapping span of the other side.
    """

    id: str
    text: str
    kind: str
    span: Span
    other: Span | None = None


def score(
    gold: Path,
    predictions: Path | Predict | None = None,
    *,
    merge: Mapping[str, str] | None = None,
    types: Iterable[str] | None = None,
) -> Scores:
    """Return the scores of ``predictions`` against the labelled texts in ``gold``.

    Gold rows may have ``meta.nominal`` and ``meta.other``: lists of ranges that are not scored.

    Args:
        gold: JSON lines of ``{"id", "text", "spans": [{"start", "end", "type"}]}``.
        predictions: JSON lines of ``{"id", "spans"}``, or a function from texts to findings
            (default: ``piiscan.find_all``).
        merge: new names of types on both sides, applied after ``LABELS``.
        types: types to count (default: all).

    Raises:
        PiiscanError: a line is invalid.
    """
    return score_with_mistakes(gold, predictions, merge=merge, types=types)[0]


def score_with_mistakes(
    gold: Path,
    predictions: Path | Predict | None = None,
    *,
    merge: Mapping[str, str] | None = None,
    types: Iterable[str] | None = None,
) -> tuple[Scores, list[Mistake]]:
    """Return the result of :func:`score` and every span that is not strictly correct."""
    rows = read_gold(gold)
    found = (
        read_spans(predictions)
        if isinstance(predictions, Path)
        else _predict_spans(rows, predictions)
    )
    used = {kind for row in rows for _, _, kind in row.spans}
    renamed = dict(merge or {})
    labels = {entity: label for entity, label in LABELS.items() if label in used}
    names = {entity: renamed.get(label, label) for entity, label in labels.items()} | renamed
    wanted = None if types is None else frozenset(types)
    scored = [_scored_spans(row, found, names, wanted) for row in rows]
    mistakes = [
        mistake
        for row, (gold_spans, predicted) in zip(rows, scored, strict=True)
        for mistake in _mistakes(row, gold_spans, predicted)
    ]
    return count(rows, found, names=names, types=wanted), mistakes


def _predict_spans(rows: Sequence[Gold], predict: Predict | None) -> dict[str, tuple[Span, ...]]:
    """Return text id -> spans that ``predict`` finds (default: ``piiscan.find_all``)."""
    if predict is None:
        from piiscan.finding import find_all

        predict = find_all
    found = predict([row.text for row in rows])
    return {
        row.id: tuple((finding.start, finding.end, finding.entity) for finding in spans)
        for row, spans in zip(rows, found, strict=True)
    }


def count(
    rows: Sequence[Gold],
    found: Mapping[str, Sequence[Span]],
    *,
    names: Mapping[str, str],
    types: frozenset[str] | None = None,
) -> Scores:
    """Score found spans (by text id) against the gold ``rows``.

    ``names``: new names of types on both sides. ``types``: types to count, None for all.
    """
    totals: dict[str, dict[str, list[int]]] = {
        method: defaultdict(lambda: [0, 0, 0]) for method in ("strict", "overlap", "char")
    }
    for row in rows:
        gold, found_spans = _scored_spans(row, found, names, types)
        for kind in {span[2] for span in gold | found_spans}:
            gold_of_kind = sorted(span for span in gold if span[2] == kind)
            predicted = sorted(span for span in found_spans if span[2] == kind)
            _add_counts(
                totals["strict"][kind],
                len({*gold_of_kind} & {*predicted}),
                len(predicted),
                len(gold_of_kind),
            )
            _add_counts(
                totals["overlap"][kind],
                _count_pairs(gold_of_kind, predicted),
                len(predicted),
                len(gold_of_kind),
            )
            gold_offsets, predicted_offsets = (
                _covered_offsets(gold_of_kind),
                _covered_offsets(predicted),
            )
            _add_counts(
                totals["char"][kind],
                len(gold_offsets & predicted_offsets),
                len(predicted_offsets),
                len(gold_offsets),
            )
    strict, overlap, char = (
        _total_scores(totals[method]) for method in ("strict", "overlap", "char")
    )
    return Scores(strict, overlap, char, len(rows))


def _scored_spans(
    row: Gold,
    found: Mapping[str, Sequence[Span]],
    names: Mapping[str, str],
    types: frozenset[str] | None,
) -> tuple[set[Span], set[Span]]:
    """Return (gold spans, found spans) of one text that count, with types renamed."""
    gold = _rename_types(row.spans, names, types)
    predicted = _rename_types(found.get(row.id, ()), names, types)
    return gold, {span for span in predicted if not _is_ignored(span, gold, row.ignored)}


def _mistakes(row: Gold, gold: set[Span], predicted: set[Span]) -> Iterable[Mistake]:
    """Yield the missed and wrong spans of one text as Mistakes.

    Overlapping gold and found spans of one type are one mistake.
    """
    wrong = sorted(predicted - gold)
    for span in sorted(gold - predicted):
        partner = next(
            (
                candidate
                for candidate in wrong
                if candidate[2] == span[2] and _overlaps(span[:2], *candidate[:2])
            ),
            None,
        )
        if partner is not None:
            wrong.remove(partner)
        yield Mistake(row.id, row.text, "edge" if partner else "missed", span, partner)
    for span in wrong:
        partner = next(
            (candidate for candidate in sorted(gold) if _overlaps(span[:2], *candidate[:2])), None
        )
        yield Mistake(row.id, row.text, "false", span, partner)


def _rename_types(
    spans: Iterable[Span], names: Mapping[str, str], types: frozenset[str] | None
) -> set[Span]:
    """Rename the types of spans by ``names``; drop types outside ``types``."""
    renamed = {(start, end, names.get(kind, kind)) for start, end, kind in spans}
    return renamed if types is None else {span for span in renamed if span[2] in types}


def _overlaps(span: tuple[int, int], start: int, end: int) -> bool:
    """Return True if the range ``span`` shares a character with [``start``, ``end``)."""
    return span[0] < end and start < span[1]


def _is_ignored(span: Span, gold: set[Span], ignored: Sequence[tuple[int, int]]) -> bool:
    """Return True if a found span overlaps ignored ranges but no gold span."""
    start, end, _ = span
    return any(_overlaps(ignored_range, start, end) for ignored_range in ignored) and not any(
        _overlaps(gold_span[:2], start, end) for gold_span in gold
    )


def _count_pairs(gold: Sequence[Span], predicted: Sequence[Span]) -> int:
    """Return the number of one-to-one pairs of overlapping spans, the largest overlap first."""
    pairs = [
        (
            min(gold_span[1], predicted_span[1]) - max(gold_span[0], predicted_span[0]),
            gold_span,
            predicted_span,
        )
        for gold_span in gold
        for predicted_span in predicted
        if _overlaps(gold_span[:2], predicted_span[0], predicted_span[1])
    ]
    taken_gold: set[Span] = set()
    taken_predicted: set[Span] = set()
    for _, gold_span, predicted_span in sorted(pairs, reverse=True):
        if gold_span not in taken_gold and predicted_span not in taken_predicted:
            taken_gold.add(gold_span)
            taken_predicted.add(predicted_span)
    return len(taken_gold)


def _covered_offsets(spans: Sequence[Span]) -> set[int]:
    """Return the set of code points that the spans cover."""
    return {offset for start, end, _ in spans for offset in range(start, end)}


def _add_counts(counts: list[int], correct: int, predicted: int, gold: int) -> None:
    """Add correct, wrong and missed spans to ``counts``, [tp, fp, fn] of a type.

    ``correct``: correct spans, ``predicted``: found spans, ``gold``: gold spans.
    """
    counts[0] += correct
    counts[1] += predicted - correct
    counts[2] += gold - correct


def _total_scores(totals: Mapping[str, list[int]]) -> dict[str, Score]:
    """Convert type -> [tp, fp, fn] to type -> Score, with ``MICRO`` last."""
    scores = {kind: Score(*totals[kind]) for kind in sorted(totals)}
    scores[MICRO] = Score(*(sum(row[index] for row in totals.values()) for index in range(3)))
    return scores
