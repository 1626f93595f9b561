"""Persons are what plain Python makes of the same ties, however many there are."""

from __future__ import annotations

import random
from collections import defaultdict
from typing import Any

import pyarrow as pa
import pytest

from piiscan.case.count.count_database import create_views
from piiscan.case.count.person_linking import HUB_NAMES, link_persons
from piiscan.case.store.connection import connect_in_memory
from piiscan.schemas import RECORD_SUBJECTS

Row = dict[str, Any]


def rows(seed: int, count: int) -> list[Row]:
    """Records of a few people, with phones that some of them share and one that all of them do."""
    draw = random.Random(seed)
    made = []
    for record in range(count):
        who = draw.randrange(max(1, count // 3))
        phone = 1 if draw.random() < 0.1 else 100 + who // draw.choice((1, 1, 2))
        told = {
            "subject": 10 * record,
            "counted": draw.random() < 0.95,
            "side": draw.random() < 0.2,
            "step": 3 if draw.random() < 0.9 else 2,
            "bare": draw.random() < 0.05,
            "data": draw.random() < 0.97,
            "excluded": 0 if draw.random() < 0.05 else None,
            "identity": who if draw.random() < 0.5 else None,
            "mobile": phone if draw.random() < 0.8 else None,
            "account": 1000 + who if draw.random() < 0.2 else None,
            "name": who % 7 if draw.random() < 0.8 else None,
        }
        told["key"] = repr((told["identity"], told["mobile"], record % 50)).encode()[:16].ljust(16)
        made.append(told)
    return made


def linked(told: list[Row]) -> list[Row]:
    columns = [
        pa.array([row.get(field.name) for row in told], _plain(field.type)).cast(field.type)
        for field in RECORD_SUBJECTS
    ]
    subjects = pa.Table.from_arrays(columns, schema=RECORD_SUBJECTS)
    with connect_in_memory() as connection:
        create_views(connection, {"candidates": subjects})
        return [row for table in link_persons(connection) for row in table.to_pylist()]


def _plain(type_: Any) -> Any:
    return type_.value_type if pa.types.is_dictionary(type_) else type_


def truth(told: list[Row]) -> list[Row]:
    """Components by walking from record to record."""
    passed = [
        row
        for row in told
        if row["counted"] and row["step"] == 3 and not row["bare"] and row["data"]
        if row["excluded"] is None
    ]
    near = neighbours(passed)
    person: dict[int, int] = {}
    for at in range(len(passed)):
        if at not in person:
            new, waiting = len(set(person.values())), [at]
            while waiting:
                here = waiting.pop()
                if here not in person:
                    person[here] = new
                    waiting += near[here]
    return [{"subject": row["subject"], "person": person[at]} for at, row in enumerate(passed)]


def neighbours(passed: list[Row]) -> dict[int, set[int]]:
    """Which subjects have a tie in common that is no hub's; one's beside another, with his name."""
    names, beside, near = defaultdict(set), defaultdict(list), defaultdict(set)
    for at, row in enumerate(passed):
        for kind in ("key", "identity", "mobile", "account"):
            if row[kind] is None:
                continue
            if kind in ("key", "identity") or not row["side"]:
                beside[kind, row[kind]].append(at)
                if kind in ("mobile", "account") and row["name"] is not None:
                    names[kind, row[kind]].add(row["name"])
            if kind in ("mobile", "account") and row["name"] is not None:
                beside[kind, row[kind], row["name"]].append(at)
    for tie, ats in beside.items():
        if len(names.get(tie, ())) <= HUB_NAMES:
            for at in ats:
                near[at].update(ats)
    return near


@pytest.mark.parametrize("seed", range(6))
def test_who_belongs_together_is_what_plain_python_says(seed: int) -> None:
    told = rows(seed, 400)
    found = linked(told)
    assert found == truth(told)
    assert 1 < len({row["person"] for row in found}) < len(found)


def test_a_phone_of_many_names_ties_nobody() -> None:
    told = [row | {"mobile": 1, "identity": n, "account": None, "name": n, "key": b"%16d" % n}
            for n, row in enumerate(rows(1, 1) * (HUB_NAMES + 1))]  # fmt: skip
    for row in told:
        row |= {"subject": row["identity"], "counted": True, "side": False, "step": 3}
        row |= {"bare": False, "data": True, "excluded": None}
    assert [row["person"] for row in linked(told)] == list(range(HUB_NAMES + 1))
    fewer = told[:-1]
    assert {row["person"] for row in linked(fewer)} == {0}


def test_nobody_is_nobody() -> None:
    assert linked([]) == []
