"""An escaped cell is led back to its bytes, or left alone if no way to read it gives its text."""

import pytest

from piiscan.copies.text.escaped_cells import match_quoted, match_sql_value
from piiscan.copies.text.json_positions import LINE, cell_edits, join_scalars, line_cells
from piiscan.copies.text_map import apply_edits
from piiscan.masking.splice import apply_changes
from tests.sources.tables import count_names


def masked(data: bytes, at: int, text: str, start: int, end: int) -> bytes | None:
    """The bytes with ``[start, end)`` of the cell's text replaced by ``*``; None if unmapped."""
    found = match_sql_value(data, at, text)
    return None if found is None else apply_edits(data, found.edits([(start, end, "*")]))


@pytest.mark.parametrize(
    ("written", "text", "copy"),
    [
        (rb"'O\'Neil'", "O'Neil", rb"'O*eil'"),
        (rb"'O''Neil'", "O'Neil", rb"'O*eil'"),
        (rb'"O""Neil"', 'O"Neil', rb'"O*eil"'),
        (rb"'a\nbc'", "a\nbc", rb"'a*c'"),
        (rb"'a\0\Zc'", "a\0\x1ac", rb"'a*c'"),
        (rb"'a\%\_c'", "a%_c", rb"'a*c'"),
        (rb"'C:\x'", "C:\\x", rb"'C*x'"),  # no escape in this dialect
        ("'张三李四'".encode(), "张三李四", "'张*四'".encode()),
        ("'éกข𠀀'".encode(), "éกข𠀀", "'é*𠀀'".encode()),
    ],
)
def test_quoted_values(written: bytes, text: str, copy: bytes) -> None:
    data = b"VALUES (" + written + b")"
    assert masked(data, 9, text, 1, 3) == b"VALUES (" + copy + b")"


@pytest.mark.parametrize(
    ("written", "text", "copy"),
    [
        (rb"ab\tc", "ab\tc", rb"a*c"),
        (rb"a\f\vc", "a\f\vc", rb"a*c"),
        (rb"a\qbc", "aqbc", rb"a*c"),
        (rb"a\xe5\xbc\xa0\x41c", "a张Ac", rb"a*c"),
        (rb"a\345\274\240\101c", "a张Ac", rb"a*c"),
        (rb"a\x41\102c", "aABc", rb"a*c"),
    ],
)
def test_copied_values(written: bytes, text: str, copy: bytes) -> None:
    assert masked(b"1\t" + written + b"\tz\n", 2, text, 1, 3) == b"1\t" + copy + b"\tz\n"


@pytest.mark.parametrize("end", ["\t", "\n"])
def test_a_copied_value_ends_where_the_next_begins(end: str) -> None:
    assert match_sql_value(f"1\tab{end}c\n".encode(), 2, f"ab{end}c") is None


@pytest.mark.parametrize(
    ("written", "copy"),
    [
        (b"0x61E5BCA062", b"0x612A62"),
        (b"0x61e5bca062", b"0x612a62"),
        (b"X'61E5BCA062'", b"X'612A62'"),
    ],
)
def test_hexadecimal_values_stay_hexadecimal(written: bytes, copy: bytes) -> None:
    assert masked(b"(" + written + b")", 1, "a张b", 1, 2) == b"(" + copy + b")"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"('abc')", "abd"),
        (b"('ab", "abc"),
        (b"(0x6162)", "abc"),
        (b"(0xff)", "ab"),
        (b"(0x616)", "a"),
        (b"(NULL)", "x"),
    ],
)
def test_a_value_that_reads_otherwise_is_not_touched(data: bytes, text: str) -> None:
    assert match_sql_value(data, data.index(b"'") + 1 if b"'" in data else 1, text) is None


def test_quoted_cells_of_tables() -> None:
    data = '1,"张""三\n",x'.encode()
    found = match_quoted(data, 3, '张"三\n')
    assert found is not None
    assert apply_edits(data, found.edits([(0, 3, "*")])) == b'1,"*\n",x'
    assert match_quoted(data, 3, "张") is not None  # a cell may go on
    assert match_quoted(data, 3, '张"三\nx') is None


def redone(line: str, key: str, start: int, end: int) -> str:
    """The line with ``[start, end)`` of the cell's text replaced by ``*``."""
    scalars = line_cells(line, count_names)[key]
    return apply_changes(line, cell_edits(line, scalars, [(start, end, "*")]))


@pytest.mark.parametrize(
    ("line", "key", "start", "end", "copy"),
    [
        ('{"a": "13800138000"}', "a", 0, 11, '{"a": "*"}'),
        ('{"a": "x13800138000y"}', "a", 1, 12, '{"a": "x*y"}'),
        ('{"a": 13800138000, "b": 1}', "a", 3, 11, '{"a": "138*", "b": 1}'),
        ('{"a": true}', "a", 0, 4, '{"a": "*"}'),
        (r'{"a": "\u5f20\u4e09\n\"x"}', "a", 1, 4, r'{"a": "\u5f20*x"}'),
        (r'{"a": "\ud840\udc00b"}', "a", 0, 1, r'{"a": "*b"}'),
        (
            '{"a": {"b": ["x", "13", null, "y"]}}',
            "a.b",
            2,
            4,
            '{"a": {"b": ["x", "*", null, "y"]}}',
        ),
        ('{"a": ["x1", "2y"]}', "a", 1, 4, '{"a": ["x*", "*y"]}'),
        ("no json 138", "", 8, 11, "no json *"),
        ('\ufeff {"a": "1"},', "a", 0, 1, '\ufeff {"a": "*"},'),
        ('{"a": "1"} x', "", 7, 8, '{"a": "*"} x'),
        ('["1"]', "", 2, 3, '["*"]'),
    ],
)
def test_json_is_edited_in_place(line: str, key: str, start: int, end: int, copy: str) -> None:
    assert redone(line, key, start, end) == copy


@pytest.mark.parametrize("line", ["{", "}", '{"a": "1"', "[1,", ":", ""])
def test_what_is_no_json_is_one_line(line: str) -> None:
    ((key, (scalar,)),) = line_cells(line, count_names).items()
    assert (key, scalar.kind, scalar.text) == ("", LINE, line)


def test_texts_of_a_list_stand_below_each_other() -> None:
    assert join_scalars(line_cells('{"a": ["x", 1, "y"]}', count_names)["a"]) == "x\n1\ny"
