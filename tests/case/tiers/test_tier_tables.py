"""Tables of tiers show every reading, in words of the rules, and pronounce nothing."""

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from piiscan.case.count.record_count import Tables
from piiscan.case.report.report_contents import TABLE_OF
from piiscan.case.report.table_files import table_csv, table_json
from piiscan.case.tiers import (
    choose_policies,
    load_policy,
    load_profile,
    load_sensitivity,
    shipped_policies,
)
from piiscan.case.tiers.composition_table import sensitivity_rows
from piiscan.case.tiers.sensitivity import shipped_sensitivities
from piiscan.case.tiers.tier_cells import add_rule_names, rule_words
from piiscan.case.tiers.tier_tables import TIER_NOTES, money_rows, rule_rows
from piiscan.detect.catalog import catalog
from piiscan.wording.words import LANGUAGES, Words
from tests.case.flow.naive_transfers import DAYS, Item, Made
from tests.case.flow.test_transfers import tables_of
from tests.case.literal_rows import RULES, counted, only, source, traded

POLICIES, LEVELS = choose_policies(shipped_policies(), ())
CN = load_policy("tier-cn-2017")
PROFILES = [load_sensitivity(name) for name in shipped_sensitivities()]
PROFILE = """format = 1
title = "t"
[[part]]
path = "轨迹*"
kinds = ["track"]
without = ["account"]
reason = "r"
author = "a"
"""
#: Two sales with a price, one of duty; one sale without a price, and a purchase.
DEALINGS = Made(
    [
        Item("甲某", "sold", {1}, party_to=["下家"], day=DAYS[0], price=Decimal(31831)),
        Item("甲某", "sold", {2}, price=Decimal(3000), duty="yes"),
        Item("甲某", "sold", {3}, party_to=["下家"], day=DAYS[1]),
        Item("甲某", "acquired", {4}, price=Decimal(10000)),
    ]
)


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    """The tables of a count that has something for each of them."""
    file = tmp_path_factory.mktemp("tiers") / "profile.toml"
    file.write_text(PROFILE, "utf-8")
    tiers = replace(
        RULES.tiers,
        policies=POLICIES,
        levels=LEVELS,
        profile=load_profile(file, CN.composed | {"account"}),
    )
    loans = ["姓名", "手机号", "负债", "借款需求"]
    sources = [
        source(90, ["phone:1", "wechat:1", "card:1 name:1 phone:1", "id:7 +young"]),
        source(91, ["fix:1", "fix:2 wechat:2"], "轨迹.csv"),
        source(92, [f"name:{n}#1 phone:{n}#2" for n in range(4)], headers=loans),
        traded(source(93, ["wechat:3"]), [{"row": 2, "status": "sold", "price": 80}]),
    ]
    return tables_of(DEALINGS, *sources, rules=replace(RULES, tiers=tiers))


def words(language: Any) -> Words:
    return add_rule_names(
        Words(language, catalog.load().vocabulary), rule_words(POLICIES + LEVELS, PROFILES)
    )


def read(name: str, rows: Sequence[Any], language: Any = "zh") -> list[dict[str, str]]:
    text = table_csv(TABLE_OF[name], rows, words(language)).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_cell_has_a_word_and_no_table_a_verdict(tables: Tables, language: Any) -> None:
    shown = {table.name for table in TABLE_OF.values() if table.section in ("T10", "T11")}
    for name in shown - {"photos"}:  # of files
        rows = tables[name]
        assert rows, name
        columns = {column.name for column in TABLE_OF[name].columns_in("files")}
        assert all(set(row) == columns for row in rows), name
        text = table_csv(TABLE_OF[name], rows, words(language)).decode("utf-8-sig")
        for verdict in ("构成", "情节", "有罪", "达到标准", "guilty", "offence"):
            assert verdict not in text, name
        for code in ("tier-cn-2017", "bare_phone", "unmapped", "per-element", "financial_account"):
            assert code not in text, (name, code)
        assert table_json(TABLE_OF[name], rows)


def test_the_sum_says_under_which_rule(tables: Tables) -> None:
    rows = only(tables, "tiers", scope="total", unit="U2", policy=CN.id, row_tier="highest")
    *_, total = read("tiers", rows)
    assert total["信息类别"] == "合计（按法释〔2017〕10号第五条折算的比例）"
    assert total["按规则折算的比例"] == rows[-1]["ratio"]


def test_money_of_a_suspect_is_gross_net_and_of_duty(tables: Tables) -> None:
    rows = only(tables, "dealing_money", policy=CN.id)
    assert {row["scope"] for row in rows} == {"甲某"}
    columns = ("money_reading", "insider", "amount", "threshold", "unpriced", "ratio")
    assert [tuple(row[column] for column in columns) for row in rows] == [
        ("gross", False, "34831.00", 5000, 1, "6.97"),
        ("net", False, "24831.00", 5000, 1, "4.97"),
        ("duty", True, "3000.00", 2500, 0, "1.20"),
    ]


def test_lines_are_crossed_by_suspects_where_there_are_any(tables: Tables) -> None:
    assert {row["scope"] for row in tables["tier_crossings"]} == {"甲某"}
    plain = counted(["id:1"])["tier_crossings"]
    assert [(row["scope"], row["crossing_line"], row["crossed"]) for row in plain] == [
        ("total", 1, "none"),
        ("total", 10, "none"),
    ]


def test_money_has_a_table_of_its_own() -> None:
    rows = money_rows(Decimal(31831), POLICIES, unpriced=0, insiders=(False, True))
    assert [(row["policy"], row["threshold"], row["ratio"]) for row in rows] == [
        ("tier-cn-2017", 5000, "6.37"),
        ("tier-cn-2017", 2500, "12.73"),
    ]
    (none,) = money_rows(None, [CN], unpriced=12)
    assert (none["amount"], none["ratio"], none["unpriced"]) == (None, None, 12)


def test_every_line_of_a_rule_is_printed_with_its_basis() -> None:
    rows = read("tier_rules", rule_rows([CN]))
    assert len(rows) == len(CN.lines) + len(CN.bases) + len(CN.remarks) + len(CN.categories)
    assert all(row["依据条文或案例"] for row in rows)
    contested = [row for row in rows if row["是否有争议"] == "是"]
    assert len(contested) == sum(each.contested for each in CN.categories)
    assert all(row["备注"] and row["另有观点所列数量线"] for row in contested)


def test_sensitive_kinds_come_first_and_what_a_newer_rule_drops_is_told() -> None:
    rows = sensitivity_rows({"CN_MOBILE": 1, "CN_BANK_CARD": 2}, [PROFILES[-1]])
    kinds = [(row["information"], row["sensitive"]) for row in rows]
    assert kinds == [("CN_BANK_CARD", True), ("CN_MOBILE", False)]
    shown = read("sensitivity", sensitivity_rows({"CN_RESIDENT_ID": 9}, PROFILES))
    assert [row["规则列为敏感"] for row in shown] == ["是", "否", "否"]
    assert [row["备注"] for row in shown] == ["", "此前的规则曾列为敏感，本规则不再列入", ""]


@pytest.mark.parametrize("language", LANGUAGES)
def test_how_to_read_the_tables_is_said_once(language: Any) -> None:
    notes = [words(language)(key) for key in TIER_NOTES]
    assert len(notes) == len(set(notes)) == 5
    assert any("按某规则折算的比例" in note or "under a rule" in note for note in notes)
