"""``piiscan corpus``: write fictional dumps with known truth, for trials and measurements."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from piiscan.cli import options, output


def make(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="corpus.name")],
    out: Annotated[Path, typer.Option("-o", "--out", metavar="DIR", help="corpus.out")],
    rows: Annotated[
        int | None, typer.Option("--rows", min=1, metavar="N", help="corpus.rows")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, metavar="N", help="corpus.seed")] = 0,
) -> None:
    """Write the corpus NAME to DIR; the same name, rows and seed give the same bytes."""
    from piiscan.case.register.made_corpus import make_with_register
    from piiscan.synth import recipe_names

    known = recipe_names()
    options.check_choice(ctx, name, known, "NAME")
    made = make_with_register(name, rows=rows, seed=seed, out=out)
    size = sum(path.stat().st_size for path in made.files)
    output.print_line(ctx.obj("corpus.made", count=len(made.files), size=size, folder=made.folder))
    output.print_line(ctx.obj("corpus.truth", path=made.truth_lines or made.truth))
