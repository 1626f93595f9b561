"""``piiscan disc``: write the folder for a disc, with annexes per suspect and one hash list."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from piiscan.cli import options, output
from piiscan.cli.export import Key
from piiscan.cli.report import As, Fields, document_name, parse_fields


def disc(
    ctx: typer.Context,
    case: Annotated[Path, typer.Argument(metavar="DIR", help="disc.case")],
    out: Annotated[Path, typer.Option("-o", "--out", metavar="DIR", help="disc.out")],
    used_as: As = "",
    field: Fields = None,
    clear: Annotated[bool, typer.Option("--clear", help="disc.clear")] = False,
    key: Key = None,
    recognizers: options.Folder = None,
    passwords: options.Passwords = None,
) -> None:
    """Write the folder for a disc and print its size and the SHA-256 of its list."""
    from piiscan.case.export.disc import DiscRequest, write_disc
    from piiscan.case.store.audit_log import now
    from piiscan.case.store.case import Case

    words = ctx.obj
    request = DiscRequest(
        document_name(ctx, used_as), parse_fields(ctx, field or []), clear, words.language
    )
    opened = Case.of(
        case,
        key=key,
        recognizers=options.rule_folder(ctx, recognizers),
        passwords=options.passwords_file(ctx, passwords),
    )
    done = write_disc(opened, out, request, moment=now())
    output.print_line(
        words("disc.done", files=done.files, folder=done.folder, size=f"{done.size:,}")
    )
    output.print_line(words("disc.sha256", sha256=done.sha256))
    if done.medium is None:
        output.print_note(words("disc.too_large"))
    else:
        output.print_line(words("disc.fits", medium=done.medium))
    if done.empty:
        output.print_note(words("report.empty", names=words("report.comma").join(done.empty)))
    if clear:
        output.print_note(words("export.cleared"))
