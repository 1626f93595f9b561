"""Figures of literal records: the ladder, its reasons, persons, exclusions, period and ratios.

Rows are written as in ``tests/case/literal_rows.py``: ``name:张三 phone:1 id:5!CHECK_FAIL``.
"""

from __future__ import annotations

import io
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from piiscan import CountError, CountRules, RecordCount, SourceRecords, count_records
from piiscan.case.count import parted_database, record_count
from piiscan.case.count.count_database import Period
from piiscan.case.count.literal_records import value_digest
from piiscan.case.count.record_count import STATE
from piiscan.case.count.subjects.exclusions import ExclusionLine
from piiscan.case.count.subjects.judgements import Judgement
from piiscan.case.count.subjects.key_priority import KeyPriorities
from piiscan.case.report.report_contents import TABLE_OF
from piiscan.case.report.table_files import table_json
from piiscan.case.store.connection import connect_in_memory
from tests.case.count.parts import use_parts
from tests.case.literal_rows import (
    RULES,
    assert_conserved,
    counted,
    only,
    reasons,
    register_of,
    source,
    steps,
    traded,
)
from tests.often import often


@dataclass(frozen=True)
class Claim:
    """Rows of files, the steps R0 to R6 of all of them, and why rows left."""

    files: Sequence[Sequence[str]]
    steps: Sequence[int]
    reasons: dict[str, int]
    headers: Sequence[str] = ()


def of(*rows: str, steps: Sequence[int], headers: Sequence[str] = (), **reasons: int) -> Claim:
    """One file of these rows."""
    return Claim([rows], steps, reasons, headers)


