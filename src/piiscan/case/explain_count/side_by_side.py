"""Two rows side by side: equal cells, different cells, and columns that were not compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from piiscan.case.lookup.reread import reread_rows
from piiscan.case.lookup.row_reference import record_findings
from piiscan.case.lookup.show import shown_cell
from piiscan.case.store.case import Case
from piiscan.detect.catalog.catalog import load
from piiscan.errors import CaseError
from piiscan.pages.sanitize import HIDDEN
from piiscan.sources.archives.read_options import ReadOptions
from piiscan.sources.texts.column_letters import column_letter

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PairCell:
    """One column of two rows. ``left_out``: the texts differ, so the rule did not compare them."""

    header: str
    one: str = field(repr=False)
    other: str = field(repr=False)
    same: bool
    left_out: bool


@dataclass(frozen=True, slots=True)
class Pair:
    """Two rows that step ``step`` calls one: the row, the row that it repeats, their cells.

    ``reread``: False if a source could not be read again, so that only findings are shown.
    """

    step: str
    one: Row
    other: Row
    cells: tuple[PairCell, ...] = field(repr=False)
    reread: bool = True


def compare_rows(
    case: Case,
    one: Row,
    other: Row,
    connection: Any,
    *,
    clear: bool,
    options: ReadOptions,
    step: str,
) -> Pair:
    """Return two records side by side, by header, then by column.

    Texts are masked unless ``clear``; passwords always are. At step R4 a column that differs is one
    that the comparison leaves out; at later steps only the key is compared.
    """
    try:
        rows = [_cells(case, each, connection, options, clear=clear) for each in (one, other)]
        reread = True
    except CaseError:
        if clear:
            raise
        rows, reread = [_found_cells(case, each, connection) for each in (one, other)], False
    first, second = rows
    cells = []
    for header in dict.fromkeys((*first, *second)):
        (text, shown), (other_text, other_shown) = (
            each.get(header, ("", "")) for each in (first, second)
        )
        if text or other_text:
            same = text == other_text
            cells.append(PairCell(header, shown, other_shown, same, step == "R4" and not same))
    return Pair(step, one, other, tuple(cells), reread)


def _found_cells(case: Case, record: Row, connection: Any) -> dict[str, tuple[str, str]]:
    """Return header -> (digests, masks) of the findings of a record."""
    found: dict[str, tuple[str, str]] = {}
    for each in _findings(case, record, connection):
        header = each["header"] or column_letter(each["column"])
        text, shown = found.get(header, ("", ""))
        mask = each["masked"] or HIDDEN
        found[header] = text + bytes(each["digest"]).hex(), f"{shown} {mask}".strip()
    return found


def _cells(
    case: Case, record: Row, connection: Any, options: ReadOptions, *, clear: bool
) -> dict[str, tuple[str, str]]:
    """Return header -> (text, text to show) of a row, read again from its source."""
    source = next(
        each for each in case.manifest.content["sources"] if each["source"] == record["source"]
    )
    name = case.source_names()[record["source"]]
    place = record["member"], record["row"]
    lines = reread_rows(source, {place}, load(None), display_name=name, options=options)
    line = lines.get(place)
    if line is None:
        raise CaseError("source.row_lost", source=name)
    masks: dict[int, list[Row]] = {}
    for each in _findings(case, record, connection):
        if each["row"] == record["row"]:
            masks.setdefault(max(each["column"] - 1, 0), []).append(each)
    cells = {}
    for at, (header, text) in enumerate(zip(line.headers, line.cells, strict=True)):
        stripped = (text or "").strip()
        shown = shown_cell(text or "", masks.get(at, []), clear=clear).strip()
        cells[header or column_letter(at + 1)] = (stripped, shown)
    return cells


def _findings(case: Case, record: Row, connection: Any) -> list[dict[str, Any]]:
    """Return the findings of one record."""
    return [
        each
        for each in record_findings(
            connection, case, record["source"], record["member"], record["row"]
        )
        if (each["record"], each["group"]) == (record["row"], record["group"])
    ]
