"""``piiscan merge``: join parts, or cases made with one key, into one case."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import piiscan
from piiscan.cli import error_messages, options, output
from piiscan.cli.scan import Number, Operator, print_counters


def merge(
    ctx: typer.Context,
    parts: Annotated[list[Path], typer.Argument(metavar="DIR", help="merge.parts")],
    case: Annotated[Path, typer.Option("-o", "--case", metavar="DIR", help="merge.case")],
    key: Annotated[Path | None, typer.Option("--key", metavar="FILE", help="merge.key")] = None,
    operator: Operator = "",
    case_number: Number = "",
    register: Annotated[
        Path | None, typer.Option("--register", metavar="XLSX", help="merge.register")
    ] = None,
    recognizers: options.Folder = None,
    passwords: options.Passwords = None,
) -> None:
    """Join all DIR into one case; exit code 1 if some input was not read."""
    words = ctx.obj
    done = piiscan.merge(
        options.existing_paths(ctx, parts, "DIR"),
        case=case,
        key=key,
        operator=operator,
        case_number=case_number,
        register=register and options.existing_file(ctx, register, "--register"),
        recognizers=options.rule_folder(ctx, recognizers),
        passwords=options.passwords_file(ctx, passwords),
    )
    lost = print_counters(done, words)
    troubles = done.manifest.content["troubles"]
    if twice := sum(each["reason"] == "GIVEN_TWICE" for each in troubles):
        output.print_note(words("merge.twice", count=twice, case=done.path))
    output.print_head(done.path, words)
    if not output.print_register_check(done, words):
        raise typer.Exit(error_messages.NOT_VERIFIED)
    if lost:
        raise typer.Exit(error_messages.SOME_UNREAD)
