"""The rows that fell at R1, read again: a case keeps nothing of rows in which nothing was found."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from piiscan.arrays import Int64
from piiscan.case.export.list_lines import Line, Spot
from piiscan.case.lookup.reread import check_same
from piiscan.case.store.case import Case
from piiscan.detect.catalog.catalog import Catalog
from piiscan.sources.block import DATA, HEADER, SUBTOTAL, TITLE, Block, Table, Trouble
from piiscan.tabular.typed_table import tables_of

_REASONS = {DATA: "NO_FINDING", HEADER: "HEADER_REPEAT", TITLE: "TITLE", SUBTOTAL: "TITLE"}


def unfound(case: Case, base: Any, catalog: Catalog) -> Iterator[Line]:
    """A line for each row of the headline's parts without a finding, in the order of the case.

    ``base``: the board of a count.  Blank rows are only counted.  A line of text that belongs to
    the record of an earlier one names that as what it repeats.  CaseError naming a source that is
    not what was scanned.
    """
    base.execute(
        "create temp table met as select distinct place, row from rows where data order by all"
    )
    query = (
        "select source, member, place, item, suspect, device from placed where headline"
        " order by source, place"
    )
    parts: dict[int, dict[str, tuple[Any, ...]]] = {}
    for source, member, *told in base.execute(query).fetchall():
        parts.setdefault(source, {})[member] = tuple(told)
    shown, number = case.shown(), 0
    for each in case.manifest.content["sources"]:
        if each["source"] not in parts:
            continue
        check_same(each, shown=shown.get(each["path"]))
        for line in _of_source(each, parts[each["source"]], base, catalog):
            number += 1
            yield line(number)


def _of_source(
    source: Any, parts: dict[str, tuple[Any, ...]], base: Any, catalog: Catalog
) -> Iterator[partial[Line]]:
    for table in tables_of(Path(source["place"]), catalog):
        if isinstance(table, Trouble):
            continue
        beside = (table, *table.beside)
        met = [_met(base, parts.get(each.member)) for each in beside]
        for block in table.blocks():
            if isinstance(block, Trouble) or block.piece_start:
                continue
            here = beside[block.table]
            if here.member in parts:
                yield from _of_block(source, here, block, parts[here.member], met[block.table])


def _met(base: Any, part: tuple[Any, ...] | None) -> Int64:
    """The rows of a part in which something was found, in order."""
    if part is None:
        return np.zeros(0, np.int64)
    query = "select row from met where place = ? order by row"
    return np.asarray(base.execute(query, [part[0]]).fetchnumpy()["row"], np.int64)


def _of_block(
    source: Any, table: Table, block: Block, part: tuple[Any, ...], met: Int64
) -> Iterator[partial[Line]]:
    records = block.rows if block.records is None else block.records
    kinds = np.zeros(len(block.rows), np.int8) if block.kinds is None else block.kinds
    begun = np.isin(records, met) & (kinds == DATA)
    fell = np.isin(kinds, list(_REASONS)) & ~(begun & (records == block.rows))
    fell &= block.rows != (table.header_row or -1)
    for at in np.flatnonzero(fell).tolist():
        spot = Spot(source["source"], table.member, int(block.rows[at]), None, *part[1:])
        record = Spot(source["source"], table.member, int(records[at]), None, None, None, None)
        reason = _REASONS[int(kinds[at])]
        yield partial(_line, reason=reason, spot=spot, repeats=record if begun[at] else None)


def _line(number: int, *, reason: str, spot: Spot, repeats: Spot | None) -> Line:
    return Line(number, None, False, (reason,), (spot,), {}, None, repeats)
