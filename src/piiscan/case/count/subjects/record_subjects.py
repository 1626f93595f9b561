"""Record subjects: the persons of each record, with key, step of the ladder and reason.

``张三 13800138000, 430104190506150016 -> key kind identity, step 3``. One row of RECORD_SUBJECTS is
one person in one record.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from typing import Any, Final

import numpy as np
import pyarrow as pa

from piiscan.arrays import Int32, Int64, UInt64
from piiscan.case.count.subjects.elements import Element, element_of
from piiscan.case.count.subjects.exclusions import ExclusionIndex
from piiscan.case.count.subjects.grouping import (
    BatchRoles,
    SubjectGroups,
    first_findings,
    group_subjects,
)
from piiscan.case.count.subjects.judgements import JudgementIndex
from piiscan.case.count.subjects.key_priority import KeyPriority
from piiscan.case.count.subjects.material_facts import (
    NO_MATERIAL,
    Material,
    MaterialFacts,
    complete_combinations,
    find_material_facts,
    identifying_values,
    in_parts,
    value_digests,
)
from piiscan.case.count.subjects.record_batches import (
    ColumnCodes,
    FindingBatch,
    Flags,
    Part,
    WordCodes,
    split_batches,
)
from piiscan.case.count.subjects.record_flags import RecordFlags, read_flags
from piiscan.case.count.subjects.record_keys import (
    KEY_WORDS,
    SubjectElements,
    SubjectKeys,
    add_value_keys,
    choose_keys,
    find_bare_phones,
    find_identifiable,
    is_nameless_number,
)
from piiscan.case.count.subjects.subject_reasons import (
    NO_REASON,
    REASONS,
    SubjectFacts,
    choose_reasons,
)
from piiscan.detect.catalog.role_classes import OBTAINED, RoleClasses, base_role
from piiscan.schemas import RECORD_SUBJECTS

#: Ladder steps (R1 to R3) of a single subject; duplicates are found later.
FOUND, IDENTIFIABLE, PASSED = 1, 2, 3

#: Most findings of a source that is counted together with its neighbours, and of all of them.
_SMALL, _JOINED = 4096, 16_384

#: Reasons of findings that make no valid key, though nothing refutes them.
_NO_KEY: Final = ("TEST_LIKE", "FILLER", "PLACEHOLDER", "SYSTEM_ACCOUNT", "SYSTEM_MAILBOX")
#: Warnings about records that count but need a check by a person (``docs/counting.md``).
_WARNINGS: Final = ("REGION_UNKNOWN", "PREFIX_UNALLOTTED")
#: Column -> elements whose digests are stored, to compare subjects by.
_COMPARED_ELEMENTS: Final = {
    "identity": (Element.IDENTITY,),
    "name": (Element.NAME,),
    "mobile": (Element.MOBILE,),
    "account": (Element.WECHAT, Element.CARD),
}


@dataclass(frozen=True, slots=True)
class CountSource:
    """Source to be counted: its rows, key priority and columns with a special meaning.

    ``findings``, ``records``: tables of FINDINGS and RECORDS, each read once. ``part_numbers``:
    number in ATTRIBUTION of each part. ``account_columns``: (part, column) of columns that contain
    accounts in any form. ``material``: what headers propose and a profile confirms.
    """

    findings: Iterable[pa.Table] = field(repr=False)
    records: Iterable[pa.Table] = field(repr=False)
    priority: KeyPriority
    part_numbers: Mapping[Part, int]
    account_columns: frozenset[tuple[Part, int]] = frozenset()
    material: Material = NO_MATERIAL

    @classmethod
    def joined(cls, sources: Sequence[CountSource]) -> CountSource:
        """Return several sources of one key priority as one."""
        return cls(
            [pa.concat_tables(table for each in sources for table in each.findings)],
            [pa.concat_tables(tables)]
            if (tables := [table for each in sources for table in each.records])
            else [],
            sources[0].priority,
            {part: n for each in sources for part, n in each.part_numbers.items()},
            frozenset().union(*(each.account_columns for each in sources)),
            Material.joined([each.material for each in sources]),
        )


@dataclass(slots=True)
class CountContext:
    """Settings and word codes that all sources of a count share.

    ``owner_classes``: entity -> class (person, organisation …). ``contact_headers``: headers of a
    company's contact. ``role_classes``: classes of the roles.
    """

    owner_classes: dict[str, str]
    contact_headers: frozenset[str]
    role_classes: RoleClasses
    exclusion_index: ExclusionIndex = field(default_factory=ExclusionIndex)
    judgements: JudgementIndex = field(default_factory=JudgementIndex)
    min_score: float = 0.5
    column_codes: ColumnCodes = field(default_factory=ColumnCodes)
    combinations: WordCodes = field(default_factory=WordCodes)
    doubts: WordCodes = field(default_factory=WordCodes)

    def elements(self) -> Int64:
        """Return the :class:`Element` of each entity code read so far (``int64[codes]``)."""
        found = [
            element_of(e, self.owner_classes.get(e, "none"))
            for e in self.column_codes.entity.words()
        ]
        return np.array(found or [Element.OTHER], np.int64)

    def personal(self) -> Flags:
        """Return True for each entity code of a person's values (``bool[codes]``)."""
        words = self.column_codes.entity.words()
        return np.array([self.owner_classes.get(e) == "person" for e in words] or [False])

    def combination_codes(self, masks: UInt64) -> Int32:
        """Return the code of the combination of each mask of entity codes (bit 63: from 63 on)."""
        words = self.column_codes.entity.words()
        names = [
            "+".join(sorted(word for n, word in enumerate(words) if mask >> min(n, 63) & 1))
            for mask in masks.tolist()
        ]
        codes = self.combinations.codes
        return np.array([codes.setdefault(name, len(codes)) for name in names], np.int32)

    def reasons(self, *codes: str) -> list[int]:
        """Return the word code of each reason (``MASKED`` …); a new reason gets the next code."""
        numbers = self.column_codes.reason.codes
        return [numbers.setdefault(code, len(numbers)) for code in codes]


