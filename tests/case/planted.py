"""Rows of a made corpus with what is planted in them, and what each row is to a count.

In plain Python, from NAME.rows.jsonl and the headers alone.
"""

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
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
    "买家支付宝": "recipient",  # without a name of his own
    "客户": "customer",
    "法定代表人": "representative",
}
FOREMOST = {None: 5, "recipient": 4, "customer": 3, "representative": 2, "sender": 0}
SUBJECTS = ("recipient", "customer")  # to whom belongs what has no role
PARTIES = {"买家": "list_buyer", "卖家": "list_seller", "安装师傅": "clerk"}
PERSONAL = ("姓名", "手机", "电话", "身份证", "证件", "地址", "微信", "QQ", "邮箱", "账号")
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
BOOKKEEPING = ("序号", "备注", "导入时间", "批次", "跟进状态", "性别", "地区", "来源", "状态")


@dataclass(frozen=True, eq=False)
class Value:
    """One planted value."""

    column: int
    header: str
    entity: str
    form: str
    value: str
    refuted: bool
    shown: str


@dataclass(eq=False)
class Person:
    """One candidate of a row: what stands there about somebody in one role."""

    role: str | None
    values: list[tuple[str, Value]] = field(default_factory=list)

    @cached_property
    def kinds(self) -> frozenset[str]:
        return frozenset(kind for kind, _ in self.values)

    def has(self, *kinds: str) -> bool:
        return not self.kinds.isdisjoint(kinds)

    def first(self, kind: str, *, sound: bool) -> Value | None:
        found = (v for k, v in self.values if k == kind and v.refuted is not sound)
        return next(found, None)

    @property
    def bare(self) -> bool:
        return self.kinds == {"phone"}

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
        """Who the row is about, by role."""
        found: dict[str | None, Person] = {}
        for value in self.kept:
            kind = ELEMENTS.get(self._entity(value), "other")
            if kind in ABOUT:
                role = self.role(value.header)
                found.setdefault(role, Person(role)).values.append((kind, value))
        return list(found.values()) or [Person(None)]

    def role(self, header: str) -> str | None:
        """Whose a column is."""
        return _role_among(tuple(self.cells), header)

    @staticmethod
    def is_party(value: Value) -> bool:
        """Whether a value is of staff or a party of the trade, who are not counted."""
        return value.header in PARTIES

    def _entity(self, value: Value) -> str:
        if self.is_party(value):
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
    def parties(self) -> set[str]:
        """The roles of staff and parties of the trade that the row names."""
        return {PARTIES[v.header] for v in self.kept if self.is_party(v)}

    def passing(self) -> list[Person]:
        """The people of a row that counts whose key is sound."""
        people = self.people if self.counts else []
        return [p for p in people if p.named(self.order) and p.key(self.order)[1]]

    @property
    def keys(self) -> list[Any]:
        """The keys of the people of the row that are sound, in their order."""
        return [person.key(self.order)[0] for person in self.passing()]

    def is_side(self, person: Person) -> bool:
        """Whether the row is about another one than ``person``, by their roles."""
        return FOREMOST[person.role] < max(FOREMOST[each.role] for each in self.people)

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
        kept = (v for v in self.kept if not v.refuted and not self.is_party(v))
        kinds = {v.entity for v in kept} - {"MASKED", "DAMAGED"}
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
        """What makes it the same information: its values, without those of bookkeeping columns."""
        told = {value.header for value in self.values}
        return self._compared(
            lambda header: header not in BOOKKEEPING or header in told, self.values
        )

    def _compared(self, kept: Callable[[str], bool], values: Iterable[Value] = ()) -> Any:
        """The cells of the columns that are ``kept``, as they are compared; values as they are."""
        owners = {self.role(h) for h in self.cells if _role_of(h) or any(w in h for w in PERSONAL)}
        first = max(owners, key=lambda role: FOREMOST[role], default=None)
        out = []
        for header, cell in self.cells.items():
            texts = [cell]
            for value in (each for each in values if each.header == header):
                texts = [texts[0].replace(value.shown, "", 1), *texts[1:], value.value]
            for text in texts:
                plain = "".join(unicodedata.normalize("NFKC", text).lower().split())
                if plain and kept(header):
                    own = self.role(header)
                    out.append((None if own == first else own, plain))
        return tuple(sorted(out, key=str))

    def why(self, person: Person) -> tuple[str, str, str | None, bool] | None:
        """The step at which one of its people falls and the reason, or a warning about him."""
        _, passes = person.key(self.order)
        if not (self.counts and person.named(self.order)):
            return "R2", self.reason(person), None, False
        if not passes:
            return "R3", self.reason(person), None, False
        kept = self.doubt(person)
        return None if kept is None else ("R3", kept, None, True)

    def reason(self, person: Person) -> str:
        """Why one of its people falls at R2 or R3."""
        if self.out is not None:
            return self.out
        if person.bare and not person.named(self.order):
            return "BARE_PHONE"
        if person.named(self.order):
            key, _ = person.key(self.order)
            assert key is not None
            for part in KEYS[key[0]]:
                if person.first(part, sound=True) is None:
                    value = person.first(part, sound=False)
                    assert value is not None
                    return REASONS[value.form]
        kinds = {ELEMENTS.get(v.entity) for v in self.values}
        if "masked" in kinds:
            return "MASKED"
        return "OTHER_PARTY" if self.parties else "NOT_IDENTIFIABLE"

    def other_key(self, person: Person) -> tuple[str, ...] | None:
        """The later kind of key that would pass if a person's key fails."""
        key, passes = person.key(self.order)
        if key is None or passes:
            return None
        for kind in self.order[list(self.order).index(key[0]) + 1 :]:
            values = [person.first(part, sound=True) for part in KEYS[kind]]
            if all(values):
                return (kind, *(value.value for value in values if value is not None))
        return None

    def doubt(self, person: Person) -> str | None:
        """What is to be known of a person who passes."""
        first = person.first("phone", sound=True)
        return KEPT.get(first.form) if first is not None else None


def _names(header: str) -> bool:
    """Whether a column of a role has names: 收件人, 客户姓名, but not 收件电话."""
    return header in ROLES or header.endswith("姓名")


@cache
def _role_among(headers: tuple[str, ...], header: str) -> str | None:
    """Whose a column is: without a role word the subject's, unless both have a name column."""
    roles = {role: [h for h in headers if _role_of(h) == role] for role in ROLES.values()}
    takers = [role for role in (*SUBJECTS, "representative") if roles.get(role)]
    if _role_of(header) is not None or not takers:
        return _role_of(header)
    named = any("姓名" in h and _role_of(h) is None for h in headers)
    return None if named and any(_names(h) for h in roles[takers[0]]) else takers[0]


def _role_of(header: str) -> str | None:
    return next((role for word, role in ROLES.items() if header.startswith(word)), None)
