"""Transfers: every figure is that of sets, whoever's item proves them and whatever the names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from piiscan import CountRules, SourceRecords, count_records
from piiscan.case.count.record_count import Tables
from piiscan.case.flow import transfer_list
from piiscan.case.flow.parties import FlowSettings
from piiscan.case.register import Alias, Dealing, GroupMember
from piiscan.parsing.file_names import digest_file_names
from piiscan.parsing.party_names import digest_parties
from piiscan.schemas import FILE_TRANSFERS, FILES
from tests.case.count.parts import use_parts
from tests.case.flow.naive_transfers import (
    ALIASES,
    DAYS,
    PUBLIC,
    SCANNED,
    UNITS,
    UNNAMED,
    Item,
    Logged,
    Made,
    Member,
    edges,
    figures,
    made_case,
    matrix,
    proceeds,
    young,
)
from tests.case.literal_rows import RULES, only, plain_rows, register_of, source, traded
from tests.case.tiers.test_categories_by_subject import profiled
from tests.often import often

KEY = bytes(32)
WORDS = {
    "acquired": "获取", "sold": "出售", "provided": "提供", "published": "公开发布",
    "held": "持有", "unknown": "未知", "yes": "是", "no": "否", "open": "待查", None: "",
}  # fmt: skip
NOT_COUNTED = ("registered", "lost_records", "group_kind", "members")


def moment(day: date | None) -> datetime | None:
    return day and datetime.combine(day, time())


def tables_of(
    made: Made, *more: SourceRecords, digests: bool = True, rules: CountRules = RULES
) -> Tables:
    """The tables of a count: an item is a source and a row of the register, with its ledger.

    ``more``: sources that the register does not name.
    """
    lines = [
        "路径,检材编号,嫌疑人,角色,来自,去向,获取是否违法,履职或服务中获得,时间,价格（元）,灭失明细的条数,扣押日期"
    ]
    sources = []
    for at, item in enumerate(made.items):
        facts = (item.day or "", item.price or "", item.lost_records or "", item.seized or "")
        parties = "、".join(item.party_from), "；".join(item.party_to)
        words = WORDS[item.role], *parties, WORDS[item.unlawful], WORDS[item.duty]
        lines.append(
            ",".join(map(str, (f"{at}.csv", f"JC{at}", item.suspect or "", *words, *facts)))
        )
        keys = made.rows(at)
        trades = [
            {
                "row": keys.index(row.key) + 2,
                "status": row.status,
                "party": row.party and f"{row.party[0]}*",
                "party_digest": digest_parties([row.party], KEY)[0] if row.party else None,
                "party_kind": "seller" if row.status == "obtained" else "buyer",
                "time": moment(row.day),
                "price": row.price,
            }
            for row in made.logged
            if row.item == at
        ]
        trades += [{"row": keys.index(key) + 2, "status": "kept"} for key in item.kept & item.keys]
        rows = [written(item.cells(key), made.births.get(key)) for key in keys]
        rows += [f"phone:{number}" for number in sorted(item.bare, reverse=True)]
        one = traded(source(at + 1, rows, f"{at}.csv"), trades)
        name = digest_file_names([f"{at}.csv"], KEY)[0]
        files = pa.Table.from_pylist([{"source": at + 1, "member": "", "name_digest": name}], FILES)
        sources.append(replace(one, files=files))
    chats, dealings = chats_of(made)
    lines += [f"聊天{chat}.txt,LT{chat}" for chat in range(len(chats))]
    sources += chats
    aliases = [Alias(name, "nickname", alias) for alias, name in made.aliases.items()]
    members = [GroupMember(m.group, "joint", m.name, m.since, m.until) for m in made.members]
    known: Callable[..., Any] | None = (
        (lambda names: digest_parties(names, KEY)) if digests else None
    )
    flow = FlowSettings(aliases, members, known, made.internal_sales, dealings)
    register = register_of(*lines)
    register = replace(register, aliases=tuple(aliases), members=tuple(members))
    return count_records([*sources, *more], register, replace(rules, flow=flow, as_of=str(SCANNED)))


def chats_of(made: Made) -> tuple[list[SourceRecords], list[Dealing]]:
    """The chats of a case with their messages, and what the register confirms of them."""
    messages: list[list[dict[str, Any]]] = [[] for _ in range(2 if made.said else 0)]
    dealings = []
    for each in made.said:
        for chat, (late, payment, receipt) in each.chats.items():
            for there, echo in ((payment, False), (receipt, True)):
                if not there:
                    continue
                kind = ("REFUNDED" if echo else "REFUND") if each.refund else "TRANSFER"
                kind = "RECEIVED" if echo and not each.refund else kind
                row = len(messages[chat]) + 1
                ends = (each.taker, each.giver) if echo else (each.giver, each.taker)
                sender, receiver = (None, None) if each.nameless else ends
                of_file = each.item is not None
                messages[chat].append(
                    {
                        "row": row,
                        "what": "FILE" if of_file else "MONEY",
                        "sender": sender and f"{sender[0]}*",
                        "sender_digest": sender and digest_parties([sender], KEY)[0],
                        "receiver": receiver and f"{receiver[0]}*",
                        "receiver_digest": receiver and digest_parties([receiver], KEY)[0],
                        "time": each.time and each.time + timedelta(seconds=late, hours=echo),
                        "name_digest": digest_file_names([f"{each.item}.csv"], KEY)[0]
                        if of_file
                        else None,
                        "money_kind": None if of_file else kind,
                        "amount": None if of_file else each.yuan,
                    }
                )
                if each.confirmed:
                    named = (each.giver, each.taker) if each.nameless else (None, None)
                    place = f"聊天{chat}.txt", "", row
                    dealings.append(Dealing(*place, "FILE" if of_file else kind, *named))
    sources = []
    for chat, said in enumerate(messages):
        one = source(90 + chat, (), f"聊天{chat}.txt")
        rows = [{"source": one.source, "member": "", **each} for each in said]
        sources.append(replace(one, messages=plain_rows(FILE_TRANSFERS, rows)))
    return sources, dealings


def written(cells: list[str], born: date | None) -> str:
    """A row of these cells, the first value with a day of birth."""
    at = next(n for n, cell in enumerate(cells) if cell[0] not in "+~")
    return " ".join([*cells[:at], f"{cells[at]}^{born}" if born else cells[at], *cells[at + 1 :]])


def shown(made: Made, name: str | None) -> str | None:
    """A buyer as the table shows him: masked if only a ledger names him."""
    named = made.people(m.name for m in made.members) | {*ALIASES, *ALIASES.values()}
    for each in made.said:
        if each.nameless and each.confirmed:
            named |= made.people((each.giver, each.taker))
    for item in made.items:
        named |= made.people([*filter(None, [item.suspect]), *item.party_from, *item.party_to])
    named.add(PUBLIC)
    return None if name in (None, UNNAMED) else name if name in named else f"{name[0]}*"


@pytest.mark.parametrize("seed", often(range(200), (*range(7), 67)))
def test_every_figure_is_that_of_sets(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Few rows, and in each fourth case the same in parts."""
    if seed % 4 == 3:
        use_parts(monkeypatch)
    made = made_case(seed)
    heavy = {f"{at}.csv": ["property"] for at, item in enumerate(made.items) if item.heavy}
    told, units = (
        tables_of(made, rules=profiled(tmp_path, heavy)),
        {unit: figures(made, unit) for unit in UNITS},
    )
    wanted = units["keys"]
    for name, who in (("flow_total", "suspect"), ("flow_groups", "group")):
        rows = [{k: v for k, v in row.items() if k not in NOT_COUNTED} for row in told[name]]
        right, persons = (
            {shown(made, k): {**row, who: shown(made, k)} for k, row in units[unit][name].items()}
            if who == "suspect"
            else units[unit][name]
            for unit in ("keys", "persons")
        )
        for row in rows:
            of_persons = persons[row[who]]
            for term in of_persons.keys() - {who, "internal"}:
                assert row.pop(f"{term}_persons") == of_persons[term]
        assert {row[who]: row for row in rows} == right
        assert len(rows) == len(wanted[name])
    for name, who in (("flow_buyers", "suspect"), ("flow_group_buyers", "group")):
        rows = [(row[who], row["buyer"], row["distinct"]) for row in told[name]]
        told_buyers = [
            (shown(made, each) if who == "suspect" else each, shown(made, taker), n)
            for (each, taker), n in wanted[name].items()
        ]
        assert in_order(rows) == in_order(told_buyers)
    assert in_order(told["flow_matrix"]) == in_order(matrix(made))
    names = ("giver", "taker", "rests_on", "item", "distinct", "confirmed")
    rows = [
        tuple(row[name] for name in names)
        for row in told["flow_edges"]
        if row["rests_on"] != "FILE_SENT"
    ]
    assert in_order(rows) == in_order(
        (*(end if end is None or end.startswith("JC") else shown(made, end) for end in ends), *rest)
        for *ends, why, item, number, sure in edges(made)
        for rest in [(why, item, number, sure)]
    )
    rows = [
        row for kind in ("source", "suspect") for row in only(told, "under_14", scope_kind=kind)
    ]
    counts = Counter[tuple[Any, ...]]()
    for row in rows:
        counts[row["scope_kind"], row["scope"], row["age_day"]] += row["records"]
    assert counts == young(made)
    money = {
        (row["scope_kind"], row["scope"], row["entry"]): sum(
            Decimal(text.replace(",", "")) for _, text in row["beside"]["parts"]
        )
        for row in told["by_suspect"]
        if row["entry"] in ("received", "paid")
    }
    scopes = {(row["scope_kind"], row["scope"]) for row in told["by_suspect"]}
    wanted_money = proceeds(made)
    assert money == {key: yuan for key, yuan in wanted_money.items() if key[:2] in scopes}
    for row in only(told, "flow_total", registered=True):
        who = row["suspect"]
        for unit, name in (("rows", "UF_rows"), ("keys", "UF"), ("persons", "UF_persons")):
            right = units[unit]
            assert weighed(told, who, name) == right["flow_total"][who]["flow_total"]
            assert weighed(told, who, name, insider=True) == right["of_duty"][who]
            assert weighed(told, who, name, ("property",)) == right["heavy"][who]


