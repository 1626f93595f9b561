"""``piiscan sample``: records for people to verify, and what they found."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from piiscan.cli import options, output

if TYPE_CHECKING:
    from piiscan.case.sampling.issue import Issued
    from piiscan.case.sampling.results import Taken

By = Annotated[str, typer.Option("--by", metavar="BY", help="sample.by")]
Clear = Annotated[bool, typer.Option("--clear", help="sample.clear")]
Each = Annotated[bool, typer.Option("--each", help="sample.each")]
Key = Annotated[Path | None, typer.Option("--key", metavar="FILE", help="sample.key")]
Minimum = Annotated[int, typer.Option("--min", min=0, metavar="N", help="sample.min")]
Out = Annotated[Path | None, typer.Option("-o", "--out", metavar="XLSX", help="sample.out")]
Policy = Annotated[str, typer.Option("--policy", metavar="NAME|FILE", help="sample.policy")]
Profile = Annotated[Path | None, typer.Option("--profile", metavar="FILE", help="sample.profile")]
Seed = Annotated[str, typer.Option("--seed", metavar="TEXT", help="sample.seed")]
Singly = Annotated[bool, typer.Option("--singly", help="sample.singly")]
Size = Annotated[int, typer.Option("--size", min=1, metavar="N", help="sample.size")]
Step = Annotated[str, typer.Option("--step", metavar="R1-R5", help="sample.step")]
Take = Annotated[list[Path] | None, typer.Option("--take", metavar="SHEET", help="sample.take")]


def sample(
    ctx: typer.Context,
    case: Annotated[Path, typer.Argument(metavar="DIR", help="sample.case")],
    out: Out = None,
    size: Size = 400,
    by: By = "source",
    minimum: Minimum = 5,
    seed: Seed = "",
    each: Each = False,
    step: Step = "R5",
    singly: Singly = False,
    policy: Policy = "tier-cn-2017",
    profile: Profile = None,
    take: Take = None,
    clear: Clear = False,
    key: Key = None,
    recognizers: options.Folder = None,
) -> None:
    """Write a sheet to be verified, or take sheets back and print what was found."""
    from piiscan.case.sampling.sampling_frame import BYS, STEPS
    from piiscan.case.store.case import Case

    opened = Case.open(case)
    if take:
        _taken(ctx, opened, options.paths(ctx, take, "--take"))
        return
    if out is None:
        raise options.refuse(ctx, "-o", "sample.no_out")
    if out.exists():  # it may hold what somebody found
        raise options.refuse(ctx, "-o", "usage.exists", path=out)
    options.choice(ctx, by, BYS, "--by")
    options.choice(ctx, step, STEPS, "--step")
    if singly and not each:
        raise options.refuse(ctx, "--singly", "sample.needs_each")
    from piiscan.case.sampling.basis import Asked
    from piiscan.case.sampling.issue import issue

    asked = Asked(
        size=None if each else size,
        step=step,  # type: ignore[arg-type]  # a choice of them, as just made sure
        by=by,  # type: ignore[arg-type]
        minimum=minimum,
        seed=seed,
        singly=singly,
        policy=policy,
        profile=profile,
        language=ctx.obj.language,
        clear=clear,
        key=key,
        recognizers=options.folder(ctx, recognizers),
    )
    if clear:
        output.announce_compiling(ctx.obj)
    _issued(ctx.obj, issue(opened, out, asked))


def _issued(words: Any, issued: Issued) -> None:
    from piiscan.case.sampling.sampling_cells import sample_notes
    from piiscan.pages.wording import Words

    content = issued.sample.content
    count = sum(each.drawn for each in issued.sample.strata)
    output.tell(words("sample.done", count=count, path=", ".join(map(str, issued.sheets))))
    for note in sample_notes(Words(words.language, {}), content):
        output.tell(note)
    if issued.sample.sampled and issued.others:
        output.note(words("sample.others", count=issued.others, rule=content["policy"]))
    if content["clear"]:
        output.note(words("export.cleared"))
    if issued.disputed:
        output.note(words("sample.disputed", count=issued.disputed))


def _taken(ctx: typer.Context, case: Any, paths: list[Path]) -> None:
    from piiscan.case.report.terminal.terminal_tables import table
    from piiscan.case.sampling.results import take
    from piiscan.case.sampling.sampling_cells import sample_notes
    from piiscan.case.store.case_words import words_of

    words = ctx.obj
    taken: Taken = take(case, paths)
    named = words_of(case, words.language).beside("strata", taken.sample.content["names"])
    for name, rows in taken.tables.items():
        output.draw(table(name, rows, named))
    for note in sample_notes(named, taken.sample.content):
        output.tell(note)
    output.tell(words("sample.taken", count=taken.results, folder=taken.folder))
    if taken.changed:
        output.note(words("sample.changed", count=taken.changed))
    if taken.untold:
        output.note(words("sample.untold", count=taken.untold))
