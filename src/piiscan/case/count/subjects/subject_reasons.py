"""Subject reasons: why a subject fails, or a warning if it passes, by rules in order of precedence.

``138****8000 -> MASKED``; a valid number of an unknown region ``-> REGION_UNKNOWN``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from piiscan.arrays import Int32
from piiscan.case.count.subjects.record_batches import Flags

#: Codes that a rule gives, in the order in which they are numbered.
REASONS: Final = (
    "NOT_IDENTIFIABLE", "MASKED", "VIRTUAL_NUMBER", "ORG_ONLY", "BARE_PHONE", "LOW_CONFIDENCE",
    "JUDGED_FALSE", "OTHER_PARTY",
)  # fmt: skip
#: Reason number of a subject without a reason.
NO_REASON: Final = -1


@dataclass(frozen=True, slots=True)
class SubjectFacts:
    """Facts of each subject that decide its reason.

    Attributes:
        other_party: it is staff, a dealer or a speaker
        beside_other_party: its record has one of those
        passes: its key is valid
        fails: its key is invalid
        bare: it is a phone number and nothing else
        warning: number of the warning about its identity number or phone, -1 for none
        failing: reason number of the finding that makes its key invalid, -1 for none
        judged: its record has a finding that a person judged false
        masked: its record has a masked value
        has_damaged: its record has a damaged value
        damaged: reason number of the first damaged value of its record
        virtual: its record has a virtual number
        organisation_only: its record has an organisation and nothing personal
    """

    other_party: Flags
    beside_other_party: Flags
    passes: Flags
    fails: Flags
    bare: Flags
    warning: Int32
    failing: Int32
    judged: Flags
    masked: Flags
    has_damaged: Flags
    damaged: Int32
    virtual: Flags
    organisation_only: Flags


def choose_reasons(facts: SubjectFacts, numbers: dict[str, int]) -> Int32:
    """Return the reason number of each subject: that of the first rule that holds, -1 for none.

    ``numbers``: number of each code of REASONS.
    """
    rules: tuple[tuple[Flags, Int32 | int], ...] = (
        (facts.other_party, numbers["OTHER_PARTY"]),
        (facts.passes & (facts.warning >= 0), facts.warning),
        (facts.passes & ~facts.bare, NO_REASON),
        (facts.fails & (facts.failing >= 0), facts.failing),
        (facts.fails, numbers["LOW_CONFIDENCE"]),
        (facts.bare, numbers["BARE_PHONE"]),
        (facts.judged, numbers["JUDGED_FALSE"]),
        (facts.masked, numbers["MASKED"]),
        (facts.has_damaged, facts.damaged),
        (facts.virtual, numbers["VIRTUAL_NUMBER"]),
        (facts.organisation_only, numbers["ORG_ONLY"]),
        (facts.beside_other_party, numbers["OTHER_PARTY"]),
    )
    conditions, reasons = zip(*rules, strict=True)
    chosen: Int32 = np.select(conditions, reasons, numbers["NOT_IDENTIFIABLE"]).astype(np.int32)
    return chosen
