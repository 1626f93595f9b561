"""Values of SQL dumps: what each way to write one means; bytes that are no text stay as written."""

import contextlib
import itertools

import pytest

from tests.sources.formats.sql.dumps import scan_dump


def inserted(values: list[str], *, slashes: bool = True) -> list[list[str]]:
    """The cells of each value, which stands between two others."""
    rows = ",\n".join(f"(1,{value}, 'z')" for value in values)
    data = f"INSERT INTO t VALUES {rows};\n".encode()
    found, texts = scan_dump(data, size=1 << 20, slashes=slashes)
    assert texts == []
    return [cells for _, cells in found]


def copied(values: list[str]) -> list[list[str]]:
    lines = "".join(f"1\t{value}\tz\n" for value in values)
    data = f"COPY t FROM stdin;\n{lines}\\.\n".encode()
    return [cells for _, cells in scan_dump(data, size=1 << 20, slashes=False)[0]]


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (r"'O\'Brien'", "O'Brien"),
        (r"'a\nb\tc\rd\be\0f\Zg'", "a\nb\tc\rd\be\0f\x1ag"),
        (r"'100\%\\\"'", '100%\\"'),
        (r"'x\\'", "x\\"),
        ("'a''b'", "a'b"),
        ("''''", "'"),
        ("''", ""),
        ('"a""b\'c"', "a\"b'c"),
        (r"'a''b\'c'", "a'b'c"),
        ("'a\nb'", "a\nb"),
        ("0xE5BCA0", "张"),
        ("0Xe5bca0", "张"),
        ("X'E5BCA0'", "张"),
        ("x'41'", "A"),
        ("0x4", "0x4"),
        ("0x", "0x"),
        ("0x414", "0x414"),
        ("0x41g1", "0x41g1"),
        ("X'4g'", "X'4g'"),
        ("0xFF00", "0xFF00"),
        ("N'张三'", "张三"),
        ("n'x'", "x"),
        ("_utf8mb4'x'", "x"),
        ("_binary 'x'", "x"),
        ("_binary 0x41", "A"),
        ("_x", "_x"),
        ("CAST(N'2020-01-01' AS date)", "2020-01-01"),
        ("to_date('2020','yyyy')", "2020"),
        ("To_Timestamp('2020' , 'yyyy')", "2020"),
        ("DATE '2020-01-01'", "2020-01-01"),
        ("foo('x')", "foo('x')"),
        ("cast('x') + 1", "cast('x') + 1"),
        ("concat('a,b', (1))", "concat('a,b', (1))"),
        ("NULL", ""),
        ("null", ""),
        ("NuLl ", ""),
        ("NULLS", "NULLS"),
        ("NUML", "NUML"),
        ("NULK", "NULK"),
        ("NAIL", "NAIL"),
        ("MULL", "MULL"),
        ("nul", "nul"),
        ("-12.5", "-12.5"),
        ("1.5e3", "1.5e3"),
        ("1 + 2", "1 + 2"),
        ("TRUE", "TRUE"),
        ("f(1,2)", "f(1,2)"),
        ("'x'::text", "x"),
        ("'x'::character varying(10)", "x"),
        ("'x' COLLATE c", "'x' COLLATE c"),
        (r"E'a\'b'", "a'b"),
        ("'/* no */ -- # c'", "/* no */ -- # c"),
    ],
)
def test_a_value_is_what_the_database_reads(value: str, cell: str) -> None:
    assert inserted([value]) == [["1", cell, "z"]]


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (r"'C:\'", "C:\\"),
        (r"'\'", "\\"),
        (r"'a\nb'", r"a\nb"),
        (r"'\\''x'", r"\\'x"),
        (r"E'a\'b\n'", "a'b\n"),
    ],
)
def test_a_backslash_is_itself_where_the_dialect_says_so(value: str, cell: str) -> None:
    assert inserted([value], slashes=False) == [["1", cell, "z"]]


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (r"a\tb\nc\\d\re", "a\tb\nc\\d\re"),
        (r"\N", ""),
        (r"\Nx", "Nx"),
        (r"x\N", "xN"),
        (r"\q", "q"),
        (r"\x41\x4a", "AJ"),
        (r"\x4Z", r"\x4Z"),
        (r"\x", "x"),
        (r"\101\60", "A0"),
        (r"\1018", "A8"),
        (r"\344\275\240\xE5\xA5\xbd", "你好"),
        (r"\377", r"\377"),
        (r"\344\275", r"\344\275"),
        (r"a\fb", r"a\fb"),
        (r"a\vb", r"a\vb"),
        (r"a\bb", r"a\bb"),
        ("a''b", "a''b"),
        ("'a'", "'a'"),
    ],
)
def test_a_copied_value_is_what_the_database_reads(value: str, cell: str) -> None:
    assert copied([value]) == [["1", cell, "z"]]