CLAIMS: Final = {
    "a name with a phone is a person": of("name:张三 phone:1", steps=[1] * 7),
    "a row without a finding is read and no record": of(
        "name:张三 phone:1", "+杯子", steps=[2, 1, 1, 1, 1, 1, 1], NO_FINDING=1
    ),
    "a lone name identifies nobody": of(
        "name:张三", steps=[1, 1, 0, 0, 0, 0, 0], NOT_IDENTIFIABLE=1
    ),
    "a lone phone is a bare number": of("phone:1", steps=[1, 1, 0, 0, 0, 0, 0], BARE_PHONE=1),
    "a lone address identifies nobody": of(
        "address:示例路1号", steps=[1, 1, 0, 0, 0, 0, 0], NOT_IDENTIFIABLE=1
    ),
    "an identity number or an account identifies alone": of(
        "id:1", "wechat:a", "card:6", steps=[3] * 7
    ),
    "two of name, phone, address and code identify": of(
        "name:张三 address:示例路1号", "phone:1 address:示例路2号", "phone:2 code:1234",
        steps=[3] * 7,
    ),
    "masked, virtual and company values identify nobody": of(
        "masked:138****8000", "virtual:1", "firm:9",
        steps=[3, 3, 0, 0, 0, 0, 0], MASKED=1, VIRTUAL_NUMBER=1, ORG_ONLY=1,
    ),
    "a vehicle needs its owner": of(
        "plate:A1", "plate:A2 name:张三", "vin:L1 phone:3", "vin:L2",
        steps=[4, 4, 2, 2, 2, 2, 2], NOT_IDENTIFIABLE=2,
    ),
    "a vehicle or a device with a fix has whereabouts": of(
        "plate:A1 fix:112", "imei:8 fix:113", "imei:9", steps=[3, 3, 2, 2, 2, 2, 2],
        NOT_IDENTIFIABLE=1,
    ),
    "a track by its headers has whereabouts": of(
        "plate:A1#1", "plate:A1#1 ~later", steps=[2, 2, 2, 2, 1, 1, 1], DUP_CONTENT=1,
        headers=["车牌号", "过车时间", "卡口名称"],
    ),
    "a number needs a name": of(
        "number:7 name:张三", "number:8", steps=[2, 2, 1, 1, 1, 1, 1], NOT_IDENTIFIABLE=1
    ),
    "a number in a table about a person has an issuer": of(
        "number:7#1", steps=[1] * 7, headers=["住院号", "诊断"]
    ),
    "a waybill is no key": of("waybill:7", steps=[1, 1, 0, 0, 0, 0, 0], NOT_IDENTIFIABLE=1),
    "a wrong identity number fails, also beside a name and a phone": of(
        "id:1!CHECK_FAIL name:张三 phone:1", "id:2!CHECK_FAIL",
        steps=[2, 2, 2, 0, 0, 0, 0], CHECK_FAIL=2,
    ),
    "a key of low score fails": of(
        "id:1?LOW name:张三", steps=[1, 1, 1, 0, 0, 0, 0], LOW_CONFIDENCE=1
    ),
    "a filler makes no key": of("phone:1?FILLER name:张三", steps=[1, 1, 1, 0, 0, 0, 0], FILLER=1),
    "an anonymised name names nobody": of(
        "name:罗某?ANONYMISED phone:1", steps=[1, 1, 0, 0, 0, 0, 0], BARE_PHONE=1
    ),
    "an unknown region is a warning": of("id:1?REGION_UNKNOWN", steps=[1] * 7),
    "a repeated row counts once": Claim(
        [["name:张三 phone:1"] * 2, ["name:张三 phone:1"]],
        [3, 3, 3, 3, 1, 1, 1], {"DUP_ROW file": 1, "DUP_ROW across": 1},
    ),
    "other bookkeeping cells make the same information": of(
        "name:张三 phone:1 ~批1", "name:张三 phone:1 ~批2", steps=[2, 2, 2, 2, 1, 1, 1],
        DUP_CONTENT=1,
    ),
    "one key in two rows is one": of(
        "id:1 phone:1", "id:1 phone:2", steps=[2, 2, 2, 2, 2, 1, 1], DUP_KEY=1
    ),
    "a phone ties two names": of(
        "name:张三 phone:1", "name:张先生 phone:1", steps=[2, 2, 2, 2, 2, 2, 1], DUP_PERSON=1
    ),
    "persons are components: a ties b, b ties c": of(
        "name:甲 phone:1 wechat:a", "name:乙 phone:2 wechat:a", "name:丙 phone:2",
        steps=[3, 3, 3, 3, 3, 3, 1], DUP_PERSON=2,
    ),
    "a phone of six names ties nobody": of(
        *(f"name:{n} phone:1" for n in "甲乙丙丁戊己"), steps=[6] * 7
    ),
    "a phone of five names ties them": of(
        *(f"name:{n} phone:1" for n in "甲乙丙丁戊"), steps=[5, 5, 5, 5, 5, 5, 1], DUP_PERSON=4
    ),
    "sender and recipient are two subjects of a row": of(
        "name:甲@recipient phone:1@recipient name:乙@sender phone:2@sender",
        "name:丙@recipient phone:3@recipient name:乙@sender phone:2@sender",
        steps=[2, 2, 2, 2, 2, 3, 3], DUP_KEY=1,
    ),
    "a contact ties only people of his name": of(
        "id:1 name:甲 phone:1 name:李强@contact phone:9@contact",
        "id:2 name:乙 phone:2 name:李丽@contact phone:9@contact",
        steps=[2, 2, 2, 2, 2, 4, 4],
    ),
    "a contact of one name is one person": of(
        "id:1 name:甲 phone:1 name:李强@contact phone:9@contact",
        "id:2 name:乙 phone:2 name:李强@contact phone:9@contact",
        steps=[2, 2, 2, 2, 2, 3, 3], DUP_KEY=1,
    ),
    "there are never more persons than keys": of(
        *(f"name:{n % 20} phone:1" for n in range(60)), steps=[60, 60, 60, 60, 20, 20, 20],
        **{"DUP_ROW file": 40},
    ),
    "a buyer of the list is not counted": of(
        "name:李四@list_buyer name:甲 phone:1", "name:李四@list_buyer phone:2",
        steps=[2, 2, 1, 1, 1, 1, 1], BARE_PHONE=1,
    ),
    "the first reason that holds is the reason": of(
        "phone:1 masked:x", "masked:x damaged:y?TRUNCATED", "damaged:y?TRUNCATED virtual:1",
        "virtual:1 firm:9", "firm:9", "name:甲 name:周@courier phone:2@courier", "name:乙",
        steps=[7, 7, 0, 0, 0, 0, 0], BARE_PHONE=1, MASKED=1, TRUNCATED=1, VIRTUAL_NUMBER=1,
        ORG_ONLY=1, OTHER_PARTY=1, NOT_IDENTIFIABLE=1,
    ),
    "a failing key is told before its record's other values": of(
        "id:1!CHECK_FAIL masked:x", "id:1?LOW phone:2!DATE_FUTURE virtual:1 name:甲",
        steps=[2, 2, 2, 0, 0, 0, 0], CHECK_FAIL=1, LOW_CONFIDENCE=1,
    ),
    "a courier is not counted": of(
        "name:甲@recipient phone:1@recipient name:周师傅@courier phone:2@courier",
        "name:周师傅@courier phone:2@courier",
        steps=[2, 2, 1, 1, 1, 1, 1], OTHER_PARTY=1,
    ),
    "a value without a role is not a contact's": of(
        "name:李强@contact phone:1", steps=[1, 1, 0, 0, 0, 0, 0], BARE_PHONE=1
    ),
    "nothing is counted of nothing": Claim([], [], {}),
}  # fmt: skip


