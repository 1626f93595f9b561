"""``piiscan validate``: check the software that made a case, and write the record of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from piiscan.cli import error_messages, options, output
from piiscan.cli.scan import Key


def validate(
    ctx: typer.Context,
    case: Annotated[Path, typer.Argument(metavar="DIR", help="validate.case")],
    out: Annotated[
        Path | None, typer.Option("-o", "--out", metavar="DOCX", help="validate.out")
    ] = None,
    sources: Annotated[
        int, typer.Option("--sources", min=0, metavar="N", help="validate.sources")
    ] = 5,
    seed: Annotated[
        int | None, typer.Option("--seed", min=0, metavar="N", help="validate.seed")
    ] = None,
    evidence: Annotated[
        Path | None, typer.Option("--evidence", metavar="DIR", help="validate.evidence")
    ] = None,
    key: Key = None,
    recognizers: options.Folder = None,
    passwords: options.Passwords = None,
) -> None:
    """Print the tables of a validation and write its record; exit code 3 if something is wrong."""
    from piiscan.case.report.destination import save_report
    from piiscan.case.report.terminal.terminal_tables import rich_table
    from piiscan.case.store.audit_log import now
    from piiscan.case.store.case import Case
    from piiscan.case.validation.record import build_record, record_texts
    from piiscan.case.validation.validate import VALIDATION_TABLES, ValidationRequest
    from piiscan.case.validation.validate import validate as run

    opened = Case.of(
        case,
        key=key,
        recognizers=options.rule_folder(ctx, recognizers),
        passwords=options.passwords_file(ctx, passwords),
    )
    request = ValidationRequest(
        sources=sources,
        seed=seed,
        evidence=evidence and options.existing_folder(ctx, evidence, "--evidence"),
    )
    done = run(
        opened,
        request,
        clock=now,
        on_step=lambda step: output.print_note(ctx.obj(f"validate.step.{step}")),
    )
    words = opened.words(ctx.obj.language)
    for table in VALIDATION_TABLES:
        output.print_renderable(rich_table(table, done.tables[table.name], words))
    texts = record_texts(done, words)
    for name in ("corpora", "reruns", "notice", "outcome"):
        output.print_line(texts[name])
    name = f"reports/{words('validation.file')}.docx"
    saved = save_report(opened, build_record(done, words), out or opened.path / name)
    output.print_line(ctx.obj("report.outside", path=saved.path, sha256=saved.sha256))
    if not done.passed:
        raise typer.Exit(error_messages.NOT_VERIFIED)
