"""``piiscan scan``: scan files and folders into a case."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import piiscan
from piiscan.cli import error_messages, options, output, progress_bar
from piiscan.wording.words import Words

if TYPE_CHECKING:
    from piiscan.case.store.case import Case

Key = Annotated[Path | None, typer.Option("--key", metavar="FILE", help="scan.key")]
Operator = Annotated[str, typer.Option("--operator", metavar="NAME", help="scan.operator")]
Number = Annotated[str, typer.Option("--case-number", metavar="TEXT", help="scan.case_number")]
Corrected = Annotated[Path | None, typer.Option("--columns", metavar="XLSX", help="scan.columns")]
Registered = Annotated[
    Path | None, typer.Option("--register", metavar="XLSX", help="scan.register")
]
Workers = Annotated[
    int | None, typer.Option("--workers", min=1, metavar="N", help="option.workers")
]


def scan(
    ctx: typer.Context,
    paths: Annotated[list[Path], typer.Argument(metavar="PATH", help="option.paths")],
    case: Annotated[Path, typer.Option("-o", "--case", metavar="DIR", help="scan.case")],
    as_of: options.AsOf = None,
    key: Key = None,
    operator: Operator = "",
    case_number: Number = "",
    reveal: Annotated[bool, typer.Option("--reveal", help="scan.reveal")] = False,
    columns: Corrected = None,
    register: Registered = None,
    recognizers: options.Folder = None,
    min_score: options.MinScore = options.DEFAULT_MIN_SCORE,
    no_names: options.NoNames = False,
    only: options.Only = None,
    skip: options.Skip = None,
    passwords: options.Passwords = None,
    raw: options.Raw = False,
    whole_case: Annotated[bool, typer.Option("--whole-case", help="scan.whole_case")] = False,
    workers: Workers = None,
    log: options.LogFile = None,
    part: Annotated[str | None, typer.Option("--part", metavar="N/OF", help="scan.part")] = None,
    listing: Annotated[
        Path | None, typer.Option("--listing", metavar="FILE", help="scan.listing")
    ] = None,
) -> None:
    """Scan every PATH into the case DIR; exit code 1 if some input was not read."""
    words = ctx.obj
    given = options.existing_paths(ctx, paths, stored=True)
    settings: dict[str, Any] = {
        "as_of": as_of.date() if as_of else None,  # a case stores its own day
        "key": key,
        "operator": operator,
        "case_number": case_number,
        "reveal": reveal,
        "columns": options.existing_paths(ctx, [columns], "--columns")[0] if columns else None,
        "register": options.existing_paths(ctx, [register], "--register")[0] if register else None,
        "recognizers": options.rule_folder(ctx, recognizers),
        "min_score": min_score,
        "names": not no_names,
        "only": only or (),
        "skip": skip or (),
        "passwords": options.passwords_file(ctx, passwords),
        "raw": raw,
        "whole_case": whole_case,
        "workers": workers,
        "part": part,
        "listing": listing,
    }
    with progress_bar.show_progress(words, "read", log=log, outside=[*given, case]) as progress:
        done = piiscan.scan(given, case=case, progress=progress, **settings)
    lost = print_counters(done, words)
    output.print_head(done.path, words)
    if register and part is None and not output.print_register_check(done, words):
        raise typer.Exit(error_messages.NOT_VERIFIED)
    if lost:
        raise typer.Exit(error_messages.SOME_UNREAD)


def print_counters(case: Case, words: Words) -> int:
    """Print sources, bytes, rows and findings of a scan; return the number of unread inputs."""
    counters = case.manifest.content["counters"]
    output.print_line(
        words(
            "scan.done",
            sources=counters["sources"],
            size=counters["bytes"],
            rows=counters["rows"],
            hits=counters["hits"],
        )
    )
    is_part = "part" in case.manifest.content
    output.print_line(words("scan.part_next" if is_part else "scan.next", case=case.path))
    lost = int(counters["unread"]) + int(counters["changed"])
    if lost:
        output.print_note(words("scan.unread", count=lost, case=case.path))
    return lost
