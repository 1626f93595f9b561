"""Reference pages of a catalogue in Markdown: a page a recognizer, an index, the vocabulary.

They are made from the rule files on demand and never kept beside them, so that they cannot drift.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from piiscan.detect.catalog.catalog import Catalog
from piiscan.detect.catalog.recognizer import Example, Recognizer
from piiscan.detect.checks import Strength
from piiscan.detect.scoring.candidate_score import BARE, LABELLED, REFUTED_LABELLED, WITH_WORD
from piiscan.pages.sanitize import clean
from piiscan.pages.wording import Language, Words, wording

_LEVELS: Final = {"H": Strength.HIGH, "M": Strength.MEDIUM, "L": Strength.LOW}
#: Parts of the vocabulary that name codes.
_NAMING: Final = (
    *("entities", "verdicts", "reasons", "whose", "roles", "attributes", "attribute_values"),
)


def reference_pages(catalog: Catalog, *, language: Language = "zh") -> dict[str, str]:
    """File name -> page, the same for the same catalogue."""
    words = Words(language, catalog.vocabulary)
    pages = {f"{rule.id}.md": _page(rule, catalog, words) for rule in catalog.recognizers}
    return {
        "index.md": _index(catalog, words),
        "vocabulary.md": _vocabulary(catalog, words),
        **pages,
    }


def area_of(rule: Recognizer) -> str:
    """The area of a rule: the folder its file stands in."""
    return Path(rule.file).parent.name


def _joined(lines: Iterator[str]) -> str:
    return "\n".join(lines) + "\n"


def _index(catalog: Catalog, words: Words) -> str:
    return _joined(_index_lines(catalog, words))


def _index_lines(catalog: Catalog, words: Words) -> Iterator[str]:
    yield f"# {words('reference.index')}"
    yield ""
    yield words("reference.made", digest=catalog.digest)
    yield ""
    yield f"[{words('reference.vocabulary')}](vocabulary.md)"
    for area in sorted({area_of(rule) for rule in catalog.recognizers}):
        known = area in wording()["reference"]["area"]
        yield ""
        yield f"## {words(f'reference.area.{area}') if known else _escaped(area)}"
        yield ""
        for rule in catalog.recognizers:
            if area_of(rule) == area:
                title = " · ".join(_escaped(title) for title in _titles(rule, words))
                yield f"- [{title}]({rule.id}.md) `{rule.entity}`"


def _titles(rule: Recognizer, words: Words) -> tuple[str, str]:
    other = "en" if words.language == "zh" else "zh"
    return rule.title[words.language], rule.title[other]


def _vocabulary(catalog: Catalog, words: Words) -> str:
    return _joined(_vocabulary_lines(catalog, words))


def _vocabulary_lines(catalog: Catalog, words: Words) -> Iterator[str]:
    yield f"# {words('reference.vocabulary')}"
    yield ""
    yield words("reference.made", digest=catalog.digest)
    comma = words("reference.comma")
    for kind in _NAMING:
        heads = [words(f"reference.{name}") for name in ("code", "chinese", "english")]
        yield f"\n## {kind}\n\n| {' | '.join(heads)} |\n|---|---|---|"
        for code, entry in catalog.vocabulary.get(kind, {}).items():
            yield f"| `{code}` | {_escaped(entry['zh'])} | {_escaped(entry['en'])} |"
    yield f"\n## {words('reference.role_words')}\n"
    for role, entry in catalog.vocabulary.get("roles", {}).items():
        yield f"- `{role}`{words('reference.colon')}{comma.join(map(_code, entry['words']))}"
    yield f"\n## {words('reference.other_columns')}\n"
    for kind, names in catalog.vocabulary.get("other_columns", {}).items():
        yield f"- `{kind}`{words('reference.colon')}{comma.join(map(_code, names))}"


def _page(rule: Recognizer, catalog: Catalog, words: Words) -> str:
    title, other = _titles(rule, words)
    head = [f"# {_escaped(title)}", "", f"*{_escaped(other)}*", ""]
    head.append(words("reference.made", digest=catalog.digest))
    sections = [
        ("facts", _facts(rule, words)),
        ("shape", _shape(rule, words)),
        ("check", _check(rule, words)),
        ("columns", _columns(rule, words)),
        ("context", _context(rule, words)),
        ("score", _score(rule, words)),
        ("surroundings", _surroundings(rule, words)),
        ("examples", _examples(rule.examples, words)),
        ("counterexamples", _examples(rule.counterexamples, words)),
        ("references", iter([f"- {_escaped(each)}" for each in rule.references])),
    ]
    for name, lines in sections:
        if listed := list(lines):
            head += ["", f"## {words(f'reference.{name}')}", "", *listed]
    head += ["", words("reference.fictional"), ""]
    return "\n".join(head)


def _facts(rule: Recognizer, words: Words) -> Iterator[str]:
    kept = words(f"reference.kept.{rule.value.keep}")
    facts = [
        ("id", f"`{rule.id}`"),
        ("entity", f"`{rule.entity}` {words.name('entities', rule.entity)}"),
        ("whose", f"{words.name('whose', rule.whose)} (`{rule.whose}`)"),
        ("keep", kept),
        ("outranks", str(rule.outranks)),
        ("implies", f"`{rule.implies}`" if rule.implies else ""),
        ("like", ", ".join(f"`{name}`" for name in rule.like)),
        ("behind", ", ".join(f"`{name}`" for name in rule.behind)),
        ("file", f"`{area_of(rule)}/{Path(rule.file).name}`"),
    ]
    for name, told in facts:
        if told:
            yield f"- {words(f'reference.{name}')}{words('reference.colon')}{told}"


def _shape(rule: Recognizer, words: Words) -> Iterator[str]:
    if rule.watch is not None:
        of = words("reference.comma").join(f"`{name}`" for name in rule.watch.of)
        yield words("reference.watched", file=_code(rule.watch.file), of=of)
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
        yield f"- {_code(pattern)}"
    for shape in rule.shape:
        yield f"- {_escaped(shape_in_words(shape, words))}"
        yield ""
        yield f"  {_code(shape)}"
        yield ""


def _check(rule: Recognizer, words: Words) -> Iterator[str]:
    if rule.check is None:
        yield words("reference.no_check")
    else:
        yield words("reference.rule", rule=words(f"check.{rule.check}"), name=rule.check)


def _columns(rule: Recognizer, words: Words) -> Iterator[str]:
    yield from _lists(
        words,
        ("sure", rule.columns),
        ("ambiguous", rule.ambiguous_columns),
        ("parts", rule.part_columns),
    )


def _context(rule: Recognizer, words: Words) -> Iterator[str]:
    yield from _lists(
        words, ("for", rule.context), ("against", rule.context_reject), ("never", rule.never)
    )


def _lists(words: Words, *lists: tuple[str, Sequence[str]]) -> Iterator[str]:
    for name, listed in lists:
        if listed:
            told = words("reference.comma").join(map(_code, listed))
            yield f"- {words(f'reference.{name}')}{words('reference.colon')}{told}"


def _score(rule: Recognizer, words: Words) -> Iterator[str]:
    level = _LEVELS[rule.bare]
    told = {
        "bare": float(BARE[level]),
        "word": float(WITH_WORD[level]),
        "label": LABELLED,
        "refuted": REFUTED_LABELLED,
    }
    if rule.whole_cell or rule.anchored or rule.tagged:
        del told["bare"]
    if rule.whole_cell or rule.tagged:
        del told["word"]
    if rule.check is None:
        del told["refuted"]
    yield f"| {' | '.join(words(f'reference.{name}') for name in told)} |"
    yield "|" + "---|" * len(told)
    yield f"| {' | '.join(f'{score:.2f}' for score in told.values())} |"
    yield ""
    for flag in ("anchored", "whole_cell"):
        if getattr(rule, flag) and not rule.tagged:
            yield words(f"reference.{flag}")
    if rule.check is not None:
        yield words("reference.may_change")


def _surroundings(rule: Recognizer, words: Words) -> Iterator[str]:
    yield words(f"reference.boundary.{rule.boundary}")
    yield words("reference.around")


def _examples(examples: Sequence[Example], words: Words) -> Iterator[str]:
    for each in examples:
        more = []
        if each.label:
            more.append(words("reference.under", label=_code(each.label)))
        if each.value is not None:
            more.append(words("reference.gives", value=_code(each.value)))
        if each.why:
            more.append(_escaped(each.why))
        told = words("reference.semicolon").join(more)
        yield f"- {_code(each.text)}" + (words("reference.colon") + told if told else "")


def _escaped(text: str) -> str:
    r"""Text that Markdown shows as it stands.

    >>> _escaped("a*b<c>")
    'a\\*b\\<c\\>'
    """
    return "".join(f"\\{char}" if char in "\\`*_[]<>|#" else char for char in _visible(text))


def _code(text: str) -> str:
    """Text as a code span, whatever backticks are in it.

    >>> _code("a`b")
    '``a`b``'
    """
    shown = _visible(text)
    fence = "`" * next(n for n in range(1, len(shown) + 2) if "`" * n not in shown)
    pad = " " if shown.startswith(("`", " ")) or shown.endswith(("`", " ")) else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def _visible(text: str) -> str:
    return clean(text.replace("\r\n", "⏎").replace("\n", "⏎").replace("\t", "⇥"))


#: Classes that have a word of their own, by their ranges.
_NAMED: Final = {
    frozenset({("0", "9")}): "digit",
    frozenset({("A", "Z")}): "capital",
    frozenset({("a", "z")}): "small",
    frozenset({("A", "Z"), ("a", "z")}): "letter",
    frozenset({("0", "9"), ("A", "Z"), ("a", "z")}): "alnum",
    frozenset({("一", "鿿")}): "hanzi",
}
_ENDS: Final = frozenset({"", "|", ")"})


def shape_in_words(shape: str, words: Words) -> str:
    """What the shape matches; it is one that the catalogue has read already.

    >>> shape_in_words("SF[0-9]{12}", Words("en", {}))
    '“SF”, 12 x digit'
    """
    return _Reader(shape, words).alternatives()


class _Reader:
    def __init__(self, shape: str, words: Words) -> None:
        self.shape, self.words, self.at = shape, words, 0

    def _peek(self, ahead: int = 0) -> str:
        return self.shape[self.at + ahead : self.at + ahead + 1]

    def _take(self) -> str:
        self.at += 1
        return self.shape[self.at - 1]

    def alternatives(self) -> str:
        """Alternatives up to the end of the group."""
        found = [self._sequence()]
        while self._peek() == "|":
            self.at += 1
            found.append(self._sequence())
        return self.words("shape.or").join(found)

    def _sequence(self) -> str:
        told: list[str] = []
        literal = ""
        while self._peek() not in _ENDS:
            atom, plain = self._atom()
            counted = self._counted(atom if not plain else self._quoted(atom))
            if plain and counted is None:
                literal += atom
                continue
            if literal:
                told.append(self._quoted(literal))
                literal = ""
            told.append(counted or atom)
        if literal:
            told.append(self._quoted(literal))
        return self.words("shape.then").join(told)

    def _quoted(self, text: str) -> str:
        return self.words("shape.literal", text=text)

    def _atom(self) -> tuple[str, bool]:
        """The next piece, and whether it is one literal character."""
        char = self._take()
        if char == "[":
            return self._class(), False
        if char == "(":
            if self.shape.startswith("?:", self.at):
                self.at += 2
            inner = self.alternatives()
            self.at += 1
            return self.words("shape.group", what=inner), False
        if char == "\\":
            escaped = self._take()
            if escaped in "ds":
                return self.words("shape.digit" if escaped == "d" else "shape.blank"), False
            return escaped, True
        return char, True

    def _class(self) -> str:
        ranges: list[tuple[str, str]] = []
        blank = False
        while self._peek() != "]":
            low = self._take()
            if low == "\\":
                low = self._take()
                if low in "ds":
                    blank |= low == "s"
                    ranges += [("0", "9")] * (low == "d")
                    continue
            high = low
            if self._peek() == "-" and self._peek(1) != "]":
                self.at += 1
                high = self._take()
                high = self._take() if high == "\\" else high
            ranges.append((low, high))
        self.at += 1
        if not blank and frozenset(ranges) in _NAMED:
            return self.words(f"shape.{_NAMED[frozenset(ranges)]}")
        listed = [self.words("shape.blank")] * blank + [self._range(*each) for each in ranges]
        return self.words("shape.one_of", listed=" ".join(listed))

    def _range(self, low: str, high: str) -> str:
        if low == high:
            return self.words("shape.blank") if low == " " else low
        if (low, high) in (("0", "9"), ("A", "Z"), ("a", "z"), ("一", "鿿")):
            return self.words(f"shape.{_NAMED[frozenset({(low, high)})]}")
        return self.words("shape.range", first=low, last=high)

    def _counted(self, what: str) -> str | None:
        """``what`` with the count that follows; None where none does."""
        sign = self._peek()
        if sign not in ("?", "*", "+", "{"):
            return None
        self.at += 1
        if sign != "{":
            name = {"?": "maybe", "*": "any", "+": "at_least"}[sign]
            return self.words(f"shape.{name}", what=what, low=1)
        inside = self.shape[self.at : self.shape.index("}", self.at)]
        self.at += len(inside) + 1
        low, comma, high = inside.partition(",")
        if not comma:
            return self.words("shape.count", count=low, what=what)
        if not high:
            return self.words("shape.at_least", low=low, what=what)
        return self.words("shape.between", low=low or 0, high=high, what=what)
