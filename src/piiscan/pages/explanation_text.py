"""An explanation in words: what each candidate is, how it was checked, and why it counts or not.

Terminal and page show the same account.  Of credentials, and of what overlaps one, no value is in
it; a masked account shows of a value what a case may show, and of check steps only the outcome.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from piiscan.detect.arithmetic.check_steps import Step
from piiscan.detect.attributes import coarse
from piiscan.detect.explain import Candidate, Explanation, Rival, Word
from piiscan.masking.mask import SECRET
from piiscan.pages.sanitize import HIDDEN, Shown, clean, is_aside
from piiscan.pages.wording import Words

#: Characters of the text shown on either side of a span.
AROUND: Final = 24
#: Candidates set aside that are named one by one.
_NAMED: Final = 12
#: Attributes whose values are codes with a name of their own.
_CODED: Final = ("address_level", "sex", "carrier_kind", "name_kind", "plate_kind")


@dataclass(frozen=True, slots=True, repr=False)
class Item:
    """A check step: ``mark`` is yes, no or open; ``rows`` its arithmetic, (name, cells)."""

    mark: str
    title: str
    told: str
    rows: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class Line:
    """One thing told of a candidate; ``name`` is a key of [explain.line]."""

    name: str
    text: str
    items: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class Told:
    """One candidate: its rule, the span between what stands around it, outcome and lines."""

    title: str
    id: str
    outcome: str
    before: str
    span: str
    after: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Account:
    """The text in pieces (and whether each is a span), candidates told, and those set aside."""

    read: tuple[tuple[str, bool], ...]
    folded: str
    label: str | None
    told: tuple[Told, ...]
    aside: str

    @property
    def reported(self) -> int:
        """How many candidates are findings."""
        return sum(each.outcome == "found" for each in self.told)


def account_of(
    explanation: Explanation, words: Words, *, header: str | None, masked: bool
) -> Account:
    """The account of one text; ``header`` is the column name as it was given."""
    shown = Shown(explanation, masked=masked)
    teller = _Teller(explanation, words, shown)
    return Account(
        tuple(shown.pieces()),
        shown.cover(explanation.folded),
        _label(explanation, words, header),
        tuple(teller.tell(each) for each in explanation.candidates if not is_aside(each)),
        _set_aside(explanation, words),
    )


def _set_aside(explanation: Explanation, words: Words) -> str:
    names: dict[str, str] = {
        each.recognizer.id: _name(each, words) for each in explanation.candidates if is_aside(each)
    }
    listed = words("explain.separator").join(list(names.values())[:_NAMED])
    if len(names) > _NAMED:
        listed = words("explain.aside_more", listed=listed, count=len(names))
    return listed


def _name(candidate: Candidate | Rival, words: Words) -> str:
    rule = candidate.recognizer
    return words("explain.name_and_id", title=rule.title[words.language], id=rule.id)


def _label(explanation: Explanation, words: Words, header: str | None) -> str | None:
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


class _Teller:
    """Tells of the candidates of one explanation in one language."""

    def __init__(self, explanation: Explanation, words: Words, shown: Shown) -> None:
        self.words, self.shown = words, shown
        self.size = len(explanation.text)
        self.header = clean(explanation.label.header) if explanation.label else ""

    def tell(self, candidate: Candidate) -> Told:
        """One candidate in words."""
        start, end = candidate.start, candidate.end
        first, last = max(0, start - AROUND), min(self.size, end + AROUND)
        return Told(
            candidate.recognizer.title[self.words.language],
            candidate.recognizer.id,
            candidate.outcome,
            ("…" if first else "") + self.shown.between(first, start),
            self.shown.span(candidate),
            self.shown.between(end, last) + ("…" if last < self.size else ""),
            tuple(self.lines(candidate)),
        )

    def lines(self, candidate: Candidate) -> Iterator[Line]:
        """What is told of a candidate, in the order in which it is read out."""
        words, start, end = self.words, candidate.start, candidate.end
        places = {"first": start + 1, "last": end, "start": start, "end": end}
        yield Line("place", words("explain.told.place", **places))
        value = self.shown.value(candidate)
        secret = candidate.recognizer.entity == SECRET or self.shown.is_hidden(start, end)
        yield Line("value", words("explain.told.hidden") if secret else value)
        yield self.check(candidate, hidden=secret)
        yield from self.context(candidate)
        if candidate.role is not None:
            name = words.name("roles", candidate.role)
            yield Line("role", words("explain.told.reason", name=name, code=candidate.role))
        stages = [
            words(f"explain.stage.{stage.name}", score=f"{stage.score:.2f}")
            for stage in candidate.path
        ]
        yield Line("score", words("explain.told.arrow").join(stages))
        if candidate.reason is not None:
            name = words.name("reasons", candidate.reason)
            yield Line("reason", words("explain.told.reason", name=name, code=candidate.reason))
        yield from self.rivals(candidate)
        if candidate.outcome != "refused" and value != HIDDEN:
            yield from self.attributes(candidate.attributes)
        told = words(f"explain.outcome.{candidate.outcome}", score=f"{candidate.score:.2f}")
        yield Line("outcome", told)

    def check(self, candidate: Candidate, *, hidden: bool) -> Line:
        """The verdict and the steps that led to it."""
        words, check = self.words, candidate.recognizer.check
        verdict = words.name("verdicts", candidate.verdict)
        if check is None:
            return Line("check", words("explain.told.no_check", verdict=verdict))
        text = words("explain.told.check", rule=words(f"check.{check}"), verdict=verdict)
        steps = () if hidden else candidate.steps
        return Line("check", text, tuple(self.step(s, candidate.attributes) for s in steps))

    def step(self, step: Step, attributes: Mapping[str, str | int]) -> Item:
        """One step; masked, only what it looked at and whether it passed."""
        words = self.words
        mark = "open" if step.passed is None else "yes" if step.passed else "no"
        title = words(f"step.{step.name}.title")
        if self.shown.masked:
            return Item(mark, title, words(f"explain.passed.{mark}"))
        known = {name: str(told) for name, told in attributes.items()}
        place = "".join(known.get(name, "") for name in ("province", "prefecture", "county"))
        named = {
            "place": place,
            "country": known.get("nationality", known.get("country", "")),
            "courier": known.get("carrier", ""),
            **{name: known.get(name, "") for name in ("bank", "carrier", "city", "department")},
        }
        told = words(
            f"step.{step.name}.told",
            **{name: text or "-" for name, text in named.items()},
            **step.values,
        )
        rows = tuple((words(f"explain.row.{name}"), cells) for name, cells in step.rows)
        return Item(mark, title, clean(told), rows)

    def context(self, candidate: Candidate) -> Iterator[Line]:
        """The words for and against it, or the column."""
        if candidate.labelled:
            told = self.words("explain.told.column", header=self.header)
            yield Line("column", told)
        for name, word in (("context", candidate.word), ("against", candidate.against)):
            if word is not None:
                yield Line(name, self.word(word))

    def word(self, word: Word) -> str:
        """A word with its distance; nothing of one that stands inside a secret."""
        if word.account is not None:
            account = self.shown.part(*word.account)
            return self.words("explain.nearness.list", account=account, separator=clean(word.word))
        shown = HIDDEN if self.shown.is_word_hidden(word) else word.word
        if word.distance is None:
            return self.words("explain.nearness.unplaced", word=shown)
        key = f"explain.nearness.{word.nearness}"
        return self.words(key, word=shown, distance=word.distance)

    def rivals(self, candidate: Candidate) -> Iterator[Line]:
        """Who won over whom, and why."""
        words = self.words
        pairs = [("won", rival) for rival in candidate.won_over[:_NAMED]]
        if candidate.lost_to is not None:
            pairs.append(("lost", candidate.lost_to))
        for key, rival in pairs:
            why = words(f"explain.decided.{rival.decided_by}")
            yield Line("rivals", words(f"explain.rival.{key}", name=_name(rival, words), why=why))
        if candidate.implied:
            names = ", ".join(candidate.implied)
            yield Line("alternatives", words("explain.told.implied", names=names))

    def attributes(self, known: Mapping[str, str | int]) -> Iterator[Line]:
        """What follows from the value."""
        words = self.words
        told = [
            words(
                "explain.told.attribute",
                name=words.name("attributes", name),
                value=words.name("attribute_values", str(value).lower())
                if isinstance(value, bool) or name in _CODED
                else clean(value),
            )
            for name, value in (coarse(known) if self.shown.masked else known).items()
        ]
        if told:
            yield Line("attributes", words("explain.separator").join(told))
