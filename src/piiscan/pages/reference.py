"""Reference pages of a catalogue in Markdown: one page per recognizer, an index, the vocabulary.

The rule files are the only source, so that pages and rules cannot differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from piiscan.detect.catalog.catalog import Catalog
from piiscan.detect.catalog.recognizer import Example, Recognizer
from piiscan.detect.checks import Strength
from piiscan.detect.scoring.score_kernels import (
    BASE_SCORE,
    LABELLED,
    REFUTED_LABELLED,
    SCORE_WITH_WORD,
)
from piiscan.pages.sanitize import clean
from piiscan.wording.words import Language, Words, section

_LEVELS: Final = {"H": Strength.HIGH, "M": Strength.MEDIUM, "L": Strength.LOW}
#: Sections of the vocabulary with names of codes.
_CODE_SECTIONS: Final = (
    *("entities", "verdicts", "reasons", "whose", "roles", "attributes", "attribute_values"),
)


def reference_pages(catalog: Catalog, *, language: Language = "zh") -> dict[str, str]:
    """Return file name -> Markdown page; equal catalogues give equal pages."""
    words = Words(language, catalog.vocabulary)
    pages = {f"{rule.id}.md": _page(rule, catalog, words) for rule in catalog.recognizers}
    return {
        "index.md": _join_lines(_index_lines(catalog, words)),
        "vocabulary.md": _join_lines(_vocabulary_lines(catalog, words)),
        **pages,
    }


def area_of(rule: Recognizer) -> str:
    """Return the area of a recognizer: the folder of its rule file."""
    return Path(rule.file).parent.name


def _join_lines(lines: Iterator[str]) -> str:
    """Join page lines to one text with a final line end."""
    return "\n".join(lines) + "\n"


def _index_lines(catalog: Catalog, words: Words) -> Iterator[str]:
    """Yield the Markdown lines of the index page."""
    yield f"# {words('reference.index')}"
    yield ""
    yield words("reference.made", digest=catalog.digest)
    yield ""
    yield f"[{words('reference.vocabulary')}](vocabulary.md)"
    for area in sorted({area_of(rule) for rule in catalog.recognizers}):
        is_named = area in section("reference")["area"]
        yield ""
        yield f"## {words(f'reference.area.{area}') if is_named else _escaped_text(area)}"
        yield ""
        for rule in catalog.recognizers:
            if area_of(rule) == area:
                title = " · ".join(_escaped_text(title) for title in _both_titles(rule, words))
                yield f"- [{title}]({rule.id}.md) `{rule.entity}`"


def _both_titles(rule: Recognizer, words: Words) -> tuple[str, str]:
    """Return a recognizer's title in the page's language, and in the other one."""
    other = "en" if words.language == "zh" else "zh"
    return rule.title[words.language], rule.title[other]


def _vocabulary_lines(catalog: Catalog, words: Words) -> Iterator[str]:
    """Yield the Markdown lines of the vocabulary page."""
    yield f"# {words('reference.vocabulary')}"
    yield ""
    yield words("reference.made", digest=catalog.digest)
    comma = words("reference.comma")
    for kind in _CODE_SECTIONS:
        heads = [words(f"reference.{name}") for name in ("code", "chinese", "english")]
        yield f"\n## {kind}\n\n| {' | '.join(heads)} |\n|---|---|---|"
        for code, entry in catalog.vocabulary.get(kind, {}).items():
            yield f"| `{code}` | {_escaped_text(entry['zh'])} | {_escaped_text(entry['en'])} |"
    yield f"\n## {words('reference.role_words')}\n"
    for role, entry in catalog.vocabulary.get("roles", {}).items():
        yield f"- `{role}`{words('reference.colon')}{comma.join(map(_code_span, entry['words']))}"
    yield f"\n## {words('reference.other_columns')}\n"
    for kind, names in catalog.vocabulary.get("other_columns", {}).items():
        yield f"- `{kind}`{words('reference.colon')}{comma.join(map(_code_span, names))}"


def _page(rule: Recognizer, catalog: Catalog, words: Words) -> str:
    """Return the Markdown page of one recognizer."""
    title, other = _both_titles(rule, words)
    head = [f"# {_escaped_text(title)}", "", f"*{_escaped_text(other)}*", ""]
    head.append(words("reference.made", digest=catalog.digest))
    sections: list[tuple[str, Iterable[str]]] = [
        ("facts", _fact_lines(rule, words)),
        ("shape", _shape_lines(rule, words)),
        (
            "check",
            [
                words("reference.no_check")
                if rule.check is None
                else words("reference.rule", rule=words(f"check.{rule.check}"), name=rule.check)
            ],
        ),
        (
            "columns",
            _word_lists(
                words, sure=rule.columns, ambiguous=rule.ambiguous_columns, parts=rule.part_columns
            ),
        ),
        (
            "context",
            _word_lists(
                words, **{"for": rule.context}, against=rule.context_reject, never=rule.never
            ),
        ),
        ("score", _score_table(rule, words)),
        ("surroundings", [words(f"reference.boundary.{rule.boundary}"), words("reference.around")]),
        ("examples", _examples(rule.examples, words)),
        ("counterexamples", _examples(rule.counterexamples, words)),
        ("references", [f"- {_escaped_text(each)}" for each in rule.references]),
    ]
    for name, lines in sections:
        if listed := list(lines):
            head += ["", f"## {words(f'reference.{name}')}", "", *listed]
    head += ["", words("reference.fictional"), ""]
    return "\n".join(head)


def _fact_lines(rule: Recognizer, words: Words) -> Iterator[str]:
    """Yield Markdown list items of a recognizer's keys: id, entity, owner class, rank, file."""
    value_form = words(f"reference.kept.{rule.value.keep}")
    facts = [
        ("id", f"`{rule.id}`"),
        ("entity", f"`{rule.entity}` {words.name('entities', rule.entity)}"),
        ("whose", f"{words.name('whose', rule.whose)} (`{rule.whose}`)"),
        ("keep", value_form),
        ("outranks", str(rule.outranks)),
        ("implies", f"`{rule.implies}`" if rule.implies else ""),
        ("like", ", ".join(f"`{name}`" for name in rule.like)),
        ("behind", ", ".join(f"`{name}`" for name in rule.behind)),
        ("file", f"`{area_of(rule)}/{Path(rule.file).name}`"),
    ]
    for name, fact in facts:
        if fact:
            yield f"- {words(f'reference.{name}')}{words('reference.colon')}{fact}"


