"""``piiscan run``: from a folder to case, count and page with one command, or asked for."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from piiscan.cli import failure, options, progress, registered, terminal
from piiscan.cli.scan import Key, Number, Operator, Workers
from piiscan.cli.wording import Wording

if TYPE_CHECKING:
    from piiscan.run.whole import Whole

#: Tables that are shown at the end; everything is in the page and the case.
_SHOWN: Final = ("kinds", "ladder", "units", "tiers", "unread")


def run(
    ctx: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="run.folder")],
    out: Annotated[Path | None, typer.Option("-o", "--out", metavar="DIR", help="run.out")] = None,
    operator: Operator = "",
    case_number: Number = "",
    key: Key = None,
    no_names: options.NoNames = False,
    workers: Workers = None,
) -> None:
    """Everything of FOLDER into a work folder; exit code 1 if some input was not read."""
    from piiscan.run.whole import default_folder, run_whole

    words = ctx.obj
    (given,) = options.paths(ctx, [folder], "FOLDER")
    terminal.announce_compiling(words)
    with progress.shown(words("scan.progress")) as told:
        done = run_whole(
            given,
            out or default_folder(given, language=words.language),
            operator=operator,
            case_number=case_number,
            key=key,
            names=not no_names,
            workers=workers,
            language=words.language,
            told=lambda step: terminal.note(words(f"run.step.{step}")),
            progress=told,
        )
    if _tell(done, words):
        raise typer.Exit(failure.SOME_UNREAD)


def ask(words: Wording) -> list[str] | None:
    """The arguments of a run, asked for one by one; None where nobody can be asked."""
    if not sys.stdin.isatty() or not sys.stdout.isatty():
        return None
    terminal.tell(words("run.welcome"))
    folder = _answer(words("run.ask_folder"))
    while not Path(folder).exists():
        terminal.tell(words("usage.path", path=folder))
        folder = _answer(words("run.ask_folder"))
    arguments = ["run", folder]
    for option in ("out", "case-number", "operator"):
        answer = input(words(f"run.ask_{option.replace('-', '_')}")).strip()
        if answer:
            arguments += [f"--{option}", answer]
    return arguments


def _answer(question: str) -> str:
    """What is typed, without the quotes that a dragged path has; asked until there is something."""
    answer = ""
    while not answer:
        answer = input(question).strip().strip("\"'")
    return answer


def _tell(done: Whole, words: Wording) -> int:
    """How much was not read, after saying what was found and where everything lies."""
    from piiscan.report.terminal import case_tables

    for table in case_tables(done.case, language=words.language, names=_SHOWN):
        terminal.draw(table)
    registered.tell(done.case, words)
    for kind in done.given_back:
        terminal.tell(words("run.taken", file=done.files[kind]))
    terminal.tell(words("run.done", folder=done.folder))
    for kind, path in done.files.items():
        terminal.tell(f"  {words(f'run.file.{kind}')}  {path}")
    terminal.tell(words("run.again"))
    counters = done.case.manifest.content["counters"]
    lost = int(counters["unread"]) + int(counters["changed"])
    if lost:
        terminal.note(words("scan.unread", count=lost, case=done.case.path))
    return lost
