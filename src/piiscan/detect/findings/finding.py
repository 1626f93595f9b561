"""Findings as objects: a finding, and the candidates that lost its place."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Literal, TypeAlias

#: Outcome of the check of a value.
VerdictName: TypeAlias = Literal["verified", "plausible", "refuted"]


@dataclass(frozen=True, slots=True)
class Alternative:
    """Candidate that lost an overlap to a finding."""

    entity: str
    recognizer: str
    start: int
    end: int
    verdict: VerdictName
    score: float
    reason: str | None


@dataclass(frozen=True, slots=True)
class Finding:
    """One piece of personal information in a text. Its repr contains no value.

    ``start``, ``end``: code points, ``text == source[start:end]``. ``value``: canonical value.
    ``verdict``: verified, plausible or refuted. ``score``: 0 to 1. ``context``: context word or
    column label that raised the score. ``reason``: code of the reason for the score. ``role``: role
    of the person (recipient, sender, courier, …) according to the column or the text.
    """

    entity: str
    recognizer: str
    start: int
    end: int
    text: str
    value: str
    verdict: VerdictName
    score: float
    context: str | None
    alternatives: tuple[Alternative, ...] = ()
    reason: str | None = None
    role: str | None = None

    def attributes(self, *, as_of: datetime.date | None = None) -> dict[str, str | int]:
        """Return the attributes encoded in the value: region, birth date, carrier, ….

        ``as_of``: day for ages, today if None. Only ``piiscan.coarse`` of the result may be
        displayed with a masked value.

        >>> import piiscan
        >>> (found,) = piiscan.find('身份证430104190506150016')
        >>> details = found.attributes(as_of=datetime.date(2026, 12, 31))
        >>> details['province'], details['birth_date'], details['sex'], details['age']
        ('湖南省', '1905-06-15', 'male', 121)
        """
        from piiscan.detect.attributes import attributes

        day = as_of or datetime.date.today()
        return attributes(self.entity, self.recognizer, self.value, as_of=day)

    def __repr__(self) -> str:
        """Return entity, recognizer, position, verdict and score, without the value."""
        return (
            f"Finding({self.entity}, {self.recognizer}, {self.start}:{self.end}, "
            f"{self.verdict}, {self.score})"
        )
