"""Counted tables as files: CSV for people (headings, words, BOM for Excel), JSON for programs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from piiscan.case.report.table_columns import WRITTEN
from piiscan.case.sampling import sampling_cells
from piiscan.case.store.shards import write_bytes
from piiscan.case.tiers import tier_cells
from piiscan.pages.wording import Words

Row = Mapping[str, Any]

#: Kinds in the order in which case files name them: 姓名+身份证号+手机号+住址.
_FIRST: Final = {
    entity: place
    for place, entity in enumerate(
        ("PERSON", "CN_RESIDENT_ID", "CN_MOBILE", "CN_LANDLINE", "CN_ADDRESS", "CN_BANK_CARD")
    )
}

#: Columns of codes, and the section of the wording that names them.
_WORDED: Final = {
    "class": "class",
    "state": "state",
    "step": "ladder_step",
    "scope_kind": "scope_kind",
    "status": "status",
    "conflict": "conflict",
    "party_kind": "party_kind",
    "unit": "unit",
    "where": "where",
    "rests_on": "rests_on",
    "matched_by": "matched_by",
    "sent_state": "sent_state",
    "node_kind": "node_kind",
    "confirmed": "answer",
    "sex": "sex",
    "excluded_by": "excluded_by",
    "alarm": "alarm",
    "idle": "answer",
    "lost": "answer",
    "kept": "answer",
    "what": "vouched",
}
#: Columns of codes that a case or a later version may have more of, and what they name.
_CALLED: Final = {
    "entity": "entities",
    "verdict": "verdicts",
    "reason": "reasons",
    "role": "roles",
    "event": "events",
    "kind": "classes",
    "file_class": "classes",
}
#: Kinds of scope whose names are codes.
_NAMED: Final = ("total", "layer", "status")

#: A cell that begins so could run as a formula when the CSV is opened.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def write_tables(
    tables: Mapping[str, Sequence[Row]], folder: Path, words: Words, *, temporary: Path
) -> dict[str, str]:
    """File name -> SHA-256 of every table written to ``folder`` as CSV and JSON."""
    written = {}
    for name, rows in tables.items():
        for suffix, content in (
            ("csv", table_csv(name, rows, words)),
            ("json", table_json(name, rows)),
        ):
            path = folder / f"{name}.{suffix}"
            written[path.name] = write_bytes(path, content, temporary=temporary)
    return written


def table_json(name: str, rows: Sequence[Row]) -> bytes:
    """The table as JSON in UTF-8: ``{"table": name, "rows": [...]}``, codes and English keys."""
    content = {"table": name, "rows": list(rows)}
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()


def table_csv(name: str, rows: Sequence[Row], words: Words) -> bytes:
    """The table as CSV in UTF-8 with BOM, CRLF, headings and words in one language."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([words(f"column.{column}") for column in WRITTEN[name]])
    for row in rows:
        writer.writerow([safe(cell(column, row, words)) for column in WRITTEN[name]])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def cell(column: str, row: Row, words: Words) -> str | int:
    """One cell in words: names for codes, nothing for None."""
    if column == "code":
        return str(row.get("entity") or row.get("reason") or "")
    if column in tier_cells.CELLS:
        return tier_cells.tier_cell(column, row, words)
    if column in sampling_cells.CELLS:
        return sampling_cells.sample_cell(column, row, words)
    value = row[column]
    if value is None:
        return _missing(column, row, words)
    match column:
        case "combination":
            named = sorted(value, key=lambda e: (_FIRST.get(e, len(_FIRST)), e))
            return " + ".join(words.name("entities", entity) for entity in named)
        case "scope" if row["scope_kind"] in _NAMED:
            return words(f"{row['scope_kind']}.{value}")
        case _ if column in _WORDED:
            word = str(value).lower() if isinstance(value, bool) else value
            return words(f"{_WORDED[column]}.{word}")
        case _ if column in _CALLED:
            return words.name(_CALLED[column], value)
        case "decade":
            return words("page.decade", year=value)
        case "columns":
            return "; ".join(_column(each, words) for each in value)
    return value if isinstance(value, int) else str(value)


def _missing(column: str, row: Row, words: Words) -> str:
    """What stands where nothing is known: most often nothing."""
    if column == "role" and "identifiable" in row:  # of people, those without a role are most
        return words("page.no_role")
    flows = "sold_sum" in row or "buyer" in row
    return words("page.unregistered") if flows and column in ("suspect", "buyer") else ""


def _column(column: Row, words: Words) -> str:
    """One typed column in words: number, header, what it holds."""
    kinds = ", ".join(column["recognizers"])
    role = f" [{words.name('roles', column['role'])}]" if column["role"] else ""
    return f"{column['column']} {column['header'] or ''}: {kinds or '-'}{role}"


def safe(value: str | int) -> str | int:
    """Text that a spreadsheet shows as it is, and never runs.

    >>> safe("=1+1"), safe("张*"), safe(3)
    ("'=1+1", '张*', 3)
    """
    if isinstance(value, str) and value.startswith(_FORMULA):
        return "'" + value
    return value
