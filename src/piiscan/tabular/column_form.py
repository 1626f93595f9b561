"""The column workbook of ``piiscan columns``, written: rows in words, and what may be filled in."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from piiscan.detect.catalog.catalog import Catalog
from piiscan.forms.schema import Choice, Form, load_form
from piiscan.forms.writer import Line, Listing, write_sheet
from piiscan.pages.wording import Words

_FORM: Final = Path(__file__).with_name("column_form.toml")


def columns_form(catalog: Catalog) -> Form:
    """The form of the workbook; its roles are those of the catalogue."""
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


def write_workbook(
    out: Path, rows: Sequence[Mapping[str, Any]], catalog: Catalog, words: Words
) -> None:
    """Write ``rows`` to ``out``, with a second sheet of what can be filled in."""
    listing = Listing(
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
    lines = [Line(_cells(row, words)) for row in rows]
    write_sheet(out, columns_form(catalog), lines, language=words.language, listings=[listing])


def _cells(row: Mapping[str, Any], words: Words) -> dict[str, Any]:
    named = {name: words.name("roles", row[name]) for name in ("role", "inferred_role")}
    kinds = ", ".join(words.name("entities", entity) for entity in row["kinds"])
    return {**row, **named, "kinds": kinds}