def record_subjects(
    sources: Iterable[CountSource], context: CountContext, first: tuple[int, int] = (0, 0)
) -> Iterator[pa.Table]:
    """Yield tables of RECORD_SUBJECTS, source after source, each in reading order.

    ``first``: numbers of the first record and of the first subject.
    """
    first_record, first_subject = first
    for source in _join_small(sources):
        context.column_codes.member.codes.clear()
        flagged = read_flags(
            split_batches(source.findings, context.column_codes),
            source.records,
            column_codes=context.column_codes,
            combinations=context.combinations,
            doubts=context.doubts,
        )
        for batch, flags in flagged:
            table = _subject_table(source, batch, context, flags, (first_record, first_subject))
            first_record += len(flags.in_records)
            first_subject += len(table)
            yield table


def _join_small(sources: Iterable[CountSource]) -> Iterator[CountSource]:
    """Yield the sources, with small ones that follow each other and have one priority joined."""
    waiting: list[CountSource] = []
    rows = 0
    for source in sources:
        tables = iter(source.findings)
        ahead = list(islice(tables, 2))
        number = sum(map(len, ahead))
        is_small = len(ahead) <= 1 and number <= _SMALL
        if waiting and (
            not is_small or rows + number > _JOINED or source.priority != waiting[0].priority
        ):
            yield CountSource.joined(waiting)
            waiting, rows = [], 0
        if is_small:
            if number:
                waiting.append(replace(source, findings=ahead, records=list(source.records)))
                rows += number
        else:
            yield replace(source, findings=chain(ahead, tables))
    if waiting:
        yield CountSource.joined(waiting)


