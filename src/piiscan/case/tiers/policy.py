"""Policies: rules with thresholds for categories of records, their legal bases and contested lines.

A policy is a TOML file, shipped (``data/policies``) or a user's own. It has lines (thresholds) and
categories, each at one line. Every line names its legal basis and if courts differ. A contested
category names its other lines.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from importlib import resources
from pathlib import Path
from typing import Final

from piiscan.case.tiers.toml_entries import TomlDocument, TomlTable, find_rule_file, read_toml

#: Line of categories without a threshold; category of kinds that a policy does not name.
NO_LINE: Final = "none"
UNMAPPED: Final = "unmapped"
_ID: Final = re.compile(r"[a-z][a-z0-9_]*")
_FILE_ID: Final = re.compile(r"[a-z0-9][a-z0-9-]*")

#: Kind of this file among the attachments of a case.
KIND: Final = "policy"


@dataclass(frozen=True, slots=True)
class LegalBasis:
    """Legal basis of a part of a policy.

    ``note``: reason why it is contested, or how to read it, in both languages.
    """

    basis: str
    contested: bool
    note: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ThresholdLine:
    """One threshold. ``singly``: True if its records must be counted and verified one by one."""

    id: str
    threshold: int
    singly: bool
    title: Mapping[str, str]
    basis: LegalBasis


@dataclass(frozen=True, slots=True)
class Category:
    """Category of records, with its line and the lines it may have in other readings.

    ``kinds``: sets of entities; a record with all of one set is of this category. ``only``:
    entities; a record with nothing else is of it. ``composed``: only a profile assigns it.
    ``suggested``: header words that propose it.
    """

    id: str
    title: Mapping[str, str]
    line: str
    also: tuple[str, ...]
    kinds: tuple[frozenset[str], ...]
    only: frozenset[str]
    composed: bool
    suggested: tuple[tuple[str, ...], ...]
    basis: LegalBasis


@dataclass(frozen=True, slots=True)
class Policy:
    """Policy as loaded: ``lines`` by rising threshold, ``categories`` in order of precedence.

    ``insider``: share of a threshold for insiders. ``multiple``: factor of the upper line.
    ``money``: threshold in yuan. All three are None if the rule has none. ``accompanying``:
    entities that need no category of their own (key ``beside``). ``bases``: legal bases of sum,
    insider, multiple and money.
    """

    id: str
    version: str
    title: Mapping[str, str]
    document: str
    lines: tuple[ThresholdLine, ...]
    categories: tuple[Category, ...]
    accompanying: frozenset[str]
    insider: Fraction | None
    multiple: int | None
    money: int | None
    bases: Mapping[str, LegalBasis]
    remarks: Mapping[str, tuple[Mapping[str, str], LegalBasis]]
    sha256: str

    def line(self, name: str) -> ThresholdLine:
        """Return the line with this id. Raise StopIteration if there is none."""
        return next(each for each in self.lines if each.id == name)

    def category(self, name: str) -> Category | None:
        """Return the category with this id, None if the policy has none."""
        return next((each for each in self.categories if each.id == name), None)

    def rank(self, line: str) -> int:
        """Return the rank of a line: 0 for the lowest threshold, highest for NO_LINE."""
        names = [each.id for each in self.lines]
        return names.index(line) if line in names else len(names)

    @property
    def composed(self) -> frozenset[str]:
        """Return the ids of the categories that only a profile assigns."""
        return frozenset(each.id for each in self.categories if each.composed)


def policy_folder() -> Path:
    """Return the folder of the shipped policies."""
    return Path(str(resources.files("piiscan.data").joinpath("policies")))


def shipped_policies() -> tuple[str, ...]:
    """Return the ids of the shipped policies, sorted.

    >>> shipped_policies()
    ('platform-cn-2019', 'tier-cn-2017')
    """
    return tuple(sorted(each.stem for each in policy_folder().glob("*.toml")))


def load_policy(name: str) -> Policy:
    """Load the shipped policy ``name``, or the policy file ``name``. Raise CatalogError if invalid.

    >>> [line.threshold for line in load_policy("tier-cn-2017").lines]
    [50, 500, 5000]
    """
    document = read_toml(*find_rule_file(name, policy_folder()))
    top = document.top
    lines = _read_lines(document)
    names = [line.id for line in lines] + [NO_LINE]
    sum_, insider, multiple, money = (
        top.table(key, document.lines, optional=key != "sum")
        for key in ("sum", "insider", "multiple", "money")
    )
    policy = Policy(
        id=_read_id(top, "id", pattern=_FILE_ID),
        version=top.text("version"),
        title=top.translations("title"),
        document=top.text("document"),
        lines=lines,
        categories=_read_categories(document, names),
        accompanying=frozenset(top.texts("beside")),
        insider=_read_share(insider) if insider else None,
        multiple=multiple.number("times") if multiple else None,
        money=money.number("threshold") if money else None,
        bases=_read_bases({"sum": sum_, "insider": insider, "multiple": multiple, "money": money}),
        remarks=_read_remarks(document),
        sha256=document.sha256,
    )
    top.reject_unknown_keys()
    _check_unique_ids(policy, top)
    return policy


def _check_unique_ids(policy: Policy, top: TomlTable) -> None:
    """Raise CatalogError if one id names two lines, categories or remarks.

    Titles are stored by id.
    """
    seen = {NO_LINE, UNMAPPED, "sum", "insider", "multiple", "money"}
    for key, names in (
        ("line", [each.id for each in policy.lines]),
        ("category", [each.id for each in policy.categories]),
        ("remark", list(policy.remarks)),
    ):
        for name in names:
            if name in seen:
                raise top.error(key, f"{name} is given twice")
            seen.add(name)


def _read_lines(document: TomlDocument) -> tuple[ThresholdLine, ...]:
    """Return the threshold lines of a policy file; raise CatalogError unless they rise."""
    found: list[ThresholdLine] = []
    for entry in document.top.tables("line", document.lines):
        name = _read_id(entry, "id")
        threshold = entry.number("threshold")
        if found and threshold <= found[-1].threshold:
            raise entry.error("threshold", "lines go from the lowest threshold to the highest")
        singly = entry.flag("singly")
        found.append(
            ThresholdLine(name, threshold, singly, entry.translations("title"), _read_basis(entry))
        )
        entry.reject_unknown_keys()
    if not found:
        raise document.top.error("line", "is missing")
    return tuple(found)


def _read_categories(document: TomlDocument, lines: list[str]) -> tuple[Category, ...]:
    """Return the categories of a policy file; raise CatalogError for an invalid id or line."""
    found: dict[str, Category] = {}
    for entry in document.top.tables("category", document.lines):
        name = _read_id(entry, "id")
        if name in found:
            raise entry.error("id", f"{name} is given twice")
        line, also = entry.text("line"), entry.texts("also")
        for key, each in (("line", line), *(("also", other) for other in also)):
            if each not in lines:
                raise entry.error(key, f"no line {each}; there are: {', '.join(lines)}")
        category = Category(
            id=name,
            title=entry.translations("title"),
            line=line,
            also=also,
            kinds=tuple(frozenset(each) for each in entry.sets("kinds")),
            only=frozenset(entry.texts("only")),
            composed=entry.flag("composed", optional=True),
            suggested=entry.sets("suggested"),
            basis=_read_basis(entry),
        )
        _check_category(entry, category)
        entry.reject_unknown_keys()
        found[name] = category
    if not found:
        raise document.top.error("category", "is missing")
    return tuple(found.values())


def _check_category(entry: TomlTable, category: Category) -> None:
    """Raise CatalogError if the keys of a category contradict each other."""
    if not (category.kinds or category.only or category.composed):
        raise entry.error("kinds", "one of kinds, only and composed is expected")
    if category.suggested and not category.composed:
        raise entry.error("suggested", "goes with composed only")
    if category.basis.contested != bool(category.also):
        raise entry.error("also", "what is contested names its other lines, and nothing else does")
    if category.line in category.also:
        raise entry.error("also", f"{category.line} is given twice")


def _read_remarks(document: TomlDocument) -> dict[str, tuple[Mapping[str, str], LegalBasis]]:
    """Return id -> (text, legal basis) of the ``[[remark]]`` tables of a policy file."""
    found = {}
    for entry in document.top.tables("remark", document.lines, optional=True):
        name = _read_id(entry, "id")
        if name in found:
            raise entry.error("id", f"{name} is given twice")
        found[name] = (entry.translations("text"), _read_basis(entry))
        entry.reject_unknown_keys()
    return found


def _read_basis(entry: TomlTable) -> LegalBasis:
    """Return the legal basis in a table; raise CatalogError if contested without a note."""
    basis, contested = entry.text("basis"), entry.flag("contested")
    note = entry.translations("note", optional=True)
    if contested and not note:
        raise entry.error("note", "what is contested needs a note")
    return LegalBasis(basis, contested, note)


def _read_bases(tables: Mapping[str, TomlTable | None]) -> dict[str, LegalBasis]:
    """Return name -> legal basis of each table that is present; reject unknown keys."""
    found = {}
    for key, entry in tables.items():
        if entry is not None:
            found[key] = _read_basis(entry)
            entry.reject_unknown_keys()
    return found


def _read_share(entry: TomlTable) -> Fraction:
    """Return the share of an insider threshold: ``1/2``. Raise CatalogError if not below 1."""
    text = entry.text("share")
    match = re.fullmatch(r"([1-9][0-9]*)/([1-9][0-9]*)", text)
    if not match or int(match[1]) >= int(match[2]):
        raise entry.error("share", "a fraction below 1 is expected, such as 1/2")
    return Fraction(int(match[1]), int(match[2]))


def _read_id(entry: TomlTable, key: str, *, pattern: re.Pattern[str] = _ID) -> str:
    """Return the id under ``key``; raise CatalogError if it does not match ``pattern``."""
    name = entry.text(key)
    if not pattern.fullmatch(name):
        raise entry.error(key, "small letters, digits and _ are expected (- in the id of a file)")
    return name


def policy_names(policy: Policy) -> dict[str, Mapping[str, str]]:
    """Return ``POLICY`` and ``POLICY.ID`` -> title of lines, categories, remarks and notes."""
    words: dict[str, Mapping[str, str]] = {policy.id: policy.title}
    bases = dict(policy.bases)
    for line in policy.lines:
        words[f"{policy.id}.{line.id}"] = line.title
        bases[line.id] = line.basis
    for category in policy.categories:
        words[f"{policy.id}.{category.id}"] = category.title
        bases[category.id] = category.basis
    for key, (text, basis) in policy.remarks.items():
        words[f"{policy.id}.{key}"] = text
        bases[key] = basis
    noted = {key: basis.note for key, basis in bases.items() if basis.note}
    return words | {f"{policy.id}.{key}.note": note for key, note in noted.items()}
