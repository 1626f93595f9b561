"""Ratios under a rule from a corpus's own rows, in plain Python and from the rule's file alone.

A record reaches categories in the order of the file, each taking the kinds that it consists of; a
key reaches all that its records reach.  Which of them it counts under is a reading: the line with
the lowest threshold alone, or each line once.
"""

import tomllib
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator
from decimal import Decimal
from fractions import Fraction
from importlib import resources
from itertools import product
from typing import Any

from tests.case.naive import Truth
from tests.case.planted import Cell, Person, Row

SCOPES = ("total", "suspect", "device", "item", "status")


class Rule:
    """A rule as its file tells it."""

    def __init__(self, name: str) -> None:
        file = resources.files("piiscan") / "data" / "policies" / f"{name}.toml"
        told: dict[str, Any] = tomllib.loads(file.read_text("utf-8"))
        self.name = name
        self.told = told
        self.categories: dict[str, dict[str, Any]] = {c["id"]: c for c in told["category"]}
        self.thresholds = {line["id"]: line["threshold"] for line in told["line"]}
        nobodys = {kind for kinds in self.categories["not_counted"]["kinds"] for kind in kinds}
        self.nobodys = nobodys | {"PHONE_TAIL"}  # a tail alone is nobody's
        self.order = [*self.thresholds, "none"]
        self._proposed: dict[tuple[str, ...], set[str]] = {}

    def categories_of(self, kinds: set[str], *, alone: bool = True) -> frozenset[str]:
        """Which categories a record with these kinds reaches; what is nobody's is not of it."""
        kinds = kinds - self.nobodys
        left, found = set(kinds), []
        for name, category in self.categories.items():
            if alone and "only" in category and kinds <= set(category["only"]):
                left.clear()
                found.append(name)
            for needed in category.get("kinds", ()):
                if set(needed) <= left:
                    left -= set(needed)
                    found.append(name)
        assert found, kinds
        return frozenset(found)

    def proposed(self, headers: Collection[str]) -> set[str]:
        """Which categories column names propose; of two alternatives the first."""
        told = self._proposed.get(tuple(headers))
        if told is None:
            told = self._proposed[tuple(headers)] = self._propose(headers)
        return told

    def _propose(self, headers: Collection[str]) -> set[str]:
        plain = [unicodedata.normalize("NFKC", header).casefold() for header in headers]
        found: set[str] = set()
        for name, category in self.categories.items():
            for words in category.get("suggested", ()):
                told = all(any(word in header for header in plain) for word in words)
                if told and category.get("unless") not in found:
                    found.add(name)
        return found - {"business_public"}

    def counted(
        self, reached: frozenset[str], lines: dict[str, str], *, each: bool
    ) -> Iterator[str]:
        """The categories that one record counts under: of the lowest line, or one of each."""
        names = list(self.categories)
        ranked = sorted(reached, key=lambda c: (self.order.index(lines[c]), names.index(c)))
        met: set[str] = set()
        for category in ranked:
            line = lines[category]
            if not met or (each and line not in met and line != "none"):
                met.add(line)
                yield category


def tier_tables(truth: Truth, *names: str) -> dict[str, list[Cell]]:
    """Tables of tiers, readings and money under each rule, as a count has them but for the law."""
    tables: dict[str, list[Cell]] = {"tiers": [], "tier_scenarios": [], "tier_money": []}
    money = truth.money()
    for name in names:
        rule = Rule(name)
        for kind, unit in product(SCOPES, ("U1", "U1d", "U2")):
            most = _reached(truth, rule, kind, unit, proposals=True)
            told = _reached(truth, rule, kind, unit)
            other, utmost = told, most
            if unit != "U1":
                other = _reached(truth, rule, kind, unit, other=True)
                utmost = _reached(truth, rule, kind, unit, proposals=True, other=True)
            for scope in told | other:
                head = {"scope_kind": kind, "scope": scope, "unit": unit, "policy": name}
                by = head | {"insider": False}
                records = told.get(scope, Counter())
                tables["tiers"] += [by | row for row in _tiers(rule, records)]
                more = (most.get(scope, Counter()), other[scope], utmost[scope])
                rows = _readings(rule, records, *more)
                tables["tier_scenarios"] += [by | row for row in rows]
        tables["tier_money"] += _money(rule, money)
    return tables


