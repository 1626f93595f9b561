"""Command line: verbs that parse arguments, call the library and print, in Chinese or English.

Nothing heavy is imported here. Typer loads for a verb, and numpy, pyarrow, DuckDB and Presidio
inside the verb that needs them, so that ``piiscan --version`` and ``--help`` answer at once.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from typing import Final

from piiscan import __version__
from piiscan.cli.common_options import locale_language, split_common_options
from piiscan.kernel_files import check_kernels
from piiscan.wording.words import LANGUAGES, Words

#: Least address space (bytes): below it, libraries end the process without a word.
_LEAST_MEMORY: Final = 1 << 30


def main(
    arguments: Sequence[str] | None = None, environment: Mapping[str, str] | None = None
) -> int:
    """Run one command; return the exit code: 0 done, 1 unread input, 2 usage error, 3 not verified.

    ``arguments`` and ``environment`` default to those of the process.
    """
    _open_closed_streams()
    given = sys.argv[1:] if arguments is None else arguments
    chosen, no_cache, rest = split_common_options(given)
    if rest[:1] == ["--version"]:
        print(f"piiscan {__version__}")
        return 0

    from piiscan.cli import error_messages

    if no_cache:
        from piiscan import cache

        cache.switch_off()
    words = Words(locale_language(os.environ if environment is None else environment))
    if chosen is not None:
        if chosen not in LANGUAGES:
            return error_messages.report_usage(words("usage.lang"), "piiscan --help", words)
        words = Words(chosen)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal that lacks a character shows "?"
    limit = _memory_limit()
    if limit is not None and limit < _LEAST_MEMORY:
        text = words("error.address_space", limit=limit >> 20, needed=_LEAST_MEMORY >> 20)
        return error_messages.report_failure(text)
    return error_messages.guard(lambda: _run(rest, words), words)


def _open_closed_streams() -> None:
    """Lead the standard streams that the caller has closed to nowhere.

    Else a file of the case would get the number of one, and what is printed would go into it.
    """
    names = ("stdin", "stdout", "stderr")
    if all(getattr(sys, name) is not None for name in names):
        return
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(number)
    for number, name in enumerate(names):
        if getattr(sys, name) is None:
            stream = open(number, "w" if number else "r", encoding="utf-8", closefd=False)  # noqa: SIM115
            setattr(sys, name, stream)


def _memory_limit() -> int | None:
    """Return the bytes of address space that this process may use, None if there is no limit."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    soft = resource.getrlimit(resource.RLIMIT_AS)[0]
    return None if soft == resource.RLIM_INFINITY else soft


def _run(arguments: list[str], words: Words) -> int:
    """Run the command in ``arguments`` with the wording ``words``; return its exit code."""
    import typer

    from piiscan.cli import error_messages, help_pages
    from piiscan.cli.app import command_tree
    from piiscan.cli.run import ask_arguments

    command = command_tree()
    arguments = arguments or ask_arguments(words) or []
    if not arguments or help_pages.is_help_wanted(arguments):
        help_pages.print_help(*help_pages.find_command(command, arguments), words)
        return error_messages.DONE if arguments else error_messages.USAGE
    check_kernels()
    # Not command.main(): it would turn a broken pipe into exit code 1 before we see it.
    try:
        with command.make_context("piiscan", arguments, obj=words) as context:
            command.invoke(context)
    except typer.Exit as done:
        return done.exit_code
    return error_messages.DONE
