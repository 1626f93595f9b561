"""Columns that report tables of several capabilities have: scope, source, entity and its code."""

from __future__ import annotations

from typing import Any, Final

from piiscan.pages.report_table import FILES, Row, TableColumn, coded, named
from piiscan.wording.words import Words

#: Kinds of scope whose name is a code.
_CODED_SCOPES: Final = ("total", "layer", "status")


def _scope_name(value: Any, row: Row, words: Words) -> str:
    """Return the name of a scope: ``total -> 全部``, a suspect or item as it is."""
    kind = row.get("scope_kind")
    return words(f"{kind}.{value}") if kind in _CODED_SCOPES else str(value)


def _code(row: Row, _: Words) -> str:
    """Return the code that the words of the row stand for."""
    return str(row.get("entity") or row.get("reason") or "")


SCOPE_KIND: Final = coded("scope_kind", "scope_kind")
SCOPE: Final = TableColumn("scope", wording=_scope_name)
SOURCE: Final = TableColumn("source", "identifier")
ENTITY: Final = named("entity", "entities", wraps=False)
CODE: Final = TableColumn("code", "code", FILES, empty=_code)
