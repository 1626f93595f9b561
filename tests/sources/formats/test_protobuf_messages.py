"""Protobuf without its schema: texts and numbers stand under the numbers of their fields."""

import sqlite3
import zlib
from contextlib import closing

import pytest

from tests.sources.formats.five import PEOPLE, check_five, found_values
from tests.sources.formats.test_leveldb import sized, varint
from tests.sources.tables import check_damage, lost


def field(number: int, value: bytes | int) -> bytes:
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + sized(value)


def person(at: int) -> bytes:
    name, phone, mail, place = PEOPLE[at]
    texts = field(3, mail.encode()) + field(4, place.encode())
    return field(1, name.encode()) + field(2, int(phone)) + texts


PERSONS = [person(at) for at in range(5)]
LIST = b"".join(field(7, each) for each in PERSONS)
FUZZ_SEEDS = {
    "a.pb": lambda numbers: b"".join(
        field(1, field(1, "张伟".encode()) + field(2, each.encode())) for each in numbers
    )
}


@pytest.mark.parametrize(
    "data", [LIST, field(2, field(1, 5) + LIST), b"".join(map(sized, PERSONS))]
)
def test_five_messages_are_five_records(data: bytes) -> None:
    assert check_five(data, "objects", ("1", "2", "3", "4")) == []


def test_messages_and_packed_texts_in_cells_of_a_database_are_read() -> None:
    with closing(sqlite3.connect(":memory:")) as made:
        made.execute("CREATE TABLE t (a BLOB, b BLOB)")
        made.execute(
            "INSERT INTO t VALUES (?, ?)", [PERSONS[0], zlib.compress("姓名：李四".encode())]
        )
        made.commit()
        places, troubles = found_values(made.serialize())
    assert places["张三"] == [("t/a/1!objects", 1, "1")]
    assert places["姓名：李四"][0][0] == "t/b/1!1"
    assert troubles == []


def test_damage_is_listed() -> None:
    assert lost(found_values(LIST[:-3])[1]) == ["BINARY"]
    check_damage(LIST, 20)
