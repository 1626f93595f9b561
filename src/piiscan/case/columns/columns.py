"""``piiscan columns``: survey of all tables, grouped by identical header, as a workbook to correct.

The workbook shows the inferred type of each column. A person corrects two of its columns and
returns it with ``--columns`` (:mod:`piiscan.tabular.column_overrides`). Examples are masked.
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

from piiscan.case.store.audit_log import CHINA, now
from piiscan.detect.catalog.catalog import Catalog, load
from piiscan.detect.columns.column_types import ColumnType
from piiscan.detect.columns.header_names import count_header_names
from piiscan.detect.engine import Engine
from piiscan.errors import is_machine_error
from piiscan.masking.mask import mask_value
from piiscan.output_files import check_outside
from piiscan.progress import ByteCounter, Progress
from piiscan.sources.archives.read_options import read_passwords
from piiscan.sources.block import DATA, Block, Table, Trouble
from piiscan.sources.read import open_tables
from piiscan.sources.walk import GivenPaths, Input, walk
from piiscan.tabular.column_overrides import ColumnKind, group_key, inferred_kind, write_column_form
from piiscan.tabular.display_names import mask_texts
from piiscan.tabular.typed_table import column_types, data_rows
from piiscan.wording.words import Language, Words

_MAX_EXAMPLES: Final = 3
_MAX_EXAMPLE_LENGTH: Final = 24
_MAX_FILES: Final = 5


@dataclass(slots=True)
class SurveyColumn:
    """One column of a table group, summed over its tables."""

    header: str
    kinds: Counter[ColumnKind] = field(default_factory=Counter)
    filled: int = 0
    valid: int = 0
    examples: list[str] = field(default_factory=list)


@dataclass(slots=True)
class TableGroup:
    """All tables with the same header."""

    key: str
    columns: list[SurveyColumn]
    files: list[str] = field(default_factory=list)
    tables: int = 0
    rows: int = 0


@dataclass(frozen=True, slots=True)
class Survey:
    """Result of a survey: workbook, number of groups and tables, and number of unread parts."""

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
    passwords: Path | None = None,
    language: Language = "zh",
    progress: Progress | None = None,
) -> Survey:
    """Write the workbook ``out`` with a row for each column of each table group.

    Plain text has no columns and is left out. ``passwords``: file with those of encrypted files.
    ``progress`` is called with the state of the run.
    """
    given = [Path(path) for path in paths]
    check_outside(out, given)
    catalog = load(recognizers)
    engine = Engine(catalog, as_of=as_of or now().astimezone(CHINA).date())
    start = GivenPaths(given)
    found = list(walk(given))
    inputs = [each for each in found if isinstance(each, Input)]
    unread = sum(isinstance(each, Trouble) and each.lost for each in found)
    groups: dict[str, TableGroup] = {}
    counter = ByteCounter(progress, "columns", (each.size for each in inputs))
    known, tried = partial(count_header_names, catalog), read_passwords(passwords).values
    for each in inputs:
        for table in open_tables(each.path, count_names=known, passwords=tried, peek=True):
            if isinstance(table, Trouble):
                unread += table.lost
            elif table.kind != "text" or table.siblings:
                try:
                    unread += _add_table(groups, each.display, table, engine)
                except Exception as error:  # one bad table must not cost the others
                    if is_machine_error(error):
                        raise
                    unread += 1
        counter.add(each.size)
    rows = [
        workbook_row(g, number, catalog)
        for g in groups.values()
        for number in range(len(g.columns))
    ]
    if unread:
        start.check()
    words = Words(language, catalog.vocabulary_names)
    write_column_form(out, rows, catalog, words)
    return Survey(out, len(groups), sum(group.tables for group in groups.values()), unread)


def _add_table(groups: dict[str, TableGroup], display: str, table: Table, engine: Engine) -> int:
    """Add ``table`` and its siblings to the groups of equal headers; return the unread parts."""
    members = [
        None if each.kind == "text" else _find_group(groups, display, each, engine)
        for each in (table, *table.siblings)
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


def _find_group(
    groups: dict[str, TableGroup], display: str, table: Table, engine: Engine
) -> TableGroup:
    """Return the group with the header of ``table`` (new if absent), this table added to it."""
    types = column_types(table, engine)
    key = group_key(types)
    if key not in groups:
        headers = mask_texts(engine, [column.header or "" for column in types])
        groups[key] = TableGroup(key, [SurveyColumn(header) for header in headers])
    group = groups[key]
    group.tables += 1
    shown = mask_texts(engine, ["!".join(part for part in (display, table.member) if part)])[0]
    if shown not in group.files:
        group.files.append(shown)
    for column, type_, cells in zip(group.columns, types, data_rows(table.sample), strict=False):
        column.kinds[inferred_kind(type_)] += 1
        column.filled += type_.filled
        column.valid += type_.valid
        if len(column.examples) < _MAX_EXAMPLES:
            for example in masked_examples(cells, type_, engine):
                if example not in column.examples and len(column.examples) < _MAX_EXAMPLES:
                    column.examples.append(example)
    return group


def masked_examples(cells: pa.Array, type_: ColumnType, engine: Engine) -> list[str]:
    """Return up to three filled cells as examples, with findings masked and other text starred."""
    filled = [cell for cell in cells.slice(0, 50).to_pylist() if cell and cell.strip()]
    texts = list(dict.fromkeys(filled))[:_MAX_EXAMPLES]
    found = engine.find_table(pa.array(texts, pa.string()), label=type_.label, min_score=0.3)
    columns = ("index", "start", "end", "entity", "recognizer", "value")
    hits: dict[int, list[Any]] = {}
    for index, *hit in zip(*(found[name].to_pylist() for name in columns), strict=True):
        hits.setdefault(index, []).append(hit)
    return [_mask_text(text, hits.get(number, [])) for number, text in enumerate(texts)]


def _mask_text(text: str, hits: Sequence[Sequence[Any]]) -> str:
    """Return ``text`` with its findings masked and other letters and digits replaced by ``*``.

    The result is cut to 24 characters. ``hits``: (start, end, entity, recognizer, value) of each
    finding, in order.
    """
    parts, at = [], 0
    for start, end, entity, recognizer, value in hits:
        if start >= at:
            parts += [_star_out(text[at:start]), mask_value(value, entity, recognizer)]
            at = end
    shown = "".join([*parts, _star_out(text[at:])])
    return shown if len(shown) <= _MAX_EXAMPLE_LENGTH else shown[: _MAX_EXAMPLE_LENGTH - 1] + "…"


def _star_out(text: str) -> str:
    """Return ``text`` with ``*`` for each letter, digit and Hanzi: ``A区12号`` -> ``****``.

    Text that no recognizer matches can still be personal.
    """
    return "".join("*" if char.isalnum() else char for char in text)


def workbook_row(group: TableGroup, number: int, catalog: Catalog) -> dict[str, Any]:
    """Return one column of a group as a row of the workbook: column name -> cell."""
    column = group.columns[number]
    (ids, role), _ = column.kinds.most_common(1)[0] if column.kinds else (((), None), 0)
    entities = sorted({catalog.by_id[id_].entity for id_ in ids if id_ in catalog.by_id})
    more = len(group.files) - _MAX_FILES
    files = "\n".join(group.files[:_MAX_FILES]) + (f"\n+{more}" if more > 0 else "")
    return {
        "group": group.key,
        "column": number + 1,
        "header": column.header,
        "recognizers": ", ".join(ids) or "-",
        "role": role or "",
        "kinds": entities,
        "share": round(column.valid / column.filled, 4) if column.filled else None,
        "filled": column.filled,
        "examples": "\n".join(column.examples),
        "tables": group.tables,
        "files": files,
        "rows": group.rows,
        "inferred": ", ".join(ids) or "-",
        "inferred_role": role or "",
    }
