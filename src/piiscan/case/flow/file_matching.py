"""File matching: files sent in messages -> the files of the case with that name or checksum.

``张三发送文件 客户名单.xlsx (1.2MB) -> source 3``. A checksum decides, else the name, with the size
if the message has one. A file with the same name and another checksum or size is reported as
DIFFERENT and never proposed. If several contents match, the result is AMBIGUOUS. Copies with the
same content count as one.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Final

from piiscan.case.count.table_context import TableContext
from piiscan.case.flow.parties import Parties, PartyEnd
from piiscan.case.flow.transfers import find_parties
from piiscan.case.store.common_columns import SOURCE
from piiscan.pages.report_table import FILES_AND_PAGE, ReportTable, coded, number, position, text

Row = dict[str, Any]

#: Most messages listed, those with a file in the case first; most locations per message.
MOST_LISTED: Final = 20_000
MOST_PLACES: Final = 20

#: SQL: messages with a file or money, the last known peer of their chat, and the suspect who has
#: the chat. In a chat of two in which the peer and one other speak, that other is the holder. What
#: somebody else says reaches the peer if the peer speaks too, or if the peer is a group.
_CREATE_SPOKEN: Final = """
create temp table spoken as
with told as (select {columns} from messages),
peers as (
    select source, member, row, row as section, peer, peer_digest, nick_digest as peer_nick,
           own as of_two
    from told where what = 'PEER'),
joined as (
    select s.* exclude (own, peer, peer_digest), s.own as stated, of_two,
           coalesce(section, -1) as section, coalesce(s.peer, p.peer) as peer,
           coalesce(s.peer_digest, p.peer_digest, ''::blob) as with_digest,
           coalesce(with_digest in (s.sender_digest, s.nick_digest)
                or p.peer_nick in (s.sender_digest, s.nick_digest), false) as is_peer
    from told s asof left join peers p
    on s.source = p.source and s.member = p.member and s.row >= p.row
    where s.what in ('FILE', 'MONEY', 'SPEAKER')),
talks as (
    select source, member, section, with_digest, bool_or(is_peer) as answers,
           count(distinct coalesce(sender_digest, ''::blob)) filter (not is_peer) as others
    from joined where what = 'SPEAKER' group by all),
sided as (
    select s.* exclude (stated, with_digest), nullif(with_digest, ''::blob) as with_digest,
           coalesce(stated, case when of_two and answers and others = 1 and sender is not null
                                 and not is_peer then true end) as own,
           coalesce(not of_two, false) or coalesce(answers or others > 2, false) as heard
    from joined s left join talks using (source, member, section, with_digest)
    where what <> 'SPEAKER'),
ended as (
    select s.*, own is null and is_peer as by_peer, h.suspect as holder, h.item as chat_item
    from sided s left join placed h on s.source = h.source and s.member = h.member)
select *, case when own then null when sender is not null then sender when own = false then peer end
           as giver,
       case when own then null when sender is not null then sender_digest
            when own = false then with_digest end as giver_digest,
       coalesce(own, false) as from_holder,
       case when receiver is not null then receiver when own = false or by_peer then null
            when own or heard then peer end as taker,
       case when receiver is not null then receiver_digest when own = false or by_peer then null
            when own or heard then with_digest end as taker_digest,
       receiver is null and (coalesce(not own, false) or by_peer) as to_holder
from ended;
create temp table said as
select row_number() over (order by source, member, row) as number, * exclude (money_kind, amount)
from spoken where what = 'FILE';
create temp table asked as
select row_number() over () as ask, * from (
    select name_digest, least, most, checksum from said group by all order by all);
create temp table copies as
select source, member, name_digest, size, md5, sha1, sha256,
       coalesce(sha256, source || '!' || member) as content from files_given;
create temp table named as
select name_digest, content, any_value(size) as size, max(md5) as md5, max(sha1) as sha1,
       max(sha256) as sha256
from copies group by name_digest, content;
"""
#: SQL condition: size and checksum of a file with the right name do not contradict the message.
_FITS: Final = """
coalesce(n.size between a.least and a.most, true) and coalesce(
    case length(a.checksum) when 32 then md5 when 40 then sha1 else sha256 end = a.checksum, true)
