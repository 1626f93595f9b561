"""Cases as newspapers told of them: what each is counted as, down to every cell."""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from piiscan import count
from piiscan.case.store.count_store import Count
from piiscan.synth import make
from tests.case.dump import scan_dump
from tests.case.naive import Truth
from tests.case.planted import KEYS, USUAL, Cell
from tests.case.test_three_party import numbered, same
from tests.often import long

ACCOUNTS = ("account", *(kind for kind in USUAL if kind != "account"))
CODES = ("phone_code", *USUAL)


def counted(
    name: str,
    home: Path,
    *,
    rows: int | None = None,
    order: tuple[str, ...] = USUAL,
    only: str = "",
) -> Count:
    """The count of a corpus, each cell of it held against what its rows say.

    ``only``: the files whose rows say it all; others are left out.
    """
    made = make(name, rows=rows, seed=1, out=home, list_rows=True)
    for file in made.files:
        if only and not file.match(only):
            file.unlink()
    kept = {file.relative_to(made.folder).as_posix() for file in made.files if file.exists()}
    assert made.truth_rows is not None
    lines = made.truth_rows.read_text("utf-8").splitlines()
    lines = [line for line in lines if json.loads(line)["file"] in kept]
    made.truth_rows.write_text("\n".join(lines) + "\n", "utf-8")
    case = scan_dump([made.folder], home / "case")
    found = count(case, key_by=[">".join(order)])
    same(found, Truth(made.truth_rows, sources=numbered(case, made.folder), order=order))
    return found


def one(made: Count, table: str, **wanted: Any) -> Cell:
    (row,) = (r for r in made.tables()[table] if all(r[k] == v for k, v in wanted.items()))
    return row


def ratio(made: Count, scope: str, unit: str = "U1", **wanted: Any) -> tuple[Fraction, str]:
    """The sum under the shipped rules as it is told, and exactly."""
    asked = {"scenario": "default", "row_tier": "highest", "insider": False} | wanted
    row = one(made, "tier_scenarios", scope=scope, unit=unit, **asked)
    return Fraction(row["exact"]), row["ratio"]


@pytest.mark.parametrize("rows", [1000, long(7967)])
def test_a_list_of_so_many_records_is_its_share_of_the_line(tmp_path: Path, rows: int) -> None:
    made = counted("sale-7967", tmp_path, rows=rows)
    assert one(made, "units", scope_kind="total")["U1"] == rows
    assert ratio(made, "total")[0] == Fraction(rows, 5000)
    assert not any(row["insider"] for row in made.tables()["tiers"])  # of no one's duty
    distinct = one(made, "units", scope_kind="total")["U2"]
    assert ratio(made, "total", "U2")[0] == Fraction(distinct, 5000)
    assert made.tables()["money"] == []  # 31,831 yuan make no count


@pytest.mark.parametrize(("rows", "sold"), [(430, 130), long(4300, 1300)])
def test_accounts_were_obtained_and_some_of_them_sold(tmp_path: Path, rows: int, sold: int) -> None:
    made = counted("wechat-4300", tmp_path, rows=rows, order=ACCOUNTS, only="*库存.csv")
    for status, number in (("obtained", rows), ("sold", sold)):
        row = one(made, "statuses", scope_kind="total", status=status)
        assert [row[k] for k in ("rows", "passed", "distinct")] == [number] * 3
    money = one(made, "money", scope_kind="total", status="sold")
    assert (money["priced"], money["unpriced"]) == (sold, 0)
    assert 80 <= float(money["lowest"]) < float(money["highest"]) <= 650
    as_accounts = {"scenario": "choice", "category": "account_password", "tier": "safety"}
    for unit in ("U1", "U2"):
        assert ratio(made, "obtained", unit)[0] == Fraction(rows, 5000)
        assert ratio(made, "obtained", unit, **as_accounts)[0] == Fraction(rows, 500)
        assert ratio(made, "sold", unit, **as_accounts)[0] == Fraction(sold, 500)


@pytest.mark.parametrize("rows", [300, long(1000)])
def test_codes_count_with_the_phone_they_were_sent_to(tmp_path: Path, rows: int) -> None:
    made = counted("sms-codes", tmp_path, rows=rows, order=CODES)
    assert KEYS["phone_code"] == ("phone", "secret")
    people = one(made, "people", role=None)
    bare = one(made, "units", scope_kind="total")["bare_rows"]
    read = one(made, "ladder", scope_kind="total", step="R0")["count"]
    assert people["identifiable"] + bare == read == rows


def test_deliveries_are_one_record_a_customer(tmp_path: Path) -> None:
    made = counted("appliance-delivery", tmp_path, rows=1200)
    people = {row["role"]: row["counted"] for row in made.tables()["people"]}
    assert people == {"customer": True, "clerk": False}
    told = {r["reason"] for r in made.tables()["ladder_reasons"] if r["step"] == "R0"}
    assert told == {"EMPTY", "TITLE", "HEADER_REPEAT"}


@pytest.mark.parametrize("rows", [400, long(1200)])
def test_orders_of_three_shops_are_one_record_a_recipient(tmp_path: Path, rows: int) -> None:
    made = counted("waybill", tmp_path, rows=rows, only="导出/*.csv")
    assert one(made, "people", role="recipient")["identifiable"] > 0


@pytest.mark.parametrize("rows", [400, long(1500)])
def test_a_label_is_one_record_with_a_recipient_and_a_sender(tmp_path: Path, rows: int) -> None:
    made = make("waybill", rows=rows, seed=1, out=tmp_path, list_rows=True)
    assert made.truth_rows is not None
    told = [json.loads(line) for line in made.truth_rows.read_text("utf-8").splitlines()]
    labels = [row["cells"][0] for row in told if row["file"] == "面单.txt"]
    labels = [text for text in labels if "寄件人：" in text]
    (tmp_path / "dump").mkdir()
    (tmp_path / "dump" / "面单.txt").write_text("\n".join(labels), "utf-8")
    found = count(scan_dump([tmp_path / "dump"], tmp_path / "case"))
    people = {row["role"]: row["passed"] for row in found.tables()["people"]}
    assert people == {"recipient": len(labels), "sender": len(labels)}
    assert one(found, "ladder", scope_kind="total", step="R3")["count"] == len(labels)
