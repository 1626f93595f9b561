"""Sampling basis: the count, policy and composition profile of a sample.

The basis also has the display names for the verification sheet.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from piiscan.case.count.reopen import reopen_count, require_count
from piiscan.case.sampling.record_texts import DisplayNames
from piiscan.case.sampling.sampling_frame import ALGORITHM, Frame, Grouping, Step
from piiscan.case.sampling.verification_form import ROWS_PER_SHEET
from piiscan.case.store.attachments import all_attachments
from piiscan.case.store.case import Case
from piiscan.case.store.connection import connect
from piiscan.case.store.count_store import Count
from piiscan.case.tiers import (
    NO_COMPOSITION,
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
class SampleRequest:
    """Options of ``piiscan sample``: sample size, step, strata, seed, policy and language.

    Args:
        size: records to draw; None for a sheet with every record of the step.
        frame: records that are counted, called repetitions, left out, or rows without findings.
        singly: only records that the policy wants verified one by one.
        seed: seed of the draw; empty for the SHA-256 of the count, which no person can choose.
        rows: most rows of one workbook.
        clear: write clear values; needs the key of the case and reads the sources again.
    """

    size: int | None = DEFAULT_SIZE
    frame: Frame = "counted"
    step: Step = "R5"
    by: Grouping = "source"
    minimum: int = DEFAULT_MINIMUM
    seed: str = ""
    singly: bool = False
    policy: str = DEFAULT_POLICY
    profile: Path | None = None
    language: Language = "zh"
    rows: int = ROWS_PER_SHEET
    clear: bool = False


@dataclass(frozen=True, slots=True)
class SamplingBasis:
    """Sampling basis: a count, the request, the policy, and the composition of each part.

    ``composition_of`` returns the profile's composition of (source, member); None if the count had
    no profile.
    """

    case: Case
    count: Count
    request: SampleRequest
    policy: Policy
    composition_of: Callable[[int, str], Composition] | None
    profile_sha256: str | None

    @classmethod
    def load(cls, case: Case, count: Count, request: SampleRequest) -> SamplingBasis:
        """Load the policy and profile of ``request`` and return the basis of a sample.

        Raise CatalogError if the policy or profile is invalid. Raise CaseError if the count used
        another profile.
        """
        policy = load_policy(request.policy)
        category_ids = {each.id for each in policy.categories}
        profile_sha256 = count.content["asked"].get("profile")
        attached = {each.sha256: each.path for each in all_attachments(case.path, PROFILE)}
        file = request.profile or attached.get(profile_sha256)
        profile = None if file is None else load_profile(file, category_ids)
        if profile_sha256 is not None and (profile is None or profile.sha256 != profile_sha256):
            raise CaseError("count.profile_needed")
        if profile is None:
            return cls(case, count, request, policy, None, None)
        headers: dict[tuple[int, str], list[str]] = {}
        for part in case.stored("parts").to_pylist():
            part_headers = [each["header"] or "" for each in json.loads(part["columns"])]
            headers.setdefault((part["source"], part["member"]), []).extend(part_headers)
        paths = {each["source"]: each["path"] for each in case.manifest.content["sources"]}

        @cache
        def of_part(source: int, member: str) -> Composition:
            """Return the composition that the profile assigns to the part."""
            part_headers = headers.get((source, member), [])
            return profile.composition(paths[source], member=member, headers=part_headers)

        return cls(case, count, request, policy, of_part, profile.sha256)

    @property
    def seed(self) -> str:
        """Return the seed of the draw: the requested seed, else the SHA-256 of the count."""
        return self.request.seed or self.count.sha256

    @property
    def lines_verified_singly(self) -> set[str]:
        """Return the ids of the policy lines that require verification one by one."""
        return {each.id for each in self.policy.lines if each.singly}

    def settings(self) -> dict[str, Any]:
        """Return all settings that determine the sheets, as stored in ``sample.json``."""
        request, sampled = self.request, self.request.size is not None
        return {
            "count": self.count.path.name,
            "count_sha256": self.count.sha256,
            "frame": request.frame,
            "step": request.step,
            "by": request.by,
            "size": request.size,
            "minimum": request.minimum if sampled else None,
            "seed": self.seed if sampled else None,
            "algorithm": ALGORITHM if sampled else None,
            "singly": request.singly,
            "policy": self.policy.id,
            "policy_sha256": self.policy.sha256,
            "profile_sha256": self.profile_sha256,
        }

    def count_database(self) -> AbstractContextManager[Any]:
        """Yield the count's DuckDB database, with its register and its period."""
        return reopen_count(self.case, self.count)

    def categories(self, source: int, member: str, combination: str) -> tuple[str, bool]:
        """Return the record's categories (``A+B``), and True if it must be verified singly.

        ``combination``: entities of the record joined by ``+``, e.g. ``CN_MOBILE+PERSON``.
        """
        composition = self.composition_of(source, member) if self.composition_of else NO_COMPOSITION
        found = categories_of(self.policy, combination, composition=composition)
        return found, line_of(found, self.policy) in self.lines_verified_singly

    def count_disputed(self, kinds: Mapping[str, int]) -> int:
        """Return the number of records that at least one reading verifies one by one.

        ``kinds``: categories joined by ``+`` -> number of records.
        """
        return sum(
            n
            for name, n in kinds.items()
            if lines_of(name, self.policy) & self.lines_verified_singly
        )

    def display_names(self) -> DisplayNames:
        """Return the names of sources, members and entities in the language of the sheet.

        Names are masked unless the sheet is clear.
        """
        language = self.request.language
        shown = {} if self.request.clear else self.case.shown()
        entities = self.case.manifest.content["vocabulary"]["entities"]
        return DisplayNames(
            paths=self.case.source_names(clear=self.request.clear),
            members=shown,
            kinds={code: words.get(language, code) for code, words in entities.items()},
            strata={},
            words=self.case.words(language),
        )

    def stratum_titles(self, names: Iterable[str]) -> dict[str, dict[str, str]]:
        """Return stratum name -> language -> title, for the strata ``names``.

        Sources are titled by their masked path, categories by the policy. Strata by suspect or item
        have no extra title and are left out.
        """
        if self.request.by == "source":
            paths = self.case.source_names()
            return {name: dict.fromkeys(("zh", "en"), paths[int(name)]) for name in names}
        if self.request.by == "kind":
            return {name: self._category_titles(name) for name in names}
        return {}

    def _category_titles(self, categories: str) -> dict[str, str]:
        """Return language -> title of the categories, joined by `` + ``.

        Return the codes if no category has a title.
        """
        found = [self.policy.category(name) for name in categories.split("+")]
        titles = [each.title for each in found if each is not None]
        return {
            language: " + ".join(title[language] for title in titles) or categories
            for language in ("zh", "en")
        }


def count_singly(case: Case, findings: Iterable[Mapping[str, Any]]) -> int:
    """Return how many findings stand in records that the policy wants verified one by one.

    ``findings``: rows of ``findings_page``. Raise CaseError if the case was not counted.
    """
    basis = SamplingBasis.load(case, require_count(case), SampleRequest())
    wanted = [(r["source"], r["member"], r["record"], r["group"]) for r in findings]
    shards = case.source_shards("records")
    files = dict.fromkeys(shards[each] for each in {place[0] for place in wanted} & shards.keys())
    if not files:
        return 0
    with connect(case.path / "tmp") as connection:
        records = connection.execute(
            'select source, member, row, "group", combination from read_parquet(?)'
            " where row in (select unnest(?))",
            [list(map(str, files)), [place[2] for place in wanted]],
        ).fetchall()
    singly = {
        (source, member, row, group)
        for source, member, row, group, combination in records
        if basis.categories(source, member, combination)[1]
    }
    return sum(place in singly for place in wanted)
