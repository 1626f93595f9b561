"""A case's tables for the terminal, as rich renderables; the command line prints them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from piiscan.case.report.table_columns import FOR_PROGRAMS, NUMERIC, WRITTEN
from piiscan.case.report.table_files import cell
from piiscan.case.store.case import Case
from piiscan.case.store.case_words import words_of
from piiscan.pages.sanitize import clean
from piiscan.pages.wording import Language, Words

#: Tables of a count that are shown here; the rest is in its files.
COUNTED: Final = (
    "ladder", "ladder_reasons", "units", "people", "shared", "conflicts", "alarms", "statuses",
    "money", "flow_total", "flow_matrix", "flow_sent", "flow_edges", "tiers", "tier_scenarios",
    "tier_money", "compositions", "proposals", "exclusions",
)  # fmt: skip
#: Columns of those that are too wide for a terminal.
_NARROW: Final = {
    "flow_edges": (
        "giver", "taker", "rests_on", "item", "distinct", "confirmed", "sent_time", "matched_by",
    ),
    "flow_sent": (
        "number", "sent_time", "giver", "taker", "name", "source", "row", "sent_state",
        "matched_by", "file_source", "item", "distinct",
    ),
    "tiers": (
        "scope", "unit", "count", "ratio", "insider", "category", "tier", "row_tier", "policy",
    ),
    "tier_money": (
        "scope", "status", "amount", "unpriced", "threshold", "ratio", "insider", "policy",
    ),
    "tier_scenarios": (
        "scope", "unit", "ratio", "scenario", "category", "tier", "row_tier", "policy",
    ),
}  # fmt: skip
_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "kinds": ("class", "entity", "hits", "valid", "verified", "refuted", "distinct"),
    "combinations": ("combination", "records", "distinct_records"),
    "provinces": ("province", "entity", "hits", "distinct"),
    "births": ("decade", "entity", "hits", "distinct"),
    "sexes": ("sex", "entity", "hits", "distinct"),
    "carriers": ("carrier", "entity", "hits", "distinct"),
    "by_source": ("source", "path", "entity", "hits", "valid", "refuted", "distinct"),
    **{
        name: _NARROW.get(name) or tuple(c for c in WRITTEN[name] if c not in FOR_PROGRAMS)
        for name in COUNTED
    },
    "unread": ("source", "path", "member", "row", "reason", "lost"),
}
_MOST: Final = 40
#: Rows of tables that only say what the values are like.
_SHORT: Final = {"provinces": 10, "births": 12, "carriers": 10}


def case_tables(
    case: Case, *, language: Language = "zh", names: Sequence[str] = tuple(_COLUMNS)
) -> list[Any]:
    """One ``rich.table.Table`` for each of ``names`` that has rows; long ones are cut, and say so.

    Only masked values are in them; markup in evidence text is not interpreted.
    """
    words = words_of(case, language)
    tables = {name: for_people(name, rows) for name, rows in case.tables().items()}
    return [
        table(name, tables[name], words, columns=_COLUMNS[name])
        for name in names
        if tables.get(name)
    ]


def for_people(name: str, rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The rows that belong on a terminal; the files have all.

    Left out: single sources, of which there can be thousands; a layer that is all there is; other
    readings of a rule for insiders.
    """
    layers = {row["scope"] for row in rows if row.get("scope_kind") == "layer"}
    hidden = {"source"} if len(layers) > 1 else {"source", "layer"}
    return [
        row
        for row in rows
        if row.get("scope_kind") not in hidden and not (name == "tier_scenarios" and row["insider"])
    ]


def table(
    name: str, rows: Sequence[Mapping[str, Any]], words: Words, *, columns: Sequence[str] = ()
) -> Any:
    """One table with ``columns``, or all it has."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    most = _SHORT.get(name, _MOST)
    more = len(rows) - most
    shown_columns = columns or WRITTEN[name]
    drawn = Table(
        title=words(f"table.{name}"),
        title_justify="left",
        box=box.SIMPLE_HEAD,
        caption=words("page.more", count=more) if more > 0 else None,
    )
    for column in shown_columns:
        numeric = column in NUMERIC
        drawn.add_column(
            words(f"column.{column}"),
            justify="right" if numeric else "left",
            no_wrap=numeric,
            overflow="fold",
        )
    for row in rows[:most]:
        shown = [cell(column, row, words) for column in shown_columns]
        drawn.add_row(
            *(Text(f"{v:,}" if isinstance(v, int) else clean(v)) for v in shown),
            style="red" if row.get("refuted") or row.get("lost") else None,
        )
    return drawn
