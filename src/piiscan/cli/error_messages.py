"""Error messages and exit codes: every error in the user's language, with the next step.

Typer reports usage errors as English sentences. Its exceptions are recognised by class name and
reworded from command_line.toml. Messages of unexpected exceptions are not shown, because they can
quote a matched value.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from typing import Any, Final

import typer

from piiscan.cli import help_pages
from piiscan.errors import PiiscanError, VerifyError, failure_place, is_disk_full, is_memory_short
from piiscan.wording.words import Words

DONE: Final = 0
SOME_UNREAD: Final = 1
USAGE: Final = 2
NOT_VERIFIED: Final = 3
FOUND: Final = 4
INTERRUPTED: Final = 130

#: Prefix of a BadParameter message that is already in the user's language.
OWN_PREFIX: Final = "piiscan: "


def guard(run: Callable[[], int], words: Words) -> int:
    """Return the exit code of ``run``; print any exception to stderr and return its code."""
    try:
        code = run()
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has closed the pipe (``| head``): print nothing, flush nothing at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except (KeyboardInterrupt, typer.Abort):
        _print_error(words("error.interrupted"))
        return INTERRUPTED
    except PiiscanError as error:
        _print_error(words("error.prefix", text=error.text(words.language)))
        return NOT_VERIFIED if isinstance(error, VerifyError) else USAGE
    except Exception as error:  # noqa: BLE001 - the last resort of the program
        if hasattr(error, "format_message"):
            context = getattr(error, "ctx", None)
            path = context.command_path if context else "piiscan"
            return report_usage(_usage_sentence(error, context, words), f"{path} --help", words)
        return _report_exception(error, words)
    return code


def report_usage(text: str, hint: str, words: Words) -> int:
    """Print a usage error and the command for help; return exit code 2."""
    _print_error(words("error.prefix", text=text))
    _print_error(words("error.hint", command=hint))
    return USAGE


def report_failure(text: str) -> int:
    """Print to stderr the cause of a failure and the next step; return exit code 2."""
    _print_error(text)
    return USAGE


def _usage_sentence(error: Any, context: Any, words: Words) -> str:
    """Return the sentence for a usage exception in the user's language."""
    parameter = getattr(error, "param", None)
    name = getattr(error, "param_hint", None) or _parameter_name(parameter)
    match type(error).__name__:
        case "MissingParameter":
            return words("usage.missing", name=name)
        case "NoSuchOption":
            similar = ", ".join(error.possibilities or ())
            sentence = words("usage.option", name=error.option_name)
            return f"{sentence} {words('usage.near', names=similar)}" if similar else sentence
        case "BadOptionUsage":
            return words("usage.no_value", name=error.option_name)
        case "BadParameter" if name:
            return words("usage.value", name=name, why=_value_reason(error, parameter, words))
        case "UsageError" if context and hasattr(context.command, "commands"):
            return _unknown_verb(str(error.message), tuple(context.command.commands), words)
        case "UsageError" if context:
            return words(
                "usage.extra",
                usage=help_pages.usage_line(
                    context.command, list(context.command_path.split()[1:]), words
                ),
            )
    return str(error.format_message())


def _unknown_verb(message: str, verbs: Sequence[str], words: Words) -> str:
    """Return the sentence for an unknown verb: the nearest ones, or all without a near one."""
    from difflib import get_close_matches

    typed = f"{message}''".split("'")[1]  # No such command 'scn'.
    near = get_close_matches(typed, verbs)
    if near:
        near_names = words("usage.near", names=", ".join(near))
        return f"{words('usage.no_verb', name=typed)} {near_names}"
    return words("usage.verb", names=", ".join(verbs))


def _value_reason(error: Any, parameter: Any, words: Words) -> str:
    """Return why a parameter's value is invalid: piiscan's sentence, or the kind expected."""
    if error.message.startswith(OWN_PREFIX):
        return str(error.message.removeprefix(OWN_PREFIX))
    return words("usage.kind", kind=parameter.metavar or parameter.name.upper())


def _parameter_name(parameter: Any) -> str:
    """Return the name of an option or argument as the user types it; empty for None."""
    if parameter is None:
        return ""
    if parameter.param_type_name == "option":
        return str(parameter.opts[0])
    return str(parameter.metavar or parameter.name.upper())


def _report_exception(error: Exception, words: Words) -> int:
    """Report an unexpected exception: full disk, too little memory, lost share, or a defect.

    The message of an unexpected exception is left out: it can quote the data.
    """
    if is_disk_full(error):
        return report_failure(words("error.disk_full"))
    if is_memory_short(error):
        return report_failure(words("error.memory"))
    place = failure_place(error)
    if isinstance(error, OSError) and error.strerror:
        return report_failure(words("error.system", text=error.strerror, where=place))
    return report_failure(words("error.crash", where=place))


def _print_error(text: str) -> None:
    """Print ``text`` and a line end to stderr."""
    print(text, file=sys.stderr)
