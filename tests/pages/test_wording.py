"""Every sentence stands in both languages, with the same places to fill in, and says no verdict."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

import piiscan
from piiscan.case.compare.shared_keys import CROSS_MATRIX
from piiscan.case.report.report_contents import REPORT_TABLES, SUMMARY_TABLES
from piiscan.case.scan.tables.combination_table import COMBINATIONS
from piiscan.case.scan.tables.scan_table_inputs import CLASSES
from piiscan.pages.wording import LANGUAGES, Words, wording


def sentences(entries: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, entry in entries.items():
        if "zh" in entry and isinstance(entry["zh"], str):
            yield prefix + key, entry
        else:
            yield from sentences(entry, f"{prefix}{key}.")


def test_every_sentence_stands_in_both_languages() -> None:
    for key, entry in sentences(wording()):
        assert set(entry) == set(LANGUAGES), key
        places = [sorted(re.findall(r"\{(\w+)\}", entry[lang])) for lang in LANGUAGES]
        assert places[0] == places[1], key


def test_nothing_is_judged() -> None:
    """domain.md D.7 E9: extraction and counts, to be verified; never an offence."""
    for key, entry in sentences(wording()):
        for word in (
            "构成",
            "情节",
            "犯罪",
            "违法",
            "有罪",
            "crime",
            "guilty",
            "illegal",
            "offence",
        ):
            assert word not in entry["zh"] + entry["en"].lower(), key
    assert "提取/统计说明" in Words("zh", {})("page.title")
    assert "符合识别规则的记录" in Words("zh", {})("page.notice")
    assert "待核实" in Words("zh", {})("page.notice")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_table_column_and_class_has_a_word(language: Any) -> None:
    words = Words(language, {})
    for table in (*REPORT_TABLES, *SUMMARY_TABLES, CROSS_MATRIX):
        assert table.title(words)
        assert all(column.heading(words) for column in table.columns)
        assert all(words(key) for key in table.notes)
    assert all(words(f"class.{class_}") for class_ in CLASSES)


def test_a_kind_is_called_what_the_case_says_else_by_its_code() -> None:
    words = Words("zh", {"entities": {"QQ": {"zh": "扣扣", "en": "QQ"}}})
    assert words.name("entities", "QQ") == "扣扣"
    assert words.name("entities", "NEW_KIND") == "NEW_KIND"


def test_an_unknown_sentence_is_an_error() -> None:
    with pytest.raises(KeyError):
        Words("zh", {})("page.nothing_of_the_kind")


#: Upper-case words in the readers that are no reasons.
OTHER_WORDS = {"TRUE", "FALSE", "DATA", "HEADER", "SUBTOTAL", "BLANK", "RECORDS", "KDMV"}


def reasons_given() -> set[str]:
    """Codes that readers and the scan itself give for what was not read."""
    home = Path(piiscan.__file__).parent
    return {
        node.value
        for path in [
            *home.glob("sources/**/*.py"),
            *(home / f"case/scan/{name}.py" for name in ("shard_writer", "source_reader", "scan")),
        ]
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.fullmatch(r"[A-Z][A-Z0-9_]{3,}", node.value)
        and not node.value.startswith("O_")  # flags of open()
    }


def test_every_reason_for_unread_input_has_a_word() -> None:
    given = reasons_given()
    assert {"ENCRYPTED", "SOURCE_CHANGED", "ZIP_RATIO", "HIDDEN_SHEET"} <= given
    assert given - set(wording()["reason"]) - OTHER_WORDS == set()


def test_combinations_are_named_as_case_files_name_them() -> None:
    vocabulary = {
        "entities": {
            code: {"zh": word, "en": code}
            for code, word in (("CN_MOBILE", "手机"), ("PERSON", "姓名"), ("QQ_NUMBER", "QQ"))
        }
    }
    row = {"combination": ["CN_MOBILE", "PERSON", "QQ_NUMBER"]}
    column = COMBINATIONS.column("combination")
    assert column.text(row, Words("zh", vocabulary)) == "姓名 + 手机 + QQ"


def test_the_two_files_of_wording_have_nothing_in_common() -> None:
    home = Path(piiscan.__file__).parent / "pages"
    first, second = (
        tomllib.loads((home / name).read_text("utf-8"))
        for name in ("wording.toml", "documents.toml")
    )
    assert first.keys() & second.keys() == set()
