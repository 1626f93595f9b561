"""``piiscan explain``: explain step by step why a text has its findings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from piiscan.cli import options, output

if TYPE_CHECKING:
    from datetime import date

    from piiscan.pages.explanation_text import DetailLine, ExplanationText
    from piiscan.wording.words import Words

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
    """Print folds, candidates, check steps, context, score and outcome of each candidate."""
    if json and html is not None:
        raise options.usage_error(ctx, "--json", "explain.both")
    if reveal and html is None:
        raise options.usage_error(ctx, "--reveal", "explain.reveal_alone")
    options.output_file(ctx, html, "--html")
    from piiscan.detect.catalog.headers import label_of
    from piiscan.detect.explain import explain as explained
    from piiscan.finding import engine_for
    from piiscan.pages.explanation_page import explanation_json, render_explanation
    from piiscan.pages.explanation_text import explanation_text
    from piiscan.wording.words import Words

    words, day = ctx.obj, options.as_of_day(as_of)
    engine = engine_for(day, options.rule_folder(ctx, recognizers))
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
        output.print_line(words("explain.written", path=html))
    else:
        words = Words(words.language, catalog.vocabulary)
        _print_explanation(explanation_text(found, words, header=label, masked=False), words, day)


def _print_explanation(explanation: ExplanationText, words: Words, as_of: date) -> None:
    """Print the text, its label, every candidate and the changes of names to stdout."""
    read = "".join(f"【{piece}】" if span else piece for piece, span in explanation.read)
    facts = [("read", read), ("folded", explanation.folded)]
    if explanation.label is not None:
        facts.append(("label", explanation.label))
    facts.append(("as_of", as_of.isoformat()))
    facts.append(("line.outcome", words("explain.reported", count=explanation.reported)))
    for name, text in facts:
        output.print_line(_with_name(words(f"explain.{name}"), text, words))
    if not explanation.told and not explanation.aside:
        output.print_line(words("explain.nothing"))
    for number, each in enumerate(explanation.told, 1):
        name = words("explain.name_and_id", title=each.title, id=each.id)
        output.print_line(f"\n{number}. {each.before}【{each.span}】{each.after}")
        output.print_line(f"   {name}")
        for line in each.lines:
            _print_line(line, words)
    if explanation.name_changes:
        output.print_line("\n" + words("explain.name_changes"))
        for change in explanation.name_changes:
            output.print_line(f"   {change}")
    if explanation.aside:
        output.print_line("\n" + words("explain.aside", listed=explanation.aside))


def _print_line(line: DetailLine, words: Words) -> None:
    """Print one detail line of a candidate, then its check steps, to stdout."""
    output.print_line("   " + _with_name(words(f"explain.line.{line.name}"), line.text, words))
    for item in line.items:
        text = _with_name(item.title, item.told, words)
        passed = words(f"explain.passed.{item.mark}")
        output.print_line(f"     {_MARKS[item.mark]} {text}{words('explain.separator')}{passed}")
        if item.rows:
            width = max(len(cell) for _, cells in item.rows for cell in cells)
            for name, cells in item.rows:
                aligned = " ".join(cell.rjust(width) for cell in cells)
                output.print_line(f"         {aligned}  {name}")


def _with_name(name: str, text: str, words: Words) -> str:
    """Return ``name：text`` in Chinese, ``name: text`` in English."""
    return f"{name}：{text}" if words.language == "zh" else f"{name}: {text}"
