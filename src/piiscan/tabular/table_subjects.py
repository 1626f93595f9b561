"""Table subjects: the person of a row to whom each column belongs, by words, numbers and repeats.

``姓名 | 手机号 | 紧急联系人 | 紧急联系人电话`` -> subject, subject, contact, contact.
``姓名1 | 电话1 | 姓名2 | 电话2`` -> two persons, and so ``姓名 | 电话 | 姓名 | 电话`` in one table.
``客户姓名 | 手机号`` -> both of the customer.
"""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from collections.abc import Sequence
from typing import Final

import pyarrow as pa

from piiscan.detect.catalog.catalog import Catalog
from piiscan.detect.catalog.headers import label_of, normalize_header
from piiscan.detect.catalog.role_classes import OTHER_PERSON, RoleClasses, base_role, numbered_role
from piiscan.detect.columns.column_types import ColumnType
from piiscan.detect.columns.message_columns import message_columns, own_columns

#: Entities that tell two persons apart, first those of a name.
_NAMES: Final = frozenset({"PERSON"})
_IDENTITIES: Final = frozenset(
    {"CN_RESIDENT_ID", "CN_FOREIGN_PR_ID", "CN_TRAVEL_PERMIT", "CN_PASSPORT", "CN_MILITARY_ID"}
    | {"HK_ID", "TW_ID", "MO_ID"}
)
#: Transaction kind of a column -> role of the party of the list in its cells.
_PARTIES: Final = {"buyer": "list_buyer", "seller": "list_seller", "source": "list_seller"}
#: Roles of buyers and sellers that are parties of the list, where rows are sold.
_LIST_ROLES: Final = {"buyer": "list_buyer", "seller": "list_seller"}
#: Transaction kinds that do not show that the rows of a list are sold.
_NO_SALE: Final = frozenset({"time", "channel"})
#: Kinds of message columns with people who write and read, and their role.
_SPEAKERS: Final = {"peer": "listener", "receiver": "listener", "sender": "speaker"}
#: Role of the holder of the device.
_OWN: Final = "own"
#: Number of a person in a header: 联系人2电话, 姓名（2）, 第二联系人, 姓名.1.
_NUMBER: Final = re.compile(
    r"第([1-9一二三四五六七八九])|人([1-9一二三四五六])(?![0-9])|(?<![0-9])([0-9]{1,2})\)?$"
    r"|[^0-9一二三四五六七八九十]([一二三四五六])$"
)
_DIGITS: Final = "零一二三四五六七八九"


def with_subjects(
    catalog: Catalog,
    types: Sequence[ColumnType],
    groups: Sequence[int],
    cells: Sequence[pa.Array] = (),
) -> list[ColumnType]:
    """Return ``types`` with ``subject`` set: the person to whom each column belongs.

    ``groups``: number of each column's table among tables side by side. ``cells``: a sample of each
    column.
    """
    classes = RoleClasses.of(catalog)
    messages = message_columns([column.header for column in types], cells)
    speakers = {at: role for kind, role in _SPEAKERS.items() for at in messages.get(kind, ())}
    if "peer" in messages:
        speakers |= dict.fromkeys(messages.get("peer_name", ()), _SPEAKERS["peer"])
    own = own_columns([column.header for column in types], cells)
    sold = any(column.transaction not in (None, *_NO_SALE) for column in types)
    parties = _LIST_ROLES if sold else {}
    roles = [
        _OWN
        if number in own
        else speakers[number]
        if number in speakers
        else _PARTIES.get(column.transaction or "", parties.get(column.role or "", column.role))
        for number, column in enumerate(types)
    ]
    subjects = list(roles)
    for group in sorted(set(groups)):
        chosen = [number for number in range(len(types)) if groups[number] == group]
        table = _Table(catalog, classes, [types[at] for at in chosen], [roles[at] for at in chosen])
        for at, subject in zip(chosen, table.subjects(), strict=True):
            subjects[at] = subject
    for at in messages.get("content", ()):
        subjects[at] = None
    return [
        dataclasses.replace(column, subject=None if subject == column.role else subject)
        for column, subject in zip(types, subjects, strict=True)
    ]


def side_columns(
    catalog: Catalog, types: Sequence[ColumnType], groups: Sequence[int]
) -> list[bool]:
    """Return True for each column of another person than the subject of its row."""
    classes = RoleClasses.of(catalog)
    first: dict[int, int] = {}
    for column, group in zip(types, groups, strict=False):
        if column.recognizers:
            place = classes.priority(column.role)
            first[group] = min(place, first.get(group, place))
    return [
        column.role is not None and classes.priority(column.role) > first.get(group, 0)
        for column, group in zip(types, groups, strict=False)
    ]


