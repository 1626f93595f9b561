"""Crossings: the lines that a sum of ratios crosses under every reading, some, or none.

``tier-cn-2017, 1x, 张某 -> some: U2 (highest)``. Readings are the rows of ``tier_scenarios``,
without unit U1: it counts a list and its sold copy twice. Where transfers are known the total of
art. 11 (UF) is read in place of what was found. Money is an alternative to the count (art. 5): the
heavier decides, they are never added.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from piiscan.case.store.common_columns import SCOPE, SCOPE_KIND
from piiscan.case.tiers.assessment import ROW_TIERS
from piiscan.case.tiers.tier_cells import CATEGORY, INSIDER, POLICY, ROW_TIER, SCENARIO
from piiscan.case.tiers.tier_tables import TIER_SCENARIOS
from piiscan.pages.report_table import (
    EVERYWHERE,
    FILES,
    ReportTable,
    Row,
    TableColumn,
    coded,
    number,
)
from piiscan.wording.words import Words

#: Units by which a scope is weighed: the first set of which it has rows.
_UNITS: Final = (("UF_rows", "UF", "UF_persons"), ("U1d", "U2"))
_READING: Final = next(c for c in TIER_SCENARIOS.columns if c.name == "reading")


def crossing_rows(
    readings: Sequence[Row], moneys: Sequence[Row] = (), lines: Iterable[int] = (1, 10)
) -> list[dict[str, Any]]:
    """Return ``tier_crossings``: a row per scope, policy, insider reading and line (1x, 10x).

    The scopes are suspects and joint groups, or the whole case if there are none.  ``crossed`` is
    ``all``, ``some`` or ``none``, by the heavier of count and money; ``crossed_by_count`` by the
    count alone, if there is money. ``readings`` holds the readings of the count that cross the
    line, if only some do. ``money`` holds the readings of the money.

    Args:
        readings: rows of ``tier_scenarios``.
        moneys: rows of ``dealing_money``, and of ``tier_money`` for scopes that have none there.
        lines: sums of ratios to compare with.
    """
    owned = any(row["scope_kind"] in ("suspect", "group") for row in (*readings, *moneys))
    kinds = ("suspect", "group") if owned else ("total",)
    scopes: dict[tuple[Any, ...], tuple[list[Row], list[Row]]] = {}
    for side, of_side in enumerate((readings, moneys)):
        for row in of_side:
            if row["scope_kind"] in kinds and (not side or row["exact"] is not None):
                head = (row["scope_kind"], row["scope"], row["policy"], row["insider"])
                scopes.setdefault(head, ([], []))[side].append(row)
    found = []
    for (kind, scope, policy, insider), (rows, paid) in scopes.items():
        read = weighed_rows(rows)
        for line in lines if read or paid else ():
            by_count, by_money = _share(read, line), _share(paid, line)
            alike = by_count if by_count == by_money else "some"
            above = [row for row in read if Fraction(row["exact"]) >= line]
            found.append(
                {
                    "scope_kind": kind,
                    "scope": scope,
                    "policy": policy,
                    "insider": insider,
                    "crossing_line": line,
                    "crossed": "all" if "all" in (by_count, by_money) else alike,
                    "crossed_by_count": by_count if paid else None,
                    "readings": [_of_reading(row) for row in above] if by_count == "some" else None,
                    "money": [_of_money(row) for row in paid] or None,
                    "readings_weighed": len(read),
                }
            )
    return found


def weighed_rows(rows: Sequence[Row]) -> list[Row]:
    """Return the rows of the units by which a scope is weighed: transfers if there are any."""
    units = {row["unit"] for row in rows}
    weighed = next((pair for pair in _UNITS if units & set(pair)), ())
    return [row for row in rows if row["unit"] in weighed]


def _share(rows: Sequence[Row], line: int) -> str:
    """Return ``all``, ``some`` or ``none``: the rows whose ratio is at least ``line``."""
    above = sum(Fraction(row["exact"]) >= line for row in rows)
    return "none" if not above else "all" if above == len(rows) else "some"


def _of_money(row: Row) -> dict[str, Any]:
    """Return the cells of a row of money that name its reading; that of a ledger is gross."""
    cells = {name: row[name] for name in ("amount", "threshold", "ratio")}
    return {"money_reading": row.get("money_reading") or "gross", **cells}


def _of_reading(row: Row) -> dict[str, Any]:
    """Return the cells of ``tier_scenarios`` that name a reading."""
    return {name: row[name] for name in ("policy", "unit", "row_tier", "scenario", "category")}


def crossing_texts(rows: Iterable[Row], words: Words) -> list[str]:
    """Return the rows in words, lines of one answer together: ``1倍线：仅部分口径达到（U2 …）``."""
    lines: dict[str, list[str]] = {}
    for row in rows:
        line, crossed, by_count, beside = (
            str(TIER_CROSSINGS.column(name).text(row, words))
            for name in ("crossing_line", "crossed", "crossed_by_count", "readings")
        )
        if row.get("readings"):
            beside = words("explain.separator").join(_short_names(row["readings"], words))
        if by_count and by_count != crossed:
            beside = f"{words('tiers.by_count')}{words('sheet.colon')}{by_count} {beside}".rstrip()
        lines.setdefault(f"{crossed} ({beside})" if beside else crossed, []).append(line)
    comma, colon = words("reference.comma"), words("sheet.colon")
    return [f"{comma.join(each)}{colon}{told}" for told, each in lines.items()]


def _short_names(readings: Sequence[Row], words: Words) -> Iterator[str]:
    """Yield the names of readings; units and the rule for several kinds only if one decides."""
    found: dict[tuple[Any, ...], list[Row]] = {}
    for row in readings:
        found.setdefault((row["scenario"], row["category"]), []).append(row)
    for rows in found.values():
        units = {row["unit"] for row in rows}
        parts = [SCENARIO.text(rows[0], words), CATEGORY.text(rows[0], words)]
        parts += [words(f"unit.{unit}") for unit in units if len(units) == 1]
        if all(row["row_tier"] != ROW_TIERS[0] for row in rows):
            parts.append(ROW_TIER.text(rows[0], words))
        yield words("page.between").join(str(part) for part in parts if part)


def _line(value: Any, row: Row, words: Words) -> str:
    """Return the line in words: ``1倍线``."""
    return words("tiers.half_line" if row.get("insider") else "tiers.line", times=value)


def _other_grounds(row: Row, words: Words) -> str:
    """Return the remark of the rule on grounds that need no number, if no reading crosses."""
    key = f"{row.get('policy')}.not_by_number"
    remark = words.name("rules", key) if row.get("crossed") == "none" else key
    return "" if remark == key else remark


def _readings(value: Any, _: Row, words: Words) -> str:
    """Return the names of the readings in one cell."""
    names = dict.fromkeys(str(_READING.text(row, words)) for row in value)
    return words("explain.separator").join(names)


def amount_text(row: Row, words: Words) -> str:
    """Return an amount with its line of money: ``收款总额 35,530.00 元 ÷ 5,000 元 = 7.11 倍``."""
    threshold = row["threshold"]
    return words(
        "by_suspect.amount",
        reading=words(f"money_reading.{row['money_reading']}"),
        amount=f"{Decimal(row['amount']):,}",
        threshold=threshold if isinstance(threshold, str) else f"{threshold:,}",
        ratio=row["ratio"],
    )


def _amounts(value: Any, _: Row, words: Words) -> str:
    """Return the readings of the money in one cell."""
    return words("explain.separator").join(amount_text(each, words) for each in value)


TIER_CROSSINGS: Final = ReportTable(
    "tier_crossings",
    (
        SCOPE_KIND.only_in(EVERYWHERE),
        SCOPE.only_in(EVERYWHERE),
        POLICY,
        INSIDER.only_in(FILES),
        TableColumn("crossing_line", shown=EVERYWHERE, wording=_line),
        coded("crossed", "crossed", EVERYWHERE),
        coded("crossed_by_count", "crossed"),
        TableColumn("readings", wording=_readings, empty=_other_grounds),
        TableColumn("money", wording=_amounts, title="column.by_money"),
        number("readings_weighed"),
    ),
    section="T10",
    made_by="count",
    notes=("tiers.crossings",),
)
