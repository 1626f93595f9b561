"""Recognizer: one identifier as its YAML file describes it.

The files are data (see recognizers/README.md for the keys), validated by the types of the fields.
An unknown key, a wrong type, a duplicate or an alias is a :class:`CatalogError` with file and line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Final, Literal, get_args

from piiscan.config.document import STRICT, Document, Place, read_yaml
from piiscan.detect.catalog.watchlist import Watchlist, read_watchlist
from piiscan.detect.matching.pattern_parser import read_pattern
from piiscan.errors import CatalogError
from piiscan.wording.words import Sentence, Translated

BARE_SCORES: Final[Mapping[str, float]] = {"H": 0.85, "M": 0.6, "L": 0.3}
Keep = Literal["digits", "digits_x", "dressed", "alnum", "visible", "text"]
KEEPS: Final = get_args(Keep)
#: Keys that define the matching: one of them, or ``shape`` of whole cells with ``tagged``.
KINDS: Final = frozenset({"shape", "pattern", "watch", "tagged"})
#: Kinds of the name tagger, in its order; the last is forms of address (王先生).
Tagged = Literal["person", "address", "organization", "nickname"]
TAGGED: Final = get_args(Tagged)
Boundary = Literal[
    "digit", "word", "mail", "group", "label", "lines", "quoted", "tail", "sole", "run", "head",
    "named", "none",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Value:
    """Rule for the canonical value of a span: kept characters, length, case, replacements."""

    __pydantic_config__: ClassVar[Any] = STRICT

    replace: Mapping[str, str] = field(default_factory=dict)
    keep: Keep = "alnum"
    first: int | None = None
    last: int | None = None
    case: Literal["upper", "lower", "bytes"] | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """Text with a value that must (or must not) be found; ``label`` is a column name."""

    __pydantic_config__: ClassVar[Any] = STRICT

    text: str
    label: str | None = None
    value: str | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Recognizer:
    """One identifier; the fields are the keys of its rule file."""

    __pydantic_config__: ClassVar[Any] = STRICT

    id: str
    entity: str
    title: Mapping[str, str]
    whose: Literal["person", "device", "organisation", "link", "none"]
    bare: Literal["H", "M", "L"]
    file: str
    shape: tuple[str, ...] = ()
    pattern: tuple[str, ...] = ()
    watch: Watchlist | None = None
    tagged: Tagged | None = None
    references: tuple[str, ...] = ()
    ignore_case: bool = False
    boundary: Boundary = "digit"
    anchored: bool = False
    whole_cell: bool = False
    value: Value = field(default_factory=Value)
    check: str | None = None
    outranks: int = 0
    columns: tuple[str, ...] = ()
    ambiguous_columns: tuple[str, ...] = ()
    part_columns: tuple[str, ...] = ()
    context: tuple[str, ...] = ()
    context_reject: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    labels_beside: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    joined: tuple[int, ...] = ()
    region: str | None = None
    behind: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    span: Literal["match", "digits"] = "match"
    like: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    implies: str | None = None
    examples: tuple[Example, ...] = ()
    counterexamples: tuple[Example, ...] = ()

    @property
    def score(self) -> float:
        """Return the base score: the score of a value without context, from ``bare``."""
        return BARE_SCORES[self.bare]

    @property
    def is_number(self) -> bool:
        """Return True if the values are digits, perhaps with an X."""
        return self.value.keep in ("digits", "digits_x", "dressed")


def parse_recognizer(content: bytes, path: Path) -> Recognizer:
    """Parse one rule file and return its recognizer.

    Raise CatalogError with file and line if the file breaks a rule.
    """
    return checked_recognizer(read_yaml(content, str(path)))


def checked_recognizer(document: Document) -> Recognizer:
    """Return the recognizer of a rule file.

    Raise CatalogError with file and line if an entry breaks a rule.
    """
    from piiscan.config.validation import validated

    entries = {**document.values, "file": document.file}
    entries = {key: each for key, each in entries.items() if key != "watch"}
    for key in _EXAMPLES & entries.keys():
        if isinstance(entries[key], list):
            entries[key] = [{"text": e} if isinstance(e, str) else e for e in entries[key]]
    for place, why in _missing(document.values):
        raise document.error(why, *place)
    validated(Recognizer, document._replace(values=entries), _REMEDIES)
    try:
        recognizer = build_recognizer(document)
    except CatalogError as error:  # of its watch list
        raise document.error(error, "watch") from None
    for place, why in _conflicts(recognizer):
        raise document.error(why, *place)
    return recognizer


def build_recognizer(document: Document) -> Recognizer:
    """Return the recognizer of a rule file that is valid. Raise CatalogError for its watch list."""
    fields: dict[str, Any] = {
        key: tuple(each) if isinstance(each, list) else each
        for key, each in document.values.items()
    }
    for key in _LABELS & fields.keys():
        fields[key] = tuple(name.lower() for name in fields[key])
    for key in _EXAMPLES & fields.keys():
        examples = ({"text": e} if isinstance(e, str) else e for e in fields[key])
        fields[key] = tuple(Example(**each) for each in examples)
    if "value" in fields:
        fields["value"] = Value(**fields["value"])
    if "watch" in fields:
        fields["watch"] = read_watchlist(fields["watch"], Path(document.file))
    return Recognizer(**fields, file=document.file)


_LABELS: Final = frozenset({"labels", "labels_beside"})
_EXAMPLES: Final = frozenset({"examples", "counterexamples"})
#: Remedies of fields whose types do not say enough.
_REMEDIES: Final = {**dict.fromkeys(_EXAMPLES, "rule.example"), "title": "rule.two_titles"}

_Errors = Iterator[tuple[Place, Translated]]


def _missing(entries: Mapping[str, Any]) -> _Errors:
    """Yield place and error of keys that are there too often, or not at all."""
    if "file" in entries:
        yield ("file",), Sentence("rule.no_such_key")
    kinds = KINDS & entries.keys()
    if len(kinds) != 1 and kinds != {"shape", "tagged"}:
        yield ("shape",), Sentence("rule.one_kind")
    for key in sorted(kinds):
        if not entries[key]:
            yield (key,), Sentence("rule.none_given", {"key": key})
    value = entries.get("value")
    if isinstance(value, dict) and "keep" not in value:
        yield ("value", "keep"), Sentence("rule.missing")


def _conflicts(recognizer: Recognizer) -> _Errors:
    """Yield place and error of keys that conflict with another key, or with their own rules."""
    if recognizer.title.keys() != {"zh", "en"}:
        yield ("title",), Sentence("rule.two_titles")
    if not all(0 < each < 32 for each in recognizer.joined):
        yield ("joined",), Sentence("rule.lengths")
    if any(len(text) != 1 for pair in recognizer.value.replace.items() for text in pair):
        yield ("value", "replace"), Sentence("rule.replace")
    if recognizer.anchored and not (
        recognizer.context or recognizer.like or recognizer.behind or recognizer.labels
    ):
        yield ("anchored",), Sentence("rule.no_anchor")
    if recognizer.behind and not recognizer.anchored:
        yield ("behind",), Sentence("rule.not_anchored")
    if recognizer.tagged and recognizer.shape and not recognizer.whole_cell:
        yield ("tagged",), Sentence("rule.tagged_shapes")
    if recognizer.whole_cell and not (recognizer.columns or recognizer.like):
        yield ("whole_cell",), Sentence("rule.no_columns")
    if recognizer.joined and recognizer.check is None:
        yield ("joined",), Sentence("rule.no_joined_check")
    for at, source in enumerate(recognizer.pattern):
        try:
            read_pattern(source, ignore_case=recognizer.ignore_case)
        except CatalogError as error:
            yield ("pattern", at), error