def _shape_lines(rule: Recognizer, words: Words) -> Iterator[str]:
    """Yield Markdown lines of a recognizer's patterns and shapes, or of its watch list."""
    if rule.watch is not None:
        of = words("reference.comma").join(f"`{name}`" for name in rule.watch.of)
        yield words("reference.watched", file=_code_span(rule.watch.file), of=of)
        return
    if rule.tagged is not None:
        yield words("reference.tagged")
        if not rule.shape:
            return
        yield ""
    yield words("reference.any_pattern" if rule.pattern else "reference.any_shape")
    if rule.ignore_case:
        yield words("reference.ignore_case")
    yield ""
    for pattern in rule.pattern:
        yield f"- {_code_span(pattern)}"
    for shape in rule.shape:
        yield f"- {_escaped_text(shape_in_words(shape, words))}"
        yield ""
        yield f"  {_code_span(shape)}"
        yield ""


def _word_lists(words: Words, **lists: Sequence[str]) -> Iterator[str]:
    """Yield a Markdown list item for each name -> words of ``lists`` that has words."""
    for name, listed in lists.items():
        if listed:
            joined = words("reference.comma").join(map(_code_span, listed))
            yield f"- {words(f'reference.{name}')}{words('reference.colon')}{joined}"


def _score_table(rule: Recognizer, words: Words) -> Iterator[str]:
    """Yield a Markdown table of a recognizer's scores: bare, with word, with label, refuted."""
    level = _LEVELS[rule.bare]
    scores = {
        "bare": float(BASE_SCORE[level]),
        "word": float(SCORE_WITH_WORD[level]),
        "label": LABELLED,
        "refuted": REFUTED_LABELLED,
    }
    if rule.whole_cell or rule.anchored or rule.tagged:
        del scores["bare"]
    if rule.whole_cell or rule.tagged:
        del scores["word"]
    if rule.check is None:
        del scores["refuted"]
    yield f"| {' | '.join(words(f'reference.{name}') for name in scores)} |"
    yield "|" + "---|" * len(scores)
    yield f"| {' | '.join(f'{score:.2f}' for score in scores.values())} |"
    yield ""
    for flag in ("anchored", "whole_cell"):
        if getattr(rule, flag) and not rule.tagged:
            yield words(f"reference.{flag}")
    if rule.check is not None:
        yield words("reference.may_change")


def _examples(examples: Sequence[Example], words: Words) -> Iterator[str]:
    """Yield Markdown lines of test examples, each with its label, value and reason."""
    for each in examples:
        more = []
        if each.label:
            more.append(words("reference.under", label=_code_span(each.label)))
        if each.value is not None:
            more.append(words("reference.gives", value=_code_span(each.value)))
        if each.why:
            more.append(_escaped_text(each.why))
        notes = words("reference.semicolon").join(more)
        yield f"- {_code_span(each.text)}" + (words("reference.colon") + notes if notes else "")


def _escaped_text(text: str) -> str:
    r"""Escape ``text`` so that Markdown shows it unchanged.

    >>> _escaped_text("a*b<c>")
    'a\\*b\\<c\\>'
    """
    return "".join(f"\\{char}" if char in "\\`*_[]<>|#" else char for char in _visible_text(text))


def _code_span(text: str) -> str:
    """Wrap ``text`` as a Markdown code span, with enough backticks around it.

    >>> _code_span("a`b")
    '``a`b``'
    """
    shown = _visible_text(text)
    fence = "`" * next(n for n in range(1, len(shown) + 2) if "`" * n not in shown)
    pad = " " if shown.startswith(("`", " ")) or shown.endswith(("`", " ")) else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def _visible_text(text: str) -> str:
    """Replace line ends and tabs in ``text`` by visible signs."""
    return clean(text.replace("\r\n", "⏎").replace("\n", "⏎").replace("\t", "⇥"))


