"""Explanation text: each candidate in words, with its check, context, score and outcome.

Terminal and page show the same text. It has no value of a credential or of an overlapping
candidate. The masked version masks values as a case does, and shows only the outcome of check
steps.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from piiscan.detect.arithmetic.check_steps import Step
from piiscan.detect.attributes import coarse
from piiscan.detect.explain import Candidate, Explanation, Rival, Word
from piiscan.detect.ner.span_trace import NameChange
from piiscan.masking.mask import SECRET
from piiscan.pages.sanitize import HIDDEN, DisplayText, clean, is_set_aside
from piiscan.wording.words import Words

#: Characters of the text shown on either side of a span.
MARGIN: Final = 24
#: Most named rules of candidates that are set aside.
_MAX_NAMED: Final = 12
#: Attributes with named codes as values.
_CODED_ATTRIBUTES: Final = (
    "address_level",
    "age_band",
    "sex",
    "carrier_kind",
    "name_kind",
    "plate_kind",
)


@dataclass(frozen=True, slots=True, repr=False)
class StepText:
    """A check step: ``mark`` is yes, no or open; ``rows`` is its arithmetic as (name, cells)."""

    mark: str
    title: str
    told: str
    rows: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class DetailLine:
    """One line about a candidate; ``name`` is a key of [explain.line] in the wording."""

    name: str
    text: str
    items: tuple[StepText, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class CandidateText:
    """One candidate in words: rule, span with the text around it, outcome and lines."""

    title: str
    id: str
    outcome: str
    before: str
    span: str
    after: str
    lines: tuple[DetailLine, ...]


@dataclass(frozen=True, slots=True, repr=False)
class ExplanationText:
    """Explanation of a text: its pieces as (text, is span), candidates, and those set aside.

    ``name_changes``: what the span rules changed of the name tagger's spans, one line each.
    """

    read: tuple[tuple[str, bool], ...]
    folded: str
    label: str | None
    told: tuple[CandidateText, ...]
    aside: str
    name_changes: tuple[str, ...] = ()

    @property
    def reported(self) -> int:
        """Return the number of candidates that are findings."""
        return sum(each.outcome == "found" for each in self.told)


def explanation_text(
    explanation: Explanation, words: Words, *, header: str | None, masked: bool
) -> ExplanationText:
    """Describe an explained text in words; ``header`` is the column name as given."""
    shown = DisplayText(explanation, masked=masked)
    writer = _CandidateWriter(explanation, words, shown)
    return ExplanationText(
        tuple(shown.pieces()),
        shown.hide(explanation.folded),
        _label_text(explanation, words, header),
        tuple(writer.describe(each) for each in explanation.candidates if not is_set_aside(each)),
        _set_aside_names(explanation, words),
        tuple(_change_text(each, words, shown) for each in explanation.name_changes),
    )


def _change_text(change: NameChange, words: Words, shown: DisplayText) -> str:
    """Return a change by a span rule in words: ``「王」（姓名） → 「王先生」（称呼）：…``."""
    before, after = (
        words("explain.name_change.none")
        if span is None
        else words(
            "explain.name_change.span",
            text=shown.part(span.start, span.end),
            kind=words(f"explain.name_kind.{span.kind}"),
        )
        for span in (change.before, change.after)
    )
    rule = words(f"explain.span_rule.{change.rule}")
    if change.evidence:
        listed = [words(f"explain.name_evidence.{each}") for each in change.evidence]
        rule += words(
            "explain.name_change.evidence", listed=words("explain.separator").join(listed)
        )
    return words("explain.name_change.told", before=before, after=after, rule=rule)


def _set_aside_names(explanation: Explanation, words: Words) -> str:
    """Return the names of recognizers whose candidates only lack a context word, at most 12."""
    names: dict[str, str] = {
        each.recognizer.id: _rule_name(each, words)
        for each in explanation.candidates
        if is_set_aside(each)
    }
    listed = words("explain.separator").join(list(names.values())[:_MAX_NAMED])
    if len(names) > _MAX_NAMED:
        listed = words("explain.aside_more", listed=listed, count=len(names))
    return listed


def _rule_name(candidate: Candidate | Rival, words: Words) -> str:
    """Return title and id of a candidate's recognizer."""
    rule = candidate.recognizer
    return words("explain.name_and_id", title=rule.title[words.language], id=rule.id)


def _label_text(explanation: Explanation, words: Words, header: str | None) -> str | None:
    """Describe the column label in words; return None if there is no header."""
    if header is None:
        return None
    label = explanation.label
    shown = clean(header)
    if label is None:
        return words("explain.label_unknown", header=shown)
    if not label.recognizers:
        return words("explain.label_other", header=shown)
    names = ", ".join(label.recognizers)
    return words("explain.label_names", header=shown, names=names)


