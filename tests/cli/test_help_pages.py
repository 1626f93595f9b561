"""Help pages: every verb has one, in both languages."""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

import piiscan
from piiscan.cli.app import command_tree
from piiscan.cli.help_pages import find_command
from piiscan.wording.words import section

HAN = re.compile("[一-鿿]")


def paths(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield path
    for name, verb in getattr(command, "commands", {}).items():
        yield from paths(verb, (*path, name))


@pytest.mark.parametrize("path", list(paths(command_tree())), ids=" ".join)
def test_every_verb_has_a_page_in_both_languages(path: tuple[str, ...], call: Any) -> None:
    chinese, english = call(*path, "--help"), call(*path, "-h", "--lang", "en")
    assert (chinese.code, english.code) == (0, 0)
    assert chinese.out.startswith("用法： piiscan")
    assert english.out.startswith("Usage: piiscan")
    assert " ".join(path) in chinese.out
    assert not HAN.search(english.out.replace("身份证号", ""))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_example_of_a_verb_is_one_that_it_takes(language: str, call: Any) -> None:
    for path in paths(command_tree()):
        command = find_command(command_tree(), path)[0]
        if not hasattr(command, "commands"):
            example = section("example")["-".join(path)][language]
            assert example in call(*path, "--help", "--lang", language).out
            program, *words = shlex.split(example)
            assert (program, *words[: len(path)]) == ("piiscan", *path)
            command.make_parser(command.context_class(command)).parse_args(
                words[len(path) :]
            )  # of its options


def test_options_arguments_and_defaults_are_shown(call: Any) -> None:
    parts = ("[FILE...]", "--label NAME", "--min-score 0-1", "[default: 0.5]", "--lang zh|en")
    assert call("find", "--help", "--lang", "en").lacks(*parts) == []


def test_an_english_locale_needs_no_option(call: Any) -> None:
    assert call("--help", environment={"LANG": "en_US.UTF-8"}).out.startswith("Usage:")


def test_no_verb_at_all_shows_the_page_and_is_wrong_usage(call: Any) -> None:
    called = call()
    assert called.code == 2
    assert called.out == call("--help").out


def test_the_main_page_lists_the_exit_codes(call: Any) -> None:
    codes = (section("exit")[str(code)]["zh"] for code in range(4))
    assert call("--help").lacks(*codes) == []


def test_the_version_is_an_option_of_the_main_page(call: Any) -> None:
    assert "--version" in call("--help").out
    assert "--version" not in call("find", "--help").out
    for words in (["--version"], ["--lang", "en", "--version"]):
        called = call(*words)
        assert (called.code, called.out) == (0, f"piiscan {piiscan.__version__}\n")
    module = subprocess.run(
        [sys.executable, "-m", "piiscan", "--version"], capture_output=True, check=True, text=True
    )
    assert module.stdout == called.out


def test_help_behind_two_dashes_is_a_text(call: Any) -> None:
    assert call("find", "--", "--help").out == ""
