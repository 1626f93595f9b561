"""Composition profiles: the kind of information in the material, stated by a person, never guessed.

No pattern can decide if a column of coordinates is a person's track, or if a list of orders
contains transactions. A profile (TOML) states it for sources, members and columns by wildcard.
Column names may propose a category. The proposal is printed and changes no figure.
"""

from __future__ import annotations

import fnmatch
import hashlib
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Final, Self

from pydantic import Field, PrivateAttr, ValidationInfo, model_validator

from piiscan.case.tiers.policy import Policy
from piiscan.case.tiers.rule_file import (
    NotEmpty,
    RuleFile,
    RuleTable,
    Text,
    Texts,
    TextSet,
    broken,
    read_rule_file,
)
from piiscan.errors import CatalogError

#: Kind of this file among the attachments of a case.
KIND: Final = "profile"
#: Key of all profile parts whose path has wildcards.
_WILDCARDS: Final = "*"


@dataclass(frozen=True, slots=True)
class Composition:
    """Categories that a profile assigns to the records of one part.

    ``kinds``: category -> entities, of which the record needs at least one (empty: any record).
    ``without``: categories that the records never have.
    """

    kinds: Mapping[str, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}))
    without: frozenset[str] = frozenset()

    def with_proposals(self, proposed: Iterable[str], policy: Policy) -> Composition:
        """Return the composition with the categories added that headers propose.

        Those that a person decided stay as they are; public business information, which lowers a
        count, is not added.
        """
        added = {*proposed} - {*self.kinds, *self.without, policy.business}
        if not added:
            return self
        return Composition({**self.kinds, **dict.fromkeys(added, frozenset())}, self.without)

    def confirmed_categories(self, entities: frozenset[str]) -> set[str]:
        """Return the assigned categories of a record with these entities."""
        return {kind for kind, any_of in self.kinds.items() if not any_of or any_of & entities}


NO_COMPOSITION: Final = Composition()


class ProfilePart(RuleTable):
    """One ``[[part]]`` of a profile: path, member and column patterns, and the categories assigned.

    ``any_of``: entities, of which a record needs at least one (key ``beside`` of the file).
    """

    path: Text
    member: Text = "*"
    columns: Texts = ()
    kinds: Texts = ()
    without: Texts = ()
    any_of: Annotated[TextSet, Field(alias="beside")] = frozenset()
    reason: Text
    author: Text

    @model_validator(mode="after")
    def _check_kinds(self, info: ValidationInfo) -> Self:
        """Raise an error if the part has no category, or one that a profile may not name."""
        known = (info.context or {})["known"]
        for kind in self.kinds:
            if kind not in known:
                raise broken("rule.no_category", "kinds", name=kind, known=tuple(sorted(known)))
        if not (self.kinds or self.without):
            raise broken("rule.missing", "kinds")
        return self

    def applies(self, path: str, member: str, headers: Sequence[str]) -> bool:
        """Return True if path, member and headers match.

        Each column pattern must match at least one header.
        """
        return (
            _matches(self.path, path)
            and _matches(self.member, member)
            and all(any(_matches(each, header) for header in headers) for each in self.columns)
        )


class Profile(RuleFile):
    """Composition profile."""

    title: Text
    parts: Annotated[tuple[ProfilePart, ...], NotEmpty, Field(alias="part")]
    _by_path: dict[str, list[int]] = PrivateAttr(default_factory=dict)

    def composition(
        self, path: str, *, member: str = "", headers: Sequence[str] = ()
    ) -> Composition:
        """Return the categories that the profile assigns to one part of a source.

        Of two parts of the profile about one category, the later holds.

        ``path``: path of the source. ``headers``: column names of the part.
        """
        kinds: dict[str, frozenset[str]] = {}
        without: set[str] = set()
        for part in self._parts_of(path):
            if part.applies(path, member, headers):
                without.update(part.without)
                without.difference_update(part.kinds)
                for kind in part.without:
                    kinds.pop(kind, None)
                for kind in part.kinds:
                    # Assigned twice: the weaker condition counts, and an empty set is none.
                    other = kinds.get(kind)
                    all_entities = part.any_of if other is None else part.any_of | other
                    unconditional = not part.any_of or (other is not None and not other)
                    kinds[kind] = frozenset() if unconditional else all_entities
        return Composition(kinds, frozenset(without))

    def _parts_of(self, path: str) -> Iterator[ProfilePart]:
        """Yield the parts that may apply to a path, in order: those of the path, and wildcards."""
        if not self._by_path:
            for at, part in enumerate(self.parts):
                name = _WILDCARDS if any(sign in part.path for sign in "*?[") else part.path
                self._by_path.setdefault(_normalize(name), []).append(at)
        found = self._by_path.get(_normalize(path), []) + self._by_path.get(_WILDCARDS, [])
        for at in sorted(found):
            yield self.parts[at]

    def check(self, policy: Policy) -> None:
        """Raise CatalogError if the profile names a category that ``policy`` does not have."""
        known = {each.id for each in policy.categories}
        for part in self.parts:
            for kind in (*part.kinds, *part.without):
                if kind not in known:
                    raise CatalogError("rule.not_in_policy", name=kind, policy=policy.id)


def read_profile(path: Path, known: Collection[str]) -> Profile:
    """Read the TOML file of a profile. ``known``: categories that a profile may name.

    Raise CatalogError with file, line and key if it breaks a rule.
    """
    return read_rule_file(Profile, path, str(path), known=known)


def build_profile(parts: Sequence[ProfilePart], content: bytes, *, title: str) -> Profile:
    """Return a profile of ``parts``, which may be empty; ``content``: bytes of its sheet."""
    profile = Profile.model_construct(format=1, title=title, parts=tuple(parts))
    profile._sha256 = hashlib.sha256(content).hexdigest()
    return profile


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
    known: dict[tuple[str, ...], dict[str, tuple[str, ...]]] = {}
    found = []
    for part in parts:
        headers = tuple(str(each) for each in part["headers"] if each)
        if headers not in known:
            known[headers] = suggesting_headers(headers, policy)
        for category, named in known[headers].items():
            found.append(Proposal(str(part["path"]), str(part["member"]), category, named))
    return found


def suggesting_headers(headers: Sequence[str], policy: Policy) -> dict[str, tuple[str, ...]]:
    """Return category -> the column names among ``headers`` that suggest it, in its order."""
    plain = [_normalize(each) for each in headers]
    found: dict[str, tuple[str, ...]] = {}
    for category in policy.categories:
        named: dict[str, None] = {}
        for words in category.suggested:
            hits = [[h for h, p in zip(headers, plain, strict=True) if w in p] for w in words]
            if all(hits):
                named |= dict.fromkeys(hit[0] for hit in hits)
        if named and category.unless not in found:
            found[category.id] = tuple(named)
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
