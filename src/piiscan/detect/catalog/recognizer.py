"""Recognizer: one identifier as its YAML file describes it, and the strict parser of that file.

The files are data (see recognizers/README.md for the keys). An unknown key, a wrong type, a
duplicate or an alias is a :class:`CatalogError` with file and line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from piiscan.detect.catalog.watchlist import Watchlist, read_watchlist
from piiscan.detect.matching.pattern_parser import read_pattern
from piiscan.errors import CatalogError
from piiscan.wording.words import Sentence, Translated

BARE_SCORES: Final[Mapping[str, float]] = {"H": 0.85, "M": 0.6, "L": 0.3}
KEEPS: Final = ("digits", "digits_x", "dressed", "alnum", "visible", "text")


@dataclass(frozen=True, slots=True)
class Value:
    """Rule for the canonical value of a span: kept characters, length, case, replacements."""

    replace: Mapping[str, str] = field(default_factory=dict)

    keep: str = "alnum"
    first: int | None = None
    last: int | None = None
    case: str | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """Text with a value that must (or must not) be found; ``label`` is a column name."""

    text: str
    label: str | None = None
    value: str | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Recognizer:
    """One identifier; the fields are the keys of its rule file."""

    id: str
    entity: str
    title: Mapping[str, str]
    whose: str
    bare: str
    file: str
    shape: tuple[str, ...] = ()
    pattern: tuple[str, ...] = ()
    watch: Watchlist | None = None
    tagged: str | None = None
    references: tuple[str, ...] = ()
    ignore_case: bool = False
    boundary: str = "digit"
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
    return build_recognizer(*read_yaml(content, path), path)


def build_recognizer(
    entries: Mapping[str, Any], lines: Mapping[str, int], path: Path
) -> Recognizer:
    """Return the recognizer of a rule file from its ``entries``, whose ``lines`` errors name.

    Raise CatalogError with file and line if an entry breaks a rule.
    """

    def make_error(key: str, why: Translated) -> CatalogError:
        return CatalogError("rule.key", file=path, line=lines.get(key, 1), key=key, why=why)

    _check_keys(entries, make_error)
    fields: dict[str, Any] = dict(entries)
    for key in (_LISTS | {"joined"}) & fields.keys():
        fields[key] = tuple(fields[key])
    for key in _LABELS & fields.keys():
        fields[key] = tuple(name.lower() for name in fields[key])
    for key in _EXAMPLES & fields.keys():
        fields[key] = tuple(_example(entry, make_error, key) for entry in fields[key])
    if "value" in fields:
        fields["value"] = Value(**fields["value"])
    if "watch" in fields:
        fields["watch"] = _read_watch_key(fields["watch"], path, make_error)
    recognizer = Recognizer(**fields, file=str(path))
    _check_patterns(recognizer, make_error)
    for key, why in _conflicting_keys(recognizer).items():
        raise make_error(key, why)
    return recognizer


def _conflicting_keys(recognizer: Recognizer) -> dict[str, Sentence]:
    """Return key -> reason, for keys of a rule file that conflict with another key."""
    conflicts = {}
    if recognizer.anchored and not (
        recognizer.context or recognizer.like or recognizer.behind or recognizer.labels
    ):
        conflicts["anchored"] = Sentence("rule.no_anchor")
    if recognizer.behind and not recognizer.anchored:
        conflicts["behind"] = Sentence("rule.not_anchored")
    if recognizer.tagged and recognizer.shape and not recognizer.whole_cell:
        conflicts["tagged"] = Sentence("rule.tagged_shapes")
    if recognizer.whole_cell and not (recognizer.columns or recognizer.like):
        conflicts["whole_cell"] = Sentence("rule.no_columns")
    if recognizer.joined and recognizer.check is None:
        conflicts["joined"] = Sentence("rule.no_joined_check")
    return conflicts


def _check_keys(entries: Mapping[str, object], make_error: Any) -> None:
    """Raise an error if a rule file has a missing key, an unknown key, or an invalid entry.

    ``make_error(key, reason)`` returns the exception with file and line.
    """
    for key in ("id", "entity", "title", "whose", "bare"):
        if key not in entries:
            raise make_error(key, Sentence("rule.missing"))
    kinds = KINDS & entries.keys()
    if len(kinds) != 1 and kinds != {"shape", "tagged"}:
        raise make_error("shape", Sentence("rule.one_kind"))
    known = _TEXTS | _FLAGS | _LISTS | _EXAMPLES | {"title", "value", "outranks", "watch", "joined"}
    for key, entry in entries.items():
        if key not in known:
            raise make_error(key, Sentence("rule.unknown_key", {"known": tuple(sorted(known))}))
        why = _entry_error(key, entry)
        if why:
            raise make_error(key, why)


#: Keys that define the matching: one of them, or ``shape`` of whole cells with ``tagged``.
KINDS: Final = frozenset({"shape", "pattern", "watch", "tagged"})
#: Kinds of the name tagger, in its order; the last is forms of address (王先生).
TAGGED: Final = ("person", "address", "organization", "nickname")
_TEXTS: Final = frozenset(
    {"id", "entity", "whose", "bare", "boundary", "check", "implies", "region", "tagged"}
)
_FLAGS: Final = frozenset({"ignore_case", "anchored", "whole_cell"})
_LISTS: Final = frozenset(
    {"references", "shape", "pattern", "columns", "ambiguous_columns", "part_columns"}
    | {"context", "context_reject", "behind", "like", "never", "labels", "labels_beside", "also"}
)
_LABELS: Final = frozenset({"labels", "labels_beside"})
_EXAMPLES: Final = frozenset({"examples", "counterexamples"})
_VALUE_KEYS: Final = frozenset({"keep", "first", "last", "case", "replace"})
_CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "bare": tuple(BARE_SCORES),
    "boundary": (
        "digit",
        "word",
        "mail",
        "group",
        "label",
        "lines",
        "quoted",
        "tail",
        "sole",
        "run",
        "head",
        "none",
    ),
    "tagged": TAGGED,
    "whose": ("person", "device", "organisation", "link", "none"),
}


def _entry_error(key: str, entry: object) -> Sentence | None:
    """Return the error in the rule file's ``entry`` of ``key``; None if it is valid."""
    if key in _TEXTS and not isinstance(entry, str):
        return Sentence("rule.text")
    if key in _CHOICES and entry not in _CHOICES[key]:
        return Sentence("rule.choice", {"known": _CHOICES[key]})
    if key in _FLAGS and not isinstance(entry, bool):
        return Sentence("rule.flag")
    if key == "outranks" and (isinstance(entry, bool) or not isinstance(entry, int)):
        return Sentence("rule.whole_number")
    if key == "joined" and not _all_lengths(entry):
        return Sentence("rule.lengths")
    if key in _LISTS and not _all_texts(entry):
        return Sentence("rule.texts")
    if key in KINDS and not entry:
        return Sentence("rule.none_given", {"key": key})
    if key == "title" and not (isinstance(entry, dict) and {"zh", "en"} == entry.keys()):
        return Sentence("rule.two_titles")
    return _value_error(entry) if key == "value" else None