def test_comments_beside_a_value_are_text_of_the_dump() -> None:
    data = b"INSERT INTO t VALUES (1, /* a, (b */ 'x', -- c'\n # d)\n 2) /* e */, (3, 'y', 4);\n"
    rows, texts = scan_dump(data, size=1 << 20, slashes=True)
    assert [cells for _, cells in rows] == [["1", "x", "2"], ["3", "y", "4"]]
    assert texts == ["/* a, (b */", "-- c'", "# d)", "/* e */"]


@pytest.mark.parametrize("word", ["GO", "go", "Go\r", "\nGO\n", "  GO", "XO", "GX", "GOO", "G"])
def test_the_end_of_a_batch_is_no_text(word: str) -> None:
    data = f"{word}\n".join(f"INSERT [t] VALUES ({n})\n" for n in (1, 2, 3)).encode()
    rows, texts = scan_dump(data, size=1 << 20, slashes=False)
    assert [cells for _, cells in rows] == [["1"], ["2"], ["3"]]
    assert texts == ([] if word.strip().upper() == "GO" else [word] * 2)


def test_a_value_is_the_same_far_into_a_text() -> None:
    row = r"""(1, 'O\'Brien', concat('a', 'b'), /* c */ 'x''y', "d", 0x41)"""
    count = (3 << 20) // len(row)
    data = f"INSERT INTO t VALUES {', '.join([row] * count)};\n".encode()
    rows, _ = scan_dump(data, size=4 << 20, slashes=True)
    cells = ["1", "O'Brien", "concat('a', 'b')", "x'y", "d", "A"]
    assert len(rows) == count
    assert all(found == cells for _, found in rows)
    lines = "a\\tb\t\\N\tc\n" * count
    rows, _ = scan_dump(f"COPY t FROM stdin;\n{lines}\\.\n".encode(), size=4 << 20, slashes=False)
    assert len(rows) == count
    assert all(found == ["a\tb", "", "c"] for _, found in rows)


def test_hexadecimal_is_text_if_it_is_plain_utf_8() -> None:
    edges = [0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xFF]
    leads = [9, 10, 13, 31, 32, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE, 0xEF, 0xF0, 0xF1]
    leads += [0xF3, 0xF4, 0xF5]
    strings = [
        bytes([lead, *rest])
        for lead in leads
        for rest in (*([a] for a in edges), *itertools.product(edges, edges[2:9]))
    ]
    tails = [0x7F, 0x80, 0xBF, 0xC0]
    strings += [
        bytes([lead, *rest])
        for lead in (0xF0, 0xF1, 0xF3, 0xF4, 0xF5)
        for rest in itertools.product(edges, tails, tails)
    ]

    def expected(data: bytes) -> str:
        try:
            text = data.decode()
        except UnicodeDecodeError:
            text = "\0"
        plain = all(c in "\t\n\r" or (c >= " " and c != "\x7f") for c in text)
        if (not plain or min(text) < " ") and len(data) == 4:
            with contextlib.suppress(UnicodeDecodeError, UnicodeEncodeError):
                wide = data.decode("utf-16-le")
                if min(wide) >= " " and wide.encode("gb2312"):
                    return wide
        return text if plain else f"0x{data.hex()}"

    found = inserted([f"0x{each.hex()}" for each in strings])
    assert [cells[1] for cells in found] == [expected(each) for each in strings]
