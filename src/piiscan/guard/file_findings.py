"""File findings: personal information in files without a case, with file, line and column.

Lines of many small texts are searched in one call; lists, workbooks, documents and archives are
opened by their readers and searched by columns, as a scan does.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa

from piiscan.arguments import Paths, checked, existing_or_none, existing_paths
from piiscan.detect.columns.header_names import count_header_names
from piiscan.errors import failure_place, is_machine_error
from piiscan.finding import check_options, engine_for
from piiscan.sources.archives.read_options import READ_ALL, ReadOptions, read_passwords
from piiscan.sources.block import Block, Table, Trouble
from piiscan.sources.content import file_content
from piiscan.sources.encoding.detector import CODECS
from piiscan.sources.plain_lines import is_unknown_binary, read_plain_lines
from piiscan.sources.selection import EVERYTHING
from piiscan.sources.texts.decoded_cells import CellDecoder
from piiscan.tabular.column_overrides import ColumnOverrides
from piiscan.tabular.layout import TableLayout
from piiscan.tabular.search import TableSearch, find_hits
from piiscan.tabular.typed_table import open_source, type_table

#: Lines of small texts that are searched in one call.
_BATCH_LINES: Final = 100_000
#: Encodings of whole files in which bytes 10 are line ends.
_LINED: Final = ("utf-8", "gb18030", "big5")
#: Extensions of files that are opened without a look for plain lines; it only saves the look.
_TABLES: Final = (".csv", ".tsv")


class InputFile(NamedTuple):
    """File to read, and its path for people."""

    path: Path
    display: str


@dataclass(frozen=True, slots=True)
class FileFinding:
    """Finding in a file; its repr contains no value.

    ``part``: member of an archive, sheet and the like; "" for the file itself. ``row``: number of
    the record in its part. ``line``: number of the line in the file, None where it has no lines.
    ``offset``: code points before the finding in that line, None if it stands there in other
    letters (base64) or is in a part. ``start``, ``end``: code points in the cell.
    """

    file: str
    part: str
    row: int
    line: int | None
    offset: int | None
    column: str | None
    start: int
    end: int
    entity: str
    recognizer: str
    text: str = field(repr=False)
    value: str = field(repr=False)
    verdict: str
    score: float
    context: str | None = field(repr=False)
    role: str | None
    line_text: str = field(default="", repr=False)


class FilesFound(NamedTuple):
    """Findings in files, in their order, and the parts that were not read."""

    findings: list[FileFinding]
    unread: list[Trouble]


@checked
def find_files(
    paths: Paths,
    min_score: float = 0.5,
    names: bool = True,
    *,
    as_of: datetime.date | None = None,
    recognizers: str | Path | None = None,
    passwords: str | Path | None = None,
) -> FilesFound:
    """Return the findings in files of any format, and the parts that were not read.

    No case is made. Columns are typed as in a scan; an archive is opened, a folder is not.

    Args:
        paths: files to read.
        min_score, names, as_of, recognizers: as for :func:`piiscan.find_table`.
        passwords: file of passwords to try on encrypted files.

    Raises:
        CatalogError: a rule is invalid.
        MissingPathError: a file does not exist.

    >>> find_files('LICENSE', names=False).findings
    []
    """
    check_options(min_score, names)
    engine = engine_for(as_of or datetime.date.today(), recognizers)
    options = ReadOptions(passwords=read_passwords(existing_or_none(passwords)))
    search = TableSearch(engine, min_score, names, reveal=True)
    files = [InputFile(path, path.as_posix()) for path in existing_paths(paths)]
    return search_files(files, search, options)


def search_files(
    files: Iterable[InputFile],
    search: TableSearch,
    options: ReadOptions = READ_ALL,
    *,
    pictures: bool = True,
    binaries: bool = True,
) -> FilesFound:
    """Return the findings in ``files`` in their order, and Troubles with ``file!part`` as member.

    ``pictures``: False to name pictures and leave them unread. ``binaries``: False to name files of
    no known format, in whose bytes texts would be looked for.
    """
    found: list[tuple[int, FileFinding]] = []
    unread: list[Trouble] = []
    count_names = partial(count_header_names, search.engine.catalog)
    waiting: list[tuple[int, str, list[str]]] = []
    lines_waiting = 0
    takes = partial(options.selection.takes, container=False)
    keyed = not search.names and options.selection == EVERYTHING
    for number, file in enumerate(files):
        lines = None
        try:
            content = file_content(file.path)
            if not binaries and is_unknown_binary(content):
                reason = "BINARY" if takes("", file.display) else "SKIPPED"
                unread.append(Trouble(file.display, reason, lost=reason == "BINARY"))
                continue
            if file.path.suffix.lower() not in _TABLES and takes("text", file.display):
                lines = read_plain_lines(content, count_names, keyed=keyed)
        except OSError as error:
            unread.append(Trouble(file.display, "UNREADABLE", error.strerror or ""))
            continue
        if lines is None:
            for item in _search_tables(file, search, options, pictures=pictures):
                if isinstance(item, Trouble):
                    unread.append(item)
                else:
                    found.append((number, item))
            continue
        waiting.append((number, file.display, lines))
        lines_waiting += len(lines)
        if lines_waiting >= _BATCH_LINES:
            found += _search_lines(waiting, search)
            waiting, lines_waiting = [], 0
    if waiting:
        found += _search_lines(waiting, search)
    found.sort(key=lambda each: each[0])
    return FilesFound([each for _, each in found], unread)


def _search_lines(
    texts: Sequence[tuple[int, str, list[str]]], search: TableSearch
) -> Iterator[tuple[int, FileFinding]]:
    """Yield (number, finding) for the lines of several files, searched in one call.

    ``texts``: number, path and lines of each file.
    """
    lines: list[str] = []
    firsts = []
    for _, _, each in texts:
        firsts.append(len(lines))
        lines += each
        lines.append("")  # no table goes on in the next file
    rows = np.arange(len(lines))
    raw = Block([pa.array(lines, pa.string())], rows, None, None, None, split=False)
    block = CellDecoder(frozenset(), sql=False).block(raw)
    for at, _, _, row in _rows(block, TableLayout(0, 0, "", ()), search):
        owner = int(np.searchsorted(firsts, at, side="right")) - 1
        number, display, _ = texts[owner]
        line = lines[at]
        exact = row["text"] == line[row["start"] : row["end"]]
        yield (
            number,
            FileFinding(
                file=display,
                part="",
                row=at - firsts[owner] + 1,
                line=at - firsts[owner] + 1,
                offset=row["start"] if exact else None,
                column=None,
                line_text=line,
                **row,
            ),
        )


def _rows(
    block: Block, layout: TableLayout, search: TableSearch
) -> Iterator[tuple[int, int, int, dict[str, Any]]]:
    """Yield (record, column, byte offset, fields of a FileFinding) for the findings in a block.

    The byte offset is -1 if it is unknown.
    """
    books = search.code_books()
    hits = find_hits(block, layout, search, books)
    words = {
        name: [None, *getattr(books, name).codes]
        for name in ("entity", "recognizer", "verdict", "context", "role")
    }
    assert hits.text is not None  # search.reveal
    texts, values = hits.text.to_pylist(), hits.value.to_pylist()
    for at in range(len(hits)):
        fields = {name: named[int(getattr(hits, name)[at]) + 1] for name, named in words.items()}
        fields |= {"start": int(hits.start[at]), "end": int(hits.end[at])}
        fields |= {"text": texts[at], "value": values[at], "score": float(hits.score[at])}
        yield int(hits.record[at]), int(hits.column[at]), int(hits.byte_offset[at]), fields


def _search_tables(
    file: InputFile, search: TableSearch, options: ReadOptions, *, pictures: bool
) -> Iterator[FileFinding | Trouble]:
    """Yield the findings in the tables of one file, and a Trouble for each part not read."""
    tables = open_source(
        file.path, search.engine.catalog, options=options, display=file.display, peek=not pictures
    )
    file_lines = _FileLines(file.path)
    for table in tables:
        if isinstance(table, Trouble):
            yield _named(table, file)
            continue
        try:
            yield from _search_table(table, file, search, file_lines)
        except Exception as error:  # one bad table must not cost the others
            if is_machine_error(error):
                raise
            yield _named(Trouble(table.member, "READER_FAILED", failure_place(error)), file)


def _named(trouble: Trouble, file: InputFile) -> Trouble:
    """Return a Trouble whose member begins with the path of its file."""
    member = f"{file.display}!{trouble.member}" if trouble.member else file.display
    return replace(trouble, member=member)


def _search_table(
    table: Table, file: InputFile, search: TableSearch, file_lines: _FileLines
) -> Iterator[FileFinding | Trouble]:
    """Yield the findings of a table and its siblings."""
    tables = (table, *table.siblings)
    layouts = [
        type_table(0, part, each, search.engine, ColumnOverrides(), file.display).layout
        for part, each in enumerate(tables)
    ]
    for block in table.blocks():
        if isinstance(block, Trouble):
            yield _named(block, file)
            continue
        layout, owner = layouts[block.table], tables[block.table]
        for record, column, place, row in _rows(block, layout, search):
            line, offset, text = None, None, ""
            if block.lines is not None and (not owner.member or owner.kind == "sql"):
                line = int(block.lines[record]) or None
            if line is not None and owner.encoding in _LINED:
                line, offset, text = file_lines.locate(line, place, owner.encoding)
            yield FileFinding(
                file=file.display,
                part=owner.member,
                row=int(block.rows[record]),
                line=line,
                offset=offset,
                column=layout.column(column).header,
                line_text=text,
                **row,
            )
    yield from (_named(each, file) for each in table.troubles)


class _FileLines:
    """Lines of one file on disk, read when the first finding asks for its line."""

    def __init__(self, path: Path) -> None:
        """Take the file at ``path``."""
        self._path = path
        self._data = b""
        self._starts = np.zeros(0, np.int64)

    def locate(self, line: int, place: int, encoding: str) -> tuple[int, int | None, str]:
        """Return line, code points before the finding in it, and the text of the line.

        ``line``: on which its record begins. ``place``: its first byte, -1 if that is unknown.
        """
        if not self._starts.size:
            self._data = self._path.read_bytes()
            ends = np.flatnonzero(np.frombuffer(self._data, np.uint8) == 10) + 1
            self._starts = np.concatenate([[0], ends, [len(self._data)]])
        if place >= 0:
            line = int(np.searchsorted(self._starts, place, side="right"))
        if not 0 < line < self._starts.size:
            return line, None, ""
        start, end = (int(each) for each in self._starts[line - 1 : line + 1])
        codec = CODECS[encoding]
        text = self._data[start:end].decode(codec, "replace").rstrip("\r\n")
        if place < 0:
            return line, None, text
        return line, len(self._data[start:place].decode(codec, "replace")), text
