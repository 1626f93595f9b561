"""``piiscan delete-list``: list every location of personal information to delete (责令删除)."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

import piiscan
from piiscan.cli import error_messages, options, output, progress_bar
from piiscan.output_files import write_aside
from piiscan.wording.words import Words

if TYPE_CHECKING:
    from piiscan.case.export.deletion_check import DeletionCheck

_FORMATS: Final = ("terminal", "csv", "xlsx", "json")
_TERMINAL_COLUMNS: Final = (
    *("number", "suspect", "device", "item", "path", "member", "kinds", "records"),
)
#: Results of a check, in the order of the printed numbers.
_RESULTS: Final = ("DELETED", "PRESENT", "UNCHECKED")
_CHECK_COLUMNS: Final = (
    *("number", "result", "ground", "reason", "found_records", "compared_records"),
    *("found_values", "path", "member", "found_at"),
)


def delete_list(
    ctx: typer.Context,
    case: Annotated[Path, typer.Argument(metavar="DIR", help="delete.case")],
    check: Annotated[
        Path | None, typer.Option("--check", metavar="FOLDER", help="delete.check")
    ] = None,
    form: Annotated[
        str, typer.Option("--format", metavar="terminal|csv|xlsx|json", help="delete.format")
    ] = "terminal",
    out: Annotated[
        Path | None, typer.Option("-o", "--out", metavar="FILE", help="delete.out")
    ] = None,
    operator: Annotated[
        str, typer.Option("--operator", metavar="NAME", help="delete.operator")
    ] = "",
    key: options.CaseKey = None,
    recognizers: options.Folder = None,
    passwords: options.Passwords = None,
) -> None:
    """Print or write every location of personal information in the case DIR."""
    from piiscan.case.export.deletion import deletion_layout, deletion_list, write_deletion
    from piiscan.case.export.list_file import joined_rows
    from piiscan.case.store.case import Case, check_output_path

    options.check_choice(ctx, form, _FORMATS, "--format")
    opened = Case.open(case, key=key)
    if out is not None:
        check_output_path(opened, out)
        options.output_file(ctx, out, "-o")
        suffix = out.suffix.lower().removeprefix(".")
        if form == "terminal" and check is None:
            if suffix not in _FORMATS[1:]:
                raise options.usage_error(ctx, "-o", "delete.no_out")
            form = suffix
        if check is not None and form not in ("terminal", suffix):
            raise options.usage_error(ctx, "-o", "delete.other_format", form=form)
    elif form == "xlsx":
        raise options.usage_error(ctx, "--format", "delete.needs_out")
    words = opened.words(ctx.obj.language)
    done: DeletionCheck | None = None
    if check is not None:
        with progress_bar.show_progress(ctx.obj, "read") as progress:
            done = piiscan.check_deletion(
                opened,
                options.existing_folder(ctx, check, "--check"),
                out=out,
                recognizers=options.rule_folder(ctx, recognizers),
                passwords=options.passwords_file(ctx, passwords),
                operator=operator,
                language=ctx.obj.language,
                progress=progress,
            )
    rows = deletion_list(opened) if done is None else done.rows
    layout = deletion_layout("delete_list" if done is None else "deletion_check", words)
    if form == "terminal":
        shown = _TERMINAL_COLUMNS if done is None else _CHECK_COLUMNS
        columns = [
            c for c in layout.columns if c.name in shown and any(r.get(c.name) for r in rows)
        ]
        layout = replace(layout, columns=columns)
        output.print_table([c.heading(words) for c in columns], joined_rows(layout, rows))
    elif out is None:
        content = BytesIO()
        write_deletion(content, form, layout, rows, opened)
        output.write_bytes(content.getvalue())
    elif done is None:
        with write_aside(out) as file:
            write_deletion(file, form, layout, rows, opened)
        output.print_line(words("delete.written", path=out, places=len(rows)))
    if done is not None:
        _print_check(done, out, words)
    elif form == "terminal":
        hits = sum(row["hits"] for row in rows)
        records = sum(row["records"] for row in rows)
        output.print_line(words("delete.done", places=len(rows), hits=hits, records=records))


def _print_check(done: DeletionCheck, out: Path | None, words: Words) -> None:
    """Print the numbers of a check to stderr; exit with code 1 if a file was not read."""
    counts = done.counts()
    output.print_note(words("delete.checked", **{r: counts[r] for r in _RESULTS}))
    if not done.by_values:
        output.print_note(words("delete.no_key"))
    if out is not None:
        output.print_note(words("delete.check_written", path=out, sha256=done.sha256))
    if done.unread:
        output.print_note(words("delete.unread", count=done.unread))
        raise typer.Exit(error_messages.SOME_UNREAD)
