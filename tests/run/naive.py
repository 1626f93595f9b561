"""The tables of a count from a corpus's own rows, in plain Python: what counts are held against.

Nothing here comes from findings, shards or the code that counts: the rows with the values planted
in them (NAME.rows.jsonl), the headers, the recipe's register, and what the law and practice ask of
a count: a ladder with reasons, units side by side, whose list it is.
"""

from __future__ import annotations

import json
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import cached_property
from pathlib import Path
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
    "法定代表人": "representative",
}
FOREMOST = {None: 4, "recipient": 3, "representative": 2, "sender": 0}
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

    @cached_property
    def people(self) -> list[Person]:
        """Who the row is about, by role; what has no role is the only one's who has one."""
        told = [(self._role(v), ELEMENTS.get(self._entity(v), "other"), v) for v in self.values]
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
        return self.main.named(self.order)

    @property
    def bare(self) -> bool:
        return not self.named and self.main.bare

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
        kinds = {v.entity for v in self.values if not v.refuted} - {"MASKED", "DAMAGED"}
        return bool(kinds - {"CN_USCC", "ORGANIZATION", "VERIFICATION_CODE"})

    @property
    def business(self) -> bool:
        headers = {v.header for v in self.values if ELEMENTS.get(v.entity) in ABOUT}
        company = any(ELEMENTS.get(v.entity) == "organisation" for v in self.values)
        return company and bool(headers & {"法定代表人", "联系电话"})

    @cached_property
    def content(self) -> Any:
        """What makes it the same row as another: its cells in any order, as they are compared."""
        roles = {r for h in self.cells if (r := _role_of(h)) is not None}
        out = []
        for header, text in self.cells.items():
            plain = "".join(unicodedata.normalize("NFKC", text).lower().split())
            if plain and header != "序号":
                out.append((_role_of(header) if len(roles) > 1 else None, plain))
        return tuple(sorted(out, key=str))

    def reason(self) -> str:
        """Why it falls at R2 or R3."""
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
        """Whether a later kind of key would pass."""
        key = self.key
        assert key is not None
        later = self.order[list(self.order).index(key[0]) + 1 :]
        return any(all(self.main.first(p, sound=True) for p in KEYS[kind]) for kind in later)

    def kept(self) -> str | None:
        """What is to be known of a row that passes."""
        first = self.main.first("phone", sound=True)
        return KEPT.get(first.form) if first is not None else None


def _role_of(header: str) -> str | None:
    return next((role for word, role in ROLES.items() if header.startswith(word)), None)


