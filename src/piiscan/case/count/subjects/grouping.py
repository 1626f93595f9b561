"""Grouping: findings -> records, and in each record its subjects, one per role.

``寄件人 张三 13800138000 | 收件人 李四 13900139000 -> 1 record, 2 subjects``. Values without a role
word belong to the record's subject (客户, 借款人 …), never to a contact, a sender or a courier.
The phone of a nameless parent or contact is the number of a subject with nothing but a name:
``姓名 王小明 | 家长电话 13800138000 -> 1 subject``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from piiscan.arrays import Int64
from piiscan.case.count.subjects.elements import N_IDENTIFYING, PHONES, Element
from piiscan.case.count.subjects.record_batches import FindingBatch, Flags, WordCodes
from piiscan.detect.catalog.role_classes import COMPANION, RoleClasses, base_role


@dataclass(frozen=True, slots=True)
class SubjectGroups:
    """Subjects of a batch, by record, then role: ``record[s]`` and ``role[s]`` of subject ``s``.

    ``record_starts[r]``: first finding of record ``r``. ``subject_of[f]``: subject of finding
    ``f``, -1 if it is no element of a person. ``first_subjects[r]``: first subject of record ``r``.
    """

    record_starts: Int64
    record: Int64
    role: Int64
    subject_of: Int64
    first_subjects: Int64

    def __len__(self) -> int:
        return len(self.record)

    def side_subjects(self, roles: BatchRoles) -> Flags:
        """Return True per subject whose record has a subject before it by role."""
        priority = roles.priority[self.role]
        if not len(priority):
            return np.zeros(0, np.bool_)
        first = np.minimum.reduceat(priority, self.first_subjects)
        return np.asarray(priority > first[self.record])

    def main_subjects(self, rank: Int64) -> Flags:
        """Return a mask per subject: True for the one with the highest rank in its record.

        The first of equals is chosen.
        """
        best = np.maximum.reduceat(rank, self.first_subjects) if len(rank) else rank
        best_subjects = np.flatnonzero(rank == best[self.record])
        _, first_indices = np.unique(self.record[best_subjects], return_index=True)
        chosen = np.zeros(len(rank), np.bool_)
        chosen[best_subjects[first_indices]] = True
        return chosen


@dataclass(frozen=True, slots=True)
class BatchRoles:
    """Classes of the roles of a batch, by role code; the last entry is that of no role (-1).

    ``words``: their codes. ``priority``: lowest for the subject of a record. ``counted``: False for
    staff, dealers and speakers. ``absorbs``: True for roles that values without a role word belong
    to. ``lends``: True for parents and contacts, whose phones reach the subject. ``companion``:
    True for people who share the stay or journey of the subject. ``place``: rank of a role among
    all of the batch; ``by_place``: role by rank.
    """

    words: WordCodes
    priority: Int64
    counted: Flags
    absorbs: Flags
    lends: Flags
    companion: Flags
    place: Int64
    by_place: Int64

    @classmethod
    def of(cls, words: Sequence[str], classes: RoleClasses) -> BatchRoles:
        """Return the classes of the role ``words``, whose codes are their places."""
        roles: list[str | None] = [*words, None]
        priority = np.array([classes.priority(role) for role in roles], np.int64)
        by_place = np.argsort(priority[:-1], kind="stable")
        return cls(
            WordCodes({word: code for code, word in enumerate(words)}),
            priority,
            np.array([classes.is_counted(role) for role in roles]),
            np.array([role is not None and classes.absorber([role]) is not None for role in roles]),
            np.array([classes.lends(role) for role in roles]),
            np.array([role is not None and base_role(role) == COMPANION for role in roles]),
            np.argsort(by_place, kind="stable"),
            by_place,
        )


def group_subjects(
    batch: FindingBatch, element: Int64, included: Flags, roles: BatchRoles
) -> SubjectGroups:
    """Group the included findings of ``batch`` into records and subjects, one subject per role.

    Only ``included`` findings form subjects. ``element``: the element of each finding. A record
    without an identifying element of a counted person has one subject without role. ``roles``:
    classes of the roles.
    """
    record_starts = batch.record_starts()
    record = np.zeros(len(batch), np.int64)
    record[record_starts] = 1
    record = np.cumsum(record) - 1
    identifying = included & (element < N_IDENTIFYING)
    role = _fill_roles(batch, _cells(batch, record_starts), element, identifying, roles)
    role = _lend_phones(record, role, element, identifying & roles.counted[role], roles)
    width = int(role.max(initial=-1)) + 2
    code = record * width + role + 1
    occupied = np.zeros(len(record_starts), np.bool_)
    occupied[record[identifying & roles.counted[role]]] = True
    empty = np.flatnonzero(~occupied) * width
    codes = np.unique(np.concatenate([code[identifying], empty]))
    subject_of = np.full(len(batch), -1, np.int64)
    subject_of[identifying] = np.searchsorted(codes, code[identifying])
    subject_record = codes // width
    first_subjects = np.searchsorted(subject_record, np.arange(len(record_starts)))
    return SubjectGroups(
        record_starts, subject_record, codes % width - 1, subject_of, first_subjects
    )


def _cells(batch: FindingBatch, record_starts: Int64) -> Int64:
    """Return the number of the cell of each finding, from 0 (``int64[findings]``).

    Findings are in reading order. ``record_starts``: first finding of each record.
    """
    new = np.zeros(len(batch), np.int64)
    new[1:] = batch.column[1:] != batch.column[:-1]
    new[record_starts] = 1
    new[:1] = 0
    return np.cumsum(new)


def _fill_roles(
    batch: FindingBatch, cell: Int64, element: Int64, identifying: Flags, roles: BatchRoles
) -> Int64:
    """Return the role per finding; values without one belong to the subject named in their cell.

    ``客户：张三 电话 …`` with a phone before it -> the customer's. They are another person's if
    they and the subject have a name each. In tables the column decides, before the search.

    Args:
        batch: the findings.
        cell: number of the cell of each finding, from 0; a text record is one cell.
        element: element of each finding.
        identifying: findings whose role counts.
        roles: classes of the roles of the batch.
    """
    role = batch.role.astype(np.int64)
    nobody = identifying & (role < 0)
    takers = identifying & roles.absorbs[role]
    if not np.any(nobody) or not np.any(takers):
        return role
    count = int(cell[-1]) + 1
    best = np.full(count, len(roles.by_place), np.int64)  # place of the first subject by priority
    np.minimum.at(best, cell[takers], roles.place[role[takers]])
    taker = np.append(roles.by_place, -1)[best]
    named = identifying & (element == Element.NAME)
    apart = np.zeros((2, count), np.bool_)
    apart[0, cell[named & nobody]] = True
    apart[1, cell[named & (role == taker[cell])]] = True
    fill = nobody & (taker[cell] >= 0) & ~(apart[0] & apart[1])[cell]
    return np.where(fill, taker[cell], role)


def _lend_phones(
    record: Int64, role: Int64, element: Int64, identifying: Flags, roles: BatchRoles
) -> Int64:
    """Return the role per finding; phones of nameless parents and contacts become the subject's.

    The subject has a name and no other element, and the record no other person with one.
    ``record``: record of each finding. ``identifying``: elements of counted persons.
    """
    lends, named = roles.lends[role], element == Element.NAME
    phones = identifying & lends & np.isin(element, PHONES)
    if not np.any(phones):
        return role
    alone = np.ones(int(record[-1]) + 1, np.bool_)
    alone[record[identifying & ~phones & (lends | ~named)]] = False
    taken = np.full(len(alone), -2, np.int64)
    names = np.flatnonzero(identifying & named)
    names = names[np.argsort(-roles.priority[role[names]], kind="stable")]
    taken[record[names]] = role[names]  # the first by priority is written last
    lent = phones & alone[record] & (taken[record] > -2)
    return np.where(lent, taken[record], role)


def first_findings(subject_of: Int64, element: Int64, chosen: Flags, count: int) -> Int64:
    """Return the index of the first chosen finding by subject and element, -1 for none.

    The shape is ``int64[count, N_IDENTIFYING]``.

    Args:
        subject_of: subject of each finding.
        element: element of each finding.
        chosen: findings to use.
        count: number of subjects.
    """
    first = np.full((count, N_IDENTIFYING), -1, np.int64)
    findings = np.flatnonzero(chosen)[::-1]  # reversed: the first finding is written last
    first[subject_of[findings], element[findings]] = findings
    return first
