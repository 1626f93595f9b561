"""Which tables a report has, in the order of domain.md D.8, and how each of them is to be read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from piiscan.case.report.table_columns import WRITTEN
from piiscan.case.sampling.sampling_cells import sample_notes
from piiscan.pages.wording import Words

Row = Mapping[str, Any]

#: What belongs under each of the fifteen headings; a name that ends in * is a prefix.
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
#: Tables that only a count has.
_COUNTED: Final = ("T4", "T7", "T8", "T10", "T11")

#: Sentences that stand above a table, by their keys.
_NOTES: Final[Mapping[str, tuple[str, ...]]] = {
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
class Sheet:
    """One table as it is shown: its number (T4-2), title, what is short for it, notes, rows.

    Without columns there is no such table, or nothing in it; the notes say why.
    """

    number: str
    title: str
    short: str
    notes: tuple[str, ...]
    columns: tuple[str, ...]
    rows: Sequence[Row]


def sheets_of(
    tables: Mapping[str, Sequence[Row]], words: Words, sample: Mapping[str, Any] | None = None
) -> Iterator[Sheet]:
    """Every sheet in order: each heading has at least one, further tables only if they have rows.

    ``sample`` is what ``sample.json`` says, where records were verified.
    """
    for section, wanted in SECTIONS.items():
        present = [name for name in _names(wanted) if name in tables]
        filled = [name for name in present if tables[name]]
        title = words(f"section.{section}")
        if not filled:
            missing = words("sheet.none" if present else _lacking(section))
            yield Sheet(section, title, title, (missing,), (), ())
        for at, name in enumerate(filled, 1):
            number = section if at == 1 else f"{section}-{at}"
            told = words(f"table.{name}")
            notes = [words(key) for key in _NOTES.get(name, ())]
            if name == "sample_rates" and sample is not None:
                notes += sample_notes(words, sample)
            beside = "" if told.startswith(title) else f"{title}{words('sheet.colon')}"
            whole = f"{beside}{told}"
            short = title if at == 1 else told
            yield Sheet(number, whole, short, tuple(notes), WRITTEN[name], tables[name])


def _names(wanted: Sequence[str]) -> Iterator[str]:
    for name in wanted:
        if name.endswith("*"):
            yield from (each for each in WRITTEN if each.startswith(name[:-1]))
        else:
            yield name


def _lacking(section: str) -> str:
    """Why nothing is there: no count, no sample given back, or not counted by this version."""
    if section == "T9":
        return "sheet.not_verified"
    return "sheet.not_counted" if section in _COUNTED else "sheet.none"