class Truth:
    """All rows of a corpus, and the tables they make."""

    def __init__(
        self,
        corpus: Path,
        *,
        sources: dict[str, int],
        order: Sequence[str] = USUAL,
        register: Iterable[Cell] | None = None,
    ) -> None:
        """``corpus``: NAME.rows.jsonl; ``sources``: the numbers of the case's files by path."""
        files = json.loads(
            corpus.with_name(corpus.name.replace("rows.jsonl", "truth.json")).read_text("utf-8")
        )
        headers = {each["path"]: each.get("header") for each in files["files"]}
        self.register = None if register is None else list(register)
        self.rows: list[Row] = []
        for line in corpus.read_text("utf-8").splitlines():
            told = json.loads(line)
            names = headers[told["file"]] or [f"#{n}" for n in range(len(told["cells"]))]
            values = [
                Value(
                    column,
                    names[column - 1],
                    entity,
                    form,
                    value,
                    refuted,
                    told["cells"][column - 1],
                )
                for column, entity, _, form, value, refuted in told["values"]
            ]
            scopes = self._scopes(told["file"], sources)
            cells = dict(zip(names, told["cells"], strict=True))
            self.rows.append(Row(told["file"], told["row"], cells, values, order, scopes))
        self._persons = _union(self.rows)
        self.kinds = [
            kind
            for kind in ("total", "suspect", "device", "item", "layer", "source")
            if any(row.scopes.get(kind) is not None for row in self.rows)
        ]
        self.titles = {
            path: 1
            for path in headers
            if path.endswith(".xlsx") and path in {r.file for r in self.rows}
        }

    def _scopes(self, file: str, sources: dict[str, int]) -> dict[str, str | None]:
        top, _, inner = file.partition("!")
        layer: str | None = "archived" if inner else "live"
        said: dict[str, Any] = {}
        for row in sorted(self.register or (), key=lambda r: len(r["path"])):
            if file == row["path"] or file.startswith((row["path"] + "/", row["path"] + "!")):
                said |= row
        return {
            "total": "total",
            "suspect": said.get("suspect"),
            "device": said.get("device"),
            "item": said.get("item"),
            "layer": said.get("layer", layer),
            "source": str(sources[top]),
        }

    def groups(self, rows: Iterable[Row]) -> Iterator[tuple[str, str, list[Row]]]:
        """Kind of scope, scope, the rows of it."""
        rows = list(rows)
        for kind in self.kinds:
            found: dict[str, list[Row]] = defaultdict(list)
            for row in rows:
                scope = row.scopes[kind]
                if scope is not None:
                    found[scope].append(row)
            for scope in sorted(found):
                yield kind, scope, found[scope]

    def _steps(self, rows: list[Row]) -> list[list[Row] | list[list[Row]]]:
        passed = [row for row in rows if row.passed]
        return [
            rows,
            [row for row in rows if row.values],
            [row for row in rows if row.named],
            passed,
            _same(passed, lambda row: row.content),
            _same(passed, lambda row: row.key),
            _same(passed, lambda row: self._persons[id(row)]),
        ]

    def ladder(self) -> list[Cell]:
        out = []
        for kind, scope, rows in self.groups(self.rows):
            open_, rest = [r for r in rows if r.headline], [r for r in rows if not r.headline]
            before = None
            steps = zip(self._steps(open_), self._steps(rest), strict=True)
            for number, (here, there) in enumerate(steps):
                count = len(here)
                own = sum(not all(r.business for r in _listed(each)) for each in here)
                out.append(
                    {
                        "scope_kind": kind,
                        "scope": scope,
                        "step": f"R{number}",
                        "count": count,
                        "fell": None if before is None else before - count,
                        "without_business": own if number else None,
                        "unconfirmed": len(there),
                    }
                )
                before = count
        return out

    def reasons(self) -> list[Cell]:
        out = []
        for kind, scope, rows in self.groups(r for r in self.rows if r.headline):
            told: Counter[tuple[str, str, str | None, bool]] = Counter()
            other: Counter[tuple[str, str, str | None, bool]] = Counter()
            files = {row.file for row in rows}
            titles = sum(n for path, n in self.titles.items() if path in files)
            if titles:
                told["R1", "TITLE", None, False] = titles
            for row in rows:
                code: tuple[str, str, str | None, bool] | None = None
                if not row.values:
                    code = ("R1", "NO_FINDING", None, False)
                elif not row.named:
                    code = ("R2", row.reason(), None, False)
                elif not row.passed:
                    code = ("R3", row.reason(), None, False)
                    other[code] += row.other_key()
                elif (kept := row.kept()) is not None:
                    code = ("R3", kept, None, True)
                if code is not None:
                    told[code] += 1
            passed = [row for row in rows if row.passed]
            by_file = len({(row.file, row.content) for row in passed})
            distinct = len({row.content for row in passed})
            told["R4", "DUP_ROW", "file", False] = len(passed) - by_file
            told["R4", "DUP_ROW", "across", False] = by_file - distinct
            told["R5", "DUP_KEY", None, False] = distinct - len({row.key for row in passed})
            for code, number in told.items():
                if not number:
                    continue
                step, reason, where, kept_ = code
                counted = step in ("R2", "R3")
                out.append(
                    {
                        "scope_kind": kind,
                        "scope": scope,
                        "step": step,
                        "reason": reason,
                        "where": where,
                        "count": number,
                        "other_key": other[code] if counted else None,
                        "kept": kept_,
                    }
                )
        return out

    def units(self) -> list[Cell]:
        out = []
        for kind, scope, rows in self.groups(self.rows):
            shown = [row for row in rows if row.headline]
            passed = [row for row in shown if row.passed]
            bare = [row for row in shown if row.bare]
            people = {
                (k, p)
                for row in shown
                for person in row.people
                for k, p in [person.key(row.order)]
                if p and k and person.named(row.order)
            }
            told = {
                "U1": sum(row.telling for row in shown),
                "U2": len({row.key for row in passed}),
                "U2_people": len(people),
                "U4": len({self._persons[id(row)] for row in passed}),
                "bare_rows": len(bare),
                "bare_sound": sum(row.sound for row in bare),
                "bare_distinct": len({row.key for row in bare if row.sound}),
            }
            out.append({"scope_kind": kind, "scope": scope, **told})
        return out

    def elements(self) -> list[Cell]:
        out = []
        for kind, scope, rows in self.groups(r for r in self.rows if r.headline):
            found: dict[str, list[str]] = defaultdict(list)
            for value in (v for row in rows for v in row.values if not v.refuted):
                hidden = value.entity in ("MASKED", "DAMAGED")
                found[value.entity].append(value.shown if hidden else value.value)
            for entity in sorted(found):
                told = {"hits": len(found[entity]), "distinct": len(set(found[entity]))}
                out.append({"scope_kind": kind, "scope": scope, "entity": entity, **told})
        return out

    def people(self) -> list[Cell]:
        named: Counter[str | None] = Counter()
        passed: dict[str | None, list[Any]] = defaultdict(list)
        for row in self.rows:
            if not row.headline:
                continue
            for person in row.people:
                if person.named(row.order):
                    named[person.role] += 1
                    key, passes = person.key(row.order)
                    if passes:
                        passed[person.role].append(key)
        return [
            {
                "role": role,
                "identifiable": named[role],
                "passed": len(passed[role]),
                "distinct": len(set(passed[role])),
            }
            for role in sorted(named, key=lambda r: (r is not None, r or ""))
        ]

    def shared(self) -> list[Cell]:
        out = []
        for kind in self.kinds:
            if kind in ("total", "layer"):
                continue
            held: dict[str, set[Any]] = defaultdict(set)
            for row in self.rows:
                scope = row.scopes[kind]
                if row.headline and row.passed and scope is not None:
                    held[scope].add(row.key)
            holders = Counter(key for keys in held.values() for key in keys)
            for scope in sorted(held):
                own = sum(holders[key] == 1 for key in held[scope])
                told = {"distinct": len(held[scope]), "own": own, "shared": len(held[scope]) - own}
                out.append({"scope_kind": kind, "scope": scope, **told})
        return out

    def conflicts(self) -> list[Cell]:
        out = []
        for code, kind, most in (("ID_NAMES", "identity", 1), ("PHONE_NAMES", "phone", HUB)):
            beside: dict[str, list[str]] = defaultdict(list)
            for row in self.rows:
                for person in row.people:
                    value, name = person.first(kind, sound=True), person.first("name", sound=True)
                    if value is not None and name is not None:
                        beside[value.value].append(name.value)
            bad = [names for names in beside.values() if len(set(names)) > most]
            if bad:
                out.append({"conflict": code, "values": len(bad), "records": sum(map(len, bad))})
        return out

    def trades(self) -> list[tuple[Row, Cell]]:
        """What the ledger says of its rows: one for each status of a row."""
        out = []
        for row in self.rows:
            if "状态" not in row.cells and "是否售出" not in row.cells:
                continue
            out += [(row, {"status": s, **_terms(row.cells, s)}) for s in _statuses(row.cells)]
        return [each for each in out if each[0].headline]

    def statuses(self) -> list[Cell]:
        out = []
        for kind in self.kinds:
            found: dict[tuple[str, str], list[Row]] = defaultdict(list)
            for row, told in self.trades():
                scope = row.scopes[kind]
                if scope is not None:
                    found[scope, told["status"]].append(row)
            for scope, status in sorted(found):
                rows = found[scope, status]
                out.append({"scope_kind": kind, "scope": scope, "status": status, **_counted(rows)})
        return out

    def parties(self) -> list[Cell]:
        found: dict[tuple[str, str], list[tuple[Row, Cell]]] = defaultdict(list)
        for row, told in self.trades():
            if told["party"]:
                found[told["status"], told["party"]].append((row, told))
        out = [
            {
                "status": status,
                "party_kind": "buyer",
                "party": party[0] + "*" * (len(party) - 1),
                **_counted([row for row, _ in each]),
                "sum": _sum(told for _, told in each),
            }
            for (status, party), each in found.items()
        ]
        return sorted(out, key=lambda r: (-r["rows"], r["status"], r["party_kind"], r["party"]))

    def months(self) -> list[Cell]:
        found: dict[tuple[str | None, str], list[tuple[Row, Cell]]] = defaultdict(list)
        for row, told in self.trades():
            found[told["time"][:7] if told["time"] else None, told["status"]].append((row, told))
        order = sorted(found, key=lambda k: (k[0] is None, k[0] or "", k[1]))
        return [
            {
                "month": month,
                "status": status,
                **_counted([row for row, _ in found[month, status]]),
                "sum": _sum(told for _, told in found[month, status]),
            }
            for month, status in order
        ]

    def money(self) -> list[Cell]:
        out = []
        for kind in self.kinds:
            found: dict[tuple[str, str], list[Cell]] = defaultdict(list)
            for row, told in self.trades():
                scope = row.scopes[kind]
                if scope is not None:
                    found[scope, told["status"]].append(told)
            for scope, status in sorted(found):
                each = found[scope, status]
                prices = [told["price"] for told in each if isinstance(told["price"], Decimal)]
                unread = sum(told["price"] == "unreadable" for told in each)
                if not prices and not unread:
                    continue
                out.append(
                    {
                        "scope_kind": kind,
                        "scope": scope,
                        "status": status,
                        "priced": len(prices),
                        "unpriced": len(each) - len(prices) - unread,
                        "unreadable": unread,
                        "sum": _sum(each),
                        "lowest": str(min(prices)) if prices else None,
                        "highest": str(max(prices)) if prices else None,
                    }
                )
        return out

    def tables(self) -> dict[str, list[Cell]]:
        """All of them, by the names they have in a count."""
        return {
            "ladder": self.ladder(),
            "ladder_reasons": self.reasons(),
            "units": self.units(),
            "elements": self.elements(),
            "people": self.people(),
            "shared": self.shared(),
            "conflicts": self.conflicts(),
            "statuses": self.statuses(),
            "parties": self.parties(),
            "months": self.months(),
            "money": self.money(),
        }