@pytest.mark.parametrize("claim", CLAIMS.values(), ids=CLAIMS)
def test_the_ladder_of_literal_rows(claim: Claim) -> None:
    tables = counted(*claim.files, headers=claim.headers)
    assert steps(tables) == claim.steps
    assert reasons(tables) == claim.reasons
    assert_conserved(tables)


def test_a_failed_key_names_another_that_would_pass() -> None:
    tables = counted(["id:1!CHECK_FAIL name:张三 phone:1", "id:2!CHECK_FAIL"])
    (row,) = only(tables, "ladder_reasons", scope_kind="total", reason="CHECK_FAIL")
    assert (row["step"], row["count"], row["other_key"]) == ("R3", 2, 1)
    (row,) = only(counted(["id:1?REGION_UNKNOWN"]), "ladder_reasons", scope_kind="total")
    assert (row["reason"], row["kept"]) == ("REGION_UNKNOWN", True)


def test_units_and_elements_stand_beside_the_ladder() -> None:
    pair = "name:甲@recipient phone:1@recipient name:乙@sender phone:2@sender"
    tables = counted([pair, pair + " ~x", "phone:3", "phone:3", "name:丙"])
    (units,) = only(tables, "units", scope_kind="total")
    assert units == {
        "scope_kind": "total", "scope": "total", "U1": 5, "U1d": 1, "U2": 2, "U2_rows": 1, "U4": 2,
        "bare_rows": 2, "bare_sound": 2, "bare_distinct": 1,
    }  # fmt: skip
    found = only(tables, "elements", scope="1")
    assert [(r["hits"], r["distinct"]) for r in found] == [(6, 3), (5, 3)]  # phones, names
    assert {r["role"]: (r["passed"], r["distinct"]) for r in tables["people"]} == {
        None: (0, 0), "recipient": (2, 1), "sender": (2, 1),
    }  # fmt: skip
    assert steps(tables, column="subjects") == [None, 7, 4, 4, 2, 2, 2]