@dataclasses.dataclass(frozen=True, slots=True)
class _Table:
    """Columns of one table among tables side by side, with their roles."""

    catalog: Catalog
    classes: RoleClasses
    types: Sequence[ColumnType]
    roles: Sequence[str | None]

    def subjects(self) -> list[str | None]:
        """Return, per column, the role of its person, with a number if there are several."""
        roles = self._nameless_joined(list(self.roles))
        roles = self._roleless_repeats(roles)
        subjects: list[str | None] = list(roles)
        for role in dict.fromkeys(roles):
            columns = [at for at, each in enumerate(roles) if each == role]
            for at, number in zip(columns, self._person_numbers(columns), strict=True):
                subjects[at] = numbered_role(role, number)
        return self._absorbed(subjects)

    def _has(self, columns: Sequence[int], entities: frozenset[str]) -> bool:
        """Return True if any of ``columns`` has one of ``entities`` by its label."""
        return any(self._is(at, entities) for at in columns)

    def _is(self, at: int, entities: frozenset[str]) -> bool:
        """Return True if the label of column ``at`` names one of ``entities``, no firm's code."""
        found = [
            self.catalog.by_id[id_]
            for id_ in self.types[at].recognizers
            if id_ in self.catalog.by_id
        ]
        return any(each.entity in entities for each in found) and not any(
            each.whose == "organisation" for each in found
        )

    def _nameless_joined(self, roles: list[str | None]) -> list[str | None]:
        """Return ``roles`` in which columns of a nameless person join the role most like them.

        ``买家支付宝账号 | 收货人姓名`` -> both of the recipient.
        """
        for role, other in (self.classes.likes or {}).items():
            columns = [at for at, each in enumerate(roles) if each == role]
            if columns and other in roles and not self._has(columns, _NAMES | _IDENTITIES):
                roles = [other if each == role else each for each in roles]
        return roles

    def _roleless_repeats(self, roles: list[str | None]) -> list[str | None]:
        """Return ``roles`` in which a repeated header after a person's name gets that role.

        ``姓名 | 电话 | 担保人 | 电话`` -> the second 电话 is the guarantor's.
        """
        found, seen = list(roles), set[str]()
        for at, role in enumerate(roles):
            name = self._name(at)
            if role is None and name in seen and at and roles[at - 1] is not None:
                before = roles[at - 1]
                columns = [n for n, each in enumerate(found) if each == before]
                alike = any(
                    set(self.types[n].recognizers) & set(self.types[at].recognizers)
                    for n in columns
                )
                if self._is(at - 1, _NAMES) and not alike:
                    found[at] = before
            if role is None and self.types[at].recognizers:
                seen.add(name)
        return found

    def _name(self, at: int) -> str:
        """Return the normalized header of column ``at``; its recognizer ids without a header."""
        return normalize_header(self.types[at].header or "") or "+".join(self.types[at].recognizers)

    def _person_numbers(self, columns: Sequence[int]) -> list[int]:
        """Return the person's number, from 1, of each of ``columns`` of one role.

        Persons are told apart by numbered or repeated columns of names, else of identity numbers.
        """
        for entities in (_NAMES, _IDENTITIES):
            told = [at for at in columns if self._is(at, entities)]
            if not told:
                continue
            written = sorted({written_number(self.types[at].header) for at in told})
            if len(written) > 1:
                place = {number: nth for nth, number in enumerate(written, 1)}
                return [place.get(written_number(self.types[at].header), 1) for at in columns]
            repeats = max(sum(self._name(at) == self._name(each) for at in told) for each in told)
            if repeats > 1:
                seen: dict[str, int] = {}
                for_each = []
                for at in columns:
                    name = self._name(at)
                    seen[name] = seen.get(name, 0) + 1
                    for_each.append(seen[name] if self.types[at].recognizers else 1)
                return for_each
            break
        return [1] * len(columns)

    def _absorbed(self, subjects: list[str | None]) -> list[str | None]:
        """Return ``subjects`` in which columns without a role belong to the main subject.

        They are a person of their own if they name one and the subject has a name too. Names under
        an unknown header (安装师傅) are another person's.
        """
        nobody = [at for at, subject in enumerate(subjects) if subject is None]
        taker = self.classes.absorber(each for each in subjects if each is not None)
        if taker is None:
            return subjects
        taken = [at for at, subject in enumerate(subjects) if subject == taker]
        names = [at for at in nobody if self._is(at, _NAMES)]
        named = any((label_of(self.catalog, self.types[at].header) is not None) for at in names)
        taker_named = self._has(taken, _NAMES)
        if self.classes.classes[base_role(taker)] == "subject":
            apart = named and taker_named
        else:  # a person who stands alone has the name of the row, and nobody else has one
            apart = named or self._has(nobody, _IDENTITIES) or not taker_named
        if apart:
            return subjects
        others = names if taker_named else []
        return [
            OTHER_PERSON
            if at in others
            else taker
            if subject is None and self._is_personal(at)
            else subject
            for at, subject in enumerate(subjects)
        ]

    def _is_personal(self, at: int) -> bool:
        """Return True if the cells of column ``at`` can be personal: no amount, time, number."""
        label = self.types[at].label
        return bool(self.types[at].recognizers) or label is None or label.other is None


def written_number(header: str | None) -> int:
    """Return the person's number in a header: ``联系人2 -> 2``; 0 without one.

    >>> [written_number(h) for h in ("姓名", "姓名2", "联系人2电话", "第一联系人", "姓名（二）")]
    [0, 2, 2, 1, 2]
    """
    name = unicodedata.normalize("NFKC", header or "").strip().replace("(", "").replace(")", "")
    found = _NUMBER.search(name)
    if found is None:
        return 0
    digits = next(each for each in found.groups() if each)
    return _DIGITS.index(digits) if digits in _DIGITS else int(digits)
