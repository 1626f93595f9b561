"""``piiscan redact``: masked copies of files and folders, scanned again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from piiscan.cli import error_messages, options, output, progress_bar

if TYPE_CHECKING:
    from piiscan.pages.wording import Words
    from piiscan.redact.redact_folder import Copy, Redaction

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
    as_of: options.AsOf = None,
    min_score: options.MinScore = options.DEFAULT_MIN_SCORE,
    no_names: options.NoNames = False,
) -> None:
    """Masked copies of every PATH in OUT; 1 if something was not copied, 3 if something is left."""
    from piiscan.redact.redact_folder import redact as run
    from piiscan.redact.replacer import OPERATORS

    words = ctx.obj
    given = options.paths(ctx, paths)
    options.choice(ctx, operator, list(OPERATORS), "--operator")
    output.announce_compiling(words)
    with progress_bar.shown(words("scan.progress")) as told:
        done = run(
            given,
            out=out,
            operator=operator,
            key=key,
            columns=options.paths(ctx, [columns], "--columns")[0] if columns else None,
            recognizers=options.folder(ctx, recognizers),
            as_of=options.day(as_of),
            min_score=min_score,
            names=not no_names,
            language=words.language,
            progress=told,
        )
    _tell(ctx, done, min_score)
    if done.left:
        raise typer.Exit(error_messages.NOT_VERIFIED)
    if done.incomplete:
        raise typer.Exit(error_messages.SOME_UNREAD)


def _tell(ctx: typer.Context, done: Redaction, min_score: float) -> None:
    from piiscan.detect.catalog.catalog import load
    from piiscan.pages.wording import Words
    from piiscan.redact.redact_folder import REPORT

    words = ctx.obj
    named = Words(words.language, load().vocabulary)
    for copy in done.copies:
        _tell_copy(ctx, copy, named)
    for trouble in done.unread:
        output.note(_problem(ctx, trouble.member, trouble.reason, trouble.detail, named))
    made = [copy for copy in done.copies if copy.copy is not None]
    total = done.counts.total()
    report = done.out / REPORT
    output.tell(words("redact.done", files=len(made), count=total, out=done.out, report=report))
    if done.redrawn:
        output.tell(words("redact.redrawn", count=done.redrawn))
    if done.left:
        output.note(words("redact.not_verified", count=done.left))
    elif made:
        output.tell(words("redact.verified", score=min_score))
    if done.incomplete:
        output.note(words("redact.incomplete", count=done.incomplete))


def _tell_copy(ctx: typer.Context, copy: Copy, named: Words) -> None:
    from piiscan.redact.redact_folder import places_of

    words = ctx.obj
    if copy.copy is None:
        output.note(words("redact.none", source=copy.source))
    else:
        kinds = [f"{named.name('entities', e)} {n:,}" for e, n in copy.counts.items()]
        listed = words("redact.kinds", kinds="，".join(kinds)) if kinds else ""
        state = words("redact.left", count=copy.left_count) if copy.left_count else ""
        told = words(
            "redact.copied",
            source=copy.source,
            copy=copy.copy,
            count=sum(copy.counts.values()),
            kinds=listed,
            state=state or words("redact.clean"),
        )
        output.tell(told)
    if copy.further:
        output.tell(words("redact.further", count=copy.further))
    for place, left in zip(places_of(copy), copy.left, strict=True):
        output.note(words("redact.place", place=place, kind=named.name("entities", left.entity)))
    if copy.left_count > len(copy.left):
        output.note(words("redact.more", count=copy.left_count))
    for trouble in copy.problems:
        output.note(_problem(ctx, trouble.member, trouble.reason, trouble.detail, named))


def _problem(ctx: typer.Context, member: str, reason: str, detail: str, named: Words) -> str:
    told: str = ctx.obj(
        "redact.problem",
        member=f"{member}：" if member else "",
        reason=named.name("reasons", reason),
        detail=f"({detail})" if detail else "",
    )
    return told