def test_sources_share_keys_and_contain_rows() -> None:
    tables = counted(["name:甲 phone:1", "name:乙 phone:2"], ["name:甲 phone:1 card:6"])
    shared = {r["scope"]: (r["distinct"], r["own"], r["shared"]) for r in tables["shared"]}
    assert shared == {"1": (2, 1, 1), "2": (1, 0, 1)}
    (matrix,) = tables["flow_matrix"]
    assert (matrix["one_size"], matrix["other_size"], matrix["common"]) == (2, 1, 1)
    assert [r["contained"] for r in tables["contained"]] == [1]
    assert tables["flow_edges"][0]["rests_on"] == "CONTAINED"


def test_one_number_beside_two_names_is_a_conflict() -> None:
    tables = counted(["id:1 name:甲", "id:1 name:乙", "id:2 name:丙"])
    assert tables["conflicts"] == [{"conflict": "ID_NAMES", "values": 1, "records": 2}]
    assert [row["row"] for row in tables["conflict_places"]] == [2, 3]


@pytest.mark.parametrize(("order", "keys"), [("default", 2), ("phone", 1), ("account", 3)])
def test_the_chosen_order_decides_what_is_one(order: str, keys: int) -> None:
    rules = replace(RULES, priorities=KeyPriorities.parse([order]))
    rows = ["name:甲 phone:1 wechat:a", "name:甲 phone:1 wechat:b", "name:乙 phone:1 wechat:c"]
    assert steps(counted(rows, rules=rules))[5] == keys
    by_path = replace(RULES, priorities=KeyPriorities.parse([f"2.csv={order}"]))
    assert steps(counted(rows, rules=by_path))[5] == 2


def line(number: int, kind: str, pattern: str) -> ExclusionLine:
    return ExclusionLine(number, kind, pattern, "误", "赵六")


def test_excluded_rows_leave_with_their_line() -> None:
    files = [
        ["name:甲 phone:1", "name:乙 phone:2"],
        ["name:丙 phone:3"],
        ["phone:4#1", "phone:5#1"],
    ]
    lines = (
        line(2, "value", "1"), line(3, "path", "2*"), line(4, "column", "3.csv#电话"),
        line(5, "path", "9*"), line(6, "sha256", "0" * 64),
    )  # fmt: skip
    rules = replace(
        RULES, exclusions=lines, value_digests=lambda value: [value_digest("CN_MOBILE", value)]
    )
    tables = counted(*files, rules=rules, headers=["电话"])
    assert steps(tables)[:3] == [5, 5, 1]
    assert reasons(tables) == {"EXCLUDED": 4}
    told = [(row["line"], row["records"], row["idle"]) for row in tables["exclusions"]]
    assert told == [(2, 1, False), (3, 1, False), (4, 2, False), (5, 0, True), (6, 0, True)]
    assert [r["distinct"] for r in only(tables, "elements", scope="total")] == [1, 1]


def test_a_finding_judged_false_makes_no_key() -> None:
    one = replace(source(1, ["name:甲 phone:1", "name:乙 phone:2 wechat:b"]), sha256="ab")
    false = [
        Judgement("false", "ab", "", row, 0, 0, "CN_MOBILE", value_digest("CN_MOBILE", v).hex(),
                  "1", "误", "赵六", "")
        for row, v in ((2, "1"), (3, "2"), (4, "9"))
    ]  # fmt: skip
    tables = count_records([one], None, replace(RULES, judgements=tuple(false)))
    assert steps(tables) == [2, 2, 1, 1, 1, 1, 1]
    assert reasons(tables) == {"JUDGED_FALSE": 1}
    told = {row["effect"]: (row["count"], row["records"]) for row in tables["judged"]}
    assert told == {"left": (1, 1), "other_key": (1, 1), "unmatched": (1, 0)}


def sold(number: int, rows: Sequence[str], days: Sequence[str | None], **more: Any) -> Any:
    """A source of rows that were sold on these days, each for 4 yuan."""
    trades = [
        {"row": row, "status": "sold", "price": 4, "time": day and datetime.fromisoformat(day)}
        for row, day in enumerate(days, 2)
    ]
    return traded(source(number, rows, **more), trades)


