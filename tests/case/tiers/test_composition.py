"""A profile says what material is, strictly; column names only propose it."""

from __future__ import annotations

from pathlib import Path

import pytest

from piiscan.case.tiers import load_policy, load_profile, propose_categories
from piiscan.errors import CatalogError

POLICY = load_policy("tier-cn-2017")
KNOWN = POLICY.composed | {"account"}
TEXT = """\
format = 1
title = "话单与通讯录"

[[part]]
path = "*话单*.csv"
columns = ["*时长*", "对方号码"]
kinds = ["call_records"]
beside = ["CN_MOBILE"]
reason = "运营商格式"
author = "张检"

[[part]]
path = "手机/*"
member = "*通讯录*"
without = ["account"]
reason = "QQ 只是联系方式"
author = "张检"
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "profile.toml"


def test_a_part_holds_where_path_member_and_every_column_fit(path: Path) -> None:
    path.write_text(TEXT, "utf-8")
    profile = load_profile(path, KNOWN)
    profile.check(POLICY)
    headers = ["本机号码", "对方号码", "通话时长"]
    found = profile.composition("查获/2月话单1.CSV", headers=headers)
    assert found.kinds == {"call_records": frozenset({"CN_MOBILE"})}
    assert found.confirmed_categories(frozenset({"CN_MOBILE"})) == {"call_records"}
    assert found.confirmed_categories(frozenset({"PERSON"})) == set()
    assert not profile.composition("查获/2月话单1.csv", headers=headers[:2]).kinds
    assert not profile.composition("查获/名单.csv", headers=headers).kinds
    assert profile.composition("手机/a.zip", member="通讯录.xlsx").without == {"account"}
    assert not profile.composition("手机/a.zip", member="其他.xlsx").without


def test_said_twice_the_weaker_condition_holds(path: Path) -> None:
    more = TEXT + '[[part]]\npath = "*"\nkinds = ["call_records"]\nreason = "r"\nauthor = "a"\n'
    path.write_text(more, "utf-8")
    found = load_profile(path, KNOWN).composition("话单.csv", headers=["对方号码", "时长"])
    assert found.kinds == {"call_records": frozenset()}
    turned = TEXT.split("[[part]]")
    path.write_text("[[part]]".join([turned[0], more.split("[[part]]")[3], *turned[1:]]), "utf-8")
    assert found == load_profile(path, KNOWN).composition("话单.csv", headers=["对方号码", "时长"])


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("call_records", "calls", "part 1: kinds: no calls; there are: "),
        ('author = "张检"', "", "part 1: author: is missing"),
        ('reason = "运营商格式"', "reason = 1", "part 1: reason: a text is expected"),
        ("beside =", "next_to =", "part 1: next_to: unknown key"),
        ("[[part]]", "[[section]]", "section: unknown key; known are format, part, title"),
        ('kinds = ["call_records"]\n', "", "part 1: kinds: is missing"),
    ],
)
def test_a_broken_profile_is_named_by_file_line_and_key(
    path: Path, right: str, wrong: str, told: str
) -> None:
    path.write_text(TEXT.replace(right, wrong, 1 if right != "[[part]]" else -1), "utf-8")
    with pytest.raises(CatalogError) as caught:
        load_profile(path, KNOWN)
    assert told in str(caught.value)
    assert str(caught.value).startswith(str(path))


def test_what_a_policy_has_not_is_an_error(path: Path) -> None:
    path.write_text(TEXT.replace("account", "no_such"), "utf-8")
    with pytest.raises(CatalogError, match="names no_such, which tier-cn-2017 has not") as caught:
        load_profile(path, KNOWN).check(POLICY)
    assert caught.value.text("zh").startswith("设定文件写了 no_such")


def test_column_names_propose_and_change_nothing() -> None:
    part = {
        "path": "a.csv",
        "member": "",
        "headers": ["手机号", "经度", None, "上报时间", "ＬＮＧ"],
    }
    (proposal,) = propose_categories([part], POLICY)
    assert (proposal.category, proposal.headers) == ("track", ("经度", "上报时间"))
    assert (
        propose_categories([{"path": "b", "member": "", "headers": ["姓名", "手机号"]}], POLICY)
        == []
    )


def test_every_composed_category_but_accounts_can_be_proposed() -> None:
    composed = [each for each in POLICY.categories if each.composed]
    assert [each.id for each in composed if not each.suggested] == ["account"]
