"""Tables of sources (T1): files with checksums, parts read of each, accounts in their names."""

from __future__ import annotations

import datetime
import json
import re
from typing import Any, Final

from piiscan.case.scan.distinct_counts import DistinctCounts
from piiscan.case.scan.tables.scan_table_inputs import Row, TableInputs
from piiscan.case.store.common_columns import SOURCE
from piiscan.masking.mask import mask_value
from piiscan.pages import report_table
from piiscan.pages.report_table import (
    ReportTable,
    TableColumn,
    checksum,
    coded,
    named,
    number,
    numbers,
    position,
    text,
)
from piiscan.sources.table_profiles import own_accounts
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
    columns: dict[str, Any] = {}  # of many parts one list, which is written once
    for source in inputs.sources:
        for part in source.outcome.parts:
            stored = part["columns"]
            if stored not in columns:
                columns[stored] = json.loads(stored)
            row = {"source": source.source, "path": inputs.display(source.path)}
            row |= {"member": inputs.display(part["member"])}
            names = ("kind", "encoding", "delimiter", "header_row", "rows", "sha256", "size")
            row |= {name: part[name] for name in names}
            rows.append(row | {"columns": columns[stored]})
    return rows


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
        *numbers("parts", "rows", "hits", "records", "unread"),
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
        TableColumn(
            "columns",
            wording=lambda columns, _, words: "; ".join(_column_name(c, words) for c in columns),
        ),
        checksum("sha256"),
        number("size"),
    ),
    section="T1",
    build=_parts,
)


#: Folder of a month, as WeChat keeps files: ``FileStorage/File/2023-05/客户.xlsx``.
_MONTH: Final = re.compile(r"[\\/](20[0-9]{2}-(?:0[1-9]|1[0-2]))[\\/]")


def _accounts(inputs: TableInputs, _: DistinctCounts) -> list[Row]:
    """Build the table ``holder_accounts``: a row per account with its files and their months."""
    files: dict[str, set[str]] = {}
    months: dict[str, set[str]] = {}
    for source in inputs.sources:
        members = {part["member"].partition("#")[0] for part in source.outcome.parts}
        for member in members or {""}:
            path = f"{source.path}!{member}".removesuffix("!")
            for account in own_accounts(path):
                files.setdefault(account, set()).add(path)
                months.setdefault(account, set()).update(_MONTH.findall(path))
    return [
        {
            "platform": "QQ" if account.isdigit() else "WeChat",
            "account": mask_value(account, "QQ_NUMBER" if account.isdigit() else "WECHAT_ID"),
            "files": len(files[account]),
            "file_months": ", ".join(sorted(months[account])) or None,
        }
        for account in sorted(files)
    ]


HOLDER_ACCOUNTS: Final = ReportTable(
    "holder_accounts",
    (text("platform"), text("account"), number("files"), text("file_months")),
    section="T1",
    build=_accounts,
    notes=("sheet.note.holder_accounts",),
)
