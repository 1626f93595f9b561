"""A rule that weighs counts: lines with thresholds, categories of records, and what is contested.

A policy is a TOML file, shipped (``data/policies``) or a user's own.  Every line names its basis
and says whether courts differ; what is contested names the other readings too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from importlib import resources
from pathlib import Path
from typing import Final

from piiscan.case.tiers.toml_entries import Document, Entry, find_file, read_document

#: The line of what is not counted, and the category of what a policy does not name.
NONE: Final = "none"
UNMAPPED: Final = "unmapped"
_ID: Final = re.compile(r"[a-z][a-z0-9_]*")
_FILE_ID: Final = re.compile(r"[a-z0-9][a-z0-9-]*")

#: What such a file is called where a case keeps it.
KIND: Final = "policy"


@dataclass(frozen=True, slots=True)
class Basis:
    """Where a line of a policy comes from; ``note`` says why it is contested, or how it is read."""

    basis: str
    contested: bool
    note: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Line:
    """One threshold; ``singly``: its records are to be counted and verified one by one."""

    id: str
    threshold: int
    singly: bool
    title: Mapping[str, str]
    basis: Basis


@dataclass(frozen=True, slots=True)
class Category:
    """One kind of record: the line it stands at, and those it may stand at in other readings.

    ``kinds``: sets of entities, any of which makes it; ``only``: records of nothing else;
    ``composed``: a profile says so; ``suggested``: column words that propose it.
    """

    id: str
    title: Mapping[str, str]
    line: str
    also: tuple[str, ...]
    kinds: tuple[frozenset[str], ...]
    only: frozenset[str]
    composed: bool
    suggested: tuple[tuple[str, ...], ...]
    basis: Basis


@dataclass(frozen=True, slots=True)
class Policy:
    """A rule as read; ``lines`` from the lowest threshold, ``categories`` in order of precedence.

    ``insider`` is the share of a threshold, ``multiple`` the factor of the upper line, ``money``
    yuan; None where the rule knows none.  ``bases``: those of sum, insider, multiple and money.
    """

    id: str
    version: str
    title: Mapping[str, str]
    document: str
    lines: tuple[Line, ...]
    categories: tuple[Category, ...]
    beside: frozenset[str]
    insider: Fraction | None
    multiple: int | None
    money: int | None
    bases: Mapping[str, Basis]
    remarks: Mapping[str, tuple[Mapping[str, str], Basis]]
    sha256: str

    def line(self, name: str) -> Line:
        """The line of that id; KeyError if there is none."""
        return next(each for each in self.lines if each.id == name)

    def category(self, name: str) -> Category | None:
        """The category of that id; None for what the policy does not name."""
        return next((each for each in self.categories if each.id == name), None)

    def rank(self, line: str) -> int:
        """0 for the line with the lowest threshold; highest for what is not counted."""
        names = [each.id for each in self.lines]
        return names.index(line) if line in names else len(names)

    @property
    def composed(self) -> frozenset[str]:
        """Categories that only a profile gives."""
        return frozenset(each.id for each in self.categories if each.composed)


def folder() -> Path:
    """Where the shipped policies are."""
    return Path(str(resources.files("piiscan.data").joinpath("policies")))


def shipped_policies() -> tuple[str, ...]:
    """Ids of the shipped policies, sorted.

    >>> shipped_policies()
    ('platform-cn-2019', 'tier-cn-2017')
    """
    return tuple(sorted(each.stem for each in folder().glob("*.toml")))


def load_policy(name: str) -> Policy:
    """The policy shipped under ``name``, or that of the file ``name``; CatalogError if it is none.

    >>> [line.threshold for line in load_policy("tier-cn-2017").lines]
    [50, 500, 5000]
    """
    document = read_document(*find_file(name, folder()))
    top = document.top
    lines = _lines(document)
    names = [line.id for line in lines] + [NONE]
    sum_, insider, multiple, money = (
        top.table(key, document.lines, optional=key != "sum")
        for key in ("sum", "insider", "multiple", "money")
    )
    policy = Policy(
        id=_id(top, "id", pattern=_FILE_ID),
        version=top.text("version"),
        title=top.words("title"),
        document=top.text("document"),
        lines=lines,
        categories=_categories(document, names),
        beside=frozenset(top.texts("beside")),
        insider=_share(insider) if insider else None,
        multiple=multiple.number("times") if multiple else None,
        money=money.number("threshold") if money else None,
        bases=_bases({"sum": sum_, "insider": insider, "multiple": multiple, "money": money}),
        remarks=_remarks(document),
        sha256=document.sha256,
    )
    top.done()
    _refuse_twice(policy, top)
    return policy


def _refuse_twice(policy: Policy, top: Entry) -> None:
    """Nothing; CatalogError where one id stands for two things: names are kept by it."""
    seen = {NONE, UNMAPPED, "sum", "insider", "multiple", "money"}
    for key, names in (
        ("line", [each.id for each in policy.lines]),
        ("category", [each.id for each in policy.categories]),
        ("remark", list(policy.remarks)),
    ):
        for name in names:
            if name in seen:
                raise top.wrong(key, f"{name} is given twice")
            seen.add(name)


def _lines(document: Document) -> tuple[Line, ...]:
    found: list[Line] = []
    for entry in document.top.tables("line", document.lines):
        name = _id(entry, "id")
        threshold = entry.number("threshold")
        if found and threshold <= found[-1].threshold:
            raise entry.wrong("threshold", "lines go from the lowest threshold to the highest")
        singly = entry.flag("singly")
        found.append(Line(name, threshold, singly, entry.words("title"), _basis(entry)))
        entry.done()
    if not found:
        raise document.top.wrong("line", "is missing")
    return tuple(found)


def _categories(document: Document, lines: list[str]) -> tuple[Category, ...]:
    found: dict[str, Category] = {}
    for entry in document.top.tables("category", document.lines):
        name = _id(entry, "id")
        if name in found:
            raise entry.wrong("id", f"{name} is given twice")
        line, also = entry.text("line"), entry.texts("also")
        for key, each in (("line", line), *(("also", other) for other in also)):
            if each not in lines:
                raise entry.wrong(key, f"no line {each}; there are: {', '.join(lines)}")
        category = Category(
            id=name,
            title=entry.words("title"),
            line=line,
            also=also,
            kinds=tuple(frozenset(each) for each in entry.sets("kinds")),
            only=frozenset(entry.texts("only")),
            composed=entry.flag("composed", optional=True),
            suggested=entry.sets("suggested"),
            basis=_basis(entry),
        )
        _check(entry, category)
        entry.done()
        found[name] = category
    if not found:
        raise document.top.wrong("category", "is missing")
    return tuple(found.values())


def _check(entry: Entry, category: Category) -> None:
    """Nothing; CatalogError where the parts of a category do not go together."""
    if not (category.kinds or category.only or category.composed):
        raise entry.wrong("kinds", "one of kinds, only and composed is expected")
    if category.suggested and not category.composed:
        raise entry.wrong("suggested", "goes with composed only")
    if category.basis.contested != bool(category.also):
        raise entry.wrong("also", "what is contested names its other lines, and nothing else does")
    if category.line in category.also:
        raise entry.wrong("also", f"{category.line} is given twice")


def _remarks(document: Document) -> dict[str, tuple[Mapping[str, str], Basis]]:
    found = {}
    for entry in document.top.tables("remark", document.lines, optional=True):
        name = _id(entry, "id")
        if name in found:
            raise entry.wrong("id", f"{name} is given twice")
        found[name] = (entry.words("text"), _basis(entry))
        entry.done()
    return found


def _basis(entry: Entry) -> Basis:
    basis, contested = entry.text("basis"), entry.flag("contested")
    note = entry.words("note", optional=True)
    if contested and not note:
        raise entry.wrong("note", "what is contested needs a note")
    return Basis(basis, contested, note)


def _bases(tables: Mapping[str, Entry | None]) -> dict[str, Basis]:
    """The basis of each table that is there; whatever else it holds was asked for before."""
    found = {}
    for key, entry in tables.items():
        if entry is not None:
            found[key] = _basis(entry)
            entry.done()
    return found


def _share(entry: Entry) -> Fraction:
    text = entry.text("share")
    found = re.fullmatch(r"([1-9][0-9]*)/([1-9][0-9]*)", text)
    if not found or int(found[1]) >= int(found[2]):
        raise entry.wrong("share", "a fraction below 1 is expected, such as 1/2")
    return Fraction(int(found[1]), int(found[2]))


def _id(entry: Entry, key: str, *, pattern: re.Pattern[str] = _ID) -> str:
    name = entry.text(key)
    if not pattern.fullmatch(name):
        raise entry.wrong(key, "small letters, digits and _ are expected (- in the id of a file)")
    return name


def vocabulary(policy: Policy) -> dict[str, Mapping[str, str]]:
    """What the policy, its lines, categories, remarks and notes are called, by ``id.X``."""
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
