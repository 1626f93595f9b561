"""Tables and objects of findings: normalized texts, equal answers text by text and in batches."""

import datetime
import random
import unicodedata
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import piiscan
from piiscan.arrow_strings import as_array
from piiscan.detect.catalog.catalog import load
from piiscan.detect.catalog.headers import label_of
from piiscan.detect.engine import Engine
from piiscan.detect.findings.build_findings import objects_of_table
from piiscan.detect.matching.alphabet import ZERO_WIDTH, base_char
from piiscan.detect.results.found_table import normalize_text
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


TEXT = st.text(
    st.one_of(st.sampled_from("张三路1号 Ａ\u3000\u200b\u2022．.·"), st.characters()), max_size=12
)


def by_character(text: str, replace: Mapping[str, str]) -> str:
    bases = ((char, base_char(char)) for char in text if ord(char) not in ZERO_WIDTH)
    folded = "".join(replace.get(char, replace.get(base, base)) for char, base in bases)
    return "".join(c for c in folded if not c.isspace() and unicodedata.category(c) != "Cf")


@given(TEXT, st.sampled_from([{}, {"．": "·", ".": "·", "•": "·"}, {" ": "_"}]))
def test_every_text_is_tidied_as_character_by_character(
    text: str, replace: Mapping[str, str]
) -> None:
    assert normalize_text(text, replace) == by_character(text, replace)


def test_replaced_characters_may_be_plain_ones() -> None:
    assert normalize_text("J. 张", {".": "·"}) == "J·张"


@pytest.mark.parametrize("label", [None, "手机号", "本人手机"])
def test_no_word_is_twice_in_a_dictionary_so_that_pandas_takes_the_table(label: str | None) -> None:
    found = piiscan.find_table(["手机13800138000", "phone=13900139000", "13700137000"], label)
    contexts = found["context"].to_pylist()
    for column in ("entity", "recognizer", "verdict", "context", "reason", "role"):
        words = found[column].chunk(0).dictionary.to_pylist()
        assert len(set(words)) == len(words), column
    frame = found.to_pandas()
    assert [None if each != each else each for each in frame["context"]] == contexts
