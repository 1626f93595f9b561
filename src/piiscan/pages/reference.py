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
from piiscan.pages.shape_words import shape_in_words
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
