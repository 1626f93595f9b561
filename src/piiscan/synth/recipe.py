"""Corpus recipes: ``corpora/NAME.yaml``, validated by the types of the fields.

Unknown keys are errors, so that a typing error is not silently replaced by a default.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from piiscan.config.document import STRICT, Document, read_yaml
from piiscan.config.validation import validated
from piiscan.errors import PiiscanError
from piiscan.synth import value_kinds, word_lists
from piiscan.synth.sampler import RoleKey, Roles
from piiscan.synth.value_kinds import Share, Value
from piiscan.wording.words import Sentence

Count = Annotated[int, Field(gt=0)]


def _pairs(columns: object) -> object:
    """Return a list of mappings as pairs: ``[{姓名: name}] -> ((姓名, name),)``."""
    if not isinstance(columns, list) or not all(isinstance(each, dict) for each in columns):
        raise PydanticCustomError("rule.columns", "columns")
    return tuple(pair for each in columns for pair in each.items())


@dataclass(frozen=True, slots=True)
class Part:
    """Rows copied from the file ``of``, between the shares ``start`` and ``end``."""

    __pydantic_config__: ClassVar[Any] = STRICT

    of: str
    start: Annotated[Share, Field(alias="from")]
    end: Annotated[Share, Field(alias="to")]


@dataclass(frozen=True, slots=True)
class Variants:
    """Share of repeated rows, and the values that are drawn again."""

    __pydantic_config__: ClassVar[Any] = STRICT

    share: Share = 0.0
    of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FileRecipe:
    """Recipe of one file of a corpus; corpora/README.md describes the keys."""

    __pydantic_config__: ClassVar[Any] = STRICT

    path: str
    format: Literal["table", "lines", "jsonl", "sql", "xlsx", "zip", "bytes"]
    share: Annotated[float, Field(ge=0)] = 1.0
    rows: int | None = None
    encoding: str = "utf-8"
    delimiter: str = ","
    quote: Literal["minimal", "all", "never"] | None = None  # None: minimal, of lines never
    newline: str = "\n"
    header: bool = True
    before: tuple[str, ...] = ()
    repeat_header: int = 0
    duplicates: Share = 0.0
    variants: Variants = Variants()
    parts: tuple[Part, ...] = ()
    masks: dict[str, str] = field(default_factory=dict)  # value -> form of its masked cells
    columns: Annotated[tuple[tuple[str, str], ...], BeforeValidator(_pairs)] = ()
    line: str | None = None
    numeric: tuple[str, ...] = ()
    members: tuple[FileRecipe, ...] = ()
    names: str = "utf-8"
    damage: Literal["", "truncated", "encrypted"] = ""
    texts: bool = True

    @property
    def quoting(self) -> str:
        """Return the cells that are quoted: minimal, all or never."""
        return self.quote or ("never" if self.format == "lines" else "minimal")

    @property
    def values(self) -> list[str]:
        """Return the names of the values that the file needs, without its members'."""
        line = [] if self.line is None else [self.line]
        return [*(value for _, value in self.columns), *line, *self.masks, *self.variants.of]


@dataclass(frozen=True, slots=True)
class _RecipeFile:
    """Keys of a recipe."""

    __pydantic_config__: ClassVar[Any] = STRICT

    title: dict[str, str]
    rows: Count
    files: tuple[FileRecipe, ...]
    people: dict[str, dict[RoleKey, float]] = field(default_factory=dict)
    values: dict[str, dict[str, Any]] = field(default_factory=dict)
    told: bool = False
    register: tuple[dict[str, Any], ...] = ()


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
    return parse_recipe(_read(name), name=name)


def _read(name: str) -> Document:
    """Return a YAML file of the folder of recipes."""
    path = word_lists.corpora_folder() / f"{name}.yaml"
    return read_yaml(path.read_bytes(), path.name)


def parse_recipe(document: Document, *, name: str) -> Recipe:
    """Return the recipe of a YAML file. Raise CatalogError, with line and key, if it is invalid."""
    file = validated(_RecipeFile, document)
    if file.title.keys() != {"zh", "en"}:
        raise document.error(Sentence("rule.two_titles"), "title")
    shared = _read("values")
    specs = {key: shared.at(key) for key in shared.values}
    specs |= {key: document.at("values", key) for key in file.values}
    parsed = {key: value_kinds.parse_value(each) for key, each in specs.items()}
    value_kinds.check_slots(parsed, specs)
    known: set[str] = set()
    for at, each in enumerate(file.files):
        _check_file(each, document.at("files", at), parsed, known)
        known |= {each.path} if each.columns else set()
    return Recipe(
        *(name, file.title, file.rows, file.people), *(parsed, file.files, file.told, file.register)
    )


def _check_file(
    file: FileRecipe, document: Document, values: Mapping[str, Value], known: set[str]
) -> None:
    """Raise CatalogError unless a file names values, and its parts tables among ``known``."""
    for value in file.values:
        if value not in values:
            raise document.error(Sentence("rule.no_value", {"name": value}))
    for at, part in enumerate(file.parts):
        if part.of not in known:
            raise document.error(Sentence("rule.no_earlier_table"), "parts", at, "of")
        if part.start > part.end:
            raise document.error(Sentence("rule.share"), "parts", at, "to")
    for at, each in enumerate(file.members):
        _check_file(each, document.at("members", at), values, known)