def in_order(rows: Iterable[Any]) -> list[Any]:
    return sorted(rows, key=str)


KINDS = ("basic", "bare_phone", "property")


def weighed(
    told: Tables, who: str, unit: str, kinds: Collection[str] = KINDS, *, insider: bool = False
) -> int:
    """The total of a suspect that is weighed by a unit: at full lines or, of duty, halved ones."""
    rows = only(
        told, "tiers", scope=who, unit=unit, insider=insider, row_tier="highest",
        policy="tier-cn-2017",
    )  # fmt: skip
    return sum(row["count"] for row in rows if row["category"] in kinds)


KEYS = set(range(1156))
BOTH = [
    Item("甲某", "sold", set(range(10)), party_to=["小乙"]),
    Item("乙某", "acquired", set(range(5, 15)), ["甲某"]),
    Item("丙某", "held", set(range(10)), ["小甲"]),
]
OPEN = [
    Item("甲某", "held", set(range(100)), unlawful="no"),
    Item("甲某", "sold", {1, 2, 3}, party_to=["乙某"]),
    Item("丙某", "held", {1, 2, 3, 4}),
    Item("丙某", "acquired", {4, 5}, unlawful="open"),
    Item("丁某", "held", {7}, unlawful="yes"),
    Item("戊某", "held", {8}, unlawful="no"),
]
LAWFUL = Item("乙某", "held", {1, 2}, ["甲某"], unlawful="no")
UNSOLD = Item("甲某", "sold", set(range(10)), party_to=["乙某"], kept={7, 8, 9})
STOCK = Item("丙某", "acquired", set(range(10)), ["甲某"], kept={1, 2})
#: Items, rows of a ledger; suspect -> terms of his total; suspect and buyer -> keys.
CLAIMS: dict[str, tuple[Made, dict[str, dict[str, int]], dict[tuple[str, str], int]]] = {
    "a seller whose copy is wiped is proved by the buyer's laptop": (
        Made([Item("王某", "sold", set()), Item("乙某", "acquired", KEYS, ["王某"])]),
        {"王某": {"sold_sum": 1156, "flow_total": 1156, "acquired": 0},
         "乙某": {"flow_total": 1156}},
        {("王某", "乙某"): 1156},
    ),
    "what both devices prove counts once, and two buyers add up": (
        Made(BOTH, [Logged(0, 1, "sold", "阿庚")]),
        {"甲某": {"sold_sum": 15 + 10, "sold_distinct": 15},
         "丙某": {"acquired": 0, "acquired_high": 10}},  # nothing says how he obtained it
        {("甲某", "乙某"): 15, ("甲某", "丙某"): 10},
    ),
    "ledger and register name one buyer by alias and by account": (
        Made([Item("甲某", "held", set(range(8))), Item("庚某", "acquired", {0, 1}, ["甲某"])],
             [Logged(0, key, "sold", "阿庚") for key in range(1, 5)]),
        {"甲某": {"sold_sum": 5}}, {("甲某", "庚某"): 5},
    ),
    "what is held lawfully and not sold is nothing, and what is open a range": (
        Made(OPEN),
        {"甲某": {"flow_total": 3, "flow_total_high": 3, "lawful": 100},
         "乙某": {"flow_total": 3, "flow_total_high": 3},
         "丙某": {"flow_total": 0, "flow_total_high": 5},
         "丁某": {"flow_total": 1, "flow_total_high": 1},
         "戊某": {"flow_total": 0, "flow_total_high": 0}},
        {("甲某", "乙某"): 3},
    ),
    "the buyer's own item says that what he got from this giver was lawful": (
        Made([*OPEN, LAWFUL]), {"乙某": {"flow_total": 1}}, {("甲某", "乙某"): 3},
    ),
    "what a status cell calls unsold was not sold by its item": (
        Made([UNSOLD]),
        {"甲某": {"sold_sum": 7, "acquired": 0, "acquired_high": 3, "flow_total": 7,
                "flow_total_high": 10}},
        {("甲某", "乙某"): 7},
    ),
    "what a member of a group passes on twice counts once": (
        Made([Item("甲某", "sold", {1, 2}, party_to=["乙某"], day=DAYS[1]),
              Item("甲某", "sold", {2, 3}, party_to=["乙某"], day=DAYS[2])],
             members=[Member("一组", name, DAYS[0]) for name in ("甲某", "乙某")]),
        {"甲某": {"internal": 3, "sold_sum": 0}}, {},
    ),
    "the buyer's stock was sold to him": (
        Made([STOCK]), {"甲某": {"sold_sum": 10}}, {("甲某", "丙某"): 10},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("made", "terms", "buyers"), CLAIMS.values(), ids=CLAIMS)
def test_the_total_is_what_the_items_prove(
    made: Made, terms: dict[str, dict[str, int]], buyers: dict[tuple[str, str], int]
) -> None:
    tables = tables_of(made)
    rows = {row["suspect"]: row for row in tables["flow_total"]}
    assert {who: {name: rows[who][name] for name in terms[who]} for who in terms} == terms
    told = {(row["suspect"], row["buyer"]): row["distinct"] for row in tables["flow_buyers"]}
    assert told == buyers


def test_without_the_key_a_name_of_a_ledger_is_another_buyer() -> None:
    made, _, _ = CLAIMS["ledger and register name one buyer by alias and by account"]
    blind = tables_of(made, digests=False)["flow_buyers"]
    assert [(r["buyer"], r["distinct"]) for r in blind] == [("阿*", 4), ("庚某", 2)]


def test_published_is_one_provision_with_files_and_persons() -> None:
    items = [
        Item("甲某", "published", {1, 2, 3}, day=DAYS[0]),
        Item("甲某", "published", {3, 4}, day=DAYS[0]),
        Item("甲某", "sold", {1, 2, 3, 4}),
        Item("乙某", "published", {5, 6}, party_to=["庚某", "下家"]),
    ]
    logged = [Logged(0, 1, "sold", "庚某"), Logged(3, 5, "sold", "路人")]
    tables = tables_of(Made(items, logged))
    told = {(r["suspect"], r["buyer"]): r["distinct"] for r in tables["flow_buyers"]}
    assert told == {
        ("甲某", PUBLIC): 4, ("甲某", None): 4, ("甲某", "庚某"): 1, ("乙某", "庚某"): 2,
        ("乙某", "下家"): 2,
    }  # fmt: skip
    assert {row["suspect"] for row in tables["flow_total"]} >= {"甲某", "乙某"}
    assert PUBLIC not in {row["suspect"] for row in tables["flow_total"]}
    (line,) = only(tables, "transfers", taker=PUBLIC)
    assert (line["files"], line["persons"], line["distinct"]) == (2, 4, 4)
    assert not only(tables, "flow_warnings", warning="SAME_KEYS")


@pytest.mark.parametrize("internal_sales", [False, True])
def test_members_of_a_group_sell_nothing_to_each_other(internal_sales: bool) -> None:
    items = [
        Item("甲某", "acquired", set(range(20)), ["上家"]),
        Item("乙某", "acquired", set(range(10)), ["甲某"]),
        Item("丙某", "sold", set(range(5)), party_to=["下家"]),
        Item("乙某", "sold", set(range(5)), party_to=["下家", "庚某"]),
    ]
    members = [Member("一组", name) for name in ("甲某", "小乙", "丙某")]
    told = tables_of(Made(items, [], members, internal_sales))
    (group,) = told["flow_groups"]
    more = 10 if internal_sales else 0
    assert (group["acquired"], group["internal"], group["sold_sum"]) == (20, 10, 10 + more)
    assert group["flow_total"] == (30 if internal_sales else 10 + 15)
    (row,) = only(told, "flow_total", suspect="甲某")
    assert row["sold_sum"] == more
    assert {(r["buyer"], r["distinct"]) for r in told["flow_group_buyers"]} >= {
        ("下家", 5), ("庚某", 5),
    }  # fmt: skip


def test_a_transfer_is_one_line_whoever_states_it_and_has_its_money_once() -> None:
    day = DAYS[2]
    items = [
        Item("甲某", "sold", {1, 2, 3}, party_to=["乙某", "丙某"], day=day, price=Decimal(900)),
        Item("乙某", "acquired", {2, 3, 4}, ["小甲"], day=day, price=Decimal(800)),
        Item("甲某", "acquired", {9}, lost_records=4300, price=Decimal(5)),
    ]
    made = Made(items, [Logged(2, 9, "sold", "庚某", day, Decimal(7))])
    transfers = tables_of(made)["transfers"]
    lines = [{name: cell for name, cell in row.items() if cell is not None} for row in transfers]
    assert {(r.get("giver"), r["taker"], r["distinct"]) for r in lines} == {
        ("甲某", "乙某", 4), ("甲某", "丙某", 3), (None, "甲某", 1), ("甲某", "庚某", 1),
    }  # fmt: skip
    by_taker = {r["taker"]: r for r in lines if r["rests_on"] == "REGISTER"}
    both = by_taker["乙某"]
    assert (both["proved_by"], both["transfer_time"], both["register_rows"]) == (
        "BOTH", day.isoformat(), "2、3",
    )  # fmt: skip
    moneys = {taker: (r.get("money"), r.get("money_with")) for taker, r in by_taker.items()}
    assert moneys == {
        "乙某": ("900.00", None), "丙某": (None, both["number"]), "甲某": ("5.00", None),
    }  # fmt: skip
    assert by_taker["甲某"]["lost_records"] == 4300
    (log,) = [r for r in lines if r["rests_on"] == "LEDGER"]
    assert (log["giver"], log["taker"], log["money"], log["ledger_rows"]) == (
        "甲某", "庚某", "7.00", 1,
    )  # fmt: skip


def test_a_ledger_too_long_to_list_loses_no_money(monkeypatch: pytest.MonkeyPatch) -> None:
    logged = [
        Logged(0, n, "obtained" if n % 4 == 0 else "sold", f"某{n}", DAYS[n % 2], Decimal(n + 1))
        for n in range(40)
    ]
    made = Made([Item("甲某", "held", set(range(40)))], logged)
    whole = tables_of(made)
    monkeypatch.setattr(transfer_list, "MOST_LISTED", 5)
    short = tables_of(made)
    assert len(whole["transfers"]) == 40
    assert [row["number"] for row in short["transfers"]] == [*range(1, 9), None]
    for name in ("dealing_money", "flow_total", "flow_buyers"):
        assert short[name] == whole[name], name


def test_open_parties_and_names_that_may_be_one_are_told() -> None:
    items = [
        Item("甲某", "acquired", set(range(5))),
        Item("甲某", "sold", set(range(20))),
        Item("甲某", "sold", set(range(18)), party_to=["下家"]),
        Item("乙某", "held", set(range(18)), ["甲某"]),
        Item("丙某", "sold", {1}, party_to=["丙某"]),
    ]
    made = Made(items, [Logged(1, 19, "sold", "路人")], [Member("一组", "甲某", DAYS[0])])
    for digests in (True, False):
        rows = tables_of(made, digests=digests)["flow_warnings"]
        told = {(r["warning"], r["person"], r["other"], r["count"], r["common"]) for r in rows}
        assert told == {
            ("NO_GIVER", "甲某", None, 5, None),
            ("NO_TAKER", "甲某", None, 20, 19),
            ("SELF", "丙某", None, None, None),
            ("SAME_KEYS", "下家", "乙某", 18, 18),
            ("UNDATED", None, None, 4, None),
        } | (set() if digests else {("NO_KEY", None, None, 1, None)})


def test_material_without_a_role_is_a_term_and_a_reading() -> None:
    """Ten acquired beside 6,000 of which nothing is said: no line is crossed under no reading."""
    items = [
        Item("甲某", "acquired", set(range(10)), ["上家"]),
        Item("甲某", "unknown", set(range(5, 6005))),
    ]
    told = tables_of(Made(items))
    (row,) = only(told, "flow_total", suspect="甲某")
    assert (row["flow_total"], row["unroled"]) == (10, 5_995)
    (entry,) = only(told, "by_suspect", scope="甲某", entry="unroled")
    assert (entry["by_rows"], entry["by_keys"], entry["by_persons"]) == (5_995,) * 3
    (line, _) = only(told, "tier_crossings", scope="甲某", insider=False)
    assert line["crossed"] == "some"
    assert {each["scenario"] for each in line["readings"]} == {"unroled"}
    without = tables_of(Made(items[:1]))
    assert only(without, "by_suspect", entry="unroled") == []
    assert {each["crossed"] for each in without["tier_crossings"]} == {"none"}
