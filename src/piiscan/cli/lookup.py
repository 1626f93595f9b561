"""``piiscan lookup``: where values stand in a case."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from piiscan.cli import options, output
from piiscan.cli.wording import Wording

if TYPE_CHECKING:
    from piiscan.case.lookup.lookup import Found
    from piiscan.case.store.case import Case
    from piiscan.pages.wording import Words

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
    limit: Limit = 100,
    format_: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help="lookup.format")
    ] = "terminal",
    recognizers: options.Folder = None,
) -> None:
    """Print every place of the values in the case DIR."""
    from piiscan.case.lookup.lookup import lookup as run
    from piiscan.case.lookup.query import Narrowing
    from piiscan.case.store.case import Case

    options.choice(ctx, format_, ("terminal", "json", "csv"), "--format")
    opened = Case.open(case)
    narrowing = Narrowing(
        surname,
        region,
        first,
        last + timedelta(days=1) if last else None,  # the whole of that day
        tuple(_kind(ctx, opened, each) for each in kind or ()),
    )
    found = run(
        opened,
        _asked(ctx, values or [], list_, tail or []),
        key=key,
        narrowing=narrowing,
        limit=limit or None,
        reveal=reveal,
        recognizers=options.folder(ctx, recognizers),
    )
    _print(opened, found, format_, ctx.obj)


def _asked(ctx: typer.Context, values: list[str], file: Path | None, tails: list[str]) -> list[str]:
    """Everything asked for: arguments, lines of stdin for ``-``, a list, endings."""
    from piiscan.case.lookup.query import tail_of
    from piiscan.case.lookup.value_file import listed_values

    asked = []
    for value in values:
        lines = sys.stdin.read().splitlines() if value == "-" else [value]
        asked += [line for line in lines if line.strip()]
    if file is not None:
        asked += listed_values(file)
    for number in tails:
        if tail_of(f"尾号{number}") is None:
            raise options.refuse(ctx, "--tail", "lookup.no_tail")
        asked.append(f"尾号{number}")
    if not asked:
        raise options.refuse(ctx, "VALUE", "lookup.nothing")
    return asked


def _kind(ctx: typer.Context, case: Case, name: str) -> str:
    """The code of a kind given by code or by name."""
    known = case.manifest.content["vocabulary"].get("entities", {})
    for code, names in known.items():
        if name.casefold() in {code.casefold(), *(str(each).casefold() for each in names.values())}:
            return str(code)
    raise options.refuse(ctx, "--kind", "lookup.no_kind")


def _print(case: Case, found: Found, format_: str, words: Wording) -> None:
    from piiscan.case.lookup.answers import COLUMNS, answer_json, answers_csv, cells
    from piiscan.case.store.case_words import words_of

    named = words_of(case, words.language)
    total = sum(row["count"] for row in found.totals)
    if format_ == "json":
        output.write_json(answer_json(row, found.asked) for row in found.rows)
    elif format_ == "csv":
        output.write(answers_csv(found.rows, found.asked, named))
    else:
        if found.rows:
            rows = [cells(row, found.asked, named) for row in found.rows]
            used = [name for name in COLUMNS if any(row[name] != "" for row in rows)]
            headings = [named(f"asked.{name}") for name in used]
            output.table(headings, [[str(row[name]) for name in used] for row in rows])
        _tell(found, named, words, total)
        return
    if total > len(found.rows):
        output.note(words("lookup.more", shown=len(found.rows), count=total))


def _tell(found: Found, named: Words, words: Wording, total: int) -> None:
    """What was found, in numbers."""
    for row in found.totals[:50]:
        output.tell(
            words(
                "lookup.total",
                asked=found.asked[row["number"]],
                entity=named.name("entities", row["entity"]),
                how=named(f"how.{row['how']}"),
                count=row["count"],
            )
        )
    answered = {row["number"] for row in found.totals}
    missing = [shown for number, shown in found.asked.items() if number not in answered]
    if missing:
        listed = words("register.comma").join(missing[:20])
        output.tell(words("lookup.missing", count=len(missing), listed=listed))
    if total > len(found.rows):
        output.note(words("lookup.more", shown=len(found.rows), count=total))