"""
_NO_MONEY: Final = "*, null::varchar as money_kind, null::decimal(18, 2) as amount"
_CREATE_OUTCOME: Final = f"""
create temp table by_sum as
select ask, min(content) as content from (
    select ask, content from asked join copies on checksum = md5
    union all select ask, content from asked join copies on checksum = sha1
    union all select ask, content from asked join copies on checksum = sha256
) group by ask;
create temp table outcome as
select ask, 'FOUND' as sent_state, content, 1 as fits,
       case length(checksum) when 32 then 'MD5' when 40 then 'SHA1' else 'SHA256' end as matched_by
from by_sum join asked using (ask)
union all
select ask, case fits when 0 then 'DIFFERENT' when 1 then 'FOUND' else 'AMBIGUOUS' end,
       case fits when 1 then content end, fits,
       case when fits = 0 then null when sized then 'NAME_SIZE' else 'NAME' end
from (
    select ask, any_value(a.least) is not null as sized, count(*) filter ({_FITS}) as fits,
           min(content) filter ({_FITS}) as content
    from asked a join named n using (name_digest)
    where ask not in (select ask from by_sum) group by ask);
"""
#: SQL: first location of each content found, number of copies, its item and suspect, its keys.
_CREATE_FOUND: Final = """
create temp table found as
with first as (
    select content, count(*) as copies, arg_min(source, (source, member)) as file_source,
           arg_min(member, (source, member)) as file_member
    from copies where content in (select content from outcome) group by content)
select f.*, min(p.item) as item, min(p.suspect) as suspect, count(distinct t.key_no) as keys
from first f left join placed p on p.source = f.file_source and (f.file_member = ''
    or p.member = f.file_member or starts_with(p.member, f.file_member || '#')
    or starts_with(p.member, f.file_member || '!'))
left join passed t on t.place = p.place and t.headline
group by all;
create temp table sent as
select s.*, coalesce(o.sent_state, 'NOT_FOUND') as sent_state, o.matched_by, o.ask,
       coalesce(o.fits, 0) as fits, f.copies, f.file_source, f.file_member, f.item, f.suspect,
       f.keys, f.content
from said s join asked a on s.name_digest is not distinct from a.name_digest
    and s.least is not distinct from a.least and s.most is not distinct from a.most
    and s.checksum is not distinct from a.checksum
left join outcome o using (ask) left join found f using (content)
"""
_LISTED: Final = """
select number, time, giver, giver_digest, nick_digest, from_holder, taker, taker_digest,
       to_holder, holder, source, member, row, name, least, most, checksum, sent_state,
       matched_by, fits, copies,
       file_source, file_member, item, suspect, keys as distinct
from sent order by sent_state <> 'FOUND', number limit {limit}
"""
#: SQL: first message and number of messages, by giver, taker and content.
_EDGES: Final = """
with told as (
    select min(number) as number, count(*) as messages from sent
    where sent_state = 'FOUND'
    group by giver_digest, taker_digest, from_holder, to_holder, holder, content)
select s.giver, s.taker, s.giver_digest, s.nick_digest, s.taker_digest, s.from_holder,
       s.to_holder, s.holder, s.time, s.source, s.member, s.row, s.matched_by, s.file_source,
       s.file_member, s.item,
       s.keys, messages
from told join sent s using (number) order by number
"""
_PLACES: Final = f"""
with asking as (
    select min(number) as number, ask from sent where sent_state in ('FOUND', 'AMBIGUOUS')
    group by ask order by number limit 1000),
fitting as (
    select number, o.content from asking join outcome o using (ask) where o.content is not null
    union all
    select number, n.content from asking join outcome o using (ask) join asked a using (ask)
    join named n using (name_digest) where o.content is null and ({_FITS})),
numbered as (
    select number, c.source as file_source, c.member as file_member, c.size,
           row_number() over (partition by number order by c.source, c.member) as place
    from fitting join copies c using (content))
