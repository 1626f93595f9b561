"""``piiscan run``: from a folder to case, count and reports with one command."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import piiscan
from piiscan.cli import error_messages, options, output, progress_bar
from piiscan.cli.scan import Key, Number, Operator, Workers
from piiscan.cli.serve import require_operator, serve_page
from piiscan.wording.words import Words

if TYPE_CHECKING:
    from piiscan.case.pipeline import PipelineResult


def run(
    ctx: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="run.folder")],
    out: Annotated[Path | None, typer.Option("-o", "--out", metavar="DIR", help="run.out")] = None,
    as_of: options.AsOf = None,
    operator: Operator = "",
    case_number: Number = "",
    key: Key = None,
    policy: options.Policies = None,
    no_names: options.NoNames = False,
    only: options.Only = None,
    skip: options.Skip = None,
    passwords: options.Passwords = None,
    raw: options.Raw = False,
    no_whole_case: Annotated[
        bool, typer.Option("--no-whole-case", help="run.no_whole_case")
    ] = False,
    workers: Workers = None,
    log: options.LogFile = None,
    serve: Annotated[bool, typer.Option("--serve", help="run.serve")] = False,
) -> None:
    """Run all steps for FOLDER in a work folder; exit code 1 if some input was not read."""
    from piiscan.case.count.shipped_rules import DEFAULT_POLICIES

    words = ctx.obj
    if serve:
        require_operator(ctx, operator)
    (given,) = options.existing_paths(ctx, [folder], "FOLDER")
    with progress_bar.show_progress(
        words, "sources", log=log, outside=[given], stages=True
    ) as progress:
        done = piiscan.run(
            given,
            out,
            as_of=as_of.date() if as_of else None,
            operator=operator,
            case_number=case_number,
            key=key,
            policies=policy or DEFAULT_POLICIES,
            names=not no_names,
            only=only or (),
            skip=skip or (),
            passwords=options.passwords_file(ctx, passwords),
            raw=raw,
            whole_case=not no_whole_case,
            workers=workers,
            language=words.language,
            progress=progress,
        )
    command = f"piiscan run {_quote_path(str(folder))}"
    if out is not None:
        command += f" -o {_quote_path(str(out))}"
    if key is not None:
        command += f" --key {_quote_path(str(key))}"
    if passwords is not None:
        command += f" --passwords {_quote_path(str(passwords))}"
    command += f" --as-of {as_of:%Y-%m-%d}" if as_of else ""
    for name, given_words in (("--policy", policy), ("--only", only), ("--skip", skip)):
        command += "".join(f" {name} {_quote_path(word)}" for word in given_words or ())
    command += " --no-whole-case" * no_whole_case
    command += " --raw" * raw + " --no-names" * no_names + " --lang en" * (words.language == "en")
    unread = _print_result(done, words, command)
    if serve:
        serve_page(ctx, done.case.path, operator, key=key, passwords=passwords)
    if unread:
        raise typer.Exit(error_messages.SOME_UNREAD)


def ask_arguments(words: Words) -> list[str] | None:
    """Ask the person for folder and options; return the arguments of ``piiscan run``.

    Return None without a terminal.
    """
    if not sys.stdin.isatty() or not sys.stdout.isatty():
        return None
    output.print_line(words("run.welcome"))
    folder = _ask_until_answered(words("run.ask_folder"))
    while not Path(folder).exists():
        output.print_line(words("usage.path", path=folder))
        folder = _ask_until_answered(words("run.ask_folder"))
    arguments = ["run", folder]
    for option in ("out", "case-number", "operator"):
        answer = input(words(f"run.ask_{option.replace('-', '_')}")).strip()
        if answer:
            arguments += [f"--{option}", answer]
    return arguments


def _ask_until_answered(question: str) -> str:
    """Ask ``question`` until something is typed; return it without surrounding quotes.

    A terminal quotes a dragged path.
    """
    answer = ""
    while not answer:
        answer = input(question).strip().strip("\"'")
    return answer


def _print_result(done: PipelineResult, words: Words, command: str) -> int:
    """Print tables, files and next steps of a run; return the number of unread inputs."""
    from piiscan.case.report.terminal.terminal_tables import summary_tables

    for table in summary_tables(done.case, language=words.language):
        output.print_renderable(table)
    if "register" in done.returned_forms:
        output.print_register_check(done.case, words)
    for kind in done.returned_forms:
        output.print_line(words("run.taken", file=done.files[kind].name))
    output.print_line()
    output.print_line(words("run.done", folder=done.folder))
    for kind, path in done.files.items():
        output.print_line(f"  {path.name}  {words(f'run.file.{kind}')}")
    output.print_line()
    counters = done.case.manifest.content["counters"]
    lost = int(counters["unread"]) + int(counters["changed"])
    _print_next_steps(done, words, command, lost)
    output.print_head(done.case.path, words)
    return lost


def _print_next_steps(done: PipelineResult, words: Words, command: str, unread: int) -> None:
    """Print the numbered next steps after a run, such as completing the register.

    ``unread``: number of unread inputs.
    """
    steps = ["register", "columns", "again", "statement", "seal"]
    sentences = [words(f"run.next.{step}", **_step_fields(done, command)) for step in steps]
    if done.open_categories:
        fields = {"count": done.open_categories, "categories": done.files["categories"].name}
        sentences.insert(2, words("run.next.categories", **fields))
    if done.open_proposals:
        sentences.insert(1, words("run.next.waiting", count=done.open_proposals))
    if unread:
        sentences.insert(0, words("run.next.unread", count=unread))
    output.print_line(words("run.next_steps"))
    for number, sentence in enumerate(sentences, 1):
        output.print_line(f"  {number}. {sentence}")


def _step_fields(done: PipelineResult, command: str) -> dict[str, str]:
    """Return placeholder -> text for the next-step sentences: file names, command, case."""
    names = {kind: path.name for kind, path in done.files.items()}
    return names | {"command": command, "case_path": _quote_path(str(done.files["case"]))}


def _quote_path(path: str) -> str:
    """Return a path as it must be typed in a shell: in quotes only if it has blanks or signs.

    >>> _quote_path("检材/甲 电脑"), _quote_path("检材/手机")
    ("'检材/甲 电脑'", '检材/手机')
    """
    return path if re.fullmatch(r"[\w./:+,-]+", path) else shlex.quote(path)
