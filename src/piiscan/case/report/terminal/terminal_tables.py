"""Terminal tables: tables of a case as rich renderables, which the command line prints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from piiscan.case.report.table_columns import NUMERIC_COLUMNS, PROGRAM_COLUMNS, TABLE_COLUMNS
from piiscan.case.report.table_files import cell_text
from piiscan.case.store.case import Case
from piiscan.case.store.case_words import case_words
from piiscan.pages.sanitize import clean
from piiscan.pages.wording import Language, Words

#: Tables of a count that the terminal shows; the files have all.
COUNT_TABLES: Final = (
    "ladder", "ladder_reasons", "units", "people", "shared", "conflicts", "alarms", "statuses",
    "money", "flow_total", "flow_matrix", "flow_sent", "flow_edges", "tiers", "tier_scenarios",
    "tier_money", "compositions", "proposals", "exclusions",
)  # fmt: skip
#: Columns of tables that are too wide for a terminal.
_NARROW_COLUMNS: Final = {
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
        name: _NARROW_COLUMNS.get(name)
        or tuple(c for c in TABLE_COLUMNS[name] if c not in PROGRAM_COLUMNS)
        for name in COUNT_TABLES
    },
    "unread": ("source", "path", "member", "row", "reason", "lost"),
}
_MAX_ROWS: Final = 40
#: Most rows of tables about the distribution of values.
_SHORT_TABLES: Final = {"provinces": 10, "births": 12, "carriers": 10}


def case_tables(
    case: Case, *, language: Language = "zh", names: Sequence[str] = tuple(_COLUMNS)
) -> list[Any]:
    """Return a ``rich.table.Table`` for each of ``names`` with rows.

    Long tables are cut with a note. Values are masked, and markup in evidence text has no effect.
    """
    words = case_words(case, language)
    tables = {name: terminal_rows(name, rows) for name, rows in case.tables().items()}
    return [
        rich_table(name, tables[name], words, columns=_COLUMNS[name])
        for name in names
        if tables.get(name)
    ]


def terminal_rows(name: str, rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the rows of table ``name`` that fit a terminal; the table files have all.

    Left out are single sources, a layer if it is the only one, and readings of a policy for
    insiders.
    """
    layers = {row["scope"] for row in rows if row.get("scope_kind") == "layer"}
    hidden = {"source"} if len(layers) > 1 else {"source", "layer"}
    return [
        row
        for row in rows
        if row.get("scope_kind") not in hidden and not (name == "tier_scenarios" and row["insider"])
    ]


def rich_table(
    name: str, rows: Sequence[Mapping[str, Any]], words: Words, *, columns: Sequence[str] = ()
) -> Any:
    """Return one table as ``rich.table.Table`` with ``columns``, or with all its columns."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    max_rows = _SHORT_TABLES.get(name, _MAX_ROWS)
    more = len(rows) - max_rows
    shown_columns = columns or TABLE_COLUMNS[name]
    drawn = Table(
        title=words(f"table.{name}"),
        title_justify="left",
        box=box.SIMPLE_HEAD,
        caption=words("page.more", count=more) if more > 0 else None,
    )
    for column in shown_columns:
        numeric = column in NUMERIC_COLUMNS
        drawn.add_column(
            words(f"column.{column}"),
            justify="right" if numeric else "left",
            no_wrap=numeric,
            overflow="fold",
        )
    for row in rows[:max_rows]:
        shown = [cell_text(column, row, words) for column in shown_columns]
        drawn.add_row(
            *(Text(f"{v:,}" if isinstance(v, int) else clean(v)) for v in shown),
            style="red" if row.get("refuted") or row.get("lost") else None,
        )
    return drawn
