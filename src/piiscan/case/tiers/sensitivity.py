"""Which kinds are sensitive personal information, by a dated profile; independent of any tier.

Profiles are TOML files (``data/sensitivity``): the law, and the standards as they changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from piiscan.case.tiers.toml_entries import Entry, find_file, read_document


@dataclass(frozen=True, slots=True)
class Class:
    """One class of sensitive information: which kinds fall under it, on what basis."""

    id: str
    title: Mapping[str, str]
    kinds: tuple[str, ...]
    basis: str
    contested: bool
    note: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """A profile as read; ``dropped``: kinds that an earlier rule named and this one does not."""

    id: str
    version: str
    title: Mapping[str, str]
    document: str
    classes: tuple[Class, ...]
    under_14: Class | None
    dropped: frozenset[str]
    sha256: str

    def class_of(self, kind: str) -> Class | None:
        """The class of an entity or category of information; None if it is not sensitive."""
        return next((each for each in self.classes if kind in each.kinds), None)


@dataclass(frozen=True, slots=True)
class Classified:
    """How many values of a kind there are, and the class they are in (None: not sensitive)."""

    kind: str
    count: int
    class_: Class | None
    dropped: bool = False


def folder() -> Path:
    """Where the shipped profiles are."""
    return Path(str(resources.files("piiscan.data").joinpath("sensitivity")))


def shipped_sensitivities() -> tuple[str, ...]:
    """Ids of the shipped profiles, sorted.

    >>> shipped_sensitivities()
    ('gbt35273-2020', 'gbt45574-2025', 'pipl')
    """
    return tuple(sorted(each.stem for each in folder().glob("*.toml")))


def load_sensitivity(name: str) -> Sensitivity:
    """The profile shipped under ``name``, or that of the file ``name``; CatalogError if none.

    >>> load_sensitivity("gbt45574-2025").class_of("CN_RESIDENT_ID") is None
    True
    """
    document = read_document(*find_file(name, folder()))
    top = document.top
    classes: list[Class] = []
    taken: set[str] = set()
    for entry in top.tables("class", document.lines):
        found = _class(entry, kinds=True)
        if twice := sorted(taken.intersection(found.kinds)):
            raise entry.wrong("kinds", f"{twice[0]} is given twice")
        taken.update(found.kinds)
        classes.append(found)
    young = top.table("under_14", document.lines, optional=True)
    profile = Sensitivity(
        id=top.text("id"),
        version=top.text("version"),
        title=top.words("title"),
        document=top.text("document"),
        classes=tuple(classes),
        under_14=_class(young, kinds=False) if young else None,
        dropped=frozenset(top.texts("dropped")),
        sha256=document.sha256,
    )
    top.done()
    if twice := sorted(taken & profile.dropped):
        raise top.wrong("dropped", f"{twice[0]} is given twice")
    return profile


def classify(
    counts: Mapping[str, int], profile: Sensitivity, *, under_14: Mapping[str, int] | None = None
) -> Iterator[Classified]:
    """Counts by kind (entities, categories of information) with their classes, in their order.

    ``under_14``: by kind, how many values are of persons under fourteen; they are told beside
    their kind, not taken out of it.
    """
    for kind, count in counts.items():
        yield Classified(kind, count, profile.class_of(kind), kind in profile.dropped)
    if profile.under_14 is not None:
        for kind, count in (under_14 or {}).items():
            yield Classified(kind, count, profile.under_14)


def vocabulary(profile: Sensitivity) -> dict[str, Mapping[str, str]]:
    """What the profile, its classes and notes are called, by ``id`` or ``id.X``."""
    words = {profile.id: profile.title}
    young = () if profile.under_14 is None else (profile.under_14,)
    for each in (*profile.classes, *young):
        words[f"{profile.id}.{each.id}"] = each.title
        if each.note:
            words[f"{profile.id}.{each.id}.note"] = each.note
    return words


def _class(entry: Entry, *, kinds: bool) -> Class:
    name = entry.text("id") if kinds else "under_14"
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise entry.wrong("id", "small letters, digits and _ are expected")
    named = entry.texts("kinds") if kinds else ()
    if kinds and not named:
        raise entry.wrong("kinds", "is missing")
    title, basis, contested = entry.words("title"), entry.text("basis"), entry.flag("contested")
    note = entry.words("note", optional=True)
    if contested and not note:
        raise entry.wrong("note", "what is contested needs a note")
    entry.done()
    return Class(name, title, named, basis, contested, note)