def _subject_table(
    source: CountSource,
    batch: FindingBatch,
    context: CountContext,
    flags: RecordFlags,
    first: tuple[int, int],
) -> pa.Table:
    """Return the RECORD_SUBJECTS table of one batch of findings, one row per subject.

    ``first``: numbers of the first record and of the first subject of the batch.
    """
    batch = _with_obtained(source, batch, context)
    element = _finding_elements(source, batch, context)
    excluded = context.exclusion_index.match_findings(batch, context.column_codes)
    judged = context.judgements.match_findings(batch, context.column_codes)
    excluded = replace(excluded, in_excluded_column=excluded.in_excluded_column | judged)
    included = ~excluded.in_excluded_column
    words = context.column_codes.role.words()
    order = sorted(range(len(words)), key=words.__getitem__)  # for any order of the sources
    batch = replace(batch, role=np.append(np.argsort(order), -1)[batch.role])
    roles = BatchRoles.of([words[code] for code in order], context.role_classes)
    grouped = group_subjects(batch, element, included, roles)
    usable = included & ~batch.refuted & (batch.score >= context.min_score)
    usable &= ~np.isin(batch.reason, context.reasons(*_NO_KEY))
    valid = usable & (grouped.subject_of >= 0)
    invalid = included & (grouped.subject_of >= 0) & ~valid
    elements = SubjectElements(
        first_findings(grouped.subject_of, element, valid, len(grouped)),
        first_findings(grouped.subject_of, element, invalid, len(grouped)),
    )
    facts = find_material_facts(
        source.material, batch, element, usable, context.column_codes, grouped.record_starts
    )
    subject_keys = choose_keys(elements, batch.digest, source.priority)
    numbered = np.flatnonzero(is_nameless_number(subject_keys, elements))
    if len(numbered):
        subject_keys, flags = _add_issuers(
            source, batch, context, grouped, subject_keys, flags, numbered
        )
    if not flags.in_records.all():
        sums, has_values = value_digests(batch, usable, grouped.record_starts)
        known = flags.in_records[:, None]
        flags = replace(
            flags,
            row_digest=np.where(known, flags.row_digest, sums),
            content_digest=np.where(known, flags.content_digest, sums),
            in_records=flags.in_records | has_values,
        )
    side = grouped.side_subjects(roles)
    reached = facts.confirmed[grouped.record] & (~side | roles.companion[grouped.role])
    if reached.any():
        values = identifying_values(batch, usable, context.column_codes, grouped.record_starts)
        sums, has_values = value_digests(batch, values, grouped.record_starts)
        sums, has_values = sums[grouped.record], has_values[grouped.record]
        own, has_own = _own_digests(batch, usable & (grouped.subject_of >= 0), grouped)
        subject_keys = add_value_keys(
            subject_keys,
            reached,
            np.where(side[:, None], own, sums),
            np.where(side, has_own, has_values),
        )
    kinds = excluded.remaining_combinations(
        flags.combination,
        context.combinations,
        batch,
        grouped.record_starts,
        context.owner_classes,
        context.column_codes.entity.words(),
    )
    flags = replace(flags, combination=kinds)
    rows = _SubjectRows(
        source, batch, context, element, grouped, roles, elements, subject_keys, flags, judged
    )
    identifiable = rows.find_identifiable(facts) | reached
    if source.material.pairs:
        at = grouped.record_starts[grouped.record]
        paired = _are_pairs(source, batch.member[at], batch.record[at], context)
        identifiable |= paired & find_bare_phones(elements.has)
    chosen = np.zeros(len(kinds), np.bool_)
    chosen[grouped.record[identifiable]] = True
    kinds = complete_combinations(
        kinds,
        context.combinations,
        batch,
        element,
        usable,
        grouped.record_starts,
        chosen=chosen,
        confirmed=facts.confirmed,
        entities=context.column_codes.entity.words(),
    )
    rows = replace(rows, flags=replace(flags, combination=kinds))
    return rows.table(identifiable, excluded.record_lines(grouped.record_starts), *first)


def _add_issuers(
    source: CountSource,
    batch: FindingBatch,
    context: CountContext,
    grouped: SubjectGroups,
    keys: SubjectKeys,
    flags: RecordFlags,
    numbered: Int64,
) -> tuple[SubjectKeys, RecordFlags]:
    """Add the issuer to the key and the row digests of the subjects ``numbered``.

    Equal rows of two issuers are about two persons, and no copies.
    """
    record = grouped.record[numbered]
    members = batch.member[grouped.record_starts[record]]
    issuers = source.material.issuers(members, context.column_codes)
    digest = keys.digest.copy()
    digest[numbered] += issuers
    records, first = np.unique(record, return_index=True)
    row_digest, content_digest = flags.row_digest.copy(), flags.content_digest.copy()
    row_digest[records] += issuers[first]
    content_digest[records] += issuers[first]
    flags = replace(flags, row_digest=row_digest, content_digest=content_digest)
    return replace(keys, digest=digest), flags


def _own_digests(
    batch: FindingBatch, chosen: Flags, grouped: SubjectGroups
) -> tuple[UInt64, Flags]:
    """Return per subject the sum of the digests of its chosen findings, and if it has any."""
    found = np.flatnonzero(chosen)
    sums, has_any = np.zeros((len(grouped), 2), np.uint64), np.zeros(len(grouped), np.bool_)
    np.add.at(sums, grouped.subject_of[found], batch.digest[found])
    has_any[grouped.subject_of[found]] = True
    return sums, has_any


