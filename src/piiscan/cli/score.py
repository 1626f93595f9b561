"""``piiscan score``: precision, recall and F1 on labelled texts."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from piiscan.cli import options, output
from piiscan.wording.words import Words

if TYPE_CHECKING:
    from piiscan.score import Scores

_FORMATS: Final = ("terminal", "json")
_MATCH_MODES: Final = ("strict", "overlap", "char")


def score(
    ctx: typer.Context,
    gold: Annotated[Path, typer.Argument(metavar="GOLD.jsonl", help="score.gold")],
    pred: Annotated[Path | None, typer.Option("--pred", metavar="FILE", help="score.pred")] = None,
    types: Annotated[str, typer.Option("--types", metavar="A,B", help="score.types")] = "",
    merge: Annotated[
        list[str] | None, typer.Option("--merge", "--map", metavar="A=B", help="score.merge")
    ] = None,
    form: Annotated[
        str, typer.Option("--format", metavar="terminal|json", help="score.format")
    ] = "terminal",
    errors: Annotated[
        Path | None, typer.Option("--errors", metavar="FILE", help="score.errors")
    ] = None,
    min_score: options.MinScore = options.DEFAULT_MIN_SCORE,
    no_names: options.NoNames = False,
    recognizers: options.Folder = None,
    as_of: options.AsOf = None,
) -> None:
    """Print strict, overlap and character scores of --pred, or of piiscan itself."""
    from piiscan.finding import find_all
    from piiscan.score import score_with_mistakes

    options.existing_paths(ctx, [gold], "GOLD.jsonl")
    options.output_file(ctx, errors, "--errors")
    options.check_choice(ctx, form, _FORMATS, "--format")
    if pred is not None:
        options.existing_paths(ctx, [pred], "--pred")
    predict = partial(
        find_all,
        min_score=min_score,
        names=not no_names,
        recognizers=options.rule_folder(ctx, recognizers),
        as_of=options.as_of_day(as_of),
    )
    words: Words = ctx.obj
    wanted = [name.strip() for name in types.split(",") if name.strip()]
    scores, mistakes = score_with_mistakes(
        gold, pred or predict, merge=_parse_pairs(ctx, merge or []), types=wanted or None
    )
    if errors is not None:
        from piiscan.pages.error_page import render_mistakes

        page = render_mistakes(gold.name, scores, mistakes, language=words.language)
        output.write_private(errors, page.encode())
        output.print_note(words("score.written", path=errors))
    if form == "json":
        output.write_json([scores.to_dict()])
    else:
        _print_scores(scores, words)


def _parse_pairs(ctx: typer.Context, texts: list[str]) -> dict[str, str]:
    """Return A -> B of the options ``A=B,C=D``; raise a usage error for any other text."""
    pairs = {}
    for each in ",".join(texts).split(","):
        old, equals, new = each.strip().partition("=")
        if each.strip() and not (old and equals and new):
            raise options.usage_error(ctx, "--merge", "usage.kind", kind="A=B")
        if equals:
            pairs[old] = new
    return pairs


def _print_scores(scores: Scores, words: Words) -> None:
    """Print precision, recall and F1 as a table with one row per entity type."""
    headings = [words("score.type"), "TP", "FP", "FN", "P", "R"]
    headings += [words(f"score.{way}") for way in _MATCH_MODES]
    rows = []
    for kind in scores.types():
        strict = scores.strict[kind]
        shares = [strict.precision, strict.recall]
        shares += [getattr(scores, way)[kind].f1 for way in _MATCH_MODES]
        counts = [strict.tp, strict.fp, strict.fn]
        rows.append([kind, *counts, *(f"{share:.4f}" for share in shares)])
    output.print_table(headings, rows)
    output.print_line(words("score.texts", count=scores.texts))
