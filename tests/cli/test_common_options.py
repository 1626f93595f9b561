"""Options of every verb: the language is from --lang, else from the locale; --no-cache."""

import pytest

from piiscan.cli.common_options import locale_language, split_common_options


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
    assert split_common_options(arguments)[::2] == (language, rest)