class _CandidateWriter:
    """Writer of candidate texts for one explanation in one language."""

    def __init__(self, explanation: Explanation, words: Words, shown: DisplayText) -> None:
        self.words, self.shown = words, shown
        self.size = len(explanation.text)
        self.header = clean(explanation.label.header) if explanation.label else ""

    def describe(self, candidate: Candidate) -> CandidateText:
        """Describe one candidate in words: recognizer, span, outcome and lines."""
        start, end = candidate.start, candidate.end
        first, last = max(0, start - MARGIN), min(self.size, end + MARGIN)
        return CandidateText(
            candidate.recognizer.title[self.words.language],
            candidate.recognizer.id,
            candidate.outcome,
            ("…" if first else "") + self.shown.between(first, start),
            self.shown.span(candidate),
            self.shown.between(end, last) + ("…" if last < self.size else ""),
            tuple(self.lines(candidate)),
        )

    def lines(self, candidate: Candidate) -> Iterator[DetailLine]:
        """Yield the lines about a candidate: value, check, context, score, rivals, outcome."""
        words, start, end = self.words, candidate.start, candidate.end
        places = {"first": start + 1, "last": end, "start": start, "end": end}
        yield DetailLine("place", words("explain.told.place", **places))
        value = self.shown.value(candidate)
        secret = candidate.recognizer.entity == SECRET or self.shown.is_hidden(start, end)
        yield DetailLine("value", words("explain.told.hidden") if secret else value)
        yield self.check(candidate, hidden=secret)
        yield from self.context(candidate)
        if candidate.role is not None:
            name = words.name("roles", candidate.role)
            yield DetailLine("role", words("explain.told.reason", name=name, code=candidate.role))
        stages = [
            words(f"explain.stage.{stage.name}", score=f"{stage.score:.2f}")
            for stage in candidate.score_stages
        ]
        yield DetailLine("score", words("explain.told.arrow").join(stages))
        if candidate.reason is not None:
            name = words.name("reasons", candidate.reason)
            yield DetailLine(
                "reason", words("explain.told.reason", name=name, code=candidate.reason)
            )
        yield from self.rivals(candidate)
        if candidate.outcome != "refused" and value != HIDDEN:
            yield from self.attributes(candidate.attributes)
        outcome = words(f"explain.outcome.{candidate.outcome}", score=f"{candidate.score:.2f}")
        yield DetailLine("outcome", outcome)

    def check(self, candidate: Candidate, *, hidden: bool) -> DetailLine:
        """Return the line with a candidate's verdict and its check steps; ``hidden``: no values."""
        words, check = self.words, candidate.recognizer.check
        verdict = words.name("verdicts", candidate.verdict)
        if check is None:
            return DetailLine("check", words("explain.told.no_check", verdict=verdict))
        text = words("explain.told.check", rule=words(f"rule_check.{check}"), verdict=verdict)
        steps = () if hidden else candidate.steps
        return DetailLine("check", text, tuple(self.step(s, candidate.attributes) for s in steps))

    def step(self, step: Step, attributes: Mapping[str, str | int]) -> StepText:
        """Describe one check step in words; in the masked version only title and outcome."""
        words = self.words
        mark = "open" if step.passed is None else "yes" if step.passed else "no"
        title = words(f"step.{step.name}.title")
        if self.shown.masked:
            return StepText(mark, title, words(f"explain.passed.{mark}"))
        known = {name: str(value) for name, value in attributes.items()}
        place = "".join(known.get(name, "") for name in ("province", "prefecture", "county"))
        named = {
            "place": place,
            "country": known.get("nationality", known.get("country", "")),
            "courier": known.get("carrier", ""),
            **{name: known.get(name, "") for name in ("bank", "carrier", "city", "department")},
        }
        sentence = words(
            f"step.{step.name}.told",
            **{name: text or "-" for name, text in named.items()},
            **step.values,
        )
        rows = tuple((words(f"explain.row.{name}"), cells) for name, cells in step.rows)
        return StepText(mark, title, clean(sentence), rows)

    def context(self, candidate: Candidate) -> Iterator[DetailLine]:
        """Yield the lines about a candidate's column label and its context words."""
        if candidate.labelled:
            text = self.words("explain.told.column", header=self.header)
            yield DetailLine("column", text)
        for name, word in (("context", candidate.word), ("against", candidate.against)):
            if word is not None:
                yield DetailLine(name, self.word(word))

    def word(self, word: Word) -> str:
        """Describe a context word with its distance; hide it if it is inside a password."""
        if word.account is not None:
            account = self.shown.part(*word.account)
            return self.words("explain.nearness.list", account=account, separator=clean(word.word))
        shown = HIDDEN if self.shown.is_word_hidden(word) else word.word
        if word.distance is None:
            return self.words("explain.nearness.unplaced", word=shown)
        key = f"explain.nearness.{word.nearness}"
        return self.words(key, word=shown, distance=word.distance)

    def rivals(self, candidate: Candidate) -> Iterator[DetailLine]:
        """Yield the lines about candidates that overlap this one, and the deciding rule."""
        words = self.words
        pairs = [("won", rival) for rival in candidate.won_over[:_MAX_NAMED]]
        if candidate.lost_to is not None:
            pairs.append(("lost", candidate.lost_to))
        for key, rival in pairs:
            reason = words(f"explain.decided.{rival.decided_by}")
            yield DetailLine(
                "rivals", words(f"explain.rival.{key}", name=_rule_name(rival, words), why=reason)
            )
        if candidate.implied:
            names = ", ".join(candidate.implied)
            yield DetailLine("alternatives", words("explain.told.implied", names=names))

    def attributes(self, known: Mapping[str, str | int]) -> Iterator[DetailLine]:
        """Yield one line with a value's attributes: province, birth date, bank; none if empty."""
        words = self.words
        texts = [
            words(
                "explain.told.attribute",
                name=words.name("attributes", name),
                value=words.name("attribute_values", str(value).lower())
                if isinstance(value, bool) or name in _CODED_ATTRIBUTES
                else clean(value),
            )
            for name, value in (coarse(known) if self.shown.masked else known).items()
        ]
        if texts:
            yield DetailLine("attributes", words("explain.separator").join(texts))
