"""Column workbook: the spreadsheet of ``piiscan columns``, in which people correct column types."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from piiscan.detect.catalog.catalog import Catalog
from piiscan.forms.schema import Choice, Form, load_form
from piiscan.forms.writer import ReferenceTable, SheetRow, write_sheet
from piiscan.wording.words import Words

_FORM: Final = Path(__file__).with_name("column_form.toml")


def columns_form(catalog: Catalog) -> Form:
    """Return the form of the column workbook, with the roles of ``catalog`` as choices."""
    form = load_form(_FORM)
    roles = tuple(
        Choice(role, {"zh": entry["zh"], "en": entry["en"]}, tuple(entry.get("words", ())))
        for role, entry in sorted(catalog.vocabulary.get("roles", {}).items())
    )
    columns = tuple(
        dataclasses.replace(column, choices=roles) if column.name == "role" else column
        for column in form.columns
    )
    return dataclasses.replace(form, columns=columns)


def write_column_form(
    out: Path, rows: Sequence[Mapping[str, Any]], catalog: Catalog, words: Words
) -> None:
    """Write ``rows`` to the workbook ``out``, with a second sheet that lists the allowed words."""
    listing = ReferenceTable(
        [words(f"columns.{name}") for name in ("id", "kinds", "title")],
        [
            (
                recognizer.id,
                words.name("entities", recognizer.entity),
                recognizer.title.get(words.language, recognizer.id),
            )
            for recognizer in catalog.recognizers
        ],
    )
    lines = [SheetRow(_cells(row, words)) for row in rows]
    write_sheet(
        out, columns_form(catalog), lines, language=words.language, reference_tables=[listing]
    )


def _cells(row: Mapping[str, Any], words: Words) -> dict[str, Any]:
    """Return a row of the column workbook as cells; roles and entities as words."""
    named = {name: words.name("roles", row[name]) for name in ("role", "inferred_role")}
    kinds = ", ".join(words.name("entities", entity) for entity in row["kinds"])
    return {**row, **named, "kinds": kinds}