def _value_error(entry: object) -> Sentence | None:
    """Return the error in the rule key ``value`` with this ``entry``; None if it is valid."""
    if not isinstance(entry, dict) or not entry.keys() <= _VALUE_KEYS:
        return Sentence("rule.known_keys", {"known": tuple(sorted(_VALUE_KEYS))})
    replaced = entry.get("replace", {})
    if not isinstance(replaced, dict) or not all(
        len(old) == 1 and isinstance(new, str) and len(new) == 1 for old, new in replaced.items()
    ):
        return Sentence("rule.replace")
    if entry.get("keep") not in KEEPS:
        return Sentence("rule.keep", {"known": tuple(KEEPS)})
    if not all(isinstance(entry.get(key, 1), int) for key in ("first", "last")):
        return Sentence("rule.first_last")
    if entry.get("case", "upper") not in ("upper", "lower"):
        return Sentence("rule.case")
    return None


def _check_patterns(recognizer: Recognizer, make_error: Any) -> None:
    """Raise an error with the line of the key if a ``pattern`` of a recognizer cannot be used."""
    for source in recognizer.pattern:
        try:
            read_pattern(source, ignore_case=recognizer.ignore_case)
        except CatalogError as error:
            raise make_error("pattern", error) from None


def _read_watch_key(entry: object, path: Path, make_error: Any) -> Watchlist:
    """Read the watch list named by the key ``watch``; raise an error with the line of the key."""
    try:
        return read_watchlist(entry, path)
    except CatalogError as error:
        raise make_error("watch", error) from None


