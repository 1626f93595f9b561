"""``piiscan find``: print the findings of a text, or of lines from stdin, as JSON lines."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

import piiscan
from piiscan.cli import error_messages, options, output

if TYPE_CHECKING:
    import pyarrow as pa

_JSON_FIELDS: Final = (
    *("start", "end", "entity", "recognizer", "text", "value"),
    *("verdict", "score", "context", "role", "alternatives"),
)
#: Most bytes per read from stdin; available lines are answered without waiting for more.
_READ_SIZE: Final = 1 << 20


def find(
    ctx: typer.Context,
    text: Annotated[str | None, typer.Argument(metavar="TEXT", help="find.text")] = None,
    label: options.Label = None,
    min_score: options.MinScore = options.DEFAULT_MIN_SCORE,
    no_names: options.NoNames = False,
    rejected: Annotated[bool, typer.Option("--rejected", help="find.rejected")] = False,
    attributes: Annotated[bool, typer.Option("--attributes", help="find.attributes")] = False,
    recognizers: options.Folder = None,
    as_of: options.AsOf = None,
) -> None:
    """Print every finding in TEXT, or in each line of stdin, as a JSON line.

    For a credential only its presence is printed: ``text`` and ``value`` are null.
    """
    from piiscan.masking.mask import hide_secrets

    words = ctx.obj
    if text == "-":  # the usual sign for stdin
        text = None
    if text is None and sys.stdin.isatty():
        output.print_note(words("find.waiting"))
    settings: dict[str, Any] = {
        "label": label,
        "min_score": min_score,
        "names": not no_names,
        "rejected": rejected,
        "recognizers": options.existing_folder(ctx, recognizers),
        "as_of": options.as_of_day(as_of),
    }
    fields = (*_JSON_FIELDS, "reason") if rejected else _JSON_FIELDS
    first = 1
    damaged: list[int] = []
    for texts in [[text]] if text is not None else _read_lines(damaged):
        found = piiscan.find_table(texts, **settings)
        attribute_rows = iter(
            _attributes(found, settings["as_of"]) if attributes else [{}] * len(found)
        )
        output.write_json(
            {
                "line": first + index,
                **{name: row[name] for name in fields},
                **(row["told"] if row["text"] is not None else {key: {} for key in row["told"]}),
            }
            for index, rows in groupby(found.to_pylist(), key=itemgetter("index"))
            for row in hide_secrets({**row, "told": next(attribute_rows)} for row in rows)
        )
        first += len(texts)
    if damaged:
        output.print_note(words("find.damaged", count=len(damaged), line=damaged[0]))
        raise typer.Exit(error_messages.SOME_UNREAD)


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
