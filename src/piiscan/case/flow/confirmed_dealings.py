"""Confirmed dealings: files and payments of chats that a person confirmed in the register.

A confirmed file is a transfer that the register states. A receipt and its payment are one payment,
and so are the copies of a payment in several chats. A refund has a negative amount.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any, Final

import pyarrow as pa

from piiscan.case.count.table_context import TableContext
from piiscan.case.flow.parties import UNNAMED, UNREGISTERED
from piiscan.case.flow.spoken import create_sent

Row = dict[str, Any]

#: Time within which two chats have one payment, and after it, its receipt (which WeChat bounds).
_SAME: Final = datetime.timedelta(minutes=2)
_TAKEN: Final = datetime.timedelta(hours=24)
_GIVEN: Final = pa.schema(
    {"nth": pa.int32(), "source": pa.int32(), "member": pa.string(), "row": pa.int64(),
     "kind": pa.string(), "giver": pa.string(), "taker": pa.string()}
)  # fmt: skip
#: SQL: the messages that the register names.
_MESSAGES: Final = """
create temp table confirmed_messages as
select g.nth, g.giver as named_giver, g.taker as named_taker, s.*, f.file_source, f.file_member
from (select * exclude (name, least, most, checksum), coalesce(money_kind, 'FILE') as kind
      from spoken) s
join confirmed_given g
on s.source = g.source and s.member = g.member and s.row = g.row and s.kind = g.kind
left join sent f on s.kind = 'FILE' and sent_state = 'FOUND'
    and s.source = f.source and s.member = f.member and s.row = f.row
"""
_NO_MESSAGES: Final = """
create temp table confirmed_messages (nth int, kind text, file_source int, giver text, taker text,
    giver_digest blob, taker_digest blob)
"""
#: SQL: the same with the persons of both sides, by number; those whom the register names first. A
#: receipt is written by who was paid. ``giver``: of a file, or who was paid; a refund is negative.
_SIDES: Final = f"""
create temp table confirmed_dealings as
with sided as (
    select m.*, kind in ('RECEIVED', 'REFUNDED') as is_receipt,
           case when from_holder then coalesce(h.person, {UNREGISTERED})
                else coalesce(g.person, k.person, {UNNAMED}) end as speaker,
           case when to_holder then coalesce(h.person, {UNREGISTERED})
                else coalesce(t.person, {UNNAMED}) end as listener,
           coalesce(x.person, if(is_receipt, listener, speaker)) as payer,
           coalesce(y.person, if(is_receipt, speaker, listener)) as payee
    from confirmed_messages m left join party_names h on h.name = m.holder
    left join party_digests g on g.party_digest = m.giver_digest
    left join known_digests k on k.party_digest = m.nick_digest
    left join party_digests t on t.party_digest = m.taker_digest
    left join party_cells x on x.cell = named_giver left join party_cells y on y.cell = named_taker)
select source, member, row, time, kind, is_receipt, file_source, file_member,
       if(kind in ('FILE', 'REFUND', 'REFUNDED'), payer, payee) as giver_person,
       if(kind in ('FILE', 'REFUND', 'REFUNDED'), payee, payer) as taker_person,
       if(kind in ('REFUND', 'REFUNDED'), -amount, amount) as money
from sided where payer <> payee;
"""
#: SQL: what the register states of the confirmed files, unless it stands in the register already;
#: its time and price are those of the item's role. Then nobody unnamed gave or got the file.
_FILES: Final = f"""
create temp table confirmed_files as
select distinct p.place, coalesce(n.person, {UNREGISTERED}) <> taker_person as giver_side,
       giver_person, taker_person, coalesce(giver_side
           = (nullif(role, 'unknown') in ('sold', 'provided', 'published')), true) as own,
       coalesce(if(own, stated_time, null), c.time) as time, if(own, stated_price, null) as price,
       if(own, price_row, null) as price_row, if(giver_side, null, case unlawful
           when 'yes' then 2 when 'open' then 1 when 'no' then 0 else if(role = 'held', 1, 2) end)
       as rank, unlawful is not null and not giver_side as said