def _with_obtained(source: CountSource, batch: FindingBatch, context: CountContext) -> FindingBatch:
    """Return ``batch`` with roles of persons for who writes and reads in an obtained account."""
    if not source.material.obtained:
        return batch
    codes = context.column_codes
    chosen = in_parts(batch.member, source.material.obtained, codes)
    words = codes.role.words()
    of_role = np.arange(len(words) + 1, dtype=batch.role.dtype)
    of_role[-1] = -1
    for code, role in enumerate(words):
        if (new := OBTAINED.get(base_role(role))) is not None:
            new += role[len(base_role(role)) :]
            of_role[code] = codes.role.codes.setdefault(new, len(codes.role.codes))
    return replace(batch, role=np.where(chosen, of_role[batch.role], batch.role))


def _are_pairs(source: CountSource, members: Int32, rows: Int64, context: CountContext) -> Flags:
    """Return True for records, by member code and row, that are a confirmed phone with a code."""
    codes, width = context.column_codes.member.codes, 1 << 40
    pairs = [codes[m] * width + row for m, row in source.material.pairs if m in codes]
    return np.isin(members.astype(np.int64) * width + rows, pairs)


def _finding_elements(source: CountSource, batch: FindingBatch, context: CountContext) -> Int64:
    """Return the :class:`Element` (name, mobile, card …) of each finding in ``batch``.

    Any identifying value in an account column becomes an account (WECHAT). Anonymised names become
    OTHER.
    """
    element = context.elements()[batch.entity]
    in_account_column = _in_columns(source.account_columns, batch, context)
    element = np.where(in_account_column & (element < Element.CODE), int(Element.WECHAT), element)
    anonymised = batch.reason == context.reasons("ANONYMISED")[0]
    return np.where(anonymised, int(Element.OTHER), element)


def _in_columns(
    columns: frozenset[tuple[Part, int]], batch: FindingBatch, context: CountContext
) -> Flags:
    """Return a mask per finding: True in one of ``columns``, given as (part, column number)."""
    members, width = context.column_codes.member.codes, 1 << 20
    codes = [members[m] * width + c for m, c in columns if m in members]
    if not codes:
        return np.zeros(len(batch), np.bool_)
    return np.isin(batch.member.astype(np.int64) * width + batch.column, codes)


