"""Recipes: ``corpora/NAME.yaml`` as values.

Strict, so that a typing error is not a quiet default.
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
_RECIPE: Final = {"title", "rows", "people", "values", "files", "told", "register"}
_FILE: Final[dict[str, Any]] = {
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
    """Rows of another file that a file has below its own: from one share of them to another."""

    of: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class File:
    """One file of a corpus; the keys are described in corpora/README.md."""

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
    variants: tuple[float, tuple[str, ...]]  # share of rows told again, but for these values
    parts: tuple[Part, ...]
    masks: Mapping[str, str]  # value -> how its cells are masked
    columns: tuple[tuple[str, str], ...]  # header text, value
    line: str | None
    numeric: tuple[str, ...]
    members: tuple[File, ...]
    names: str
    damage: str  # "" | truncated | encrypted
    texts: bool


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one corpus is made."""

    name: str
    title: Mapping[str, str]
    rows: int
    people: Roles
    values: Mapping[str, Value]
    files: tuple[File, ...]
    told: bool = False  # every row with its values in NAME.rows.jsonl
    register: tuple[Mapping[str, Any], ...] = ()

    def file(self, path: str) -> File:
        """The file of that path; PiiscanError if there is none."""
        for file in self.files:
            if file.path == path:
                return file
        raise PiiscanError(f"{self.name}: no file {path!r}")


def known() -> list[str]:
    """Names of the corpora that can be made.

    >>> "sale-7967" in known()
    True
    """
    paths = word_lists.folder().glob("*.yaml")
    return sorted(path.stem for path in paths if path.stem != "values")


def load(name: str) -> Recipe:
    """The recipe ``name``; shared values stand in ``corpora/values.yaml``."""
    if name not in known():
        raise PiiscanError(f"no corpus {name!r}; there are: {', '.join(known())}")
    return parse(_read(word_lists.folder() / f"{name}.yaml"), name=name)


def _read(path: Path) -> Mapping[str, Any]:
    read = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(read, dict):
        raise PiiscanError(f"{path.name}: a recipe is a mapping")
    return read


def parse(spec: Mapping[str, Any], *, name: str) -> Recipe:
    """A recipe from its mapping; raises PiiscanError naming recipe and key."""
    if unknown := spec.keys() - _RECIPE:
        raise PiiscanError(f"{name}: unknown key {min(unknown)!r}")
    shared = _read(word_lists.folder() / "values.yaml")
    specs = {**shared, **spec.get("values", {})}
    values = {key: value_kinds.parse(key, one, where=name) for key, one in specs.items()}
    value_kinds.check(values, where=name)
    files = tuple(_file(one, values, where=name) for one in spec["files"])
    made = Recipe(
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
            _check_parts(each, made, known)
        known.add(file.path)
    return made


def _check_parts(file: File, recipe: Recipe, known: set[str]) -> None:
    """Raises unless every part is of a file that stands before this one."""
    for part in file.parts:
        if part.of not in known or not recipe.file(part.of).columns:
            raise PiiscanError(f"{recipe.name}: {file.path}: no earlier table {part.of!r}")
        if not 0 <= part.start <= part.end <= 1:
            raise PiiscanError(f"{recipe.name}: {file.path}: a part goes from 0 to 1")


def _file(spec: Mapping[str, Any], values: Mapping[str, Value], *, where: str) -> File:
    """One file of a recipe, with defaults filled in."""
    if unknown := spec.keys() - _FILE.keys():
        raise PiiscanError(f"{where}: unknown key {min(unknown)!r} of a file")
    full = {**_FILE, **({"quote": "never"} if spec.get("format") == "lines" else {}), **spec}
    if full["path"] is None or full["format"] not in FORMATS:
        raise PiiscanError(f"{where}: a file needs path and format ({', '.join(FORMATS)})")
    full["columns"] = tuple((str(k), v) for one in full["columns"] for k, v in one.items())
    full["members"] = tuple(_file(one, values, where=where) for one in full["members"])
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
            raise PiiscanError(f"{where}: {full['path']}: no value {value!r}")
    if full["quote"] not in {"minimal", "all", "never"}:
        raise PiiscanError(f"{where}: {full['path']}: quote is minimal, all or never")
    return File(**full)
