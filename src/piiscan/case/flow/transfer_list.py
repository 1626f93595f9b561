"""Transfer list: one line a transfer (笔), with date, parties, keys, money and proof.

Both sides' items that state one transfer make one line. Ledgers make a line per party, file and
day, confirmed payments of chats a line each. The price of a register row is that of all its files
and stands on one line only. Prices and payments between the same two are the same money: the larger
sum stands.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from operator import itemgetter
from typing import Any, Final

from piiscan.case.count.table_context import TableContext
from piiscan.case.flow.confirmed_dealings import payments
from piiscan.case.flow.file_matching import ends_of, sent_edges
from piiscan.case.flow.parties import UNNAMED, FlowSettings, Parties
from piiscan.case.flow.transfers import find_parties
from piiscan.case.store.common_columns import SOURCE
from piiscan.pages.report_table import (
    FILES_AND_PAGE,
    ReportTable,
    TableColumn,
    coded,
    number,
    numbers,
    position,
    text,
)

Row = dict[str, Any]

#: Most lines listed, the register's first.
MOST_LISTED: Final = 20_000

#: SQL: a line per giver, taker and time that the register states; an acquisition from nobody named
#: has one per row of the register.
_REGISTER: Final = f"""
create temp table lines as
select row_number() over (order by giver, taker, time nulls last, own_row)::int as line, * from (
    select distinct giver, taker, time,
           case when {UNNAMED} in (giver, taker) then register_row end as own_row
    from stated join placed using (place)
    where giver <> taker and (giver <> {UNNAMED} or role = 'acquired'));
create temp table line_places as
select l.line, s.* exclude (giver, taker, time), p.item, p.source, p.register_row, p.duty,
       p.purpose, p.lost_records, p.stated_channel
from stated s join placed p using (place) join lines l
on s.giver = l.giver and s.taker = l.taker and s.time is not distinct from l.time
    and (l.own_row is null or l.own_row = p.register_row);
"""
_REGISTER_LINES: Final = """
select line, g.node as giver_id, t.node as taker_id, l.giver as giver_person,
       l.taker as taker_person, g.name as giver, t.name as taker, l.time, p.* exclude (line)
from lines l join (
    select line, string_agg(distinct item, '、' order by item) as item, min(source) as source,
           count(distinct source) as files, bool_or(giver_side) as by_giver,
           bool_or(not giver_side) as by_taker,
           string_agg(distinct stated_channel, '、' order by stated_channel) as channel,
           string_agg(distinct register_row::varchar, '、' order by register_row::varchar)
               as register_rows,
           case when count(distinct duty) = 1 then min(duty) end as duty,
           case when count(distinct purpose) = 1 then min(purpose) end as purpose
    from line_places group by line) p using (line)
join persons g on g.person = l.giver join persons t on t.person = l.taker
order by line
"""
#: Number of a line -> what it numbers in ``passed``.
_COUNTED: Final = {"keys": "key_no", "rows_kept": "content_no", "persons": "person"}
_NUMBERS: Final = """
select line, count(distinct {of}) from line_places join passed using (place)
where headline and part({of}) group by line order by line
"""
_STATED_AMOUNTS: Final = """
select distinct line, giver_side, {row}, {amount} from line_places
where {amount} is not null order by line
"""
_LEDGER_LINES: Final = """
select g.name as giver, t.name as taker, g.person as giver_person, t.person as taker_person,
       day as time, l.* exclude (giver, taker, day)
from (
    select case when status = 'obtained' then party else holder end as giver,
           case when status = 'obtained' then holder else party end as taker,
           time::date::timestamp as day, item, source, min(row) as row, count(*) as ledger_rows,
           count(distinct (key_kind, key)) filter (passed) as keys,
           count(distinct content_digest) filter (passed) as rows_kept, sum(price) as money,
           string_agg(distinct channel, '、' order by channel) as channel
    from {logged} where party <> holder group by all) l
join persons g on g.person = l.giver join persons t on t.person = l.taker
order by g.person, t.person, day nulls last, source, row limit {limit}
"""
#: SQL: rows of ledgers, those behind the first lines as with parties whom nobody named.
_SHORTENED: Final = f"""
(select * replace (case when line > {{lines}} then {UNNAMED} else party end as party) from (
    select *, dense_rank() over (order by holder, party, status = 'obtained', time::date, source)
           as line
    from logged where party <> holder))
