"""Persons are what plain Python makes of the same ties, however many there are."""

import random
from collections import defaultdict

import pytest

from piiscan.case.count.person_linking import HUB_NAMES
from tests.case.literal_rows import counted, steps

Subject = dict[str, str]


def drawn_subjects(seed: int, count: int) -> list[Subject]:
    """Subjects of a few people; some phones are of two of them, and one is of all."""
    draw = random.Random(seed)
    subjects = []
    for _ in range(count):
        who = draw.randrange(count // 3)
        phone = 1 if draw.random() < 0.1 else 100 + who // draw.choice((1, 1, 2))
        values = {"id": who, "name": who % 7, "phone": phone, "wechat": 1000 + who}
        shares = {"id": 0.5, "name": 0.8, "phone": 0.8, "wechat": 0.2}
        found = {kind: str(values[kind]) for kind in values if draw.random() < shares[kind]}
        subjects.append(found | ({"role": "@contact"} if draw.random() < 0.2 else {}))
    return subjects


def written(number: int, subject: Subject) -> str:
    """The row of a subject; a contact stands in the row of somebody else."""
    role = subject.get("role", "")
    values = [f"{kind}:{value}{role}" for kind, value in subject.items() if kind != "role"]
    return " ".join([f"id:other{number}"] * bool(role) + values)


def key_of(subject: Subject) -> tuple[str, ...] | None:
    """The first key that a subject has; a lone phone is none, nor is a lone name."""
    if "id" in subject:
        return ("id", subject["id"])
    if "phone" in subject and ("name" in subject or "wechat" in subject):
        return ("phone", subject["phone"], subject.get("name", ""))
    return ("wechat", subject["wechat"]) if "wechat" in subject else None


def persons(subjects: list[Subject]) -> int:
    """The number of components of the subjects with a key.

    A phone or account of many names ties nobody; that of a contact ties him to his name alone.
    """
    passed = [each for each in subjects if key_of(each)]
    names, tied = defaultdict(set), defaultdict(list)
    for at, each in enumerate(passed):
        tied["key", key_of(each)].append(at)
        tied["id", each.get("id", at)].append(at)
        for kind in ("phone", "wechat"):
            if kind in each and "role" not in each:
                tied[kind, each[kind]].append(at)
                names[kind, each[kind]] |= {each["name"]} if "name" in each else set()
            if kind in each and "name" in each:
                tied[kind, each[kind], each["name"]].append(at)
    person = list(range(len(passed)))
    for tie, ats in tied.items():
        if len(names[tie]) <= HUB_NAMES:
            same = {person[at] for at in ats}
            person = [min(same) if each in same else each for each in person]
    return len(set(person))


@pytest.mark.parametrize("seed", range(6))
def test_who_belongs_together_is_what_plain_python_says(seed: int) -> None:
    subjects = drawn_subjects(seed, 400)
    tables = counted([written(n, each) for n, each in enumerate(subjects)])
    others = sum("role" in each for each in subjects)  # in whose rows the contacts stand
    wanted = persons(subjects)
    assert steps(tables)[6] == others + wanted
    assert 1 < wanted < len(subjects)
