"""Totals that cannot mislead: terms add up, a failed check beside another key, money beside."""

from decimal import Decimal
from typing import Any

import pytest

from piiscan import CountError, count_records
from piiscan.case.count.by_suspect import BY_SUSPECT, suspect_rows
from piiscan.case.count.record_count import Tables
from piiscan.case.tiers.crossings import crossing_rows
from piiscan.case.tiers.tier_cells import add_rule_names
from piiscan.detect.catalog import catalog
from piiscan.pages.report_table import Medium
from piiscan.wording.words import Words
from tests.case.literal_rows import RULES, only, register_of, source, traded

PEOPLE = [f"name:{n} phone:{n}" for n in range(100)]
BARE = [f"phone:{n + 1000}" for n in range(100)]
WORDS = add_rule_names(Words("zh", catalog.load().vocabulary), RULES.tiers.words())


def entry(tables: Tables, name: str, **where: Any) -> dict[str, Any]:
    (row,) = only(tables, "by_suspect", entry=name, **where)
    return row


def beside(row: dict[str, Any]) -> dict[str, Any]:
    return dict(row["beside"]["parts"])


def test_bare_phones_are_a_term_of_the_total() -> None:
    register = register_of("路径,嫌疑人,角色,去向", "1.csv,甲某,获取,", "2.csv,乙某,出售,丙某")
    made = [source(1, PEOPLE + BARE), source(2, PEOPLE[:7] + BARE[:5])]
    tables = count_records(made, register, RULES)
    wanted = {"甲某": (200, 0, 100, 100), "乙某": (12, 7, 0, 5)}
    for row in only(tables, "flow_total", registered=True):
        names = ("flow_total", "sold_sum", "not_sold", "bare")
        assert tuple(row[name] for name in names) == wanted[row["suspect"]]
    for who, (total, *terms) in wanted.items():
        row = entry(tables, "total", scope=who)
        assert (row["by_rows"], row["by_keys"]) == (total, total)
        shown = {
            f"by_suspect.{n}": t for n, t in zip(("sold", "not_sold", "bare"), terms, strict=True)
        }
        assert beside(row) == {name: f"{t}／{t}／{t}" for name, t in shown.items()}
        for name, number in shown.items():
            rows = only(tables, "by_suspect", scope=who, entry=name.partition(".")[2])
            told = [(r["by_rows"], r["by_keys"]) for r in rows]
            assert told == [(number, number)] * bool(rows or number)


def test_recovered_data_is_a_term_of_the_total_once_it_is_confirmed() -> None:
    more = [f"name:{n} phone:{n}" for n in range(90, 120)]  # ten of them stand in live data too
    made = [source(1, PEOPLE), source(2, more + BARE[:5])]
    head = "路径,嫌疑人,角色,去向,数据层"
    for role, whom, terms in (
        ("获取", "", {"sold": "0／0／0", "not_sold": "100／100／100"}),
        ("出售", "丙某", {"sold": "100／100／100", "not_sold": "0／0／0"}),
        ("", "", {"identified": "100／100"}),
    ):
        lines = (f"{n}.csv,甲某,{role},{whom},{layer}" for n, layer in ((1, ""), (2, "已删除")))
        tables = count_records(made, register_of(head, *lines), RULES)
        row = entry(tables, "total" if role else "held", scope="甲某")
        wanted = terms | {"recovered": "／".join(["25"] * (3 if role else 2))}
        assert beside(row) == {f"by_suspect.{name}": text for name, text in wanted.items()}
        assert row["by_rows"] == 125
    unconfirmed = count_records(made, register_of(head, "1.csv,甲某", "2.csv,甲某,,,雕刻"), RULES)
    assert entry(unconfirmed, "held", scope="甲某")["by_rows"] == 100


@pytest.mark.parametrize(
    "medium", ["files", "workbook", "page", "terminal", "summary", "statement"]
)
def test_no_rendering_has_a_total_without_its_terms(medium: Medium) -> None:
    register = register_of("路径,嫌疑人,角色", "1.csv,甲某,获取")
    tables = count_records([source(1, PEOPLE + BARE)], register, RULES)
    columns = BY_SUSPECT.columns_in(medium)
    lines = [
        " ".join(str(column.text(row, WORDS)) for column in columns)
        for row in BY_SUSPECT.rows_in(medium, tables)
    ]
    (total,) = [line for line in lines if "合计（获取与出售，UF） 200 200" in line]
    assert total.endswith(
        "200 出售、提供：各接收人之和 0／0／0；获取而未出售 100／100／100；裸号 100／100／100"
    )