#: Character ranges -> key of the word for this class.
_CLASS_NAMES: Final = {
    frozenset({("0", "9")}): "digit",
    frozenset({("A", "Z")}): "capital",
    frozenset({("a", "z")}): "small",
    frozenset({("A", "Z"), ("a", "z")}): "letter",
    frozenset({("0", "9"), ("A", "Z"), ("a", "z")}): "alnum",
    frozenset({("一", "鿿")}): "hanzi",
}
_SEQUENCE_ENDS: Final = frozenset({"", "|", ")"})


def shape_in_words(shape: str, words: Words) -> str:
    """Describe a valid shape in words: ``SF[0-9]{12} -> “SF”, 12 x digit``.

    >>> shape_in_words("SF[0-9]{12}", Words("en"))
    '“SF”, 12 x digit'
    """
    return _ShapeReader(shape, words).alternatives()


class _ShapeReader:
    """Parser that describes a shape in words, by recursive descent."""

    def __init__(self, shape: str, words: Words) -> None:
        self.shape, self.words, self.at = shape, words, 0

    def _peek(self, ahead: int = 0) -> str:
        """Return the character of the shape ``ahead`` of the position; "" at the end."""
        return self.shape[self.at + ahead : self.at + ahead + 1]

    def _next_char(self) -> str:
        """Return the next character of the shape and advance."""
        self.at += 1
        return self.shape[self.at - 1]

    def alternatives(self) -> str:
        """Describe the alternatives (``|``) of a shape up to the end of the group."""
        found = [self._sequence()]
        while self._peek() == "|":
            self.at += 1
            found.append(self._sequence())
        return self.words("shape.or").join(found)

    def _sequence(self) -> str:
        """Describe one alternative of a shape: literals and classes with their counts."""
        parts: list[str] = []
        literal = ""
        while self._peek() not in _SEQUENCE_ENDS:
            atom, is_literal = self._atom()
            counted = self._with_count(atom if not is_literal else self._quoted(atom))
            if is_literal and counted is None:
                literal += atom
                continue
            if literal:
                parts.append(self._quoted(literal))
                literal = ""
            parts.append(counted or atom)
        if literal:
            parts.append(self._quoted(literal))
        return self.words("shape.then").join(parts)

    def _quoted(self, text: str) -> str:
        """Return literal characters of a shape in quotation marks."""
        return self.words("shape.literal", text=text)

    def _atom(self) -> tuple[str, bool]:
        """Describe the next piece of a shape: (words, True if it is one literal character)."""
        char = self._next_char()
        if char == "[":
            return self._class(), False
        if char == "(":
            if self.shape.startswith("?:", self.at):
                self.at += 2
            inner = self.alternatives()
            self.at += 1
            return self.words("shape.group", what=inner), False
        if char == "\\":
            escaped = self._next_char()
            if escaped in "ds":
                return self.words("shape.digit" if escaped == "d" else "shape.blank"), False
            return escaped, True
        return char, True

    def _class(self) -> str:
        """Describe a character class of a shape in words: ``[0-9] -> digit``."""
        ranges: list[tuple[str, str]] = []
        blank = False
        while self._peek() != "]":
            low = self._next_char()
            if low == "\\":
                low = self._next_char()
                if low in "ds":
                    blank |= low == "s"
                    ranges += [("0", "9")] * (low == "d")
                    continue
            high = low
            if self._peek() == "-" and self._peek(1) != "]":
                self.at += 1
                high = self._next_char()
                high = self._next_char() if high == "\\" else high
            ranges.append((low, high))
        self.at += 1
        if not blank and frozenset(ranges) in _CLASS_NAMES:
            return self.words(f"shape.{_CLASS_NAMES[frozenset(ranges)]}")
        listed = [self.words("shape.blank")] * blank + [self._range(*each) for each in ranges]
        return self.words("shape.one_of", listed=" ".join(listed))

    def _range(self, low: str, high: str) -> str:
        """Describe the character range ``low`` to ``high`` in words."""
        if low == high:
            return self.words("shape.blank") if low == " " else low
        if (low, high) in (("0", "9"), ("A", "Z"), ("a", "z"), ("一", "鿿")):
            return self.words(f"shape.{_CLASS_NAMES[frozenset({(low, high)})]}")
        return self.words("shape.range", first=low, last=high)

    def _with_count(self, atom: str) -> str | None:
        """Add the repeat count at the position to the words for an atom; None without a count."""
        sign = self._peek()
        if sign not in ("?", "*", "+", "{"):
            return None
        self.at += 1
        if sign != "{":
            name = {"?": "maybe", "*": "any", "+": "at_least"}[sign]
            return self.words(f"shape.{name}", what=atom, low=1)
        inside = self.shape[self.at : self.shape.index("}", self.at)]
        self.at += len(inside) + 1
        low, comma, high = inside.partition(",")
        if not comma:
            return self.words("shape.count", count=low, what=atom)
        if not high:
            return self.words("shape.at_least", low=low, what=atom)
        return self.words("shape.between", low=low or 0, high=high, what=atom)