@dataclass(frozen=True, slots=True)
class _SubjectRows:
    """Intermediate results of one batch, and the columns of RECORD_SUBJECTS computed from them."""

    source: CountSource
    batch: FindingBatch
    context: CountContext
    element: Int64
    grouped: SubjectGroups
    roles: BatchRoles
    elements: SubjectElements
    subject_keys: SubjectKeys
    flags: RecordFlags
    judged: Flags

    def find_identifiable(self, facts: MaterialFacts) -> Flags:
        """Return True per subject that its values identify in this material."""
        record = self.grouped.record
        return find_identifiable(
            self.elements.has,
            self.source.priority,
            traced=facts.traced[record],
            described=facts.described[record],
        )

    def table(
        self, identifiable: Flags, excluded: Int32, first_record: int, first_subject: int
    ) -> pa.Table:
        """Return the RECORD_SUBJECTS table of the batch, one row per subject.

        Args:
            identifiable: True per subject that is.
            excluded: line of the exclusion list for each record, -1 for none.
            first_record: number of the first record of the batch.
            first_subject: number of its first subject.
        """
        grouped, subject_keys = self.grouped, self.subject_keys
        bare = find_bare_phones(self.elements.has) & ~identifiable
        step = np.where(
            identifiable | bare, np.where(subject_keys.passes, PASSED, IDENTIFIABLE), FOUND
        )
        record = grouped.record
        counted = self.roles.counted[grouped.role]
        main = grouped.main_subjects(self._rank(counted, identifiable, step))
        reason = self._reasons(counted, identifiable, bare, step)
        side = grouped.side_subjects(self.roles)
        at = grouped.record_starts[record]
        batch, words = self.batch, self.context.column_codes
        types = {f.name: f.type for f in RECORD_SUBJECTS}
        columns: dict[str, Any] = {
            "source": pa.array(words.member.sources()[batch.member[at]]),
            "member": words.member.decode(batch.member[at], types["member"]),
            "place": pa.array(self._places(batch.member[at])),
            "row": pa.array(batch.record[at]),
            "group": pa.array(batch.group[at].astype(np.int16)),
            "role": self.roles.words.decode(grouped.role.astype(np.int32), types["role"]),
            "record": pa.array(first_record + record),
            "subject": pa.array(first_subject + np.arange(len(record))),
            "main": pa.array(main),
            "side": pa.array(side),
            "counted": pa.array(counted),
            "step": pa.array(step.astype(np.int8)),
            "reason": words.reason.decode(reason, types["reason"]),
            "bare": pa.array(bare),
            "other_key": pa.array(subject_keys.other_key),
            "business": pa.array(self._business()[record]),
            "excluded": pa.array(excluded[record], mask=excluded[record] < 0),
            "data": pa.array(self.batch.data[self.grouped.record_starts][record]),
            "combination": self.context.combinations.decode(
                self._combinations(side & ~main), types["combination"]
            ),
            "doubts": self.context.doubts.decode(self.flags.doubts[record], types["doubts"]),
            **self._keys(),
        }
        return pa.Table.from_arrays(
            [columns[f.name] for f in RECORD_SUBJECTS], schema=RECORD_SUBJECTS
        )

    def _keys(self) -> dict[str, pa.Array]:
        """Return column name -> column of key kinds, key digests and row digests."""
        kinds = WordCodes({kind: number for number, kind in enumerate(KEY_WORDS)})
        known, record = self.flags, self.grouped.record
        return {
            "key_kind": kinds.decode(
                self.subject_keys.kind, RECORD_SUBJECTS.field("key_kind").type
            ),
            "key": _binary_array(self.subject_keys.digest, self.subject_keys.kind >= 0),
            "row_digest": _binary_array(known.row_digest[record], known.in_records[record]),
            "content_digest": _binary_array(known.content_digest[record], known.in_records[record]),
            **{name: self._compared(elements) for name, elements in _COMPARED_ELEMENTS.items()},
            "position": self._positions(),
        }

    def _places(self, members: Int32) -> Int32:
        """Return the ATTRIBUTION row number of each subject's part, -1 if unknown.

        ``members``: code of the part of each subject.
        """
        parts = self.context.column_codes.member.parts()
        place = [self.source.part_numbers.get(part, -1) for part in parts]
        found: Int32 = np.array(place, np.int32)[members]
        return found

    def _rank(self, counted: Flags, identifiable: Flags, step: Int64) -> Int64:
        """Return a rank per subject; the highest rank in a record becomes its main subject.

        Counted subjects come first, then identifiable ones, then by step, role and key kind.
        """
        rank = (counted * 2 + identifiable) * 10 + step
        rank = rank * (int(self.roles.priority.max()) + 1) - self.roles.priority[self.grouped.role]
        found: Int64 = rank * 10 - self.subject_keys.kind
        return found

    def _with_other_party(self, counted: Flags) -> Flags:
        """Return True per subject whose record has staff, a dealer or a speaker."""
        beside = np.zeros(len(self.grouped.record_starts), np.bool_)
        beside[self.grouped.record[~counted]] = True
        return beside[self.grouped.record]

    def _combinations(self, own: Flags) -> Int32:
        """Return the combination code of each subject: of its kinds if ``own``, else its record."""
        found = self.flags.combination[self.grouped.record]
        personal = self.context.personal()[self.batch.entity] & ~self.batch.refuted
        chosen = np.flatnonzero(personal & own[self.grouped.subject_of])
        chosen = chosen[self.grouped.subject_of[chosen] >= 0]
        found[own] = -1
        if len(chosen):
            pairs = np.column_stack([self.grouped.subject_of[chosen], self.batch.entity[chosen]])
            subjects, kinds = np.unique(pairs, axis=0).T
            starts = np.flatnonzero(np.diff(subjects, prepend=-1))
            bits = np.bitwise_or.reduceat(
                np.uint64(1) << np.minimum(kinds, 63).astype(np.uint64), starts
            )
            distinct, inverse = np.unique(bits, return_inverse=True)
            found[subjects[starts]] = self.context.combination_codes(distinct)[inverse]
        return found

    def _compared(self, elements: tuple[Element, ...]) -> pa.Array:
        """Return half the digest (8 bytes) of each subject's first valid finding of ``elements``.

        Null if the subject has none, or if it is the phone of a parent or contact.
        """
        place = self.elements.first(self.elements.valid, *elements)
        values, role = self.batch.digest[place, 0], self.batch.role[place]
        lent = self.roles.lends[role] & (role != self.grouped.role)
        return pa.array(values, mask=(place < 0) | lent)

    def _positions(self) -> pa.Array:
        """Return half the digest of the first coordinates in each subject's record, or null."""
        place = self._first(Element.POSITION)[self.grouped.record]
        return pa.array(self.batch.digest[place, 0], mask=place < 0)

    def _reasons(self, counted: Flags, identifiable: Flags, bare: Flags, step: Int64) -> Int32:
        """Return the reason code per subject: why it fails, a warning if it passes, -1 for none.

        ``counted``: False for staff, dealers and speakers. ``bare``: subjects that are a bare phone
        number. ``step``: the last ladder step that each reaches.
        """
        numbers = dict(zip(REASONS, self.context.reasons(*REASONS), strict=True))
        record = self.grouped.record
        personal = self.elements.has(*(Element(n) for n in range(Element.PERSONAL)))
        personal |= self._any(Element.PERSONAL)[record]
        damaged = self._first(Element.DAMAGED)[record]
        facts = SubjectFacts(
            other_party=~counted,
            beside_other_party=self._with_other_party(counted),
            passes=step == PASSED,
            fails=(identifiable | bare) & (step == IDENTIFIABLE),
            bare=bare,
            warning=self._warnings(),
            failing=self._finding_reasons(self.subject_keys.failing_finding),
            judged=np.logical_or.reduceat(self.judged, self.grouped.record_starts)[record]
            if len(self.judged)
            else self.judged,
            masked=self._any(Element.MASKED)[record],
            has_damaged=damaged >= 0,
            damaged=self._finding_reasons(damaged),
            virtual=self._any(Element.VIRTUAL)[record],
            organisation_only=self._any(Element.ORGANISATION)[record] & ~personal,
        )
        return choose_reasons(facts, numbers)

    def _finding_reasons(self, findings: Int64) -> Int32:
        """Return the reason number of each finding, -1 for the finding -1."""
        return np.append(self.batch.reason, np.int32(NO_REASON))[findings]

    def _warnings(self) -> Int32:
        """Return the warning code of each subject's identity number or phone, -1 for none."""
        found = np.full(len(self.grouped), -1, np.int32)
        codes = self.context.reasons(*_WARNINGS)
        for element in (Element.IDENTITY, Element.MOBILE):
            reason = self._finding_reasons(self.elements.valid[:, int(element)])
            found = np.where((found < 0) & np.isin(reason, codes), reason, found)
        return found.astype(np.int32)

    def _first(self, element: Element) -> Int64:
        """Return per record the index of its first finding of ``element``, -1 for none."""
        place = np.full(len(self.grouped.record_starts), -1, np.int64)
        indices = np.flatnonzero(self.element == element)[::-1]
        place[np.searchsorted(self.grouped.record_starts, indices, "right") - 1] = indices
        return place

    def _any(self, element: Element) -> Flags:
        """Return True per record that has any finding of ``element`` (``bool[records]``)."""
        return self._first(element) >= 0

    def _business(self) -> Flags:
        """Return True per record of public business information: a company and its contacts.

        The record is in a list of firms with a person's value, or it has an organisation and a
        person's value under a contact header. It has no identity number.
        """
        codes, material = self.context.column_codes, self.source.material
        members = self.batch.member[self.grouped.record_starts]
        headers = codes.header.codes
        contacts = [n for word, n in headers.items() if word in self.context.contact_headers]
        person = self.element < Element.CODE
        with_contact = self._has(np.isin(self.batch.header, contacts) & person)
        business = with_contact & self._any(Element.ORGANISATION)
        if material.firms:
            business |= self._has(person) & in_parts(members, material.firms, codes)
        if material.private:
            business &= ~in_parts(members, material.private, codes)
        return business & ~self._any(Element.IDENTITY)

    def _has(self, chosen: Flags) -> Flags:
        """Return True per record that has any of the ``chosen`` findings (``bool[records]``)."""
        found = np.zeros(len(self.grouped.record_starts), np.bool_)
        indices = np.flatnonzero(chosen)
        found[np.searchsorted(self.grouped.record_starts, indices, "right") - 1] = True
        return found


def _binary_array(words: Any, valid: Flags) -> pa.Array:
    """Return digests ``uint64[n, 2]`` as a ``binary(16)`` array, null where ``valid`` is False."""
    mask = pa.array(valid).buffers()[1]
    data = pa.py_buffer(np.ascontiguousarray(words))
    return pa.FixedSizeBinaryArray.from_buffers(pa.binary(16), len(words), [mask, data])
