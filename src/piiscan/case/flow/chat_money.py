"""Chat money: payments and prices that messages name, with speaker, listener and place.

They are hints until the register confirms a price. A price is an offer and has no payer. What
somebody says he received was paid by the other one, and mostly stands as his payment, too.
"""

from __future__ import annotations

from typing import Any, Final

from piiscan.case.count.table_context import TableContext
from piiscan.case.flow.file_matching import ends_of, time_text
from piiscan.case.flow.parties import Parties
from piiscan.case.flow.spoken import create_sent
from piiscan.case.flow.transfers import find_parties
from piiscan.case.store.common_columns import SOURCE
from piiscan.pages.report_table import FILES_AND_PAGE, ReportTable, coded, number, position, text

Row = dict[str, Any]

#: Most messages listed.
MOST_LISTED: Final = 20_000

_MONEY: Final = """
select row_number() over (order by source, member, row, money_kind, amount) as number, * from spoken
where what = 'MONEY' order by number limit {limit}
"""


def _chat_money(context: TableContext) -> list[Row]:
    """Return ``chat_money``: a row per message and amount; the last without number if cut."""
    if "messages" not in context.case.views:
        return []
    context.once(create_sent)
    parties = find_parties(context)
    found = context.rows(_MONEY.format(limit=MOST_LISTED + 1))
    rows = [_row(each, parties) for each in found[:MOST_LISTED]]
    return [*rows, dict.fromkeys(rows[0])] if len(found) > MOST_LISTED else rows


def _row(message: Row, parties: Parties) -> Row:
    """Return the row of one message: who paid whom, if it says so."""
    (_, speaker), (_, listener) = ends_of(message, parties)
    kind = message["money_kind"]
    ends: tuple[str | None, str | None] = (None, None)
    if kind in ("TRANSFER", "RED_PACKET", "REFUND"):
        ends = speaker, listener
    elif kind in ("RECEIVED", "REFUNDED"):
        ends = listener, speaker
    return {
        "number": message["number"],
        "sent_time": time_text(message["time"]),
        "speaker": speaker,
        "listener": listener,
        "money_kind": kind,
        "amount": str(message["amount"]),
        "payer": ends[0],
        "payee": ends[1],
        "suspect": message["holder"],
        "item": message["chat_item"],
        "source": message["source"],
        "member": message["member"],
        "row": message["row"],
    }


CHAT_MONEY: Final = ReportTable(
    "chat_money",
    (
        position("number"),
        text("sent_time"),
        text("speaker", empty="page.unnamed"),
        text("listener", empty="page.unnamed"),
        coded("money_kind", "money_kind"),
        number("amount"),
        text("payer"),
        text("payee"),
        text("suspect", FILES_AND_PAGE),
        text("item"),
        SOURCE,
        text("member", FILES_AND_PAGE),
        position("row"),
    ),
    section="T7",
    made_by="count",
    build=_chat_money,
    notes=("sheet.note.chat_money",),
)
