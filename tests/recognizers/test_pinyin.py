"""Names in pinyin, whichever part comes first, and words that only look like them."""

from __future__ import annotations

import pytest

from piiscan import find


def names(text: str) -> list[str]:
    """The persons found in a text."""
    return [each.text for each in find(text) if each.entity == "PERSON"]


@pytest.mark.parametrize(
    "name",
    [
        "Xiaoming Wang",
        "Wei Zhang",
        "Yu-Han Chen",
        "Yu-han Chen",
        "Yifan ZHAO",
        "Zhang Wei",
        "Qian Xu",
    ],
)
@pytest.mark.parametrize(
    "text", ["#", "寄给#，谢谢", "# 13812345678", "by # and others", "From: #,"]
)
def test_a_name_is_found_in_either_order(name: str, text: str) -> None:
    assert names(text.replace("#", name)) == [name]


@pytest.mark.parametrize("name", ["Lei Li", "Can Liu", "Fang Lin", "Sheng Bai"])
def test_a_name_with_an_english_word_needs_a_label(name: str) -> None:
    assert names(f"when {name} came") == []
    assert names(f"收件人：{name}") == [name]
    assert names(f"Dear {name},") == [name]


@pytest.mark.parametrize(
    "text",
    ["Big Wang", "Can Wang come", "Nanjing Lu 5", "Hong Kong", "name: Central Bai", "China Yang",
     "Shanghai Huang", "XiaomingWang", "xiaoming wang", "Xiaoming Wangs"],
)  # fmt: skip
def test_other_words_are_no_names(text: str) -> None:
    assert names(text) == []
