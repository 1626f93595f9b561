"""Findings as objects: what the rows of a FOUND table say, text by text and in batches."""

from __future__ import annotations

import datetime
import random
from functools import cache
from pathlib import Path

import pyarrow as pa
import pytest

import piiscan
from piiscan.arrow_strings import as_array
from piiscan.detect.catalog.catalog import load
from piiscan.detect.catalog.headers import label_of
from piiscan.detect.engine import Engine
from piiscan.detect.findings.build_findings import objects_of_table
from tests.often import long
from tests.oracles.hostile import pieces, random_text
from tests.own_rules import write_watchlist

HEADERS = (None, "收件人手机号", "姓名", "收件地址", "金额", "密码", "备注")
TEXTS = (
    "10001@qq.com 手机 138-0013-8000",
    "收：张三 19900000008\n寄：示例商贸 0731-80000001",
    "13800138000----abc12345",
    "430104190506150016 6222021234567890123",
    "身份证430104190506150017",
    "李*先生 138****8000",
    "古丽．买买提 湘Ａ12345",
    "\u200b13800\u200b138000",
    "",
)


@cache
def engine() -> Engine:
    return Engine(load(), as_of=datetime.date(2026, 1, 1))


def texts_of(count: int, seed: int) -> list[str]:
    """Return the texts above and ``count`` of hostile pieces, without unpaired surrogates."""
    rng, choices = random.Random(seed), pieces(engine())
    drawn = (random_text(choices, rng) for _ in range(count))
    return [*TEXTS, *(each.encode("utf-8", "replace").decode() for each in drawn)]


@pytest.mark.parametrize("count", [400, long(20_000)])
@pytest.mark.parametrize(
    "header", [None, "收件人手机号", "姓名", "收件地址", "金额", "密码", "备注"]
)
def test_objects_say_what_the_table_says(header: str | None, count: int) -> None:
    texts, label = texts_of(count, 3), label_of(engine().catalog, header)
    for asked in ({}, {"names": False}, {"min_score": 0.0}, {"chunk": 999}):
        table = engine().find_table(as_array(texts), label=label, **asked)  # type: ignore[arg-type]
        found = engine().find_all(texts, label=label, **asked)  # type: ignore[arg-type]
        assert found == objects_of_table(table, len(texts))
        assert sum(map(len, found)) > count // 4


@pytest.mark.parametrize("count", [300, long(20_000)])
def test_one_text_has_the_findings_that_it_has_in_a_batch(count: int) -> None:
    texts = texts_of(count, 4)
    together = engine().find_all(texts)
    assert [engine().find_all([text])[0] for text in texts] == together
    assert any(each.alternatives for found in together for each in found)
    assert any(each.role for found in together for each in found)


def test_an_unpaired_surrogate_is_part_of_the_text() -> None:
    text = "电话13800138000\ud800联系人张三"
    found = piiscan.find(text)
    assert [(each.entity, text[each.start : each.end]) for each in found] == [
        ("CN_MOBILE", "13800138000"), ("PERSON", "张三"),
    ]  # fmt: skip
    assert all(each.text == text[each.start : each.end] for each in found)


def test_hits_of_watch_lists_are_objects_too(tmp_path: Path) -> None:
    write_watchlist(tmp_path, "13800138000\n")
    found = piiscan.find("手机13800138000", recognizers=tmp_path)
    assert [each.entity for each in found] == ["WATCHLIST", "CN_MOBILE"]


def test_texts_that_are_none_are_empty_and_others_are_refused() -> None:
    assert piiscan.find_all(["13800138000", None, ""])[1:] == [[], []]  # type: ignore[list-item]
    assert piiscan.find_all(pa.array(["13800138000", None])) == piiscan.find_all(
        ["13800138000", ""]
    )
    with pytest.raises(TypeError, match="int"):
        piiscan.find_all([13800138000])  # type: ignore[list-item]
