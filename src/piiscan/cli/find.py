"""``piiscan find``: a text, or lines from stdin, to JSON lines."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from piiscan.cli import error_messages, options, output

if TYPE_CHECKING:
    import pyarrow as pa

_FIELDS: Final = (
    *("start", "end", "entity", "recognizer", "text", "value"),
    *("verdict", "score", "context", "role", "alternatives"),
)
#: Bytes read from stdin at a time; what is there already is answered without waiting for more.
_READ: Final = 1 << 20


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

    Of a credential only its presence: ``text`` and ``value`` are null.
    """
    from piiscan.finding import find_table
    from piiscan.masking.mask import withhold

    words = ctx.obj
    if text == "-":  # as every filter has it
        text = None
    if text is None and sys.stdin.isatty():
        output.note(words("find.waiting"))
    output.announce_compiling(words)
    asked: dict[str, Any] = {
        "label": label,
        "min_score": min_score,
        "names": not no_names,
        "rejected": rejected,
        "recognizers": options.folder(ctx, recognizers),
        "as_of": options.day(as_of),
    }
    fields = (*_FIELDS, "reason") if rejected else _FIELDS
    first = 1
    damaged: list[int] = []
    for texts in [[text]] if text is not None else _lines(damaged):
        found = find_table(texts, **asked)
        more = iter(_attributes(found, asked["as_of"]) if attributes else [{}] * len(found))
        output.write_json(
            {
                "line": first + index,
                **{name: row[name] for name in fields},
                **(row["told"] if row["text"] is not None else {key: {} for key in row["told"]}),
            }
            for index, rows in groupby(found.to_pylist(), key=itemgetter("index"))
            for row in withhold({**row, "told": next(more)} for row in rows)
        )
        first += len(texts)
    if damaged:
        output.note(words("find.damaged", count=len(damaged), line=damaged[0]))
        raise typer.Exit(error_messages.SOME_UNREAD)


def _attributes(found: pa.Table, as_of: date) -> list[dict[str, Any]]:
    """The key ``attributes`` for each finding, with what is known of its value."""
    from piiscan.detect.attributes import attribute_table

    columns = (found[name] for name in ("entity", "recognizer", "value"))
    rows = attribute_table(*columns, as_of=as_of).to_pylist()
    return [{"attributes": {k: v for k, v in row.items() if v is not None}} for row in rows]


def _lines(damaged: list[int]) -> Iterator[list[str]]:
    """Lines of stdin as they come, without their ends; numbers of undecodable ones to ``damaged``.

    A line is UTF-8 if it can be, else GB18030 (mixed streams are common); one that is neither is
    read with replacement characters.
    """
    source: Any = sys.stdin.buffer
    number, rest = 1, b""
    while True:
        piece = source.read1(_READ)
        whole = rest + piece
        *lines, rest = whole.split(b"\n")
        if not piece:
            lines, rest = ([rest] if rest else []), b""
        decoded = []
        for line in lines:
            text, exact = _decode(line, first=number == 1)
            decoded.append(text)
            if not exact:
                damaged.append(number)
            number += 1
        if decoded:
            yield decoded
        if not piece:
            return


def _decode(line: bytes, *, first: bool) -> tuple[str, bool]:
    line = line.removesuffix(b"\r")
    if first:
        line = line.removeprefix(b"\xef\xbb\xbf")
    for encoding in ("utf-8", "gb18030"):
        try:
            return line.decode(encoding), True
        except UnicodeDecodeError:
            continue
    return line.decode("utf-8", "replace"), False
