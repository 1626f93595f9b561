"""Money of the transfers of suspects and groups (违法所得) against the money lines of the rules.

Gross is what he received for what he gave; net, a contested reading, is less what he paid.
Insiders' lines are for what he received for information of his duty or service. Count and money
are alternatives and never added. What members of a group pay each other is nobody's proceeds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any, Final

from piiscan.case.count.table_context import TableContext
from piiscan.case.store.common_columns import SCOPE, SCOPE_KIND
from piiscan.case.tiers import Policy
from piiscan.case.tiers.tier_cells import POLICY
from piiscan.case.tiers.tier_tables import TIER_MONEY, money_rows
from piiscan.pages.report_table import ReportTable, Row, Rows, coded


def dealing_money(tables: Rows, policies: Sequence[Policy]) -> list[dict[str, Any]]:
    """Return ``dealing_money``: rows per suspect or group, reading and policy with a money line.

    ``tables``: ``transfers``, ``flow_total`` and ``flow_groups``. Transfers without a price
    are told, not guessed.
    """
    scopes = [("suspect", row["suspect"]) for row in tables["flow_total"] if row["registered"]]
    scopes += [("group", row["group"]) for row in tables["flow_groups"]]
    return [
        {"scope_kind": kind, "scope": name, "money_reading": reading} | row
        for kind, name in scopes
        for reading, amount, unpriced in _readings(tables["transfers"], kind, name)
        for row in money_rows(amount, policies, unpriced=unpriced, insiders=(reading == "duty",))
    ]


def _dealing_money(context: TableContext) -> list[dict[str, Any]]:
    """Return ``dealing_money`` of the case."""
    return dealing_money(context.tables, context.rules.tiers.policies)


def lines_of(transfers: Iterable[Row], kind: str, name: str, side: str) -> list[Row]:
    """Return the lines of ``transfers`` with a suspect or group as ``giver`` or ``taker``.

    Lines within a group are nobody's, those within this group not the group's.
    """
    if kind == "suspect":
        return [row for row in transfers if row[side] == name and not row["internal"]]
    other, group = "taker" if side == "giver" else "giver", f"、{name}、"
    return [
        row
        for row in transfers
        if group in f"、{row[f'{side}_groups']}、"
        and not (row["internal"] and group in f"、{row[f'{other}_groups']}、")
    ]


def _readings(transfers: Sequence[Row], kind: str, name: str) -> Iterator[tuple[str, Decimal, int]]:
    """Yield (reading, yuan, transfers without a price) of one suspect or group."""
    given = lines_of(transfers, kind, name, "giver")
    received, unpriced = _sum(given)
    if received:
        yield "gross", received, unpriced
        paid, unknown = _sum(lines_of(transfers, kind, name, "taker"))
        if paid:
            yield "net", received - paid, unpriced + unknown
        of_duty, open_ = _sum([row for row in given if row["duty"] == "yes"])
        if of_duty:
            yield "duty", of_duty, open_


def _sum(transfers: Sequence[Row]) -> tuple[Decimal, int]:
    """Return the sum of the prices, and the number of transfers that have none."""
    prices = [Decimal(row["money"]) for row in transfers if row["money"] is not None]
    without = [row for row in transfers if row["money"] is None and row["money_with"] is None]
    return sum(prices, Decimal(0)), len(without)


#: Columns of the amount and its ratio, as in the table of ledgers' money.
_AMOUNT: Final = TIER_MONEY.columns[TIER_MONEY.columns.index(POLICY) :]

DEALING_MONEY: Final = ReportTable(
    "dealing_money",
    (SCOPE_KIND, SCOPE, coded("money_reading", "money_reading"), *_AMOUNT),
    section="T10",
    made_by="count",
    build=_dealing_money,
    notes=("tiers.dealing_money",),
)
