"""``piiscan serve``: the page to work in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from piiscan.cli import options, output

Operator = Annotated[str, typer.Option("--operator", metavar="NAME", help="serve.operator")]
Idle = Annotated[int, typer.Option("--idle", min=1, metavar="MINUTES", help="serve.idle")]


def serve(
    ctx: typer.Context,
    case: Annotated[Path, typer.Argument(metavar="DIR", help="serve.case")],
    operator: Operator = "",
    key: options.CaseKey = None,
    recognizers: options.Folder = None,
    passwords: options.Passwords = None,
    idle: Idle = 30,
) -> None:
    """Serve the page of the case DIR on this machine until Ctrl-C."""
    from piiscan.work_page.page_server import serve as run

    words = ctx.obj
    if not operator.strip():
        raise options.usage_error(ctx, "--operator", "serve.needs_operator")

    def ready(link: str) -> None:
        """Print the link."""
        output.print_line(words("serve.open", link=link))
        output.print_line(words("serve.how", minutes=idle))

    run(
        case,
        operator=operator,
        key=key,
        recognizers=options.existing_folder(ctx, recognizers),
        passwords=options.passwords_file(ctx, passwords),
        language=words.language,
        idle=60.0 * idle,
        ready=ready,
    )
    output.print_line(words("serve.ended"))
