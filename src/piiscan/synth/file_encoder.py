"""File encoder: rows as the bytes of a file, with quoting, separators, encodings and sheets."""

from __future__ import annotations

import codecs
import io
import json
import struct
import zlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from piiscan.errors import PiiscanError
from piiscan.synth.planted_cells import Cells, join_strings
from piiscan.synth.recipe import FileRecipe

#: Encodings by their name in recipes: Python's codec and the byte order mark.
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
    "mixed": ("mixed", b""),  # UTF-8 and GB18030 alternate, as in appended exports
}

#: Rows of one INSERT statement.
_ROWS_PER_INSERT: Final = 100


def quote_cells(text: Any, *, style: str, delimiter: str) -> Any:
    """Quote cells for CSV (RFC 4180) by ``style``: all, minimal or never.

    >>> quote_cells(pa.array(["a,b", "c"]), style="minimal", delimiter=",").to_pylist()
    ['"a,b"', 'c']
    """
    if style == "never":
        return text
    doubled = pc.replace_substring(text, '"', '""')
    in_quotes = join_strings(['"', doubled, '"'])
    if style == "all":
        return in_quotes
    needed = pc.match_substring_regex(text, '["\r\n]')
    needed = pc.or_(needed, pc.match_substring(text, delimiter))
    return pc.if_else(needed, in_quotes, text) if pc.any(needed).as_py() else text


def record_lines(columns: Sequence[Cells], file: FileRecipe) -> Any:
    """Return each row as one string, line end included."""
    pieces: list[Any] = []
    for cells in columns:
        pieces += [
            quote_cells(cells.text, style=file.quoting, delimiter=file.delimiter),
            file.delimiter,
        ]
    pieces[-1] = file.newline
    return join_strings(pieces)


def header_text(file: FileRecipe) -> str:
    """Return the column names as one line, an SQL CREATE TABLE statement, or ""."""
    if file.format == "sql":
        names = ", ".join(f"`{name}` varchar(255)" for name, _ in file.columns)
        return f"CREATE TABLE `{PurePosixPath(file.path).stem}` ({names});{file.newline}"
    if not file.header or file.format not in {"table", "xlsx"}:
        return ""
    names = pa.array([name for name, _ in file.columns], pa.string())
    quoted = quote_cells(names, style=file.quoting, delimiter=file.delimiter).to_pylist()
    return file.delimiter.join(quoted) + file.newline


def encode_lines(lines: Any, file: FileRecipe, *, first: int) -> bytes:
    """Encode lines in the file's encoding; ``first``: number of the first line.

    Raise PiiscanError if the encoding is unknown or lacks a character.
    """
    if file.encoding not in ENCODINGS:
        raise PiiscanError("encoding.unknown", file=file.path, encodings=tuple(ENCODINGS))
    codec, _ = ENCODINGS[file.encoding]
    if codec == "mixed":
        turns = ("utf-8", "gb18030")
        return b"".join(
            line.encode(turns[(first + number) % 2])
            for number, line in enumerate(lines.to_pylist())
        )
    data = _utf8_bytes(lines)
    if codec == "utf-8":
        return data
    try:
        return data.decode("utf-8").encode(codec)
    except UnicodeEncodeError as error:
        sign = f"U+{ord(error.object[error.start]):04X}"
        raise PiiscanError(
            "encoding.no_character", file=file.path, encoding=codec, character=sign
        ) from None


def _utf8_bytes(lines: Any) -> bytes:
    """Return the strings joined, as UTF-8, taken directly from the array's buffer."""
    if not len(lines):
        return b""
    offsets, data = lines.buffers()[1:]
    ends = memoryview(offsets).cast("i")
    return bytes(data[ends[lines.offset] : ends[lines.offset + len(lines)]])


def repeat_header(lines: Any, file: FileRecipe, *, first: int) -> Any:
    """Return the lines with the header inserted before every ``repeat_header``-th line.

    The first line of the file gets none.

    ``first``: number of the first line in the file.
    """
    if not file.repeat_header:
        return lines
    out = []
    for number, line in enumerate(lines.to_pylist(), start=first):
        if number and number % file.repeat_header == 0:
            out.append(header_text(file))
        out.append(line)
    return pa.array(out, pa.string())


