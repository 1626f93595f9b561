"""Rows contained in another row of the same person are told and stay."""

from __future__ import annotations

from pathlib import Path

import pytest

from piiscan.case.count.count import count
from tests.case.dump import scan_dump

PHONE = "1990000{:04d}"


@pytest.fixture(autouse=True)
def own_rules() -> None:
    """The shipped catalogue, not the small one of the other tests of this folder."""


def test_a_row_with_less_about_the_same_person_is_contained_in_his_scope_only(
    tmp_path: Path,
) -> None:
    dump = tmp_path / "dump"
    for name, rows in {
        "甲某/a.csv": [("王建国", 1, "a@example.com"), ("王建国", 1, ""), ("李志强", 2, "")],
        "乙某/b.csv": [("李志强", 2, "b@example.com"), ("陈秀英", 3, "c@example.com")],
        "乙某/c.csv": [("陈秀英", 3, "d@example.com")],
    }.items():
        path = dump / name
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = [f"{person},{PHONE.format(number)},{mail}" for person, number, mail in rows]
        path.write_text("\n".join(["姓名,手机号,邮箱", *lines]) + "\n", "utf-8")
    register = tmp_path / "register.csv"
    register.write_text("路径,嫌疑人\ndump/甲某,甲某\ndump/乙某,乙某\n", "utf-8")
    made = count(scan_dump([dump], tmp_path / "case"), register=register)
    assert made.tables()["contained"] == [
        {"scope_kind": "total", "scope": "total", "contained": 2, "not_compared": 0},
        {"scope_kind": "suspect", "scope": "甲某", "contained": 1, "not_compared": 0},
    ]
    ladder = {r["step"]: r["count"] for r in made.tables()["ladder"] if r["scope"] == "total"}
    assert (ladder["R4"], ladder["R5"]) == (6, 3)
