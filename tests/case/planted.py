"""Rows of a made corpus with what is planted in them, and what each row is to a count.

In plain Python, from NAME.rows.jsonl and the headers alone.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

Cell = dict[str, Any]

ELEMENTS = {
    "CN_RESIDENT_ID": "identity",
    "PERSON": "name",
    "CN_MOBILE": "phone",
    "CN_LANDLINE": "phone",
    "CN_ADDRESS": "address",
    "WECHAT_ID": "account",
    "QQ_NUMBER": "account",
    "EMAIL_ADDRESS": "account",
    "CREDENTIAL": "secret",
    "VERIFICATION_CODE": "secret",
    "CN_USCC": "organisation",
    "ORGANIZATION": "organisation",
    "MASKED": "masked",
    "DAMAGED": "damaged",
}
ABOUT = ("identity", "name", "phone", "address", "account", "secret")
ROLES = {
    "收件人": "recipient",
    "收件": "recipient",
    "寄件人": "sender",
    "收货": "recipient",
    "买家支付宝": "buyer",
    "客户": "buyer",
    "法定代表人": "representative",
}
FOREMOST = {None: 5, "recipient": 4, "buyer": 3, "representative": 2, "sender": 0}
REASONS = {"wrong_check": "CHECK_FAIL", "bad_date": "DATE_IMPOSSIBLE"}
KEPT = {"unallotted": "PREFIX_UNALLOTTED"}
KEYS: dict[str, tuple[str, ...]] = {
    "identity": ("identity",),
    "name_phone": ("name", "phone"),
    "phone": ("phone",),
    "account": ("account",),
    "name_address": ("name", "address"),
    "phone_code": ("phone", "secret"),
}
USUAL = ("identity", "name_phone", "phone", "account", "name_address")
HUB = 5
BOOKKEEPING = ("序号", "备注", "导入时间", "批次", "跟进状态")


@dataclass(frozen=True)
class Value:
    """One planted value."""

    column: int
    header: str
    entity: str
    form: str
    value: str
    refuted: bool
    shown: str


@dataclass
class Person:
    """One candidate of a row: what stands there about somebody in one role."""

    role: str | None
    values: list[tuple[str, Value]] = field(default_factory=list)

    def has(self, *kinds: str) -> bool:
        return any(kind in kinds for kind, _ in self.values)

    def first(self, kind: str, *, sound: bool) -> Value | None:
        found = (v for k, v in self.values if k == kind and v.refuted is not sound)
        return next(found, None)

    @property
    def bare(self) -> bool:
        return {kind for kind, _ in self.values} == {"phone"}

    def key(self, order: Sequence[str]) -> tuple[tuple[str, ...] | None, bool]:
        """The key by the first kind that is present, and whether all of it is sound."""
        for kind in order:
            if all(self.has(part) for part in KEYS[kind]):
                parts = [(p, self.first(p, sound=True)) for p in KEYS[kind]]
                passes = all(value is not None for _, value in parts)
                whole = [v or self.first(p, sound=False) for p, v in parts]
                return (kind, *(v.value for v in whole if v is not None)), passes
        return None, False

    def named(self, order: Sequence[str]) -> bool:
        number = sum(self.has(kind) for kind in ("name", "phone", "address", "secret"))
        alone = all(self.has(part) for part in KEYS[order[0]])
        return self.has("identity", "account") or number >= 2 or alone


@dataclass
class Row:
    """One row of a corpus, and where it belongs."""

    file: str
    row: int
    cells: dict[str, str]
    values: list[Value]
    order: Sequence[str]
    scopes: dict[str, str | None]
    out: str | None = None  # why it is not counted: EXCLUDED, OUTSIDE_PERIOD, UNDATED
    dropped: frozenset[str] = frozenset()  # headers of columns that are excluded

    @property
    def counts(self) -> bool:
        return self.out is None

    @property
    def kept(self) -> list[Value]:
        """The values that no excluded column holds."""
        return [value for value in self.values if value.header not in self.dropped]

    @cached_property
    def people(self) -> list[Person]:
        """Who the row is about, by role; what has no role is the only one's who has one."""
        told = [(self._role(v), ELEMENTS.get(self._entity(v), "other"), v) for v in self.kept]
        about = [each for each in told if each[1] in ABOUT]
        roles = {role for role, _, _ in about if role is not None}
        found: dict[str | None, Person] = {}
        for role, kind, value in about:
            own = next(iter(roles)) if role is None and len(roles) == 1 else role
            found.setdefault(own, Person(own)).values.append((kind, value))
        return list(found.values()) or [Person(None)]

    def _role(self, value: Value) -> str | None:
        return next((r for word, r in ROLES.items() if value.header.startswith(word)), None)

    def _entity(self, value: Value) -> str:
        if value.header in ("买家", "卖家"):
            return "party of the trade"
        if value.header == "微信号" and ELEMENTS.get(value.entity) in ABOUT:
            return "WECHAT_ID"
        return value.entity

    @cached_property
    def main(self) -> Person:
        """Whom the row is rather about."""

        def rank(person: Person) -> tuple[bool, bool, int, int]:
            key, passes = person.key(self.order)
            kind = -list(KEYS).index(key[0]) if key else 1
            named = person.named(self.order)
            reached = passes if named or person.bare else False
            return named, reached, FOREMOST[person.role], kind

        return max(self.people, key=rank)

    @property
    def named(self) -> bool:
        return self.counts and self.main.named(self.order)

    @property
    def bare(self) -> bool:
        return self.counts and not self.named and self.main.bare

    @property
    def sound(self) -> bool:
        return self.main.key(self.order)[1]

    @property
    def passed(self) -> bool:
        return self.named and self.sound

    @property
    def key(self) -> tuple[str, ...] | None:
        return self.main.key(self.order)[0]

    @property
    def headline(self) -> bool:
        return self.scopes["layer"] not in ("carved", "ocr")

    @property
    def telling(self) -> bool:
        """Whether any value that identifies stands there, or one beside such (U1)."""
        kinds = {v.entity for v in self.kept if not v.refuted} - {"MASKED", "DAMAGED"}
        return self.counts and bool(kinds - {"CN_USCC", "ORGANIZATION", "VERIFICATION_CODE"})

    @property
    def business(self) -> bool:
        headers = {v.header for v in self.values if ELEMENTS.get(v.entity) in ABOUT}
        company = any(ELEMENTS.get(v.entity) == "organisation" for v in self.values)
        return company and bool(headers & {"法定代表人", "联系电话"})

    @cached_property
    def whole(self) -> Any:
        """What makes it the same row as another, cell by cell, in any order."""
        return self._compared(lambda _: True)

    @cached_property
    def content(self) -> Any:
        """What makes it the same information: its cells without those of bookkeeping columns."""
        told = {value.header for value in self.values}
        return self._compared(lambda header: header not in BOOKKEEPING or header in told)

    def _compared(self, kept: Callable[[str], bool]) -> Any:
        """The cells of the columns that are ``kept``, as they are compared."""
        roles = {r for h in self.cells if (r := _role_of(h)) is not None}
        out = []
        for header, text in self.cells.items():
            plain = "".join(unicodedata.normalize("NFKC", text).lower().split())
            if plain and kept(header):
                out.append((_role_of(header) if len(roles) > 1 else None, plain))
        return tuple(sorted(out, key=str))

    def reason(self) -> str:
        """Why it falls at R2 or R3."""
        if self.out is not None:
            return self.out
        if self.bare:
            return "BARE_PHONE"
        if self.named:
            key = self.key
            assert key is not None
            for part in KEYS[key[0]]:
                if self.main.first(part, sound=True) is None:
                    value = self.main.first(part, sound=False)
                    assert value is not None
                    return REASONS[value.form]
        kinds = {ELEMENTS.get(v.entity) for v in self.values}
        if "masked" in kinds:
            return "MASKED"
        return "NOT_IDENTIFIABLE"

    def other_key(self) -> bool:
        """Whether its key fails, and a later kind of key would pass."""
        key, passes = self.main.key(self.order)
        if key is None or passes:
            return False
        later = self.order[list(self.order).index(key[0]) + 1 :]
        return any(all(self.main.first(p, sound=True) for p in KEYS[kind]) for kind in later)

    def doubt(self) -> str | None:
        """What is to be known of a row that passes."""
        first = self.main.first("phone", sound=True)
        return KEPT.get(first.form) if first is not None else None


def _role_of(header: str) -> str | None:
    return next((role for word, role in ROLES.items() if header.startswith(word)), None)
