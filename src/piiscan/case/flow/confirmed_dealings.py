"""Confirmed dealings: files and payments of chats that a person confirmed in the register.

A confirmed file is a transfer that the register states. A receipt and its payment are one payment,
and so are the copies of a payment in the chats of both sides. A refund has a negative amount.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import pyarrow as pa

from piiscan.case.count.table_context import TableContext
from piiscan.case.flow.parties import UNNAMED, UNREGISTERED, FlowSettings, Parties
from piiscan.case.flow.spoken import create_sent

Row = dict[str, Any]

#: Kinds that say what the other side did; kinds of refunds.
_RECEIPTS: Final = ("RECEIVED", "REFUNDED")
_REFUNDS: Final = ("REFUND", "REFUNDED")
#: Time within which two devices have one payment, and after it, its receipt (which WeChat bounds).
_SAME: Final = datetime.timedelta(minutes=2)
_TAKEN: Final = datetime.timedelta(hours=24)

#: SQL: the messages that the register names.
_MESSAGES: Final = """
create temp table confirmed_messages as
select g.nth, s.* exclude (name, least, most, checksum), f.file_source, f.file_member
from (select *, coalesce(money_kind, 'FILE') as kind from spoken) s
join confirmed_given g using (source, member, row, kind)
left join (select source, member, row, file_source, file_member from sent
           where sent_state = 'FOUND') f
on kind = 'FILE' and s.source = f.source and s.member = f.member and s.row = f.row
"""
#: SQL: the same with the persons of both sides, by number; those whom the register names first.
_SIDES: Final = f"""
create temp table confirmed_dealings as
with sided as (
    select m.*, n.giver_person, n.taker_person, coalesce(
        case when from_holder then coalesce(h.person, {UNREGISTERED}) end, g.person, k.person,
        {UNNAMED}) as speaker, coalesce(
        case when to_holder then coalesce(h.person, {UNREGISTERED}) end, t.person, {UNNAMED})
        as listener
    from confirmed_messages m join confirmed_names n using (nth)
    left join party_names h on h.name = m.holder
    left join party_digests g on g.party_digest = m.giver_digest
    left join known_digests k on k.party_digest = m.nick_digest
    left join party_digests t on t.party_digest = m.taker_digest)
select *, coalesce(giver_person, case when kind in {_RECEIPTS} then listener else speaker end)
           as payer,
       coalesce(taker_person, case when kind in {_RECEIPTS} then speaker else listener end) as payee
from sided;
"""
#: SQL: what the register states of the confirmed files, unless it stands in the register already.
_FILES: Final = f"""
insert into stated
select distinct p.place, coalesce(n.person, {UNREGISTERED}) <> c.payee, c.payer, c.payee,
       c.time, null, null, case when coalesce(n.person, {UNREGISTERED}) = c.payee then coalesce(
           case p.unlawful when 'yes' then 2 when 'open' then 1 when 'no' then 0 end, 2) end,
       p.unlawful is not null and coalesce(n.person, {UNREGISTERED}) = c.payee
from confirmed_dealings c join placed p on p.source = c.file_source and (c.file_member = ''
    or p.member = c.file_member or starts_with(p.member, c.file_member || '#')
    or starts_with(p.member, c.file_member || '!'))
left join party_names n on n.name = p.suspect
where payer <> payee and payee <> {UNNAMED}
    and (p.place, payer, payee) not in (select (place, giver, taker) from stated)
"""
_PAYMENTS: Final = f"""
select kind, payer, payee, time, amount, source, member, row from confirmed_dealings
where kind <> 'FILE' and payer <> payee and (payer <> {UNNAMED} or payee <> {UNNAMED})
order by time nulls last, source, member, row
"""


def create_confirmed(context: TableContext) -> bool:
    """Create the table ``confirmed_messages``; return False if no message is confirmed."""
    dealings = [each for each in context.rules.flow.dealings if each.kind != "CODE"]
    if not dealings or "messages" not in context.case.views:
        return False
    context.once(create_sent)
    sources = {path: source for source, path in context.case.paths.items()}
    rows = [
        {"nth": nth, "source": sources.get(each.path), "member": each.member, "row": each.row}
        | {"kind": each.kind}
        for nth, each in enumerate(context.rules.flow.dealings)
    ]
    types = {"nth": pa.int32(), "source": pa.int32(), "member": pa.string(), "row": pa.int64()}
    schema = pa.schema({**types, "kind": pa.string()})
    context.connection.register("confirmed_given", pa.Table.from_pylist(rows, schema))
    context.connection.execute(_MESSAGES)
    return True


def create_dealings(context: TableContext, parties: Parties) -> None:
    """Create ``confirmed_dealings`` with the persons of both sides; add the files to ``stated``."""
    settings = context.rules.flow
    rows = [
        {"nth": nth, "giver_person": giver, "taker_person": taker}
        for nth, each in enumerate(settings.dealings)
        for giver, taker in [
            [None if n is None else parties.number_of(n) for n in (each.giver, each.taker)]
        ]
    ]
    names = ("nth", "giver_person", "taker_person")
    schema = pa.schema(dict.fromkeys(names, pa.int32()))
    context.connection.register("confirmed_names", pa.Table.from_pylist(rows, schema))
    context.connection.execute(_SIDES)
    context.connection.execute(_FILES)


def payments(context: TableContext) -> list[Row]:
    """Return a row per confirmed payment: giver and taker of information, yuan, first message.

    ``giver``: who was paid, by number. ``money`` of a refund is negative.
    """
    rows = []
    for first in merge_payments(context.rows(_PAYMENTS)):
        ends = first["payee"], first["payer"]
        is_refund = first["kind"] in _REFUNDS
        giver, taker = reversed(ends) if is_refund else ends
        money = -first["amount"] if is_refund else first["amount"]
        rows.append({**first, "giver_person": giver, "taker_person": taker, "money": money})
    return rows


def merge_payments(messages: Iterable[Mapping[str, Any]]) -> list[Row]:
    """Return the first message of each payment, from messages in the order of their times.

    A payment has one message of a kind in each chat, at one time, and its receipt within a day.
    """
    found: list[Row] = []
    by_amount: dict[Any, list[list[Mapping[str, Any]]]] = defaultdict(list)
    for message in messages:
        key = *(message[k] for k in ("payer", "payee", "amount")), message["kind"] in _REFUNDS
        for payment in by_amount[key]:
            if all(_are_one(other, message) for other in payment):
                payment.append(message)
                break
        else:
            by_amount[key].append([message])
            found.append(dict(message))
    return found


def _are_one(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Return True if two messages of one amount and the same sides may be about one payment."""
    receipts = [each["kind"] in _RECEIPTS for each in (one, other)]
    if receipts[0] == receipts[1] and one["source"] == other["source"]:
        return False
    if one["time"] is None or other["time"] is None:
        return True
    later: datetime.timedelta = other["time"] - one["time"]
    if receipts[0] and not receipts[1]:
        later = -later
    return -_SAME <= later <= (_SAME if receipts[0] == receipts[1] else _TAKEN)


def groups_of(
    settings: FlowSettings, parties: Parties, person: int, time: datetime.datetime | None
) -> Sequence[str]:
    """Return the joint groups to which a person belongs on a day; without one, in any period."""
    day = None if time is None else time.date()
    found = (
        each.group
        for each in settings.members
        if parties.number_of(each.member) == person
        and (day is None or (each.since or day) <= day <= (each.until or day))
    )
    return list(dict.fromkeys(found))
