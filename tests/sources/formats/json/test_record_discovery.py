"""Records are found at any depth, in rows, under keys that are values and inside JavaScript."""

import json

import pytest

from piiscan.sources.content import memory_content
from piiscan.sources.format import Sample
from piiscan.sources.formats import fitting_formats
from tests.sources.formats.json.shapes import SHAPES
from tests.sources.people import PEOPLE, count_whole
from tests.sources.tables import cells_of, numbers_of, read_one, read_reasons


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
@pytest.mark.parametrize("name", SHAPES)
def test_each_person_is_a_record_and_each_value_is_read_once(name: str, encoding: str) -> None:
    assert count_whole(SHAPES[name].encode(encoding)) == len(PEOPLE)


def test_large_objects_are_read_key_by_key() -> None:
    filler = {f"k{at}": "x" * 100 for at in range(2000)}
    rows = [{"name": f"n{at}", "phone": f"p{at}"} for at in range(3)]
    value = {
        "a": {"f": filler, "rows": rows, "g": 1},
        "h": {str(10**9 + at): at for at in range(3)},
    }
    _, blocks, troubles = read_one(json.dumps(value))
    text = str(cells_of(blocks))
    assert (troubles, len(cells_of(blocks))) == ([], 3 + 3 + 1)
    assert all(f"'n{at}', 'p{at}'" in text and str(10**9 + at) in text for at in range(3))


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ('{"name": "a", "phone": "b", "orders": [{"no": 1, "x": 2}, {"no": 3, "x": 4}]}', 1),
        ('{"name": "a", "phone": "b", "kin": [{"name": "c", "phone": "d", "email": "e"}]}', 2),
        ('[{"name": "a", "phone": "b", "orders": [{"no": 1, "x": 2}, {"no": 3, "x": 4}]}]', 1),
        ('{"a": {"x": 1, "y": 2}, "b": {"x": 3, "y": 4}}', 1),
        ('{"at": [[112.9, 28.2], [113.0, 28.3]], "name": "a", "phone": "b"}', 3),
    ],
)
def test_what_belongs_to_a_record_stays_in_it(text: str, rows: int) -> None:
    assert len(cells_of(read_one(text)[1])) == rows


def test_rows_have_the_lines_of_their_elements() -> None:
    _, blocks, _ = read_one('{"c": 0,\n"d": {"l": [\n{"a": 1, "b": 2},\n{"a": 3, "b": 4}]}}')
    assert numbers_of(blocks) == [3, 4, 5]


@pytest.mark.parametrize(
    "text",
    ["var x = 1;", "function f() { return [1]; }", "[INFO] a", "x = {a: 1}", "姓名 = [张三]"],
)
def test_other_texts_are_no_json(text: str) -> None:
    sample = Sample(memory_content(f"{text}\n".encode(), "a.js", member="m"))
    assert "json" not in [each.name for each in fitting_formats(sample)]


@pytest.mark.parametrize(
    "text",
    [
        '{"a":' * 50_000,
        "[[" * 50_000,
        '[["a", "b"],' * 20_000,
        "{" + ",".join(f'"k{at}": {{"a": 1}}' for at in range(30_000)) + "}",
        "{" + ",".join(f'"1380000{at:05}": {{"k{at}": 1}}' for at in range(10_000)) + "}",
        "{" + ",".join('"a": [[1, 2], [3, 4]]' for _ in range(20_000)) + "}",
        "var a = [" + "1," * 100_000,
    ],
)
def test_hostile_documents_are_read_in_linear_time(text: str) -> None:
    assert "READER_FAILED" not in read_reasons(text)
