"""Findings of a source -> CANDIDATES: each record's people, their keys, and how far they count."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa

from piiscan.arrays import Int32, Int64
from piiscan.case.count.subjects.elements import Element, element_of
from piiscan.case.count.subjects.exclusions import Excluded
from piiscan.case.count.subjects.grouping import Grouped, first_places, group
from piiscan.case.count.subjects.key_priority import KINDS, Priority
from piiscan.case.count.subjects.record_batches import Batch, Flags, Lexicon, Numbers, batches
from piiscan.case.count.subjects.record_flags import Beside, Reader
from piiscan.case.count.subjects.record_keys import (
    Elements,
    Keyed,
    bare_phones,
    identifiable,
    keys_of,
)
from piiscan.case.store.shards import ShardWriter, write_table
from piiscan.schemas import CANDIDATES

#: Steps of the ladder that a candidate reaches by itself; duplicates are told apart afterwards.
FOUND, IDENTIFIABLE, PASSED = 1, 2, 3

#: Reasons of findings that cannot carry a key, though nothing refutes them.
_NO_KEY: Final = ("TEST_LIKE", "FILLER", "PLACEHOLDER", "SYSTEM_ACCOUNT", "SYSTEM_MAILBOX")
#: Reasons that are told of a counted record: it is kept, and a person should look (domain.md D.4).
_KEPT: Final = ("REGION_UNKNOWN", "PREFIX_UNALLOTTED")
#: Reasons of records that are not identifiable, and of keys that nothing but a low score refutes.
_AGAINST: Final = (
    "NOT_IDENTIFIABLE", "MASKED", "VIRTUAL_NUMBER", "ORG_ONLY", "BARE_PHONE", "LOW_CONFIDENCE",
)  # fmt: skip
#: Roles in the order in which a record is about them; others stand between.
_FOREMOST: Final = (None, "recipient", "buyer", "owner", "account_holder")
_HINDMOST: Final = ("contact", "sender", "seller", "payer", "clerk", "courier")
#: Elements whose digests candidates carry, to compare them by.
_COMPARED: Final = {
    "identity": (Element.IDENTITY,),
    "name": (Element.NAME,),
    "mobile": (Element.MOBILE,),
    "account": (Element.WECHAT, Element.CARD),
}


@dataclass(frozen=True, slots=True)
class Source:
    """A source to be counted: its shards, and what is known of it beforehand.

    ``places``: the number in PLACED of each member; ``accounts``: (member, column) of columns
    that hold accounts, whatever they are written as; ``parties``: of columns that say who bought
    or sold the row, who is not whom the row is about.
    """

    source: int
    findings: Path
    records: Path | None
    priority: Priority
    places: dict[str, int]
    accounts: frozenset[tuple[str, int]] = frozenset()
    parties: frozenset[tuple[str, int]] = frozenset()


@dataclass(slots=True)
class Desk:
    """What the sources of a case are counted with, and the words they share."""

    whose: dict[str, str]
    contacts: frozenset[str]
    excluded: Excluded = field(default_factory=Excluded)
    min_score: float = 0.5
    words: Lexicon = field(default_factory=Lexicon)
    combinations: Numbers = field(default_factory=Numbers)
    doubts: Numbers = field(default_factory=Numbers)
    rows: int = 0  # records so far

    def elements(self) -> Int64:
        """What each entity met so far is to a record, by its number."""
        found = [element_of(e, self.whose.get(e, "none")) for e in self.words.entity.words()]
        return np.array(found or [Element.OTHER], np.int64)

    def reasons(self, *codes: str) -> list[int]:
        """Numbers of reason codes."""
        numbers = self.words.reason.of
        return [numbers.setdefault(code, len(numbers)) for code in codes]


def candidates(source: Source, desk: Desk) -> Iterator[pa.Table]:
    """CANDIDATES of a source, in reading order."""
    beside = Reader(source.records, desk.words, desk.combinations, desk.doubts)
    for batch in batches(source.findings, desk.words):
        yield _table(source, batch, desk, beside)


def _table(source: Source, batch: Batch, desk: Desk, reader: Reader) -> pa.Table:
    element = _elements(source, batch, desk)
    struck = desk.excluded.findings(source.source, batch, desk.words)
    kept = ~struck.dropped
    grouped = group(batch, element, kept)
    sound = kept & (grouped.of >= 0) & ~batch.refuted & (batch.score >= desk.min_score)
    sound &= ~np.isin(batch.reason, desk.reasons(*_NO_KEY))
    unsound = kept & (grouped.of >= 0) & ~sound
    elements = Elements(
        first_places(grouped.of, element, sound, len(grouped)),
        first_places(grouped.of, element, unsound, len(grouped)),
    )
    keyed = keys_of(elements, batch.digest, source.priority)
    beside = reader.take(batch, grouped.starts)
    kinds = struck.remaining(
        beside.combination, desk.combinations, batch, grouped.starts, desk.whose,
        desk.words.entity.words(),
    )  # fmt: skip
    beside = replace(beside, combination=kinds)
    return _Rows(source, batch, desk, element, grouped, elements, keyed, beside).table(
        struck.records(grouped.starts)
    )


def _elements(source: Source, batch: Batch, desk: Desk) -> Int64:
    """What each finding stands for; in a column of accounts whatever is written is the account."""
    element = desk.elements()[batch.entity]
    here = _within(source.accounts, batch, desk)
    element = np.where(here & (element < Element.CODE), int(Element.WECHAT), element)
    nobody = _within(source.parties, batch, desk)
    nobody |= batch.reason == desk.reasons("ANONYMISED")[0]
    return np.where(nobody, int(Element.OTHER), element)


def _within(columns: frozenset[tuple[str, int]], batch: Batch, desk: Desk) -> Flags:
    """Which findings stand in one of the columns (member, number)."""
    members, width = desk.words.member.of, 1 << 20
    codes = [members[m] * width + c for m, c in columns if m in members]
    if not codes:
        return np.zeros(len(batch), np.bool_)
    return np.isin(batch.member.astype(np.int64) * width + batch.column, codes)


@dataclass(frozen=True, slots=True)
class _Rows:
    """One batch on its way to CANDIDATES."""

    source: Source
    batch: Batch
    desk: Desk
    element: Int64
    grouped: Grouped
    elements: Elements
    keyed: Keyed
    beside: Beside

    def table(self, excluded: Int32) -> pa.Table:
        """The rows; ``excluded`` is the number of the exclusion of each record, -1 for none."""
        grouped, keyed = self.grouped, self.keyed
        has = self.elements.has
        named = identifiable(has, self.source.priority)
        bare = bare_phones(has) & ~named
        step = np.where(named | bare, np.where(keyed.passes, PASSED, IDENTIFIABLE), FOUND)
        record = grouped.record
        main = grouped.leading(self._rank(named, step))
        reason = self._reasons(named, bare, step)
        at = grouped.starts[record]
        first = self.desk.rows
        self.desk.rows += len(grouped.starts)
        batch, words = self.batch, self.desk.words
        type_ = {f.name: f.type for f in CANDIDATES}
        given: dict[str, Any] = {
            "source": pa.array(np.full(len(record), self.source.source, np.int32)),
            "member": words.member.decode(batch.member[at], type_["member"]),
            "place": pa.array(self._places(batch.member[at])),
            "row": pa.array(batch.record[at]),
            "group": pa.array(batch.group[at].astype(np.int16)),
            "role": words.role.decode(grouped.role.astype(np.int32), type_["role"]),
            "record": pa.array(first + record),
            "main": pa.array(main),
            "step": pa.array(step.astype(np.int8)),
            "reason": words.reason.decode(reason, type_["reason"]),
            "bare": pa.array(bare),
            "other_key": pa.array(keyed.other),
            "business": pa.array(self._business()[record]),
            "excluded": pa.array(excluded[record], mask=excluded[record] < 0),
            "data": pa.array(self._data()[record]),
            "combination": self.desk.combinations.decode(
                self.beside.combination[record], type_["combination"]
            ),
            "doubts": self.desk.doubts.decode(self.beside.doubts[record], type_["doubts"]),
            **self._keys(),
        }
        return pa.Table.from_arrays([given[f.name] for f in CANDIDATES], schema=CANDIDATES)

    def _keys(self) -> dict[str, pa.Array]:
        """The columns of kinds and digests."""
        kinds = Numbers({kind: number for number, kind in enumerate(KINDS)})
        known, record = self.beside, self.grouped.record
        return {
            "key_kind": kinds.decode(self.keyed.kind, CANDIDATES.field("key_kind").type),
            "key": _binary(self.keyed.digest, self.keyed.kind >= 0),
            "row_digest": _binary(known.row_digest[record], known.known[record]),
            **{name: self._compared(several) for name, several in _COMPARED.items()},
        }

    def _places(self, members: Int32) -> Int32:
        """The place of each candidate's part in PLACED, by the numbers of its members."""
        words = self.desk.words.member.words()
        place = [self.source.places.get(word, -1) for word in words]
        found: Int32 = np.array(place, np.int32)[members]
        return found

    def _rank(self, named: Flags, step: Int64) -> Int64:
        """Higher for a candidate that the record is rather about."""
        roles: list[str | None] = [None, *self.desk.words.role.words()]
        of_role = np.array([_forwardness(role) for role in roles], np.int64)
        rank = named * 1000 + step * 100 + of_role[self.grouped.role + 1]
        found: Int64 = rank * 10 - self.keyed.kind
        return found

    def _compared(self, several: tuple[Element, ...]) -> pa.Array:
        """The first word of the digest of the first such sound finding, null for none."""
        place = self.elements.first(self.elements.sound, *several)
        values = self.batch.digest[place, 0]
        return pa.array(values, mask=place < 0)

    def _reasons(self, named: Flags, bare: Flags, step: Int64) -> Int32:
        """Why a candidate goes no further, or what is to be known of one that passed; -1."""
        lone, masked, virtual, org, phone, low = self.desk.reasons(*_AGAINST)
        record = self.grouped.record
        reason = np.full(len(record), lone, np.int32)
        nothing = ~self.elements.has(*(Element(n) for n in range(Element.PERSONAL)))
        nothing &= ~self._any(Element.PERSONAL)[record]
        reason[nothing & self._any(Element.ORGANISATION)[record]] = org
        reason[self._any(Element.VIRTUAL)[record]] = virtual
        damaged = self._first(Element.DAMAGED)[record]
        where = damaged >= 0
        reason[where] = self.batch.reason[damaged[where]]
        reason[self._any(Element.MASKED)[record]] = masked
        reason[bare] = phone
        failed = (named | bare) & (step == IDENTIFIABLE)
        against = self.keyed.against
        told = (
            np.where(against >= 0, self.batch.reason[against], -1) if len(self.batch) else against
        )
        reason[failed] = np.where(told[failed] >= 0, told[failed], low)
        passed = step == PASSED
        reason[passed & ~bare] = -1
        kept = self._kept()
        reason[passed & (kept >= 0)] = kept[passed & (kept >= 0)]
        return reason

    def _kept(self) -> Int32:
        """A reason to look again at the findings that make the key, -1 for none."""
        found = np.full(len(self.grouped), -1, np.int32)
        codes = self.desk.reasons(*_KEPT)
        for element in (Element.IDENTITY, Element.MOBILE):
            place = self.elements.sound[:, int(element)]
            reason = np.where(place >= 0, self.batch.reason[place], -1)
            found = np.where((found < 0) & np.isin(reason, codes), reason, found)
        return found.astype(np.int32)

    def _first(self, element: Element) -> Int64:
        """The first finding of each record that is ``element``, -1 for none."""
        place = np.full(len(self.grouped.starts), -1, np.int64)
        where = np.flatnonzero(self.element == element)[::-1]
        place[np.searchsorted(self.grouped.starts, where, "right") - 1] = where
        return place

    def _any(self, element: Element) -> Flags:
        return self._first(element) >= 0

    def _business(self) -> Flags:
        """Records that are public business information: a company and who represents it."""
        headers = self.desk.words.header.of
        contacts = [n for word, n in headers.items() if word in self.desk.contacts]
        if not contacts:
            return np.zeros(len(self.grouped.starts), np.bool_)
        shown = np.isin(self.batch.header, contacts)
        person = np.zeros(len(self.grouped.starts), np.bool_)
        where = np.flatnonzero(shown & (self.element < Element.CODE))
        person[np.searchsorted(self.grouped.starts, where, "right") - 1] = True
        return person & self._any(Element.ORGANISATION) & ~self._any(Element.IDENTITY)

    def _data(self) -> Flags:
        """Records that are rows of data: others hold a person's values and are not in RECORDS."""
        counted = np.zeros(len(self.grouped.starts), np.bool_)
        counted[self.grouped.record[self.keyed.passes]] = True
        return self.beside.known | ~counted


def _forwardness(role: str | None) -> int:
    if role in _FOREMOST:
        return 50 - _FOREMOST.index(role)
    return 10 - _HINDMOST.index(role) if role in _HINDMOST else 30


def _binary(words: Any, valid: Flags) -> pa.Array:
    """``uint64[n, 2]`` as ``binary(16)``, null where not valid."""
    mask = pa.array(valid).buffers()[1]
    data = pa.py_buffer(np.ascontiguousarray(words))
    return pa.FixedSizeBinaryArray.from_buffers(pa.binary(16), len(words), [mask, data])


def gather(sources: Sequence[Source], desk: Desk, path: Path, *, temporary: Path) -> None:
    """Write CANDIDATES of all sources to ``path``, in their order."""
    with (
        ThreadPoolExecutor(1, thread_name_prefix="writing") as pool,
        ShardWriter(path, CANDIDATES, temporary=temporary, pool=pool) as writer,
    ):
        for source in sources:
            for table in candidates(source, desk):
                writer.add(table)
        if writer.close() is None:
            write_table(path, CANDIDATES.empty_table(), temporary=temporary)
