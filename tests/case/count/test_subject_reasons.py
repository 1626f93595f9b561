"""The reasons' table gives what nine assignments, each over the one before, gave."""

from __future__ import annotations

from itertools import product
from typing import Any, Final

import numpy as np
import pytest

from piiscan.arrays import Int32, Int64
from piiscan.case.count.subjects.elements import N_IDENTIFYING, Element
from piiscan.case.count.subjects.grouping import BatchRoles, SubjectGroups
from piiscan.case.count.subjects.key_priority import KeyPriority
from piiscan.case.count.subjects.record_batches import FindingBatch, Flags
from piiscan.case.count.subjects.record_flags import RecordFlags
from piiscan.case.count.subjects.record_keys import SubjectElements, SubjectKeys
from piiscan.case.count.subjects.record_subjects import (
    FOUND,
    IDENTIFIABLE,
    PASSED,
    CountContext,
    CountSource,
    _SubjectRows,
)
from piiscan.case.count.subjects.subject_reasons import REASONS, SubjectFacts, choose_reasons
from piiscan.detect.catalog.role_classes import RoleClasses

OLD_REASONS: Final = (
    "NOT_IDENTIFIABLE", "MASKED", "VIRTUAL_NUMBER", "ORG_ONLY", "BARE_PHONE", "LOW_CONFIDENCE",
    "JUDGED_FALSE", "OTHER_PARTY",
)  # fmt: skip
#: Reasons of findings, "" for none.
FINDING_REASONS: Final = ("CHECK_FAIL", "TRUNCATED", "REGION_UNKNOWN", "PREFIX_UNALLOTTED", "")


def reference(rows: Any, identifiable: Flags, bare: Flags, step: Int64) -> Int32:
    """The reasons as they were before the table: a later assignment wins."""
    not_identifiable, masked, virtual, organisation_only, phone, low_score, *_ = (
        rows.context.reasons(*OLD_REASONS)
    )
    record = rows.grouped.record
    reason = np.full(len(record), not_identifiable, np.int32)
    nothing = ~rows.elements.has(*(Element(n) for n in range(Element.PERSONAL)))
    nothing &= ~rows._any(Element.PERSONAL)[record]
    reason[nothing & rows._any(Element.ORGANISATION)[record]] = organisation_only
    reason[rows._any(Element.VIRTUAL)[record]] = virtual
    damaged = rows._first(Element.DAMAGED)[record]
    is_damaged = damaged >= 0
    reason[is_damaged] = rows.batch.reason[damaged[is_damaged]]
    reason[rows._any(Element.MASKED)[record]] = masked
    reason[bare] = phone
    failed = (identifiable | bare) & (step == IDENTIFIABLE)
    against = rows.subject_keys.failing_finding
    finding_reason = (
        np.where(against >= 0, rows.batch.reason[against], -1) if len(rows.batch) else against
    )
    reason[failed] = np.where(finding_reason[failed] >= 0, finding_reason[failed], low_score)
    passed = step == PASSED
    reason[passed & ~bare] = -1
    included = reference_warnings(rows)
    reason[passed & (included >= 0)] = included[passed & (included >= 0)]
    return reason


def reference_warnings(rows: Any) -> Int32:
    """The warnings as they were before the table."""
    found = np.full(len(rows.grouped), -1, np.int32)
    codes = rows.context.reasons("REGION_UNKNOWN", "PREFIX_UNALLOTTED")
    for element in (Element.IDENTITY, Element.MOBILE):
        place = rows.elements.valid[:, int(element)]
        reason = np.where(place >= 0, rows.batch.reason[place], -1)
        found = np.where((found < 0) & np.isin(reason, codes), reason, found)
    return found.astype(np.int32)


