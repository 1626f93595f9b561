"""Report sections T1 to T15: their tables in order, and the notes of each table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from piiscan.case.report.table_columns import TABLE_COLUMNS
from piiscan.case.sampling.sampling_cells import sample_notes
from piiscan.pages.wording import Words

Row = Mapping[str, Any]

#: Tables of each of the fifteen sections; a name that ends in * is a prefix.
SECTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "T1": ("inventory", "parts"),
    "T2": ("kinds", "roles"),
    "T3": ("combinations",),
    "T4": ("ladder", "units", "people", "shared", "elements"),
    "T5": ("by_source",),
    "T6": ("reasons", "ladder_reasons", "exclusions"),
    "T7": ("flow_*", "statuses", "parties", "months", "money"),
    "T8": ("conflicts", "conflict_places", "alarms"),
    "T9": ("sample_rates", "sample_counts"),
    "T10": ("tiers", "tier_scenarios", "tier_money", "tier_rules", "compositions", "proposals"),
    "T11": ("sensitivity",),
    "T12": ("provinces", "births", "sexes", "carriers"),
    "T13": ("apart",),
    "T14": ("unread",),
    "T15": ("log", "checksums"),
}
#: Sections that need a count.
_COUNT_SECTIONS: Final = ("T4", "T7", "T8", "T10", "T11")

#: Table -> keys of the notes above it.
_NOTE_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "inventory": ("sheet.note.inventory",),
    "kinds": ("page.rules.hits", "page.rules.valid", "page.rules.refuted", "page.rules.distinct"),
    "combinations": ("page.rules.records",),
    "ladder": ("sheet.note.ladder",),
    "units": ("sheet.note.units",),
    "reasons": ("page.rules.refuted",),
    "ladder_reasons": ("sheet.note.ladder_reasons",),
    "flow_total": ("sheet.note.flow",),
    "flow_matrix": ("sheet.note.matrix",),
    "flow_sent": ("sheet.note.sent",),
    "flow_sent_places": ("sheet.note.sent_places",),
    "flow_edges": ("sheet.note.edges",),
    "flow_nodes": ("sheet.note.nodes",),
    "money": ("sheet.note.money",),
    "conflicts": ("sheet.note.conflicts",),
    "tiers": ("tiers.ratio", "tiers.rounding", "tiers.row_tier"),
    "tier_scenarios": ("tiers.scenarios",),
    "tier_money": ("tiers.money",),
    "sensitivity": ("sheet.note.sensitivity",),
    "provinces": ("page.about.provinces",),
    "births": ("page.about.births",),
    "sexes": ("page.about.sexes",),
    "carriers": ("page.about.carriers",),
    "apart": ("page.rules.apart",),
    "checksums": ("sheet.note.checksums",),
}


@dataclass(frozen=True, slots=True)
class SheetSpec:
    """One table for a sheet: number (T4-2), title, short title, notes, columns and rows.

    Without columns the table is missing or empty; the notes give the reason.
    """

    number: str
    title: str
    short_title: str
    notes: tuple[str, ...]
    columns: tuple[str, ...]
    rows: Sequence[Row]


def build_sheets(
    tables: Mapping[str, Sequence[Row]], words: Words, sample: Mapping[str, Any] | None = None
) -> Iterator[SheetSpec]:
    """Yield a SheetSpec per filled table, section T1 to T15 in order.

    A section without a filled table has one sheet with a note.
    ``sample``: content of ``sample.json`` of the verified sample.
    """
    for section, patterns in SECTIONS.items():
        present = [name for name in _table_names(patterns) if name in tables]
        filled = [name for name in present if tables[name]]
        title = words(f"section.{section}")
        if not filled:
            missing = words("sheet.none" if present else _missing_key(section))
            yield SheetSpec(section, title, title, (missing,), (), ())
        for at, name in enumerate(filled, 1):
            number = section if at == 1 else f"{section}-{at}"
            table_title = words(f"table.{name}")
            notes = [words(key) for key in _NOTE_KEYS.get(name, ())]
            if name == "sample_rates" and sample is not None:
                notes += sample_notes(words, sample)
            prefix = "" if table_title.startswith(title) else f"{title}{words('sheet.colon')}"
            full_title = f"{prefix}{table_title}"
            short = title if at == 1 else table_title
            yield SheetSpec(
                number, full_title, short, tuple(notes), TABLE_COLUMNS[name], tables[name]
            )


def _table_names(patterns: Sequence[str]) -> Iterator[str]:
    """Yield the table names of a section, with prefixes (``flow_*``) expanded."""
    for name in patterns:
        if name.endswith("*"):
            yield from (each for each in TABLE_COLUMNS if each.startswith(name[:-1]))
        else:
            yield name


def _missing_key(section: str) -> str:
    """Return the wording key for an empty section: no count, no returned sample, or no table."""
    if section == "T9":
        return "sheet.not_verified"
    return "sheet.not_counted" if section in _COUNT_SECTIONS else "sheet.none"