select number, file_source, file_member, size from numbered where place <= {MOST_PLACES}
order by number, place
"""


def create_sent(context: TableContext) -> None:
    """Create the tables ``spoken`` (messages) and ``sent`` (files that they name)."""
    connection = context.connection
    connection.register("files_given", context.case.files)
    stored = connection.sql("select * from messages limit 0").columns
    columns = "*" if "amount" in stored else _NO_MONEY  # a case of an earlier version
    connection.execute(_CREATE_SPOKEN.format(columns=columns))
    connection.execute(_CREATE_OUTCOME)
    connection.execute(_CREATE_FOUND)


def _flow_sent(context: TableContext) -> list[Row]:
    """Return a row per message with a file.

    A row without a number represents the messages above MOST_LISTED.
    """
    if "messages" not in context.case.views:
        return []
    context.once(create_sent)
    parties = find_parties(context)
    rows = context.rows(_LISTED.format(limit=MOST_LISTED + 1))
    listed = [_table_row(row, parties) for row in rows[:MOST_LISTED]]
    return [*listed, dict.fromkeys(listed[0])] if len(rows) > MOST_LISTED else listed


def _flow_sent_places(context: TableContext) -> list[Row]:
    """Return the locations of the files that messages name."""
    if "messages" not in context.case.views:
        return []
    context.once(create_sent)
    return context.rows(_PLACES)


def sent_edges(context: TableContext) -> list[Row]:
    """Return a row per giver, taker and sent file: first message, number of messages."""
    if "messages" not in context.case.views:
        return []
    context.once(create_sent)
    return [{**row, "sent_time": time_text(row["time"])} for row in context.rows(_EDGES)]


def time_text(time: datetime.datetime | None) -> str | None:
    """Return a time as text, ``2024-03-05 14:30:00``; None for None."""
    return None if time is None else time.isoformat(sep=" ")


def ends_of(row: Mapping[str, Any], parties: Parties) -> tuple[PartyEnd, PartyEnd]:
    """Return giver and taker of a message, each as (node id, name): speaker and listener."""
    giver_digests = (row["giver_digest"], None if row["from_holder"] else row["nick_digest"])
    holder = row["holder"]
    return (
        parties.end(holder if row["from_holder"] else None, giver_digests, row["giver"]),
        parties.end(holder if row["to_holder"] else None, (row["taker_digest"],), row["taker"]),
    )


def _table_row(row: Row, parties: Parties) -> Row:
    """Return a row of ``flow_sent`` with the parties by name, and time and size as text."""
    (_, giver), (_, taker) = ends_of(row, parties)
    dropped = ("giver_digest", "nick_digest", "from_holder", "taker_digest", "to_holder", "holder")
    row = {name: value for name, value in row.items() if name not in dropped}
    row |= {"giver": giver, "taker": taker}
    least, most = row["least"], row["most"]
    size = None if least is None else str(least) if least == most else f"{least}-{most}"
    shown = {name: cell for name, cell in row.items() if name not in ("least", "most", "time")}
    return {**shown, "sent_time": time_text(row["time"]), "told_size": size}


FLOW_SENT: Final = ReportTable(
    "flow_sent",
    (
        position("number"),
        text("sent_time"),
        text("giver"),
        text("taker"),
        text("name"),
        text("told_size", FILES_AND_PAGE),
        text("checksum", FILES_AND_PAGE),
        SOURCE,
        text("member", FILES_AND_PAGE),
        position("row"),
        coded("sent_state", "sent_state"),
        coded("matched_by", "matched_by"),
        number("fits", FILES_AND_PAGE),
        number("copies", FILES_AND_PAGE),
        number("file_source"),
        text("file_member", FILES_AND_PAGE),
        text("item"),
        text("suspect", FILES_AND_PAGE),
        number("distinct"),
    ),
    section="T7",
    made_by="count",
    build=_flow_sent,
    notes=("sheet.note.sent",),
)
FLOW_SENT_PLACES: Final = ReportTable(
    "flow_sent_places",
    (position("number"), number("file_source"), text("file_member"), number("size")),
    section="T7",
    made_by="count",
    build=_flow_sent_places,
    notes=("sheet.note.sent_places",),
)
