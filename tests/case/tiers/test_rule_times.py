"""Rules of several days, and rules of the user's own, beside administrative levels."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from piiscan import CatalogError, count
from piiscan.case.count.record_count import Tables
from piiscan.case.tiers import load_profile
from piiscan.case.tiers.policy import Policy, choose_policies, load_policy, policy_folder
from piiscan.case.tiers.rule_times import Acts, applicable_rules
from piiscan.case.tiers.tier_cells import rule_words
from tests.case.count.test_count import write_lines
from tests.case.dump import scan_dump
from tests.case.flow.naive_transfers import Item, Made, Member
from tests.case.flow.test_transfers import tables_of
from tests.case.literal_rows import RULES, counted, only

OLD = load_policy("tier-cn-2017")
TOLD = (policy_folder() / "tier-cn-2017.toml").read_text("utf-8")


def made_rule(folder: Path, name: str = "tier-cn-2027", factor: int = 2, **keys: str) -> Policy:
    """A rule after that of 2017 with other lines."""
    dates = {"effective": "2027-01-01", "replaces": "tier-cn-2017", **keys}
    text = TOLD.replace('effective = "2017-06-01"', "")
    text = text.replace('id = "tier-cn-2017"', f'id = "{name}"')
    for line in OLD.lines:
        old, line_of = line.threshold, "threshold = {}\nsingly".format
        text = text.replace(line_of(old), line_of(old * factor))
    lines = [f'{key} = "{value}"\n' for key, value in dates.items()]
    path = folder / f"{name}.toml"
    path.write_text(text.replace("title", "".join(lines) + "title", 1), "utf-8")
    return load_policy(str(path))


@pytest.fixture
def new(tmp_path: Path) -> Policy:
    return made_rule(tmp_path)


ONE = [
    (("2018-01-01", "2026-01-01", 0), "IN_FORCE"),
    (("2017-06-01", "2017-06-01", 0), "IN_FORCE"),
    (("2015-01-01", "2017-05-31", 0), "NO_EARLIER"),
    (("2015-01-01", "2018-01-01", 0), "ONLY"),
    (("2018-01-01", "2018-01-01", 1), "ONLY"),
    ((None, None, 3), "ONLY"),
]
BOTH = [
    (("2027-01-01", "2028-01-01", 0), "REPEALED IN_FORCE"),
    (("2018-01-01", "2026-12-31", 0), "OF_THE_DAY NEWER"),
    (("2016-01-01", "2016-01-01", 0), "BETWEEN NO_EARLIER"),
    (("2026-12-31", "2027-01-01", 0), "ACROSS ACROSS"),
    (("2016-01-01", "2018-01-01", 0), "ACROSS ACROSS"),
    (("2018-01-01", "2018-01-01", 1), "UNDATED UNDATED"),
    ((None, None, 0), "UNDATED UNDATED"),
]


def acts_of(first: str | None, last: str | None, undated: int) -> Acts:
    days = (None if day is None else date.fromisoformat(day) for day in (first, last))
    return Acts(*days, undated)


@pytest.mark.parametrize(("days", "code"), ONE)
def test_without_an_earlier_one_the_rule_governs(days: Any, code: str) -> None:
    assert applicable_rules([OLD], acts_of(*days)) == {OLD.id: code}


@pytest.mark.parametrize(("days", "codes"), BOTH)
def test_of_two_rules_that_of_the_day_or_the_newer(new: Policy, days: Any, codes: str) -> None:
    for policies in ([OLD, new], [new, OLD]):
        told = applicable_rules(policies, acts_of(*days))
        assert [told[OLD.id], told[new.id]] == codes.split()
        other = load_policy("platform-cn-2019")  # of another matter
        assert applicable_rules([*policies, other], acts_of(*days)) == told | {
            other.id: applicable_rules([other], acts_of(*days))[other.id]
        }


def test_a_repeal_without_a_new_rule_ends_it(tmp_path: Path) -> None:
    rule = made_rule(
        tmp_path, effective="2020-01-01", repealed="2022-01-01", repealed_by="示例决定（虚构）"
    )
    for days, code in {
        ("2021-01-01", "2021-12-31", 0): "IN_FORCE",
        ("2022-01-01", "2022-01-01", 0): "REPEALED",
        ("2021-12-31", "2022-01-01", 0): "ACROSS",
        ("2021-12-31", "2021-12-31", 1): "UNDATED",
    }.items():
        assert applicable_rules([rule], acts_of(*days)) == {rule.id: code}


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({"effective": "2027年1月1日"}, "effective: a day is expected"),
        ({"repealed": "2028-01-01"}, "repealed_by: is missing"),
        ({"repealed": "2026-01-01", "repealed_by": "x"}, "repealed: a day is expected"),
    ],
)
def test_days_of_a_rule_are_checked(tmp_path: Path, keys: dict[str, str], told: str) -> None:
    with pytest.raises(CatalogError, match=told):
        made_rule(tmp_path, **keys)


def times_of(tables: Tables, policy: Policy) -> dict[str, tuple[Any, ...]]:
    names = ("first_day", "last_day", "undated", "rule_time", "lighter")
    rows = only(tables, "rule_times", policy=policy.id)
    return {row["scope"]: tuple(row[name] for name in names) for row in rows}


@pytest.mark.parametrize(("factor", "lighter"), [(2, "yes"), (1, "no")])
def test_both_readings_stand_beside_each_suspect(tmp_path: Path, factor: int, lighter: str) -> None:
    new = made_rule(tmp_path, factor=factor)
    items = [
        Item("甲某", "sold", {1, 2, 3}, party_to=["乙某"], day=date(2020, 1, 2)),
        Item("甲某", "sold", {4}, party_to=["庚某"], day=date(2026, 12, 31)),
        Item("丙某", "sold", {5}, party_to=["庚某"], day=date(2026, 12, 31)),
        Item("丙某", "acquired", {6}, ["庚某"], day=date(2027, 1, 1)),
        Item("丁某", "sold", {5}, party_to=["庚某"]),
    ]
    made = Made(items, members=[Member("一组", "甲某"), Member("一组", "乙某")])
    tiers = replace(RULES.tiers, policies=(OLD, new))
    tables = tables_of(made, rules=replace(RULES, tiers=tiers))
    assert times_of(tables, new) == {
        "甲某": ("2020-01-02", "2026-12-31", 0, "NEWER", lighter),
        "丙某": ("2026-12-31", "2027-01-01", 0, "ACROSS", None),
        "丁某": (None, None, 1, "UNDATED", None),
        "一组": ("2026-12-31", "2026-12-31", 0, "NEWER", lighter),
    }
    ratios = {row["policy"]: row["ratio"] for row in only(tables, "rule_times", scope="丙某")}
    assert ratios[OLD.id] == "UF_rows 0.00、UF 0.00、UF_persons 0.00"
    lines = only(tables, "by_suspect", scope="甲某", entry="crossings")
    assert [row["beside"]["times"] for row in lines] == [["OF_THE_DAY"], ["NEWER"]]


def test_one_rule_in_force_needs_no_remark() -> None:
    tables = counted(["id:1"])
    (row,) = tables["rule_times"]
    assert (row["scope_kind"], row["rule_time"]) == ("total", "ONLY")
    assert row["effective"] == "2017-06-01"
    assert "times" not in only(tables, "by_suspect", entry="crossings")[0]["beside"]


def test_an_own_rule_brings_the_one_it_replaces_and_is_marked(tmp_path: Path, new: Policy) -> None:
    path = tmp_path / f"{new.id}.toml"
    policies, levels = choose_policies([str(path)], ["tier-cn-2017"])
    assert ([each.id for each in policies], levels) == ([OLD.id, new.id], ())
    assert (OLD.own, new.own) == (False, True)
    titles = rule_words(policies)
    assert titles[new.id]["zh"].endswith(f"〔自定规则，SHA-256：{new.sha256}〕")
    assert titles[OLD.id] == OLD.title
    write_lines(tmp_path / "dump", {"a.csv": ["姓名,手机号", "张三,13812345678"]})
    made = count(scan_dump([tmp_path / "dump"], tmp_path / "case"), policies=[str(path)])
    words = made.content["words"]
    assert new.sha256 in words[new.id]["zh"]
    twin = tmp_path / "twin.toml"
    twin.write_text(path.read_text("utf-8") + "# another\n", "utf-8")
    with pytest.raises(CatalogError, match="two rule files have this id"):
        choose_policies([str(path), str(twin)], ())


PROFILE = """format = 1
title = "人脸"
[[part]]
path = "1.csv"
kinds = ["biometric_face"]
reason = "特征值"
author = "某某"
"""


def test_levels_count_persons_and_stand_in_no_ratio(tmp_path: Path) -> None:
    chosen = choose_policies(["face-cn-2025", "incident-cn-2025"], ["tier-cn-2017"])
    assert [each.id for each in chosen[0]] == ["tier-cn-2017"]
    (tmp_path / "p.toml").write_text(PROFILE, "utf-8")
    profile = load_profile(tmp_path / "p.toml", OLD.composed)
    rules = replace(RULES, tiers=replace(RULES.tiers, levels=chosen[1], profile=profile))
    faces, lists = [f"id:{n}" for n in range(6)], [f"name:甲{n} phone:{n}" for n in range(5)]
    tables = counted([*faces, "id:0"], lists, rules=rules)
    told = {(r["policy"], r["tier"], r["unit"], r["count"]) for r in tables["tier_levels"]}
    levels = ("larger", "major", "severe")
    assert told == {("face-cn-2025", "filing", "U2", 6)} | {
        ("incident-cn-2025", level, unit, 11) for level in levels for unit in ("U2", "U4")
    }
    thresholds = {row["tier"]: row["threshold"] for row in tables["tier_levels"]}
    assert thresholds == {
        "filing": 100_000, "larger": 1_000_000, "major": 10_000_000, "severe": 100_000_000,
    }  # fmt: skip
    for name in ("tiers", "tier_scenarios", "tier_crossings", "by_suspect"):
        assert "cn-2025" not in str(tables[name]), name
    plain = counted([*faces, "id:0"], lists, rules=replace(rules, tiers=RULES.tiers))
    assert plain["tier_levels"] == []


@pytest.mark.parametrize("name", ["face-cn-2025", "incident-cn-2025"])
def test_a_text_that_was_not_read_says_so(name: str) -> None:
    policy = load_policy(name)
    assert "未核对原文" in policy.document
    for part in (*policy.lines, *policy.bases.values(), *policy.remarks):
        assert "未核对原文" in part.basis + str(part.note)
    assert policy.effective is not None
    assert str(policy.effective.year) in policy.document
