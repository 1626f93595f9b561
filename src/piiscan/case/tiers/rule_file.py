"""Rule files: policies and profiles in TOML, as models that :mod:`piiscan.config` validates.

``threshold = "50"`` in the first ``[[line]] -> CatalogError: rule.toml:14: line 1 (a): threshold: a
whole number above 0 is expected``
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Final, Self, TypeVar, cast

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PositiveInt,
    PrivateAttr,
    Strict,
    model_validator,
)
from pydantic_core import PydanticCustomError

from piiscan.config.document import read_toml
from piiscan.config.validation import validated
from piiscan.errors import CatalogError

FORMAT: Final = 1
_MAX_BYTES: Final = 1 << 20  # people write rule files, and none has a megabyte


def broken(code: str, *place: str | int, **fields: object) -> PydanticCustomError:
    """Return the error of a validator. ``place``: keys and positions from its table to a value."""
    return PydanticCustomError(code, "{place}", {"place": place, **fields})


def require(holds: Callable[[Any], object], code: str) -> AfterValidator:
    """Return a validator that raises the error ``code`` unless ``holds`` is true of the value."""

    def check(value: Any) -> Any:
        """Return ``value``; raise the error if it breaks the rule."""
        if not holds(value):
            raise broken(code)
        return value

    return AfterValidator(check)


def _reject_duplicates(values: object) -> object:
    """Return ``values``; raise an error if they are a list with an item twice."""
    if isinstance(values, list) and any(each in values[:at] for at, each in enumerate(values)):
        raise broken("rule.list_twice")
    return values


def _check_languages(words: object) -> object:
    """Return ``words``; raise an error unless they are a table with both languages."""
    if not isinstance(words, dict) or words.keys() != {"zh", "en"}:
        raise broken("rule.languages")
    return words


Text = Annotated[str, require(str.strip, "rule.text")]
Id = Annotated[str, require(re.compile(r"[a-z][a-z0-9_]*").fullmatch, "rule.id")]
NotEmpty: Final = Field(min_length=1)
#: Sentence in both languages.
Translations = Annotated[dict[str, Text], BeforeValidator(_check_languages)]
_Item = Annotated[str, NotEmpty]
Texts = Annotated[tuple[_Item, ...], Strict(False), BeforeValidator(_reject_duplicates)]
TextSet = Annotated[frozenset[_Item], Strict(False), BeforeValidator(_reject_duplicates)]


class RuleTable(BaseModel):
    """Table of a rule file. A subclass declares its keys and their types."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", defer_build=True)


class LegalBasis(RuleTable):
    """Table with a legal basis. ``note``: reason why it is contested, or how to read it."""

    basis: Text
    contested: bool
    note: Translations = {}

    @model_validator(mode="after")
    def _check_note(self) -> Self:
        """Raise an error if the basis is contested without a note."""
        if self.contested and not self.note:
            raise broken("rule.no_note", "note")
        return self


class RulePart(LegalBasis):
    """Part of a rule with an id and a title: a line, a category, a remark, a class."""

    id: Id
    title: Translations


class RuleFile(RuleTable):
    """Rule file as loaded, with the SHA-256 of its bytes."""

    format: Annotated[PositiveInt, require(FORMAT.__eq__, "rule.format")]
    _sha256: str = PrivateAttr()

    @property
    def sha256(self) -> str:
        """Return the hex SHA-256 of the file."""
        return self._sha256


F = TypeVar("F", bound=RuleFile)


def read_rule_file(model: type[F], path: Path, display_name: str, **context: object) -> F:
    """Load the rule file at ``path`` as ``model``. Errors name it ``display_name``.

    ``context``: values for the validators of the model. Raise CatalogError if the file is
    unreadable, above 1 MiB, no TOML, or breaks a rule of the model.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CatalogError("file.unreadable", path=display_name, reason=error.strerror) from error
    if len(content) > _MAX_BYTES:
        raise CatalogError("rule.too_large", file=display_name)
    if context:
        return _read_rules(model, content, display_name, context)
    return cast("F", _read_rules_once(model, content, display_name))


def _read_rules(
    model: type[F], content: bytes, display_name: str, context: Mapping[str, object]
) -> F:
    """Return the rules in ``content``. Raise CatalogError if they break a rule of the model."""
    rules = validated(model, read_toml(content, display_name), context=context)
    rules._sha256 = hashlib.sha256(content).hexdigest()
    return rules


@lru_cache(maxsize=16)
def _read_rules_once(model: type[RuleFile], content: bytes, display_name: str) -> RuleFile:
    """Return the rules in ``content``, cached by content: a count reads each shipped file twice."""
    return _read_rules(model, content, display_name, {})


def find_rule_file(name: str, folder: Path) -> tuple[Path, str]:
    """Return the path of rule ``name`` and its display name: a shipped rule, else a file.

    Raise CatalogError if there is neither.
    """
    shipped = folder / f"{name}.toml"
    if re.fullmatch(r"[a-z0-9-]+", name) and shipped.is_file():
        return shipped, shipped.name
    path = Path(name)
    if not path.is_file():
        shipped_ids = tuple(sorted(each.stem for each in folder.glob("*.toml")))
        raise CatalogError("rule.no_file", name=name, known=shipped_ids)
    return path, str(path)
