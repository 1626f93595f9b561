"""Table of unread parts (T14): parts not read, or read with a trouble."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from piiscan.case.store.common_columns import CODE, SOURCE
from piiscan.pages.report_table import (
    FILES,
    USUAL,
    USUAL_AND_SUMMARY,
    ReportTable,
    TableColumn,
    coded,
    named,
    position,
    text,
)
from piiscan.wording.words import Words

if TYPE_CHECKING:
    from piiscan.case.scan.distinct_counts import DistinctCounts
    from piiscan.case.scan.tables.scan_table_inputs import Row, TableInputs


def _unread(inputs: TableInputs, _: DistinctCounts) -> list[Row]:
    """Build the table T14: a row per part not read or read with a trouble.

    Troubles outside of any source come first.
    """
    rows = [_error(None, inputs.display(t["member"]), "", t) for t in inputs.troubles]
    for source in inputs.sources:
        path = inputs.display(source.path)
        rows += [
            _error(source.source, path, inputs.display(error["member"]), error)
            for error in source.outcome.errors
        ]
    return rows


def _error(source: int | None, path: str, member: str, error: Mapping[str, Any]) -> Row:
    """Build a row of T14 from a trouble. ``source``: None if it belongs to no source."""
    row: Row = {"source": source, "path": path, "member": member}
    return row | {name: error[name] for name in ("row", "reason", "detail", "lost")}


#: Kind of file by extension -> keys of its name and of the advice.
_KINDS: Final = {
    "doc": "word", "wps": "word", "rtf": "word", "docx": "word",
    "xls": "sheet", "et": "sheet", "xlsx": "sheet", "xlsb": "sheet", "ods": "sheet",
    "ppt": "slides", "pptx": "slides", "dps": "slides", "pdf": "pdf", "ofd": "pdf",
    "rar": "archive", "7z": "archive", "zip": "archive", "gz": "archive", "bz2": "archive",
    "xz": "archive", "zst": "archive", "cab": "archive", "tar": "archive",
    "mdb": "database", "accdb": "database", "db": "database", "dbf": "database",
    "sqlite": "database", "mdf": "database", "bak": "database",
    "jpg": "picture", "jpeg": "picture", "png": "picture", "gif": "picture", "bmp": "picture",
    "tif": "picture", "tiff": "picture", "webp": "picture", "heic": "picture",
    "eml": "mail", "msg": "mail", "mbox": "mail", "pst": "mail", "ost": "mail", "mht": "mail",
    "vmdk": "image", "e01": "image", "dd": "image", "qcow2": "image", "vhd": "image",
    "vhdx": "image", "img": "image", "raw": "image", "iso": "image", "vdi": "image", "001": "image",
    "apk": "program", "exe": "program", "dll": "program",
    "mp3": "media", "mp4": "media", "amr": "media", "wav": "media", "silk": "media",
}  # fmt: skip
#: Kinds that the detail of a listed file begins with.
_NAMED: Final = frozenset((
    *("program", "media", "font", "picture", "database", "log", "help", "pickle", "note"),
    *("sealed", "shortcut", "iwork"),
))  # fmt: skip
#: Reasons with advice of their own, whatever the file is.
_BY_REASON: Final = {
    "ENCRYPTED": "encrypted",
    "CORRUPT": "corrupt",
    "IMAGE_HASH_DIFFERS": "corrupt",
    "IMAGE_INCOMPLETE": "pieces",
    "UNREADABLE": "unreadable",
    "READ_ERROR": "unreadable",
    "SOURCE_CHANGED": "changed",
    "SCAN_FAILED": "failed",
    "UNDECODABLE": "encoding",
    "BAD_JSON": "json",
    "PACKAGE_MISSING": "install",
    "NO_TEXT_LAYER": "pdf",
    "PICTURES_NOT_READ": "pdf",
    **dict.fromkeys(
        ("ZIP_MEMBERS", "ZIP_TOTAL", "ZIP_RATIO", "ZIP_DEPTH", "MEMBER_TOO_LARGE"), "unpack"
    ),
    **dict.fromkeys(("WORKBOOK_TOO_LARGE", "SHEET_TOO_LARGE", "JSON_TOO_LARGE"), "split"),
}


def _kind_of(row: Mapping[str, Any]) -> str:
    """Return the kind of a file by its first bytes, as the detail has it, or by its extension.

    ``a.zip!b.doc -> word``
    """
    if (named := str(row.get("detail") or "").partition(":")[0]) in _NAMED:
        return named
    name = str(row.get("member") or row.get("path") or "").rpartition("!")[2]
    if name.startswith(("#", "volume", "partition ")):  # a table, or a part of a disk image
        name = str(row.get("path") or "")
    return _KINDS.get(name.rpartition(".")[2].lower(), "other")


def unread_kind(row: Mapping[str, Any], words: Words) -> str:
    """Return the kind of the file in words: ``PDF 文档``."""
    return words(f"unread_kind.{_kind_of(row)}")


def unread_advice(row: Mapping[str, Any], words: Words) -> str:
    """Return the advice for an unread part in words; "" if all of it was read."""
    if not row.get("lost"):
        return ""
    advice = _BY_REASON.get(str(row.get("reason")), _kind_of(row))
    missing = str(row.get("detail") or "").rpartition(": ")[2]  # an extra, or a program in words
    name = missing if " " in missing else f"piiscan-cn[{missing}]"
    return words(f"unread_advice.{advice}", name=name)


UNREAD: Final = ReportTable(
    "unread",
    (
        SOURCE.only_in(USUAL_AND_SUMMARY),
        text("path", USUAL_AND_SUMMARY),
        text("member", USUAL_AND_SUMMARY),
        position("row"),
        named("reason", "reasons", USUAL_AND_SUMMARY),
        CODE,
        text("detail", FILES),
        coded("lost", "answer", USUAL_AND_SUMMARY, wraps=False),
        TableColumn("file_kind", shown=USUAL, empty=unread_kind),
        TableColumn("advice", shown=USUAL, empty=unread_advice),
    ),
    section="T14",
    build=_unread,
    order={"statement": ("source", "path", "member", "reason", "lost")},
    row_group="unread_rows",
    page_rows=300,
)
