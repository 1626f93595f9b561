"""Help pages in the chosen language, drawn from what typer knows about a command.

typer's own pages mix its English headings with our text; the help texts of all commands and
options are keys of wording.toml, so that one definition serves both languages.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from piiscan.cli.wording import Wording

FLAGS = frozenset({"--help", "-h"})


def wanted(arguments: Sequence[str]) -> bool:
    """Whether help is asked for.

    >>> wanted(["find", "-h"]), wanted(["find", "--", "-h"])
    (True, False)
    """
    before = arguments[: arguments.index("--")] if "--" in arguments else arguments
    return not FLAGS.isdisjoint(before)


def target(command: Any, arguments: Sequence[str]) -> tuple[Any, list[str]]:
    """The command that ``arguments`` lead to, and the words of its path."""
    path: list[str] = []
    for argument in arguments:
        if argument in getattr(command, "commands", {}):
            command = command.commands[argument]
            path.append(argument)
        elif not argument.startswith("-"):
            break
    return command, path


def usage(command: Any, path: Sequence[str], words: Wording) -> str:
    """The one-line summary of how ``command`` is called."""
    parts = ["piiscan", *path]
    if _options(command):
        parts.append(words("help.some_options"))
    if hasattr(command, "commands"):
        parts.append(words("help.verb"))
    for argument in _arguments(command):
        name = _metavar(argument) + ("..." if argument.nargs != 1 else "")
        parts.append(name if argument.required else f"[{name}]")
    return " ".join(parts)


def draw(command: Any, path: Sequence[str], words: Wording) -> None:
    """Print the help page of ``command`` to stdout."""
    from rich.console import Console

    console = Console(highlight=False, emoji=False, markup=False)
    console.print(f"{words('help.usage')} {usage(command, path, words)}\n")
    console.print(words(command.help) + "\n")
    arguments = [(_metavar(each), words(each.help)) for each in _arguments(command)]
    for title, rows in (
        ("help.arguments", arguments),
        ("help.verbs", list(_verbs(command, words))),
        ("help.options", [*(_option(each, words) for each in _options(command)), *_own(words)]),
        ("help.exit_codes", [] if path else [(str(c), words(f"exit.{c}")) for c in range(4)]),
    ):
        if rows:
            _section(console, words(title), rows)


def _section(console: Any, title: str, rows: Sequence[tuple[str, str]]) -> None:
    from rich.table import Table

    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True, style="bold")
    table.add_column(overflow="fold")
    for left, right in rows:
        table.add_row("  " + left, right)
    console.print(title, style="bold")
    console.print(table)
    console.print()


def _arguments(command: Any) -> list[Any]:
    return [each for each in command.params if each.param_type_name == "argument"]


def _options(command: Any) -> list[Any]:
    return [each for each in command.params if each.param_type_name == "option"]


def _metavar(parameter: Any) -> str:
    return str(parameter.metavar or parameter.name.upper())


def _verbs(command: Any, words: Wording) -> Iterator[tuple[str, str]]:
    for name, verb in getattr(command, "commands", {}).items():
        yield name, words(verb.help).partition("\n")[0]


def _option(option: Any, words: Wording) -> tuple[str, str]:
    left = ", ".join(option.opts)
    text = words(option.help)
    if not option.is_flag:
        left += " " + _metavar(option)
        if option.required:
            text += f" {words('help.required')}"
        elif option.default not in (None, "") and not callable(option.default):
            text += f" {words('help.default', value=option.default)}"
    return left, text


def _own(words: Wording) -> list[tuple[str, str]]:
    return [("--lang zh|en", words("help.lang")), ("-h, --help", words("help.help"))]
