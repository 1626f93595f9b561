"""Synthetic corpora with a register: the draft, filled in from the recipe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from piiscan.case.register.draft import build_nodes, draft_lines
from piiscan.case.register.entry import register_form
from piiscan.errors import PiiscanError
from piiscan.forms.schema import Form
from piiscan.forms.writer import SheetRow, sheet_bytes
from piiscan.sources.walk import Input
from piiscan.synth.corpus import MadeCorpus, make
from piiscan.synth.recipe import Recipe, load_recipe


def make_with_register(
    name: str, *, rows: int | None = None, seed: int = 0, out: Path, list_rows: bool | None = None
) -> MadeCorpus:
    """Make the corpus ``name`` as :func:`piiscan.synth.make` does, and its register.

    If the recipe has a register, write ``out/NAME.register.xlsx``. Raise PiiscanError like
    ``make``, which also explains the parameters.
    """
    made = make(name, rows=rows, seed=seed, out=out, list_rows=list_rows)
    recipe = load_recipe(name)
    if not recipe.register:
        return made
    register = out / f"{name}.register.xlsx"
    register.write_bytes(register_bytes(recipe, made.files, made.folder))
    return replace(made, register=register)


def register_bytes(recipe: Recipe, files: Sequence[Path], folder: Path) -> bytes:
    """Return the workbook of the draft for ``folder``, filled in from the recipe."""
    form = register_form()
    inputs = [
        Input(path, f"{recipe.name}/{path.relative_to(folder).as_posix()}", path.stat().st_size, 0)
        for path in sorted(files)
    ]
    cells_by_path = {
        f"{recipe.name}/{row['path']}".rstrip("/"): _cells(row, form, recipe.name)
        for row in recipe.register
    }
    lines = []
    for line in draft_lines(build_nodes(inputs, [recipe.name]), "zh"):
        path, kind = line.cells["path"], line.cells["kind"]
        lines.append(SheetRow({"path": path, "kind": kind, **cells_by_path.pop(str(path), {})}))
    lines += [
        SheetRow({"path": path, **cells}) for path, cells in cells_by_path.items()
    ]  # rows inside archives
    return sheet_bytes(form, lines, language="zh")


def _cells(row: Mapping[str, Any], form: Form, name: str) -> dict[str, str]:
    """Return a register row as column -> Chinese cell. Raise PiiscanError for an unknown column."""
    known = {column.name: column for column in form.columns}
    if unknown := row.keys() - known.keys():
        raise PiiscanError("recipe.no_register_column", recipe=name, column=min(unknown))
    return {
        key: known[key].word_of(str(value), "zh") if known[key].choices else str(value)
        for key, value in row.items()
        if key != "path"
    }
