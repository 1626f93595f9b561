"""What kind of information the material is: set by a person in a profile, never guessed.

Whether a column of coordinates is somebody's track, or a list of orders are transactions, no
pattern can say.  A profile (TOML) says it for sources, members and columns by wildcard; column
names may *propose* it, which is printed and changes nothing.
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
from piiscan.case.tiers.toml_entries import Entry, read_document
from piiscan.errors import CatalogError

#: What such a file is called where a case keeps it.
KIND: Final = "profile"


@dataclass(frozen=True, slots=True)
class Composition:
    """What a profile says of the records of one part.

    ``kinds``: category -> entities, one of which must stand in the record (none: any record);
    ``without``: categories that its records are not, whatever they hold.
    """

    kinds: Mapping[str, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}))
    without: frozenset[str] = frozenset()

    def reached(self, entities: frozenset[str]) -> set[str]:
        """Which of the categories a record with these kinds is."""
        return {kind for kind, beside in self.kinds.items() if not beside or beside & entities}


NOTHING: Final = Composition()


@dataclass(frozen=True, slots=True)
class Part:
    """One ``[[part]]`` of a profile: where it holds, and what the records there are or are not."""

    path: str
    member: str
    columns: tuple[str, ...]
    kinds: tuple[str, ...]
    without: tuple[str, ...]
    beside: frozenset[str]
    reason: str
    author: str

    def holds(self, path: str, member: str, headers: Sequence[str]) -> bool:
        """Whether it is about that part of that source; every column must have a header for it."""
        return (
            _fits(self.path, path)
            and _fits(self.member, member)
            and all(any(_fits(each, header) for header in headers) for each in self.columns)
        )


@dataclass(frozen=True, slots=True)
class Profile:
    """What a person says the material is; ``sha256`` of the file that says it."""

    title: str
    parts: tuple[Part, ...]
    sha256: str

    def composition(
        self, path: str, *, member: str = "", headers: Sequence[str] = ()
    ) -> Composition:
        """What it says of the records of one part: a source's path, member and column names."""
        kinds: dict[str, frozenset[str]] = {}
        without: set[str] = set()
        for part in self.parts:
            if part.holds(path, member, headers):
                without.update(part.without)
                for kind in part.kinds:
                    # Said twice, the weaker condition holds: an empty set asks for nothing.
                    other = kinds.get(kind)
                    both = part.beside if other is None else part.beside | other
                    free = not part.beside or (other is not None and not other)
                    kinds[kind] = frozenset() if free else both
        return Composition(kinds, frozenset(without))

    def check(self, policy: Policy) -> None:
        """Nothing; CatalogError where it names what ``policy`` has not."""
        known = {each.id for each in policy.categories}
        for part in self.parts:
            for kind in (*part.kinds, *part.without):
                if kind not in known:
                    raise CatalogError(f"the profile names {kind}, which {policy.id} has not")


def load_profile(path: Path, known: Collection[str]) -> Profile:
    """The profile of that file; ``known`` are the categories that a profile may give.

    CatalogError with file, line and key where it breaks a rule.
    """
    document = read_document(path, str(path))
    top = document.top
    parts = tuple(_part(entry, known) for entry in top.tables("part", document.lines))
    if not parts:
        raise top.wrong("part", "is missing")
    profile = Profile(top.text("title"), parts, document.sha256)
    top.done()
    return profile


def _part(entry: Entry, known: Collection[str]) -> Part:
    kinds, without = entry.texts("kinds"), entry.texts("without")
    for kind in kinds:
        if kind not in known:
            raise entry.wrong("kinds", f"no {kind}; there are: {', '.join(sorted(known))}")
    if not (kinds or without):
        raise entry.wrong("kinds", "is missing")
    part = Part(
        path=entry.text("path"),
        member=entry.text("member", optional=True) or "*",
        columns=entry.texts("columns"),
        kinds=kinds,
        without=without,
        beside=frozenset(entry.texts("beside")),
        reason=entry.text("reason"),
        author=entry.text("author"),
    )
    entry.done()
    return part


@dataclass(frozen=True, slots=True)
class Proposal:
    """Column names that speak for a category: to be looked at by a person, never applied."""

    path: str
    member: str
    category: str
    headers: tuple[str, ...]


def propose(parts: Iterable[Mapping[str, Any]], policy: Policy) -> list[Proposal]:
    """What the column names of ``parts`` (path, member, headers) speak for, in their order."""
    found = []
    for part in parts:
        headers = [str(each) for each in part["headers"] if each]
        plain = [_plain(each) for each in headers]
        for category in policy.categories:
            named: dict[str, None] = {}
            for words in category.suggested:
                hits = [[h for h, p in zip(headers, plain, strict=True) if w in p] for w in words]
                if all(hits):
                    named |= dict.fromkeys(hit[0] for hit in hits)
            if named:
                told = (str(part["path"]), str(part["member"]), category.id, tuple(named))
                found.append(Proposal(*told))
    return found


def _fits(pattern: str, name: str) -> bool:
    """Whether a name fits a wildcard, whatever its width and case; ``*`` crosses folders.

    >>> _fits("*时间", "通话时间"), _fits("a/*.csv", "A/b/c.CSV"), _fits("a", "ab")
    (True, True, False)
    """
    return fnmatch.fnmatchcase(_plain(name), _plain(pattern))


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().strip()
