"""First page: half a page for each suspect or group; printed totals are sums of their terms."""

import re
from datetime import date
from typing import Any

import pytest

from piiscan.case.count.by_suspect import BY_SUSPECT
from piiscan.case.count.record_count import Tables
from piiscan.case.report.first_page import rule_sentences
from piiscan.case.tiers import load_policy
from piiscan.case.tiers.tier_cells import add_rule_names, rule_words
from piiscan.wording.words import Words
from tests.case.flow.naive_transfers import Item, Made, Member, made_case
from tests.case.flow.test_transfers import tables_of
from tests.case.literal_rows import counted, only

WORDS = add_rule_names(Words("zh"), rule_words([load_policy("tier-cn-2017")]))
OTHER = "第五条第一款第(一)(二)(九)项、第二款第(一)(二)项不以条数为要件，另行审查"


def told(tables: Tables, entry: str, scope: str) -> str:
    """What stands beside an entry of a scope."""
    (row,) = only(tables, "by_suspect", entry=entry, scope=scope)
    return str(BY_SUSPECT.column("beside").text(row, WORDS))


@pytest.mark.parametrize("seed", range(6))
def test_every_printed_total_is_the_sum_of_its_printed_terms(seed: int) -> None:
    tables = tables_of(made_case(seed))
    for row in tables["by_suspect"]:
        beside: Any = row["beside"] or {}
        if row["entry"] == "categories":
            assert row["by_keys"] == sum(term["count"] for term in beside["terms"])
            (total,) = [
                each["by_keys"]
                for each in only(tables, "by_suspect", scope=row["scope"])
                if each["entry"] in ("total", "held") and each["scope_kind"] == row["scope_kind"]
            ]
            assert row["by_keys"] == total
        if row["entry"] in ("total", "held"):
            parts = [each for key, each in beside.get("parts", ()) if "open" not in key]
            for at, total in enumerate((row["by_rows"], row["by_keys"]) if parts else ()):
                assert total == sum(int(each.replace(",", "").split("／")[at]) for each in parts)
        if row["entry"] == "sold":
            terms = [*beside["parties"], *beside.get("parts", ())]
            assert row["by_keys"] == sum(count for _, count in terms)


def test_counts_and_money_stand_in_one_line_with_what_needs_no_number() -> None:
    """430 accounts at 35,530 yuan: 7.1 times the money line, beside no line of numbers."""
    items = [Item("甲某", "sold", set(range(430)), party_to=["乙某"], price=35_530)]
    line = told(tables_of(Made(items)), "crossings", "甲某")
    assert line == (
        "法释〔2017〕10号第五条：1 倍线：各口径均达到 (按条数：各口径均未达到)；"
        f"10 倍线：各口径均未达到 ({OTHER})；"
        "收款总额 35,530.00 元 ÷ 5,000 元 = 7.11 倍（与条数择一较重，不相加）"
    )


def test_a_group_and_its_members_name_each_other_and_the_heavier_is_first() -> None:
    items = [
        Item("甲某", "sold", {1, 2}, party_to=["丙某"]),
        Item("乙某", "acquired", {3, 4, 5}, ["上家"]),
        Item("丁某", "held", {9}),
    ]
    members = [Member("一组", name, date(2020, 1, 1)) for name in ("甲某", "乙某")]
    tables = tables_of(Made(items, members=members))
    names = list(dict.fromkeys(row["scope"] for row in tables["by_suspect"]))
    assert names == ["乙某", "甲某", "丁某", "一组"]
    assert told(tables, "groups", "甲某") == "一组（甲某、乙某），该组合计 5"
    assert told(tables, "groups", "丁某") == "登记表未列"
    headed = BY_SUSPECT.rows_in("statement", tables)
    shown = [BY_SUSPECT.column("entry").text(row, WORDS) for row in headed]
    assert [text for text in shown if text.endswith(("某", "一组"))] == [
        "涉案人：乙某", "涉案人：甲某", "涉案人：丁某", "组或单位：一组",
    ]  # fmt: skip


def test_units_are_of_their_kind_and_what_fails_or_is_contained_is_told() -> None:
    rows = [
        *("name:张三 phone:1 id:5!CHECK_FAIL", "name:李四 phone:2"),
        *("name:李四 phone:2 address:某路1号", "wechat:w1"),
    ]
    tables = counted(rows)
    beside = told(tables, "categories", "total")
    assert beside == "微信、QQ、支付等账号 1 个 ÷ 5,000；姓名、证件号码、电话、住址等 1 人 ÷ 5,000"
    assert told(tables, "failed", "total") == "CHECK_FAIL 1；其中另有合格关键字段 1"
    (row,) = only(tables, "by_suspect", entry="contained")
    assert row["by_rows"] == 1
    (sentence,) = rule_sentences(tables, WORDS)
    assert re.search("50条：.*500条：.*5000条：.*倍数线 10；数额 5,000。", sentence)
