"""``piiscan export``: write the list of a count to a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import piiscan
from piiscan.cli import options, output

Unit = Annotated[str, typer.Option("--unit", metavar="row|key|person", help="export.unit")]
Step = Annotated[str | None, typer.Option("--step", metavar="R1-R6", help="export.step")]
Rejects = Annotated[str | None, typer.Option("--rejects", metavar="R1-R6", help="export.rejects")]
Out = Annotated[Path, typer.Option("-o", "--out", metavar="FILE", help="export.out")]
Key = Annotated[Path | None, typer.Option("--key", metavar="FILE", help="export.key")]


def export(
    ctx: typer.Context,
    case: Annotated[Path, typer.Argument(metavar="DIR", help="export.case")],
    out: Out,
    unit: Unit = "key",
    step: Step = None,
    rejects: Rejects = None,
    purpose: Annotated[
        str | None, typer.Option("--for", metavar="public-interest|notify", help="export.for")
    ] = None,
    victims: Annotated[
        Path | None, typer.Option("--victims", metavar="LIST", help="export.victims")
    ] = None,
    clear: Annotated[bool, typer.Option("--clear", "--reveal", help="export.clear")] = False,
    key: Key = None,
    recognizers: options.Folder = None,
    passwords: options.Passwords = None,
) -> None:
    """Write the list of the newest count of the case DIR."""
    from piiscan.case.export.export import FORMATS

    words = ctx.obj
    options.check_choice(ctx, unit, ("row", "key", "person"), "--unit")
    if purpose is not None:
        options.check_choice(ctx, purpose, ("public-interest", "notify"), "--for")
    if purpose != "notify" and out.suffix.lower() not in FORMATS:
        raise options.usage_error(ctx, "-o", "usage.choices", names=", ".join(FORMATS))
    if out.exists():  # it may be in use as evidence
        raise options.usage_error(ctx, "-o", "usage.exists", path=out)
    done = piiscan.export(
        case,
        out,
        unit=unit,  # type: ignore[arg-type]  # a choice of them, as just made sure
        step=step.upper() if step else None,
        rejects=rejects.upper() if rejects else None,
        purpose=purpose,  # type: ignore[arg-type]  # as above
        victims=victims and options.existing_file(ctx, victims, "--victims"),
        clear=clear,
        key=key,
        recognizers=options.rule_folder(ctx, recognizers),
        passwords=options.passwords_file(ctx, passwords),
        language=words.language,
    )
    sentence = "export.rejected" if rejects else "export.done"
    if purpose or victims:
        sentence = "export.written"
    output.print_line(words(sentence, lines=done.lines, step=done.step, path=done.path))
    output.print_line(words("export.sha256", sha256=done.sha256))
    if clear and purpose != "public-interest":
        output.print_note(words("export.cleared"))
