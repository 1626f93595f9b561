"""Table files: CSV for people (headings and words, BOM for Excel), JSON for programs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from piiscan.case.report.table_columns import TABLE_COLUMNS
from piiscan.case.sampling import sampling_cells
from piiscan.case.store.shards import write_bytes
from piiscan.case.tiers import tier_cells
from piiscan.pages.wording import Words

Row = Mapping[str, Any]

#: Entities in the order of case files: 姓名+身份证号+手机号+住址.
_ENTITY_ORDER: Final = {
    entity: place
    for place, entity in enumerate(
        ("PERSON", "CN_RESIDENT_ID", "CN_MOBILE", "CN_LANDLINE", "CN_ADDRESS", "CN_BANK_CARD")
    )
}

#: Column of codes -> section of the wording with their names.
_WORDING_SECTIONS: Final = {
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
#: Column of codes that a case can extend -> section of the vocabulary.
_VOCABULARY_SECTIONS: Final = {
    "entity": "entities",
    "verdict": "verdicts",
    "reason": "reasons",
    "role": "roles",
    "event": "events",
    "kind": "classes",
    "file_class": "classes",
}
#: Kinds of scope whose name is a code.
_CODED_SCOPES: Final = ("total", "layer", "status")

#: A cell that starts with one of these could run as a formula when the CSV is opened.
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")


def write_tables(
    tables: Mapping[str, Sequence[Row]], folder: Path, words: Words, *, temporary: Path
) -> dict[str, str]:
    """Write every table to ``folder`` as CSV and JSON; return file name -> SHA-256."""
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
    """Return the table as JSON in UTF-8: ``{"table": name, "rows": [...]}``, with codes."""
    content = {"table": name, "rows": list(rows)}
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()


def table_csv(name: str, rows: Sequence[Row], words: Words) -> bytes:
    """Return the table as CSV in UTF-8 with BOM and CRLF, in the language of ``words``."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([words(f"column.{column}") for column in TABLE_COLUMNS[name]])
    for row in rows:
        writer.writerow(
            [escape_formula(cell_text(column, row, words)) for column in TABLE_COLUMNS[name]]
        )
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def cell_text(column: str, row: Row, words: Words) -> str | int:
    """Return one table cell as text or number: names instead of codes, empty for None."""
    if column == "code":
        return str(row.get("entity") or row.get("reason") or "")
    if column in tier_cells.WORDED_COLUMNS:
        return tier_cells.tier_cell(column, row, words)
    if column in sampling_cells.CELLS:
        return sampling_cells.sample_cell(column, row, words)
    value = row[column]
    if value is None:
        return _empty_cell(column, row, words)
    match column:
        case "combination":
            ordered = sorted(value, key=lambda e: (_ENTITY_ORDER.get(e, len(_ENTITY_ORDER)), e))
            return " + ".join(words.name("entities", entity) for entity in ordered)
        case "scope" if row["scope_kind"] in _CODED_SCOPES:
            return words(f"{row['scope_kind']}.{value}")
        case _ if column in _WORDING_SECTIONS:
            word = str(value).lower() if isinstance(value, bool) else value
            return words(f"{_WORDING_SECTIONS[column]}.{word}")
        case _ if column in _VOCABULARY_SECTIONS:
            return words.name(_VOCABULARY_SECTIONS[column], value)
        case "decade":
            return words("page.decade", year=value)
        case "columns":
            return "; ".join(_column_text(each, words) for each in value)
    return value if isinstance(value, int) else str(value)


def _empty_cell(column: str, row: Row, words: Words) -> str:
    """Return the text of a cell without value: "" or words such as 未登记.

    An unknown suspect of a flow becomes 未登记.
    """
    if column == "role" and "identifiable" in row:  # most people have no role
        return words("page.no_role")
    flows = "sold_sum" in row or "buyer" in row
    return words("page.unregistered") if flows and column in ("suspect", "buyer") else ""


def _column_text(column: Row, words: Words) -> str:
    """Return one column of a part as text: number, header, recognizers and role."""
    kinds = ", ".join(column["recognizers"])
    role = f" [{words.name('roles', column['role'])}]" if column["role"] else ""
    return f"{column['column']} {column['header'] or ''}: {kinds or '-'}{role}"


def escape_formula(value: str | int) -> str | int:
    """Return a text that a spreadsheet shows unchanged and never runs as a formula.

    >>> escape_formula("=1+1"), escape_formula("张*"), escape_formula(3)
    ("'=1+1", '张*', 3)
    """
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return "'" + value
    return value
