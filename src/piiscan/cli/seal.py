"""``piiscan seal``: pack a case into one read-only file with its checksum."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from piiscan.cli import output, progress_bar


def seal(
    ctx: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="seal.folder")],
    out: Annotated[Path | None, typer.Option("-o", "--out", metavar="ZIP", help="seal.out")] = None,
) -> None:
    """Pack DIR into a read-only zip and print its SHA-256."""
    from piiscan.case.integrity.seal import seal as pack

    words = ctx.obj
    place = out or folder.resolve().with_name(f"{folder.resolve().name}.zip")
    with progress_bar.show_progress(words("seal.progress")) as progress:
        done = pack(folder, place, progress=progress)
    output.print_line(words("seal.done", path=done.path, files=done.files, size=done.size))
    output.print_line(f"SHA-256  {done.sha256}")
