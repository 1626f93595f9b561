"""Errors of the rooms below, in Chinese."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import piiscan
from piiscan.cli import error_translation

SOURCE = Path(piiscan.__file__).parent
ERRORS = {"PiiscanError", "CatalogError", "CaseError", "CellError", "VerifyError", "RedactError"}
#: Written for authors of recipes and rules, who read the English sources anyway.
FOR_AUTHORS = {"synth"}


def template(node: ast.expr) -> str:
    """The sentence with x where something is filled in."""
    match node:
        case ast.Constant(value=value):
            return str(value)
        case ast.JoinedStr(values=values):
            return "".join(v.value if isinstance(v, ast.Constant) else "x" for v in values)
        case ast.BinOp(left=left, right=right):
            return template(left) + template(right)
    return "x"


def raises() -> Iterator[tuple[str, str]]:
    for path in sorted(SOURCE.rglob("*.py")):
        if FOR_AUTHORS & set(path.parts):
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and node.args:
                name = ast.unparse(node.func).rpartition(".")[2]
                if name in ERRORS:
                    yield path.name, template(node.args[0])


def test_every_error_has_its_chinese() -> None:
    sentences = [
        (where, text) for where, text in raises() if " " in text and set(text) - set("x:; ")
    ]
    assert sentences
    untranslated = [
        (where, text)
        for where, text in sentences
        if error_translation.translate(text, "zh") == text
    ]
    assert untranslated == []


@pytest.mark.parametrize(
    "entry",
    tomllib.loads((SOURCE / "cli" / "error_translation.toml").read_text("utf-8"))["sentence"],
    ids=lambda entry: entry["en"][:40],
)
def test_a_sentence_keeps_what_is_filled_in(entry: dict[str, str]) -> None:
    gaps = entry["en"].count("{}")
    assert entry["zh"].count("{}") == gaps
    text = entry["en"]
    for number in range(gaps):
        text = text.replace("{}", f"<{number}>", 1)
    told = error_translation.translate(text, "zh")
    assert all(f"<{number}>" in told for number in range(gaps))
    assert error_translation.translate(text, "en") == text


def test_an_unknown_sentence_stays_as_it_is() -> None:
    assert error_translation.translate("something else", "zh") == "something else"


def test_faults_of_a_sheet_are_told_line_by_line_with_their_place() -> None:
    text = (
        "a.xlsx, sheet 列类型, row 4, 角色: must be a number\nb.csv, row 2, 列: must be a number\n"
        "3 more cells cannot be used"
    )
    assert error_translation.translate(text, "zh") == (
        "a.xlsx，工作表 列类型，第 4 行，“角色”：应为数字\nb.csv，第 2 行，“列”：应为数字\n"
        "另有 3 个单元格不能使用"
    )
    assert error_translation.translate(text, "en") == text
