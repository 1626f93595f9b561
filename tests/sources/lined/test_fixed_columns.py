"""Columns of fixed places that touch are cut where numbers stand; other lines stay lines."""

import pytest

from tests.sources.tables import lost, read_all

IDS = ["430104198501102302", "430104198602112315", "430104198703122328", "430104198804132330"]
PHONES = ["13874521306", "13884522423", "13894523540", "13810452465"]
NAMES = ["张伟", "李秀英", "欧阳建国", "刘晓"]
PEOPLE = list(zip(NAMES, IDS, PHONES, strict=True))


def line(form: bytes, *values: str, width: int = 10, encoding: str = "gbk") -> bytes:
    name, *others = values
    return form % (name.encode(encoding).ljust(width), *map(str.encode, others))


LINES = {
    "bank": [line(b"%s01%s%s00000100000CNY20240101\r\n", *each, width=20) for each in PEOPLE],
    "telecom": [
        b"%08d" % at + line(b"%.0s%s20240101120000", n, p) + line(b"%s%s\n", n, i)
        for at, (n, i, p) in enumerate(PEOPLE)
    ],
    "by bytes": [line(b"%s%s%s0731\n", *each, width=15, encoding="utf-8") for each in PEOPLE],
    "by characters": [f"{n:6}{i}20240101{p}M\n".encode() for n, i, p in PEOPLE],
    "a title and a sum": [
        "客户清单 20240101\n".encode("gbk"),
        *(line(b"%s%s%s110\n", n, p, i, width=8) for n, i, p in PEOPLE),
        b"TOTAL 0004\n",
    ],
}


@pytest.mark.parametrize("name", LINES)
def test_values_of_columns_that_touch_are_cells_at_their_bytes(name: str) -> None:
    data = b"".join(LINES[name])
    ((table, blocks),), troubles = read_all(data)
    assert troubles == []
    found = {}
    for block in blocks:
        assert block.byte_starts is not None
        for column, starts in zip(block.columns, block.byte_starts, strict=True):
            for cell, start in zip(column.to_pylist(), starts.tolist(), strict=True):
                found[(cell or "").strip()] = data[start : start + len((cell or "").encode("gbk"))]
    assert table.kind == "delimited"
    values = [*IDS, *PHONES, *NAMES]
    assert {each for each in values if each not in found} == set()
    assert all(found[each].strip() == each.encode() for each in [*IDS, *PHONES])


@pytest.mark.parametrize(
    "text",
    [
        "".join(f"{n} {i} {p}\n" for n, i, p in PEOPLE),
        "".join(f"订单15012024010100{at:04d}已发货，电话{p}\n" for at, p in enumerate(PHONES * 3)),
        "".join(f"42000012{at:020d}\n" for at in range(9)),
    ],
)
def test_other_lines_stay_lines(text: str) -> None:
    ((table, _),), troubles = read_all(text)
    assert (table.kind, troubles, table.troubles) == ("text", [], [])


def test_numbers_that_touch_without_lines_are_listed() -> None:
    ((table, _),), _ = read_all("".join(f"{n:6}{i}{p}20240101" for n, i, p in PEOPLE))
    assert lost(table.troubles) == ["COLUMNS_TOUCH"]
