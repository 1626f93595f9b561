"""An identity number against the sex, birth, age and province of its row."""

from __future__ import annotations

from pathlib import Path

import pytest

from piiscan.case.store.case import Case
from tests.case.dump import scan_dump

MAN = "43010419900307001"  # Hunan, 1990-03-07, male
WOMAN = "43010419900307002"


def number(head: str) -> str:
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(digit) * weight for digit, weight in zip(head, weights, strict=True))
    return head + "10X98765432"[total % 11]


@pytest.fixture(autouse=True)
def own_rules() -> None:
    """The shipped catalogue instead of this folder's small one."""


def doubts(tmp_path: Path, header: str, *rows: str) -> list[str | None]:
    folder = tmp_path / "dump"
    folder.mkdir()
    (folder / "a.csv").write_text("\n".join([header, *rows, ""]), "utf-8")
    case: Case = scan_dump([folder], tmp_path / "case")
    query = "select doubts from records order by row"
    return [row["doubts"] for row in case.sql(query).to_pylist()]


def test_sex_is_compared_however_it_is_written(tmp_path: Path) -> None:
    rows = [
        f"{number(MAN)},{sex}" for sex in ("男", "女", "M", "female", "1", "2", "", "未知", "先生")
    ]
    wrong = "SEX_CONFLICT"
    expected = [None, wrong, None, wrong, None, wrong, None, None, None]
    assert doubts(tmp_path, "身份证号,性别", *rows) == expected


def test_birth_is_compared_by_its_day(tmp_path: Path) -> None:
    births = ("1990-03-07", "1990/3/7", "19900307", "1990年3月7日", "1990-03-08", "不详", "32939")
    expected = [None, None, None, None, "BIRTH_CONFLICT", None, None]
    rows = [f"{number(WOMAN)},{birth}" for birth in births]
    assert doubts(tmp_path, "身份证号,出生日期", *rows) == expected


def test_ages_are_of_the_day_the_list_was_made(tmp_path: Path) -> None:
    people = [number(f"430104{year}0307001") for year in range(1970, 1990)]
    ages = [2015 - year for year in range(1970, 1990)]
    ages[7] += 10
    rows = [f"{person},{age}岁" for person, age in zip(people, ages, strict=True)]
    assert doubts(tmp_path, "身份证号,年龄", *rows) == [
        "AGE_CONFLICT" if n == 7 else None for n in range(20)
    ]


def test_a_province_counts_where_nearly_all_agree(tmp_path: Path) -> None:
    people = [f"{number(MAN)},{place}" for place in ["湖南"] * 9 + ["广东省"]]
    assert doubts(tmp_path, "身份证号,户籍省份", *people) == [None] * 9 + ["REGION_CONFLICT"]


def test_where_people_live_is_no_conflict(tmp_path: Path) -> None:
    people = [f"{number(MAN)},{place}" for place in ["湖南"] * 5 + ["广东省", "北京市"] * 3]
    assert doubts(tmp_path, "身份证号,省份", *people) == [None] * 11


def test_several_doubts_stand_together(tmp_path: Path) -> None:
    rows = [f"{number(MAN)},女,1990-03-08", f"{number(MAN)},男,1990-03-07"]
    assert doubts(tmp_path, "身份证号,性别,生日", *rows) == ["SEX_CONFLICT+BIRTH_CONFLICT", None]


def test_numbers_that_fail_their_check_are_not_compared(tmp_path: Path) -> None:
    wrong = number(MAN)[:-1] + ("0" if number(MAN)[-1] != "0" else "1")
    rows = [f"张三,13800138000,{wrong},女", f"李四,13800138001,{number(MAN)},女"]
    assert doubts(tmp_path, "姓名,手机号,身份证号,性别", *rows) == [None, "SEX_CONFLICT"]
