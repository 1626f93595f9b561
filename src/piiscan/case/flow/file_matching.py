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
from piiscan.case.flow.spoken import FITS, create_sent
from piiscan.case.flow.transfers import find_parties
from piiscan.case.store.common_columns import SOURCE
from piiscan.pages.report_table import FILES_AND_PAGE, ReportTable, coded, number, position, text

Row = dict[str, Any]

#: Most messages listed, those with a file in the case first; most locations per message.
MOST_LISTED: Final = 20_000
MOST_PLACES: Final = 20

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
    join named n using (name_digest) where o.content is null and ({FITS})),
numbered as (
    select number, c.source as file_source, c.member as file_member, c.size,
           row_number() over (partition by number order by c.source, c.member) as place
    from fitting join copies c using (content))
select number, file_source, file_member, size from numbered where place <= {MOST_PLACES}
order by number, place
"""


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
