"""``piiscan find``: print the findings of files, texts, or lines from stdin, as JSON lines."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

import piiscan
from piiscan.cli import error_messages, options, output
from piiscan.wording.words import Words

if TYPE_CHECKING:
    import pyarrow as pa

_JSON_FIELDS: Final = (
    *("start", "end", "entity", "recognizer", "text", "value"),
    *("verdict", "score", "context", "role", "alternatives"),
)
_FILE_FIELDS: Final = (
    *("file", "part", "line", "row", "column", "start", "end", "entity", "recognizer"),
    *("text", "value", "verdict", "score", "context", "role"),
)
#: Most bytes per read from stdin; available lines are answered without waiting for more.
_READ_SIZE: Final = 1 << 20


def find(
    ctx: typer.Context,
    files: Annotated[list[Path] | None, typer.Argument(metavar="FILE", help="find.files")] = None,
    texts: Annotated[
        list[str] | None, typer.Option("-e", "--text", metavar="TEXT", help="find.text")
    ] = None,
    label: options.Label = None,
    min_score: options.MinScore = options.DEFAULT_MIN_SCORE,
    no_names: options.NoNames = False,
    rejected: Annotated[bool, typer.Option("--rejected", help="find.rejected")] = False,
    attributes: Annotated[bool, typer.Option("--attributes", help="find.attributes")] = False,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="find.exit_code")] = False,
    count: Annotated[bool, typer.Option("--count", help="find.count")] = False,
    recognizers: options.Folder = None,
    as_of: options.AsOf = None,
) -> None:
    """Print every finding in the texts, each line of stdin and each FILE as a JSON line.

    For a credential only its presence is printed: ``text`` and ``value`` are null.
    """
    words = ctx.obj
    paths = files or []
    stdin = Path("-") in paths or not (paths or texts)
    named = _existing_files(ctx, [path for path in paths if path != Path("-")])
    for name, given in (("--label", label is not None), ("--rejected", rejected)):
        if named and given:
            raise options.usage_error(ctx, name, "find.lines_alone")
    if stdin and sys.stdin.isatty():
        output.print_note(words("find.waiting"))
    settings: dict[str, Any] = {
        "min_score": min_score,
        "names": not no_names,
        "recognizers": options.rule_folder(ctx, recognizers),
        "as_of": options.as_of_day(as_of),
    }
    damaged: list[int] = []
    found = unread = 0
    batches = itertools.chain([texts] if texts else [], _read_lines(damaged) if stdin else [])
    lines = _line_records(batches, {**settings, "label": label, "rejected": rejected}, attributes)
    for records in itertools.chain(lines, _file_records(named, settings, attributes, words)):
        if isinstance(records, int):
            unread += records
            continue
        found += len(records)
        if not count:
            output.write_json(records)
    if count:
        output.print_line(str(found))
    if damaged:
        output.print_note(words("find.damaged", count=len(damaged), line=damaged[0]))
    if exit_code and found:
        raise typer.Exit(error_messages.FOUND)
    if damaged or unread:
        raise typer.Exit(error_messages.SOME_UNREAD)


def _existing_files(ctx: typer.Context, paths: list[Path]) -> list[Path]:
    """Return the paths; raise a usage error, which names ``-e``, if one is no file."""
    for path in paths:
        if path.is_dir() or not path.exists():
            key = "find.folder" if path.is_dir() else "find.no_file"
            raise options.usage_error(ctx, "FILE", key, path=path)
    return paths


def _line_records(
    batches: Iterable[list[str]], settings: dict[str, Any], attributes: bool
) -> Iterator[list[dict[str, Any]]]:
    """Yield the findings of each list of lines as records to print."""
    from piiscan.masking.mask import hide_secrets

    fields = (*_JSON_FIELDS, "reason") if settings["rejected"] else _JSON_FIELDS
    first = 1
    for texts in batches:
        found = piiscan.find_table(texts, **settings)
        attribute_rows = iter(
            _attributes(found, settings["as_of"]) if attributes else [{}] * len(found)
        )
        yield [
            {
                "line": first + index,
                **{name: row[name] for name in fields},
                **(row["told"] if row["text"] is not None else {key: {} for key in row["told"]}),
            }
            for index, rows in groupby(found.to_pylist(), key=itemgetter("index"))
            for row in hide_secrets({**row, "told": next(attribute_rows)} for row in rows)
        ]
        first += len(texts)


def _file_records(
    files: list[Path], settings: dict[str, Any], attributes: bool, words: Words
) -> Iterator[list[dict[str, Any]] | int]:
    """Yield the findings of each file as records to print, and the number of its unread parts."""
    import pyarrow as pa

    from piiscan.masking.mask import SECRET

    for file in files:
        result = piiscan.find_files(file, **settings)
        told: list[dict[str, Any]] = [{} for _ in result.findings]
        if attributes and told:
            names = ("entity", "recognizer", "value")
            columns = [pa.array([getattr(f, name) for f in result.findings]) for name in names]
            told = _attributes(pa.table(columns, names), settings["as_of"])
        records = []
        for finding, more in zip(result.findings, told, strict=True):
            record = {name: getattr(finding, name) for name in _FILE_FIELDS} | more
            if finding.entity == SECRET:
                record |= {"text": None, "value": None} | {key: {} for key in more}
            records.append(record)
        yield records
        lost = [each for each in result.unread if each.lost]
        output.print_unread(lost, words)
        yield len(lost)


def _attributes(found: pa.Table, as_of: date) -> list[dict[str, Any]]:
    """Return per finding ``{"attributes": {…}}`` with the attributes known of its value."""
    from piiscan.detect.attributes import attribute_table

    columns = (found[name] for name in ("entity", "recognizer", "value"))
    rows = attribute_table(*columns, as_of=as_of).to_pylist()
    return [{"attributes": {k: v for k, v in row.items() if v is not None}} for row in rows]


def _read_lines(damaged: list[int]) -> Iterator[list[str]]:
    """Yield lists of decoded lines from stdin, each as soon as it arrives.

    Add numbers of undecodable lines to ``damaged``. A line is UTF-8 if it can be, else GB18030;
    mixed streams are common. A line that is neither is read with replacement characters.
    """
    source: Any = sys.stdin.buffer
    number, rest = 1, b""
    while True:
        piece = source.read1(_READ_SIZE)
        buffered = rest + piece
        *lines, rest = buffered.split(b"\n")
        if not piece:
            lines, rest = ([rest] if rest else []), b""
        decoded = []
        for line in lines:
            text, exact = _decode_line(line, first=number == 1)
            decoded.append(text)
            if not exact:
                damaged.append(number)
            number += 1
        if decoded:
            yield decoded
        if not piece:
            return


def _decode_line(line: bytes, *, first: bool) -> tuple[str, bool]:
    """Return a line decoded from UTF-8 or GB18030, and False if characters were replaced."""
    line = line.removesuffix(b"\r")
    if first:
        line = line.removeprefix(b"\xef\xbb\xbf")
    for encoding in ("utf-8", "gb18030"):
        try:
            return line.decode(encoding), True
        except UnicodeDecodeError:
            continue
    return line.decode("utf-8", "replace"), False
