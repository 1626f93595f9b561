"""Help pages in the chosen language, built from typer's command objects.

Typer's own pages mix English headings with our texts. The help texts of commands and options are
keys of command_line.toml, so that one definition serves both languages.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from piiscan.wording.words import Words

HELP_FLAGS = frozenset({"--help", "-h"})


def is_help_wanted(arguments: Sequence[str]) -> bool:
    """Return True if ``--help`` or ``-h`` is among the arguments before ``--``.

    >>> is_help_wanted(["find", "-h"]), is_help_wanted(["find", "--", "-h"])
    (True, False)
    """
    before = arguments[: arguments.index("--")] if "--" in arguments else arguments
    return not HELP_FLAGS.isdisjoint(before)


def find_command(command: Any, arguments: Sequence[str]) -> tuple[Any, list[str]]:
    """Return the deepest command that ``arguments`` name, and the words of its path."""
    path: list[str] = []
    for argument in arguments:
        if argument in getattr(command, "commands", {}):
            command = command.commands[argument]
            path.append(argument)
        elif not argument.startswith("-"):
            break
    return command, path


def usage_line(command: Any, path: Sequence[str], words: Words) -> str:
    """Return the usage of ``command`` in one line: ``piiscan find [options] [TEXT]``."""
    parts = ["piiscan", *path]
    if _options(command):
        parts.append(words("help.some_options"))
    if hasattr(command, "commands"):
        parts.append(words("help.verb"))
    for argument in _arguments(command):
        name = _metavar(argument) + ("..." if argument.nargs != 1 else "")
        parts.append(name if argument.required else f"[{name}]")
    return " ".join(parts)


def print_help(command: Any, path: Sequence[str], words: Words) -> None:
    """Print the help page of ``command`` to stdout."""
    from rich.console import Console

    console = Console(highlight=False, emoji=False, markup=False)
    console.print(f"{words('help.usage')} {usage_line(command, path, words)}\n")
    console.print(words(command.help) + "\n")
    arguments = [(_metavar(each), words(each.help)) for each in _arguments(command)]
    for title, rows in (
        ("help.arguments", arguments),
        ("help.verbs", list(_verb_rows(command, words))),
        (
            "help.options",
            [
                *(_option_row(each, words) for each in _options(command)),
                *[
                    ("--no-cache", words("help.no_cache")),
                    ("--lang zh|en", words("help.lang")),
                    ("-h, --help", words("help.help")),
                ],
                *([] if path else [("--version", words("help.version"))]),
            ],
        ),
        ("help.exit_codes", [] if path else [(str(c), words(f"exit.{c}")) for c in range(5)]),
    ):
        if rows:
            from rich.table import Table

            table = Table.grid(padding=(0, 2))
            table.add_column(no_wrap=True, style="bold")
            table.add_column(overflow="fold")
            for left, right in rows:
                table.add_row("  " + left, right)
            console.print(words(title), style="bold")
            console.print(table)
            console.print()
    if path and not hasattr(command, "commands"):
        example = words(f"example.{'-'.join(path)}")
        console.print(f"{words('help.example')} {example}\n", soft_wrap=True)  # to be copied


def _arguments(command: Any) -> list[Any]:
    """Return the positional parameters of a command."""
    return [each for each in command.params if each.param_type_name == "argument"]


def _options(command: Any) -> list[Any]:
    """Return the option parameters of a command."""
    return [each for each in command.params if each.param_type_name == "option"]


def _metavar(parameter: Any) -> str:
    """Return the placeholder of a parameter's value in help texts: ``FILE``."""
    return str(parameter.metavar or parameter.name.upper())


def _verb_rows(command: Any, words: Words) -> Iterator[tuple[str, str]]:
    """Yield (verb, first line of its help) for each verb of a group."""
    for name, verb in getattr(command, "commands", {}).items():
        yield name, words(verb.help).partition("\n")[0]


def _option_row(option: Any, words: Words) -> tuple[str, str]:
    """Return (option as typed, help text with the default) for one option."""
    name = ", ".join(option.opts)
    text = words(option.help)
    if not option.is_flag:
        name += " " + _metavar(option)
        if option.required:
            text += f" {words('help.required')}"
        elif option.default not in (None, "") and not callable(option.default):
            text += f" {words('help.default', value=option.default)}"
    return name, text
