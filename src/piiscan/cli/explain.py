"""``piiscan explain``: step by step, why a text gives what it gives."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from piiscan.cli import options, output

if TYPE_CHECKING:
    from datetime import date

    from piiscan.pages.explanation_text import Account, Line, Told
    from piiscan.pages.wording import Words

_MARKS = {"yes": "✓", "no": "✗", "open": "·"}


def explain(
    ctx: typer.Context,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="explain.text")],
    label: options.Label = None,
    json: Annotated[bool, typer.Option("--json", help="explain.json")] = False,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="explain.html")
    ] = None,
    reveal: Annotated[bool, typer.Option("--reveal", help="explain.reveal")] = False,
    min_score: options.MinScore = options.DEFAULT_MIN_SCORE,
    recognizers: options.Folder = None,
    as_of: options.AsOf = None,
) -> None:
    """Print folds, candidates, check steps, context, score, and why each was kept or refused."""
    if json and html is not None:
        raise options.refuse(ctx, "--json", "explain.both")
    if reveal and html is None:
        raise options.refuse(ctx, "--reveal", "explain.reveal_alone")
    from piiscan.detect.catalog.headers import label_of
    from piiscan.detect.explain import explain as explained
    from piiscan.finding import engine_for
    from piiscan.pages.explanation_page import explanation_json, render_explanation
    from piiscan.pages.explanation_text import account_of
    from piiscan.pages.wording import Words

    words, day = ctx.obj, options.day(as_of)
    output.announce_compiling(words)
    engine = engine_for(day, options.folder(ctx, recognizers))
    catalog = engine.catalog
    found = explained(engine, text, label_of(catalog, label), min_score=min_score)
    if json:
        output.write_json([explanation_json(found, catalog, header=label, as_of=day)])
    elif html is not None:
        import piiscan

        page = render_explanation(
            found,
            catalog,
            header=label,
            as_of=day,
            version=piiscan.__version__,
            language=words.language,
            masked=not reveal,
        )
        output.write_private(html, page.encode())
        output.tell(words("explain.written", path=html))
    else:
        named = Words(words.language, catalog.vocabulary)
        _tell(account_of(found, named, header=label, masked=False), named, day)


def _tell(account: Account, say: Words, as_of: date) -> None:
    read = "".join(f"【{piece}】" if span else piece for piece, span in account.read)
    facts = [("read", read), ("folded", account.folded)]
    if account.label is not None:
        facts.append(("label", account.label))
    facts.append(("as_of", as_of.isoformat()))
    facts.append(("line.outcome", say("explain.reported", count=account.reported)))
    for name, told in facts:
        output.tell(_named(say(f"explain.{name}"), told, say))
    if not account.told and not account.aside:
        output.tell(say("explain.nothing"))
    for number, each in enumerate(account.told, 1):
        _tell_one(number, each, say)
    if account.aside:
        output.tell("\n" + say("explain.aside", listed=account.aside))


def _tell_one(number: int, told: Told, say: Words) -> None:
    name = say("explain.name_and_id", title=told.title, id=told.id)
    output.tell(f"\n{number}. {told.before}【{told.span}】{told.after}")
    output.tell(f"   {name}")
    for line in told.lines:
        _tell_line(line, say)


def _tell_line(line: Line, say: Words) -> None:
    output.tell("   " + _named(say(f"explain.line.{line.name}"), line.text, say))
    for item in line.items:
        told = _named(item.title, item.told, say)
        passed = say(f"explain.passed.{item.mark}")
        output.tell(f"     {_MARKS[item.mark]} {told}{say('explain.separator')}{passed}")
        if item.rows:
            width = max(len(cell) for _, cells in item.rows for cell in cells)
            for name, cells in item.rows:
                aligned = " ".join(cell.rjust(width) for cell in cells)
                output.tell(f"         {aligned}  {name}")


def _named(name: str, told: str, say: Words) -> str:
    return f"{name}：{told}" if say.language == "zh" else f"{name}: {told}"
