"""Inventory of sources: category, format, size and checksums of each file.

法发〔2016〕22号 art. 14 requires 类别、文件格式、完整性校验值 of each file. The category comes from
the content, the format from the extension of the name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any, Final

from piiscan.case.register import KIND, Register, read_register
from piiscan.case.store.attachments import Attachment, all_attachments, latest_attachment
from piiscan.case.store.case import Case
from piiscan.case.store.common_columns import SOURCE
from piiscan.pages.report_table import (
    USUAL_AND_STATEMENT,
    ReportTable,
    checksum,
    coded,
    named,
    number,
    numbers,
    text,
)

Row = dict[str, Any]

#: Extensions that may be shown; other text after a dot can be personal.
_EXTENSION: Final = re.compile(r"\.[A-Za-z][A-Za-z0-9]{0,5}")
#: Columns of the register for a source.
_REGISTER_COLUMNS: Final = ("item", "suspect", "device")


def _inventory(case: Case, tables: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[Row]:
    """Return one row per source: register entries, category, format, size and checksums."""
    register_rows = _register_rows(case)
    kinds: dict[int, dict[str, None]] = {}
    for part in tables["parts"]:
        inside = "archive" if part["member"] and part["kind"] != "sheet" else part["kind"]
        kinds.setdefault(part["source"], {})[inside] = None
    return [
        {
            **{
                name: "、".join(
                    dict.fromkeys(
                        each[name] for each in register_rows.get(row["source"], []) if each[name]
                    )
                )
                or None
                for name in _REGISTER_COLUMNS
            },
            **{name: value for name, value in row.items() if name != "parts"},
            **_file_class(row, list(kinds.get(row["source"], ()))),
        }
        for row in tables["sources"]
    ]


def _file_class(row: Mapping[str, Any], kinds: list[str]) -> Row:
    """Return the cells ``file_class`` and ``file_format`` of a source: ``导出.xlsx -> XLSX``.

    The format is None for an unusual extension.
    """
    ending = PurePosixPath(row["path"]).suffix
    format_name = ending[1:].upper() if _EXTENSION.fullmatch(ending) else None
    kind = next((each for each in ("archive", "sql", *kinds) if each in kinds), "unread")
    return {"file_class": kind, "file_format": format_name}


def counted_register(case: Case) -> Attachment | None:
    """Return the register attachment of the newest count; without a count, the newest one."""
    count = case.count()
    if count is None:
        return latest_attachment(case.path, KIND)
    sha256 = count.content["asked"]["register"]
    return next((each for each in all_attachments(case.path, KIND) if each.sha256 == sha256), None)


def _register_rows(case: Case) -> dict[int, list[Mapping[str, Any]]]:
    """Return source number -> rows of PROVENANCE about the source or its parts."""
    register = _read_counted_register(case)
    if register is None:
        return {}
    listed = [(each["source"], each["path"]) for each in case.manifest.content["sources"]]
    by_source: dict[int, list[Mapping[str, Any]]] = {}
    for row in register.provenance(listed).to_pylist():
        by_source.setdefault(row["source"], []).append(row)
    return by_source


def _read_counted_register(case: Case) -> Register | None:
    """Return the parsed register that the count used; None for a count without register."""
    attachment = counted_register(case)
    if attachment is None:
        return None
    return read_register(attachment.content(), attachment.name)


INVENTORY: Final = ReportTable(
    "inventory",
    (
        SOURCE.only_in(USUAL_AND_STATEMENT),
        text("item", USUAL_AND_STATEMENT),
        text("suspect"),
        text("device"),
        text("path", USUAL_AND_STATEMENT),
        named("file_class", "classes", USUAL_AND_STATEMENT),
        text("file_format", USUAL_AND_STATEMENT),
        number("size", USUAL_AND_STATEMENT),
        text("mtime"),
        checksum("sha256", USUAL_AND_STATEMENT),
        checksum("sm3", USUAL_AND_STATEMENT),
        coded("state", "state", USUAL_AND_STATEMENT),
        *numbers("rows", "hits", "records", "unread"),
    ),
    section="T1",
    made_by="report",
    build=_inventory,
    notes=("sheet.note.inventory",),
    row_group="material",
)
