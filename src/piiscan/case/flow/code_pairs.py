"""Code pairs: a phone number alone in a message, and the verification code that follows it.

``13800138001`` and two minutes later ``验证码482913`` -> one proposed record (指导性案例195号). It
counts once the register confirms it.
"""

from __future__ import annotations

from typing import Any, Final

from piiscan.case.count.table_context import TableContext
from piiscan.case.flow.confirmed_dealings import create_confirmed
from piiscan.case.store.common_columns import SOURCE
from piiscan.pages.report_table import FILES_AND_PAGE, ReportTable, coded, number, position, text

#: SQL: each phone alone in a message, and the first code behind it in its conversation, of which it
#: is the last phone before. A conversation has a peer, or two sides, or is the whole chat.
_PAIRS: Final = """
with peers as (select source, member, row, peer_digest from messages where what = 'PEER'),
halves as (
    select m.source, m.member, m.row, m.time, m.what,
           epoch(m.time)::bigint * 1000000000 + m.row as place,
           coalesce(m.peer_digest, p.peer_digest,
               case when own = false or receiver_digest is not null then
                   least(coalesce(sender_digest, ''::blob), coalesce(receiver_digest, ''::blob))
                   || greatest(coalesce(sender_digest, ''), coalesce(receiver_digest, '')) end,
               ''::blob) as talk
    from messages m asof left join peers p
    on m.source = p.source and m.member = p.member and m.row >= p.row
    where m.what in ('CODE', 'PHONE') and m.time is not null),
phones as (
    select * from halves semi join (
        select source, member, row from candidates where counted and mobile is not null
            and name is null and identity is null and account is null) using (source, member, row)
    where what = 'PHONE'),
paired as (
    select p.*, c.row as code_row, date_diff('second', p.time, c.time) as seconds
    from (select * from halves where what = 'CODE') c asof join phones p
    on c.source = p.source and c.member = p.member and c.talk = p.talk and c.place > p.place
    qualify row_number() over (partition by p.source, p.member, p.row order by c.place) = 1)
select row_number() over (order by p.source, p.member, p.row) as number, seconds // 60 as minutes,
       suspect, item, p.source, p.member, p.row, code_row, time::text as sent_time,
       p.row in (select row from confirmed_given g where kind = 'CODE' and g.source = p.source
                 and g.member = p.member) as confirmed
from paired p join placed using (source, member) where seconds <= {seconds}
order by number
"""


def _code_pairs(context: TableContext) -> list[dict[str, Any]]:
    """Return ``code_pairs``: a row per phone with a code within the minutes of the rules."""
    has_code = "select row from messages where what = 'CODE' limit 1"
    if "messages" not in context.case.views or not context.rows(has_code):
        return []
    context.once(create_confirmed)
    return context.rows(_PAIRS.format(seconds=60 * context.rules.flow.code_minutes))


CODE_PAIRS: Final = ReportTable(
    "code_pairs",
    (
        position("number"), text("sent_time"), number("minutes"), text("suspect", FILES_AND_PAGE),
        text("item"), SOURCE, text("member", FILES_AND_PAGE), position("row"),
        position("code_row"), coded("confirmed", "answer"),
    ),
    section="T7",
    made_by="count",
    build=_code_pairs,
    notes=("sheet.note.code_pairs",),
)  # fmt: skip
