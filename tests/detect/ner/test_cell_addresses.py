"""Cells that say where something is without a road or number are addresses, texts are not."""

from __future__ import annotations

import numpy as np
import pytest

from piiscan.detect.ner.model.network_numbers import ADDRESS, ORGANIZATION, PERSON
from piiscan.detect.ner.model.tagger import Spans
from piiscan.detect.ner.name_spans import NameText
from piiscan.detect.ner.span_rules import apply_span_rules


def divided(text: str, *spans: tuple[str, int]) -> list[tuple[str, int]]:
    """What becomes of words of a text that the tagger takes for this kind."""
    codes = np.frombuffer(text.encode("utf-32-le"), np.uint32)
    places = [(text.index(word), text.index(word) + len(word), kind) for word, kind in spans]
    rows = np.array(sorted(places), np.int64).reshape(-1, 3)
    found = apply_span_rules(
        NameText(codes, np.array([0, len(codes)]), np.zeros(len(codes), np.bool_)),
        Spans(rows[:, 0], rows[:, 1], rows[:, 2].astype(np.int8), np.full(len(rows), 0.7, "f4")),
    )
    ends = zip(found.begin, found.stop, found.kind, strict=True)
    kept = [(b, e, k) for b, e, k in ends if e > b]
    return [(text[b:e], int(k)) for b, e, k in kept]


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("岳麓区示例医药公司", ADDRESS),
        ("市辖区示例有限公司", ADDRESS),
        ("长沙市岳麓区示例公司", ORGANIZATION),
        ("岳麓区检察院", ORGANIZATION),
        ("社区示例公司", ORGANIZATION),
    ],
)
def test_a_cell_with_a_firm_behind_its_district_says_where(cell: str, kind: int) -> None:
    assert divided(cell, (cell, ORGANIZATION)) == [(cell, kind)]
    assert divided(f"在{cell}上班", (cell, ORGANIZATION)) == [(cell, ORGANIZATION)]


def test_a_district_that_is_none_is_part_of_what_its_cell_says() -> None:
    cell, firm = "市辖区长沙示例有限公司", "长沙示例有限公司"
    assert divided(cell, (firm, ORGANIZATION)) == [(cell, ADDRESS)]
    assert divided(f"岳麓区{firm}", (firm, ORGANIZATION)) == [(firm, ORGANIZATION)]
    assert divided(f"在{cell}", (firm, ORGANIZATION)) == [(firm, ORGANIZATION)]


@pytest.mark.parametrize(
    "cell", ["岳麓、雨花", "长沙/株洲", "湖南、湖北，广东", "长沙岳麓、雨花区"]
)
def test_a_list_of_places_is_where_its_cell_is(cell: str) -> None:
    assert divided(cell) == [(cell, ADDRESS)]
    assert divided(cell, (cell[:2], PERSON)) == [(cell, ADDRESS)]
    assert divided(f"我去过{cell}，都很好玩") == []


@pytest.mark.parametrize("cell", ["黄河、长江、泰山、华山", "苹果、香蕉", "长沙", "长沙、苹果"])
def test_other_lists_and_one_place_are_none(cell: str) -> None:
    assert divided(cell) == []


@pytest.mark.parametrize("cell", ["示例SOHO", "示例国际 IFC", "示例SOHO A座12层", "示例Mall 3号楼"])
def test_a_building_in_latin_letters_is_where_its_cell_is(cell: str) -> None:
    assert divided(cell) == [(cell, ADDRESS)]
    assert divided(f"{cell}见，不见不散") == []


@pytest.mark.parametrize("cell", ["SOHO", "示例VIP", "示例A座", "我在示例SOHO等你们"])
def test_other_words_in_latin_letters_are_none(cell: str) -> None:
    assert divided(cell) == []


def test_what_stands_before_the_masked_rest_of_an_address_is_part_of_it() -> None:
    road, rest = "示例路61号", "富力新居"
    assert divided(f"{road}{rest}***", (road, ADDRESS), (rest[:2], PERSON)) == [
        (road + rest, ADDRESS)
    ]
    assert divided(f"{road}，{rest}***", (road, ADDRESS)) == [(road, ADDRESS)]
    assert divided(f"{road} 张三", (road, ADDRESS), ("张三", PERSON))[1] == ("张三", PERSON)
