"""``piiscan version``: print the version of piiscan and the digest of its catalogue."""

from __future__ import annotations

import platform

import typer

from piiscan import __version__
from piiscan.cli import output


def version(ctx: typer.Context) -> None:
    """Print the version of piiscan, of Python, and the digest of the catalogue."""
    from piiscan.detect.catalog.catalog import load

    words = ctx.obj
    catalog = load()
    output.print_line(f"piiscan {__version__} (Python {platform.python_version()})")
    output.print_line(
        words("version.catalog", count=len(catalog.recognizers), digest=catalog.digest)
    )
