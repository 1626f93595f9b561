"""Alternatives as JSON text say what the lists said."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from piiscan.schemas import ALTERNATIVE
from piiscan.tabular.hits import alternatives_json

ONE = st.fixed_dictionaries(
    {
        "entity": st.sampled_from(["CN_MOBILE", "QQ_NUMBER"]),
        "recognizer": st.sampled_from(["cn.mobile", "qq.number"]),
        "start": st.integers(0, 2**31 - 1),
        "end": st.integers(0, 2**31 - 1),
        "verdict": st.sampled_from(["verified", "plausible", "refuted"]),
        "score": st.sampled_from([0.3, 0.5, 0.6, 0.85, 0.9]),
        "reason": st.sampled_from([None, "CHECK_FAIL"]),
    }
)


@given(st.lists(st.lists(ONE, max_size=3), max_size=5), st.integers(0, 5))
def test_json_holds_what_the_lists_hold(lists: list[list[dict[str, Any]]], first: int) -> None:
    array = pa.array(lists, pa.list_(ALTERNATIVE)).slice(first)
    texts = alternatives_json(array).to_pylist()
    assert [json.loads(text) if text else [] for text in texts] == lists[first:]
    assert all(text is None for text, each in zip(texts, lists[first:], strict=True) if not each)
