"""Options that several verbs share; their help texts are keys of command_line.toml."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from piiscan import plugins
from piiscan.arguments import is_stored
from piiscan.cli.error_messages import OWN_PREFIX
from piiscan.errors import MissingPathError

if TYPE_CHECKING:
    from piiscan.case.store.case import Case

AsOf = Annotated[
    datetime | None,
    typer.Option("--as-of", formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="option.as_of"),
]
Policies = Annotated[
    list[str] | None, typer.Option("--policy", metavar="NAME|TOML", help="count.policy")
]
CaseKey = Annotated[Path | None, typer.Option("--key", metavar="FILE", help="option.case_key")]
Folder = Annotated[
    Path | None, typer.Option("--recognizers", metavar="DIR", help="option.recognizers")
]
Label = Annotated[str | None, typer.Option("--label", metavar="NAME", help="option.label")]
MinScore = Annotated[
    float, typer.Option("--min-score", min=0.0, max=1.0, metavar="0-1", help="option.min_score")
]
NoNames = Annotated[bool, typer.Option("--no-names", help="option.no_names")]

Only = Annotated[list[str] | None, typer.Option("--only", metavar="WORD", help="option.only")]
Skip = Annotated[list[str] | None, typer.Option("--skip", metavar="WORD", help="option.skip")]
Passwords = Annotated[
    Path | None, typer.Option("--passwords", metavar="FILE", help="option.passwords")
]
LogFile = Annotated[Path | None, typer.Option("--log", metavar="FILE", help="option.log")]
Raw = Annotated[bool, typer.Option("--raw", help="option.raw")]

DEFAULT_MIN_SCORE: Final = 0.5


def as_of_day(value: datetime | None) -> date:
    """Return the date given with ``--as-of``, else today by the local clock."""
    return value.date() if value else date.today()


def usage_error(ctx: typer.Context, name: str, key: str, /, **values: object) -> typer.BadParameter:
    """Return a typer error for option ``name`` with the sentence ``key`` in the user's language.

    The caller raises it.
    ``name``: option or argument as typed. ``key``: key of the sentence with the reason.
    """
    return typer.BadParameter(OWN_PREFIX + ctx.obj(key, **values), ctx=ctx, param_hint=name)


def existing_folder(ctx: typer.Context, value: Path, name: str) -> Path:
    """Return the folder given as option; raise a usage error if it does not exist."""
    if not value.is_dir():
        raise usage_error(ctx, name, "usage.folder", path=value)
    return value


def rule_folder(ctx: typer.Context, value: Path | None) -> Path | None:
    """Return the folder of own rules or of the installed pack named, or None.

    Raise a usage error if it is neither.
    """
    try:
        return value and existing_folder(ctx, plugins.rule_folder(value) or value, "--recognizers")
    except MissingPathError as error:
        told = OWN_PREFIX + error.text(ctx.obj.language)
        raise typer.BadParameter(told, ctx=ctx, param_hint="--recognizers") from error


def existing_file(ctx: typer.Context, value: Path, name: str) -> Path:
    """Return the file given as argument; raise a usage error if there is no such file."""
    if not value.is_file():
        raise usage_error(ctx, name, "usage.file", path=value)
    return value


def passwords_file(ctx: typer.Context, value: Path | None) -> Path | None:
    """Return the file of passwords, or None; raise a usage error if there is no such file."""
    return value and existing_file(ctx, value, "--passwords")


def output_file(ctx: typer.Context, value: Path | None, name: str) -> Path | None:
    """Return the file to write, or None; raise a usage error if its folder does not exist."""
    if value is not None:
        existing_folder(ctx, value.absolute().parent, name)
    return value


def existing_paths(
    ctx: typer.Context, value: Sequence[Path], name: str = "PATH", *, stored: bool = False
) -> list[Path]:
    """Return the paths given as argument; raise a usage error if one does not exist.

    ``stored``: take addresses of object stores as well, unseen.
    """
    for path in value:
        if not (path.exists() or (stored and is_stored(path))):
            raise usage_error(ctx, name, "usage.path", path=path)
    return list(value)


def check_choice(ctx: typer.Context, value: str, allowed: Sequence[str], name: str) -> str:
    """Return the word given as option; raise a usage error if it is not in ``allowed``."""
    if value not in allowed:
        raise usage_error(ctx, name, "usage.choices", names=", ".join(allowed))
    return value


def kind_code(ctx: typer.Context, case: Case, name: str) -> str:
    """Return the entity code for a code or name; raise a usage error if the case lacks it."""
    from piiscan.errors import CaseError

    try:
        return case.entity_code(name)
    except CaseError as error:
        raise usage_error(ctx, "--kind", "lookup.no_kind") from error
