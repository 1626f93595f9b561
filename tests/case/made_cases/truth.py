"""The figures of a made case in plain Python: rows, subjects, keys, transfers."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

from tests.case.flow.naive_transfers import Item, Made, Member, moves
from tests.case.made_cases.case_maker import DataRow, Evidence, Listing, MadeCase

Keys = set[tuple[str, ...]]
ROLES = {"获取": "acquired", "出售": "sold", "持有": "held"}
#: Kind of list and role in it -> role that its headers tell.
UNTOLD = {
    ("couples", "subject"): "householder",
    ("numbered", "2"): "person",
    ("mirrored", "2"): "subject",
}
ANSWERS = {"是": "yes", "否": "no", "待查": "open"}


def passed_keys(listing: Listing) -> Keys:
    """The keys of all subjects that pass."""
    return {
        subject.key
        for row in listing.rows
        for subject in row.subjects
        if subject.passes and subject.key
    }


def naive_steps(files: Iterable[Evidence]) -> list[int]:
    """R0 to R5 over ``files``: rows; rows with a value; rows that identify; that pass; …"""
    rows: list[tuple[Listing, DataRow]] = [
        (each.listing, row) for each in files for row in _data_rows(each.listing)
    ]
    named = [pair for pair in rows if any(s.key for s in pair[1].subjects)]
    passed = [pair for pair in named if any(s.passes for s in pair[1].subjects)]
    contents = {_content(row) for _, row in passed}
    keys = {s.key for _, row in passed for s in row.subjects if s.passes}
    return [len(each) for each in (rows, rows, named, passed, contents, keys)]


def _data_rows(listing: Listing) -> list[DataRow]:
    """The rows of data: two tables side by side have a row of their own each."""
    if listing.kind != "mirrored":
        return list(listing.rows)
    return [DataRow((subject,), row.note) for row in listing.rows for subject in row.subjects]


def _content(row: DataRow) -> Any:
    """What tells two rows apart: their values, with the role where a row has several persons."""
    several = len(row.subjects) > 1
    values = [
        (subject.role if several else "", value)
        for subject in row.subjects
        for value in subject.values.values()
        if value
    ]
    return frozenset(Counter(values).items())


def by_role(files: Iterable[Evidence]) -> dict[str | None, int]:
    """Role by the headers, None without one -> distinct keys of subjects that pass."""
    found: dict[str | None, Keys] = defaultdict(set)
    for each in files:
        for row in each.listing.rows:
            for subject in row.subjects:
                if subject.passes and subject.key:
                    role = UNTOLD.get((each.listing.kind, subject.role), subject.role)
                    found[None if role in ("subject", "1") else role].add(subject.key)
    return {role: len(keys) for role, keys in found.items()}


def transfers(case: MadeCase) -> Made:
    """The items of the case with their keys, and what the register says of them."""
    items = [
        Item(
            each.register["嫌疑人"],
            ROLES[each.register["角色"]],
            passed_keys(each.listing),
            [each.register[name] for name in ("来自",) if name in each.register],
            [each.register[name] for name in ("去向",) if name in each.register],
            ANSWERS.get(each.register.get("获取是否违法", "")),
        )
        for each in case.files
    ]
    members = [Member(group, name) for group, names in case.groups.items() for name in names]
    return Made(items, members=members, aliases=case.aliases)


def of_duty(case: MadeCase, who: str) -> int:
    """What ``who`` gave to others of what he obtained in duty or service, over all takers."""
    duty: Keys = set()
    for each in case.files:
        if (each.register["嫌疑人"], each.register.get("履职或服务中获得")) == (who, "是"):
            duty |= passed_keys(each.listing)
    return sum(
        key in duty and not any({who, taker} <= set(members) for members in case.groups.values())
        for giver, taker, key, _ in moves(transfers(case))[0]
        if giver == who
    )