def test_a_total_that_is_not_the_sum_of_its_terms_is_an_error() -> None:
    register = register_of("路径,嫌疑人,角色", "1.csv,甲某,获取")
    tables = count_records([source(1, PEOPLE + BARE)], register, RULES)
    for row in tables["total_terms"]:
        row["count"] -= row["term"] == "bare"
    with pytest.raises(CountError, match=r"甲某.*200.*not_sold 100.*bare 99"):
        suspect_rows(tables, {})


def test_a_failed_check_beside_another_key_is_two_figures() -> None:
    rows = [
        *PEOPLE,
        "id:5!CHECK_FAIL name:x phone:77",
        "id:6!CHECK_FAIL name:1 phone:1",
        "id:7!CHECK_FAIL",
    ]
    tables = count_records([source(1, rows)], None, RULES)
    held, other = entry(tables, "held"), entry(tables, "other_keyed")
    assert (held["by_rows"], held["by_keys"]) == (100, 100)
    assert (other["by_rows"], other["by_keys"]) == (2, 1)  # one is a person who stands already
    assert beside(other) == {"by_suspect.with_other_key": "102／101"}
    (left,) = only(tables, "ladder_reasons", scope_kind="total", reason="CHECK_FAIL")
    assert (left["count"], left["other_key"]) == (3, 2)
    register = register_of("路径,嫌疑人,角色,去向", "1.csv,甲某,出售,乙某；丙某")
    tables = count_records([source(1, rows)], register, RULES)
    other = entry(tables, "other_keyed", scope="甲某")
    assert (other["by_rows"], other["by_keys"]) == (4, 2)  # to two buyers
    told = {
        row["unit"]: row["exact"]
        for row in only(tables, "tier_scenarios", scope="甲某", scenario="other_key")
    }
    assert (told["UF_rows"], told["UF"]) == ("51/1250", "101/2500")


def test_rows_that_only_another_key_would_keep_cross_a_line_under_some_readings() -> None:
    rows = [f"id:{n}!CHECK_FAIL name:{n} phone:{n}" for n in range(5000)]
    tables = count_records([source(1, rows)], None, RULES)
    assert entry(tables, "held")["by_keys"] == 0
    (one,) = only(tables, "tier_crossings", crossing_line=1)
    assert (one["crossed"], {r["scenario"] for r in one["readings"]}) == ("some", {"other_key"})


@pytest.mark.parametrize("registered", [False, True])
def test_money_stands_in_the_line_and_the_heavier_decides(registered: bool) -> None:
    prices = [Decimal(35530 - 82 * 429), *[Decimal(82)] * 429]
    trades = [{"row": n, "status": "sold", "price": p} for n, p in enumerate(prices, 2)]
    register = register_of("路径,嫌疑人,角色", "1.csv,甲某,出售") if registered else None
    accounts = traded(source(1, [f"wechat:w{n}" for n in range(430)]), trades)
    tables = count_records([accounts], register, RULES)
    one, ten = tables["tier_crossings"]
    assert (one["crossed"], one["crossed_by_count"], ten["crossed"]) == ("all", "none", "none")
    (money,) = one["money"]
    assert (money["money_reading"], money["ratio"]) == ("gross", "7.11")
    text = str(BY_SUSPECT.column("beside").text(entry(tables, "crossings"), WORDS))
    assert "：1 倍线：各口径均达到 (按条数：各口径均未达到" in text
    assert text.endswith("收款总额 35,530.00 元 ÷ 5,000 元 = 7.11 倍（与条数择一较重，不相加）")


def reading(exact: str, **more: Any) -> dict[str, Any]:
    head = {"scope_kind": "suspect", "scope": "甲", "policy": "p", "insider": False, "unit": "U2"}
    named = {"row_tier": "highest", "scenario": "default", "category": None, "ratio": exact}
    return head | named | {"exact": exact, "amount": "1", "threshold": 5000} | more


@pytest.mark.parametrize(
    ("counts", "moneys", "crossed"),
    [
        (["2", "1/2"], [], "some"),
        (["1/2"], ["2", "1/2"], "some"),  # net money is contested
        (["1/2"], ["2"], "all"),
        (["2", "1/2"], ["1/3"], "some"),
        (["2"], ["1/3"], "all"),
        (["1/2"], ["1/2"], "none"),
        ([], ["1"], "all"),  # records of which only the number is known
    ],
)
def test_count_and_money_are_alternatives(
    counts: list[str], moneys: list[str], crossed: str
) -> None:
    money = [reading(exact, money_reading="gross") for exact in moneys]
    (row,) = crossing_rows([reading(exact) for exact in counts], money, lines=[1])
    assert row["crossed"] == crossed
