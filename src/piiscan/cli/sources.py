"""``piiscan sources``: inputs that a scan can and cannot read, without scanning."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from piiscan.cli import error_messages, options, output, progress_bar
from piiscan.wording.words import Words

if TYPE_CHECKING:
    from piiscan.case.columns.source_survey import SourcePart


def sources(
    ctx: typer.Context,
    paths: Annotated[list[Path], typer.Argument(metavar="PATH", help="option.paths")],
    only: options.Only = None,
    skip: options.Skip = None,
    passwords: options.Passwords = None,
    coverage: Annotated[bool, typer.Option("--coverage", help="sources.coverage")] = False,
) -> None:
    """Print a line for each table and each unread part; exit code 1 if some cannot be read."""
    from piiscan.case.columns.source_survey import estimate, survey_coverage, survey_sources
    from piiscan.case.scan.tables.coverage_table import COVERAGE

    words = ctx.obj
    given = options.existing_paths(ctx, paths)
    with progress_bar.show_progress(words, "sources") as progress:
        parts = list(
            survey_sources(
                given,
                only=only or (),
                skip=skip or (),
                passwords=options.passwords_file(ctx, passwords),
                progress=progress,
            )
        )
    if coverage:
        shown = COVERAGE.columns
        output.print_table(
            [each.heading(words) for each in shown],
            [[each.text(row, words) for each in shown] for row in survey_coverage(parts)],
        )
        raise typer.Exit(error_messages.SOME_UNREAD if any(e.lost for e in parts) else 0)
    names = ("path", "kind", "encoding", "columns", "size", "note")
    output.print_table(
        [words(f"sources.{name}") for name in names], [_cells(each, words) for each in parts]
    )
    seconds, disk = estimate(parts, os.cpu_count() or 1)
    lost = sum(each.lost for each in parts)
    output.print_line(
        words(
            "sources.done",
            read=sum(bool(each.kind) for each in parts),
            lost=lost,
            minutes=max(1, round(seconds / 60)),
            disk=max(1, disk >> 20),
        )
    )
    if lost:
        raise typer.Exit(error_messages.SOME_UNREAD)


def _cells(part: SourcePart, words: Words) -> list[str | int]:
    """Return the cells of one line: place, kind, encoding, columns, bytes, and why unread."""
    place = f"{part.path}!{part.member}" if part.member else part.path
    if not part.reason:
        kind = words(f"file_class.{part.kind}")
        return [place, kind, part.encoding or "", part.columns or "", part.size or "", ""]
    kind = words("file_class.unread") if part.lost else ""
    reason = words.name("reasons", part.reason)
    detail = f" ({part.detail})" if part.detail else ""
    advice = part.advice(words)
    note = f"{reason}{detail}{' → ' * bool(advice)}{advice}"
    return [place, kind, "", "", part.size or "", note]
