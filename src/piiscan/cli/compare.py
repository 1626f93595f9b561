"""``piiscan compare``: compare a case with an earlier case, a list, or figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from piiscan.cli import options, output
from piiscan.wording.words import Words

if TYPE_CHECKING:
    from piiscan.case.compare.compare import Comparison

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
    """Print the differences between the case DIR and EARLIER."""
    from piiscan.case.compare.compare import compare as run
    from piiscan.case.compare.read_figures import compare_figures, read_figures
    from piiscan.case.export.export import FORMATS
    from piiscan.case.store.case import Case

    options.check_choice(ctx, format_, ("terminal", "json"), "--format")
    options.existing_paths(ctx, [earlier], "EARLIER")
    if out is not None and out.suffix.lower() not in FORMATS:
        raise options.usage_error(ctx, "-o", "usage.choices", names=", ".join(FORMATS))
    opened = Case.open(case)
    words = opened.words(ctx.obj.language)
    figures = read_figures(earlier) if earlier.is_file() else None
    if figures is not None:
        _print_figures(compare_figures(opened, figures), format_, words)
        return
    found = run(
        opened,
        earlier,
        key=key,
        out=out,
        recognizers=options.rule_folder(ctx, recognizers),
        language=ctx.obj.language,
    )
    _print_comparison(found, format_, words)


def _print_figures(rows: Rows, format_: str, words: Words) -> None:
    """Print the earlier figures and this case's counts as a table, or as JSON lines."""
    if format_ == "json":
        output.write_json(rows)
        return
    columns = ("name", "earlier", "measure", "here", "difference", "same")
    output.print_table(
        [words(f"compared.{name}") for name in columns],
        [
            [
                row["name"],
                row["earlier"],
                _measure_name(row["measure"], words),
                "" if row["here"] is None else row["here"],
                "" if row["difference"] is None else row["difference"],
                words("answer.true") if row["same"] else "",
            ]
            for row in rows
        ],
    )


def _measure_name(measure: str | None, words: Words) -> str:
    """Return the display name of a measure such as ``step.R5``; None means an unknown name.

    Measures are step ``step.R5``, deduction ``less.DUP_KEY``, and others such as ``hits``.
    """
    if measure is None:
        return words("compared.unknown")
    if measure.startswith("step."):
        return words(f"ladder_step.{measure.removeprefix('step.')}")
    if measure.startswith("less."):
        reason = words.name("reasons", measure.removeprefix("less."))
        return words("compared.less", reason=reason)
    return words(f"measure.{measure}")


def _print_comparison(found: Comparison, format_: str, words: Words) -> None:
    """Print ladder, reasons and one-sided values of two counts as tables, or as JSON lines."""
    if format_ == "json":
        output.write_json(
            [
                {
                    "unit": found.unit,
                    "steps": found.steps,
                    "reasons": found.reasons,
                    "totals": found.totals,
                    "why": found.one_sided,
                    "files": {side: str(path) for side, path in found.files.items()},
                }
            ]
        )
        return

    def kind(code: str) -> str:
        """Return the display name of a key kind or an entity."""
        return words(f"key_kind.{code}") if found.unit == "key" else words.name("entities", code)

    tables: list[tuple[str, tuple[str, ...], Rows, Mapping[str, Callable[[Any], str]]]] = [
        ("steps", ("step", "here", "there", "difference"), found.steps,
         {"step": lambda step: words(f"ladder_step.{step}")}),
        ("reasons", ("step", "reason", "where", "here", "there", "difference"), found.reasons,
         {"reason": lambda code: words.name("reasons", code),
          "where": lambda where: words(f"where.{where}") if where else ""}),
        ("totals", ("kind", "both", "only_here", "only_there"), found.totals, {"kind": kind}),
        ("why", ("side", "kind", "reason", "count", "records"), found.one_sided,
         {"kind": kind, "side": lambda side: words(f"side.{side}"),
          "reason": lambda code: words.name("reasons", code)}),
    ]  # fmt: skip
    for name, columns, rows, formatters in tables:
        if rows:
            output.print_table(
                [words(f"compared.{column}") for column in columns],
                [
                    [formatters[c](row[c]) if c in formatters else row[c] for c in columns]
                    for row in rows
                ],
                title=words(f"compared.table_{name}"),
            )
    for side, path in found.files.items():
        output.print_line(words("compare.written", side=words(f"side.{side}"), path=path))
    if not found.files:
        output.print_line(words("compare.hint"))
