"""Numbers that no real list has are told, and real ones are not."""

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from piiscan.case.scan import implausible_columns
from tests.case.scanned import query_rows, scan_files

START = 13800138000


def alarms_of(home: Path, numbers: list[int]) -> list[tuple[Any, ...]]:
    rows = "".join(f"{n % 7},{number}\n" for n, number in enumerate(numbers))
    case = scan_files(home, {"a.csv": f"甲,手机号\n{rows}"})
    return query_rows(case, 'select member, "column", entity, kind, row, count from alarms')


def shuffled(numbers: list[int]) -> list[int]:
    random.Random(3).shuffle(numbers)
    return numbers


def random_numbers(count: int) -> list[int]:
    draw = random.Random(4)
    return [13000000000 + draw.randrange(10**9) for _ in range(count)]


def test_consecutive_numbers_are_told_also_when_shuffled(tmp_path: Path) -> None:
    numbers = [*random_numbers(300), *range(START, START + 50)]
    expected = [("", 2, "CN_MOBILE", "NUMBER_RUN", 302, 50)]
    assert alarms_of(tmp_path, numbers) == expected
    again = alarms_of(tmp_path / "b", shuffled(numbers))
    assert [row[3::2] for row in again] == [("NUMBER_RUN", 50)]


@pytest.mark.parametrize(
    "numbers",
    [
        random_numbers(2000),
        list(range(START, START + 49)),
        [START] * 500,
        [*range(START, START + 40), *range(START + 50, START + 90)],
    ],
)
def test_real_lists_and_short_runs_are_not(tmp_path: Path, numbers: list[int]) -> None:
    assert alarms_of(tmp_path, numbers) == []


def test_equal_and_even_endings_are_told(tmp_path: Path) -> None:
    same = [13000008888 + n * 10000 * 37 for n in range(60)]
    assert alarms_of(tmp_path, same) == [("", 2, "CN_MOBILE", "UNIFORM_TAIL", 2, 60)]
    even = [13000000000 + (n * 7919 % 10000) * 10000 + n * 100 for n in range(60)]
    found = alarms_of(tmp_path / "b", even)
    assert [(row[3], row[4]) for row in found] == [("UNIFORM_TAIL", 2)]


def test_a_fixed_number_of_numbers_is_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(implausible_columns, "_MAX_NUMBERS", 60)
    numbers = [*range(START, START + 100)]
    assert [row[-1] for row in alarms_of(tmp_path, numbers)] == [60]


def test_numbers_of_several_columns_and_blocks_are_kept_apart_up_to_the_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(implausible_columns, "_MAX_NUMBERS", 150)
    monkeypatch.setattr(implausible_columns, "_INITIAL_SIZE", 4)
    kept = implausible_columns.Alarms()
    for block in range(9):
        for column, entity, first in ((2, "CN_MOBILE", START), (3, "QQ_NUMBER", 20_000_000)):
            values = np.arange(10, dtype=np.int64) + first + 10 * block
            rows = np.arange(10, dtype=np.int64) + 10 * block + 1
            kept.add(0, [implausible_columns.ColumnNumbers(column, entity, values, rows)])
    rows = kept.build_table(1, [""]).to_pylist()
    assert [(row["column"], row["kind"], row["row"], row["count"]) for row in rows] == [
        (2, "NUMBER_RUN", 1, 80),
        (3, "NUMBER_RUN", 1, 70),
    ]
