"""Composition profiles: the kind of information in the material, stated by a person, never guessed.

No pattern can decide if a column of coordinates is a person's track, or if a list of orders
contains transactions. A profile (TOML) states it for sources, members and columns by wildcard.
Column names may propose a category. The proposal is printed and changes no figure.
"""

from __future__ import annotations

import fnmatch
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from piiscan.case.tiers.policy import Policy
from piiscan.case.tiers.toml_entries import TomlTable, read_toml
from piiscan.errors import CatalogError

#: Kind of this file among the attachments of a case.
KIND: Final = "profile"


@dataclass(frozen=True, slots=True)
class Composition:
    """Categories that a profile assigns to the records of one part.

    ``kinds``: category -> entities, of which the record needs at least one (empty: any record).
    ``without``: categories that the records never have.
    """

    kinds: Mapping[str, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}))
    without: frozenset[str] = frozenset()

    def confirmed_categories(self, entities: frozenset[str]) -> set[str]:
        """Return the assigned categories of a record with these entities."""
        return {kind for kind, any_of in self.kinds.items() if not any_of or any_of & entities}


NO_COMPOSITION: Final = Composition()


@dataclass(frozen=True, slots=True)
class ProfilePart:
    """One ``[[part]]`` of a profile: path, member and column patterns, and the categories assigned.

    ``any_of``: entities, of which a record needs at least one (key ``beside`` of the file).
    """

    path: str
    member: str
    columns: tuple[str, ...]
    kinds: tuple[str, ...]
    without: tuple[str, ...]
    any_of: frozenset[str]
    reason: str
    author: str

    def applies(self, path: str, member: str, headers: Sequence[str]) -> bool:
        """Return True if path, member and headers match.

        Each column pattern must match at least one header.
        """
        return (
            _matches(self.path, path)
            and _matches(self.member, member)
            and all(any(_matches(each, header) for header in headers) for each in self.columns)
        )


@dataclass(frozen=True, slots=True)
class Profile:
    """Composition profile, with the SHA-256 of its file."""

    title: str
    parts: tuple[ProfilePart, ...]
    sha256: str

    def composition(
        self, path: str, *, member: str = "", headers: Sequence[str] = ()
    ) -> Composition:
        """Return the categories that the profile assigns to one part of a source.

        ``path``: path of the source. ``headers``: column names of the part.
        """
        kinds: dict[str, frozenset[str]] = {}
        without: set[str] = set()
        for part in self.parts:
            if part.applies(path, member, headers):
                without.update(part.without)
                for kind in part.kinds:
                    # Assigned twice: the weaker condition counts, and an empty set is none.
                    other = kinds.get(kind)
                    all_entities = part.any_of if other is None else part.any_of | other
                    unconditional = not part.any_of or (other is not None and not other)
                    kinds[kind] = frozenset() if unconditional else all_entities
        return Composition(kinds, frozenset(without))

    def check(self, policy: Policy) -> None:
        """Raise CatalogError if the profile names a category that ``policy`` does not have."""
        known = {each.id for each in policy.categories}
        for part in self.parts:
            for kind in (*part.kinds, *part.without):
                if kind not in known:
                    raise CatalogError(f"the profile names {kind}, which {policy.id} has not")


def load_profile(path: Path, known: Collection[str]) -> Profile:
    """Load a profile. ``known``: categories that a profile may name.

    Raise CatalogError with file, line and key if it breaks a rule.
    """
    document = read_toml(path, str(path))
    top = document.top
    parts = tuple(_read_part(entry, known) for entry in top.tables("part", document.lines))
    if not parts:
        raise top.error("part", "is missing")
    profile = Profile(top.text("title"), parts, document.sha256)
    top.reject_unknown_keys()
    return profile


def _read_part(entry: TomlTable, known: Collection[str]) -> ProfilePart:
    """Return one ``[[part]]`` of a profile. Raise CatalogError if it is invalid.

    ``known``: categories that it may name.
    """
    kinds, without = entry.texts("kinds"), entry.texts("without")
    for kind in kinds:
        if kind not in known:
            raise entry.error("kinds", f"no {kind}; there are: {', '.join(sorted(known))}")
    if not (kinds or without):
        raise entry.error("kinds", "is missing")
    part = ProfilePart(
        path=entry.text("path"),
        member=entry.text("member", optional=True) or "*",
        columns=entry.texts("columns"),
        kinds=kinds,
        without=without,
        any_of=frozenset(entry.texts("beside")),
        reason=entry.text("reason"),
        author=entry.text("author"),
    )
    entry.reject_unknown_keys()
    return part


@dataclass(frozen=True, slots=True)
class Proposal:
    """Column names that suggest a category. A person decides; nothing is applied."""

    path: str
    member: str
    category: str
    headers: tuple[str, ...]


def propose_categories(parts: Iterable[Mapping[str, Any]], policy: Policy) -> list[Proposal]:
    """Return the categories that the column names of ``parts`` suggest, in the order of the parts.

    ``通话时间, 通话时长 -> call records``. ``parts``: rows with path, member and headers.
    """
    found = []
    for part in parts:
        headers = [str(each) for each in part["headers"] if each]
        plain = [_normalize(each) for each in headers]
        for category in policy.categories:
            named: dict[str, None] = {}
            for words in category.suggested:
                hits = [[h for h, p in zip(headers, plain, strict=True) if w in p] for w in words]
                if all(hits):
                    named |= dict.fromkeys(hit[0] for hit in hits)
            if named:
                proposal = (str(part["path"]), str(part["member"]), category.id, tuple(named))
                found.append(Proposal(*proposal))
    return found


def _matches(pattern: str, name: str) -> bool:
    """Return True if ``name`` matches a wildcard, in any width and case. ``*`` includes ``/``.

    >>> _matches("*时间", "通话时间"), _matches("a/*.csv", "A/b/c.CSV"), _matches("a", "ab")
    (True, True, False)
    """
    return fnmatch.fnmatchcase(_normalize(name), _normalize(pattern))


def _normalize(text: str) -> str:
    """Return ``text`` in NFKC, case-folded, without outer blanks."""
    return unicodedata.normalize("NFKC", text).casefold().strip()
