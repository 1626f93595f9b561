"""Validation of documents by the types of a dataclass or pydantic model; unknown keys are errors.

``bare: X -> CatalogError: rule.yaml:5: bare: one of H, M, L is expected``
"""

from __future__ import annotations

import json
import re
from collections.abc import Hashable, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Final, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from pydantic import BaseModel, TypeAdapter, ValidationError

from piiscan.config.document import Document, Place
from piiscan.errors import CatalogError
from piiscan.wording.words import Sentence

T = TypeVar("T")

#: Remedy of each error of pydantic.
_REMEDIES: Final = {
    "missing": "rule.missing",
    "too_short": "rule.missing",
    "string_type": "rule.text",
    "string_too_short": "rule.text",
    "bool_type": "rule.flag",
    "int_type": "rule.number",
    "greater_than": "rule.number",
    "greater_than_equal": "rule.share",
    "less_than_equal": "rule.share",
    "float_type": "rule.amount",
    "tuple_type": "rule.list",
    "frozen_set_type": "rule.list",
    "model_type": "rule.table",
    "dict_type": "rule.table",
    "mapping_type": "rule.table",
    "dataclass_type": "rule.table",
    "literal_error": "rule.choice",
    "extra_forbidden": "rule.unknown_key",
    "unexpected_keyword_argument": "rule.unknown_key",
}


def validated(
    kind: type[T],
    document: Document,
    remedies: Mapping[str, str] | None = None,
    context: Mapping[str, object] | None = None,
) -> T:
    """Return the values of a document as ``kind``, whose configuration is strict.

    A document is JSON to pydantic, in which a list may be a tuple.

    ``remedies``: error codes of fields whose types do not say enough. ``context``: for the
    validators of a model. Raise CatalogError, with line and field, for the first error.
    """
    content = json.dumps(document.values, default=lambda value: {type(value).__name__: None})
    adapter = _adapter(cast("Hashable", kind))
    try:
        return cast("T", adapter.validate_json(content, context=dict(context or {})))
    except ValidationError as error:
        raise _described(error, kind, document, remedies or {}) from None


@cache
def _adapter(kind: Hashable) -> TypeAdapter[Any]:
    """Return the validator of a class."""
    return TypeAdapter(cast("Any", kind))


def _described(
    error: ValidationError, kind: Any, document: Document, remedies: Mapping[str, str]
) -> CatalogError:
    """Return the error about the first unknown key, else about the first field that is wrong."""
    errors = error.errors(include_url=False)
    unknown = (each for each in errors if _REMEDIES.get(each["type"]) == "rule.unknown_key")
    first = next(unknown, errors[0])
    words = dict(first.get("ctx", {}))
    place: Place = (*first["loc"], *words.get("place", ()))
    if first["type"] == "json_invalid":
        return CatalogError("rule.invalid", file=document.file, why=Sentence("rule.deep"))
    code = _REMEDIES.get(first["type"], first["type"])
    for size in range(len(place)):
        if get_origin(_required(_type_at(kind, place[:size]))) in (Union, UnionType):
            place, code = place[:size], "rule.texts_or_weights"
            break
    if place[-1] == "[key]":
        place = place[:-1]
        code = "rule.unknown_code"
        words["code"] = place[-1]
    if "expected" in words:
        words["known"] = tuple(re.findall(r"'([^']*)'", str(words["expected"])))
    if code == "rule.unknown_key":
        words["known"] = tuple(sorted(_keys(_type_at(kind, place[:-1]))))
    elif code == "rule.list" and _type_at(kind, place) == tuple[str, ...]:
        code = "rule.texts"
    elif code == "rule.number" and _type_at(kind, place) in (int, int | None):
        code = "rule.whole_number"
    if code in ("rule.table", "rule.list", "rule.texts"):
        code = remedies.get(str(place[0]), code)
    return document.error(Sentence(code, words), *place)


def _type_at(kind: Any, place: Place) -> Any:
    """Return the type at a place of a class: ``examples, 0 -> Example``."""
    for step in place:
        parts = get_args(kind := _required(kind))  # of a list: its items; of a mapping: its values
        kind = parts[isinstance(step, str)] if parts else _keys(kind).get(str(step))
    return kind


def _required(kind: Any) -> Any:
    """Return a type without its annotations, and without None."""
    while get_origin(kind) is Annotated or NoneType in get_args(kind):
        kind = get_args(kind)[0]
    return kind


def _keys(kind: Any) -> dict[str, Any]:
    """Return the keys of the table of a class, with their types."""
    kind = _required(kind)
    hints = get_type_hints(kind, include_extras=True)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return {each.alias or name: hints[name] for name, each in kind.model_fields.items()}
    if not is_dataclass(kind):
        return {}
    found = {}
    for each in fields(kind):
        aliases = (getattr(part, "alias", None) for part in get_args(hints[each.name]))
        found[next(filter(None, aliases), each.name)] = hints[each.name]
    return found
