"""The catalogue: every recognizer file, read strictly, and the vocabulary that names things.

One identifier is one YAML file (see recognizers/README.md for the keys).  The files are data: an
unknown key, a wrong type or a duplicate is a :class:`CatalogError` that names file and line.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import yaml

from piiscan.errors import CatalogError

BARE_SCORES: Final[Mapping[str, float]] = {"H": 0.85, "M": 0.6, "L": 0.3}
KEEPS: Final = ("digits", "digits_x", "alnum", "visible", "text")
_VOCABULARY: Final = "vocabulary.yaml"


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
    shape: tuple[str, ...]
    file: str
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
    like: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    implies: str | None = None
    examples: tuple[Example, ...] = ()
    counterexamples: tuple[Example, ...] = ()

    @property
    def score(self) -> float:
        """What a bare value is worth."""
        return BARE_SCORES[self.bare]


@dataclass(frozen=True)
class Catalog:
    """All recognizers, ordered by id; ``digest`` is the SHA-256 over every file read."""

    recognizers: tuple[Recognizer, ...]
    vocabulary: Mapping[str, Any]
    digest: str

    @cached_property
    def by_id(self) -> Mapping[str, Recognizer]:
        """Recognizers by their id."""
        return {recognizer.id: recognizer for recognizer in self.recognizers}

    @cached_property
    def entities(self) -> tuple[str, ...]:
        """Entity names that the recognizers can give, sorted."""
        return tuple(sorted({recognizer.entity for recognizer in self.recognizers}))

    def name(self, kind: str, code: str, lang: str = "zh") -> str:
        """The word for an entity, verdict, reason, role …; the code itself where none is known."""
        entry = self.vocabulary.get(kind, {}).get(code)
        return str(entry.get(lang, code)) if isinstance(entry, dict) else code


def folder() -> Path:
    """Where the shipped recognizers are: inside the wheel, or at the top of a checkout."""
    package = Path(__file__).resolve().parents[1]
    for place in (package / "recognizers", package.parents[1] / "recognizers"):
        if (place / _VOCABULARY).is_file():
            return place
    raise CatalogError(f"no recognizers beside {package}; is the installation complete?")


def load(extra: Path | None = None) -> Catalog:
    """The shipped catalogue, with the user's rule folder ``extra`` added.

    A file of ``extra`` with the id of a shipped recognizer replaces it.
    """
    root = folder()
    files = [(path, path.relative_to(root).as_posix()) for path in sorted(root.rglob("*.yaml"))]
    if extra is not None:
        if not extra.is_dir():
            raise CatalogError(f"{extra}: no such folder of recognizers")
        files += [(path, path.name) for path in sorted(extra.rglob("*.yaml"))]
    digest = hashlib.sha256()
    found: dict[str, Recognizer] = {}
    vocabulary: dict[str, Any] = {}
    own: set[str] = set()
    for path, name in files:
        content = path.read_bytes()
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
        if path.name == _VOCABULARY:
            for kind, entries in _read(content, path)[0].items():
                vocabulary.setdefault(kind, {}).update(entries)
            continue
        recognizer = parse(content, path)
        shipped = path.is_relative_to(root)
        if recognizer.id in found and (shipped or recognizer.id in own):
            raise CatalogError(f"{path}: {recognizer.id} is already in {found[recognizer.id].file}")
        if not shipped:
            own.add(recognizer.id)
        found[recognizer.id] = recognizer
    found = {key: _likened(recognizer, found) for key, recognizer in found.items()}
    for recognizer in found.values():
        if recognizer.implies is not None and recognizer.implies not in found:
            raise CatalogError(f"{recognizer.file}: implies: no recognizer {recognizer.implies}")
        if recognizer.entity not in vocabulary.get("entities", {}):
            raise CatalogError(
                f"{recognizer.file}: entity {recognizer.entity} has no name in {_VOCABULARY}"
            )
    return Catalog(tuple(found[key] for key in sorted(found)), vocabulary, digest.hexdigest())


def _likened(recognizer: Recognizer, found: Mapping[str, Recognizer]) -> Recognizer:
    """``recognizer`` with the column names and words of those it is like (one step, no chain)."""
    lists: dict[str, tuple[str, ...]] = {}
    for name in recognizer.like:
        if name not in found:
            raise CatalogError(f"{recognizer.file}: like: no recognizer {name}")
    for key in ("columns", "ambiguous_columns", "context", "context_reject"):
        own: tuple[str, ...] = getattr(recognizer, key)
        more = [word for name in recognizer.like for word in getattr(found[name], key)]
        lists[key] = tuple(dict.fromkeys([*own, *more]))
    return dataclasses.replace(recognizer, **lists) if recognizer.like else recognizer


def parse(content: bytes, path: Path) -> Recognizer:
    """The recognizer of one file; CatalogError with file and line where it breaks a rule."""
    entries, lines = _read(content, path)

    def wrong(key: str, why: str) -> CatalogError:
        return CatalogError(f"{path}:{lines.get(key, 1)}: {key}: {why}")

    for key in ("id", "entity", "title", "whose", "bare", "shape"):
        if key not in entries:
            raise wrong(key, "is missing")
    known = _TEXTS | _FLAGS | _LISTS | _EXAMPLES | {"title", "value", "outranks"}
    for key, entry in entries.items():
        if key not in known:
            raise wrong(key, f"unknown key; known are {', '.join(sorted(known))}")
        why = _wrong(key, entry)
        if why:
            raise wrong(key, why)
    fields: dict[str, Any] = dict(entries)
    for key in _LISTS & fields.keys():
        fields[key] = tuple(fields[key])
    for key in _EXAMPLES & fields.keys():
        fields[key] = tuple(_example(each, wrong, key) for each in fields[key])
    if "value" in fields:
        fields["value"] = Value(**fields["value"])
    recognizer = Recognizer(**fields, file=str(path))
    if recognizer.anchored and not (recognizer.context or recognizer.like):
        raise wrong("anchored", "needs context words to be anchored to")
    if recognizer.whole_cell and not (recognizer.columns or recognizer.like):
        raise wrong("whole_cell", "needs column names")
    return recognizer


_TEXTS: Final = frozenset({"id", "entity", "whose", "bare", "boundary", "check", "implies"})
_FLAGS: Final = frozenset({"ignore_case", "anchored", "whole_cell"})
_LISTS: Final = frozenset(
    {"references", "shape", "columns", "ambiguous_columns", "part_columns"}
    | {"context", "context_reject", "like", "never"}
)
_EXAMPLES: Final = frozenset({"examples", "counterexamples"})
_VALUE_KEYS: Final = frozenset({"keep", "first", "last", "case", "replace"})
_CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "bare": tuple(BARE_SCORES),
    "boundary": ("digit", "word", "mail", "none"),
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
    if key == "shape" and not entry:
        return "at least one shape is expected"
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


def _read(content: bytes, path: Path) -> tuple[dict[str, Any], dict[str, int]]:
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


def words_of(recognizers: Iterable[Recognizer]) -> list[str]:
    """Every context word of ``recognizers``, for or against, once, sorted."""
    return sorted({w for r in recognizers for w in (*r.context, *r.context_reject)})
