"""Tables of tiers show every reading, in words of the rules, and pronounce nothing."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from piiscan.case.count.dealing_money import dealing_money
from piiscan.case.report.report_contents import TABLE_OF
from piiscan.case.report.table_files import table_csv, table_json
from piiscan.case.tiers import (
    load_policy,
    load_profile,
    load_sensitivity,
    propose_categories,
    shipped_policies,
)
from piiscan.case.tiers.composition_table import composition_rows, proposal_rows, sensitivity_rows
from piiscan.case.tiers.crossings import crossing_rows
from piiscan.case.tiers.sensitivity import shipped_sensitivities
from piiscan.case.tiers.tier_cells import add_rule_names, rule_words
from piiscan.case.tiers.tier_tables import TIER_NOTES, money_rows, rule_rows, tier_tables
from piiscan.detect.catalog import catalog
from piiscan.wording.words import LANGUAGES, Words

POLICIES = [load_policy(name) for name in shipped_policies()]
CN = load_policy("tier-cn-2017")
PROFILES = [load_sensitivity(name) for name in shipped_sensitivities()]
COUNTS = {"track": 30, "transaction+basic": 200, "account+basic": 500, "bare_phone": 90}


def words(language: Any) -> Words:
    return add_rule_names(
        Words(language, catalog.load().vocabulary), rule_words(POLICIES, PROFILES)
    )


#: Columns that the count puts before those of a table: whose records they are.
HEADS = {
    "tiers": ("scope_kind", "scope", "unit"),
    "tier_scenarios": ("scope_kind", "scope", "unit"),
    "tier_money": ("scope_kind", "scope", "status"),
}


def headed(name: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows as a count has them: whose records they are stands in front."""
    said = {"scope_kind": "total", "scope": "total", "unit": "U1", "status": "sold"}
    head = {column: said[column] for column in HEADS.get(name, ())}
    return [head | row for row in rows]


def transfer(giver: str | None, taker: str | None, money: str | None, **more: Any) -> Any:
    return {"giver": giver, "taker": taker, "money": money, "money_with": None, "duty": None} | more


#: Transfers of one suspect: two sales with a price, one of duty, one without, and a purchase.
DEALINGS = {
    "flow_total": [
        {"suspect": "甲某", "registered": True},
        {"suspect": "下家", "registered": False},
    ],
    "transfers": [
        transfer("甲某", "下家", "31831.00"),
        transfer("甲某", None, "3000", duty="yes"),
        transfer("甲某", "下家", None),
        transfer(None, "甲某", "10000"),
        transfer("下家", None, "99"),
    ],
}


def read(name: str, rows: Sequence[Any], language: Any = "zh") -> list[dict[str, str]]:
    text = table_csv(TABLE_OF[name], headed(name, rows), words(language)).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def every_table(tmp_path: Path) -> dict[str, list[Any]]:
    path = tmp_path / "profile.toml"
    path.write_text(
        'format = 1\ntitle = "t"\n[[part]]\npath = "*"\nkinds = ["track"]\nwithout = ["account"]\n'
        'reason = "r"\nauthor = "a"\n',
        "utf-8",
    )
    proposed = propose_categories([{"path": "a", "member": "", "headers": ["余额"]}], CN)
    counts = {"CN_RESIDENT_ID": 9, "CN_BANK_CARD": 2, "track": 1, "CN_MOBILE": 5}
    tiers = tier_tables(COUNTS, POLICIES, duty=COUNTS)
    head = {"scope_kind": "suspect", "scope": "甲某", "unit": "U2"}
    return {
        **tiers,
        "dealing_money": dealing_money(DEALINGS, POLICIES),
        "tier_crossings": crossing_rows([head | row for row in tiers["tier_scenarios"]]),
        "tier_money": money_rows(Decimal(31831), POLICIES, unpriced=3, insiders=(False, True)),
        "tier_rules": rule_rows(POLICIES),
        "compositions": composition_rows(load_profile(path, CN.composed)),
        "proposals": proposal_rows(proposed),
        "sensitivity": sensitivity_rows(counts, PROFILES, under_14={"CN_RESIDENT_ID": 2}),
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_cell_has_a_word_and_no_table_a_verdict(tmp_path: Path, language: Any) -> None:
    tables = every_table(tmp_path)
    assert set(tables) == {
        table.name for table in TABLE_OF.values() if table.section in ("T10", "T11")
    } - {"events", "photos", "under_14"}  # of counted cases: tests/case/count
    for name, rows in tables.items():
        assert rows, name
        columns = {column.name for column in TABLE_OF[name].columns_in("files")}
        assert all(set(row) == columns for row in headed(name, rows)), name
        text = table_csv(TABLE_OF[name], headed(name, rows), words(language)).decode("utf-8-sig")
        for verdict in ("构成", "情节", "有罪", "达到标准", "guilty", "offence"):
            assert verdict not in text, name
        for code in ("tier-cn-2017", "bare_phone", "unmapped", "per-element", "financial_account"):
            assert code not in text, (name, code)
        assert table_json(TABLE_OF[name], rows)


def test_the_sum_says_under_which_rule() -> None:
    rows = read("tiers", tier_tables({"basic": 7967}, [CN], duty={"basic": 7967})["tiers"])
    totals = [row for row in rows if row["信息类别"].startswith("合计")]
    assert [row["按规则折算的比例"] for row in totals] == ["1.59", "3.19"]
    assert {row["信息类别"] for row in totals} == {"合计（按法释〔2017〕10号第五条折算的比例）"}


def test_money_of_a_suspect_is_gross_net_and_of_duty() -> None:
    rows = dealing_money(DEALINGS, [CN])
    assert {row["scope"] for row in rows} == {"甲某"}
    columns = ("money_reading", "insider", "amount", "threshold", "unpriced", "ratio")
    assert [tuple(row[column] for column in columns) for row in rows] == [
        ("gross", False, "34831.00", 5000, 1, "6.97"),
        ("net", False, "24831.00", 5000, 1, "4.97"),
        ("duty", True, "3000.00", 2500, 0, "1.20"),
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