def test_only_the_days_of_the_period_are_counted() -> None:
    rows = [f"name:{n} phone:{n}" for n in "甲乙丙"]
    one = sold(1, rows, ["2024-02-01", "2024-03-01", None])
    period = Period(date(2024, 2, 1), date(2024, 2, 29))
    tables = count_records([one], None, replace(RULES, period=period))
    assert steps(tables)[:4] == [3, 3, 1, 1]
    assert reasons(tables) == {"OUTSIDE_PERIOD": 1, "UNDATED": 1}
    whole = count_records([one], None, RULES)
    (money,) = only(whole, "money", scope_kind="total")
    assert (money["priced"], money["sum"]) == (3, "12.00")
    assert [row["passed"] for row in only(whole, "statuses", scope_kind="total")] == [3]
    assert only(whole, "tier_money", scope_kind="total")[0]["amount"] == "12.00"


def test_a_register_divides_the_figures_and_states_transfers() -> None:
    register = register_of(
        "路径,检材编号,嫌疑人,角色,去向,来自,层",
        "1.csv,JC1,甲某,获取,,上家,",
        "2.csv,JC2,甲某,出售,乙某,,",
        "3.csv,JC3,乙某,持有,,,雕刻",
    )
    files = [["id:1", "id:2", "id:3"], ["id:1", "id:2"], ["id:9"]]
    tables = count_records([source(n, f) for n, f in enumerate(files, 1)], register, RULES)
    assert steps(tables) == [5, 5, 5, 5, 3, 3, 3]
    assert steps(tables, column="unconfirmed") == [1] * 7  # carved
    assert steps(tables, "甲某")[5] == 3
    total = {row["suspect"]: row for row in tables["flow_total"]}
    figures = [total["甲某"][name] for name in ("acquired", "sold_sum", "not_sold", "flow_total")]
    assert figures == [3, 2, 1, 3]
    assert [(r["buyer"], r["distinct"]) for r in only(tables, "flow_buyers", suspect="甲某")] == [
        ("乙某", 2)
    ]
    edges = {(r["giver"], r["taker"]) for r in only(tables, "flow_edges", confirmed=True)}
    assert edges == {("上家", "甲某"), ("甲某", "乙某")}
    (line_,) = only(tables, "tiers", scope="甲某", unit="UF", category="basic", row_tier="highest")
    assert (line_["count"], line_["threshold"]) == (3, 5000)


def test_devices_of_one_name_are_those_of_their_owners() -> None:
    register = register_of(
        "路径,检材编号,嫌疑人,设备",
        "1.csv,JC1,李某甲,笔记本电脑",
        "2.csv,JC2,王某乙,笔记本电脑",
        "3.csv,JC3,王某乙,笔记本电脑",
        "4.csv,JC4,赵某丙,U盘",
    )
    files = [["id:1", "id:2"], ["id:1", "id:3"], ["id:1"], ["id:4"]]
    tables = count_records([source(n, f) for n, f in enumerate(files, 1)], register)
    names = {"李某甲/笔记本电脑", "王某乙/JC2/笔记本电脑", "王某乙/JC3/笔记本电脑", "U盘"}
    for table in ("ladder", "units", "shared", "tiers", "elements"):
        assert {row["scope"] for row in only(tables, table, scope_kind="device")} == names, table
    pairs = only(tables, "flow_matrix", scope_kind="device")
    assert {row[end] for row in pairs for end in ("one", "other")} == names - {"U盘"}
    nodes = {row["node_id"]: row for row in only(tables, "flow_nodes", node_kind="device")}
    assert nodes.keys() == {f"device:{name}" for name in names - {"U盘"}} | {"device:赵某丙/U盘"}
    assert nodes["device:王某乙/JC2/笔记本电脑"]["belongs_to"] == "suspect:王某乙"


