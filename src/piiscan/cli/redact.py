"""``piiscan redact``: write masked copies of files and folders, and scan the copies again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import piiscan
from piiscan.cli import error_messages, options, output, progress_bar

if TYPE_CHECKING:
    from piiscan.copies.redact_folder import RedactedFile, Redaction
    from piiscan.wording.words import Words

Out = Annotated[Path, typer.Option("--out", "-o", metavar="OUT", help="redact.out")]
Operator = Annotated[
    str, typer.Option("--operator", metavar="mask|replace|hash|pseudonym", help="redact.operator")
]
Key = Annotated[Path | None, typer.Option("--key", metavar="FILE", help="redact.key")]
Corrected = Annotated[Path | None, typer.Option("--columns", metavar="XLSX", help="redact.columns")]


def redact(
    ctx: typer.Context,
    paths: Annotated[list[Path], typer.Argument(metavar="PATH", help="option.paths")],
    out: Out,
    operator: Operator = "mask",
    key: Key = None,
    columns: Corrected = None,
    recognizers: options.Folder = None,
    passwords: options.Passwords = None,
    as_of: options.AsOf = None,
    min_score: options.MinScore = options.DEFAULT_MIN_SCORE,
    no_names: options.NoNames = False,
) -> None:
    """Write masked copies of every PATH to OUT.

    The exit code is 1 if some were not copied, 3 if findings remain.
    """
    from piiscan.copies.replacer import OPERATORS

    words = ctx.obj
    given = options.existing_paths(ctx, paths)
    options.check_choice(ctx, operator, list(OPERATORS), "--operator")
    with progress_bar.show_progress(words, "copy") as progress:
        done = piiscan.redact(
            given,
            out=out,
            operator=operator,  # type: ignore[arg-type]  # a choice, as just made sure
            key=key,
            columns=options.existing_paths(ctx, [columns], "--columns")[0] if columns else None,
            recognizers=options.rule_folder(ctx, recognizers),
            passwords=options.passwords_file(ctx, passwords),
            as_of=options.as_of_day(as_of),
            min_score=min_score,
            names=not no_names,
            language=words.language,
            progress=progress,
        )
    _print_result(ctx, done, min_score)
    if done.remaining:
        raise typer.Exit(error_messages.NOT_VERIFIED)
    if done.incomplete:
        raise typer.Exit(error_messages.SOME_UNREAD)


def _print_result(ctx: typer.Context, done: Redaction, min_score: float) -> None:
    """Print every masked copy, the unread input, and the totals to stdout."""
    from piiscan.copies.redact_folder import REPORT
    from piiscan.detect.catalog.catalog import load
    from piiscan.wording.words import Words

    words = Words(ctx.obj.language, load().vocabulary)
    for copy in done.copies:
        _print_copy(copy, words)
    for trouble in done.unread:
        output.print_note(_problem_text(trouble.member, trouble.reason, trouble.detail, words))
    copied = [copy for copy in done.copies if copy.copy is not None]
    total = done.counts.total()
    report = done.out / REPORT
    output.print_line(
        words("redact.done", files=len(copied), count=total, out=done.out, report=report)
    )
    if done.redrawn:
        output.print_line(words("redact.redrawn", count=done.redrawn))
    if done.names_left:
        output.print_note(words("redact.names_left", count=done.names_left))
    if done.remaining:
        output.print_note(words("redact.not_verified", count=done.remaining))
    elif copied:
        output.print_line(words("redact.verified", score=min_score))
    if done.incomplete:
        output.print_note(words("redact.incomplete", count=done.incomplete))


def _print_copy(copy: RedactedFile, words: Words) -> None:
    """Print one masked copy: numbers masked by entity, remaining findings, problems."""
    from piiscan.copies.redact_file import MAX_LISTED
    from piiscan.copies.redact_folder import remaining_positions

    if copy.copy is None:
        output.print_note(words("redact.none", source=copy.source))
    else:
        kinds = [f"{words.name('entities', e)} {n:,}" for e, n in copy.counts.items()]
        kinds_text = words("redact.kinds", kinds="，".join(kinds)) if kinds else ""
        state = words("redact.left", count=copy.left) if copy.left else ""
        text = words(
            "redact.copied",
            source=copy.source,
            copy=copy.copy,
            count=sum(copy.counts.values()),
            kinds=kinds_text,
            state=state or words("redact.clean"),
        )
        output.print_line(text)
    if copy.second_pass_count:
        output.print_line(words("redact.further", count=copy.second_pass_count))
    for place, left in zip(remaining_positions(copy), copy.remaining, strict=True):
        output.print_note(
            words("redact.place", place=place, kind=words.name("entities", left.entity))
        )
    for hit in copy.standing[:MAX_LISTED]:
        kind = words.name("entities", hit.entity)
        place = f"{hit.part}:{hit.line}".lstrip(":")
        output.print_note(words("redact.standing", place=place, kind=kind))
    if copy.left > max(len(copy.remaining), min(len(copy.standing), MAX_LISTED)):
        output.print_note(words("redact.more", count=copy.left))
    for trouble in copy.problems:
        output.print_note(_problem_text(trouble.member, trouble.reason, trouble.detail, words))


def _problem_text(member: str, reason: str, detail: str, words: Words) -> str:
    """Return a problem of a copy as a sentence: member, reason, detail."""
    return words(
        "redact.problem",
        member=f"{member}：" if member else "",
        reason=words.name("reasons", reason),
        detail=f"({detail})" if detail else "",
    )
