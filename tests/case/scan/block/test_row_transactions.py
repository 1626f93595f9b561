"""Rows of a sale list in the ledger: status, price, time, party, and no more than is said."""

from pathlib import Path

import pytest

from piiscan import Case
from piiscan.case.columns.columns import survey
from piiscan.detect.catalog import catalog
from tests.case.scanned import query_rows, rows_by_file, scan_files, write_files
from tests.filled_sheets import fill_in, sheet_rows

P = "13800138001"

#: Claim -> rows of the table, columns of the ledger, its rows; a missing value is ``-``.
TABLES: dict[str, tuple[str, str, list[str]]] = {
    "a row can be obtained and sold": (
        "手机号,进价,售价,是否售出,入库日期,出售时间,上家,买家|P,20.5,80,是,2023-07-12,2023/7/13,老王,李四",
        "row, status, price, time, party, party_kind",
        [
            "2 obtained 20.50 2023-07-12 00:00:00 老* seller",
            "2 sold 80.00 2023-07-13 00:00:00 李* buyer",
        ],
    ),
    "a row can be obtained and kept": (
        "手机号,进价,售价,是否售出,入库日期,出售时间,上家,买家|P,20,80,否,2023-07-12,,老王,",
        "row, status, price, time, party, party_kind",
        ["2 obtained 20.00 2023-07-12 00:00:00 老* seller", "2 kept - - - -"],
    ),
    "an asking price does not make a sale": (
        "手机号,状态,售价|P,未售,80|P,在库,90|P,已售,100",
        "row, status, price",
        ["2 kept -", "3 kept -", "4 sold 100.00"],
    ),
    "filled-in cells give the status of a row": (
        "手机号,买家,时间,价格|P,张三,2023-07-12,4元|P,,2023-07-12 10:00,5元|P,-,无,",
        "row, status, price, time",
        ["2 sold 4.00 2023-07-12 00:00:00", "3 - 5.00 2023-07-12 10:00:00"],
    ),
    "status goes before filled-in cells": (
        "手机号,状态,买家,价格|P,未售,张三,4|P,购入,,4|P,找回,,|P,赠送,李四,",
        "row, status, price, party",
        ["2 kept - -", "3 obtained 4.00 -", "4 recovered - -", "5 provided - 李*"],
    ),
    "unreadable prices differ from missing ones": (
        "手机号,价格,日期|P,20-30,2023-07-12|P,面议,2023-07-12|P,4,昨天",
        "row, price, price_state, month(time)",
        ["2 - UNREADABLE 7", "3 - - 7", "4 4.00 - -"],
    ),
    "the total goes before the price of one": (
        "手机号,单价,数量,金额(万元)|P,4,100,0.04|P,4,,",
        "row, price",
        ["2 400.00", "3 4.00"],
    ),
    "a party has one digest and is shown masked": (
        "手机号,买家|P,13900139000|P,１３９ 0013 9000|P,made_up01|P,13900139001",
        "party, dense_rank() over (order by party, party_digest)",
        ["139****9000 1", "139****9000 1", "139****9001 2", "ma*****01 3"],
    ),
    "sums titles and repeated headers are no trades": (
        "手机号,价格|P,4|手机号,价格|P,5|合计,9",
        "row",
        ["2", "4"],
    ),
    "tables side by side have trades of their own": (
        "手机号,价格,手机号,价格|P,4,P,5|P,6,,",
        'row, "group", price',
        ["2 0 4.00", "2 1 5.00", "3 0 6.00"],
    ),
    "a list without such columns has no ledger": ("姓名,手机号|张三,P", "row", []),
    "columns of a trade are still scanned": (
        "手机号,买家,备注|P,张三 13900139000,无",
        "(select count(*) from findings f where f.source = ledger.source)",
        ["2"],
    ),
}


@pytest.fixture(scope="module")
def with_ledger(rules: Path) -> None:
    """The small catalogue of these tests, with the shipped ledger."""
    shipped = Path(catalog.__file__).parents[4] / "recognizers" / "ledger.yaml"
    (rules / "ledger.yaml").write_bytes(shipped.read_bytes())


@pytest.fixture(scope="module")
def case(with_ledger: None, small_rules: Path, tmp_path_factory: pytest.TempPathFactory) -> Case:
    tables = {name: rows.replace("|", "\n").replace("P", P) for name, (rows, *_) in TABLES.items()}
    files = {f"{name}.csv": f"{text}\n" for name, text in tables.items()}
    return scan_files(tmp_path_factory.mktemp("trades"), files)


@pytest.mark.parametrize("claim", TABLES)
def test_the_ledger_has_what_a_row_says(claim: str, case: Case) -> None:
    _, columns, expected = TABLES[claim]
    found = rows_by_file(case, f"select source, {columns} from ledger")[claim]
    assert [" ".join("-" if v is None else str(v) for v in row) for row in found] == expected
    assert len(case.source_shards("ledger")) == sum(bool(rows) for *_, rows in TABLES.values())


def test_the_columns_workbook_can_say_it_otherwise(tmp_path: Path, with_ledger: None) -> None:
    files = {"a.csv": f"手机号,老板,价格\n{P},张三,4\n"}
    book = tmp_path / "columns.xlsx"
    survey([write_files(tmp_path / "dump", files)], book)
    (given,) = (name for name in sheet_rows(book)[0] if "(recognizers)" in name)
    assert [row[given] for row in sheet_rows(book)] == ["cn.mobile", "-", "ledger.price"]
    other = {"-": "ledger.buyer", "ledger.price": "-"}
    fill_in(book, lambda row: {given: other.get(row[given], row[given])})
    case = scan_files(tmp_path, files, columns=book)
    query = "select row, status, party, price from ledger"
    assert query_rows(case, query) == [(2, "sold", "张*", None)]