def test_a_row_with_less_about_the_same_person_is_contained_in_his_scope_only() -> None:
    files = {
        "甲/1": ["name:王 phone:1 card:6", "name:王 phone:1", "name:李 phone:2"],
        "乙/2": ["name:李 phone:2 card:7", "name:陈 phone:3 card:8"],
        "乙/3": ["name:陈 phone:3 card:9"],
    }
    register = register_of("路径,嫌疑人", "甲,甲某", "乙,乙某")
    sources = [source(n, rows, path) for n, (path, rows) in enumerate(files.items(), 1)]
    tables = count_records(sources, register)
    assert tables["contained"] == [
        {"scope_kind": "total", "scope": "total", "contained": 2},
        {"scope_kind": "suspect", "scope": "甲某", "contained": 1},
    ]
    assert steps(tables)[4:6] == [6, 3]


def test_many_small_sources_have_a_table_of_pairs_that_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("piiscan.case.flow.list_overlaps.MOST_LISTED", 1000)
    tables = counted(*([f"name:{n} phone:{n}", "name:0 phone:0"] for n in range(50)))
    assert steps(tables) == [100] * 4 + [50] * 3
    assert reasons(tables)["DUP_ROW across"] == 49
    pairs = only(tables, "flow_matrix", scope_kind="source")
    assert len(pairs) == 1001
    assert (pairs[-1]["one"], pairs[-1]["common"]) == (None, 0)


def test_ratios_are_those_of_the_lines_of_the_rule() -> None:
    listed = [*(f"name:{n} phone:{n}" for n in range(50)), *(f"wechat:{n}" for n in range(5))]
    tables = counted(listed)
    rows = only(tables, "tiers", scope="total", unit="U2", row_tier="highest", insider=False)
    assert {(row["category"], row["count"], row["exact"]) for row in rows} == {
        ("account", 5, "1/1000"), ("basic", 50, "1/100"), (None, None, "11/1000"),
    }  # fmt: skip
    crossed = {(row["crossing_line"], row["crossed"]) for row in tables["tier_crossings"]}
    assert crossed == {(1, "none"), (10, "none")}


def test_a_source_whose_check_digits_fail_is_flagged_for_a_person() -> None:
    def rows(failed: int, right: int) -> list[str]:
        return [f"id:{n}!CHECK_FAIL name:甲" for n in range(failed)] + [
            f"id:{n} phone:{n}" for n in range(100, 100 + right)
        ]

    files = rows(1, 1), rows(1, 2), rows(3, 6), rows(3, 5), rows(4, 1), ["phone:1"]
    paths = [f"{n}.csv" for n in range(1, 7)]
    sources = [
        source(n, rows, path) for n, (rows, path) in enumerate(zip(files, paths, strict=True), 1)
    ]
    register = register_of("路径,嫌疑人", *(f"{path},甲某" for path in paths[:4]))
    tables = count_records(sources, register, RULES)
    told = [
        (row["source"], row["alarm"], row["entity"], row["count"], row["checked"], row["suspect"])
        for row in tables["alarms"]
    ]
    assert told == [
        (4, "CHECKS_FAIL", "CN_RESIDENT_ID", 3, 8, "甲某"),
        (5, "CHECKS_FAIL", "CN_RESIDENT_ID", 4, 5, None),
    ]
    (flag,) = only(tables, "by_suspect", entry="made_up")
    assert (flag["scope"], flag["beside"]["sentences"][0][1]) == ("甲某", {"count": 1})


def test_who_is_under_fourteen_is_counted_without_a_line() -> None:
    tables = counted(["id:1 +young", "id:2"], ["name:甲 phone:1"], headers=["身份证号", "班级"])
    told = {
        (row["ground"], row["scope"]): row["records"]
        for row in only(tables, "under_14", scope_kind="source")
    }
    assert told == {("identity", "1"): 1, ("class", "1"): 2, ("class", "2"): 1}


