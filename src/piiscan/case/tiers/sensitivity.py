"""Sensitivity profiles: the kinds of sensitive personal information under a dated law or standard.

Profiles are TOML files (``data/sensitivity``): PIPL art. 28, GB/T 35273-2020, GB/T 45574-2025. They
are independent of tiers. ``CN_BANK_CARD -> class of financial accounts``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

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
)


class AgeClass(LegalBasis):
    """Class of sensitive information by the age of the person: under fourteen."""

    title: Translations

    @property
    def id(self) -> str:
        """Return the key of the class in its file."""
        return "under_14"


class SensitiveClass(RulePart):
    """Class of sensitive information: its entities or categories, and its legal basis."""

    kinds: Annotated[Texts, NotEmpty]


class Sensitivity(RuleFile):
    """Sensitivity profile as loaded.

    ``dropped``: kinds that an earlier standard named and this one omits.
    """

    id: Text
    version: Text
    title: Translations
    document: Text
    classes: Annotated[tuple[SensitiveClass, ...], Field(alias="class")]
    under_14: AgeClass | None = None
    dropped: TextSet = frozenset()

    @model_validator(mode="after")
    def _check_kinds(self) -> Self:
        """Raise an error if a kind is in two classes, or in a class and dropped."""
        known: set[str] = set()
        for at, each in enumerate(self.classes):
            if duplicates := sorted(known.intersection(each.kinds)):
                raise broken("rule.twice", "class", at, "kinds", name=duplicates[0])
            known.update(each.kinds)
        if duplicates := sorted(known & self.dropped):
            raise broken("rule.twice", "dropped", name=duplicates[0])
        return self

    def class_of(self, kind: str) -> SensitiveClass | None:
        """Return the class of an entity or category, None if it is not sensitive."""
        return next((each for each in self.classes if kind in each.kinds), None)


@dataclass(frozen=True, slots=True)
class ClassifiedCount:
    """Number of values of a kind, and its class (None: not sensitive)."""

    kind: str
    count: int
    class_: SensitiveClass | AgeClass | None
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
    return read_rule_file(Sensitivity, *find_rule_file(name, sensitivity_folder()))


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
    words: dict[str, Mapping[str, str]] = {profile.id: profile.title}
    under_14 = () if profile.under_14 is None else (profile.under_14,)
    for each in (*profile.classes, *under_14):
        words[f"{profile.id}.{each.id}"] = each.title
        if each.note:
            words[f"{profile.id}.{each.id}.note"] = each.note
    return words