def _reached(  # noqa: C901
    truth: Truth, rule: Rule, kind: str, unit: str, *, proposals: bool = False, other: bool = False
) -> dict[str, Counter[frozenset[str]]]:
    """How many records (U1), rows (U1d) or keys (U2) of each scope reach which categories.

    ``other``: a person whose key fails stands with the key that would pass.
    """
    if kind == "status":
        rows = [(told["status"], row) for row, told in truth.trades()]
    else:
        rows = [(row.scopes[kind], row) for row in truth.rows]
    found: dict[str, dict[Any, frozenset[str]]] = defaultdict(dict)
    for scope, row in rows:
        if scope is None or not (row.headline and row.telling):
            continue
        kinds = {v.entity for v in row.kept if not v.refuted and not row.is_party(v)}
        ones: dict[Any, set[str]] = {}
        if unit == "U1":
            ones[id(row)] = kinds
        elif unit == "U1d":
            standing = _stands(row) or (other and row.named and row.other_key(row.main))
            ones |= {row.content: kinds} if standing else {}
        else:
            if kind != "status":  # a trade is weighed by its main subject
                ones |= {
                    each.key(row.order)[0]: _own_kinds(row, each, kinds) for each in row.passing()
                }
            if _stands(row):
                ones[row.key] = kinds
            for each in row.people if other and row.counts else ():
                if each.named(row.order) and (each is row.main or kind != "status"):
                    key = row.other_key(each)
                    ones |= {key: _own_kinds(row, each, kinds)} if key else {}
        for one, own in ones.items():
            reached = rule.categories_of(own)
            if row.business:
                reached = frozenset({"business_public"})
            elif proposals and (more := rule.proposed(row.cells)):
                reached = more | rule.categories_of(own, alone=False)
            before = found[scope].get(one, frozenset())
            found[scope][one] = before | reached
    return {scope: Counter(held.values()) for scope, held in found.items()}


def _own_kinds(row: Row, person: Person, kinds: set[str]) -> set[str]:
    """What a person of a row is weighed by: a side person by his own values, else the row's."""
    own = {value.entity for _, value in person.values if not value.refuted}
    return own if row.is_side(person) and person is not row.main else kinds


def _stands(row: Row) -> bool:
    """Whether a key of the row is sound; bare phone numbers are weighed too, by themselves."""
    return row.sound and (row.named or row.bare)


def _read(
    rule: Rule, records: Counter[frozenset[str]], lines: dict[str, str], each: bool
) -> tuple[dict[tuple[str, str], int], Fraction]:
    """Records by line and category, and the sum of all ratios."""
    found: Counter[tuple[str, str]] = Counter()
    for reached, number in records.items():
        for category in rule.counted(reached, lines, each=each):
            found[lines[category], category] += number
    ratio = sum(
        (Fraction(n) / rule.thresholds[line] for (line, _), n in found.items() if line != "none"),
        Fraction(0),
    )
    return found, ratio


def _tiers(rule: Rule, records: Counter[frozenset[str]]) -> Iterator[Cell]:
    own = {name: category["line"] for name, category in rule.categories.items()}
    before = None
    for row_tier, each in (("highest", False), ("per-element", True)):
        found, ratio = _read(rule, records, own, each)
        if found == before:
            continue
        before = found
        for (line, category), number in found.items():
            threshold = None if line == "none" else rule.thresholds[line]
            share = None if threshold is None else Fraction(number, threshold)
            yield _row(row_tier, category, line, number, share) | {
                "threshold": None if threshold is None else int(threshold),
                "multiple": None,
            }
        yield _row(row_tier, None, None, None, ratio) | {
            "threshold": None,
            "multiple": _multiple(rule, ratio),
        }


