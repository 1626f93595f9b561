"""Code pairs: a phone number alone in a message, and the verification code that follows it.

``13800138001`` and two minutes later ``验证码482913`` -> one proposed record (指导性案例195号). It
counts once the register confirms it.
"""

from __future__ import annotations

from typing import Any, Final

from piiscan.case.count.table_context import TableContext
from piiscan.case.store.common_columns import SOURCE
from piiscan.pages.report_table import FILES_AND_PAGE, ReportTable, coded, number, position, text

Row = dict[str, Any]

#: SQL: each phone alone in a message with a time, and the first code behind it, of which it is the
#: last phone before.
_PAIRS: Final = """
with timed as (
    select source, member, row, min(time) as time from ledger where time is not null group by all),
phones as (
    select distinct c.source, c.member, c.row, t.time
    from candidates c join timed t using (source, member, row)
    where counted and mobile is not null and name is null and identity is null and account is null),
codes as (
    select distinct f.source, f.member, f.record as row, t.time from findings f
    join timed t on f.source = t.source and f.member = t.member and f.record = t.row
    where entity = 'VERIFICATION_CODE' and verdict <> 'refuted'),
paired as (
    select p.*, c.row as code_row, date_diff('second', p.time, c.time) as seconds
    from codes c asof join phones p
    on c.source = p.source and c.member = p.member and c.row > p.row
    qualify row_number() over (partition by p.source, p.member, p.row order by c.row) = 1)
select row_number() over (order by source, member, row) as number, time, seconds // 60 as minutes,
       suspect, item, source, member, row, code_row
from paired join placed using (source, member) where seconds between 0 and {seconds}
order by number
"""


def find_code_pairs(context: TableContext) -> list[Row]:
    """Return ``code_pairs``: a row per phone with a code within the minutes of the rules."""
    if not {"ledger", "findings"} <= context.case.views:
        return []
    confirmed = {
        (each.path, each.member, each.row)
        for each in context.rules.flow.dealings
        if each.kind == "CODE"
    }
    paths = context.case.paths
    rows = context.rows(_PAIRS.format(seconds=60 * context.rules.flow.code_minutes))
    return [
        {
            **{name: row[name] for name in ("number", "minutes", "suspect", "item", "source")},
            **{name: row[name] for name in ("member", "row", "code_row")},
            "sent_time": row["time"].isoformat(sep=" "),
            "confirmed": (paths[row["source"]], row["member"], row["row"]) in confirmed,
        }
        for row in rows
    ]


CODE_PAIRS: Final = ReportTable(
    "code_pairs",
    (
        position("number"),
        text("sent_time"),
        number("minutes"),
        text("suspect", FILES_AND_PAGE),
        text("item"),
        SOURCE,
        text("member", FILES_AND_PAGE),
        position("row"),
        position("code_row"),
        coded("confirmed", "answer"),
    ),
    section="T7",
    made_by="count",
    build=lambda context: context.once(find_code_pairs),
    notes=("sheet.note.code_pairs",),
)
