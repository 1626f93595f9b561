"""The figures of a made case in plain Python: rows, subjects, keys, transfers."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

from tests.case.made_cases.case_maker import DataRow, Evidence, Listing, MadeCase

Keys = set[tuple[str, ...]]


def passed_keys(listing: Listing) -> Keys:
    """The keys of all subjects that pass."""
    return {
        subject.key
        for row in listing.rows
        for subject in row.subjects
        if subject.passes and subject.key
    }


def steps(files: Iterable[Evidence]) -> dict[str, int]:
    """R0 to R5 over ``files``: rows; rows with a value; rows that identify; that pass; …"""
    rows: list[tuple[Listing, DataRow]] = [
        (each.listing, row) for each in files for row in _data_rows(each.listing)
    ]
    named = [pair for pair in rows if any(s.key for s in pair[1].subjects)]
    passed = [pair for pair in named if any(s.passes for s in pair[1].subjects)]
    contents = {_content(row) for _, row in passed}
    keys = {s.key for _, row in passed for s in row.subjects if s.passes}
    return {
        "R0": len(rows),
        "R1": len(rows),
        "R2": len(named),
        "R3": len(passed),
        "R4": len(contents),
        "R5": len(keys),
    }


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


def by_role(files: Iterable[Evidence]) -> dict[str, int]:
    """Role -> distinct keys of subjects that pass."""
    found: dict[str, Keys] = defaultdict(set)
    for each in files:
        for row in each.listing.rows:
            for subject in row.subjects:
                if subject.passes and subject.key:
                    found[subject.role].add(subject.key)
    return {role: len(keys) for role, keys in found.items()}


class Flow:
    """Who got what from whom, from every file that proves it.

    An acquisition ranks 2 if it was unlawful, 1 if that is open, 0 if it was lawful. What the file
    of the taker says of his acquisition from a giver goes before what the giver's file proves.
    """

    def __init__(self, case: MadeCase) -> None:
        self._groups = case.groups
        self.sold: dict[tuple[str, str], Keys] = defaultdict(set)
        said: dict[tuple[str, str, Any], int] = {}
        derived: dict[tuple[str, str, Any], int] = {}
        own: dict[tuple[str, str, Any], int] = {}
        suspects = set(case.suspects)
        self._duty: dict[str, Keys] = defaultdict(set)
        for each in case.files:
            keys, told = passed_keys(each.listing), each.register
            holder = told["嫌疑人"]
            if told.get("履职或服务中获得") == "是":
                self._duty[holder] |= keys
            giver = case.aliases.get(told.get("来自", ""), told.get("来自", ""))
            taker = case.aliases.get(told.get("去向", ""), told.get("去向", ""))
            if told["角色"] in ("获取", "持有"):
                stated = told.get("获取是否违法")
                preset = 2 if told["角色"] == "获取" else 1
                rank = {"是": 2, "待查": 1, "否": 0}.get(stated or "", preset)
                for key in keys:
                    at = (holder, giver, key)
                    table = own if stated is None else said
                    table[at] = max(rank, table.get(at, 0))
                if giver:
                    self.sold[giver, holder] |= keys
            if told["角色"] == "出售":
                self.sold[holder, taker] |= keys
                if taker in suspects:
                    derived |= {(taker, holder, key): 2 for key in keys}
        derived = {at: rank for at, rank in derived.items() if at not in said}
        self.rank: dict[str, dict[Any, int]] = defaultdict(dict)
        for table in (said, own, derived):
            for (holder, _, key), rank in table.items():
                self.rank[holder][key] = max(rank, self.rank[holder].get(key, 0))

    def acquired(self, who: str, lowest: int) -> Keys:
        """The keys that ``who`` acquired, of at least this rank."""
        return {key for key, rank in self.rank[who].items() if rank >= lowest}

    def total(self, who: str) -> dict[str, int]:
        """The terms of article 11 for one suspect."""
        own = {
            taker: keys
            for (giver, taker), keys in self.sold.items()
            if giver == who and keys and not self._internal(giver, taker)
        }
        every: Keys = set().union(*own.values())
        total = sum(map(len, own.values()))
        return {
            "acquired": len(self.acquired(who, 2)),
            "acquired_high": len(self.acquired(who, 1)),
            "sold_sum": total,
            "sold_distinct": len(every),
            "not_sold": len(self.acquired(who, 2) - every),
            "not_sold_high": len(self.acquired(who, 1) - every),
            "flow_total": total + len(self.acquired(who, 2) - every),
            "flow_total_high": total + len(self.acquired(who, 1) - every),
        }

    def of_duty(self, who: str) -> int:
        """What ``who`` gave to others of what he obtained in duty or service, over all takers."""
        return sum(
            len(keys & self._duty[who])
            for (giver, taker), keys in self.sold.items()
            if giver == who and not self._internal(giver, taker)
        )

    def group_total(self, group: str) -> dict[str, int]:
        """The terms of article 11 for a joint group: each key once, sales to outsiders added up."""
        members = self._groups[group]
        sold: dict[str, Keys] = defaultdict(set)
        for (giver, taker), keys in self.sold.items():
            if giver in members and taker not in members:
                sold[taker] |= keys
        every: Keys = set().union(*sold.values())
        low, high = (
            set().union(*(self.acquired(who, rank) for who in members)) - every for rank in (2, 1)
        )
        total = sum(map(len, sold.values()))
        return {
            "sold_sum": total,
            "sold_distinct": len(every),
            "flow_total": total + len(low),
            "flow_total_high": total + len(high),
        }

    def _internal(self, giver: str, taker: str) -> bool:
        """Whether both are members of one group."""
        return any({giver, taker} <= set(members) for members in self._groups.values())