"""


def _transfer_list(context: TableContext) -> list[Row]:
    """Return ``transfers``: a row per transfer.

    Behind MOST_LISTED, lines of ledgers are one a day, with a party whom nobody named: no money is
    left out. A row without a number then stands for those that are not listed. The first message
    that sent a file of the transfer gives its date if the register has none.
    """
    if not context.case.has_flow:
        return []
    parties, messages = find_parties(context), context.once(sent_edges)
    connection = context.connection
    connection.execute(_REGISTER)
    prices = _amounts(connection, "price_row", "price")
    lost = _amounts(connection, "register_row", "lost_records")
    sent = _first_messages(messages, parties)
    sources = _sources_of_lines(connection) if sent else {}
    numbers = {n: dict(connection.add_up(_NUMBERS.format(of=of), 1)) for n, of in _COUNTED.items()}
    rows: list[Row] = []
    for found in context.rows(_REGISTER_LINES):
        line = found.pop("line")
        found |= {name: of_lines.get(line, 0) for name, of_lines in numbers.items()}
        money, money_with = prices.get(line, (None, None))
        by = "BOTH" if found["by_giver"] and found["by_taker"] else (
            "GIVER" if found["by_giver"] else "TAKER"
        )  # fmt: skip
        ends = found["giver_id"], found["taker_id"]
        said = [sent[*ends, each] for each in sources.get(line, ()) if (*ends, each) in sent]
        message = min(said, key=itemgetter("time"), default=None)
        if message is not None:
            found |= {"message_source": message["source"], "message_row": message["row"]}
            found["time"] = found["time"] or message["time"]
        rows.append(
            {
                **found,
                "rests_on": "REGISTER",
                "proved_by": by,
                "money": money,
                "money_with": money_with,
                "lost_records": lost.get(line, (None, None))[0],
            }
        )
    rows += payments(context)
    lines = max(MOST_LISTED - len(rows), 0)
    ledger = context.rows(_LEDGER_LINES.format(logged="logged", limit=lines + 1))
    if shortened := len(ledger) > lines:
        logged = _SHORTENED.format(lines=lines)
        ledger = context.rows(_LEDGER_LINES.format(logged=logged, limit="all"))
    rows += [{**each, "rests_on": "LEDGER", "files": 1} for each in ledger]
    _settle_money(rows)
    _add_groups(rows, context.rules.flow, parties)
    names = [column.name for column in TRANSFERS.columns]
    listed = [
        {name: row.get(name) for name in names}
        | {
            "number": at,
            "transfer_time": time_of_day(row["time"]),
            "distinct": row["keys"],
            "money": None if row["money"] is None else str(row["money"]),
        }
        for at, row in enumerate(rows, 1)
    ]
    return [*listed, dict.fromkeys(names)] if shortened else listed


def _settle_money(rows: Sequence[Row]) -> None:
    """Leave the larger of the stated prices and the chat's payments between each two persons.

    A payment between two without a price belongs to the price that one of them has from nobody
    named. The other lines name the line with the money; so do lines without a price. A payment has
    the duty and the purpose of what was sold.
    """
    priced: dict[Any, Any] = {}
    settled: dict[Any, tuple[list[Row], list[Row]]] = defaultdict(lambda: ([], []))
    for row in rows:
        ends = row["giver_person"], row["taker_person"]
        if row["rests_on"] != "CHAT":
            other = rows[row["money_with"] - 1] if row.get("money_with") else row
            if other["money"]:
                ends = priced.setdefault(ends, (other["giver_person"], other["taker_person"]))
            settled[ends][0].append(row)
    for row in rows:
        if row["rests_on"] == "CHAT":
            giver, taker = row["giver_person"], row["taker_person"]
            possible = (giver, taker), (giver, UNNAMED), (UNNAMED, taker)
            ends = next((priced[each] for each in possible if each in priced), possible[0])
            settled[ends][1].append(row)
    numbers = {id(row): at for at, row in enumerate(rows, 1)}
    for stated, paid in settled.values():
        price, sum_ = (sum((r["money"] or Decimal(0)) for r in side) for side in (stated, paid))
        left, kept = (paid, stated) if price and price >= sum_ else (stated, paid)
        first = next((numbers[id(row)] for row in kept if row["money"] is not None), None)
        for row in left if paid else ():
            row |= {"money": None, "money_with": row.get("money_with") or first}
        for name in ("duty", "purpose"):
            values = {row.get(name) for row in stated}
            for row in paid if len(values) == 1 else ():
                row[name] = next(iter(values))


def _add_groups(rows: Iterable[Row], settings: FlowSettings, parties: Parties) -> None:
    """Set the joint groups of giver and taker on the day, and if the line is within one."""
    members = [(parties.number_of(each.member), each) for each in settings.members]
    for row in rows if members else ():
        day = row["time"] and row["time"].date()
        giver, taker = (
            {each.group for person, each in members
             if person == row[f"{side}_person"]
             and (day is None or (each.since or day) <= day <= (each.until or day))}
            for side in ("giver", "taker")
        )  # fmt: skip
        row |= {"giver_groups": "、".join(sorted(giver)) or None}
        row |= {"taker_groups": "、".join(sorted(taker)) or None}
        row["internal"] = not settings.internal_sales and bool(giver & taker)


def _first_messages(
    messages: Sequence[Mapping[str, Any]], parties: Parties
) -> dict[tuple[str, str, int], Mapping[str, Any]]:
    """Return (giver's node, taker's node, source of the file) -> its first message with a time."""
    first: dict[tuple[str, str, int], Mapping[str, Any]] = {}
    for each in messages:
        if each["time"] is not None:
            (giver, _), (taker, _) = ends_of(each, parties)
            key = giver, taker, each["file_source"]
            if key not in first or each["time"] < first[key]["time"]:
                first[key] = each
    return first


def _sources_of_lines(connection: Any) -> dict[int, list[int]]:
    """Return line -> sources of its items."""
    query = "select line, list(distinct source order by source) from line_places group by line"
    return dict(connection.execute(query).fetchall())


def _amounts(
    connection: Any, row: str, amount: str
) -> dict[int, tuple[Decimal | None, int | None]]:
    """Return line -> (amount, line that has it instead).

    The amount of a register row stands on its first line. If both sides state one, the larger is
    taken: they state the same payment.
    """
    first: dict[int, int] = {}
    sides: dict[int, dict[bool, Decimal]] = {}
    elsewhere: dict[int, int] = {}
    query = _STATED_AMOUNTS.format(row=row, amount=amount)
    for line, giver_side, number_, value in connection.execute(query).fetchall():
        owner = first.setdefault(number_, line)
        if owner == line:
            side = sides.setdefault(line, {})
            side[giver_side] = side.get(giver_side, Decimal(0)) + value
        else:
            elsewhere.setdefault(line, owner)
    lines: Iterable[int] = {**sides, **elsewhere}
    return {
        line: (max(sides[line].values()), None) if line in sides else (None, elsewhere[line])
        for line in lines
    }


def time_of_day(time: datetime.datetime | None) -> str | None:
    """Return a moment as text, a midnight as its day: ``2024-03-05``."""
    if time is None:
        return None
    return time.isoformat(sep=" ").removesuffix(" 00:00:00")


TRANSFERS: Final = ReportTable(
    "transfers",
    (
        position("number"),
        TableColumn("transfer_time", wraps=False),
        text("giver", empty="page.unnamed"),
        text("taker", empty="page.unnamed"),
        text("item"),
        SOURCE,
        number("files"),
        position("row"),
        *numbers("ledger_rows", "distinct", "rows_kept", "persons", "lost_records", "money"),
        position("money_with"),
        text("channel"),
        text("giver_groups", FILES_AND_PAGE),
        text("taker_groups", FILES_AND_PAGE),
        coded("internal", "answer"),
        coded("duty", "stated_answer"),
        coded("purpose", "purpose"),
        coded("rests_on", "rests_on"),
        coded("proved_by", "proved_by"),
        text("register_rows"),
        number("message_source", FILES_AND_PAGE),
        position("message_row", FILES_AND_PAGE),
    ),
    section="T7",
    made_by="count",
    build=_transfer_list,
    notes=("sheet.note.transfers",),
    order={
        "page": (
            "number", "transfer_time", "giver", "taker", "item", "distinct", "rows_kept",
            "persons", "lost_records", "money", "channel", "duty", "purpose", "rests_on",
            "proved_by",
        )
    },
    sparse=True,
    scope_columns=("giver", "taker"),
)  # fmt: skip
