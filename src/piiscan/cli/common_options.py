"""Options of every verb; the language of messages is from ``--lang``, else from the locale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from piiscan.wording.words import Language


def locale_language(environment: Mapping[str, str]) -> Language:
    """Return ``en`` if the environment has an English locale, else ``zh``.

    ``zh`` is also for C, POSIX and no locale. The first of LC_ALL, LC_MESSAGES and LANG that is
    set decides, as POSIX defines.

    >>> locale_language({"LANG": "en_GB.UTF-8"}), locale_language({"LANG": "C.UTF-8"})
    ('en', 'zh')
    """
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if environment.get(name):
            return "en" if environment[name].lower().startswith("en") else "zh"
    return "zh"


def split_common_options(arguments: Sequence[str]) -> tuple[str | None, bool, list[str]]:
    """Return the value of ``--lang``, if ``--no-cache`` is there, and the other arguments.

    Both may stand anywhere before ``--``.

    >>> split_common_options(["find", "--lang", "en", "--no-cache", "text"])
    ('en', True, ['find', 'text'])
    """
    language: str | None = None
    no_cache = False
    others: list[str] = []
    rest = iter(arguments)
    for argument in rest:
        if argument == "--":
            others += [argument, *rest]
        elif argument == "--lang":
            language = next(rest, "")
        elif argument.startswith("--lang="):
            language = argument.removeprefix("--lang=")
        elif argument == "--no-cache":
            no_cache = True
        else:
            others.append(argument)
    return language, no_cache, others