def _all_texts(entry: object) -> bool:
    """Return True if the YAML ``entry`` is a list of strings only."""
    return isinstance(entry, list) and all(isinstance(text, str) for text in entry)


def _all_lengths(entry: object) -> bool:
    """Return True if the YAML ``entry`` is a list of lengths, 1 to 31."""
    return isinstance(entry, list) and all(type(each) is int and 0 < each < 32 for each in entry)


def _example(entry: object, make_error: Any, key: str) -> Example:
    """Parse an entry (text or mapping) of the key ``examples`` or ``counterexamples``.

    Raise an error if it is neither. ``make_error(key, reason)`` returns the exception.
    """
    if isinstance(entry, str):
        return Example(entry)
    if (
        not isinstance(entry, dict)
        or "text" not in entry
        or not entry.keys() <= {"text", "label", "value", "why"}
        or not all(isinstance(text, str) for text in entry.values())
    ):
        raise make_error(key, Sentence("rule.example"))
    return Example(**entry)


def read_yaml(content: bytes, path: Path) -> tuple[dict[str, Any], dict[str, int]]:
    """Return (the mapping in a YAML file, the line of each of its keys).

    Raise CatalogError if the content is not YAML, no mapping, or uses aliases or duplicate keys.
    """
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        node = yaml.compose(content, Loader=loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f":{mark.line + 1}" if mark else ""
        raise CatalogError(
            "rule.no_yaml", place=f"{path}{where}", why=getattr(error, "problem", "")
        ) from None
    if not isinstance(node, yaml.MappingNode):
        raise CatalogError("rule.no_mapping", file=path)
    lines = {str(key.value): key.start_mark.line + 1 for key, _ in node.value}
    return _to_python(node, path, set()), lines


def _to_python(node: Any, path: Path, seen_ids: set[int]) -> Any:
    """Convert a YAML node to plain Python values.

    ``seen_ids``: ids of the nodes read so far. Raise CatalogError for duplicate keys, tags and
    aliases.
    """
    if id(node) in seen_ids:
        raise CatalogError("rule.alias", file=path, line=node.start_mark.line + 1)
    seen_ids.add(id(node))
    if node.id == "scalar":
        return _scalar_value(node, path)
    if node.id == "sequence":
        return [_to_python(child, path, seen_ids) for child in node.value]
    entries: dict[str, Any] = {}
    for key, entry in node.value:
        name = str(key.value)
        if name in entries:
            raise CatalogError("rule.key_twice", file=path, line=key.start_mark.line + 1, key=name)
        entries[name] = _to_python(entry, path, seen_ids)
    return entries


def _scalar_value(node: Any, path: Path) -> str | int | bool | None:
    """Convert a YAML scalar; raise CatalogError for dates, floats and other unquoted types."""
    kind = node.tag.rsplit(":", 1)[-1]
    if kind == "str":
        return str(node.value)
    if kind == "bool" and node.value.lower() in ("true", "false"):
        return bool(node.value.lower() == "true")
    if kind == "int" and node.value.lstrip("-").isdigit():
        return int(node.value)
    if kind == "null":
        return None
    raise CatalogError(
        "rule.unquoted", file=path, line=node.start_mark.line + 1, kind=kind, value=node.value
    )
