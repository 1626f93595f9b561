"""Text beside other bytes is read by its own format; the other bytes are listed."""

import json
import random

import pytest

from piiscan.sources.selection import Selection
from tests.sources.formats.five import HEADERS, PEOPLE, check_five, found_values
from tests.sources.tables import lost, read_all, told

TABLE = "\r\n".join(",".join(row) for row in (HEADERS, *PEOPLE)) + "\r\n"
ROWS = (2, 3, 4, 5, 6)
NOISE = b"\x07\x01" + random.Random(5).randbytes(3000) + b"\xff\0\xff"


@pytest.mark.parametrize("codec", ["utf-8", "gb18030", "utf-16-le"])
@pytest.mark.parametrize(("before", "behind"), [(NOISE, b""), (b"", NOISE), (NOISE, NOISE)])
def test_a_table_beside_other_bytes_is_read(codec: str, before: bytes, behind: bytes) -> None:
    before += b"\n" if before else b""
    data = before + TABLE.encode(codec) + behind
    starts = {each[0][0] for each in found_values(data)[0].values() if each}
    (member,) = {name for name in starts if name.startswith("#text-")}
    assert int(member[6:]) in (len(before) - 1, len(before))
    rows = tuple(row + (int(member[6:]) < len(before)) for row in ROWS)
    assert lost(check_five(data, member, rows=rows)) == ["BINARY_PART"]


def test_each_text_is_read_by_its_own_format() -> None:
    records = (dict(zip(HEADERS, person, strict=True)) for person in PEOPLE)
    lines = "\n".join(json.dumps(record, ensure_ascii=False) for record in records)
    places, troubles = found_values(NOISE + b"\n" + lines.encode() + b"\n" + NOISE)
    assert {header for _, _, header in places[PEOPLE[0][0]]} == {HEADERS[0]}
    detail = next(each.detail for each in troubles if each.reason == "BINARY_PART")
    assert detail.startswith("2 parts, ")


def test_other_bytes_are_read_as_strings_if_asked_for() -> None:
    data = TABLE.encode() + NOISE + b"\0\x01phone 13900139000\0\x02" + NOISE
    places, _ = found_values(data, selection=Selection(raw=True))
    assert [each for each in places if "13900139000" in each]
    assert all(len(places[value]) == 1 for person in PEOPLE for value in person)


def test_nuls_alone_hold_no_text() -> None:
    tables, troubles = read_all(bytes(100_000))
    assert (tables, told(troubles)) == ([], [("", "EMPTY", False)])
