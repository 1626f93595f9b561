"""Names and addresses are tidied alike by every way: by expression, by table, by character."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

import piiscan
from piiscan.detect.matching.alphabet import ZERO_WIDTH, base_char
from piiscan.detect.results.found_table import normalize_text

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
