"""Precision, recall and F1 of findings against labelled texts.

Three ways to count, per type and over all types together:

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

#: The label that common data sets use for an entity; applied where the gold data use that label.
LABELS: Final[Mapping[str, str]] = {
    "CN_MOBILE": "PHONE",
    "CN_LANDLINE": "PHONE",
    "CN_VIRTUAL_NUMBER": "PHONE",
    "CN_RESIDENT_ID": "ID_CARD",
    "CN_FOREIGN_PR_ID": "ID_CARD",
    "EMAIL_ADDRESS": "EMAIL",
    "CN_BANK_CARD": "CARD",
    "CN_WAYBILL": "WAYBILL",
    "CN_ADDRESS": "ADDRESS",
    "ORGANIZATION": "ORG",
}
#: The row of :class:`Scores` over all types together.
MICRO: Final = "MICRO"


class Found(Protocol):
    """What a predictor returns for each place in a text; ``piiscan.Finding`` is one."""

    @property
    def entity(self) -> str:
        """Its kind."""

    @property
    def start(self) -> int:
        """Its first code point."""

    @property
    def end(self) -> int:
        """The code point behind its last."""


Predict = Callable[[list[str]], Sequence[Sequence[Found]]]


@dataclass(frozen=True, slots=True)
class Score:
    """Counts of one type: rightly found, wrongly found, missed.

    >>> Score(8, 2, 0).precision, Score(8, 2, 0).recall
    (0.8, 1.0)
    """

    tp: int
    fp: int
    fn: int

    @property
    def precision(self) -> float:
        """Share of what was found that is right; 0 if nothing was found."""
        return self.tp / (self.tp + self.fp) if self.tp + self.fp else 0.0

    @property
    def recall(self) -> float:
        """Share of what is there that was found; 0 if nothing is there."""
        return self.tp / (self.tp + self.fn) if self.tp + self.fn else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        whole = 2 * self.tp + self.fp + self.fn
        return 2 * self.tp / whole if whole else 0.0


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores by type, and under ``MICRO`` over all types, counted in three ways."""

    strict: Mapping[str, Score]
    overlap: Mapping[str, Score]
    char: Mapping[str, Score]
    texts: int

    def types(self) -> list[str]:
        """The types, in alphabetical order, ``MICRO`` last."""
        return [*sorted(self.strict.keys() - {MICRO}), MICRO]

    def to_dict(self) -> dict[str, Any]:
        """The same as plain dictionaries, for JSON."""
        ways = {"strict": self.strict, "overlap": self.overlap, "char": self.char}
        return {"texts": self.texts} | {
            way: {
                kind: {
                    "p": row[kind].precision,
                    "r": row[kind].recall,
                    "f1": row[kind].f1,
                    "tp": row[kind].tp,
                    "fp": row[kind].fp,
                    "fn": row[kind].fn,
                }
                for kind in self.types()
            }
            for way, row in ways.items()
        }