def _listed(each: Any) -> list[Row]:
    return each if isinstance(each, list) else [each]


def _same(rows: list[Row], what: Callable[[Row], Any]) -> list[list[Row]]:
    """Rows that are one by ``what``, together."""
    found: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        found[what(row)].append(row)
    return list(found.values())


def _statuses(cells: dict[str, str]) -> list[str]:
    said = cells.get("状态") or cells.get("是否售出") or ""
    out = []
    if cells.get("入库日期") or cells.get("进价"):
        out.append("obtained")
    if said == "已售":
        out.append("sold")
    if said == "找回":
        out.append("recovered")
    return out


def _terms(cells: dict[str, str], status: str) -> Cell:
    """Price, time and party of one status of a row."""
    price, time = {
        "obtained": ("进价", "入库日期"),
        "sold": ("售价", "出售时间"),
        "recovered": ("", ""),
    }[status]
    written = cells.get(time, "")
    return {
        "price": _price(cells.get(price, "")),
        "time": written if written[:2] == "20" else None,
        "party": cells.get("买家", "") if status == "sold" else "",
    }


def _price(text: str) -> Decimal | str | None:
    if text in ("", "面议"):
        return None
    try:
        return Decimal(text).quantize(Decimal("0.01"))
    except InvalidOperation:
        return "unreadable"


