"""JSON records become rows: dotted keys, exact numbers, nothing dropped."""

import pytest

from piiscan.sources.block import DATA
from piiscan.sources.limits import Budget
from tests.sources.tables import cells_of, kinds_of, numbers_of, read_one, reasons


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_an_elasticsearch_export_has_the_leaf_keys_as_headers(encoding: str) -> None:
    lines = [
        f'{{"_id": "{n}", "_source": {{"name": "张伟", "phone": "138{n:08}"}}}}' for n in range(5)
    ]
    table, blocks, troubles = read_one("\n".join(lines).encode(encoding))
    assert (table.kind, table.headers, troubles) == ("jsonl", ["_id", "name", "phone"], [])
    assert cells_of(blocks)[4] == ["4", "张伟", "13800000004"]
    assert numbers_of(blocks) == [1, 2, 3, 4, 5]


#: Text, headers, rows, numbers of the rows.
TABLES: dict[str, tuple[str, list[str], list[list[str | None]], list[int]]] = {
    "numbers keep every digit": (
        '{"a": 430104199003071234, "b": 1.50, "c": true, "d": null, "e": "x\\n\\u5f20"}\n',
        ["a", "b", "c", "e"],
        [["430104199003071234", "1.50", "true", "x\n张"]],
        [1],
    ),
    "nested values have dotted keys, arrays share a cell": (
        '{"u": {"phones": ["1", "2"], "orders": [{"no": 1}, {"no": 2}]}}\n',
        ["u.phones", "u.orders.no"],
        [["1\n2", "1\n2"]],
        [1],
    ),
    "a key twice": ('{"a": "1", "a": "2"}\n', ["a", "a#1"], [["1", "2"]], [1]),
    "an array": (
        '[\n{"a": "1"},\n{"a": "2", "b": 3}\n]', ["a", "b"], [["1"], ["2", "3"]], [2, 3]
    ),
    "Navicat": ('{"RECORDS": [\n{"a": "1"},\n{"a": "2"}]}', ["a"], [["1"], ["2"]], [2, 3]),
    "hits": ('{"hits": {"hits": [{"_source": {"a": 1}}]}}', ["a"], [["1"]], [1]),
    "one object": ('{\n "a": "1",\n "b": {"c": 2}\n}', ["a", "b.c"], [["1", "2"]], [1]),
    "objects": ('{\n"a": 1}\n{\n"a": 2}\n', ["a"], [["1"], ["2"]], [1, 3]),
    "two in a line": (
        '[{"a": 1}, {"a": 2},\n{"a": 3}]', ["a"], [["1"], ["2"], ["3"]], [1, 2, 3]
    ),
    "beside an array": (
        '{"tags": ["x"], "phone": "13800138000"}', ["tags", "phone"], [["x", "13800138000"]], [1]
    ),
    "beside a list": (
        '{"list": [{"a": 1}], "owner": "13800138000"} {"b": 2}',
        ["a", "owner", "b"],
        [["1"], [None, "13800138000"], [None, None, "2"]],
        [1, 2, 3],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TABLES)
def test_a_text_is_these_rows(name: str) -> None:
    text, headers, rows, numbers = TABLES[name]
    table, blocks, _ = read_one(text)
    assert (table.kind, table.headers) == ("jsonl", headers)
    assert (cells_of(blocks), numbers_of(blocks)) == (rows, numbers)


def test_keys_seen_later_follow_with_their_names() -> None:
    lines = ['{"a": "x"}'] * 400 + ['{"a": "x", "b": "13800138000"}']
    lines += ['{"a": "x"}'] * 20_000
    table, blocks, _ = read_one("\n".join(lines))
    assert table.headers == ["a"]
    named = [b for b in blocks if b.extra_headers]
    assert [b.extra_headers for b in named] == [("b",)]
    assert named[0].columns[1][400].as_py() == "13800138000"
    assert len(cells_of(blocks)) == 20_401


def test_lines_that_are_not_json_stay_as_they_are() -> None:
    good = '{"a": "1"}\n' * 9
    _, blocks, troubles = read_one(good + '{"a": "13800138000\n' + good)
    assert [(t.reason, t.row, t.lost) for t in troubles] == [("BAD_JSON", 10, False)]
    assert any('{"a": "13800138000' in row for row in cells_of(blocks))
    assert kinds_of(blocks) == [DATA] * 19


def test_a_document_over_the_budget_is_read_in_a_window() -> None:
    text = '[\n{"phone": "13800138000"},\n{"phone": "13900139000"}\n]'
    for limit in (10, len(text) - 1, len(text)):
        table, blocks, troubles = read_one(text, budget=Budget(json=limit))
        assert (table.kind, troubles) == ("jsonl", [])
        assert cells_of(blocks) == [["13800138000"], ["13900139000"]]


def test_a_broken_document_is_read_as_text_or_reported_where_it_breaks() -> None:
    table, _, troubles = read_one('[{"phone": 138')
    assert (table.kind, reasons(troubles)) == ("text", ["BAD_JSON"])
    text = "[" + '{"phone": "13800138000"},\n' * 500 + '{"phone": oops 13900139000}]'
    table, blocks, troubles = read_one(text)
    assert len(cells_of(blocks)) == 501
    assert cells_of(blocks)[500][-1] == '{"phone": oops 13900139000}]'
    assert [(t.reason, t.row, t.lost) for t in troubles] == [("BAD_JSON", 501, False)]


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
