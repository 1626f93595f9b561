"""Sensitivity profiles: the kinds of sensitive personal information under a dated law or standard.

Profiles are TOML files (``data/sensitivity``): PIPL art. 28, GB/T 35273-2020, GB/T 45574-2025. They
are independent of tiers. ``CN_BANK_CARD -> class of financial accounts``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from piiscan.case.tiers.toml_entries import TomlTable, find_rule_file, read_toml


@dataclass(frozen=True, slots=True)
class SensitiveClass:
    """Class of sensitive information: its entities or categories, and its legal basis."""

    id: str
    title: Mapping[str, str]
    kinds: tuple[str, ...]
    basis: str
    contested: bool
    note: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """Sensitivity profile as loaded.

    ``dropped``: kinds that an earlier standard named and this one omits.
    """

    id: str
    version: str
    title: Mapping[str, str]
    document: str
    classes: tuple[SensitiveClass, ...]
    under_14: SensitiveClass | None
    dropped: frozenset[str]
    sha256: str

    def class_of(self, kind: str) -> SensitiveClass | None:
        """Return the class of an entity or category, None if it is not sensitive."""
        return next((each for each in self.classes if kind in each.kinds), None)


@dataclass(frozen=True, slots=True)
class ClassifiedCount:
    """Number of values of a kind, and its class (None: not sensitive)."""

    kind: str
    count: int
    class_: SensitiveClass | None
    dropped: bool = False


def sensitivity_folder() -> Path:
    """Return the folder of the shipped profiles."""
    return Path(str(resources.files("piiscan.data").joinpath("sensitivity")))


def shipped_sensitivities() -> tuple[str, ...]:
    """Return the ids of the shipped profiles, sorted.

    >>> shipped_sensitivities()
    ('gbt35273-2020', 'gbt45574-2025', 'pipl')
    """
    return tuple(sorted(each.stem for each in sensitivity_folder().glob("*.toml")))


def load_sensitivity(name: str) -> Sensitivity:
    """Load the shipped profile ``name``, or the profile file ``name``.

    Raise CatalogError if it is invalid.

    >>> load_sensitivity("gbt45574-2025").class_of("CN_RESIDENT_ID") is None
    True
    """
    document = read_toml(*find_rule_file(name, sensitivity_folder()))
    top = document.top
    classes: list[SensitiveClass] = []
    known: set[str] = set()
    for entry in top.tables("class", document.lines):
        class_ = _read_class(entry, kinds=True)
        if duplicates := sorted(known.intersection(class_.kinds)):
            raise entry.error("kinds", f"{duplicates[0]} is given twice")
        known.update(class_.kinds)
        classes.append(class_)
    under_14 = top.table("under_14", document.lines, optional=True)
    profile = Sensitivity(
        id=top.text("id"),
        version=top.text("version"),
        title=top.translations("title"),
        document=top.text("document"),
        classes=tuple(classes),
        under_14=_read_class(under_14, kinds=False) if under_14 else None,
        dropped=frozenset(top.texts("dropped")),
        sha256=document.sha256,
    )
    top.reject_unknown_keys()
    if duplicates := sorted(known & profile.dropped):
        raise top.error("dropped", f"{duplicates[0]} is given twice")
    return profile


def classify(
    counts: Mapping[str, int], profile: Sensitivity, *, under_14: Mapping[str, int] | None = None
) -> Iterator[ClassifiedCount]:
    """Yield the count and sensitive class of each entity or category, in the order of ``counts``.

    ``under_14``: kind -> number of values of persons under fourteen. They have rows of their own
    and stay in the count of their kind.
    """
    for kind, count in counts.items():
        yield ClassifiedCount(kind, count, profile.class_of(kind), kind in profile.dropped)
    if profile.under_14 is not None:
        for kind, count in (under_14 or {}).items():
            yield ClassifiedCount(kind, count, profile.under_14)


def sensitivity_names(profile: Sensitivity) -> dict[str, Mapping[str, str]]:
    """Return ``PROFILE`` and ``PROFILE.CLASS`` -> title by language, with the notes."""
    words = {profile.id: profile.title}
    under_14 = () if profile.under_14 is None else (profile.under_14,)
    for each in (*profile.classes, *under_14):
        words[f"{profile.id}.{each.id}"] = each.title
        if each.note:
            words[f"{profile.id}.{each.id}.note"] = each.note
    return words


def _read_class(entry: TomlTable, *, kinds: bool) -> SensitiveClass:
    """Return the sensitive class in one table of a profile file.

    ``kinds``: False for the class of persons under fourteen, which has no entities.
    Raise CatalogError if a key is missing or invalid.
    """
    name = entry.text("id") if kinds else "under_14"
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise entry.error("id", "small letters, digits and _ are expected")
    named = entry.texts("kinds") if kinds else ()
    if kinds and not named:
        raise entry.error("kinds", "is missing")
    title, basis, contested = (
        entry.translations("title"),
        entry.text("basis"),
        entry.flag("contested"),
    )
    note = entry.translations("note", optional=True)
    if contested and not note:
        raise entry.error("note", "what is contested needs a note")
    entry.reject_unknown_keys()
    return SensitiveClass(name, title, named, basis, contested, note)