def drawn(seed: int) -> list[SourceRecords]:
    """Sources of drawn rows: repeated ones, shared keys, roles, failed keys, transactions."""
    draw = random.Random(seed)
    words = [
        "name:{}", "phone:{}", "id:{}", "wechat:{}", "id:{}!CHECK_FAIL", "name:{}@contact",
        "phone:{}@contact", "phone:{}@courier", "masked:{}", "card:{}", "+{}", "firm:{}",
    ]  # fmt: skip

    def row() -> str:
        """The findings of one row."""
        drawn_words = draw.sample(words, draw.randrange(1, 5))
        return " ".join(word.format(draw.randrange(9)) for word in drawn_words)

    made = []
    for number in range(1, 7):
        rows = [row() for _ in range(draw.randrange(25))]
        rows += rows[: draw.randrange(4)]
        days = [draw.choice(["2024-02-03", "2024-05-03"]) for _ in rows]
        path = f"{draw.choice('ab')}/{number}"
        made.append(sold(number, rows, days if number % 2 else [], path=path))
    return made


def drawn_rules(seed: int) -> tuple[Any, CountRules]:
    """A register or none, and rules with or without exclusions and a period."""
    register = register_of("路径,嫌疑人,角色,去向", "a,甲某,出售,乙某", "b,乙某,持有,")
    found = register if seed % 2 else None
    rules = RULES
    if seed % 3 == 1:
        rules = replace(rules, exclusions=(line(2, "path", "*/3"), line(3, "path", "*/9")))
    if seed % 4 == 1:
        rules = replace(rules, period=Period(None, date(2024, 3, 1)))
    return found, rules


@dataclass(frozen=True)
class Subject:
    """A person of a drawn row: role, and kind -> value; ``flaw``: why the identity number fails."""

    role: str | None
    values: dict[str, str]
    flaw: str = ""

    @property
    def text(self) -> str:
        role = f"@{self.role}" if self.role else ""
        flaws = {"id": self.flaw}
        cells = self.values.items()
        return " ".join(f"{kind}:{n}{role}{flaws.get(kind, '')}" for kind, n in cells)

    @property
    def key(self) -> tuple[str, ...] | None:
        """The first key that is there; a name alone is none."""
        for kinds in (("id",), ("name", "phone"), ("name", "address")):
            if all(kind in self.values for kind in kinds):
                return tuple(f"{kind} {self.values[kind]}" for kind in kinds)
        return None

    @property
    def passes(self) -> bool:
        return self.key is not None and not ("id" in self.values and self.flaw)


def drawn_subjects(seed: int) -> list[list[list[Subject]]]:
    """Files of rows, which repeat in and across files; contacts are of several rows."""
    draw = random.Random(seed)
    rows = []
    for _ in range(60):
        row = []
        for role in [None, *draw.sample(["contact", "guarantor", "spouse"], draw.randrange(3))]:
            who = draw.randrange(12 if role else 40)
            kinds = ["name", *draw.sample(["phone", "id", "address"], draw.randint(0, 3))]
            values = {kind: f"{who % 30 if kind == 'name' else who}" for kind in kinds}
            row.append(Subject(role, values, "!CHECK_FAIL" * (draw.random() < 0.1)))
        rows.append(row)
    return [draw.choices(rows, k=draw.randrange(1, 40)) for _ in range(4)]


