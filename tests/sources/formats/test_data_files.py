"""Data files (orc, avro, sav, dta, xpt, npy, npz, msgpack, cbor): each value and its place."""

import io
import struct
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fastavro
import numpy as np
import pyarrow as pa
import pyreadstat
import pytest
from pyarrow import orc
from pyarrow import parquet as pq

from tests.sources.formats.five import HEADERS, PEOPLE, check_five, found_values
from tests.sources.tables import check_damage, lost, read_members, zipped

NAMES = ("name", "phone", "mail", "place")


def frame(rows: Any, names: tuple[str, ...] = NAMES) -> dict[str, list[str]]:
    return {name: [row[at] for row in rows] for at, name in enumerate(names[: len(rows[0])])}


def avro(rows: Any = PEOPLE, names: tuple[str, ...] = NAMES, **options: Any) -> bytes:
    fields = [{"name": name, "type": ["null", "string"]} for name in names]
    schema = {"type": "record", "name": "P", "fields": fields[: len(rows[0])]}
    out = io.BytesIO()
    values = [dict(zip(names, row, strict=False)) for row in rows]
    fastavro.writer(out, schema, values, sync_marker=b"piiscan " * 2, **options)
    return out.getvalue()


def orc_file(rows: Any = PEOPLE, **options: Any) -> bytes:
    out = pa.BufferOutputStream()
    orc.write_table(pa.table(frame(rows, HEADERS)), out, **options)
    return bytes(out.getvalue())


def statistics(kind: str, rows: Any = PEOPLE) -> bytes:
    """A file of SPSS, Stata or SAS whose variables have Chinese labels."""
    import pandas as pd

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a")
        write = getattr(pyreadstat, f"write_{kind}")
        write(pd.DataFrame(frame(rows)), str(path), column_labels=list(HEADERS[: len(rows[0])]))
        return path.read_bytes()


def npy(array: Any) -> bytes:
    out = io.BytesIO()
    np.save(out, array, allow_pickle=False)
    return out.getvalue()


def msgpack(value: Any) -> bytes:
    """A value in MessagePack."""
    if isinstance(value, dict):
        pairs = b"".join(msgpack(key) + msgpack(each) for key, each in value.items())
        return b"\xde" + struct.pack(">H", len(value)) + pairs
    if isinstance(value, list):
        return b"\xdc" + struct.pack(">H", len(value)) + b"".join(map(msgpack, value))
    if isinstance(value, int):
        return b"\xcf" + struct.pack(">Q", value)
    data = value if isinstance(value, bytes) else value.encode()
    return b"\xda" + struct.pack(">H", len(data)) + data


def cbor(value: Any) -> bytes:
    """A value in CBOR; texts and lists of a length of two bytes, maps without one."""
    if isinstance(value, dict):
        return b"\xbf" + b"".join(cbor(k) + cbor(each) for k, each in value.items()) + b"\xff"
    if isinstance(value, list):
        return b"\x99" + struct.pack(">H", len(value)) + b"".join(map(cbor, value))
    if isinstance(value, int):
        return b"\x1b" + struct.pack(">Q", value)
    return b"\x79" + struct.pack(">H", len(value.encode())) + value.encode()


RECORDS = [dict(zip(HEADERS, person, strict=True)) for person in PEOPLE]
TWO = [[name, phone] for name, phone, *_ in PEOPLE]


def _rows(numbers: list[str]) -> list[list[str]]:
    return [["张伟", number] for number in numbers]


def _objects(pack: Callable[[Any], bytes]) -> Callable[[list[str]], bytes]:
    return lambda numbers: pack([{"姓名": "张伟", "手机号": each} for each in numbers])


FUZZ_SEEDS = {
    "a.orc": lambda numbers: orc_file(_rows(numbers)),
    "a.avro": lambda numbers: avro(_rows(numbers)),
    **{
        f"a.{kind}": lambda numbers, kind=kind: statistics(kind, _rows(numbers))
        for kind in ("sav", "dta", "xport")
    },
    "a.npz": lambda numbers: zipped({"a.npy": npy(np.array(_rows(numbers)))}),
    "a.npy": lambda numbers: npy(np.array(_rows(numbers))),
    "a.msgpack": _objects(msgpack),
    "a.cbor": _objects(cbor),
}
FUZZ_PACKERS = {"npz": ("npz", lambda name, data: zipped({f"{name}.npy": data}))}


