"""``piiscan compare``: a case against an earlier one, a list, or figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from piiscan.cli import options, output
from piiscan.cli.wording import Wording

if TYPE_CHECKING:
    from piiscan.case.compare.compare import Compared
    from piiscan.pages.wording import Words

Key = Annotated[Path | None, typer.Option("--key", metavar="FILE", help="compare.key")]
Out = Annotated[Path | None, typer.Option("-o", "--out", metavar="FILE", help="compare.out")]
Rows = Sequence[Mapping[str, Any]]


def compare(
    ctx: typer.Context,
    case: Annotated[Path, typer.Argument(metavar="DIR", help="compare.case")],
    earlier: Annotated[Path, typer.Argument(metavar="EARLIER", help="compare.earlier")],
    key: Key = None,
    out: Out = None,
    format_: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help="compare.format")
    ] = "terminal",
    recognizers: options.Folder = None,
) -> None:
    """Explain how the case DIR differs from EARLIER."""
    from piiscan.case.compare.compare import compare as run
    from piiscan.case.compare.read_figures import compare_figures, read_figures
    from piiscan.case.export.export import FORMATS
    from piiscan.case.store.case import Case
    from piiscan.case.store.case_words import words_of

    options.choice(ctx, format_, ("terminal", "json"), "--format")
    options.paths(ctx, [earlier], "EARLIER")
    if out is not None and out.suffix.lower() not in FORMATS:
        raise options.refuse(ctx, "-o", "usage.choices", names=", ".join(FORMATS))
    opened = Case.open(case)
    named = words_of(opened, ctx.obj.language)
    figures = read_figures(earlier) if earlier.is_file() else None
    if figures is not None:
        _print_figures(compare_figures(opened, figures), format_, named)
        return
    output.announce_compiling(ctx.obj)
    found = run(
        opened,
        earlier,
        key=key,
        out=out,
        recognizers=options.folder(ctx, recognizers),
        language=ctx.obj.language,
    )
    _print(found, format_, ctx.obj, named)


def _print_figures(rows: Rows, format_: str, named: Words) -> None:
    if format_ == "json":
        output.write_json(rows)
        return
    columns = ("name", "earlier", "measure", "here", "difference", "same")
    output.table(
        [named(f"compared.{name}") for name in columns],
        [
            [
                row["name"],
                row["earlier"],
                _measure(row["measure"], named),
                "" if row["here"] is None else row["here"],
                "" if row["difference"] is None else row["difference"],
                named("answer.true") if row["same"] else "",
            ]
            for row in rows
        ],
    )


def _measure(measure: str | None, named: Words) -> str:
    if measure is None:
        return named("compared.unknown")
    if measure.startswith("step."):
        return named(f"ladder_step.{measure.removeprefix('step.')}")
    if measure.startswith("less."):
        reason = named.name("reasons", measure.removeprefix("less."))
        return named("compared.less", reason=reason)
    return named(f"measure.{measure}")


def _print(found: Compared, format_: str, words: Wording, named: Words) -> None:
    if format_ == "json":
        output.write_json(
            [
                {
                    "unit": found.unit,
                    "steps": found.steps,
                    "reasons": found.reasons,
                    "totals": found.totals,
                    "why": found.why,
                    "files": {side: str(path) for side, path in found.files.items()},
                }
            ]
        )
        return
    kind = _kind_of(found.unit, named)
    tables: list[tuple[str, tuple[str, ...], Rows, Mapping[str, Callable[[Any], str]]]] = [
        ("steps", ("step", "here", "there", "difference"), found.steps,
         {"step": lambda step: named(f"ladder_step.{step}")}),
        ("reasons", ("step", "reason", "where", "here", "there", "difference"), found.reasons,
         {"reason": lambda code: named.name("reasons", code),
          "where": lambda where: named(f"where.{where}") if where else ""}),
        ("totals", ("kind", "both", "only_here", "only_there"), found.totals, {"kind": kind}),
        ("why", ("side", "kind", "reason", "count", "records"), found.why,
         {"kind": kind, "side": lambda side: named(f"side.{side}"),
          "reason": lambda code: named.name("reasons", code)}),
    ]  # fmt: skip
    for name, columns, rows, told in tables:
        if rows:
            output.table(
                [named(f"compared.{column}") for column in columns],
                [[told[c](row[c]) if c in told else row[c] for c in columns] for row in rows],
                title=named(f"compared.table_{name}"),
            )
    for side, path in found.files.items():
        output.tell(words("compare.written", side=named(f"side.{side}"), path=path))
    if not found.files:
        output.tell(words("compare.hint"))


def _kind_of(unit: str, named: Words) -> Callable[[str], str]:
    if unit == "key":
        return lambda kind: named(f"key_kind.{kind}")
    return lambda kind: named.name("entities", kind)
