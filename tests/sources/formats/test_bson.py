"""A dump of MongoDB is read whole, document by document."""

import struct
from typing import Any

from tests.sources.formats.five import HEADERS, PEOPLE, check_five, found_values
from tests.sources.tables import check_damage, lost, read_all, zipped


def document(items: dict[str, Any]) -> bytes:
    """A document of texts, numbers, bytes, arrays, documents, and raw (type, bytes) values."""
    out = b""
    for key, value in items.items():
        kind, data = element(value)
        out += bytes([kind]) + key.encode() + b"\0" + data
    return struct.pack("<i", len(out) + 5) + out + b"\0"


def element(value: Any) -> tuple[int, bytes]:
    if isinstance(value, tuple):
        return value
    if isinstance(value, str):
        data = value.encode() + b"\0"
        return 2, struct.pack("<i", len(data)) + data
    if isinstance(value, bytes):
        return 5, struct.pack("<i", len(value)) + b"\0" + value
    if isinstance(value, list):
        return 4, document({str(n): each for n, each in enumerate(value)})
    if isinstance(value, dict):
        return 3, document(value)
    if isinstance(value, float):
        return 1, struct.pack("<d", value)
    return 18, struct.pack("<q", value)


def people() -> bytes:
    ids = [(7, bytes([n]) * 12) for n in range(5)]
    rows = [dict(zip(HEADERS, person, strict=True)) for person in PEOPLE]
    return b"".join(document({"_id": n, **row}) for n, row in zip(ids, rows, strict=True))


def test_five_documents_are_five_rows() -> None:
    assert check_five(people(), "") == []
    assert check_five(zipped({"x": people()}), "x") == []


def test_values_of_every_type() -> None:
    text = element("张三")[1]
    items = {
        "a": {"b": 13800138000, "c": ["x", {"d": 2.5}]},
        "e": (9, struct.pack("<q", 1_704_164_645_000)),
        "f": (8, b"\1"),
        "g": (16, struct.pack("<i", -5)),
        "h": (19, struct.pack("<QQ", 12345, 6174 << 49)),
        "i": (10, b""),
        "j": (15, struct.pack("<i", 0) + text + document({"k": "李四"})),
        "l": (11, b"p.*\0i\0"),
        "m": '联系'.encode("gbk").decode("latin-1"),
        "n": (9, struct.pack("<q", 2**62)),
    }  # fmt: skip
    other = {"z": '[{"姓名": "王五"}]'.encode(), "y": bytes(40)}
    places, troubles = found_values(document(items) + document(other))
    wanted = {
        "13800138000": "a.b", "x": "a.c", "2.5": "a.c.d", "2024-01-02 03:04:05": "e", "true": "f",
        "-5": "g", "123.45": "h", "张三": "j.code", "李四": "j.scope.k", "p.*": "l",
    }  # fmt: skip
    assert {text: places[text][0][2] for text in wanted} == wanted
    assert places["王五"][0][0] == "z/2"
    assert lost(troubles) == ["BINARY_VALUES"]


def test_damaged_dumps() -> None:
    data = people()
    places, troubles = found_values(data[:-20])
    assert "赵六" in places
    assert lost(troubles) == ["CORRUPT"]
    size = len(data) // 5
    places, troubles = found_values(data[: size + 4] + b"\x63" + data[size + 5 :])
    assert lost(troubles) == ["CORRUPT"]
    assert places["王五"] == [("", 3, "姓名")]
    deep: Any = {"a": "x"}
    for _ in range(300):
        deep = {"a": deep}
    for bad, reason in (
        (b"\x6d\xe2\x99\x81" + bytes(40), "NOT_SUPPORTED_YET"),
        (data[:size] + document(deep), "CORRUPT"),
    ):
        assert lost(read_all(bad)[1]) == [reason]
    check_damage(data, 40)
