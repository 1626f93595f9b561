"""Money of each suspect's transfers (违法所得) against the money lines of the rules.

Gross is what he received for what he gave; net, a contested reading, is less what he paid.
Insiders' lines are for what he received for information of his duty or service. Count and money
are alternatives and never added.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, Final

from piiscan.case.count.table_context import TableContext
from piiscan.case.store.common_columns import SCOPE, SCOPE_KIND
from piiscan.case.tiers import Policy
from piiscan.case.tiers.tier_cells import POLICY
from piiscan.case.tiers.tier_tables import TIER_MONEY, money_rows
from piiscan.pages.report_table import ReportTable, Row, Rows, coded


def dealing_money(tables: Rows, policies: Sequence[Policy]) -> list[dict[str, Any]]:
    """Return ``dealing_money``: rows per suspect, reading and policy with a money line.

    ``tables``: ``transfers`` and ``flow_total``. Transfers without a price are told, not guessed.
    """
    suspects = [row["suspect"] for row in tables["flow_total"] if row["registered"]]
    return [
        {"scope_kind": "suspect", "scope": name, "money_reading": reading} | row
        for name in suspects
        for reading, amount, unpriced in _readings(tables["transfers"], name)
        for row in money_rows(amount, policies, unpriced=unpriced, insiders=(reading == "duty",))
    ]


def _dealing_money(context: TableContext) -> list[dict[str, Any]]:
    """Return ``dealing_money`` of the case."""
    return dealing_money(context.tables, context.rules.tiers.policies)


def _readings(transfers: Sequence[Row], name: str) -> Iterator[tuple[str, Decimal, int]]:
    """Yield (reading, yuan, transfers without a price) of one suspect."""
    given = [row for row in transfers if row["giver"] == name]
    received, unpriced = _sum(given)
    if received:
        yield "gross", received, unpriced
        paid, unknown = _sum([row for row in transfers if row["taker"] == name])
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
