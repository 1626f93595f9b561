"""``piiscan check``: a guard of repositories and pipelines, with masked output and exit codes."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

import piiscan
from piiscan.cli import options, output
from piiscan.wording.words import Words

if TYPE_CHECKING:
    from piiscan.guard.check import Check, CheckedFinding

_FORMATS: Final = ("text", "jsonl", "sarif")
#: Most unread parts that are printed.
_MAX_SHOWN: Final = 20
#: Environment variable with the secret of the pipeline.
_KEY: Final = "PIISCAN_BASELINE_KEY"

Max = Annotated[list[str] | None, typer.Option("--max", metavar="KIND=N", help="check.max")]
Only = Annotated[list[str] | None, typer.Option("--only", metavar="WORD", help="check.only")]
Skip = Annotated[list[str] | None, typer.Option("--skip", metavar="WORD", help="check.skip")]


def check(
    ctx: typer.Context,
    paths: Annotated[list[Path] | None, typer.Argument(metavar="PATH", help="check.paths")] = None,
    form: Annotated[
        str, typer.Option("--format", metavar="|".join(_FORMATS), help="check.format")
    ] = "text",
    diff: Annotated[bool, typer.Option("--diff", help="check.diff")] = False,
    baseline: Annotated[
        Path | None, typer.Option("--baseline", metavar="FILE", help="check.baseline")
    ] = None,
    write_baseline: Annotated[
        bool, typer.Option("--write-baseline", help="check.write_baseline")
    ] = False,
    max_: Max = None,
    only: Only = None,
    skip: Skip = None,
    min_score: options.MinScore = 0.6,
    names: Annotated[bool, typer.Option("--names", help="check.names")] = False,
    pictures: Annotated[bool, typer.Option("--pictures", help="check.pictures")] = False,
    recognizers: options.Folder = None,
    passwords: options.Passwords = None,
) -> None:
    """Check PATH; exit code 4 if something new is found, 1 if only some input was not read."""
    options.check_choice(ctx, form, _FORMATS, "--format")
    if baseline is not None and not write_baseline:
        options.existing_file(ctx, baseline, "--baseline")
    given = options.existing_paths(ctx, paths or [Path()])
    result = piiscan.check(
        given,
        min_score=min_score,
        names=names,
        only=only or (),
        skip=skip or (),
        maxima=_maxima(ctx, max_ or []),
        baseline=baseline,
        write=write_baseline,
        key=os.environ.get(_KEY),
        staged=diff,
        pictures=pictures,
        recognizers=options.rule_folder(ctx, recognizers),
        passwords=options.passwords_file(ctx, passwords),
    )
    _print(result, form, ctx.obj)
    if result.exit_code:
        raise typer.Exit(result.exit_code)


def _maxima(ctx: typer.Context, texts: list[str]) -> dict[str, int]:
    """Return KIND -> N of the options ``KIND=N``; raise a usage error for other text."""
    pairs = [text.rpartition("=") for text in texts]
    if not all(kind and number.isdecimal() for kind, _, number in pairs):
        raise options.usage_error(ctx, "--max", "check.no_max")
    return {kind: int(number) for kind, _, number in pairs}


def _print(result: Check, form: str, words: Words) -> None:
    """Print the result to stdout in a format; notes and totals to stderr."""
    from piiscan.detect.catalog.catalog import load

    names = Words(words.language, load().vocabulary)
    if form == "jsonl":
        output.write_json(_records(result))
    elif form == "sarif":
        from piiscan.guard.sarif import sarif_log

        kinds = {each.entity: names.name("entities", each.entity) for each in result.findings}
        notes = {each.reason: names.name("reasons", each.reason) for each in result.unread}
        output.write_json([sarif_log(result, piiscan.__version__, kinds, notes)])
    else:
        for each in result.new:
            output.print_line(_finding_line(each, names))
        output.print_unread(result.lost[:_MAX_SHOWN], words)
        if len(result.lost) > _MAX_SHOWN:
            output.print_note(words("check.more", count=len(result.lost) - _MAX_SHOWN))
    for file, line in result.without_reason:
        output.print_note(words("check.without_reason", place=f"{file}:{line}"))
    states = [each.state for each in result.findings]
    numbers = {state: states.count(state) for state in ("new", "known", "ignored", "allowed")}
    output.print_note(words("check.done", files=result.files, lost=len(result.lost), **numbers))


def _records(result: Check) -> Iterator[dict[str, Any]]:
    """Yield the findings, then the unread parts, as JSON objects."""
    for each in result.findings:
        yield dataclasses.asdict(each)
    for trouble in result.unread:
        yield {"unread": trouble.member, "reason": trouble.reason, "lost": trouble.lost}


def _finding_line(finding: CheckedFinding, words: Words) -> str:
    """Return a finding in one line: ``a.py:3:7: CN_MOBILE 138****8000（手机号，0.85）``."""
    place = output.paint(finding.file, "file")
    if finding.part:
        place += f"!{finding.part}"
    numbers = (finding.line, finding.column) if finding.line else (finding.row,)
    place += "".join(f":{number}" for number in numbers if number is not None)
    return words(
        "check.finding",
        place=place,
        kind=output.paint(finding.entity, "entity"),
        masked=output.paint(finding.masked, "text"),
        name=words.name("entities", finding.entity),
        score=f"{finding.score:.2f}",
    )
