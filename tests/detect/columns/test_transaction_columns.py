"""The ledger's words: strictly read, found in headers and cells."""

from __future__ import annotations

from pathlib import Path

import pytest

from piiscan.detect.catalog.catalog import load
from piiscan.detect.catalog.headers import label_of
from piiscan.detect.columns.column_types import ColumnType
from piiscan.detect.columns.transaction_columns import with_transactions
from piiscan.errors import CatalogError


def trades(*headers: str) -> list[str | None]:
    catalog = load()
    types = [ColumnType(header, label_of(catalog, header), 0, 0) for header in headers]
    return [column.transaction for column in with_transactions(catalog, types)]


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("进价", "price_obtained"), ("售价(元)", "price_sold"), ("价格", "price"),
        ("Amount", "price"),
        ("单价", "price_unit"), ("买家", "buyer"), ("下家", "buyer"), ("上家", "seller"),
        ("来源", "source"),
        ("获取时间", "time_obtained"), ("Sold At", "time_sold"), ("sold_at", "time_sold"),
        ("日期", "time"),
        ("状态", "status"), ("是否售出", "sold_flag"), ("渠道", "channel"), ("备注", None),
        ("手机号", None),
    ],
)  # fmt: skip
def test_a_column_name_says_what_it_tells_of_a_trade(header: str, kind: str | None) -> None:
    assert trades("微信号", header)[1] == kind


def test_prices_and_buyers_of_goods_are_none_of_the_rows() -> None:
    assert trades("收件人", "商品名称", "金额", "买家", "日期") == [None] * 5
    assert trades("运单号", "金额", "状态") == [None] * 3


@pytest.mark.parametrize(
    ("cell", "statuses"),
    [
        ("已售", {"sold"}), ("已 售", {"sold"}), ("未售", {"kept"}), ("not sold", {"kept"}),
        ("SOLD", {"sold"}),
        ("已购", {"obtained"}), ("收", {"obtained"}), ("应收", set()),
        ("已售，号主找回", {"sold", "recovered"}),
        ("购入/卖出", {"obtained", "sold"}), ("正常", set()), ("soldier", set()),
        ("退回", {"recovered"}),
    ],
)  # fmt: skip
def test_a_status_cell_says_what_became_of_the_row(cell: str, statuses: set[str]) -> None:
    assert load().transaction_terms.statuses(cell) == statuses


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("colour: {}\n", 1, "unknown key; known are answers, columns, nothing, status"),
        ("columns:\n  price: 3\n", 2, "price: a list of texts"),
        ("nothing: ['-']\ncolumns:\n  cost: [成本]\n", 3, "no such code: cost; one of sold_flag"),
        ("columns: {price: [' ']}\n", 1, "price 1: a list of words"),
        ("columns: {price: [价], buyer: [价]}\n", 1, "stands under"),
        ("status: [已售]\n", 1, "status: a table"),
        ("nothing:\n- '-'\n- 1\n", 3, "nothing 2: a text"),
    ],
)
def test_a_broken_file_is_refused_with_its_line(
    text: str, line: int, why: str, tmp_path: Path
) -> None:
    (tmp_path / "ledger.yaml").write_text(text, "utf-8")
    with pytest.raises(CatalogError, match=f"ledger.yaml:{line}: .*{why}"):
        load(tmp_path)


def test_rules_of_ones_own_add_names(tmp_path: Path) -> None:
    (tmp_path / "ledger.yaml").write_text("columns: {buyer: [老板]}\n", "utf-8")
    ledger = load(tmp_path).transaction_terms
    assert ledger.columns["老板"] == ledger.columns["买家"] == "buyer"
    assert load(tmp_path).digest != load().digest


def test_what_became_of_a_message_is_not_what_became_of_a_row() -> None:
    catalog = load()
    headers = ["对方号码", "内容", "状态", "金额"]
    types = [ColumnType(header, None, 1, 0) for header in headers]
    kinds = [column.transaction for column in with_transactions(catalog, types)]
    assert kinds == [None, None, None, "price"]
    stock = with_transactions(catalog, [types[2], types[3]])
    assert [column.transaction for column in stock] == ["status", "price"]
