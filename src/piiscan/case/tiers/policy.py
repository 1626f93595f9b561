"""Policies: rules with thresholds for categories of records, their legal bases and contested lines.

A policy is a TOML file, shipped (``data/policies``) or a user's own. It has lines (thresholds) and
categories, each at one line. Every line names its legal basis and if courts differ. A contested
category names its other lines. An administrative rule has ``levels`` instead of categories: its
lines are numbers of persons, and no ratio is added up.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import cache
from importlib import resources
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import BeforeValidator, Field, PositiveInt, model_validator

from piiscan.case.tiers.rule_file import (
    LegalBasis,
    NotEmpty,
    RuleFile,
    RulePart,
    Text,
    Texts,
    TextSet,
    Translations,
    broken,
    find_rule_file,
    read_rule_file,
    require,
)
from piiscan.errors import CatalogError

#: Line of categories without a threshold; category of kinds that a policy does not name.
NO_LINE: Final = "none"
UNMAPPED: Final = "unmapped"
_BASES: Final = ("sum", "insider", "multiple", "money", "levels")

#: Kind of this file among the attachments of a case.
KIND: Final = "policy"


#: Kinds of event: any, or a fix of a track.
_EVENTS: Final = ("event", "track")


def _parse_share(text: object) -> Fraction:
    """Return the share of an insider threshold: ``1/2``. Raise an error if it is not below 1."""
    match = re.fullmatch(r"([1-9][0-9]*)/([1-9][0-9]*)", text if isinstance(text, str) else "")
    if not match or int(match[1]) >= int(match[2]):
        raise broken("rule.fraction")
    return Fraction(int(match[1]), int(match[2]))


def _parse_day(text: object) -> datetime.date:
    """Return a day: ``2017-06-01``. Raise an error for other text."""
    try:
        return datetime.date.fromisoformat(text if isinstance(text, str) else "")
    except ValueError:
        raise broken("rule.day") from None


Day = Annotated[datetime.date, BeforeValidator(_parse_day)]


class ThresholdLine(RulePart):
    """One threshold. ``singly``: True if its records must be counted and verified one by one."""

    threshold: PositiveInt
    singly: bool


class Category(RulePart):
    """Category of records, with its line and the lines it may have in other readings.

    ``kinds``: sets of entities; a record with all of one set is of this category. ``only``:
    entities; a record with nothing else is of it. ``composed``: only a profile assigns it.
    ``business``: it has the records of public business information, and no others. ``suggested``:
    header words that propose it, ``unless`` another category is proposed. ``event``: its records
    are events; those of a ``track`` are fixes.
    """

    line: Text
    also: Texts = ()
    kinds: tuple[Annotated[TextSet, NotEmpty], ...] = ()
    only: TextSet = frozenset()
    composed: bool = False
    business: bool = False
    suggested: tuple[Annotated[Texts, NotEmpty], ...] = ()
    unless: Text | None = None
    event: Text | None = None

    @model_validator(mode="after")
    def _check_keys(self) -> Self:
        """Raise an error if the keys of the category contradict each other."""
        if not (self.kinds or self.only or self.composed):
            raise broken("rule.no_kinds", "kinds")
        if self.suggested and not self.composed:
            raise broken("rule.composed_only", "suggested")
        if self.contested != bool(self.also):
            raise broken("rule.contested_lines", "also")
        if self.event is not None and self.event not in _EVENTS:
            raise broken("rule.choice", "event", known=_EVENTS)
        if self.line in self.also:
            raise broken("rule.twice", "also", name=self.line)
        return self


class Insider(LegalBasis):
    """Share of a threshold that applies to insiders."""

    share: Annotated[Fraction, BeforeValidator(_parse_share)]


class Multiple(LegalBasis):
    """Factor of the upper line."""

    times: PositiveInt


class Money(LegalBasis):
    """Threshold in yuan."""

    threshold: PositiveInt


class Levels(LegalBasis):
    """Persons whose number is compared with the lines of an administrative rule.

    ``counted``: categories of the first policy; empty for all persons.
    """

    counted: Texts = ()


class Remark(RulePart):
    """Remark on a policy; its title is its ``text``."""

    title: Annotated[Translations, Field(alias="text")]


class Policy(RuleFile):
    """Policy as loaded: ``lines`` by rising threshold, ``categories`` in order of precedence.

    ``accompanying``: entities that need no category of their own (key ``beside``). ``sum``: legal
    basis of the sum of the ratios. ``effective``: first day of the rule; ``repealed``: first day
    without it, by the rule ``repealed_by``; ``replaces``: id of the earlier rule of its matter.
    """

    id: Annotated[str, require(re.compile(r"[a-z0-9][a-z0-9-]*").fullmatch, "rule.file_id")]
    version: Text
    title: Translations
    document: Text
    lines: Annotated[tuple[ThresholdLine, ...], NotEmpty, Field(alias="line")]
    categories: Annotated[tuple[Category, ...], Field(alias="category")] = ()
    accompanying: Annotated[TextSet, Field(alias="beside")] = frozenset()
    effective: Day | None = None
    repealed: Day | None = None
    repealed_by: Text | None = None
    replaces: Text | None = None
    sum: LegalBasis | None = None
    insider: Insider | None = None
    multiple: Multiple | None = None
    money: Money | None = None
    levels: Levels | None = None
    remarks: Annotated[tuple[Remark, ...], Field(alias="remark")] = ()

    @model_validator(mode="after")
    def _check_parts(self) -> Self:
        """Raise an error unless the policy has categories and a sum, or levels alone."""
        parts = {"category": self.categories, "sum": self.sum}
        for key, part in parts.items():
            if bool(part) == (self.levels is not None):
                raise broken("rule.missing" if self.levels is None else "rule.no_levels", key)
        if (self.repealed is None) != (self.repealed_by is None):
            raise broken("rule.missing", "repealed" if self.repealed is None else "repealed_by")
        if self.repealed and self.effective and self.repealed <= self.effective:
            raise broken("rule.day", "repealed")
        return self

    @model_validator(mode="after")
    def _check_lines(self) -> Self:
        """Raise an error unless thresholds rise and categories name lines of this policy."""
        for at, (lower, upper) in enumerate(pairwise(self.lines), 1):
            if upper.threshold <= lower.threshold:
                raise broken("rule.order", "line", at, "threshold")
        names = [line.id for line in self.lines] + [NO_LINE]
        for at, each in enumerate(self.categories):
            for key, line in (("line", each.line), *(("also", other) for other in each.also)):
                if line not in names:
                    raise broken("rule.no_line", "category", at, key, name=line, known=tuple(names))
        return self

    @model_validator(mode="after")
    def _check_unique_ids(self) -> Self:
        """Raise an error if one id names two lines, categories or remarks: titles have ids."""
        seen = {NO_LINE, UNMAPPED, *_BASES}
        tables: tuple[tuple[str, tuple[RulePart, ...]], ...] = (
            ("line", self.lines),
            ("category", self.categories),
            ("remark", self.remarks),
        )
        for key, entries in tables:
            for at, each in enumerate(entries):
                if each.id in seen:
                    raise broken("rule.twice", key, at, "id", name=each.id)
                seen.add(each.id)
        return self

    @property
    def bases(self) -> Mapping[str, LegalBasis]:
        """Return name -> legal basis of sum, insider, multiple and money; only those given."""
        return {key: getattr(self, key) for key in _BASES if getattr(self, key) is not None}

    @property
    def own(self) -> bool:
        """Return True for a rule of the user's: no shipped file has its bytes."""
        return self.sha256 not in _shipped_checksums()

    def line(self, name: str) -> ThresholdLine:
        """Return the line with this id; raise KeyError if it is missing."""
        return {each.id: each for each in self.lines}[name]

    def category(self, name: str) -> Category | None:
        """Return the category with this id, None if the policy has none."""
        return next((each for each in self.categories if each.id == name), None)

    def rank(self, line: str) -> int:
        """Return the rank of a line: 0 for the lowest threshold, highest for NO_LINE."""
        names = [each.id for each in self.lines]
        return names.index(line) if line in names else len(names)

    @property
    def business(self) -> str | None:
        """Return the id of the category of public business information, None if it is missing."""
        return next((each.id for each in self.categories if each.business), None)

    @property
    def apart(self) -> frozenset[str]:
        """Return the ids of the categories that count each if different records of a key have them.

        A person has his name, numbers and accounts once, whatever records have them.
        """
        usual = {each.id for each in self.categories if each.line in (NO_LINE, self.lines[-1].id)}
        own = {each.id for each in self.categories if each.composed and not each.kinds}
        return frozenset(each.id for each in self.categories if each.id not in usual - own)

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
    ('face-cn-2025', 'incident-cn-2025', 'platform-cn-2019', 'tier-cn-2017')
    """
    return tuple(sorted(each.stem for each in policy_folder().glob("*.toml")))


def load_policy(name: str) -> Policy:
    """Load the shipped policy ``name``, or the policy file ``name``. Raise CatalogError if invalid.

    >>> [line.threshold for line in load_policy("tier-cn-2017").lines]
    [50, 500, 5000]
    """
    return read_rule_file(Policy, *find_rule_file(name, policy_folder()))


@cache
def _shipped_checksums() -> frozenset[str]:
    """Return the SHA-256 of every shipped policy."""
    return frozenset(load_policy(name).sha256 for name in shipped_policies())


def choose_policies(
    names: Sequence[str], default: Sequence[str]
) -> tuple[tuple[Policy, ...], tuple[Policy, ...]]:
    """Load rules. Return those with categories and, second, those with levels.

    A shipped rule that one of them replaces is added before it: an act may be older than the new
    one. ``default``: names of the rules to use if no name has categories. Raise CatalogError if a
    rule is invalid or two have one id.
    """
    found: dict[str, Policy] = {}

    def add(policy: Policy) -> None:
        """Add a policy after the one that it replaces."""
        if policy.replaces in shipped_policies() and policy.replaces not in found:
            add(load_policy(str(policy.replaces)))
        if found.setdefault(policy.id, policy).sha256 != policy.sha256:
            raise CatalogError("rule.same_id", id=policy.id)

    for name in names:
        add(load_policy(name))
    if all(each.levels for each in found.values()):
        found = {name: load_policy(name) for name in default} | found
    policies = tuple(found.values())
    return (
        tuple(each for each in policies if not each.levels),
        tuple(each for each in policies if each.levels),
    )


def policy_names(policy: Policy) -> dict[str, Mapping[str, str]]:
    """Return ``POLICY`` and ``POLICY.ID`` -> title of lines, categories, remarks and notes."""
    words: dict[str, Mapping[str, str]] = {policy.id: policy.title}
    parts: tuple[RulePart, ...] = (*policy.lines, *policy.categories, *policy.remarks)
    words |= {f"{policy.id}.{each.id}": each.title for each in parts}
    bases = {**policy.bases, **{each.id: each for each in parts}}
    noted = {key: basis.note for key, basis in bases.items() if basis.note}
    return words | {f"{policy.id}.{key}.note": note for key, note in noted.items()}
