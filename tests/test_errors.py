"""Errors have a code and fields; every code is raised and has its sentence in two languages."""

import ast
import copy
import pickle
import re
import string
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import piiscan
from piiscan import errors
from piiscan.errors import CaseError, CatalogError, PiiscanError, SourceError
from piiscan.wording.words import Sentence

HOME = Path(piiscan.__file__).parent
#: Whoever is made with a code first; SourceError has a reason instead.
MADE_WITH_A_CODE = {
    name
    for name, value in vars(errors).items()
    if isinstance(value, type)
    and issubclass(value, PiiscanError)
    and not issubclass(value, SourceError)
} | {"Sentence", "broken"}
#: Modules that make errors from codes of a table or of an argument.
CARRIERS = ("case/tiers/rule_file.py", "config/validation.py", "detect/matching/pattern_parser.py")
CODES = {
    f"{section}.{name}": entry
    for section, entries in tomllib.loads(
        (HOME / "wording" / "errors.toml").read_text("utf-8")
    ).items()
    for name, entry in entries.items()
}


def fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


def made() -> Iterator[tuple[str, ast.Call]]:
    """Every place of the code where an error or a sentence is made."""
    for path in sorted(HOME.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                name = ast.unparse(node.func).rpartition(".")[2]
                if name in MADE_WITH_A_CODE:
                    yield f"{path.relative_to(HOME)}:{node.lineno}", node


def codes_of(node: ast.expr) -> list[str]:
    """The codes that an argument can have: a literal, or either branch of a condition."""
    match node:
        case ast.Constant(value=str(code)):
            return [code]
        case ast.IfExp(body=body, orelse=orelse):
            return codes_of(body) + codes_of(orelse)
    return []


def fields_of(call: ast.Call) -> set[str] | None:
    """The names of the fields in a call, None if they are not written out."""
    if len(call.args) > 1 and isinstance(call.args[1], ast.Dict):
        return {key.value for key in call.args[1].keys if isinstance(key, ast.Constant)}  # type: ignore[misc]
    names = [keyword.arg for keyword in call.keywords]
    return None if None in names else set(names)  # type: ignore[arg-type]


def test_every_error_is_raised_with_a_code_and_the_fields_of_its_sentence() -> None:
    wrong = []
    for where, call in made():
        codes = codes_of(call.args[0]) if call.args else []
        if not codes and where.startswith(CARRIERS):
            continue
        if not codes or any(
            code not in CODES or fields_of(call) not in (None, fields(CODES[code]["en"]))
            for code in codes
        ):
            wrong.append(f"{where}: {ast.unparse(call)[:90]}")
    assert wrong == []


def test_codes_of_tables_and_arguments_exist() -> None:
    for name in CARRIERS:
        texts = [
            str(node.value)
            for node in ast.walk(ast.parse((HOME / name).read_text("utf-8")))
            if isinstance(node, ast.Constant)
        ]
        codes = {text for text in texts if re.fullmatch(r"[a-z_]+\.[a-z_0-9]+", text)}
        assert codes, name
        assert codes - CODES.keys() == set(), name


def test_every_code_is_raised_somewhere() -> None:
    raised = {
        node.value
        for path in HOME.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert CODES.keys() - raised == set()


def test_no_two_codes_say_the_same() -> None:
    said = [re.sub(r"\{\w+", "{", entry["en"]) for entry in CODES.values()]
    assert [text for text in said if said.count(text) > 1 and re.search("[a-z]", text)] == []


def test_an_error_is_its_english_sentence_and_has_a_chinese_one() -> None:
    error = CaseError("case.disk_full", free=1, needed=20)
    assert str(error) == error.text("en")
    assert str(error).startswith("only 1 MB are free for the case, 20 MB are needed;")
    assert error.text("zh").startswith("案卷所在磁盘只剩 1 MB，需要 20 MB；")
    assert (error.code, error.fields) == ("case.disk_full", {"free": 1, "needed": 20})


def test_a_field_that_is_an_error_speaks_the_same_language() -> None:
    inner = CatalogError("file.unreadable", path="a", reason=Sentence("case.writing_failed"))
    outer = CaseError("form.invalid", errors=[inner, inner])
    assert str(outer) == "a cannot be read: writing failed\na cannot be read: writing failed"
    assert outer.text("zh") == "a 无法读取：写入失败\na 无法读取：写入失败"


@pytest.mark.parametrize(
    "error",
    [
        CaseError("case.no_folder", path=Path("/c")),
        SourceError("ENCRYPTED", "the file has a password"),
        SourceError("EMPTY"),
    ],
    ids=str,
)
def test_copies_are_the_same_error(error: PiiscanError) -> None:
    for each in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert type(each) is type(error)
        assert (each.code, each.fields, str(each)) == (error.code, error.fields, str(error))
        assert vars(each) == vars(error)


def test_reasons_of_sources_are_told_as_before() -> None:
    error = SourceError("ENCRYPTED", "the file has a password")
    assert (error.reason, error.detail) == ("ENCRYPTED", "the file has a password")
    assert str(error) == "ENCRYPTED: the file has a password"
    assert str(SourceError("EMPTY")) == "EMPTY"


def test_a_repr_has_names_of_fields_only() -> None:
    error = CaseError("case.other_format", path="/secret", format=7, known=8)
    assert repr(error) == "CaseError('case.other_format', path, format, known)"
    assert "secret" not in repr(Sentence("case.no_folder", {"path": "secret"}))
