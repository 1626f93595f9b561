"""``piiscan run``: from a folder to case, count and page with one command, or asked for."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from piiscan.cli import error_messages, options, output, progress_bar, register_notes
from piiscan.cli.scan import Key, Number, Operator, Workers
from piiscan.cli.wording import Wording

if TYPE_CHECKING:
    from piiscan.case.pipeline import Whole


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
    from piiscan.case.pipeline import default_folder, run_whole

    words = ctx.obj
    (given,) = options.paths(ctx, [folder], "FOLDER")
    output.announce_compiling(words)
    with progress_bar.shown(words("scan.progress")) as told:
        done = run_whole(
            given,
            out or default_folder(given, language=words.language),
            operator=operator,
            case_number=case_number,
            key=key,
            names=not no_names,
            workers=workers,
            language=words.language,
            told=lambda step: output.note(words(f"run.step.{step}")),
            progress=told,
        )
    command = f"piiscan run {_quoted(str(folder))}"
    if out is not None:
        command += f" -o {_quoted(str(out))}"
    if key is not None:
        command += f" --key {_quoted(str(key))}"
    command += " --no-names" * no_names + " --lang en" * (words.language == "en")
    if _tell(done, words, command):
        raise typer.Exit(error_messages.SOME_UNREAD)


def ask(words: Wording) -> list[str] | None:
    """The arguments of a run, asked for one by one; None where nobody can be asked."""
    if not sys.stdin.isatty() or not sys.stdout.isatty():
        return None
    output.tell(words("run.welcome"))
    folder = _answer(words("run.ask_folder"))
    while not Path(folder).exists():
        output.tell(words("usage.path", path=folder))
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


def _tell(done: Whole, words: Wording, command: str) -> int:
    """How much was not read, after saying what was found, where it lies and what comes next."""
    from piiscan.case.report.terminal.summary import brief_tables

    for table in brief_tables(done.case, language=words.language):
        output.draw(table)
    if "register" in done.given_back:
        register_notes.tell(done.case, words)
    for kind in done.given_back:
        output.tell(words("run.taken", file=done.files[kind].name))
    output.tell()
    output.tell(words("run.done", folder=done.folder))
    for kind, path in done.files.items():
        output.tell(f"  {path.name}  {words(f'run.file.{kind}')}")
    output.tell()
    counters = done.case.manifest.content["counters"]
    lost = int(counters["unread"]) + int(counters["changed"])
    _tell_next(done, words, command, lost)
    return lost


def _tell_next(done: Whole, words: Wording, command: str, lost: int) -> None:
    """What a person does now, step by step."""
    steps = ["register", "columns", "again", "statement", "seal"]
    told = [words(f"run.next.{step}", **_facts(done, command)) for step in steps]
    if done.waiting:
        told.insert(1, words("run.next.waiting", count=done.waiting))
    if lost:
        told.insert(0, words("run.next.unread", count=lost))
    output.tell(words("run.next_steps"))
    for number, sentence in enumerate(told, 1):
        output.tell(f"  {number}. {sentence}")


def _facts(done: Whole, command: str) -> dict[str, str]:
    names = {kind: path.name for kind, path in done.files.items()}
    return names | {"command": command, "case_path": _quoted(str(done.files["case"]))}


def _quoted(path: str) -> str:
    """A path as it can be typed: in quotes only where a shell would take it apart.

    >>> _quoted("检材/甲 电脑"), _quoted("检材/手机")
    ("'检材/甲 电脑'", '检材/手机')
    """
    return path if re.fullmatch(r"[\w./:+,-]+", path) else shlex.quote(path)
