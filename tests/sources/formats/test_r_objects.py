"""Data frames of R are records: texts, factors, dates, numbers, and vectors made on demand."""

import gzip
import struct
from typing import Any

from tests.sources.formats.five import PEOPLE, check_five, found_values
from tests.sources.tables import check_damage, lost, read_members

NAMES = ("name", "phone", "mail", "place")


def number(value: int) -> bytes:
    return struct.pack(">i", value)


def text(value: str) -> bytes:
    return number(0x8009) + number(len(value.encode())) + value.encode()


def texts(values: Any) -> bytes:
    return number(16) + number(len(values)) + b"".join(map(text, values))


def attributes(**given: bytes) -> bytes:
    """A pair list of values by their tags."""
    pairs = (number(0x402) + number(1) + text(k.replace("_", ".")) + v for k, v in given.items())
    return b"".join(pairs) + number(254)


def vector(kind: int, body: bytes, count: int, **given: bytes) -> bytes:
    flags = kind | (0x300 if given else 0)
    return number(flags) + number(count) + body + (attributes(**given) if given else b"")


def frame(columns: dict[str, bytes]) -> bytes:
    rows = vector(13, struct.pack(">ii", -(1 << 31), -5), 2)
    given = {"names": texts(list(columns)), "class": texts(["data.frame"]), "row_names": rows}
    return vector(19, b"".join(columns.values()), len(columns), **given)


def rds(item: bytes) -> bytes:
    return b"X\n" + number(3) + bytes(8) + number(5) + b"UTF-8" + item


PLAIN = rds(frame({name: texts([row[at] for row in PEOPLE]) for at, name in enumerate(NAMES)}))
FUZZ_SEEDS = {"a.rds": lambda numbers: rds(frame({"phone": texts(numbers)}))}


def test_a_row_is_a_record() -> None:
    assert check_five(PLAIN, "objects", NAMES) == []
    image = b"RDX3\n" + PLAIN.replace(b"UTF-8", b"UTF-8" + number(0x402) + number(1) + text("p"))
    assert check_five(gzip.compress(image + number(254)), "a!objects", NAMES) == []


def test_factors_dates_numbers_and_compact_vectors_are_values() -> None:
    levels = {"levels": texts(["张三", "李四"]), "class": texts(["factor"])}
    info = number(2) + number(1) + text("compact_intseq") + number(254)
    compact = number(238) + info + vector(14, struct.pack(">ddd", 2, 7, 1), 3) + number(254)
    columns = {
        "name": vector(13, struct.pack(">ii", 2, 1), 2, **levels),
        "phone": vector(14, struct.pack(">dd", 13800138000, float("nan")), 2),
        "day": vector(14, struct.pack(">dd", 19724, 19725), 2, **{"class": texts(["Date"])}),
        "n": compact,
    }
    rows, troubles = read_members(rds(frame(columns)))
    assert rows == {
        "objects": [
            ["李四", "13800138000", "2024-01-02", "7"],
            ["张三", None, "2024-01-03", "8"],
        ]
    }
    assert troubles == []


def test_damage_is_listed() -> None:
    assert lost(found_values(PLAIN[:-60])[1]) == ["CORRUPT"]
    check_damage(PLAIN, 30)
