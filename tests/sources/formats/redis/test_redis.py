"""Snapshots and command files of Redis: each value once, a hash a person; a cut file is lost."""

import io
import json
from collections.abc import Callable

import pytest

from piiscan.sources.formats.redis.byte_reader import ByteReader
from piiscan.sources.formats.redis.packed_values import (
    read_listpack,
    read_ziplist,
    read_zipmap,
    unpack_lzf,
)
from tests.sources.formats.redis.snapshots import SNAPSHOTS
from tests.sources.people import KEYS, PEOPLE, count_whole, places
from tests.sources.tables import cells_of, lost, read_all, read_one, read_reasons


def command(*arguments: str | bytes) -> bytes:
    data = [each.encode() if isinstance(each, str) else each for each in arguments]
    return b"*%d\r\n" % len(data) + b"".join(b"$%d\r\n%s\r\n" % (len(each), each) for each in data)


def pairs(person: list[str]) -> list[str]:
    return [part for pair in zip(KEYS, person, strict=True) for part in pair]


HASHES = b"".join(command("HMSET", f"u:{n}", *pairs(p)) for n, p in enumerate(PEOPLE))


def check_once(data: bytes) -> None:
    """Each value of a person is read once."""
    found = places(data)
    assert [len(found[value]) for person in PEOPLE for value in person] == [1] * 20


@pytest.mark.parametrize("name", ["hashes", "hashes, large", "json"])
def test_five_people_of_a_snapshot_are_five_rows(name: str) -> None:
    assert count_whole(SNAPSHOTS[name]) == len(PEOPLE)
    assert count_whole(SNAPSHOTS[name] + command("SET", "a", "1")) == 5


@pytest.mark.parametrize("name", ["others", "others, large"])
def test_values_of_every_type_are_read_once(name: str) -> None:
    check_once(SNAPSHOTS[name])
    assert lost(read_all(SNAPSHOTS[name])[1]) == ["BINARY_VALUES"]


def printed(value: str) -> str:
    """A value as the client prints it, with bytes that are no ASCII as escapes."""
    return "".join(chr(b) if b < 128 else f"\\x{b:02x}" for b in value.encode()).join('""')


def numbered(values: list[str], indent: str = "", first: str = "") -> str:
    lines = [f'{at}) "{each}"' for at, each in enumerate(values, 1)]
    return first + lines[0] + "\n" + "".join(f"{indent}{line}\n" for line in lines[1:])


