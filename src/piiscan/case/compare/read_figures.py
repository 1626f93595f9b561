"""Figure reader: figures of an earlier opinion from CSV, a workbook or JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

from piiscan.case.compare.match_figures import Figure, match_figures
from piiscan.case.store.case import Case
from piiscan.detect.catalog.catalog import load
from piiscan.detect.catalog.headers import label_of
from piiscan.detect.columns.header_names import count_header_names
from piiscan.errors import CaseError
from piiscan.sources.block import Trouble
from piiscan.sources.read import open_tables

_NAME_HEADERS: Final = frozenset({"类型", "种类", "信息类型", "项目", "type", "kind", "name"})
_COUNT_HEADERS: Final = frozenset({"数量", "条数", "数目", "count", "number"})

#: Entities preferred for a name that fits several.
_USUAL_KINDS: Final = ("CN_RESIDENT_ID", "CN_MOBILE", "CN_BANK_CARD", "WECHAT_ID")


def read_figures(path: Path) -> list[Figure] | None:
    """Return the figures in ``path``; None if the file is another kind of list.

    Figures have two columns, 类型 and 数量 (type, count), or are a JSON object from name to number.
    Raise CaseError if a count is no number.
    """
    if path.suffix.lower() == ".json":
        return _read_json(path)
    for table in open_tables(path, count_names=partial(count_header_names, load())):
        if isinstance(table, Trouble):
            continue
        rows = [_normalize(h) for h in table.headers or ()]
        block = next((b for b in table.blocks() if not isinstance(b, Trouble)), None)
        cells = [c.to_pylist() for c in block.columns] if block is not None else []
        if (
            not _has_figure_headers(rows)
            and cells
            and _has_figure_headers([_normalize(c[0]) for c in cells])
        ):
            rows, cells = [_normalize(c[0]) for c in cells], [c[1:] for c in cells]
        if _has_figure_headers(rows):
            name = next(n for n, h in enumerate(rows) if h in _NAME_HEADERS)
            number = next(n for n, h in enumerate(rows) if h in _COUNT_HEADERS)
            pairs = zip(cells[name], cells[number], strict=True) if cells else ()
            return [
                _parse_figure(path, *pair)
                for pair in pairs
                if pair[0] and _normalize(pair[0]) not in _NAME_HEADERS
            ]
        return None
    return None


def compare_figures(case: Case, figures: list[Figure]) -> list[dict[str, Any]]:
    """Return a row per figure and measure: earlier figure, count here, difference."""
    return match_figures(figures, case.tables(), kind_lookup(case))


def kind_lookup(case: Case) -> Callable[[str], str | None]:
    """Return a function from a name to an entity: by code, by name, or by column label.

    Return None if unknown. ``手机号 -> CN_MOBILE``, ``CN_MOBILE -> CN_MOBILE``
    """
    catalog = load()
    entity_by_name: dict[str, str] = {}
    for code, names in case.manifest.content["vocabulary"]["entities"].items():
        entity_by_name |= {
            _normalize(name): str(code) for name in (code, *names.values()) if isinstance(name, str)
        }
    entities = {each.id: each.entity for each in catalog.recognizers}

    def kind_of(name: str) -> str | None:
        """Return the entity code for an entity name or column label; None if unknown."""
        if _normalize(name) in entity_by_name:
            return entity_by_name[_normalize(name)]
        label = label_of(catalog, name)
        labelled = [entities[each] for each in label.recognizers] if label else []
        complete = [each for each in labelled if each not in ("MASKED", "DAMAGED", "NICKNAME")]
        # A 手机号 column can contain landlines too; the usual entity is meant.
        usual = [each for each in _USUAL_KINDS if each in complete]
        return next(iter([*usual, *complete]), None)

    return kind_of


def _read_json(path: Path) -> list[Figure] | None:
    """Return the figures of a JSON file; None if it has another structure.

    Raise CaseError if unreadable.
    """
    try:
        content = json.loads(path.read_text("utf-8-sig"))
    except (OSError, ValueError) as error:
        raise CaseError("list.unreadable", path=path, reason=type(error).__name__) from error
    if isinstance(content, list) and all(isinstance(each, dict) for each in content):
        pairs = []
        for each in content:
            normalized = {_normalize(name): value for name, value in each.items()}
            fields = [
                normalized.get(next(iter(keys & normalized.keys()), ""))
                for keys in (_NAME_HEADERS, _COUNT_HEADERS)
            ]
            pairs.append((fields[0], fields[1]))
        return [_parse_figure(path, *pair) for pair in pairs]
    if isinstance(content, dict):
        return [_parse_figure(path, *pair) for pair in content.items()]
    return None


def _parse_figure(path: Path, name: Any, count: Any) -> Figure:
    """Return the figure of a name and a count such as ``1,234条``.

    Raise CaseError if it is no number.
    """
    text = str(count).replace(",", "").replace("，", "").strip().removesuffix("条")
    if not name or not text.isdecimal():
        raise CaseError("list.no_whole_number", path=path)
    return Figure(str(name).strip(), int(text))


def _has_figure_headers(headers: list[str]) -> bool:
    """Return True if the headers include a name column and a count column."""
    return bool(_NAME_HEADERS & set(headers)) and bool(_COUNT_HEADERS & set(headers))


def _normalize(text: Any) -> str:
    """Return a cell as text without any blanks and in lower case; "" for None."""
    return "".join(str(text or "").split()).casefold()
