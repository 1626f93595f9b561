"""The sentences of the command line: complete, in both languages, all used."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import piiscan.cli
from piiscan.cli.app import command_tree
from piiscan.cli.verb_wording import Wording, locale_language, sentences, split_language

SOURCES = [
    each.read_text("utf-8") for each in sorted(Path(piiscan.cli.__file__).parent.glob("*.py"))
]
#: Keys that are put together where they are used: a name in the code, then a code or a column.
FAMILIES = (
    "run.step.",
    "run.file.",
    "run.next.",
    "run.ask_",
    *("register.algorithm.", "register.column.", "register.problem.", "register.result."),
    "register.why.",
    *(
        "exit.",
        "whose.",
        "difference.",
        "difference_detail.",
        "compiling.",
        "explain.",
        "recognizers.",
        "verify.",
    ),
    *("score.strict", "score.overlap", "score.char"),
)
HAN = re.compile("[一-鿿]")


def commands(command: Any) -> Iterator[Any]:
    yield command
    for verb in getattr(command, "commands", {}).values():
        yield from commands(verb)


def placeholders(sentence: str) -> set[str]:
    return set(re.findall(r"\{([a-z_]+)(?::[^{}]*)?\}", sentence))


@pytest.mark.parametrize("key", sorted(sentences()))
def test_a_sentence_says_the_same_in_both_languages(key: str) -> None:
    entry = sentences()[key]
    assert entry.keys() == {"zh", "en"}
    assert placeholders(entry["zh"]) == placeholders(entry["en"])
    assert entry["zh"].count("\n") == entry["en"].count("\n")
    assert HAN.search(entry["zh"]) or not re.search("[a-z]", re.sub("{.*?}", "", entry["en"]))
    quoted = entry["en"].replace("身份证号", "")
    assert not HAN.search(quoted)


def test_every_help_text_is_a_known_sentence() -> None:
    for command in commands(command_tree()):
        assert command.help in sentences(), command.name
        for parameter in command.params:
            assert parameter.help in sentences(), (command.name, parameter.name)


def test_every_sentence_that_the_code_asks_for_exists() -> None:
    asked = {
        key
        for source in SOURCES
        for key in re.findall(r"(?:words|ctx\.obj)\(\s*[\"']([a-z_.]+)[\"']", source)
    }
    assert len(asked) > 30
    assert asked - sentences().keys() == set()


def test_every_sentence_is_used() -> None:
    used = {each.help for each in commands(command_tree())}
    used |= {parameter.help for each in commands(command_tree()) for parameter in each.params}
    literal = "\n".join(SOURCES)
    unused = [
        key
        for key in sentences()
        if key not in used
        and not re.search(f"[\"']{re.escape(key)}[\"']", literal)
        and not key.startswith(FAMILIES)
    ]
    assert unused == []


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "zh"),
        ({"LANG": "C"}, "zh"),
        ({"LANG": "C.UTF-8"}, "zh"),
        ({"LC_ALL": "POSIX", "LANG": "en_US.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.GB18030"}, "zh"),
        ({"LANG": "de_DE.UTF-8"}, "zh"),
        ({"LANG": "en_US.UTF-8"}, "en"),
        ({"LC_ALL": "en_GB", "LANG": "zh_CN"}, "en"),
        ({"LC_ALL": "", "LANG": "en_GB"}, "en"),
        ({"LC_MESSAGES": "en_US", "LANG": "zh_CN"}, "en"),
    ],
)
def test_the_locale_chooses_english_only_if_it_is_english(
    environment: dict[str, str], language: str
) -> None:
    assert locale_language(environment) == language


@pytest.mark.parametrize(
    ("arguments", "language", "rest"),
    [
        (["--lang", "en", "find", "a"], "en", ["find", "a"]),
        (["find", "a", "--lang=zh"], "zh", ["find", "a"]),
        (["find", "--", "--lang", "en"], None, ["find", "--", "--lang", "en"]),
        (["find", "--lang"], "", ["find"]),
    ],
)
def test_the_language_option_stands_anywhere(
    arguments: list[str], language: str | None, rest: list[str]
) -> None:
    assert split_language(arguments) == (language, rest)


def test_an_unknown_sentence_is_an_error() -> None:
    with pytest.raises(KeyError):
        Wording("zh")("no.such.sentence")
