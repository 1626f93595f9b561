"""One recognizer: what its YAML file may say, read strictly.

The files are data (see recognizers/README.md for the keys): an unknown key, a wrong type, a
duplicate or an alias is a :class:`CatalogError` that names file and line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from piiscan.detect.catalog.watchlist import Watch, read_watch
from piiscan.detect.regex.pattern_parser import read_pattern
from piiscan.errors import CatalogError

BARE_SCORES: Final[Mapping[str, float]] = {"H": 0.85, "M": 0.6, "L": 0.3}
KEEPS: Final = ("digits", "digits_x", "alnum", "visible", "text")


@dataclass(frozen=True, slots=True)
class Value:
    """How the canonical value comes out of a span."""

    replace: Mapping[str, str] = field(default_factory=dict)

    keep: str = "alnum"
    first: int | None = None
    last: int | None = None
    case: str | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """A text with what must (or must not) be found in it."""

    text: str
    label: str | None = None
    value: str | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Recognizer:
    """One identifier as its file describes it."""

    id: str
    entity: str
    title: Mapping[str, str]
    whose: str
    bare: str
    file: str
    shape: tuple[str, ...] = ()
    pattern: tuple[str, ...] = ()
    prefilter: str = "auto"
    watch: Watch | None = None
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
    behind: tuple[str, ...] = ()
    like: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    implies: str | None = None
    examples: tuple[Example, ...] = ()
    counterexamples: tuple[Example, ...] = ()

    @property
    def score(self) -> float:
        """What a bare value is worth."""
        return BARE_SCORES[self.bare]


def parse(content: bytes, path: Path) -> Recognizer:
    """The recognizer of one file; CatalogError with file and line where it breaks a rule."""
    entries, lines = read(content, path)

    def wrong(key: str, why: str) -> CatalogError:
        return CatalogError(f"{path}:{lines.get(key, 1)}: {key}: {why}")

    _check_keys(entries, wrong)
    fields: dict[str, Any] = dict(entries)
    for key in _LISTS & fields.keys():
        fields[key] = tuple(fields[key])
    for key in _EXAMPLES & fields.keys():
        fields[key] = tuple(_example(each, wrong, key) for each in fields[key])
    if "value" in fields:
        fields["value"] = Value(**fields["value"])
    if "watch" in fields:
        fields["watch"] = _watch(fields["watch"], path, wrong)
    recognizer = Recognizer(**fields, file=str(path))
    _read_patterns(recognizer, wrong)
    for key, why in _unfit(recognizer).items():
        raise wrong(key, why)
    return recognizer


def _unfit(recognizer: Recognizer) -> dict[str, str]:
    """By key, what does not go together."""
    unfit = {}
    if recognizer.anchored and not (recognizer.context or recognizer.like or recognizer.behind):
        unfit["anchored"] = "needs context words to be anchored to"
    if recognizer.behind and not recognizer.anchored:
        unfit["behind"] = "only an anchored recognizer is looked for behind others"
    if recognizer.tagged and recognizer.shape and not recognizer.whole_cell:
        unfit["tagged"] = "stands beside shapes of whole cells only"
    if recognizer.whole_cell and not (recognizer.columns or recognizer.like):
        unfit["whole_cell"] = "needs column names"
    return unfit


def _check_keys(entries: Mapping[str, object], wrong: Any) -> None:
    """Nothing; CatalogError where a key is missing, unknown, or holds what it must not."""
    for key in ("id", "entity", "title", "whose", "bare"):
        if key not in entries:
            raise wrong(key, "is missing")
    kinds = KINDS & entries.keys()
    if len(kinds) != 1 and kinds != {"shape", "tagged"}:
        raise wrong("shape", "one of shape, pattern, watch and tagged is expected")
    known = _TEXTS | _FLAGS | _LISTS | _EXAMPLES | {"title", "value", "outranks", "watch"}
    for key, entry in entries.items():
        if key not in known:
            raise wrong(key, f"unknown key; known are {', '.join(sorted(known))}")
        why = _wrong(key, entry)
        if why:
            raise wrong(key, why)


#: What a recognizer finds things by: one of them, or a whole cell's shape and what is tagged.
KINDS: Final = frozenset({"shape", "pattern", "watch", "tagged"})
#: What the tagger tells apart in running text, in the order of its kinds, and forms of address.
TAGGED: Final = ("person", "address", "organization", "nickname")
_TEXTS: Final = frozenset(
    {"id", "entity", "whose", "bare", "boundary", "check", "implies", "prefilter", "tagged"}
)
_FLAGS: Final = frozenset({"ignore_case", "anchored", "whole_cell"})
_LISTS: Final = frozenset(
    {"references", "shape", "pattern", "columns", "ambiguous_columns", "part_columns"}
    | {"context", "context_reject", "behind", "like", "never"}
)
_EXAMPLES: Final = frozenset({"examples", "counterexamples"})
_VALUE_KEYS: Final = frozenset({"keep", "first", "last", "case", "replace"})
_CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "bare": tuple(BARE_SCORES),
    "boundary": ("digit", "word", "mail", "group", "label", "lines", "quoted", "none"),
    "prefilter": ("auto", "none"),
    "tagged": TAGGED,
    "whose": ("person", "device", "organisation", "link", "none"),
}


def _wrong(key: str, entry: object) -> str:
    """What is wrong with the entry of ``key``, or nothing."""
    if key in _TEXTS and not isinstance(entry, str):
        return "a text is expected"
    if key in _CHOICES and entry not in _CHOICES[key]:
        return f"one of {', '.join(_CHOICES[key])} is expected"
    if key in _FLAGS and not isinstance(entry, bool):
        return "true or false is expected"
    if key == "outranks" and (isinstance(entry, bool) or not isinstance(entry, int)):
        return "a whole number is expected"
    if key in _LISTS and not _all_texts(entry):
        return "a list of texts is expected (quote numbers)"
    if key in KINDS and not entry:
        return f"at least one {key} is expected"
    if key == "title" and not (isinstance(entry, dict) and {"zh", "en"} == entry.keys()):
        return "zh and en are expected"
    return _wrong_value(entry) if key == "value" else ""


def _wrong_value(entry: object) -> str:
    if not isinstance(entry, dict) or not entry.keys() <= _VALUE_KEYS:
        return f"known are {', '.join(sorted(_VALUE_KEYS))}"
    replaced = entry.get("replace", {})
    if not isinstance(replaced, dict) or not all(
        len(old) == 1 and isinstance(new, str) and len(new) == 1 for old, new in replaced.items()
    ):
        return "replace maps one character to one character"
    if entry.get("keep") not in KEEPS:
        return f"keep is one of {', '.join(KEEPS)}"
    if not all(isinstance(entry.get(key, 1), int) for key in ("first", "last")):
        return "first and last are whole numbers"
    return "" if entry.get("case", "upper") in ("upper", "lower") else "case is upper or lower"


def _read_patterns(recognizer: Recognizer, wrong: Any) -> None:
    """Nothing; CatalogError naming the line where a pattern cannot be used."""
    if recognizer.prefilter != "auto" and not recognizer.pattern:
        raise wrong("prefilter", "goes with a pattern only")
    for source in recognizer.pattern:
        try:
            read_pattern(source, ignore_case=recognizer.ignore_case, prefilter=recognizer.prefilter)
        except CatalogError as error:
            raise wrong("pattern", str(error)) from None


def _watch(entry: object, path: Path, wrong: Any) -> Watch:
    try:
        return read_watch(entry, path)
    except CatalogError as error:
        raise wrong("watch", str(error)) from None


def _all_texts(entry: object) -> bool:
    return isinstance(entry, list) and all(isinstance(each, str) for each in entry)


def _example(entry: object, wrong: Any, key: str) -> Example:
    if isinstance(entry, str):
        return Example(entry)
    if (
        not isinstance(entry, dict)
        or "text" not in entry
        or not entry.keys() <= {"text", "label", "value", "why"}
        or not all(isinstance(each, str) for each in entry.values())
    ):
        raise wrong(key, "each is a text, or {text, label, value, why} of texts (quote numbers)")
    return Example(**entry)


def read(content: bytes, path: Path) -> tuple[dict[str, Any], dict[str, int]]:
    """The mapping in a YAML file and the line of each of its keys."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        node = yaml.compose(content, Loader=loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f":{mark.line + 1}" if mark else ""
        raise CatalogError(f"{path}{where}: not YAML: {getattr(error, 'problem', '')}") from None
    if not isinstance(node, yaml.MappingNode):
        raise CatalogError(f"{path}:1: a mapping of keys is expected")
    lines = {str(key.value): key.start_mark.line + 1 for key, _ in node.value}
    return _plain(node, path, set()), lines


def _plain(node: Any, path: Path, seen: set[int]) -> Any:
    """Plain Python values of a YAML node; duplicate keys, tags and aliases are refused."""
    if id(node) in seen:
        raise CatalogError(f"{path}:{node.start_mark.line + 1}: aliases are not allowed")
    seen.add(id(node))
    if isinstance(node, yaml.ScalarNode):
        return _scalar(node, path)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(each, path, seen) for each in node.value]
    entries: dict[str, Any] = {}
    for key, entry in node.value:
        name = str(key.value)
        if name in entries:
            raise CatalogError(f"{path}:{key.start_mark.line + 1}: {name} is given twice")
        entries[name] = _plain(entry, path, seen)
    return entries


def _scalar(node: Any, path: Path) -> str | int | bool | None:
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
        f"{path}:{node.start_mark.line + 1}: {kind} {node.value!r} must be quoted as a text"
    )
