"""Names found surely in one place of a text are found in its others, and in no other text."""

from __future__ import annotations

import re
from random import Random

import numpy as np
import pytest

from piiscan.detect.ner.model.network_numbers import ADDRESS, ORGANIZATION, PERSON
from piiscan.detect.ner.name_spans import NameSpans, NameText
from piiscan.detect.ner.repeated_mentions import propose_repeated_mentions

Held = tuple[str, int, float]


def again(*texts: tuple[str, list[Held]]) -> list[tuple[int, str, int]]:
    """Where (in all texts one behind another), what and which kind is found once more."""
    joined = "".join(text for text, _ in texts)
    offsets = np.cumsum([0, *(len(text) for text, _ in texts)])
    spans = []
    for base, (text, held) in zip(offsets.tolist(), texts, strict=False):
        for word, kind, score in held:
            first = base + text.index(word)
            spans.append((first, first + len(word), kind, score))
    begin, stop, kinds, scores = (np.array(each) for each in zip(*sorted(spans), strict=True))
    codes = np.frombuffer(joined.encode("utf-32-le"), np.uint32)
    found = propose_repeated_mentions(
        NameText(codes, offsets.astype(np.int64), np.zeros(len(codes), np.bool_)),
        NameSpans(begin.astype(np.int64), stop.astype(np.int64), kinds.astype(np.int8), scores),
    ).proposed
    return [(start, joined[start:end], kind) for start, end, _, kind in found]


def test_a_sure_name_is_found_where_it_stands_again() -> None:
    text = "记者刘芷璇报道，昨天刘芷璇说，刘芷"
    assert again((text, [("刘芷璇", PERSON, 0.97)])) == [(10, "刘芷璇", PERSON)]


def test_what_stands_before_the_sure_place_is_found_too() -> None:
    text = "刘芷璇说。记者刘芷璇报道"
    held = [("记者刘芷璇", PERSON, 0.97)]
    assert again((text, held)) == []  # another name: it is longer
    text = "库尼科娃赢了。选手库尼科娃说"
    assert again((text, [("库尼科娃", PERSON, 0.9)])) == [(9, "库尼科娃", PERSON)]


@pytest.mark.parametrize(
    ("word", "kind", "score"),
    [("张伟", PERSON, 0.99), ("刘芷璇", PERSON, 0.6), ("示例路", ADDRESS, 0.99)],
)
def test_short_names_doubtful_ones_and_addresses_are_not_looked_for(
    word: str, kind: int, score: float
) -> None:
    assert again((f"找{word}，又是{word}。", [(word, kind, score)])) == []


def test_an_organisation_is_found_again() -> None:
    text = "强责公司等购买信息，谢某系为强责公司的利益"
    assert again((text, [("强责公司", ORGANIZATION, 0.72)])) == [(14, "强责公司", ORGANIZATION)]


def test_another_text_of_the_batch_has_no_say() -> None:
    held = [("刘芷璇", PERSON, 0.97)]
    assert again(("记者刘芷璇报道", held), ("刘芷璇说，昨天", [])) == []


def test_a_place_that_is_held_is_not_found_again() -> None:
    text = "记者刘芷璇报道，刘芷璇律师事务所"
    held = [("刘芷璇", PERSON, 0.97), ("刘芷璇律师事务所", ORGANIZATION, 0.6)]
    assert again((text, held)) == []


def test_any_text_gives_what_a_plain_search_gives() -> None:
    draw = Random(3)
    for _ in range(200):
        texts, plain, base = list[tuple[str, list[Held]]](), list[int](), 0
        for _ in range(draw.randint(1, 3)):
            text = "".join(draw.choice("甲乙丙") for _ in range(draw.randint(10, 40)))
            at = draw.randint(0, len(text) - 4)
            word = text[at : at + draw.randint(3, 4)]
            held = text.index(word)
            after = held + len(word)
            texts.append((text, [(word, PERSON, 0.9)]))
            plain += [base + after + each.start() for each in re.finditer(word, text[after:])]
            base += len(text)
        assert [start for start, *_ in again(*texts)] == plain
