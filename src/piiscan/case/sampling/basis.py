"""What records are sampled by: the rule, what the material is, how things are called."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from piiscan.case.count.reopen import reopened
from piiscan.case.sampling.record_texts import Names
from piiscan.case.sampling.sampling_frame import ALGORITHM, By, Step
from piiscan.case.sampling.verification_form import ROWS_A_SHEET
from piiscan.case.store.attachments import all_handed
from piiscan.case.store.case import Case
from piiscan.case.store.count_store import Count
from piiscan.case.tiers import (
    NOTHING,
    Composition,
    Policy,
    categories_of,
    load_policy,
    load_profile,
)
from piiscan.case.tiers.assessment import line_of, lines_of
from piiscan.case.tiers.composition import KIND as PROFILE
from piiscan.errors import CaseError
from piiscan.forms.schema import Language

DEFAULT_SIZE: Final = 400
DEFAULT_MINIMUM: Final = 5
DEFAULT_POLICY: Final = "tier-cn-2017"


@dataclass(frozen=True, slots=True)
class Asked:
    """What sheets are asked for: a sample of ``size``, or (None) every record of a step.

    ``singly``: of these only the ones at lines that are to be verified one by one.  ``seed`` empty:
    the SHA-256 of the count, which nobody chose.  ``clear``: sheets with values as they are, for
    which the case's ``key`` is needed, and sources are read again.
    """

    size: int | None = DEFAULT_SIZE
    step: Step = "R5"
    by: By = "source"
    minimum: int = DEFAULT_MINIMUM
    seed: str = ""
    singly: bool = False
    policy: str = DEFAULT_POLICY
    profile: Path | None = None
    language: Language = "zh"
    rows: int = ROWS_A_SHEET
    clear: bool = False
    key: Path | None = None
    recognizers: Path | None = None


def _kept(case: Case, sha256: str | None) -> Path | None:
    """The profile of a count as the case keeps it; None if it had none."""
    kept = (each for each in all_handed(case.path, PROFILE) if each.sha256 == sha256)
    return next((case.path / each.name for each in kept), None)


@dataclass(frozen=True, slots=True)
class Basis:
    """A count, what is asked of it, and the rules by which its records are told apart."""

    case: Case
    count: Count
    asked: Asked
    policy: Policy
    of_part: Callable[[int, str], Composition] | None
    profile_sha256: str | None

    @classmethod
    def of(cls, case: Case, count: Count, asked: Asked) -> Basis:
        """The basis of sheets; CatalogError if rule or profile cannot be used."""
        policy = load_policy(asked.policy)
        known = {each.id for each in policy.categories}
        wanted = count.content["asked"].get("profile")
        file = asked.profile or _kept(case, wanted)
        profile = None if file is None else load_profile(file, known)
        if wanted is not None and (profile is None or profile.sha256 != wanted):
            raise CaseError("the count was made with a profile; give the same one (--profile)")
        if profile is None:
            return cls(case, count, asked, policy, None, None)
        headers: dict[tuple[int, str], list[str]] = {}
        for part in case.stored("parts").to_pylist():
            named = [each["header"] or "" for each in json.loads(part["columns"])]
            headers.setdefault((part["source"], part["member"]), []).extend(named)
        paths = {each["source"]: each["path"] for each in case.manifest.content["sources"]}

        @cache
        def of_part(source: int, member: str) -> Composition:
            named = headers.get((source, member), [])
            return profile.composition(paths[source], member=member, headers=named)

        return cls(case, count, asked, policy, of_part, profile.sha256)

    @property
    def seed(self) -> str:
        """The seed of the drawing."""
        return self.asked.seed or self.count.sha256

    @property
    def singly(self) -> set[str]:
        """Lines whose records are to be verified one by one."""
        return {each.id for each in self.policy.lines if each.singly}

    def settings(self) -> dict[str, Any]:
        """All that the sheets depend on."""
        asked, sampled = self.asked, self.asked.size is not None
        return {
            "count": self.count.path.name,
            "count_sha256": self.count.sha256,
            "step": asked.step,
            "by": asked.by,
            "size": asked.size,
            "minimum": asked.minimum if sampled else None,
            "seed": self.seed if sampled else None,
            "algorithm": ALGORITHM if sampled else None,
            "singly": asked.singly,
            "policy": self.policy.id,
            "policy_sha256": self.policy.sha256,
            "profile_sha256": self.profile_sha256,
        }

    def board(self) -> AbstractContextManager[Any]:
        """The count's tables in DuckDB, with the register and the days that it had."""
        return reopened(self.case, self.count)

    def categories(self, source: int, member: str, combination: str) -> tuple[str, bool]:
        """The categories of a record, and whether it is to be verified one by one."""
        said = self.of_part(source, member) if self.of_part else NOTHING
        found = categories_of(self.policy, combination, composition=said)
        return found, line_of(found, self.policy) in self.singly

    def disputed(self, kinds: Mapping[str, int]) -> int:
        """How many of these records another reading would verify one by one."""
        return sum(n for name, n in kinds.items() if lines_of(name, self.policy) & self.singly)

    def names(self) -> Names:
        """How sheets call things, in their language."""
        language = self.asked.language
        shown = {} if self.asked.clear else self.case.shown()
        entities = self.case.manifest.content["vocabulary"]["entities"]
        return Names(
            paths=self.case.source_names(clear=self.asked.clear),
            members=shown,
            kinds={code: words.get(language, code) for code, words in entities.items()},
            strata={},
        )

    def strata(self, names: Iterable[str]) -> dict[str, dict[str, str]]:
        """What strata are called in both languages; those that are names themselves are left out.

        Sources by their path, as it may be shown; kinds as the rule calls them.
        """
        if self.asked.by == "source":
            paths = self.case.source_names()
            return {name: dict.fromkeys(("zh", "en"), paths[int(name)]) for name in names}
        if self.asked.by == "kind":
            return {name: self._kinds(name) for name in names}
        return {}

    def _kinds(self, categories: str) -> dict[str, str]:
        found = [self.policy.category(name) for name in categories.split("+")]
        titles = [each.title for each in found if each is not None]
        return {
            language: " + ".join(title[language] for title in titles) or categories
            for language in ("zh", "en")
        }
