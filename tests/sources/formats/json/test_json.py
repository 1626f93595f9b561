"""JSON records become rows: dotted keys, exact numbers, nothing dropped."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from piiscan.sources.block import DATA
from piiscan.sources.limits import Budget
from tests.sources.tables import cells_of, kinds_of, numbers_of, read_one, reasons


def write(folder: Path, text: str, name: str = "a.json", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_an_elasticsearch_export_has_the_leaf_keys_as_headers(encoding: str) -> None:
    lines = [
        json.dumps(
            {"_id": str(n), "_source": {"name": "张伟", "phone": f"138{n:08}"}}, ensure_ascii=False
        )
        for n in range(5)
    ]
    table, blocks, troubles = read_one("\n".join(lines).encode(encoding))
    assert (table.kind, table.headers, troubles) == ("jsonl", ["_id", "name", "phone"], [])
    assert cells_of(blocks)[4] == ["4", "张伟", "13800000004"]
    assert numbers_of(blocks) == [1, 2, 3, 4, 5]


def test_numbers_keep_every_digit_and_strings_their_text() -> None:
    text = '{"a": 430104199003071234, "b": 1.50, "c": true, "d": null, "e": "x\\n\\u5f20"}\n'
    table, blocks, _ = read_one(text)
    assert table.headers == ["a", "b", "c", "e"]
    assert cells_of(blocks) == [["430104199003071234", "1.50", "true", "x\n张"]]


def test_nested_values_have_dotted_keys_and_arrays_share_a_cell() -> None:
    text = '{"u": {"phones": ["1", "2"], "orders": [{"no": 1}, {"no": 2}]}}\n'
    table, blocks, _ = read_one(text)
    assert table.headers == ["u.phones", "u.orders.no"]
    assert cells_of(blocks) == [["1\n2", "1\n2"]]


def test_keys_seen_later_follow_with_their_names() -> None:
    lines = ['{"a": "x"}'] * 400 + ['{"a": "x", "b": "13800138000"}']
    lines += ['{"a": "x"}'] * 20_000
    table, blocks, _ = read_one("\n".join(lines))
    assert table.headers == ["a"]
    named = [b for b in blocks if b.extra_headers]
    assert [b.extra_headers for b in named] == [("b",)]
    assert named[0].columns[1][400].as_py() == "13800138000"
    assert len(cells_of(blocks)) == 20_401


def test_a_key_that_comes_twice_keeps_both_values() -> None:
    _, blocks, _ = read_one('{"a": "1", "a": "2"}\n')
    assert cells_of(blocks) == [["1", "2"]]


def test_lines_that_are_not_json_stay_as_they_are() -> None:
    good = '{"a": "1"}\n' * 9
    _, blocks, troubles = read_one(good + '{"a": "13800138000\n' + good)
    assert [(t.reason, t.row, t.lost) for t in troubles] == [("BAD_JSON", 10, False)]
    assert any('{"a": "13800138000' in row for row in cells_of(blocks))
    assert kinds_of(blocks) == [DATA] * 19


@pytest.mark.parametrize(
    ("text", "headers", "rows", "numbers"),
    [
        ('[\n{"a": "1"},\n{"a": "2", "b": 3}\n]', ["a", "b"], [["1"], ["2", "3"]], [2, 3]),
        ('{"RECORDS": [\n{"a": "1"},\n{"a": "2"}]}', ["a"], [["1"], ["2"]], [2, 3]),
        ('{"hits": {"hits": [{"_source": {"a": 1}}]}}', ["a"], [["1"]], [1]),
        ('{\n "a": "1",\n "b": {"c": 2}\n}', ["a", "b.c"], [["1", "2"]], [1]),
        ('{\n"a": 1}\n{\n"a": 2}\n', ["a"], [["1"], ["2"]], [1, 3]),
        ('[{"a": 1}, {"a": 2},\n{"a": 3}]', ["a"], [["1"], ["2"], ["3"]], [1, 2, 3]),
    ],
)
def test_documents_that_are_not_line_by_line_are_read(
    text: str, headers: list[str], rows: list[list[str]], numbers: list[int]
) -> None:
    table, blocks, _ = read_one(text)
    assert (table.kind, table.headers) == ("jsonl", headers)
    assert (cells_of(blocks), numbers_of(blocks)) == (rows, numbers)


def test_a_document_over_the_budget_is_read_in_a_window() -> None:
    text = '[\n{"phone": "13800138000"},\n{"phone": "13900139000"}\n]'
    table, blocks, troubles = read_one(text, budget=Budget(json=10))
    assert (table.kind, reasons(troubles)) == ("jsonl", [])
    assert cells_of(blocks) == [["13800138000"], ["13900139000"]]


def test_a_broken_document_is_read_as_text_or_reported_where_it_breaks() -> None:
    table, _, troubles = read_one('[{"phone": 138')
    assert (table.kind, reasons(troubles)) == ("text", ["BAD_JSON"])
    text = "[" + '{"phone": "13800138000"},\n' * 500 + '{"phone": oops 13900139000}]'
    table, blocks, troubles = read_one(text)
    assert len(cells_of(blocks)) == 501
    assert cells_of(blocks)[500][-1] == '{"phone": oops 13900139000}]'
    assert [(t.reason, t.row, t.lost) for t in troubles] == [("BAD_JSON", 501, False)]


def test_what_stands_beside_an_array_is_read_too() -> None:
    text = '{"tags": ["x"], "phone": "13800138000"}'
    table, blocks, _ = read_one(text)
    assert (table.headers, cells_of(blocks)) == (["tags", "phone"], [["x", "13800138000"]])
    text = '{"list": [{"a": 1}], "owner": "13800138000"} {"b": 2}'
    table, blocks, _ = read_one(text)
    assert table.headers == ["a", "owner", "b"]
    assert cells_of(blocks) == [["1"], [None, "13800138000"], [None, None, "2"]]


@pytest.mark.parametrize("text", ['{"a": ' * 100_000, '{"a": "\\ud800"}\n', '{"": "x"}\n', "{}\n"])
def test_hostile_documents_break_nothing(text: str) -> None:
    _, blocks, _ = read_one(text)
    assert len(cells_of(blocks)) <= 1 or blocks[0].own_range is not None


def test_logs_that_begin_with_a_bracket_are_text() -> None:
    table, _, _ = read_one("[INFO] started\n[WARN] 13800138000\n")
    assert table.kind == "text"


@pytest.mark.parametrize(
    "text",
    [
        '[{"姓名": "张三", "手机": "13800138000", "邮箱": "a@b',
        '{"data": {"list": [{"a": "1"}], "手机": "13800138000", "x": {"y": "张三", "z": ',
        '{"姓名": "张三", "13800138000": {"a',
    ],
)
def test_what_stands_before_a_cut_is_read(text: str) -> None:
    _, blocks, troubles = read_one(text)
    cells = [cell for row in cells_of(blocks) for cell in row if cell]
    assert any("13800138000" in cell for cell in cells)
    assert any("张三" in cell for cell in cells)
    assert reasons(troubles) == ["BAD_JSON"]
