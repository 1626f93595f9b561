"""Figures of an earlier opinion, read from CSV, workbook or JSON, and what they call things."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

from piiscan.case.compare.match_figures import Figure, held_against
from piiscan.case.store.case import Case
from piiscan.detect.catalog.catalog import load
from piiscan.detect.catalog.headers import label_of
from piiscan.detect.columns.column_types import count_names
from piiscan.errors import CaseError
from piiscan.sources.block import Trouble
from piiscan.sources.read import open_tables

_NAMES: Final = frozenset({"类型", "种类", "信息类型", "项目", "type", "kind", "name"})
_COUNTS: Final = frozenset({"数量", "条数", "数目", "count", "number"})

#: What a name that several kinds could be called by usually means.
_USUAL: Final = ("CN_RESIDENT_ID", "CN_MOBILE", "CN_BANK_CARD", "WECHAT_ID")


def read_figures(path: Path) -> list[Figure] | None:
    """The figures in ``path``; None if it is a list of something else.

    Two columns headed 类型 and 数量 (type, count), or JSON: an object of numbers by name.
    CaseError if it says it is figures and a count is no number.
    """
    if path.suffix.lower() == ".json":
        return _json(path)
    for table in open_tables(path, count_names=partial(count_names, load())):
        if isinstance(table, Trouble):
            continue
        rows = [_plain(h) for h in table.headers or ()]
        block = next((b for b in table.blocks() if not isinstance(b, Trouble)), None)
        cells = [c.to_pylist() for c in block.columns] if block is not None else []
        if not _headed(rows) and cells and _headed([_plain(c[0]) for c in cells]):
            rows, cells = [_plain(c[0]) for c in cells], [c[1:] for c in cells]
        if _headed(rows):
            name = next(n for n, h in enumerate(rows) if h in _NAMES)
            number = next(n for n, h in enumerate(rows) if h in _COUNTS)
            pairs = zip(cells[name], cells[number], strict=True) if cells else ()
            return [
                _figure(path, *pair) for pair in pairs if pair[0] and _plain(pair[0]) not in _NAMES
            ]
        return None
    return None


def compare_figures(case: Case, figures: list[Figure]) -> list[dict[str, Any]]:
    """The figures beside what the case counts."""
    return held_against(figures, case.tables(), kinds_by_name(case))


def kinds_by_name(case: Case) -> Callable[[str], str | None]:
    """A function from what somebody calls a kind to its code: by code, name or column name."""
    catalog = load()
    known: dict[str, str] = {}
    for code, names in case.manifest.content["vocabulary"]["entities"].items():
        known |= {
            _plain(name): str(code) for name in (code, *names.values()) if isinstance(name, str)
        }
    entities = {each.id: each.entity for each in catalog.recognizers}

    def kind_of(name: str) -> str | None:
        if _plain(name) in known:
            return known[_plain(name)]
        label = label_of(catalog, name)
        named = [entities[each] for each in label.recognizers] if label else []
        whole = [each for each in named if each not in ("MASKED", "DAMAGED", "NICKNAME")]
        # such a column may hold others too, a 手机号 landlines: the usual one is meant
        usual = [each for each in _USUAL if each in whole]
        return next(iter([*usual, *whole]), None)

    return kind_of


def _json(path: Path) -> list[Figure] | None:
    try:
        content = json.loads(path.read_text("utf-8-sig"))
    except (OSError, ValueError) as error:
        raise CaseError(f"the list {path} cannot be read: {type(error).__name__}") from error
    if isinstance(content, list) and all(isinstance(each, dict) for each in content):
        pairs = []
        for each in content:
            plain = {_plain(name): value for name, value in each.items()}
            told = [plain.get(next(iter(keys & plain.keys()), "")) for keys in (_NAMES, _COUNTS)]
            pairs.append((told[0], told[1]))
        return [_figure(path, *pair) for pair in pairs]
    if isinstance(content, dict):
        return [_figure(path, *pair) for pair in content.items()]
    return None


def _figure(path: Path, name: Any, count: Any) -> Figure:
    text = str(count).replace(",", "").replace("，", "").strip().removesuffix("条")
    if not name or not text.isdecimal():
        raise CaseError(f"the list {path} has a figure that is no whole number")
    return Figure(str(name).strip(), int(text))


def _headed(headers: list[str]) -> bool:
    return bool(_NAMES & set(headers)) and bool(_COUNTS & set(headers))


def _plain(text: Any) -> str:
    return "".join(str(text or "").split()).casefold()
