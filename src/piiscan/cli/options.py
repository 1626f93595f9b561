"""Options that several verbs share; their help texts are keys of wording.toml."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from piiscan.cli.error_messages import OWN

AsOf = Annotated[
    datetime | None,
    typer.Option("--as-of", formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="option.as_of"),
]
Folder = Annotated[
    Path | None, typer.Option("--recognizers", metavar="DIR", help="option.recognizers")
]
Label = Annotated[str | None, typer.Option("--label", metavar="NAME", help="option.label")]
MinScore = Annotated[
    float,
    typer.Option("--min-score", min=0.0, max=1.0, metavar="0-1", help="option.min_score"),
]
NoNames = Annotated[bool, typer.Option("--no-names", help="option.no_names")]

DEFAULT_MIN_SCORE: Final = 0.5


def day(given: datetime | None) -> date:
    """The day given with ``--as-of``, else today by this machine's clock."""
    return given.date() if given else date.today()


def refuse(ctx: typer.Context, name: str, key: str, /, **values: object) -> typer.BadParameter:
    """The error to raise for a value that cannot be used, in the user's language.

    ``name`` is the option or argument as written; ``key`` the sentence that says why.
    """
    return typer.BadParameter(OWN + ctx.obj(key, **values), ctx=ctx, param_hint=name)


def folder(ctx: typer.Context, given: Path | None, name: str = "--recognizers") -> Path | None:
    """``given``; a usage error if it is no folder."""
    if given is not None and not given.is_dir():
        raise refuse(ctx, name, "usage.folder", path=given)
    return given


def paths(ctx: typer.Context, given: Sequence[Path], name: str = "PATH") -> list[Path]:
    """``given``; a usage error if one of them is not there."""
    for path in given:
        if not path.exists():
            raise refuse(ctx, name, "usage.path", path=path)
    return list(given)


def choice(ctx: typer.Context, given: str, allowed: Sequence[str], name: str) -> str:
    """``given``; a usage error if it is none of ``allowed``."""
    if given not in allowed:
        raise refuse(ctx, name, "usage.choices", names=", ".join(allowed))
    return given
