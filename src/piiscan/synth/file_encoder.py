"""Rows as the bytes of a file: quoting, separators, encodings, sheets."""

from __future__ import annotations

import codecs
import io
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from piiscan.errors import PiiscanError
from piiscan.synth.planted_cells import Cells, join
from piiscan.synth.recipe import File

#: Encodings by their name in recipes: Python's codec, and the mark at the head of the file.
ENCODINGS: Final[dict[str, tuple[str, bytes]]] = {
    "utf-8": ("utf-8", b""),
    "utf-8-sig": ("utf-8", codecs.BOM_UTF8),
    "gbk": ("gbk", b""),
    "gb18030": ("gb18030", b""),
    "big5": ("big5", b""),
    "utf-16-le": ("utf-16-le", b""),
    "utf-16-be": ("utf-16-be", b""),
    "utf-16-le-bom": ("utf-16-le", codecs.BOM_UTF16_LE),
    "utf-16-be-bom": ("utf-16-be", codecs.BOM_UTF16_BE),
    "mixed": ("mixed", b""),  # records in turn UTF-8 and GB18030, as appended exports are
}

#: Rows of one INSERT statement.
_TOGETHER: Final = 100


def quoted(text: Any, *, style: str, delimiter: str) -> Any:
    """Cells as RFC 4180 writes them: all in quotes, only where needed, or never.

    >>> quoted(pa.array(["a,b", "c"]), style="minimal", delimiter=",").to_pylist()
    ['"a,b"', 'c']
    """
    if style == "never":
        return text
    doubled = pc.replace_substring(text, '"', '""')
    around = join(['"', doubled, '"'])
    if style == "all":
        return around
    needed = pc.match_substring_regex(text, '["\r\n]')
    needed = pc.or_(needed, pc.match_substring(text, delimiter))
    return pc.if_else(needed, around, text) if pc.any(needed).as_py() else text


def records(columns: Sequence[Cells], file: File) -> Any:
    """Each row as one string, line end included."""
    pieces: list[Any] = []
    for cells in columns:
        pieces += [quoted(cells.text, style=file.quote, delimiter=file.delimiter), file.delimiter]
    pieces[-1] = file.newline
    return join(pieces)


def heading(file: File) -> str:
    """The column names as one line, or what makes an SQL table of them, or nothing."""
    if file.format == "sql":
        names = ", ".join(f"`{name}` varchar(255)" for name, _ in file.columns)
        return f"CREATE TABLE `{PurePosixPath(file.path).stem}` ({names});{file.newline}"
    if not file.header or file.format not in {"table", "xlsx"}:
        return ""
    names = pa.array([name for name, _ in file.columns], pa.string())
    shown = quoted(names, style=file.quote, delimiter=file.delimiter).to_pylist()
    return file.delimiter.join(shown) + file.newline


def encoded(lines: Any, file: File, *, first: int) -> bytes:
    """The lines' bytes in the file's encoding; ``first`` is the number of the first one."""
    if file.encoding not in ENCODINGS:
        raise PiiscanError(f"{file.path}: encoding must be one of {', '.join(ENCODINGS)}")
    codec, _ = ENCODINGS[file.encoding]
    if codec == "mixed":
        turns = ("utf-8", "gb18030")
        return b"".join(
            line.encode(turns[(first + number) % 2])
            for number, line in enumerate(lines.to_pylist())
        )
    data = _buffer(lines)
    if codec == "utf-8":
        return data
    try:
        return data.decode("utf-8").encode(codec)
    except UnicodeEncodeError as error:
        sign = f"U+{ord(error.object[error.start]):04X}"
        raise PiiscanError(f"{file.path}: {codec} cannot write {sign}") from None


def _buffer(lines: Any) -> bytes:
    """The strings end to end, as UTF-8; their array holds them like that already."""
    if not len(lines):
        return b""
    offsets, data = lines.buffers()[1:]
    ends = memoryview(offsets).cast("i")
    return bytes(data[ends[lines.offset] : ends[lines.offset + len(lines)]])


def repeated(lines: Any, file: File, *, first: int) -> Any:
    """The lines with the heading before every ``repeat_header``-th one but the very first."""
    if not file.repeat_header:
        return lines
    out = []
    for number, line in enumerate(lines.to_pylist(), start=first):
        if number and number % file.repeat_header == 0:
            out.append(heading(file))
        out.append(line)
    return pa.array(out, pa.string())


def objects(columns: Sequence[Cells], file: File) -> Any:
    """Each row as one JSON object a line."""
    names = [name for name, _ in file.columns]
    rows = zip(*(cells.text.to_pylist() for cells in columns), strict=True)
    lines = (
        json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False) + "\n" for row in rows
    )
    return pa.array(lines, pa.string())


def statements(columns: Sequence[Cells], file: File) -> Any:
    """Each row as a line of an INSERT statement, which goes on over many of them."""
    pieces: list[Any] = ["("]
    for cells in columns:
        pieces += ["'", pc.replace_substring(cells.text, "'", "''"), "', "]
    pieces[-1] = "')"
    rows = join(pieces).to_pylist()
    begin = f"INSERT INTO `{PurePosixPath(file.path).stem}` VALUES "
    lines = []
    for number, row in enumerate(rows, 1):
        last = number == len(rows) or number % _TOGETHER == 0
        head = begin if (number - 1) % _TOGETHER == 0 else ""
        lines.append(f"{head}{row}{';' if last else ','}{file.newline}")
    return pa.array(lines, pa.string())


def sheet(chunks: Sequence[Sequence[Cells]], file: File) -> bytes:
    """A workbook with one sheet; columns named in ``numeric`` hold numbers where they can."""
    import xlsxwriter  # slow to import, and only one corpus wants it

    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as book:
        book.set_properties({"created": datetime(2023, 7, 12, tzinfo=UTC)})
        page = book.add_worksheet()
        row = 0
        for line in file.before:
            page.write_string(row, 0, line)
            row += 1
        names = [name for name, _ in file.columns]
        if file.header:
            page.write_row(row, 0, names)
            row += 1
        for columns in chunks:
            for place, (name, cells) in enumerate(zip(names, columns, strict=True)):
                _column(page, cells, place=place, row=row, numeric=name in file.numeric)
            row += len(columns[0])
    return out.getvalue()


def _column(page: Any, cells: Cells, *, place: int, row: int, numeric: bool) -> None:
    """Writes the cells below each other from ``row`` on."""
    for number, text in enumerate(cells.text.to_pylist()):
        write: Callable[..., Any] = page.write_string
        if numeric and text.isascii() and text.isdigit():
            page.write_number(row + number, place, float(text))
        elif text:
            write(row + number, place, text)