REPLIES = {
    "terminal": "".join(
        f"127.0.0.1:6379> hgetall u:{n}\n{numbered(pairs(p))}" for n, p in enumerate(PEOPLE)
    ),
    "without commands": "".join(numbered(pairs(p)) for p in PEOPLE),
    "escaped": "".join(
        "".join(f"{at}) {printed(each)}\n" for at, each in enumerate(pairs(p), 1)) for p in PEOPLE
    ),
    "maps": "".join(
        "".join(f'{at}# "{k}" => "{v}"\n' for at, (k, v) in enumerate(zip(KEYS, p, strict=True), 1))
        for p in PEOPLE
    ),
    "stream": "".join(
        f'{n}) 1) "15-{n}"\n   2) {numbered(pairs(p), "      ")}' for n, p in enumerate(PEOPLE, 1)
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REPLIES)
def test_five_people_of_printed_replies_are_five_rows(name: str) -> None:
    data = REPLIES[name].replace("\n", "\r\n").encode()
    assert count_whole(data) == len(PEOPLE)
    ((table, _),), troubles = read_all(data)
    assert ({*KEYS} <= {*(table.headers or [])}, troubles) == (True, [])


def test_other_replies_are_values() -> None:
    text = (
        f'> lrange l 0 -1\n{numbered(["张三", "李四", *"56789"])}8) (integer) 7\n9) (nil)\n"王五"\n'
    )
    ((_, blocks),), _ = read_all(text.encode())
    cells = [[each.to_pylist() for each in block.columns] for block in blocks]
    assert cells == [[
        ["> lrange l 0 -1", *[None] * 9, '"王五"'],
        [None, "张三", "李四", *"56789", "(integer) 7", "(nil)", None],
    ]]  # fmt: skip


@pytest.mark.parametrize(
    "data",
    [
        command("SELECT", "0") + HASHES,
        b"#TS:1628217470\r\n" + HASHES,
        b"".join(
            command("XADD", "s", "1-1", *pairs(p)) + command("DEL", "s") for p in PEOPLE
        ),
        b"".join(
            command("SET", f"u{n}", json.dumps(dict(zip(KEYS, p, strict=True)), ensure_ascii=False))
            for n, p in enumerate(PEOPLE)
        ),
    ],
)  # fmt: skip
def test_five_people_of_commands_are_five_rows(data: bytes) -> None:
    assert count_whole(data) == len(PEOPLE)


def test_values_of_other_commands_are_read_once() -> None:
    names, numbers, phones, addresses = map(list, zip(*PEOPLE, strict=True))
    data = command("RPUSH", "list", *names)
    data += command("ZADD", "scores", *[part for each in numbers for part in ("1", each)])
    data += command("MSET", *[part for n, each in enumerate(phones) for part in (f"k{n}", each)])
    data += command(
        "HSET", "map", *[p for n, each in enumerate(addresses) for p in (f"{n}00000", each)]
    )
    data += command("SETEX", "a", "60", "V1") + command("PUBLISH", "b", "V2") + command("EXEC")
    check_once(data)
    _, blocks, troubles = read_one(data)
    cells = [cell for row in cells_of(blocks) for cell in row]
    assert (cells.count("V1"), cells.count("V2"), troubles) == (1, 1, [])


def test_what_is_cut_off_or_broken_is_lost() -> None:
    for data in (SNAPSHOTS["hashes"], SNAPSHOTS["others"], HASHES):
        for end in range(40, len(data), 7):
            told = lost(read_all(data[:end])[1])
            assert "CUT_OFF" in told or "CORRUPT" in told or data is HASHES, end
    whole = HASHES + b"x" * 50
    assert read_reasons(whole) == ["CORRUPT"]
    assert count_whole(whole) == len(PEOPLE)


ZIPLIST = (
    b"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
    b"\x00\x03abc\x05\x40\x02de\xfe\x05\x00\x00\x00\x80\x00\x00\x00\x01f"
    b"\x02\xc0\xff\xff\x02\xfe\x80\x02\xf1\x02\xf0\x01\x00\x00\xff"
)  # fmt: skip
LISTPACK = (
    b"\x00\x00\x00\x00\x00\x00\x7f\x01\x82ab\x03\xdf\xff\x02\xe0\x01c\x03"
    b"\xf0\x01\x00\x00\x00d\x06\xf1\xff\x7f\x03\xf2\x00\x00\x80\x04\xff"
)  # fmt: skip


@pytest.mark.parametrize(
    ("read", "data", "values"),
    [
        (read_ziplist, ZIPLIST, [b"abc", b"de", b"f", b"-1", b"-128", b"0", b"1"]),
        (read_listpack, LISTPACK, [b"127", b"ab", b"-1", b"c", b"d", b"32767", b"-8388608"]),
        (read_zipmap, b"\x01\x01a\x02\x00bc\xff", [b"a", b"bc"]),
    ],
)
def test_packed_lists(read: Callable[[bytes], object], data: bytes, values: list[bytes]) -> None:
    assert list(read(data)) == values  # type: ignore[call-overload]


def test_lzf() -> None:
    assert unpack_lzf(b"\x01ab\xe0\x07\x01", 18) == b"ab" * 9
    for data, size in ((b"\x01ab\xe0\x07\x01", 17), (b"\x20\x05", 3), (b"\x00a", 10**6)):
        with pytest.raises(ValueError, match="LZF"):
            unpack_lzf(data, size)


def test_a_reader_takes_any_pieces() -> None:
    class Slow(io.BytesIO):
        def read(self, count: int | None = -1) -> bytes:
            return super().read(min(count or 0, 3))

    reader = ByteReader(Slow(b"abcdef\r\ngh"), 10)
    assert (reader.read(4), reader.line(), reader.at, reader.peek()) == (b"abcd", b"ef", 8, 103)
    assert (reader.read(2), reader.is_at_end()) == (b"gh", True)
    with pytest.raises(ValueError, match="cut off"):
        reader.read(1)