def subject_rows(
    record_findings: list[list[tuple[Element, str]]],
    subjects: list[tuple[bool, str | None, str | None, str | None]],
) -> _SubjectRows:
    """The rows of records with these findings, each with all ``subjects``.

    A subject: it has a name; the reason of its identity number and of its phone, and of the finding
    that makes its key invalid, None without one.
    """
    context = CountContext({}, frozenset(), RoleClasses({}))
    number = dict(zip(FINDING_REASONS, context.reasons(*FINDING_REASONS[:-1]), strict=False))
    # The first findings are those that subjects refer to.
    listed = [(Element.OTHER, reason) for reason in FINDING_REASONS]
    starts = []
    for findings in record_findings:
        starts.append(len(listed))
        listed += [(Element.OTHER, ""), *findings]
    starts[0] = 0
    reasons = np.array([number.get(reason, -1) for _, reason in listed], np.int32)
    size, count = len(listed), len(subjects)
    place = {None: -1, **{reason: at for at, reason in enumerate(FINDING_REASONS)}}
    valid = np.full((count, N_IDENTIFYING), -1, np.int64)
    for row, (named, identity, mobile, _) in enumerate(subjects):
        valid[row, Element.NAME] = 0 if named else -1
        valid[row, Element.IDENTITY], valid[row, Element.MOBILE] = place[identity], place[mobile]
    records = len(record_findings)
    none = np.full(size, -1, np.int32)
    batch = FindingBatch(
        none, np.arange(size), np.ones(size, np.bool_), none, none, none, none, none, reasons,
        np.zeros(size, np.bool_), np.ones(size), np.zeros((size, 2), np.uint64),
    )  # fmt: skip
    total = records * count
    failing = np.tile(np.array([place[each] for *_, each in subjects], np.int64), records)
    no_codes, no_words = np.full(records, -1, np.int32), np.zeros((records, 2), np.uint64)
    return _SubjectRows(
        CountSource(1, (), (), KeyPriority(), {}),
        batch,
        context,
        np.array([element for element, _ in listed], np.int64),
        SubjectGroups(
            np.array(starts), np.repeat(np.arange(records), count), np.full(total, -1), none,
            np.arange(records) * count,
        ),
        BatchRoles.of([], context.role_classes),
        SubjectElements(np.tile(valid, (records, 1)), np.full((total, N_IDENTIFYING), -1)),
        SubjectKeys(
            np.full(total, -1, np.int32), np.zeros((total, 2), np.uint64),
            np.zeros(total, np.bool_), failing, np.zeros(total, np.bool_),
        ),
        RecordFlags(no_codes, no_codes, no_words, no_words, np.zeros(records, np.bool_)),
        np.zeros(size, np.bool_),
    )  # fmt: skip


@pytest.mark.parametrize("step", [FOUND, IDENTIFIABLE, PASSED])
@pytest.mark.parametrize("bare", [False, True])
@pytest.mark.parametrize("identifiable", [False, True])
def test_every_combination_gives_the_reason_that_it_gave(
    identifiable: bool, bare: bool, step: int
) -> None:
    kinds = (Element.PERSONAL, Element.ORGANISATION, Element.VIRTUAL, Element.MASKED)
    records = [
        [*((kind, "") for kind, has in zip(kinds, present, strict=True) if has), *damaged]
        for *present, damaged in product(
            *[[False, True]] * len(kinds),
            ([], [(Element.DAMAGED, "TRUNCATED")], [(Element.DAMAGED, "")]),
        )
    ]
    subjects = list(
        product(
            [False, True],
            [None, "", "CHECK_FAIL", "REGION_UNKNOWN"],
            [None, "", "CHECK_FAIL", "PREFIX_UNALLOTTED"],
            [None, "", "CHECK_FAIL"],
        )
    )
    new, old = subject_rows(records, subjects), subject_rows(records, subjects)
    count = len(new.grouped)
    assert count == 48 * 96
    conditions = np.full(count, identifiable), np.full(count, bare), np.full(count, step)
    counted = np.ones(count, np.bool_)
    assert new._reasons(counted, *conditions).tolist() == reference(old, *conditions).tolist()
    # New codes are numbered in one order, since files hold the numbers.
    assert new.context.column_codes.reason.words() == old.context.column_codes.reason.words()


def test_the_first_rule_that_holds_gives_the_reason() -> None:
    names = ("other_party", "passes", "fails", "bare", "judged", "masked", "has_damaged", "virtual",
             "organisation_only", "beside_other_party")  # fmt: skip
    everything = {name: np.array([True]) for name in names}
    numbers = {code: number for number, code in enumerate(REASONS)}
    codes = {name: np.array([at], np.int32) for at, name in enumerate(
        ("warning", "failing", "damaged"), len(REASONS))}  # fmt: skip
    words = [*REASONS, *codes]
    given = []
    for off in ({}, {"other_party": False}, {"warning": -1}, {"passes": False}, {"failing": -1},
                {"fails": False}, {"bare": False}, {"judged": False}, {"masked": False},
                {"has_damaged": False}, {"virtual": False}, {"organisation_only": False},
                {"beside_other_party": False}):  # fmt: skip
        for name, value in off.items():
            (everything if name in everything else codes)[name][:] = value
        (number,) = choose_reasons(SubjectFacts(**everything, **codes), numbers).tolist()
        given.append(words[number] if number >= 0 else None)
    assert given == [
        "OTHER_PARTY", "warning", "failing", "failing", "LOW_CONFIDENCE", "BARE_PHONE",
        "JUDGED_FALSE", "MASKED", "damaged", "VIRTUAL_NUMBER", "ORG_ONLY", "OTHER_PARTY",
        "NOT_IDENTIFIABLE",
    ]  # fmt: skip


def test_a_batch_without_findings_has_no_reasons() -> None:
    rows = subject_rows([[]], [])
    nothing = np.zeros(0, np.bool_)
    assert rows._reasons(nothing, nothing, nothing, np.zeros(0, np.int64)).tolist() == []
