"""The generator: its lines are true to their spans, and a seed gives the same lines."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import pytest

from piiscan.training.corpus import drawn, makers
from piiscan.training.lines import LOCATION, Line, Span, join
from piiscan.training.people import FORMS
from piiscan.training.premises import Premises
from piiscan.training.prose import Prose
from piiscan.training.sentences import Sentences
from piiscan.training.silver import Silver
from piiscan.training.tables import Place, Tables, common_hanzi

KINDS = {"PERSON", "ADDRESS", "ORGANIZATION", LOCATION, "DOUBT"}


@pytest.fixture(scope="module")
def tables() -> Tables:
    return Tables(
        surnames=("王", "李"),
        weights=(2.0, 1.0),
        rare=("佴", "昝"),
        compound=("欧阳",),
        given=("伟", "建国", "秀兰"),
        foreign=("约翰", "玛丽"),
        counties=((Place("湖南省", "长沙市", "岳麓区", "麓山街道", "桃花村委会"),),),
        words=("高兴", "大家", "工作", "出门"),
        brands=("红星",),
        hanzi=common_hanzi(),
        things=("苹果", "电脑"),
        medicines=("阿莫西林",),
        abroad=frozenset(),
        cities=("巴黎",),
    )


def test_every_span_holds_what_it_says(tables: Tables) -> None:
    for text, spans in drawn(makers(tables, 1), 2000):
        assert all(text[start:end].strip() and kind in KINDS for start, end, kind in spans)
        assert all(a.end <= b.start for a, b in pairwise(spans))


def test_a_seed_gives_the_same_lines(tables: Tables) -> None:
    assert drawn(makers(tables, 5), 200) == drawn(makers(tables, 5), 200)
    assert drawn(makers(tables, 5), 200) != drawn(makers(tables, 6), 200)


def test_all_kinds_are_drawn_and_lines_without_any(tables: Tables) -> None:
    lines = drawn(makers(tables, 2), 1000)
    assert {span.kind for line in lines for span in line.spans} >= {
        "PERSON",
        "ADDRESS",
        "ORGANIZATION",
    }
    assert sum(not line.spans for line in lines) > 100


def test_a_form_of_address_is_no_name(tables: Tables) -> None:
    makers_ = makers(tables, 3)
    assert makers_.people.familiar() in FORMS


def test_a_cell_can_tell_a_place_by_what_stands_there(tables: Tables) -> None:
    lines = makers(tables, 6)
    cells = [Premises(lines.addresses, lines.firms).cell() for _ in range(200)]
    assert all(len(cell) >= 3 for cell in cells)
    assert any("公司" in cell for cell in cells)
    assert any(cell.endswith("大厦") for cell in cells)


def test_a_long_list_of_names_has_notes_in_brackets(tables: Tables) -> None:
    rolls = [Sentences(makers(tables, seed)).roll() for seed in range(20)]
    assert all(8 <= sum(isinstance(piece, tuple) for piece in roll) <= 36 for roll in rolls)
    assert any("（女）" in roll for roll in rolls)


def test_pieces_are_joined_with_their_places() -> None:
    assert join(["收：", ("王伟", "PERSON"), " 1"]) == Line("收：王伟 1", (Span(2, 4, "PERSON"),))


def test_a_variant_keeps_the_text_around_its_names(tables: Tables) -> None:
    silver = Silver("记者李明报道，李明说", (Span(2, 4, "PERSON"), Span(7, 9, "PERSON")))
    prose = Prose(makers(tables, 4))
    for _ in range(50):
        text, spans = prose.variant(silver)
        first, second = (text[start:end] for start, end, _ in spans)
        assert first == second
        assert text == f"记者{first}报道，{second}说"


def test_level_one_of_gb2312_is_whole() -> None:
    hanzi = common_hanzi()
    assert len(hanzi) == len(set(hanzi)) == 3755
    assert hanzi[0] == "啊"
    assert Random(1).choice(hanzi) in hanzi
