"""Splices of many strings equal those of one string at a time."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from piiscan.masking.splice import splice


def spliced(texts: list[str | None], changes: list[tuple[int, int, int, str]]) -> pa.Array:
    rows, starts, ends = (np.array([each[at] for each in changes], np.int64) for at in range(3))
    return splice(
        pa.array(texts, pa.string()),
        rows,
        starts,
        ends,
        pa.array([c[3] for c in changes], pa.string()),
    )


def spliced_one_by_one(
    texts: list[str | None], changes: list[tuple[int, int, int, str]]
) -> list[str | None]:
    results: list[str | None] = []
    for row, text in enumerate(texts):
        data, at, parts = (text or "").encode(), 0, b""
        of_row = sorted((c for c in changes if c[0] == row), key=lambda c: (c[1], -c[2]))
        for _, start, end, new in of_row:
            if end > at:
                parts += data[at : max(start, at)] + new.encode()
                at = end
        results.append(None if text is None else (parts + data[at:]).decode())
    return results


@given(st.data())
def test_many_are_spliced_as_one_by_one(data: st.DataObject) -> None:
    texts = data.draw(st.lists(st.none() | st.text("ab1", max_size=6), min_size=1, max_size=6))
    spans = st.integers(0, len(texts) - 1).flatmap(
        lambda row: st.tuples(
            *(
                st.just(row),
                *[st.integers(0, len(texts[row] or ""))] * 2,
                st.text("*某", max_size=3),
            )
        )
    )
    drawn = data.draw(st.lists(spans, max_size=8, unique_by=lambda c: c[:3]))
    changes = [c for c in drawn if c[1] < c[2] and texts[c[0]] is not None]
    result = spliced(texts, changes)
    result.validate(full=True)
    assert result.to_pylist() == spliced_one_by_one(texts, changes)


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
def test_slices_of_an_array_and_large_strings(kind: pa.DataType) -> None:
    texts = pa.array(["x", "电话1", None, ""], kind).slice(1)
    new = pa.array(["-", "**"]).slice(1)
    result = splice(texts, *np.array([[0], [6], [7]]), new)
    assert result.to_pylist() == ["电话**", None, ""]
    nothing = np.zeros(0, np.int64)
    assert splice(texts[:0], nothing, nothing, nothing, new[:0]).to_pylist() == []
