"""Made corpora with a register: the draft filled in as the recipe says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from piiscan.case.register.draft import grow, lines_of
from piiscan.case.register.entry import register_form
from piiscan.errors import PiiscanError
from piiscan.forms.schema import Form
from piiscan.forms.writer import Line, sheet_bytes
from piiscan.sources.walk import Input
from piiscan.synth.corpus import Made, make
from piiscan.synth.recipe import Recipe, load


def make_with_register(
    name: str, *, rows: int | None = None, seed: int = 0, out: Path, told: bool | None = None
) -> Made:
    """Make the corpus ``name`` as :func:`piiscan.synth.make` does, with its register beside it.

    A recipe with a register gives ``out/NAME.register.xlsx``.  Raises PiiscanError like ``make``.
    """
    made = make(name, rows=rows, seed=seed, out=out, told=told)
    recipe = load(name)
    if not recipe.register:
        return made
    register = out / f"{name}.register.xlsx"
    register.write_bytes(register_bytes(recipe, made.files, made.folder))
    return replace(made, register=register)


def register_bytes(recipe: Recipe, files: Sequence[Path], folder: Path) -> bytes:
    """The draft of ``piiscan register`` for the folder, filled in as the recipe says."""
    form = register_form()
    inputs = [
        Input(path, f"{recipe.name}/{path.relative_to(folder).as_posix()}", path.stat().st_size, 0)
        for path in sorted(files)
    ]
    said = {_path(recipe, row): _cells(row, form, recipe.name) for row in recipe.register}
    lines = []
    for line in lines_of(grow(inputs, [recipe.name]), "zh"):
        path, kind = line.cells["path"], line.cells["kind"]
        lines.append(Line({"path": path, "kind": kind, **said.pop(str(path), {})}))
    lines += [Line({"path": path, **cells}) for path, cells in said.items()]  # inside of archives
    return sheet_bytes(form, lines, language="zh")


def _path(recipe: Recipe, row: Mapping[str, Any]) -> str:
    return f"{recipe.name}/{row['path']}".rstrip("/")


def _cells(row: Mapping[str, Any], form: Form, name: str) -> dict[str, str]:
    known = {column.name: column for column in form.columns}
    if unknown := row.keys() - known.keys():
        raise PiiscanError(f"{name}: the register has no column {min(unknown)!r}")
    return {
        key: known[key].word_of(str(value), "zh") if known[key].choices else str(value)
        for key, value in row.items()
        if key != "path"
    }
