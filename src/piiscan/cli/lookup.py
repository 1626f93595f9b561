"""``piiscan lookup``: find values in a case."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import piiscan
from piiscan.cli import options, output
from piiscan.wording.words import Words

if TYPE_CHECKING:
    from piiscan.case.lookup.lookup import LookupResult

Values = Annotated[list[str] | None, typer.Argument(metavar="VALUE", help="lookup.values")]
Listed = Annotated[Path | None, typer.Option("--list", metavar="FILE", help="lookup.list")]
Key = Annotated[Path | None, typer.Option("--key", metavar="FILE", help="lookup.key")]
Tail = Annotated[list[str] | None, typer.Option("--tail", metavar="DIGITS", help="lookup.tail")]
Surname = Annotated[str | None, typer.Option("--surname", metavar="TEXT", help="lookup.surname")]
Region = Annotated[str | None, typer.Option("--region", metavar="TEXT", help="lookup.region")]
First = Annotated[
    datetime | None,
    typer.Option("--from", formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="lookup.first"),
]
Last = Annotated[
    datetime | None,
    typer.Option("--to", formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="lookup.last"),
]
Kinds = Annotated[list[str] | None, typer.Option("--kind", metavar="CODE", help="lookup.kind")]
Show = Annotated[bool, typer.Option("--show", help="lookup.show")]
Clear = Annotated[bool, typer.Option("--clear", help="lookup.clear")]
Pictures = Annotated[
    Path | None, typer.Option("-o", "--out", metavar="DIR", help="lookup.pictures")
]
Limit = Annotated[int, typer.Option("--limit", min=0, metavar="N", help="lookup.limit")]


def lookup(
    ctx: typer.Context,
    case: Annotated[Path, typer.Argument(metavar="DIR", help="lookup.case")],
    values: Values = None,
    list_: Listed = None,
    tail: Tail = None,
    surname: Surname = None,
    region: Region = None,
    first: First = None,
    last: Last = None,
    kind: Kinds = None,
    key: Key = None,
    reveal: Annotated[bool, typer.Option("--reveal", help="lookup.reveal")] = False,
    show: Show = False,
    clear: Clear = False,
    out: Pictures = None,
    limit: Limit = 100,
    format_: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help="lookup.format")
    ] = "terminal",
    recognizers: options.Folder = None,
    passwords: options.Passwords = None,
) -> None:
    """Print every location of the values in the case DIR."""
    from piiscan.case.store.case import Case

    options.check_choice(ctx, format_, ("terminal", "json", "csv"), "--format")
    for name, given in (("--clear", clear), ("--out", out is not None)):
        if given and not show:
            raise options.usage_error(ctx, name, "lookup.show_alone")
    if show and format_ == "csv":
        raise options.usage_error(ctx, "--format", "lookup.show_csv")
    opened = Case.open(case, key=key)
    found = piiscan.lookup(
        opened,
        _collect_values(ctx, values or [], list_, tail or []),
        key=key,
        surname=surname,
        region=region,
        since=first and first.date(),
        until=last and last.date(),
        kinds=[options.kind_code(ctx, opened, each) for each in kind or ()],
        limit=limit or None,
        reveal=reveal,
        show=show,
        clear=clear,
        pictures=out,
        recognizers=options.rule_folder(ctx, recognizers),
        passwords=options.passwords_file(ctx, passwords),
    )
    _print_result(found, format_, opened.words(ctx.obj.language))


def _collect_values(
    ctx: typer.Context, values: list[str], file: Path | None, tails: list[str]
) -> list[str]:
    """Return all values to look up, from arguments, stdin (``-``), the list file and endings."""
    from piiscan.case.lookup.query import parse_ending
    from piiscan.case.lookup.value_queries import read_values

    collected = []
    for value in values:
        lines = sys.stdin.read().splitlines() if value == "-" else [value]
        collected += [line for line in lines if line.strip()]
    if file is not None:
        collected += read_values(file)
    for number in tails:
        if parse_ending(f"尾号{number}") is None:
            raise options.usage_error(ctx, "--tail", "lookup.no_tail")
        collected.append(f"尾号{number}")
    if not collected:
        raise options.usage_error(ctx, "VALUE", "lookup.nothing")
    return collected


def _print_result(found: LookupResult, format_: str, words: Words) -> None:
    """Print the look-up answers to stdout as a table, CSV or JSON lines."""
    from piiscan.case.lookup.answers import answer_block, answer_json, answers_csv

    total = sum(row["count"] for row in found.totals)
    if format_ == "json":
        output.write_json(answer_json(row, found.queries, words) for row in found.rows)
    elif format_ == "csv":
        output.write_bytes(answers_csv(found.rows, found.queries, words))
    else:
        for row in found.rows:
            for line in answer_block(row, found.queries, words):
                output.print_line(line)
        _print_totals(found, words, total)
        return
    if total > len(found.rows):
        output.print_note(words("lookup.more", shown=len(found.rows), count=total))


def _print_totals(found: LookupResult, words: Words, total: int) -> None:
    """Print the totals per value, the values not found, and the number of rows not printed."""
    for row in found.totals[:50]:
        output.print_line(
            words(
                "lookup.total",
                asked=found.queries[row["number"]],
                entity=words.name("entities", row["entity"]),
                how=words(f"how.{row['how']}"),
                count=row["count"],
            )
        )
    answered = {row["number"] for row in found.totals}
    missing = [shown for number, shown in found.queries.items() if number not in answered]
    if missing:
        listed = words("register.comma").join(missing[:20])
        output.print_line(words("lookup.missing", count=len(missing), listed=listed))
        if not all("*" in shown for shown in missing):
            output.print_note(words("lookup.nicknames"))
    if total > len(found.rows):
        output.print_note(words("lookup.more", shown=len(found.rows), count=total))
