"""Columns of codes that pass a check by chance, and real numbers that are no such codes."""

from __future__ import annotations

import datetime
import random
from collections.abc import Callable

import pyarrow as pa
import pytest

from piiscan.detect.catalog import catalog
from piiscan.detect.columns import column_types
from piiscan.detect.engine import Engine

ENGINE = Engine(catalog.load(), as_of=datetime.date(2026, 1, 1))


def found(cells: list[str], header: str | None = None) -> list[tuple[str, float, str | None]]:
    headers = [header] if header else None
    (column,) = column_types.infer_column_types(ENGINE, headers, [pa.array(cells)])
    rows = ENGINE.find_table(pa.array(cells), label=column.label, min_score=0.3).to_pylist()
    return [(row["recognizer"], row["score"], row["reason"]) for row in rows]


def tw_like(rng: random.Random) -> str:
    return rng.choice("ABCDEF") + rng.choice("12") + f"{rng.randrange(10**8):08d}"


def hk_like(rng: random.Random) -> str:
    return f"{rng.choice('ABCDEFG')}{rng.randrange(10**6):06d}({rng.randrange(10)})"


def card_like(rng: random.Random) -> str:
    return f"621700{rng.randrange(10**13):013d}"


def passing(
    make: Callable[[random.Random], str], which: str, rng: random.Random, count: int
) -> list[str]:
    good: list[str] = []
    while len(good) < count:
        drawn = [make(rng) for _ in range(200)]
        rows = ENGINE.find_table(pa.array(drawn)).to_pylist()
        good += [row["text"] for row in rows if row["recognizer"] == which]
    return good[:count]


KINDS = [(tw_like, "tw.id"), (hk_like, "hk.id"), (card_like, "cn.bank_card")]


@pytest.mark.parametrize(("make", "which"), KINDS, ids=["taiwan", "hongkong", "cards"])
def test_codes_that_pass_by_chance_are_held_low_and_kept(
    make: Callable[[random.Random], str], which: str
) -> None:
    cells = [make(random.Random(n)) for n in range(400)]
    bare = ENGINE.find_table(pa.array(cells)).to_pylist()
    lucky = [row for row in bare if row["recognizer"] == which]
    assert 15 <= len(lucky) <= 70
    rows = [row for row in found(cells, "料号x") if row[0] == which]
    assert rows == [(which, 0.3, "CHANCE")] * len(lucky)


@pytest.mark.parametrize(("make", "which"), KINDS, ids=["taiwan", "hongkong", "cards"])
@pytest.mark.parametrize("broken", [0, 20, 80])
def test_real_numbers_among_broken_ones_stay(
    make: Callable[[random.Random], str], which: str, broken: int
) -> None:
    rng = random.Random(7)
    cells = passing(make, which, rng, 200 - broken)
    cells += [make(rng) for _ in range(broken)]
    kept = [row for row in found(cells) if row[0] == which and row[1] >= 0.5]
    assert len(kept) >= 200 - broken


def test_identity_numbers_a_tenth_of_them_broken_stay_identity_numbers() -> None:
    good = ["430104190506150016"] * 90
    rows = found([*good, *["430104190506150017"] * 10])
    assert sum(row[1] >= 0.85 for row in rows) == 90
    rows = found([*["430104190506150017"] * 10, *good[:2]])
    assert all(reason != "CHANCE" for _, _, reason in rows)


def test_a_few_codes_are_too_few_to_judge_by() -> None:
    rng = random.Random(3)
    cells = [tw_like(rng) for _ in range(5)] + passing(tw_like, "tw.id", rng, 1)
    assert ("tw.id", 0.6, None) in found(cells)


def test_its_own_name_and_a_word_in_front_say_more_than_chance() -> None:
    cells = [tw_like(random.Random(n)) for n in range(400)]
    own = found(cells, "台湾身份证")
    assert own
    assert all(reason != "CHANCE" for _, _, reason in own)
    (column,) = column_types.infer_column_types(ENGINE, None, [pa.array(cells)])
    (good,) = passing(tw_like, "tw.id", random.Random(5), 1)
    word = ENGINE.catalog.by_id["tw.id"].context[0]
    (row,) = ENGINE.find_table(pa.array([f"{word}：{good}"]), label=column.label).to_pylist()
    assert row["score"] == 0.85
