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
from piiscan.detect.matching.shapes import Chars, Group, Ranges, Repeated, parse_shape
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
                else words(
                    "reference.rule", rule=words(f"rule_check.{rule.check}"), name=rule.check
                )
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
    signs = str.maketrans("\r\n\t", "␍⏎⇥")
    return clean(text.replace("\r\n", "⏎").translate(signs))


#: Character ranges -> key of the word for this class.
_CLASS_NAMES: Final = {
    frozenset((ord(each[0]), ord(each[1])) for each in ranges): name
    for ranges, name in (
        (["09"], "digit"),
        (["AZ"], "capital"),
        (["az"], "small"),
        (["AZ", "az"], "letter"),
        (["09", "AZ", "az"], "alnum"),
        (["一鿿"], "hanzi"),
        (["\t\t", "  "], "blank"),
    )
}


def shape_in_words(shape: str, words: Words) -> str:
    """Describe a valid shape in words: ``SF[0-9]{12} -> “SF”, 12 x digit``.

    >>> shape_in_words("SF[0-9]{12}", Words("en"))
    '“SF”, 12 x digit'
    """
    return _group_in_words(parse_shape(shape), words)


def _group_in_words(group: Group, words: Words) -> str:
    """Describe the branches of a shape: literals and classes with their counts."""
    told = []
    for branch in group.branches:
        parts: list[str] = []
        literal = ""
        for item in branch:
            char = item.atom.literal if isinstance(item.atom, Chars) else ""
            if char and item.low == item.high == 1:
                literal += char
                continue
            if literal:
                parts.append(words("shape.literal", text=literal))
                literal = ""
            parts.append(_item_in_words(item, words))
        if literal:
            parts.append(words("shape.literal", text=literal))
        told.append(words("shape.then").join(parts))
    return words("shape.or").join(told)


def _item_in_words(item: Repeated, words: Words) -> str:
    """Describe an atom of a shape with its repeat count."""
    if isinstance(item.atom, Group):
        what = words("shape.group", what=_group_in_words(item.atom, words))
    elif item.atom.literal:
        what = words("shape.literal", text=item.atom.literal)
    else:
        what = _class_in_words(item.atom.ranges, words)
    low, high = item.low, item.high
    if high is None:
        return words("shape.at_least" if low else "shape.any", low=low, what=what)
    if low == high:
        return what if low == 1 else words("shape.count", count=low, what=what)
    name = "maybe" if (low, high) == (0, 1) else "between"
    return words(f"shape.{name}", low=low, high=high, what=what)


def _class_in_words(ranges: Ranges, words: Words) -> str:
    """Describe a character class of a shape: ``[0-9] -> digit``."""
    if name := _CLASS_NAMES.get(frozenset(ranges)):
        return words(f"shape.{name}")
    listed = []
    for low, high in ranges:
        name = "blank" if low == high == ord(" ") else _CLASS_NAMES.get(frozenset({(low, high)}))
        if name:
            listed.append(words(f"shape.{name}"))
        elif low == high:
            listed.append(chr(low))
        else:
            listed.append(words("shape.range", first=chr(low), last=chr(high)))
    return words("shape.one_of", listed=" ".join(listed))