@pytest.mark.parametrize("seed", often(range(40), range(4)))
def test_ladder_and_roles_are_what_plain_python_says(seed: int) -> None:
    files = drawn_subjects(seed)
    tables = counted(*([" ".join(each.text for each in row) for row in rows] for rows in files))
    scopes = {
        "total": [row for rows in files for row in rows],
        **{f"{n}": rows for n, rows in enumerate(files, 1)},
    }
    for scope, rows in scopes.items():
        named = [each for row in rows for each in row if each.key]
        sound = [each for each in named if each.passes]
        passed = [row for row in rows if any(each.passes for each in row)]
        contents = {
            frozenset((e.role, *cell) for e in row for cell in e.values.items()) for row in passed
        }
        reached = [rows, rows, [row for row in rows if any(each.key for each in row)], passed]
        reached += [contents, {each.key for each in sound}]
        assert steps(tables, scope)[:6] == [len(each) for each in reached]
        assert steps(tables, scope, "subjects")[2:4] == [len(named), len(sound)]
    people = {row["role"]: (row["passed"], row["distinct"]) for row in tables["people"]}
    for role in (None, "contact", "guarantor", "spouse"):
        keys = [e.key for row in scopes["total"] for e in row if e.role == role and e.passes]
        assert people[role] == (len(keys), len(set(keys)))
    assert_conserved(tables)


def stored(state: dict[str, pa.Table]) -> dict[str, pa.Table]:
    """The tables of a state, written as Parquet and read again."""
    read = {}
    for name, table in state.items():
        file = io.BytesIO()
        pq.write_table(table, file)
        read[name] = pq.read_table(io.BytesIO(file.getvalue()))
    return read


def fold(sources: Sequence[SourceRecords], register: Any, rules: CountRules) -> RecordCount:
    count = RecordCount(rules, register)
    for each in sources:
        count.add(each)
    return count


@pytest.mark.parametrize("seed", often(range(4), (0,)))
def test_a_count_is_a_fold(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """In any order, merged, stored, few rows or many, in parts: the same tables."""
    sources, (register, rules) = drawn(seed), drawn_rules(seed)
    whole = fold(sources, register, rules)
    tables = whole.tables()
    random.Random(seed).shuffle(sources)
    assert fold(sources, register, rules).tables() == tables
    half = fold(sources[:3], register, rules)
    half.merge(fold(sources[3:], register, rules))
    assert half.tables() == tables
    state = whole.state
    assert {name: table.schema for name, table in state.items()} == dict(STATE)
    assert RecordCount.of_state(stored(state), rules, register).tables() == tables
    monkeypatch.setattr(record_count, "MOST_SMALL", -1)
    assert whole.tables() == tables
    use_parts(monkeypatch, bytes_of_row=1 << 20)
    assert whole.tables(memory="50MB") == tables


def test_counts_of_few_rows_share_a_database_and_no_table() -> None:
    with connect_in_memory() as one, connect_in_memory() as other:
        one.execute("create temp table here as select 1 as n")
        with pytest.raises(duckdb.CatalogException):
            other.execute("select * from here")
        assert one.execute("select current_setting('temp_directory')").fetchone() == ("",)
    with connect_in_memory() as later, pytest.raises(duckdb.CatalogException):
        later.execute("select * from here")


def test_table_files_are_those_of_the_json_module() -> None:
    tables = counted(['name:"甲\\ phone:1'], headers=["负债"])
    rows = [{"a": [], "b": {}, "c": [1, {"d": None}], "e": True, "f": "\u2028\n", "g": 1.5}, {}]
    for name, table in {**tables, "units": rows, "people": []}.items():
        content = json.dumps({"table": name, "rows": table}, ensure_ascii=False, indent=1)
        assert table_json(TABLE_OF[name], table) == f"{content}\n".encode(), name


def test_a_source_is_added_once() -> None:
    one, other = source(1, ["name:甲 phone:1"]), source(1, ["id:1"], "other.csv")
    for pair in ([one, one], [one, other]):
        with pytest.raises(CountError, match="source 1 is given twice"):
            count_records(pair)


def test_many_messages_are_not_few_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise AssertionError

    monkeypatch.setattr(parted_database, "connect_in_memory", refuse)
    monkeypatch.setattr(record_count, "MOST_SMALL", 3)
    few = sold(1, ["id:1"], ["2024-02-01"] * 4)
    assert steps(count_records([few]))[0] == 1
    with pytest.raises(AssertionError):
        count_records([source(1, ["id:1"])])
