"""What goes wrong, said in the user's language with what to do next, and as an exit code.

typer reports usage errors in English sentences; its exceptions are told apart by class name and
said again from wording.toml.  Messages of unexpected exceptions are not shown: they could quote
a matched value.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable
from pathlib import PurePath
from typing import Any, Final

import typer

from piiscan.cli import help_pages
from piiscan.cli.error_translation import translate
from piiscan.cli.wording import Wording
from piiscan.errors import PiiscanError, VerifyError

DONE: Final = 0
SOME_UNREAD: Final = 1
USAGE: Final = 2
NOT_VERIFIED: Final = 3
CRASHED: Final = 70  # EX_SOFTWARE of sysexits.h
INTERRUPTED: Final = 130

#: Marks the message of a BadParameter as a sentence of ours, already in the user's language.
OWN: Final = "piiscan: "


def guard(run: Callable[[], int], words: Wording) -> int:
    """The exit code of ``run``, with whatever it raised told on stderr."""
    try:
        code = run()
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has gone (``| head``): nothing to say, and nothing to flush at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except (KeyboardInterrupt, typer.Abort):
        _say(words("error.interrupted"))
        return INTERRUPTED
    except PiiscanError as error:
        text = translate(str(error), words.language)
        _say(words("error.prefix", text=text))
        return NOT_VERIFIED if isinstance(error, VerifyError) else USAGE
    except Exception as error:  # noqa: BLE001 - the last resort of the program
        if hasattr(error, "format_message"):
            return _usage(error, words)
        return _crash(error, words)
    return code


def report_usage(text: str, hint: str, words: Wording) -> int:
    """Exit code 2, after saying what is wrong with a call and where its help is."""
    _say(words("error.prefix", text=text))
    _say(words("error.hint", command=hint))
    return USAGE


def _usage(error: Any, words: Wording) -> int:
    context = getattr(error, "ctx", None)
    path = context.command_path if context else "piiscan"
    return report_usage(_sentence(error, context, words), f"{path} --help", words)


def _sentence(error: Any, context: Any, words: Wording) -> str:
    parameter = getattr(error, "param", None)
    name = getattr(error, "param_hint", None) or _name(parameter)
    match type(error).__name__:
        case "MissingParameter":
            return words("usage.missing", name=name)
        case "NoSuchOption":
            near = ", ".join(error.possibilities or ())
            told = words("usage.option", name=error.option_name)
            return f"{told} {words('usage.near', names=near)}" if near else told
        case "BadOptionUsage":
            return words("usage.no_value", name=error.option_name)
        case "BadParameter" if name:
            return words("usage.value", name=name, why=_why(error, parameter, words))
        case "UsageError" if context and hasattr(context.command, "commands"):
            verbs = ", ".join(context.command.commands)
            return words("usage.verb", names=verbs)
        case "UsageError" if context:
            return words(
                "usage.extra", usage=help_pages.usage(context.command, _path(context), words)
            )
    return str(error.format_message())


def _why(error: Any, parameter: Any, words: Wording) -> str:
    """What a value should have been: our own sentence, or the kind of value the option takes."""
    if error.message.startswith(OWN):
        return str(error.message.removeprefix(OWN))
    return words("usage.kind", kind=parameter.metavar or parameter.name.upper())


def _name(parameter: Any) -> str:
    if parameter is None:
        return ""
    if parameter.param_type_name == "option":
        return str(parameter.opts[0])
    return str(parameter.metavar or parameter.name.upper())


def _path(context: Any) -> list[str]:
    return list(context.command_path.split()[1:])


def _crash(error: Exception, words: Wording) -> int:
    frames = traceback.extract_tb(error.__traceback__)[-5:]
    places = " > ".join(f"{PurePath(each.filename).name}:{each.lineno}" for each in frames)
    _say(words("error.crash", where=f"{type(error).__name__}: {places}"))
    if isinstance(error, OSError) and error.strerror:
        _say(words("error.system", text=error.strerror))
    return CRASHED


def _say(text: str) -> None:
    print(text, file=sys.stderr)
