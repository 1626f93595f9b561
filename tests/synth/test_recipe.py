"""Recipes are strict: what is not understood is refused, with the place."""

import pytest

from piiscan.config.document import read_yaml
from piiscan.errors import CatalogError, PiiscanError
from piiscan.synth import recipe, recipe_names

SOUND = """title: {zh: 试, en: try}
rows: 10
values:
  phone: {kind: mobile}
files:
  - path: a.csv
    format: table
    columns: [{手机: phone}]
"""


@pytest.mark.parametrize("name", recipe_names())
def test_every_recipe_of_the_folder_loads(name: str) -> None:
    made = recipe.load_recipe(name)
    assert made.rows > 0
    assert set(made.title) == {"zh", "en"}


def test_the_corpora_of_the_readme_are_there() -> None:
    assert set(recipe_names()) == {
        *("appliance-delivery", "mixed-folder", "prose", "sale-7967"),
        *("sms-codes", "three-party", "unseen-lines", "waybill", "wechat-4300"),
    }


def parse(text: str) -> recipe.Recipe:
    return recipe.parse_recipe(read_yaml(text.encode(), "try.yaml"), name="try")


FORMAT, VALUE = "    format: table\n", "  phone: {kind: mobile}"


@pytest.mark.parametrize(
    ("right", "wrong", "line", "field", "remedy"),
    [
        ("rows: 10", "rows: 10\ncolour: 1", 3, "colour", "unknown key; known are files, people"),
        ("rows: 10", "rows: 0", 2, "rows", "a whole number above 0"),
        ("rows: 10\n", "", 1, "rows", "is missing"),
        (", en: try", "", 1, "title", "zh and en are expected"),
        ("rows: 10", "rows: 10\npeople: {a: {born: 1}}", 3, "people: a: born", "no such code"),
        ("rows: 10", "rows: 10\npeople: {a: {to: b}}", 3, "people: a: to", "a number is expected"),
        (FORMAT, FORMAT + "    width: 3\n", 8, "files 1: width", "unknown key; known are before"),
        ("format: table", "format: pdf", 7, "files 1: format", "one of table, lines, jsonl"),
        (FORMAT, "", 6, "files 1: format", "is missing"),
        (FORMAT, FORMAT + "    share: all\n", 8, "files 1: share", "a number is expected"),
        (FORMAT, FORMAT + "    duplicates: 2\n", 8, "files 1: duplicates", "from 0 to 1"),
        (FORMAT, FORMAT + "    quote: odd\n", 8, "files 1: quote", "one of minimal, all, never"),
        (FORMAT, FORMAT + "    line: none\n", 6, "files 1", "no value none; define it under"),
        ("[{手机: phone}]", "[{手机: none}]", 6, "files 1", "no value none; define it under"),
        ("[{手机: phone}]", "[phone]", 8, "files 1: columns", "a list of {header: value}"),
        ("[{手机: phone}]", "[{手机: 5}]", 8, "files 1: columns 1 2", "a text is expected"),
        (
            *(FORMAT, FORMAT + "    parts: [{of: b, from: 0, to: 1}]\n"),
            *(8, "files 1: parts 1: of", "the path of an earlier table"),
        ),
        (
            *(FORMAT, FORMAT + "    parts: [{of: b, from: 0, til: 1}]\n"),
            *(8, "files 1: parts 1: til", "unknown key; known are from, of, to"),
        ),
        (
            *(FORMAT, "    format: zip\n    members:\n    - {path: a, format: zip, width: 1}\n"),
            *(9, "files 1: members 1: width", "unknown key"),
        ),
        (VALUE, "  phone: {kind: spell}", 4, "values: phone: kind", "no such code: spell; one of"),
        (VALUE, "  phone:\n    kind: mobile\n    a: 1", 6, "values: phone: a", "known are blank"),
        (VALUE, "  phone: {kind: integer, low: 1}", 4, "values: phone: high", "is missing"),
        (VALUE, "  phone: {kind: price, low: a, high: 1}", 4, "values: phone: low", "a number"),
        (VALUE, "  phone: {kind: choice, items: 5}", 4, "values: phone: items", "or weights of"),
        (VALUE, "  phone: {kind: mobile, blank: 2}", 4, "values: phone: blank", "from 0 to 1"),
        (
            *(VALUE, "  phone: {kind: mobile, wrap: {ribbon: 1}}"),
            *(4, "values: phone: wrap: ribbon", "no such code: ribbon; one of plain, formula"),
        ),
        (VALUE, "  phone: {kind: text}", 4, "values: phone: texts", "is missing"),
        (VALUE, "  phone: {texts: ['{a}']}", 4, "values: phone: texts", "no value a; define it"),
        (VALUE, "  phone: {texts: ['{phone}']}", 4, "values: phone: texts", "contains itself"),
        (VALUE, "  phone: {texts: [], pick: a}", 4, "values: phone: texts", "is missing"),
    ],
)
def test_an_error_names_line_field_and_remedy(
    right: str, wrong: str, line: int, field: str, remedy: str
) -> None:
    parse(SOUND)
    assert right in SOUND
    with pytest.raises(CatalogError) as caught:
        parse(SOUND.replace(right, wrong, 1))
    assert str(caught.value).startswith(f"try.yaml:{line}: {field}: ")
    assert remedy in str(caught.value)
    assert caught.value.text("zh").startswith(f"try.yaml:{line}: {field}：")


def test_cells_of_lines_are_not_quoted() -> None:
    made = parse(SOUND.replace("format: table\n    columns: [{手机: phone}]", "format: lines"))
    assert made.files[0].quoting == "never"


def test_an_unknown_corpus_is_refused_with_the_known_ones() -> None:
    with pytest.raises(PiiscanError, match="sale-7967"):
        recipe.load_recipe("sale-1")
