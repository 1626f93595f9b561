"""Every sentence stands in both languages, with the same places to fill in, and is used."""

import ast
import re
import string
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

import piiscan
from piiscan.case.compare.overlap import CROSS_MATRIX
from piiscan.case.report.report_contents import REPORT_TABLES, SUMMARY_TABLES
from piiscan.case.scan.tables.kind_tables import COMBINATIONS
from piiscan.case.scan.tables.scan_table_inputs import CLASSES
from piiscan.cli.app import command_tree
from piiscan.wording.words import LANGUAGES, Sentence, Words, fill, section

HOME = Path(piiscan.__file__).parent
FILES = {each.stem: each for each in sorted((HOME / "wording").glob("*.toml"))}
CODE = "\n".join(
    each.read_text("utf-8")
    for ending in ("py", "html")
    for each in sorted(HOME.rglob(f"*.{ending}"))
)
HAN = re.compile("[一-鿿]")


def sentences(entries: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, entry in entries.items():
        if "zh" in entry and isinstance(entry["zh"], str):
            yield prefix + key, entry
        else:
            yield from sentences(entry, f"{prefix}{key}.")


#: File -> its sections.
PARSED = {name: tomllib.loads(path.read_text("utf-8")) for name, path in FILES.items()}
#: File -> key -> sentence in both languages.
BY_FILE = {name: dict(sentences(entries)) for name, entries in PARSED.items()}
ALL = {key: entry for entries in BY_FILE.values() for key, entry in entries.items()}


def placeholders(sentence: str) -> list[tuple[str, str, str]]:
    """Name, format and conversion of each."""
    return sorted(
        (name, format_ or "", conversion or "")
        for _, name, format_, conversion in string.Formatter().parse(sentence)
        if name is not None
    )


def commands(command: Any) -> Iterator[Any]:
    yield command
    for verb in getattr(command, "commands", {}).values():
        yield from commands(verb)


def test_a_sentence_says_the_same_in_both_languages() -> None:
    for key, entry in ALL.items():
        assert set(entry) == set(LANGUAGES), key
        assert placeholders(entry["zh"]) == placeholders(entry["en"]), key
        assert entry["zh"].count("\n") == entry["en"].count("\n"), key


@pytest.mark.parametrize("file", ["command_line", "errors"])
def test_chinese_is_chinese_and_english_is_english(file: str) -> None:
    for key, entry in BY_FILE[file].items():
        words = re.sub(r"\{.*?\}|^piiscan .*", "", entry["en"])  # examples are commands
        assert HAN.search(entry["zh"]) or not re.search("[a-z]", words), key
        assert not HAN.search(re.sub("身份证号|1.2万", "", entry["en"])), key


def test_no_key_is_in_two_files() -> None:
    assert len(ALL) == sum(map(len, BY_FILE.values())) > 1000


def test_a_section_read_alone_is_that_of_the_files() -> None:
    alone = {name: section(name) for entries in PARSED.values() for name in entries}
    assert dict(sentences(alone)) == ALL


def test_nothing_is_judged() -> None:
    """domain.md D.7 E9: extraction and counts, to be verified; never an offence."""
    for key, entry in ALL.items():
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
    assert "提取/统计说明" in Words("zh")("page.title")
    assert "符合识别规则的记录" in Words("zh")("page.notice")
    assert "待核实" in Words("zh")("page.notice")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_table_column_and_class_has_a_word(language: Any) -> None:
    words = Words(language)
    for table in (*REPORT_TABLES, *SUMMARY_TABLES, CROSS_MATRIX):
        assert table.title(words)
        assert all(column.heading(words) for column in table.columns)
        assert all(words(key) for key in table.notes)
    assert all(words(f"class.{class_}") for class_ in CLASSES)


def test_every_help_text_is_a_known_sentence() -> None:
    for command in commands(command_tree()):
        assert command.help in ALL, command.name
        for parameter in command.params:
            assert parameter.help in ALL, (command.name, parameter.name)


def test_every_sentence_that_the_code_asks_for_exists() -> None:
    asked = {
        key
        for key in re.findall(r"(?:words|labels|ctx\.obj)\(\s*[\"']([a-z_.]+)[\"'][,)]", CODE)
        if "." in key and not key.endswith(".txt")
    }
    assert len(asked) > 100
    assert asked - ALL.keys() == set()


def test_every_sentence_is_used() -> None:
    """Its key, the section it is in, or the beginning of a key put together stands in the code."""
    quoted = set(re.findall(r"[\"']([A-Za-z0-9_.-]+)[\"']", CODE))
    for each in commands(command_tree()):
        quoted |= {each.help, *(parameter.help for parameter in each.params)}
    begun = tuple(
        prefix
        for form in (r"f[\"']((?:[a-z_-]+\.)+[a-z_]*)\{", r"[\"']((?:[a-z_]+\.)+)[\"'] ~")
        for prefix in re.findall(form, CODE)
    )
    unused = [
        key
        for key in ALL
        if not {key, key.rpartition(".")[0]} & quoted and not key.startswith(begun)
    ]
    assert unused == []


def test_a_kind_is_called_what_the_case_says_else_by_its_code() -> None:
    words = Words("zh", {"entities": {"QQ": {"zh": "扣扣", "en": "QQ"}}})
    assert words.name("entities", "QQ") == "扣扣"
    assert words.name("entities", "NEW_KIND") == "NEW_KIND"


def test_an_unknown_sentence_is_an_error() -> None:
    for key in ("page.nothing_of_the_kind", "no.such.section"):
        with pytest.raises(KeyError):
            Words("zh")(key)


def test_fields_that_have_languages_say_theirs() -> None:
    place = Sentence("class.person")
    assert fill("{a}: {b}", {"a": place, "b": ("x", place)}, "zh") == "个人信息: x, 个人信息"
    assert fill("{a}", {"a": [place, 1]}, "en") == f"{place.text('en')}\n1"


#: Upper-case words in the readers that are no reasons.
OTHER_WORDS = {
    *("TRUE", "FALSE", "DATA", "HEADER", "SUBTOTAL", "BLANK", "RECORDS", "KDMV", "LC_ALL", "RGBA"),
    *("APFS", "F2FS", "LUKS", "NTFS", "VHDX", "VMDK"),
    *("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"),
}


def reasons_given() -> set[str]:
    """Codes that readers and the scan itself give for what was not read."""
    return {
        node.value
        for path in [
            *HOME.glob("sources/**/*.py"),
            *(HOME / f"case/scan/{name}.py" for name in ("shard_writer", "source_reader", "scan")),
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
    assert given - set(section("reason")) - OTHER_WORDS == set()


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