def json_lines(columns: Sequence[Cells], file: FileRecipe) -> Any:
    """Return each row as one line of JSON."""
    names = [name for name, _ in file.columns]
    rows = zip(*(cells.text.to_pylist() for cells in columns), strict=True)
    lines = (
        json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False) + "\n" for row in rows
    )
    return pa.array(lines, pa.string())


def insert_lines(columns: Sequence[Cells], file: FileRecipe) -> Any:
    """Return each row as a line of an INSERT statement of up to 100 rows."""
    pieces: list[Any] = ["("]
    for cells in columns:
        pieces += ["'", pc.replace_substring(cells.text, "'", "''"), "', "]
    pieces[-1] = "')"
    rows = join_strings(pieces).to_pylist()
    begin = f"INSERT INTO `{PurePosixPath(file.path).stem}` VALUES "
    lines = []
    for number, row in enumerate(rows, 1):
        last = number == len(rows) or number % _ROWS_PER_INSERT == 0
        head = begin if (number - 1) % _ROWS_PER_INSERT == 0 else ""
        lines.append(f"{head}{row}{';' if last else ','}{file.newline}")
    return pa.array(lines, pa.string())


def workbook_bytes(chunks: Sequence[Sequence[Cells]], file: FileRecipe) -> bytes:
    """Return a workbook with one sheet; in columns listed in ``numeric``, digits become numbers."""
    import xlsxwriter  # slow to import, and few corpora need it

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
            for number, (name, cells) in enumerate(zip(names, columns, strict=True)):
                _write_column(page, cells, column=number, row=row, numeric=name in file.numeric)
            row += len(columns[0])
    return out.getvalue()


def _write_column(page: Any, cells: Cells, *, column: int, row: int, numeric: bool) -> None:
    """Write ``cells`` to sheet column ``column``, from ``row`` down."""
    for number, text in enumerate(cells.text.to_pylist()):
        write: Callable[..., Any] = page.write_string
        if numeric and text.isascii() and text.isdigit():
            page.write_number(row + number, column, float(text))
        elif text:
            write(row + number, column, text)


_DATE: Final = (2023 - 1980) << 9 | 7 << 5 | 12  # MS-DOS date of every member: 2023-07-12
_UTF8: Final = 0x800
_ENCRYPTED: Final = 0x1
_LOCAL: Final = "<4sHHHHHIIIHH"
_CENTRAL: Final = "<4sHHHHHHIIIHHHHHII"
_END: Final = "<4sHHHHIIH"


def pack_zip(members: Sequence[tuple[str, bytes]], *, names: str, encrypted: bool = False) -> bytes:
    """Return a zip archive of the (name, bytes) ``members`` (APPNOTE 6.3.9, deflate).

    ``names``: encoding of the member names. ``utf-8`` sets the UTF-8 flag; ``gbk`` does not, like
    Chinese Windows. ``encrypted`` sets the encryption flag although no member is encrypted; readers
    then ask for a password.

    >>> import io, zipfile
    >>> data = pack_zip([("名单.txt", b"x")], names="gbk")
    >>> zipfile.ZipFile(io.BytesIO(data), metadata_encoding="gbk").namelist()
    ['名单.txt']
    """
    flags = (_UTF8 if names == "utf-8" else 0) | (_ENCRYPTED if encrypted else 0)
    body, index = bytearray(), bytearray()
    for name, data in members:
        raw = name.encode(names)
        packer = zlib.compressobj(6, zlib.DEFLATED, -15)
        packed = packer.compress(data) + packer.flush()
        sizes = (zlib.crc32(data), len(packed), len(data))
        start = len(body)
        body += struct.pack(_LOCAL, b"PK\3\4", 20, flags, 8, 0, _DATE, *sizes, len(raw), 0)
        body += raw + packed
        index += struct.pack(
            _CENTRAL, b"PK\1\2", 20, 20, flags, 8, 0, _DATE, *sizes, len(raw), 0, 0, 0, 0, 0, start
        )
        index += raw
    end = struct.pack(_END, b"PK\5\6", 0, 0, len(members), len(members), len(index), len(body), 0)
    return bytes(body + index + end)