def _row(
    row_tier: str, category: str | None, line: str | None, count: int | None, ratio: Fraction | None
) -> Cell:
    told = {"row_tier": row_tier, "category": category, "tier": line, "count": count}
    return told | {"ratio": _text(ratio, shown), "exact": _text(ratio, str)}


def _readings(  # noqa: C901
    rule: Rule,
    records: Counter[frozenset[str]],
    most: Counter[frozenset[str]],
    other: Counter[frozenset[str]],
    utmost: Counter[frozenset[str]],
) -> Iterator[Cell]:
    own = {name: category["line"] for name, category in rule.categories.items()}
    present = {name for reached in records for name in reached}
    open_ = {n: c["also"] for n, c in rule.categories.items() if c.get("also")}
    lines = {n: sorted([own[n], *also], key=rule.order.index) for n, also in open_.items()}
    lowest = own | {n: each[-1] for n, each in lines.items()}
    highest = own | {n: each[0] for n, each in lines.items()}
    readings: list[tuple[str, str | None, str | None, dict[str, str]]] = [
        ("default", None, None, own)
    ]
    if "business_public" in present:
        less = own | {"business_public": "none"}
        readings.append(("without_business", "business_public", "none", less))
    if present & open_.keys():
        readings.append(("lowest", None, None, lowest))
    if most != records:
        readings.append(("highest_confirmed", None, None, highest))
    if most != records or present & open_.keys():
        readings.append(("highest", None, None, highest))
    for n, also in open_.items():
        if n in present and n != "business_public":
            readings += [("choice", n, a, own | {n: a}) for a in also]
    if other != records:
        readings.append(("other_key", None, None, own))
    contested = {name for reached in utmost for name in reached} & open_.keys()
    if utmost not in (records, most, *([] if contested else [other])):
        readings.append(("utmost", None, None, highest))
    told_by = {"highest": most, "other_key": other, "utmost": utmost}
    default = _read(rule, records, own, False)[1]
    for name, category, line, lines_ in readings:
        count = None
        if name == "other_key":
            count = other.total() - records.total()
        elif category is not None:
            count = sum(n for reached, n in records.items() if category in reached)
        first = None
        for row_tier, each in (("highest", False), ("per-element", True)):
            ratio = _read(rule, told_by.get(name, records), lines_, each)[1]
            if ratio == first:
                continue
            first = ratio
            yield _row(row_tier, category, line, count, ratio) | {
                "scenario": name,
                "multiple": _multiple(rule, ratio),
                "default_ratio": shown(default),
            }


def _multiple(rule: Rule, ratio: Fraction) -> str | None:
    return shown(ratio / rule.told["multiple"]["times"]) if "multiple" in rule.told else None


def _money(rule: Rule, money: list[Cell]) -> Iterator[Cell]:
    if "money" not in rule.told:
        return
    for row in money:
        if row["scope_kind"] not in SCOPES or row["status"] not in ("sold", "provided"):
            continue
        line = rule.told["money"]["threshold"]
        ratio = None if row["sum"] is None else Fraction(Decimal(row["sum"])) / line
        yield {
            **{name: row[name] for name in ("scope_kind", "scope", "status")},
            "policy": rule.name,
            "insider": False,
            "amount": row["sum"],
            "unpriced": row["unpriced"] + row["unreadable"],
            "threshold": line,
            "ratio": _text(ratio, shown),
            "exact": _text(ratio, str),
        }


def _text(ratio: Fraction | None, form: Callable[[Fraction], str]) -> str | None:
    return None if ratio is None else form(ratio)


def shown(ratio: Fraction) -> str:
    """With two places, half up, but never across 1 or 10."""
    hundredths = int(ratio * 100 + Fraction(1, 2))
    for line in (1, 10):
        if ratio < line and hundredths >= line * 100:
            hundredths = line * 100 - 1
    return f"{hundredths // 100}.{hundredths % 100:02}"