from confirmed_dealings c join placed p on p.source = c.file_source and (c.file_member = ''
    or p.member = c.file_member or starts_with(p.member, c.file_member || '#')
    or starts_with(p.member, c.file_member || '!'))
left join party_names n on n.name = p.suspect
where (p.place, giver_person, taker_person) not in (select (place, giver, taker) from stated);
insert into stated select * exclude (own) from confirmed_files;
delete from stated s where {UNNAMED} in (giver, taker) and exists (
    select 1 from confirmed_files f where f.place = s.place and f.giver_side = s.giver_side
        and {UNNAMED} not in (giver_person, taker_person)
        and if(s.giver_side, giver_person = s.giver, taker_person = s.taker));
"""
_PAYMENTS: Final = """
select c.*, g.name as giver, t.name as taker, 'CHAT' as rests_on, null as keys,
       source as message_source, row as message_row
from confirmed_dealings c join persons g on g.person = giver_person
join persons t on t.person = taker_person
where kind <> 'FILE' order by time nulls last, source, member, row
"""
#: SQL: the number of confirmed dealings without such a message, or without its file.
_UNMATCHED: Final = """
select count(*) from confirmed_given g where nth not in (
    select nth from confirmed_messages where kind <> 'FILE' or file_source is not null)
and not (kind = 'CODE' and exists (select 1 from candidates c where mobile is not null
    and c.source = g.source and c.member = g.member and c.row = g.row))
"""


def create_confirmed(context: TableContext) -> bool:
    """Create ``confirmed_given`` and ``confirmed_messages``; return True if there are messages."""
    sources = {path: source for source, path in context.case.paths.items()}
    rows = [
        {**asdict(each), "nth": nth, "source": sources.get(each.path)}
        for nth, each in enumerate(context.rules.flow.dealings)
    ]
    context.connection.register("confirmed_given", pa.Table.from_pylist(rows, _GIVEN))
    has_messages = bool(rows) and "messages" in context.case.views
    if has_messages:
        context.once(create_sent)
    context.connection.execute(_MESSAGES if has_messages else _NO_MESSAGES)
    return has_messages


def create_dealings(connection: Any) -> None:
    """Create ``confirmed_dealings`` with the persons of both sides; add the files to ``stated``."""
    connection.execute(_SIDES)
    connection.execute(_FILES)


def count_unmatched(context: TableContext) -> int:
    """Return the number of confirmed dealings without such a message, or without its file."""
    context.once(create_confirmed)
    return int(context.connection.execute(_UNMATCHED).fetchall()[0][0])


def payments(context: TableContext) -> list[Row]:
    """Return a row per confirmed payment: giver and taker of information, yuan, first message."""
    if not context.once(create_confirmed):
        return []
    return merge_payments(context.rows(_PAYMENTS))


def merge_payments(messages: Iterable[Row]) -> list[Row]:
    """Return the first message of each payment, from messages in the order of their times.

    A payment has one message of a kind in each chat, at one time, and its receipt within a day. A
    side that one message leaves open is that of the other.
    """
    by_money: dict[Any, list[list[Row]]] = defaultdict(list)
    found = []
    for message in messages:
        same = by_money[message["money"]]
        payment = next((p for p in same if all(_are_one(other, message) for other in p)), None)
        if payment is None:
            same.append([message])
            found.append(same[-1])
            continue
        payment.append(message)
        for side in ("giver", "taker"):
            if payment[0][f"{side}_person"] == UNNAMED:
                payment[0] |= {name: message[name] for name in (side, f"{side}_person")}
    return [payment[0] for payment in found]


def _are_one(one: Row, other: Row) -> bool:
    """Return True if two messages with one amount may be about one payment."""
    for side in ("giver_person", "taker_person"):
        if one[side] != other[side] and UNNAMED not in (one[side], other[side]):
            return False
    alike = one["is_receipt"] == other["is_receipt"]
    if alike and (one["source"], one["member"]) == (other["source"], other["member"]):
        return False
    if one["time"] is None or other["time"] is None:
        return True
    later: datetime.timedelta = other["time"] - one["time"]
    if one["is_receipt"] and not alike:
        later = -later
    return -_SAME <= later <= (_SAME if alike else _TAKEN)
