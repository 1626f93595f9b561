"""Tables of sources: the files with their checksums (T1), and the parts read of each."""

from __future__ import annotations

import datetime
import json
from collections.abc import Sequence
from typing import Final

from piiscan.case.scan.distinct_counts import DistinctCounts
from piiscan.case.scan.tables.scan_table_inputs import Row, TableInputs
from piiscan.case.store.common_columns import SOURCE
from piiscan.pages import report_table
from piiscan.pages.report_table import (
    ReportTable,
    TableColumn,
    checksum,
    coded,
    named,
    number,
    position,
    text,
)
from piiscan.wording.words import Words


def _sources(inputs: TableInputs, counts: DistinctCounts) -> list[Row]:
    """Build the table ``sources`` (T1): a row per source with size, counts and checksums."""
    rows = []
    for source in inputs.sources:
        outcome = source.outcome
        rows.append(
            {
                "source": source.source,
                "path": inputs.display(source.path),
                "size": source.size,
                "mtime": modification_time(source.mtime_ns).isoformat(timespec="seconds"),
                "sha256": outcome.sha256 or None,
                "sm3": outcome.sm3 or None,
                "state": source.state,
                "parts": len(outcome.parts),
                "rows": sum(part["rows"] for part in outcome.parts),
                "hits": sum(entry[-1] for entry in outcome.counts),
                "records": counts.records.get(source.source, 0),
                "unread": sum(bool(error["lost"]) for error in outcome.errors),
            }
        )
    return rows


def modification_time(mtime_ns: int) -> datetime.datetime:
    """Return a modification time in UTC, to the microsecond; it may be before 1970.

    >>> modification_time(-1_000_000_000).isoformat()
    '1969-12-31T23:59:59+00:00'
    """
    start = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
    return start + datetime.timedelta(microseconds=mtime_ns // 1000)


def _parts(inputs: TableInputs, _: DistinctCounts) -> list[Row]:
    """Build the table ``parts``: a row per part with kind, encoding, delimiter and columns."""
    rows = []
    for source in inputs.sources:
        for part in source.outcome.parts:
            row = {"source": source.source, "path": inputs.display(source.path)}
            row |= {"member": inputs.display(part["member"])}
            names = ("kind", "encoding", "delimiter", "header_row", "rows", "sha256", "size")
            row |= {name: part[name] for name in names}
            rows.append(row | {"columns": json.loads(part["columns"])})
    return rows


def _column_names(columns: Sequence[report_table.Row], _: report_table.Row, words: Words) -> str:
    """Return typed columns as text: number, header, recognizers and role of each."""
    return "; ".join(_column_name(each, words) for each in columns)


def _column_name(column: report_table.Row, words: Words) -> str:
    """Return one column of a part as text: number, header, recognizers, role, if left out."""
    kinds = ", ".join(column["recognizers"])
    role = f" [{words.name('roles', column['role'])}]" if column["role"] else ""
    left_out = f" [{words('page.left_out')}]" if column.get("bookkeeping") else ""
    return f"{column['column']} {column['header'] or ''}: {kinds or '-'}{role}{left_out}"


SOURCES: Final = ReportTable(
    "sources",
    (
        SOURCE,
        text("path"),
        number("size"),
        text("mtime"),
        checksum("sha256"),
        checksum("sm3"),
        coded("state", "state", wraps=False),
        number("parts"),
        number("rows"),
        number("hits"),
        number("records"),
        number("unread"),
    ),
    build=_sources,
    order={
        "page": (
            "source", "path", "size", "state", "rows", "hits", "records", "unread", "sha256", "sm3",
        )
    },
    page_rows=200,
)  # fmt: skip
PARTS: Final = ReportTable(
    "parts",
    (
        SOURCE,
        text("path"),
        text("member"),
        named("kind", "classes"),
        text("encoding"),
        text("delimiter"),
        position("header_row"),
        number("rows"),
        TableColumn("columns", wording=_column_names),
        checksum("sha256"),
        number("size"),
    ),
    section="T1",
    build=_parts,
)
