"""What a sale list says of its rows: status, price, time, party, and nothing that it does not."""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import piiscan.detect.catalog.catalog as catalog
from piiscan.case.store.case import Case
from tests.case.dump import scan_dump

PHONE = "13800138001"
DAY = datetime.datetime.fromisoformat("2023-07-12")


@pytest.fixture(autouse=True)
def with_ledger(rules: Path) -> None:
    """The small catalogue of this folder, with the shipped ledger."""
    shipped = Path(catalog.__file__).parents[4] / "recognizers" / "ledger.yaml"
    (rules / "ledger.yaml").write_bytes(shipped.read_bytes())


def scan_text(tmp_path: Path, text: str, name: str = "a.csv", **more: Any) -> Case:
    folder = tmp_path / "dump"
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text, "utf-8")
    return scan_dump([folder], tmp_path / "case", **more)


def table(header: str, *rows: str) -> str:
    return "\n".join([header, *rows, ""])


def ledger(case: Case, *columns: str) -> list[tuple[Any, ...]]:
    names = ", ".join(f'"{column}"' for column in ("row", *columns))
    return [tuple(r.values()) for r in case.sql(f"select {names} from ledger").to_pylist()]


def test_a_row_can_be_obtained_and_sold(tmp_path: Path) -> None:
    text = (
        "手机号,进价,售价,是否售出,入库日期,出售时间,上家,买家\n"
        f"{PHONE},20.5,80,是,2023-07-12,2023/7/13 10:00,老王,李四\n"
        f"{PHONE},20,80,否,2023-07-12,,老王,\n"
    )
    case = scan_text(tmp_path, text)
    assert ledger(case, "status", "price", "time", "party", "party_kind") == [
        (2, "obtained", Decimal("20.50"), DAY, "老*", "seller"),
        (2, "sold", Decimal("80.00"), DAY + datetime.timedelta(hours=34), "李*", "buyer"),
        (3, "obtained", Decimal("20.00"), DAY, "老*", "seller"),
        (3, "kept", None, None, None, None),
    ]


def test_an_asking_price_does_not_make_a_sale(tmp_path: Path) -> None:
    text = f"手机号,状态,售价\n{PHONE},未售,80\n{PHONE},在库,90\n{PHONE},已售,100\n"
    assert ledger(scan_text(tmp_path, text), "status", "price") == [
        (2, "kept", None),
        (3, "kept", None),
        (4, "sold", Decimal("100.00")),
    ]


def test_what_is_filled_in_says_what_became_of_a_row(tmp_path: Path) -> None:
    rows = (f"{PHONE},张三,2023-07-12,4元", f"{PHONE},,2023-07-12,5元", f"{PHONE},-,无,")
    text = table("手机号,买家,时间,价格", *rows)
    assert ledger(scan_text(tmp_path, text), "status", "price", "time") == [
        (2, "sold", Decimal("4.00"), DAY),
        (3, None, Decimal("5.00"), DAY),
    ]


def test_status_goes_before_what_is_filled_in(tmp_path: Path) -> None:
    rows = (f"{PHONE},{rest}" for rest in ("未售,张三,4", "购入,,4", "找回,,", "赠送,李四,"))
    text = table("手机号,状态,买家,价格", *rows)
    assert ledger(scan_text(tmp_path, text), "status", "price", "party") == [
        (2, "kept", None, None),
        (3, "obtained", Decimal("4.00"), None),
        (4, "recovered", None, None),
        (5, "provided", None, "李*"),
    ]


def test_unreadable_prices_are_told_apart_from_none(tmp_path: Path) -> None:
    text = f"手机号,价格,日期\n{PHONE},20-30,2023-07-12\n{PHONE},面议,2023-07-12\n{PHONE},4,昨天\n"
    assert ledger(scan_text(tmp_path, text), "price", "price_state", "time") == [
        (2, None, "UNREADABLE", DAY),
        (3, None, None, DAY),
        (4, Decimal("4.00"), None, None),
    ]


def test_the_total_goes_before_the_price_of_one(tmp_path: Path) -> None:
    text = f"手机号,单价,数量,金额(万元)\n{PHONE},4,100,0.04\n{PHONE},4,,\n"
    assert ledger(scan_text(tmp_path, text), "price") == [
        (2, Decimal("400.00")),
        (3, Decimal("4.00")),
    ]


def test_one_party_has_one_digest_and_is_shown_masked(tmp_path: Path) -> None:
    buyers = ("13900139000", "１３９ 0013 9000", "made_up01", "13900139001")
    text = table("手机号,买家", *(f"{PHONE},{buyer}" for buyer in buyers))
    found = ledger(scan_text(tmp_path, text), "party", "party_digest")
    assert [party for _, party, _ in found] == ["139****9000"] * 2 + ["ma*****01", "139****9001"]
    assert found[0][2] == found[1][2]
    assert len({digest for _, _, digest in found}) == 3


def test_columns_of_a_trade_are_still_scanned(tmp_path: Path) -> None:
    case = scan_text(tmp_path, f"手机号,买家,备注\n{PHONE},张三 13900139000,无\n")
    query = "select count(*) as n from findings where entity = 'CN_MOBILE'"
    assert case.sql(query).to_pylist() == [{"n": 2}]


def test_sums_titles_and_repeated_headers_are_no_trades(tmp_path: Path) -> None:
    text = f"手机号,价格\n{PHONE},4\n手机号,价格\n{PHONE},5\n合计,9\n"
    assert [row for row, *_ in ledger(scan_text(tmp_path, text), "price")] == [2, 4]


def test_tables_side_by_side_have_trades_of_their_own(tmp_path: Path) -> None:
    text = f"手机号,价格,手机号,价格\n{PHONE},4,{PHONE},5\n{PHONE},6,,\n"
    assert ledger(scan_text(tmp_path, text), "group", "price") == [
        (2, 0, Decimal("4.00")),
        (2, 1, Decimal("5.00")),
        (3, 0, Decimal("6.00")),
    ]


def test_a_list_without_such_columns_has_no_ledger(tmp_path: Path) -> None:
    case = scan_text(tmp_path, f"姓名,手机号\n张三,{PHONE}\n")
    assert ledger(case) == []
    assert case.shards("ledger") == []


def test_the_columns_workbook_can_say_it_otherwise(tmp_path: Path) -> None:
    from openpyxl import load_workbook

    from piiscan.case.columns.columns import survey

    text = f"手机号,老板,价格\n{PHONE},张三,4\n"
    folder = tmp_path / "dump"
    folder.mkdir()
    (folder / "a.csv").write_text(text, "utf-8")
    book_path = tmp_path / "columns.xlsx"
    survey([folder], book_path)
    book = load_workbook(book_path)
    sheet = book.worksheets[0]
    rows = list(sheet.iter_rows())
    at = next(n for n, cell in enumerate(rows[0]) if "(recognizers)" in str(cell.value))
    assert [row[at].value for row in rows[1:]] == ["cn.mobile", "-", "ledger.price"]
    rows[2][at].value = "ledger.buyer"
    rows[3][at].value = "-"
    book.save(book_path)
    case = scan_text(tmp_path, text, columns=book_path)
    assert ledger(case, "status", "party", "price") == [(2, "sold", "张*", None)]
