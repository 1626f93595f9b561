"""``piiscan columns``: every kind of table there is, grouped by identical header, to be corrected.

The workbook says what each column was taken for; a person corrects two of its columns and gives it
back with ``--columns`` (:mod:`piiscan.tabular.column_overrides`).  Examples are masked.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from piiscan.case.scan.finish import vocabulary_of
from piiscan.case.store.audit_log import CHINA, now
from piiscan.detect.catalog.catalog import Catalog, load
from piiscan.detect.columns.column_types import ColumnType, count_names
from piiscan.detect.engine import Engine
from piiscan.masking.mask import mask_value
from piiscan.output_files import check_outside
from piiscan.pages.wording import Language, Words
from piiscan.sources.block import DATA, Block, Table, Trouble
from piiscan.sources.read import open_tables
from piiscan.sources.walk import Input, Progress, walk
from piiscan.tabular.column_form import write_workbook
from piiscan.tabular.column_overrides import Kind, group_key, kind_of
from piiscan.tabular.display_names import show_texts
from piiscan.tabular.typed_table import column_types, data_rows

_EXAMPLES: Final = 3
_LONGEST: Final = 24
_FILES: Final = 5


@dataclass(slots=True)
class Column:
    """One column of a group, summed over its tables."""

    header: str
    kinds: Counter[Kind] = field(default_factory=Counter)
    filled: int = 0
    valid: int = 0
    examples: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Group:
    """All tables with one header."""

    key: str
    columns: list[Column]
    files: list[str] = field(default_factory=list)
    tables: int = 0
    rows: int = 0


@dataclass(frozen=True, slots=True)
class Survey:
    """What was found: the workbook, its groups and tables, and how much was not read."""

    path: Path
    groups: int
    tables: int
    unread: int


def survey(
    paths: Iterable[str | Path],
    out: Path,
    *,
    recognizers: Path | None = None,
    as_of: datetime.date | None = None,
    language: Language = "zh",
    progress: Progress | None = None,
) -> Survey:
    """The workbook ``out`` with a row for each column of each group of tables.

    Plain text has no columns and is left out.  ``progress`` is told (bytes done, bytes in all).
    """
    given = [Path(path) for path in paths]
    check_outside(out, given)
    catalog = load(recognizers)
    engine = Engine(catalog, as_of=as_of or now().astimezone(CHINA).date())
    found = list(walk(given))
    inputs = [each for each in found if isinstance(each, Input)]
    unread = sum(isinstance(each, Trouble) and each.lost for each in found)
    groups: dict[str, Group] = {}
    total = sum(each.size for each in inputs)
    done = 0
    for each in inputs:
        for table in open_tables(each.path, count_names=partial(count_names, catalog)):
            if isinstance(table, Trouble):
                unread += table.lost
            elif table.kind != "text" or table.beside:
                unread += _add(groups, each.display, table, engine)
        done += each.size
        if progress is not None:
            progress(done, total)
    rows = [_row(g, number, catalog) for g in groups.values() for number in range(len(g.columns))]
    words = Words(language, vocabulary_of(catalog))
    write_workbook(out, rows, catalog, words)
    return Survey(out, len(groups), sum(group.tables for group in groups.values()), unread)


def _add(groups: dict[str, Group], display: str, table: Table, engine: Engine) -> int:
    """Count a table in, and those beside it; the number of their parts that were not read."""
    members = [
        None if each.kind == "text" else _group(groups, display, each, engine)
        for each in (table, *table.beside)
    ]
    unread = 0
    for block in table.blocks():
        if not isinstance(block, Block):
            unread += block.lost
        elif (group := members[block.table]) is not None:
            group.rows += (
                len(block.rows) if block.kinds is None else int((block.kinds == DATA).sum())
            )
    return unread


def _group(groups: dict[str, Group], display: str, table: Table, engine: Engine) -> Group:
    """The group of a table's header, told of this one too."""
    types = column_types(table, engine)
    key = group_key(types)
    if key not in groups:
        headers = show_texts(engine, [column.header or "" for column in types])
        groups[key] = Group(key, [Column(header) for header in headers])
    group = groups[key]
    group.tables += 1
    shown = show_texts(engine, ["!".join(part for part in (display, table.member) if part)])[0]
    if shown not in group.files:
        group.files.append(shown)
    for column, type_, cells in zip(group.columns, types, data_rows(table.sample), strict=False):
        column.kinds[kind_of(type_)] += 1
        column.filled += type_.filled
        column.valid += type_.valid
        if len(column.examples) < _EXAMPLES:
            _add_examples(column, masked_examples(cells, type_, engine))
    return group


def _add_examples(column: Column, examples: Sequence[str]) -> None:
    for example in examples:
        if example not in column.examples and len(column.examples) < _EXAMPLES:
            column.examples.append(example)


def masked_examples(cells: pa.Array, type_: ColumnType, engine: Engine) -> list[str]:
    """A few cells as they may be shown: values masked by their kind, all other letters starred."""
    filled = [cell for cell in cells.slice(0, 50).to_pylist() if cell and cell.strip()]
    texts = list(dict.fromkeys(filled))[:_EXAMPLES]
    found = engine.find_table(pa.array(texts, pa.string()), label=type_.label, min_score=0.3)
    columns = ("index", "start", "end", "entity", "recognizer", "value")
    hits: dict[int, list[Any]] = {}
    for index, *hit in zip(*(found[name].to_pylist() for name in columns), strict=True):
        hits.setdefault(index, []).append(hit)
    return [_masked(text, hits.get(number, [])) for number, text in enumerate(texts)]


def _masked(text: str, hits: Sequence[Sequence[Any]]) -> str:
    parts, at = [], 0
    for start, end, entity, recognizer, value in hits:
        if start >= at:
            parts += [_starred(text[at:start]), mask_value(value, entity, recognizer)]
            at = end
    whole = "".join([*parts, _starred(text[at:])])
    return whole if len(whole) <= _LONGEST else whole[: _LONGEST - 1] + "…"


def _starred(text: str) -> str:
    """Letters and digits as stars; what no recognizer knows can still be personal."""
    return "".join("*" if char.isalnum() else char for char in text)


def _row(group: Group, number: int, catalog: Catalog) -> dict[str, Any]:
    """One row of the workbook, by its heading's name."""
    column = group.columns[number]
    (ids, role), _ = column.kinds.most_common(1)[0] if column.kinds else (((), None), 0)
    entities = sorted({catalog.by_id[id_].entity for id_ in ids if id_ in catalog.by_id})
    more = len(group.files) - _FILES
    files = "\n".join(group.files[:_FILES]) + (f"\n+{more}" if more > 0 else "")
    return {
        "group": group.key,
        "column": number + 1,
        "header": column.header,
        "recognizers": ", ".join(ids) or "-",
        "role": role or "",
        "kinds": entities,
        "share": column.valid / column.filled if column.filled else None,
        "filled": column.filled,
        "examples": "\n".join(column.examples),
        "tables": group.tables,
        "files": files,
        "rows": group.rows,
        "inferred": ", ".join(ids) or "-",
        "inferred_role": role or "",
    }
