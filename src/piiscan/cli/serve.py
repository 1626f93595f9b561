"""``piiscan serve``: the page to work in."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

import piiscan
from piiscan.cli import options, output

IDLE_MINUTES = 30
Operator = Annotated[str, typer.Option("--operator", metavar="NAME", help="serve.operator")]
Idle = Annotated[int, typer.Option("--idle", min=1, metavar="MINUTES", help="serve.idle")]


def serve(
    ctx: typer.Context,
    case: Annotated[Path, typer.Argument(metavar="DIR", help="serve.case")],
    operator: Operator = "",
    key: options.CaseKey = None,
    recognizers: options.Folder = None,
    passwords: options.Passwords = None,
    idle: Idle = IDLE_MINUTES,
) -> None:
    """Serve the page of the case DIR on this machine until Ctrl-C."""
    require_operator(ctx, operator)
    serve_page(
        ctx,
        case,
        operator,
        idle,
        key=key,
        recognizers=options.rule_folder(ctx, recognizers),
        passwords=options.passwords_file(ctx, passwords),
    )


def require_operator(ctx: typer.Context, operator: str) -> None:
    """Raise a usage error unless an operator is named."""
    if not operator.strip():
        raise options.usage_error(ctx, "--operator", "serve.needs_operator")


def serve_page(
    ctx: typer.Context, case: Path, operator: str, idle: int = IDLE_MINUTES, **files: Path | None
) -> None:
    """Print the link and serve the page. ``files``: key, recognizers, passwords."""
    words = ctx.obj

    def print_link(link: str) -> None:
        """Print the link and the way to end."""
        output.print_line(words("serve.open", link=link))
        output.print_line(words("serve.how", minutes=idle))
        sys.stdout.flush()

    piiscan.serve(
        case,
        operator=operator,
        language=words.language,
        idle=60.0 * idle,
        ready=print_link,
        **files,
    )
    output.print_line(words("serve.ended"))
