"""A DBF table is read whole, with its memos; deleted records are a table of their own."""

import struct
from pathlib import Path

import pytest

from tests.sources.formats.five import HEADERS, PEOPLE, check_five, found_values
from tests.sources.tables import check_damage, lost, read_all, told, zipped

TEXTS = tuple((name, "C", 40) for name in HEADERS)


def table(
    fields: tuple[tuple[str, str, int], ...],
    rows: list[tuple[bytes, ...]],
    *,
    encoding: str = "gbk",
    page: int = 0,
    deleted: frozenset[int] = frozenset(),
    count: int | None = None,
) -> bytes:
    """A table of these fields (name, type, size) and records."""
    size, record = 33 + 32 * len(fields), 1 + sum(width for _, _, width in fields)
    records = len(rows) if count is None else count
    out = struct.pack("<BBBBIHH", 0x30, 24, 1, 2, records, size, record) + bytes(17)
    out += bytes([page, 0, 0])
    for name, kind, width in fields:
        out += name.encode(encoding)[:10].ljust(11, b"\0") + kind.encode() + bytes(4)
        out += struct.pack("<H", width) + bytes(14)
    out += b"\r"
    for number, row in enumerate(rows):
        out += b"*" if number in deleted else b" "
        for (_, kind, width), cell in zip(fields, row, strict=True):
            out += cell.rjust(width) if kind in "NF" else cell.ljust(width)
    return out + b"\x1a"


def people(encoding: str) -> list[tuple[bytes, ...]]:
    return [tuple(cell.encode(encoding) for cell in person) for person in PEOPLE]


@pytest.mark.parametrize(
    ("encoding", "page"), [("gbk", 0), ("gbk", 0x7A), ("gbk", 3), ("utf-8", 0)]
)
def test_five_rows_are_five_rows(encoding: str, page: int) -> None:
    data = table(TEXTS, people(encoding), encoding=encoding, page=page)
    assert check_five(data, "") == []
    assert check_five(zipped({"x.bin": data}), "x.bin") == []


def test_records_of_many_bytes_are_all_read() -> None:
    """More bytes in 4,096 records than one reading takes."""
    head = table((("a", "C", 11), ("b", "C", 60_000)), [], count=1_200).removesuffix(b"\x1a")
    rows = [f" 1390000{number:04}".encode() + bytes(60_000) for number in range(1_200)]
    places, troubles = found_values(head + b"".join(rows))
    assert (len(places), troubles) == (1_200, [])


def test_a_code_page_names_the_encoding() -> None:
    rows = [("張三".encode("big5"), b"13800138000", b"", b"")]
    assert "張三" in found_values(table(TEXTS[1:2] * 4, rows, encoding="utf-8", page=0x78))[0]


def test_deleted_records_are_a_table_and_rows_keep_their_numbers() -> None:
    places, troubles = found_values(table(TEXTS, people("gbk"), deleted=frozenset([1, 3])))
    assert troubles == []
    found = [places[name] for name, *_ in PEOPLE]
    members = ["", "#deleted rows", "", "#deleted rows", ""]
    assert found == [[(m, n, "姓名")] for n, m in enumerate(members, 1)]


def test_values_of_every_type() -> None:
    fields = (
        ("a", "N", 12), ("b", "D", 8), ("c", "L", 1), ("d", "I", 4), ("e", "B", 8), ("f", "Y", 8),
        ("g", "T", 8),
    )  # fmt: skip
    row = (
        b"13800138000", b"20240102", b"T", struct.pack("<i", -5), struct.pack("<d", 2.5),
        struct.pack("<q", 12_345), struct.pack("<II", 2460312, 3_600_000),
    )  # fmt: skip
    places, troubles = found_values(table(fields, [row]))
    wanted = {"13800138000", "2024-01-02", "T", "-5", "2.5", "1.2345", "2024-01-02 01:00:00"}
    assert set(places) == wanted
    assert troubles == []


def memo_files() -> dict[str, bytes]:
    text = "联系 13800138000".encode("gbk")
    fox = bytes(4) + bytes(2) + (64).to_bytes(2, "big")
    fox = fox.ljust(64, b"\0") + b"\0\0\0\1" + len(text).to_bytes(4, "big") + text
    three = bytes(512) + text + b"\x1a\x1a"
    four = bytes(20) + (512).to_bytes(2, "little")
    four = four.ljust(512, b"\0") + b"\xff\xff\x08\0" + (len(text) + 8).to_bytes(4, "little") + text
    return {"a.fpt": fox, "a.DBT": three, "A.dbt": four}


@pytest.mark.parametrize("name", memo_files())
@pytest.mark.parametrize("width", [4, 10])
def test_memos_are_cells(tmp_path: Path, name: str, width: int) -> None:
    number = (1).to_bytes(4, "little") if width == 4 else b"         1"
    none = bytes(4) if width == 4 else b" " * 10
    fields = (("姓名", "C", 10), ("memo", "M", width))
    data = table(fields, [("张三".encode("gbk"), number), ("李四".encode("gbk"), none)])
    (tmp_path / "a.dbf").write_bytes(data)
    (tmp_path / name).write_bytes(memo_files()[name])
    places, troubles = found_values(tmp_path / "a.dbf")
    assert places["联系 13800138000"] == [("", 1, "memo")]
    assert troubles == []
    assert told(read_all(tmp_path / name)[1]) == [("", "DATABASE_PART", False)]
    (tmp_path / name).unlink()
    assert lost(read_all(tmp_path / "a.dbf")[1]) == ["BINARY_VALUES"]


def test_damaged_tables() -> None:
    rows = people("gbk")
    data = table(TEXTS, rows)
    places, troubles = found_values(data[:-200])
    assert "王五" in places
    assert lost(troubles) == ["CORRUPT"]
    assert told(read_all(table(TEXTS, []))[1]) == [("", "EMPTY", False)]
    for count in (3, 4):
        assert lost(read_all(table(TEXTS, rows, count=count))[1]) == ["DELETED_ROWS"]
    at = data.index("李四".encode("gbk"))
    assert "CORRUPT" in lost(read_all(data[: at - 1] + data[at:] + b" ")[1])
    check_damage(data, 60, 1, 200)
