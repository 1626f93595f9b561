"""Figures of an earlier opinion (类型, 数量), from CSV, a workbook or JSON, beside the counts.

A figure is a number without rows. The comparison shows the measure that gives the same number, and
the deductions between measures: failed checks, repetitions.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

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


Row = dict[str, Any]
Tables = Mapping[str, Sequence[Mapping[str, Any]]]

#: Signs that join the parts of a combination.
_JOINERS: Final = re.compile(r"\s*[+＋、/&和]\s*")
_STEP: Final = re.compile(r"(R[0-6])\b.*", re.IGNORECASE)
#: Measures in order; each is a column of the case's tables.
_KIND_MEASURES: Final = ("hits", "valid", "distinct")
_RECORD_MEASURES: Final = ("records", "distinct_records")


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of the earlier opinion: the name of an entity or step, and its count."""

    name: str
    count: int


def match_figures(
    figures: Sequence[Figure], tables: Tables, kind_of: Callable[[str], str | None]
) -> list[Row]:
    """Return one row per figure and measure: name, earlier, measure, here, difference, same.

    Measures ``less.REASON`` are deductions between two measures. ``kind_of``: name -> entity. An
    unknown name has one row without ``here``.
    """
    rows: list[Row] = []
    for figure in figures:
        measures = list(_measures(figure.name, tables, kind_of)) or [(None, None)]
        rows += [
            {
                "name": figure.name,
                "earlier": figure.count,
                "measure": measure,
                "here": here,
                "difference": None
                if here is None or _is_deduction(measure)
                else here - figure.count,
                "same": here == figure.count and not _is_deduction(measure),
            }
            for measure, here in measures
        ]
    return rows


def _is_deduction(measure: str | None) -> bool:
    """Return True if a measure is a deduction (``less.REASON``)."""
    return measure is not None and measure.startswith("less.")


def _measures(
    name: str, tables: Tables, kind_of: Callable[[str], str | None]
) -> list[tuple[str | None, int | None]]:
    """Return (measure, count in this case) pairs for a figure name: a step, an entity or ``A+B``.

    Return an empty list if the name is unknown.
    """
    step = _STEP.fullmatch(name.strip())
    if step:
        return [
            (f"step.{row['step']}", row["count"])
            for row in tables.get("ladder", ())
            if (row["scope_kind"], row["step"]) == ("total", step[1].upper())
        ]
    kinds = [kind_of(part) for part in _JOINERS.split(name.strip())]
    if None in kinds:
        return []
    if len(kinds) == 1:
        found = [row for row in tables["kinds"] if row["entity"] == kinds[0]]
        row: Mapping[str, Any] = found[0] if found else dict.fromkeys(_KIND_MEASURES, 0)
        return [(m, row[m]) for m in _KIND_MEASURES if row[m] is not None] + _deductions(
            kinds[0], row, tables
        )
    entities = set(kinds)
    exact = [row for row in tables["combinations"] if set(row["combination"]) == entities]
    supersets = [row for row in tables["combinations"] if set(row["combination"]) >= entities]
    measures: list[tuple[str | None, int | None]] = [
        (m, sum(row[m] for row in exact)) for m in _RECORD_MEASURES
    ]
    return measures + [(f"{m}_more", sum(row[m] for row in supersets)) for m in _RECORD_MEASURES]


def _deductions(
    kind: str | None, row: Mapping[str, Any], tables: Tables
) -> list[tuple[str | None, int | None]]:
    """Return (``less.REASON``, number) pairs of an entity: refuted values, repeated values."""
    deductions: list[tuple[str | None, int | None]] = [
        (f"less.{each['reason'] or 'CHECK_FAIL'}", each["hits"])
        for each in tables["reasons"]
        if each["entity"] == kind and each["verdict"] == "refuted"
    ]
    if row["valid"] is not None and row["valid"] > row["distinct"]:
        deductions.append(("less.DUP_KEY", row["valid"] - row["distinct"]))
    return deductions