def _counted(rows: list[Row]) -> Cell:
    passed = [row.key for row in rows if row.passed]
    return {"rows": len(rows), "passed": len(passed), "distinct": len(set(passed))}


def _sum(told: Iterable[Cell]) -> str | None:
    prices = [each["price"] for each in told if isinstance(each["price"], Decimal)]
    return str(sum(prices)) if prices else None


def _union(rows: list[Row]) -> dict[int, int]:
    """A person's number for each row that passes, by identity number, phone and account."""
    passed = [row for row in rows if row.passed]
    names: dict[tuple[str, str], set[str]] = defaultdict(set)
    ties: list[list[tuple[str, str]]] = []
    for row in passed:
        own = []
        name = row.main.first("name", sound=True)
        for kind in ("identity", "phone", "account"):
            value = row.main.first(kind, sound=True)
            if value is not None:
                own.append((kind, value.value))
                if name is not None:
                    names[kind, value.value].add(name.value)
        ties.append(own)
    person = list(range(len(passed)))
    first: dict[tuple[str, str], int] = {}

    def root(at: int) -> int:
        while person[at] != at:
            at = person[at]
        return at

    for at, own in enumerate(ties):
        for tie in own:
            if tie[0] != "identity" and len(names[tie]) > HUB:
                continue
            person[root(first.setdefault(tie, at))] = root(at)
    return {id(row): root(at) for at, row in enumerate(passed)}