@pytest.mark.parametrize(
    ("data", "member", "headers"),
    [
        (orc_file(), "", HEADERS),
        (avro(), "", NAMES),
        (avro(codec="snappy"), "", NAMES),
        (statistics("sav"), "", HEADERS),
        (statistics("dta"), "", HEADERS),
        (statistics("xport"), "", HEADERS),
        (npy(np.array([HEADERS, *PEOPLE])), "", HEADERS),
        (npy(np.array([*map(tuple, PEOPLE)], [(each, "U40") for each in NAMES])), "", NAMES),
        (zipped({f"{h}.npy": npy(np.array(v)) for h, v in frame(PEOPLE).items()}), "", NAMES),
        *(
            (made, "objects", HEADERS)
            for pack in (msgpack, cbor)
            for made in (pack(RECORDS), b"".join(map(pack, RECORDS)), pack({"a": {"b": RECORDS}}))
        ),
    ],
)
def test_five_people_have_five_rows_under_their_names(
    data: bytes, member: str, headers: tuple[str, ...]
) -> None:
    first = 2 if data.startswith(b"\x93NUMPY") and b"descr': '<" in data else 1
    assert check_five(data, member, headers, tuple(range(first, first + 5))) == []


def test_codes_are_shown_as_their_labels() -> None:
    import pandas as pd

    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder, "a"))
        labels = {"q": {1: "男", 2: "女"}}
        table = pd.DataFrame({"q": [1, 2, None]})
        pyreadstat.write_sav(table, path, variable_value_labels=labels, column_labels=["性别"])
        assert read_members(Path(path)) == ({"": [["男"], ["女"]]}, [])


def test_an_array_of_python_objects_is_listed_and_not_loaded() -> None:
    out = io.BytesIO()
    np.save(out, np.array([{"a": 1}], object), allow_pickle=True)
    assert lost(found_values(out.getvalue())[1]) == ["NOT_SUPPORTED_YET"]


def test_a_damaged_block_costs_itself() -> None:
    data = avro(sync_interval=1)
    at = data.index("李四".encode()) - 1
    places, troubles = found_values(data[:at] + b"\xff\xff\xff" + data[at + 3 :])
    assert {name for name, *_ in PEOPLE} - places.keys() <= {"李四"}
    assert lost(troubles) == ["CORRUPT"]
    data = msgpack(RECORDS)
    at = data.index("王五".encode()) - 3
    places, troubles = found_values(data[:at] + b"\xc1" + data[at + 1 :])
    assert {"张三", "李四"} <= places.keys()
    assert lost(troubles) == ["CORRUPT"]


@pytest.mark.parametrize("pack", [msgpack, cbor])
def test_a_long_file_with_short_names_is_read_up_to_its_damage(pack: Any) -> None:
    records = [{"名": f"n{n}", "号": str(13800000000 + n)} for n in range(9000)]
    data = b"".join(map(pack, records))
    assert len(data) > 256 << 10
    places, troubles = found_values(data)
    assert (places["13800008999"], troubles) == ([("objects", 9000, "号")], [])
    for cut in (data[:9999], b"\x9f" + data[:9999] if pack is cbor else data[:99]):
        places, troubles = found_values(cut)
        assert places["13800000001"] == [("objects", 2, "号")]
        assert lost(troubles) == ["CORRUPT"]


def test_a_damaged_page_costs_values_of_its_column() -> None:
    out = pa.BufferOutputStream()
    numbers = [f"138{n:08}" for n in range(9000)]
    table = pa.table({"name": [f"n{n}" for n in range(9000)], "phone": numbers})
    options: Any = {"use_dictionary": False, "compression": "none", "data_page_size": 4096}
    pq.write_table(table, out, **options)
    data = bytes(out.getvalue())
    at = data.index(numbers[6000].encode()) - 4
    places, troubles = found_values(data[:at] + b"\xff\xff\xff\xff" + data[at + 4 :])
    assert places["n8999"] == [("", 9000, "name")]
    assert "13800004000" in places
    assert lost(troubles) == ["CORRUPT"]
    data = orc_file([(f"n{n}", number) for n, number in enumerate(numbers)], compression="zlib")
    at = len(data) // 4  # in the texts of the first column
    places, troubles = found_values(data[:at] + b"\xff" * 99 + data[at + 99 :])
    assert places[numbers[8999]] == [("", 9000, "手机号")]
    assert lost(troubles) == ["CORRUPT"]


@pytest.mark.parametrize("data", [avro(TWO), npy(np.array(TWO)), msgpack(TWO), cbor(RECORDS)])
def test_random_damage_raises_nothing(data: bytes) -> None:
    check_damage(data, 15)
