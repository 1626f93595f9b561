"""The catalogue: every recognizer file, read strictly, and the vocabulary that names things.

One identifier is one YAML file (see recognizers/README.md for the keys).  The files are data: an
unknown key, a wrong type or a duplicate is a :class:`CatalogError` that names file and line.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, wraps
from pathlib import Path
from typing import Any, Final, TypeVar

from piiscan.detect.catalog.recognizer import Recognizer, parse, read
from piiscan.detect.catalog.transaction_terms import Ledger, parse_ledger
from piiscan.errors import CatalogError

_KEPT: Final = 4
_VOCABULARY: Final = "vocabulary.yaml"
_LEDGER: Final = "ledger.yaml"


@dataclass(frozen=True)
class Catalog:
    """All recognizers, ordered by id; ``digest`` is the SHA-256 over every file read."""

    recognizers: tuple[Recognizer, ...]
    vocabulary: Mapping[str, Any]
    digest: str
    ledger: Ledger = field(default_factory=Ledger)

    @cached_property
    def by_id(self) -> Mapping[str, Recognizer]:
        """Recognizers by their id."""
        return {recognizer.id: recognizer for recognizer in self.recognizers}

    @cached_property
    def watched(self) -> Mapping[str, str]:
        """Watch lists by their recognizer: the SHA-256 of each."""
        return {r.id: r.watch.sha256 for r in self.recognizers if r.watch is not None}

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
    package = Path(__file__).resolve().parents[2]
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
    ledger = Ledger()
    own: set[str] = set()
    for path, name in files:
        content = path.read_bytes()
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
        if path.name == _VOCABULARY:
            for kind, entries in read(content, path)[0].items():
                vocabulary.setdefault(kind, {}).update(entries)
            continue
        if path.name == _LEDGER:
            ledger = ledger.joined(parse_ledger(content, path))
            continue
        recognizer = parse(content, path)
        if recognizer.watch is not None:
            digest.update(recognizer.watch.sha256.encode())
        shipped = path.is_relative_to(root)
        if recognizer.id in found and (shipped or recognizer.id in own):
            raise CatalogError(f"{path}: {recognizer.id} is already in {found[recognizer.id].file}")
        if not shipped:
            own.add(recognizer.id)
        found[recognizer.id] = recognizer
    found = {key: _likened(recognizer, found) for key, recognizer in found.items()}
    _name_known(found, vocabulary)
    recognizers = tuple(found[key] for key in sorted(found))
    return Catalog(recognizers, vocabulary, digest.hexdigest(), ledger)


def _name_known(found: Mapping[str, Recognizer], vocabulary: Mapping[str, Any]) -> None:
    """CatalogError where a recognizer names another one, or an entity, that is not there."""
    for recognizer in found.values():
        named = [("behind", name) for name in recognizer.behind]
        named += [("implies", recognizer.implies)] if recognizer.implies is not None else []
        for key, name in named:
            if name not in found:
                raise CatalogError(f"{recognizer.file}: {key}: no recognizer {name}")
        if recognizer.entity not in vocabulary.get("entities", {}):
            raise CatalogError(
                f"{recognizer.file}: entity {recognizer.entity} has no name in {_VOCABULARY}"
            )


def _likened(recognizer: Recognizer, found: Mapping[str, Recognizer]) -> Recognizer:
    """``recognizer`` with the column names and words of those it is like (one step, no chain)."""
    lists: dict[str, Any] = {}
    for name in recognizer.like:
        if name not in found:
            raise CatalogError(f"{recognizer.file}: like: no recognizer {name}")
    for key in ("columns", "ambiguous_columns", "context", "context_reject"):
        own: tuple[str, ...] = getattr(recognizer, key)
        more = [word for name in recognizer.like for word in getattr(found[name], key)]
        lists[key] = tuple(dict.fromkeys([*own, *more]))
    return dataclasses.replace(recognizer, **lists) if recognizer.like else recognizer


def words_of(recognizers: Iterable[Recognizer]) -> list[str]:
    """Every context word of ``recognizers``, for or against, once, sorted."""
    return sorted({w for r in recognizers for w in (*r.context, *r.context_reject)})


T = TypeVar("T")


def by_digest(make: Callable[[Catalog], T]) -> Callable[[Catalog], T]:
    """``make`` remembered for the last few catalogues, told apart by their digest."""
    kept: dict[str, T] = {}

    @wraps(make)
    def made(catalog: Catalog) -> T:
        if catalog.digest not in kept:
            while len(kept) >= _KEPT:
                kept.pop(next(iter(kept)))
            kept[catalog.digest] = make(catalog)
        return kept[catalog.digest]

    return made
