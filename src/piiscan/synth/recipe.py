"""Corpus recipes: ``corpora/NAME.yaml``, parsed and checked strictly.

Unknown keys are errors, so that a typing error is not silently replaced by a default.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from piiscan.errors import PiiscanError
from piiscan.synth import value_kinds, word_lists
from piiscan.synth.sampler import Roles
from piiscan.synth.value_kinds import Value

FORMATS: Final = ("table", "lines", "jsonl", "sql", "xlsx", "zip", "bytes")
_RECIPE_KEYS: Final = {"title", "rows", "people", "values", "files", "told", "register"}
_FILE_DEFAULTS: Final[dict[str, Any]] = {
    "path": None,
    "format": None,
    "share": 1.0,
    "rows": None,
    "encoding": "utf-8",
    "delimiter": ",",
    "quote": "minimal",
    "newline": "\n",
    "header": True,
    "before": (),
    "repeat_header": 0,
    "duplicates": 0.0,
    "variants": {},
    "parts": (),
    "masks": {},
    "columns": (),
    "line": None,
    "numeric": (),
    "members": (),
    "names": "utf-8",
    "damage": "",
    "texts": True,
}


@dataclass(frozen=True, slots=True)
class Part:
    """Rows copied from the file ``of``, between the shares ``start`` and ``end`` (0 to 1)."""

    of: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class FileRecipe:
    """Recipe of one file of a corpus; corpora/README.md describes the keys."""

    path: str
    format: str
    share: float
    rows: int | None
    encoding: str
    delimiter: str
    quote: str  # minimal | all | never
    newline: str
    header: bool
    before: tuple[str, ...]
    repeat_header: int
    duplicates: float
    variants: tuple[float, tuple[str, ...]]  # share of repeated rows, values drawn again
    parts: tuple[Part, ...]
    masks: Mapping[str, str]  # value -> form of its masked cells
    columns: tuple[tuple[str, str], ...]  # header text, value
    line: str | None
    numeric: tuple[str, ...]
    members: tuple[FileRecipe, ...]
    names: str
    damage: str  # "" | truncated | encrypted
    texts: bool


@dataclass(frozen=True, slots=True)
class Recipe:
    """Recipe of one corpus."""

    name: str
    title: Mapping[str, str]
    rows: int
    people: Roles
    values: Mapping[str, Value]
    files: tuple[FileRecipe, ...]
    list_rows: bool = False  # write every row to NAME.rows.jsonl
    register: tuple[Mapping[str, Any], ...] = ()

    def file(self, path: str) -> FileRecipe:
        """Return the recipe of the file ``path``. Raise PiiscanError if it is missing."""
        for file in self.files:
            if file.path == path:
                return file
        raise PiiscanError("recipe.no_file", recipe=self.name, path=path)


def recipe_names() -> list[str]:
    """Return the names of all recipes.

    >>> "sale-7967" in recipe_names()
    True
    """
    paths = word_lists.corpora_folder().glob("*.yaml")
    return sorted(path.stem for path in paths if path.stem != "values")


def load_recipe(name: str) -> Recipe:
    """Return the recipe ``name``, including the shared values of ``corpora/values.yaml``.

    Raise PiiscanError if there is no such recipe, or if it is invalid.
    """
    if name not in recipe_names():
        raise PiiscanError("recipe.unknown", name=name, known=tuple(recipe_names()))
    return parse_recipe(_read_yaml(word_lists.corpora_folder() / f"{name}.yaml"), name=name)


def _read_yaml(path: Path) -> Mapping[str, Any]:
    """Return the mapping in a YAML file. Raise PiiscanError if it contains anything else."""
    read = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(read, dict):
        raise PiiscanError("recipe.no_mapping", file=path.name)
    return read


def parse_recipe(spec: Mapping[str, Any], *, name: str) -> Recipe:
    """Parse a corpus recipe from its YAML mapping ``spec``.

    Raise PiiscanError, with the names of recipe and key, if it is invalid.
    """
    if unknown := spec.keys() - _RECIPE_KEYS:
        raise PiiscanError("recipe.unknown_key", recipe=name, key=min(unknown))
    shared = _read_yaml(word_lists.corpora_folder() / "values.yaml")
    specs = {**shared, **spec.get("values", {})}
    values = {key: value_kinds.parse_value(key, one, where=name) for key, one in specs.items()}
    value_kinds.check_slots(values, where=name)
    files = tuple(_parse_file(one, values, where=name) for one in spec["files"])
    recipe = Recipe(
        name,
        spec["title"],
        int(spec["rows"]),
        spec.get("people", {}),
        values,
        files,
        bool(spec.get("told", False)),
        tuple(spec.get("register", ())),
    )
    known: set[str] = set()
    for file in files:
        for each in (file, *file.members):
            _check_parts(each, recipe, known)
        known.add(file.path)
    return recipe


def _check_parts(file: FileRecipe, recipe: Recipe, known: set[str]) -> None:
    """Raise PiiscanError unless every part of ``file`` is of an earlier table and within 0 to 1."""
    for part in file.parts:
        if part.of not in known or not recipe.file(part.of).columns:
            raise PiiscanError(
                "recipe.no_earlier_table", recipe=recipe.name, file=file.path, table=part.of
            )
        if not 0 <= part.start <= part.end <= 1:
            raise PiiscanError("recipe.part_range", recipe=recipe.name, file=file.path)


def _parse_file(spec: Mapping[str, Any], values: Mapping[str, Value], *, where: str) -> FileRecipe:
    """Parse the recipe of one file, with defaults for missing keys.

    Raise PiiscanError if it is invalid.
    """
    if unknown := spec.keys() - _FILE_DEFAULTS.keys():
        raise PiiscanError("recipe.unknown_file_key", recipe=where, key=min(unknown))
    full = {
        **_FILE_DEFAULTS,
        **({"quote": "never"} if spec.get("format") == "lines" else {}),
        **spec,
    }
    if full["path"] is None or full["format"] not in FORMATS:
        raise PiiscanError("recipe.file_keys", recipe=where, formats=FORMATS)
    full["columns"] = tuple((str(k), v) for one in full["columns"] for k, v in one.items())
    full["members"] = tuple(_parse_file(one, values, where=where) for one in full["members"])
    for key in ("before", "numeric"):
        full[key] = tuple(full[key])
    full["parts"] = tuple(Part(one["of"], one["from"], one["to"]) for one in full["parts"])
    full["variants"] = (
        float(full["variants"].get("share", 0.0)),
        tuple(full["variants"].get("of", ())),
    )
    used = [value for _, value in full["columns"]] + ([full["line"]] if full["line"] else [])
    used += [*full["masks"], *full["variants"][1]]
    for value in used:
        if value not in values:
            raise PiiscanError("recipe.no_file_value", recipe=where, file=full["path"], value=value)
    if full["quote"] not in {"minimal", "all", "never"}:
        raise PiiscanError("recipe.quote", recipe=where, file=full["path"])
    return FileRecipe(**full)
