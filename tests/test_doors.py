"""Texts at the doors: an answer, or a TypeError that names the type; never an error of a codec."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

import piiscan
from piiscan import presidio

BROKEN = "\udc00电话13800138000\ud800"
ODD = [b"13800138000", bytearray(b"1"), 13800138000, 1.5, ["13800138000"], {"a": 1}, object()]
ANALYZER = presidio.analyzer()

DOORS: dict[str, Callable[[Any], Any]] = {
    "find": piiscan.find,
    "find, label": lambda label: piiscan.find("13800138000", label=label),
    "find_all": lambda text: piiscan.find_all([text]),
    "find_all, many": lambda text: piiscan.find_all([text] * 500),
    "find_table": lambda text: piiscan.find_table(["a", text]),
    "find_table, label": lambda label: piiscan.find_table(["13800138000"], label=label),
    "analyze": lambda text: ANALYZER.analyze(text, language="zh"),
    "analyze, context": lambda word: ANALYZER.analyze("13800138000", "zh", context=[word]),
    "analyze, allow list": lambda each: ANALYZER.analyze("13800138000", "zh", allow_list=[each]),
}


@pytest.mark.parametrize("odd", ODD, ids=lambda each: type(each).__name__)
@pytest.mark.parametrize("door", DOORS)
def test_what_is_no_text_is_a_type_error_that_names_its_type(door: str, odd: object) -> None:
    with pytest.raises(TypeError, match=rf"(text|label).*not {type(odd).__name__}"):
        DOORS[door](odd)


@pytest.mark.parametrize("door", DOORS)
def test_unpaired_surrogates_are_answered(door: str) -> None:
    assert len(DOORS[door](BROKEN)) > 0


def test_frames_with_unpaired_surrogates_and_mixed_cells_are_searched() -> None:
    frame = pd.DataFrame({"a": pd.Series([BROKEN, None, b"x", 13900139000], dtype=object)})
    frame.columns = pd.Index(["联系\ud800"], dtype=object)
    found = piiscan.find_frame(frame).select(["row", "column", "start", "value"]).to_pylist()
    assert found == [
        {"row": 0, "column": "联系\ufffd", "start": 3, "value": "13800138000"},
        {"row": 3, "column": "联系\ufffd", "start": 0, "value": "13900139000"},
    ]


def test_tables_that_are_none_are_a_type_error() -> None:
    for none in ("text", [1], None, pa.array(["a"])):
        with pytest.raises(TypeError, match="table is expected, not"):
            piiscan.find_frame(none)


def test_masking_takes_unpaired_surrogates() -> None:
    results = ANALYZER.analyze(BROKEN, language="zh")
    masked = presidio.anonymizer().anonymize(BROKEN, results, operators=presidio.operators())
    assert "138****8000" in masked.text
