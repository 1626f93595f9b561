"""What stands alone is told apart for speed only: every table is the same without it."""

from __future__ import annotations

import dataclasses
import datetime
from functools import cache

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from piiscan.detect.catalog import catalog
from piiscan.detect.catalog.headers import label_of
from piiscan.detect.engine import Engine
from piiscan.detect.matching.batch import TextBatch
from piiscan.detect.pattern_kernels import PatternSearch

AS_OF = datetime.date(2026, 1, 1)


@cache
def engines() -> tuple[Engine, Engine]:
    """The engine, and one to which nothing is ever alone."""
    whole = catalog.load()
    usual, general = Engine(whole, as_of=AS_OF), Engine(whole, as_of=AS_OF)
    nowhere = np.zeros(len(whole.recognizers), np.bool_)
    quiet = general.compiled.neighbours._replace(eligible=nowhere)
    general.compiled = dataclasses.replace(general.compiled, neighbours=quiet)
    general._patterns = PatternSearch(general.compiled, 20260101)
    return usual, general


VALUES = st.sampled_from(
    [
        *("430104190506150016", "11010519491231002X", "11010519491231002x", "430104190506150017"),
        *("439900190506150012", "430104202307120207", "91110000600037341L", "510202190909090049"),
        *("19900000008", "13800138000", "15412345678", "13912345678", "+86 13912345678"),
        *("１３９１２３４５６７８", "8613912345678", "6217000000000000004", "860000000000009"),
        *("430104190506150", "SF1234567890123", "a.b@example.cn", "10018@qq.com", "1390000****"),
        *("46000123456789012", "139\u200b12345678", "张三", "先生", "12345", "19491231"),
    ]
)
BETWEEN = st.sampled_from(
    [*(",", "\t", "|", "、", " ", "", "----", "：", "\n", ".", "-", "元", "x", "(收)", "￥")]
)
BEFORE = st.sampled_from(
    ["", "", "", "电话：", "身份证号", "收件人", "许可证号", "订单号:", "QQ", "￥", "a", "\u200b"]
)
TEXTS = st.lists(
    st.builds(
        lambda head, parts: head + "".join(a + b for a, b in parts),
        BEFORE,
        st.lists(st.tuples(VALUES, BETWEEN), max_size=4),
    ),
    min_size=1,
    max_size=6,
)
LABELS = st.sampled_from([None, "手机号", "身份证号", "编号", "金额", "收件人电话", "姓名"])


@settings(max_examples=60, deadline=None)
@given(TEXTS, LABELS, st.sampled_from([0.0, 0.3, 0.5, 0.9]))
def test_the_table_is_the_same_when_nothing_is_alone(
    texts: list[str], header: str | None, least: float
) -> None:
    usual, general = engines()
    label = label_of(usual.catalog, header) if header else None
    array = pa.array(texts, pa.string())
    tables = [one.find_table(array, label=label, min_score=least) for one in (usual, general)]
    assert tables[0].equals(tables[1])


@pytest.mark.parametrize("text", ["1.99e+10", "湘ａ12345", "+86 13912345678", "11010519491231002x"])
def test_a_short_text_keeps_its_value(text: str) -> None:
    usual, _ = engines()
    alone = usual.find_table(pa.array([text]), min_score=0.0)
    among = usual.find_table(pa.array([text, "。" * 40]), min_score=0.0)
    assert alone.num_rows
    assert alone["value"].to_pylist() == among["value"].to_pylist()


@pytest.mark.parametrize(
    ("text", "alone"),
    [
        ("张三,430104190506150016,19900000008", 2),
        ("19900000008", 1),
        ("电话19900000008", 0),
        ("19900000008 元", 0),
        ("SF1234567890123", 1),
        ("19900000008----abc123", 0),
        ("430104190506150017", 0),
        ("19900000008\n" * 3, 3),
    ],
)
def test_what_stands_alone(text: str, alone: int) -> None:
    engine, _ = engines()
    batch, column = TextBatch.of_strings([text]), engine.column(None)
    search = PatternSearch(engine.compiled, 20260101)
    space = search.take_workspace()
    search.run(space, batch.data, batch.offsets, column, True, False, True)
    found = [isolated for _, isolated in search.results(space, column, True)]
    assert sum(map(len, filter(None, found))) == alone
