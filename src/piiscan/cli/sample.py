"""``piiscan sample``: write records for people to verify, and import their results."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import piiscan
from piiscan.cli import options, output

if TYPE_CHECKING:
    from piiscan.case.sampling.issue import IssuedSample
    from piiscan.case.sampling.results import ImportedResults

By = Annotated[str, typer.Option("--by", metavar="BY", help="sample.by")]
Clear = Annotated[bool, typer.Option("--clear", help="sample.clear")]
Each = Annotated[bool, typer.Option("--each", help="sample.each")]
Framed = Annotated[
    str, typer.Option("--frame", metavar="counted|duplicates|excluded|unfound", help="sample.frame")
]
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
    frame: Framed = "counted",
    each: Each = False,
    step: Step = "R5",
    singly: Singly = False,
    policy: Policy = "tier-cn-2017",
    profile: Profile = None,
    take: Take = None,
    clear: Clear = False,
    key: Key = None,
    recognizers: options.Folder = None,
    passwords: options.Passwords = None,
) -> None:
    """Write a verification sheet, or import returned sheets and print their results."""
    from piiscan.case.sampling.sampling_frame import FRAMES, GROUPINGS, STEPS
    from piiscan.case.store.case import Case

    opened = Case.open(case, key=key)
    if take:
        _import_sheets(ctx, opened, options.existing_paths(ctx, take, "--take"))
        return
    if out is None:
        raise options.usage_error(ctx, "-o", "sample.no_out")
    if out.exists():  # it may contain results
        raise options.usage_error(ctx, "-o", "usage.exists", path=out)
    options.check_choice(ctx, by, GROUPINGS, "--by")
    options.check_choice(ctx, step, STEPS, "--step")
    options.check_choice(ctx, frame, FRAMES, "--frame")

    issued = piiscan.sample(
        opened,
        out,
        size=None if each else size,
        frame=frame,  # type: ignore[arg-type]
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
        recognizers=options.rule_folder(ctx, recognizers),
        passwords=options.passwords_file(ctx, passwords),
    )
    _print_issued(opened.words(ctx.obj.language), issued)


def _print_issued(words: Any, issued: IssuedSample) -> None:
    """Print the drawn sample, its notes, and the number of records left out of it."""
    from piiscan.case.sampling.hit_rates import sample_notes

    content = issued.sample.content
    count = sum(each.drawn for each in issued.sample.strata)
    output.print_line(words("sample.done", count=count, path=", ".join(map(str, issued.sheets))))
    for note in sample_notes(words, content):
        output.print_line(note)
    if issued.sample.sampled and issued.others:
        rule = words.name("rules", content["policy"])
        output.print_note(words("sample.others", count=issued.others, rule=rule))
    if content["clear"]:
        output.print_note(words("export.cleared"))
    if issued.disputed:
        output.print_note(words("sample.disputed", count=issued.disputed))


def _import_sheets(ctx: typer.Context, case: Any, paths: list[Path]) -> None:
    """Store the results in the returned sheets; print hit rates and counts."""
    from piiscan.case.report.terminal.terminal_tables import rich_table
    from piiscan.case.sampling.hit_rates import SAMPLE_TABLES, sample_notes

    results: ImportedResults = piiscan.import_sample(case, paths)
    words = case.words(ctx.obj.language).with_names("strata", results.sample.content["names"])
    for table in SAMPLE_TABLES:
        output.print_renderable(rich_table(table, results.tables[table.name], words))
    for note in sample_notes(words, results.sample.content):
        output.print_line(note)
    output.print_line(words("sample.taken", count=results.results, folder=results.folder))
    if results.changed:
        output.print_note(words("sample.changed", count=results.changed))
    if results.undocumented:
        output.print_note(words("sample.untold", count=results.undocumented))
