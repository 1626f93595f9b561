"""Rules of a count: key order, period, policies, exclusions, judgements, words of the catalogue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from piiscan.case.count.count_database import NO_BOUNDS, Period
from piiscan.case.count.subjects.exclusion_list import DigestFunction
from piiscan.case.count.subjects.exclusions import ExclusionLine
from piiscan.case.count.subjects.judgements import Judgement
from piiscan.case.count.subjects.key_priority import KeyPriorities
from piiscan.case.flow.parties import FlowSettings
from piiscan.case.tiers import NO_COMPOSITION, Composition, Policy, Profile, Sensitivity
from piiscan.case.tiers.tier_cells import rule_words
from piiscan.detect.catalog.role_classes import RoleClasses

#: Key of records that are written down as values instead of scanned.
LITERAL_KEY: Final = bytes(32)


@dataclass(frozen=True, slots=True)
class TierRules:
    """Rules of a count: policies, sensitivity profiles, and the profile of the material or None.

    ``levels``: administrative policies, which have levels instead of categories.
    """

    policies: tuple[Policy, ...] = ()
    sensitivities: tuple[Sensitivity, ...] = ()
    profile: Profile | None = None
    levels: tuple[Policy, ...] = ()

    @property
    def all_policies(self) -> tuple[Policy, ...]:
        """Return the policies with categories, then those with levels."""
        return (*self.policies, *self.levels)

    def facts(self) -> dict[str, Any]:
        """Return names, versions and checksums of the rules, as JSON values."""
        named = {p.id: {"version": p.version, "sha256": p.sha256} for p in self.all_policies}
        named |= {s.id: {"version": s.version, "sha256": s.sha256} for s in self.sensitivities}
        return {
            "policies": [policy.id for policy in self.policies],  # the first one governs
            "rules": named,
            "profile": self.profile.sha256 if self.profile else None,
        }

    def words(self) -> dict[str, Mapping[str, str]]:
        """Return rule id -> title by language, for the rules and their lines and categories."""
        return rule_words(self.all_policies, self.sensitivities)

    def composition(self, path: str, member: str, headers: Sequence[str]) -> Composition:
        """Return the categories that the profile assigns to one part of the source ``path``."""
        if self.profile is None:
            return NO_COMPOSITION
        return self.profile.composition(path, member=member, headers=headers)


def _no_digests(_: str) -> Sequence[bytes]:
    """Return no digest: the key of the case is unknown."""
    return ()


@dataclass(frozen=True, slots=True)
class CountRules:
    """Rules of a count, all as values.

    Attributes:
        priorities: order of the kinds of key, for all sources or some
        period: days that are counted
        tiers: policies, sensitivity profiles and the profile of the material
        exclusions: lines of the exclusion list
        value_digests: function from a value of that list to its digests
        judgements: findings that a person called false or overlooked
        flow: aliases and joint groups of the register, digests of names
        as_of: day of the scan, ``2024-12-31``
        key: digest key, by which stored birthdays are read; None if it is unknown. Default: that of
            literal records
        owner_classes: entity -> class (person, organisation …)
        role_classes: classes of the roles
    """

    priorities: KeyPriorities = field(default_factory=KeyPriorities)
    period: Period = NO_BOUNDS
    tiers: TierRules = field(default_factory=TierRules)
    exclusions: tuple[ExclusionLine, ...] = ()
    value_digests: DigestFunction = field(default=_no_digests, repr=False)
    judgements: tuple[Judgement, ...] = ()
    flow: FlowSettings = field(default_factory=FlowSettings)
    as_of: str = ""
    key: bytes | None = field(default=LITERAL_KEY, repr=False)
    owner_classes: Mapping[str, str] = field(default_factory=dict, repr=False)
    role_classes: RoleClasses = field(default_factory=lambda: RoleClasses({}), repr=False)