@dataclass(frozen=True, slots=True, repr=False)
class Mistake:
    """A span that is missed or wrongly found, in its text; its repr shows nothing.

    ``kind``: missed (nothing of its type there), false (found, and nothing of its type there) or
    edge (the same type, other ends); ``other`` is what was found instead, or what is there.
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
    """Scores against ``gold``, JSON lines of ``{"id", "text", "spans": [{"start","end","type"}]}``.

    ``predictions`` is a file of JSON lines ``{"id", "spans"}``, or a function from texts to
    findings; ``piiscan.find_all`` if not given.  ``merge`` renames types on both sides (after the
    entities took the data set's own labels, see ``LABELS``); ``types`` are the only ones counted.
    Gold rows may have ``meta.nominal`` and ``meta.other``, lists of places that are not scored.
    Raises PiiscanError for a line that cannot be read.
    """
    return score_with_mistakes(gold, predictions, merge=merge, types=types)[0]


def score_with_mistakes(
    gold: Path,
    predictions: Path | Predict | None = None,
    *,
    merge: Mapping[str, str] | None = None,
    types: Iterable[str] | None = None,
) -> tuple[Scores, list[Mistake]]:
    """As :func:`score`, with every span that does not count as strictly right."""
    rows = read_gold(gold)
    found = read_spans(predictions) if isinstance(predictions, Path) else _run(rows, predictions)
    used = {kind for row in rows for _, _, kind in row.spans}
    renamed = dict(merge or {})
    labels = {entity: label for entity, label in LABELS.items() if label in used}
    names = {entity: renamed.get(label, label) for entity, label in labels.items()} | renamed
    wanted = None if types is None else frozenset(types)
    answers = [_answer(row, found, names, wanted) for row in rows]
    mistakes = [
        mistake
        for row, (gold_spans, said) in zip(rows, answers, strict=True)
        for mistake in _mistakes(row, gold_spans, said)
    ]
    return count(rows, found, names=names, types=wanted), mistakes


def _run(rows: Sequence[Gold], predict: Predict | None) -> dict[str, tuple[Span, ...]]:
    """Spans by id as ``predict`` finds them."""
    if predict is None:
        from piiscan.finding import find_all

        predict = find_all
    found = predict([row.text for row in rows])
    return {
        row.id: tuple((one.start, one.end, one.entity) for one in spans)
        for row, spans in zip(rows, found, strict=True)
    }


def count(
    rows: Sequence[Gold],
    found: Mapping[str, Sequence[Span]],
    *,
    names: Mapping[str, str],
    types: frozenset[str] | None = None,
) -> Scores:
    """Scores of ``found`` (by id) against ``rows``; ``names`` renames types on both sides."""
    totals: dict[str, dict[str, list[int]]] = {
        way: defaultdict(lambda: [0, 0, 0]) for way in ("strict", "overlap", "char")
    }
    for row in rows:
        gold, answer = _answer(row, found, names, types)
        for kind in {span[2] for span in gold | answer}:
            true = sorted(span for span in gold if span[2] == kind)
            said = sorted(span for span in answer if span[2] == kind)
            _add(totals["strict"][kind], len({*true} & {*said}), len(said), len(true))
            _add(totals["overlap"][kind], _pairs(true, said), len(said), len(true))
            covered, claimed = _covered(true), _covered(said)
            _add(totals["char"][kind], len(covered & claimed), len(claimed), len(covered))
    strict, overlap, char = (_summed(totals[way]) for way in ("strict", "overlap", "char"))
    return Scores(strict, overlap, char, len(rows))


def _answer(
    row: Gold,
    found: Mapping[str, Sequence[Span]],
    names: Mapping[str, str],
    types: frozenset[str] | None,
) -> tuple[set[Span], set[Span]]:
    """What is there and what was found, in one text, as far as both are scored."""
    gold = _named(row.spans, names, types)
    said = _named(found.get(row.id, ()), names, types)
    return gold, {span for span in said if not _unscored(span, gold, row.ignored)}


def _mistakes(row: Gold, gold: set[Span], said: set[Span]) -> Iterable[Mistake]:
    """The mistakes of one text, in its order; two spans with other ends are one mistake."""
    wrong = sorted(said - gold)
    for span in sorted(gold - said):
        near = next(
            (one for one in wrong if one[2] == span[2] and _touch(span[:2], *one[:2])), None
        )
        if near is not None:
            wrong.remove(near)
        yield Mistake(row.id, row.text, "edge" if near else "missed", span, near)
    for span in wrong:
        near = next((one for one in sorted(gold) if _touch(span[:2], *one[:2])), None)
        yield Mistake(row.id, row.text, "false", span, near)


def _named(
    spans: Iterable[Span], names: Mapping[str, str], types: frozenset[str] | None
) -> set[Span]:
    """The spans under their new names, those of other types left out."""
    renamed = {(start, end, names.get(kind, kind)) for start, end, kind in spans}
    return renamed if types is None else {span for span in renamed if span[2] in types}


def _touch(one: tuple[int, int], start: int, end: int) -> bool:
    """Whether a place shares a character with ``start:end``."""
    return one[0] < end and start < one[1]


def _unscored(span: Span, gold: set[Span], ignored: Sequence[tuple[int, int]]) -> bool:
    """Whether a finding touches only places that are not scored."""
    start, end, _ = span
    return any(_touch(place, start, end) for place in ignored) and not any(
        _touch(one[:2], start, end) for one in gold
    )


def _pairs(true: Sequence[Span], said: Sequence[Span]) -> int:
    """How many spans pair off one to one, the largest overlap first."""
    pairs = [
        (min(one[1], other[1]) - max(one[0], other[0]), one, other)
        for one in true
        for other in said
        if _touch(one[:2], other[0], other[1])
    ]
    taken_true: set[Span] = set()
    taken_said: set[Span] = set()
    for _, one, other in sorted(pairs, reverse=True):
        if one not in taken_true and other not in taken_said:
            taken_true.add(one)
            taken_said.add(other)
    return len(taken_true)


def _covered(spans: Sequence[Span]) -> set[int]:
    """The code points that the spans cover."""
    return {place for start, end, _ in spans for place in range(start, end)}


def _add(counts: list[int], right: int, said: int, true: int) -> None:
    """Adds right, wrong and missed ones to the counts of a type."""
    counts[0] += right
    counts[1] += said - right
    counts[2] += true - right


def _summed(totals: Mapping[str, list[int]]) -> dict[str, Score]:
    """Scores by type, ``MICRO`` last."""
    scores = {kind: Score(*totals[kind]) for kind in sorted(totals)}
    scores[MICRO] = Score(*(sum(row[place] for row in totals.values()) for place in range(3)))
    return scores
