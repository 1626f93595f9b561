"""Options that several verbs share; their help texts are keys of verb_wording.toml."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from piiscan.cli.error_messages import OWN_PREFIX

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


def as_of_day(given: datetime | None) -> date:
    """Return the day given with ``--as-of``, else today by the local clock."""
    return given.date() if given else date.today()


def usage_error(ctx: typer.Context, name: str, key: str, /, **values: object) -> typer.BadParameter:
    """Return the error to raise for an invalid value, in the user's language.

    ``name``: option or argument as typed. ``key``: the sentence with the reason.
    """
    return typer.BadParameter(OWN_PREFIX + ctx.obj(key, **values), ctx=ctx, param_hint=name)


def existing_folder(
    ctx: typer.Context, given: Path | None, name: str = "--recognizers"
) -> Path | None:
    """Return ``given``; raise a usage error if it is no folder."""
    if given is not None and not given.is_dir():
        raise usage_error(ctx, name, "usage.folder", path=given)
    return given


def existing_paths(ctx: typer.Context, given: Sequence[Path], name: str = "PATH") -> list[Path]:
    """Return ``given``; raise a usage error if a path does not exist."""
    for path in given:
        if not path.exists():
            raise usage_error(ctx, name, "usage.path", path=path)
    return list(given)


def check_choice(ctx: typer.Context, given: str, allowed: Sequence[str], name: str) -> str:
    """Return ``given``; raise a usage error if it is not in ``allowed``."""
    if given not in allowed:
        raise usage_error(ctx, name, "usage.choices", names=", ".join(allowed))
    return given
