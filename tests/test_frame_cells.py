"""Tables and series of any library are searched cell by cell, nested ones leaf by leaf."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import piiscan

PHONE = "13912345678"
NESTED = pa.table(
    {
        "单": [
            {"手机": PHONE, "人": [{"名": "张伟", "话": [PHONE, "无"]}]},
            None,
            {"手机": None, "人": [{"名": None, "话": None}, {"名": "x", "话": ["无", PHONE]}]},
        ],
        "表": pa.array([[(PHONE, 7)], [], None], pa.map_(pa.string(), pa.int64())),
    }
)


def places(found: Any) -> list[tuple[Any, ...]]:
    """Row, column, path, start and value of each finding; also as pandas reads them."""
    assert len(found.to_pandas()) == len(found)
    columns = ("row", "column", "path", "start", "value")
    return [tuple(each[name] for name in columns) for each in found.to_pylist()]


class Streamed:
    """Table of an unknown library."""

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return pa.table({"手机": [PHONE]}).__arrow_c_stream__(requested_schema)


TEXTS: dict[str, Any] = {
    "list": [PHONE, None, float("nan"), pd.NA, pd.NaT],
    "objects": pd.Series([PHONE, None, np.nan], dtype=object),
    "strings": pd.Series([PHONE, None]),
    "floats": pd.Series([float(PHONE), np.nan]),
    "integers": pd.Series([int(PHONE), None], dtype="Int64"),
    "category": pd.Series([PHONE, None], dtype="category"),
    "index": pd.Index([PHONE, None]),
    "bytes": pd.Series([PHONE.encode("utf-16"), None]),
    "chunked": pa.chunked_array([[PHONE], [], [None]]),
    "view": pa.array([PHONE, None], pa.string_view()),
    "polars": pl.Series([PHONE, None]),
    "numpy": np.array([PHONE, "无"]),
}


@pytest.mark.parametrize("kind", TEXTS)
def test_texts_of_any_library_are_searched(kind: str) -> None:
    found = piiscan.find_table(TEXTS[kind])
    assert found.to_pandas()[["index", "value"]].to_numpy().tolist() == [[0, PHONE]]
    listed = piiscan.find_all(TEXTS[kind])
    assert [len(each) for each in listed] == [1, *[0] * (len(TEXTS[kind]) - 1)]
    assert [*piiscan.find_iter(TEXTS[kind])] == listed


TABLES: dict[str, Any] = {
    "pandas": pd.DataFrame({"手机": [PHONE]}),
    "category": pd.DataFrame({"手机": pd.Categorical([PHONE])}),
    "float": pd.DataFrame({"手机": [float(PHONE)]}),
    "large": pd.DataFrame({"手机": [int(PHONE)], "号": [10**30], "数": [1j]}),
    "polars": pl.DataFrame({"手机": [PHONE]}),
    "lazy": pl.LazyFrame({"手机": [PHONE]}),
    "arrow": pa.table({"手机": [PHONE]}),
    "batch": pa.record_batch({"手机": [PHONE]}),
    "reader": pa.table({"手机": [PHONE]}).to_reader(),
    "decimal": pa.table({"手机": [Decimal(PHONE)]}),
    "binary": pa.table({"手机": pa.array([PHONE.encode()], pa.binary(11))}),
    "stream": Streamed(),
    "duckdb": duckdb.sql(f"select '{PHONE}' as 手机"),
}


@pytest.mark.parametrize("kind", TABLES)
def test_tables_of_any_library_are_typed_and_searched(kind: str) -> None:
    found = piiscan.find_table(TABLES[kind])
    assert places(found) == [(0, "手机", None, 0, PHONE)]
    assert found["context"].to_pylist() == ["手机"]


def test_levels_and_repeated_names_of_columns() -> None:
    levels = pd.MultiIndex.from_tuples([("收件人", "手机"), ("收件人", "姓名")])
    found = piiscan.find_table(pd.DataFrame([[PHONE, "张伟"]], columns=levels))
    assert places(found) == [
        (0, "收件人.手机", None, 0, PHONE),
        (0, "收件人.姓名", None, 0, "张伟"),
    ]
    assert found["role"].to_pylist() == ["recipient"] * 2
    twice = pd.DataFrame([[PHONE, "张伟"]], columns=["a", "a"])
    assert places(piiscan.find_table(twice)) == [
        (0, "a", None, 0, PHONE),
        (0, "a", None, 0, "张伟"),
    ]
    assert piiscan.plan(twice).mask(twice).column_names == ["a", "a"]


def test_texts_in_nested_cells_have_a_path_and_places_of_their_own() -> None:
    expected = [
        (0, "单", "手机", 0, PHONE),
        (0, "单", "人[0].名", 0, "张伟"),
        (0, "单", "人[0].话[0]", 0, PHONE),
        (0, "表", "[0].key", 0, PHONE),
        (2, "单", "人[1].话[1]", 0, PHONE),
    ]
    assert places(piiscan.find_table(NESTED)) == expected
    assert places(piiscan.find_table(NESTED.slice(2))) == [(0, *expected[-1][1:])]
    cells = pd.DataFrame({"单": NESTED["单"].to_pylist()})
    assert places(piiscan.find_table(cells)) == [each for each in expected if each[1] == "单"]
    listed = piiscan.find_table(pa.table({"单": [[{"手机": PHONE}]]}))
    assert listed["context"].to_pylist() == ["单.手机"]
    mixed = pd.DataFrame({"单": [{"a": [1, PHONE]}, {"a": [int(PHONE)]}]})
    assert places(piiscan.find_table(mixed)) == [
        (0, "单", "a[1]", 0, PHONE),
        (1, "单", "a[0]", 0, PHONE),
    ]


def test_fields_of_one_name_and_with_brackets_are_each_searched() -> None:
    strings = pa.array([PHONE])
    inner = pa.StructArray.from_arrays([strings, strings], ["a", "b[]"])
    cells = pa.StructArray.from_arrays([strings, strings, inner], ["x.a", "x.a", "x"])
    table = pa.table({"单": cells, "对": pa.array([["无", PHONE]], pa.list_(pa.string(), 2))})
    paths = [path for _, _, path, *_ in places(piiscan.find_table(table))]
    assert paths == ["x.a", "x.a#2", "x.a#3", "x.b[]", "[1]"]
    assert PHONE not in str(piiscan.plan(table).mask(table)["单"][0])


def test_nested_cells_keep_their_form_when_masked() -> None:
    masked = piiscan.plan(NESTED).mask(NESTED)
    assert masked.to_pylist() == [
        {
            "单": {"手机": "139****5678", "人": [{"名": "张*", "话": ["139****5678", "无"]}]},
            "表": [{"key": "139****5678", "value": "7"}],
        },
        {"单": None, "表": []},
        {
            "单": {
                "手机": None,
                "人": [{"名": None, "话": None}, {"名": "x", "话": ["无", "139****5678"]}],
            },
            "表": None,
        },
    ]
    assert masked["单"].type == NESTED["单"].type


def test_a_field_that_the_sample_lacked_is_searched_in_every_batch() -> None:
    plan = piiscan.plan(pa.table({"单": [{"注": "无"}]}))
    for batch in (
        pa.table({"单": [{"注": "无", "手机": PHONE}]}),
        pa.table({"单": [{"手机": PHONE}]}),
    ):
        assert places(plan.find(batch)) == [(0, "单", "手机", 0, PHONE)]
    assert plan.find(pa.table({"单": pa.nulls(2)})).num_rows == 0


def test_bytes_are_decoded_or_refused_with_their_column() -> None:
    gbk = pa.table({"注": [f"电话{PHONE}".encode("gbk"), None]})
    assert places(piiscan.find_table(gbk)) == [(0, "注", None, 2, PHONE)]
    assert piiscan.plan(gbk).mask(gbk)["注"].to_pylist() == ["电话139****5678", None]
    photo = pa.table({"照片": [b"a", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\xff\xd8"]})
    with pytest.raises(piiscan.PiiscanError, match=r"照片: the bytes of cell 1, .* are no text"):
        piiscan.find_table(photo)


@pytest.mark.parametrize(
    ("door", "given"),
    [
        (piiscan.find_table, {"手机": [PHONE]}),
        (piiscan.find_table, pd.Series([{"手机": PHONE}])),
        (piiscan.find_all, pd.DataFrame({"手机": [PHONE]})),
        (piiscan.find_all, {"手机": [PHONE]}),
        (piiscan.find, pd.Series([PHONE])),
    ],
)
def test_a_table_where_texts_are_expected_is_named(door: Any, given: Any) -> None:
    with pytest.raises(TypeError, match=r"expected, not (dict|struct|DataFrame|Series)"):
        door(given)
    with pytest.raises(piiscan.PiiscanError, match="label is for texts"):
        piiscan.find_table(pd.DataFrame({"手机": [PHONE]}), label="手机")


def test_parts_of_a_table_of_any_size_are_searched_one_after_another() -> None:
    read = 0

    def parts() -> Iterator[pd.DataFrame]:
        nonlocal read
        for _ in range(50):
            read += 1
            yield pd.DataFrame({"手机": [PHONE] * 300})

    found = piiscan.find_iter(parts())
    assert next(found)["row"].to_pylist() == list(range(300))
    assert read == 3
    assert next(found)["row"][0].as_py() == 300
    mixed = pd.DataFrame([[PHONE, int(PHONE)], [7, PHONE]], columns=["a", "a"])
    (whole,) = piiscan.find_iter(mixed)
    assert places(whole) == places(piiscan.find_table(mixed))
    unlike = (pd.DataFrame({"手机": [each]}) for each in (int(PHONE), PHONE, b"x"))
    assert [len(each) for each in piiscan.find_iter(unlike)] == [1, 1, 0]
    reader = pa.table({"手机": [PHONE] * 2000}).to_reader(700)
    assert [each["row"][-1].as_py() for each in piiscan.find_iter(reader)] == [699, 1399, 1999]


def test_a_text_is_searched_from_a_loop() -> None:
    (found,) = asyncio.run(piiscan.afind(f"电话{PHONE}"))
    assert (found.value, found.verdict) == (PHONE, "plausible")


SCRIPT = """
import piiscan
piiscan.fnid("x")
piiscan.find(1)
piiscan.find_table([1])
piiscan.find("x", min_scor=1)
for each in piiscan.find("x"):
    print(each.verdict == "verifed", each.entitty)
for row in piiscan.find_table(["x"]).to_pylist():
    print(row["valu"])
for one in piiscan.find_iter(["x"]):
    print(one.columns)
print([each.entity for each in piiscan.find("x") if each.verdict == "verified"])
"""


@pytest.mark.long
def test_a_type_checker_sees_every_wrong_name_and_type(tmp_path: Path) -> None:
    pytest.importorskip("mypy")
    (tmp_path / "script.py").write_text(SCRIPT, "utf-8")
    options = ("--strict", "--ignore-missing-imports", "--follow-imports=silent", "script.py")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *options],
        check=False,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={"MYPYPATH": str(Path(piiscan.__file__).parents[1]), "PYTHONPATH": ""},
    )
    lines = [int(line.split(":")[1]) for line in done.stdout.splitlines() if "error:" in line]
    assert lines == [3, 4, 5, 6, 8, 8, 10, 12]
