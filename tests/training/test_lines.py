"""Generator of lines: its spans are right, and equal seeds give equal lines."""

import re
from collections import Counter
from itertools import pairwise
from random import Random

import pytest

from training.augmentation import Augmenter
from training.clauses import Clauses
from training.corpus import build_generator, generate_lines
from training.hmt_addresses import HmtAddresses
from training.lines import LOCATION, Span
from training.place_names import PlaceNames
from training.sentences import Sentences
from training.silver import Silver
from training.tables import (
    MIN_TRANSLITERATED_WORDS,
    Place,
    Tables,
    common_hanzi,
    foreign_names,
    idioms,
    lookalikes,
    natural_features,
    transliteration_hanzi,
)

KINDS = {"PERSON", "ADDRESS", "ORGANIZATION", LOCATION, "DOUBT"}


@pytest.fixture(scope="module")
def tables() -> Tables:
    return Tables(
        surnames=("王", "李"),
        weights=(2.0, 1.0),
        rare=("佴", "昝"),
        compound=("欧阳",),
        given=("伟", "建国", "秀兰"),
        common_given=("敏", "建华"),
        foreign_parts=("约翰", "玛丽"),
        transliteration=frozenset("约翰玛丽"),
        counties=((Place("湖南省", "长沙市", "岳麓区", "麓山街道", "桃花村委会"),),),
        words=("高兴", "大家", "工作", "出门"),
        lookalikes=("高利润", "何德何能"),
        brands=("红星",),
        hanzi=common_hanzi(),
        rare_hanzi=common_hanzi().replace("打", ""),
        function_hanzi=frozenset("打"),
        verbs=("打", "说", "提供"),
        verb_weights=(3.0, 2.0, 1.0),
        adverbs=("已", "刚"),
        things=("苹果", "电脑"),
        medicines=("阿莫西林",),
        foreign_places=frozenset(),
        cities=("巴黎",),
        idioms=("聚沙成塔", "张冠李戴"),
        natural_features=("泰山", "黄河", "洞庭湖"),
        foods=("白灼虾", "羊驼"),
        named_places=("高桥镇",),
        name_words=("高原", "何必"),
        roles=("患者", "业主"),
    )


def test_every_span_holds_what_it_says_and_all_kinds_are_drawn(tables: Tables) -> None:
    lines = generate_lines(build_generator(tables, 1), 2000)
    assert lines == generate_lines(build_generator(tables, 1), 2000)
    assert lines != generate_lines(build_generator(tables, 2), 2000)
    for text, spans in lines:
        assert all(text[start:end].strip() and kind in KINDS for start, end, kind in spans)
        assert all(a.end <= b.start for a, b in pairwise(spans))
    kinds = {span.kind for line in lines for span in line.spans}
    assert kinds >= {"PERSON", "ADDRESS", "ORGANIZATION"}
    assert sum(not line.spans for line in lines) > 200


def test_clauses_have_names_directly_before_what_follows(tables: Tables) -> None:
    clauses = Clauses(Sentences(build_generator(tables, 3)))
    lines = [clauses.clause() for _ in range(500)]
    names = [(text, span) for text, spans in lines for span in spans if span.kind == "PERSON"]
    assert sum(span.end - span.start == 2 for _, span in names) > len(names) / 3
    assert any(text[span.end : span.end + 1] == "打" for text, span in names)
    assert not any(text[span.start : span.end].endswith("打") for text, span in names)


def test_a_cell_can_tell_a_place_by_what_stands_there(tables: Tables) -> None:
    lines = build_generator(tables, 6)
    cells = [PlaceNames(lines.addresses, lines.organisations).cell() for _ in range(200)]
    assert all(len(cell) >= 3 for cell in cells)
    assert any("公司" in cell for cell in cells)
    assert any(cell.endswith("大厦") for cell in cells)


def test_a_long_list_of_names_has_notes_in_brackets(tables: Tables) -> None:
    rolls = [Sentences(build_generator(tables, seed)).name_roll() for seed in range(20)]
    assert all(8 <= sum(isinstance(piece, tuple) for piece in roll) <= 36 for roll in rolls)
    assert any("（女）" in roll for roll in rolls)


def test_a_variant_keeps_the_text_around_its_names(tables: Tables) -> None:
    silver = Silver("记者李明报道，李明说", (Span(2, 4, "PERSON"), Span(7, 9, "PERSON")))
    augmenter = Augmenter(build_generator(tables, 4))
    for _ in range(50):
        text, spans = augmenter.variant(silver)
        first, second = (text[start:end] for start, end, _ in spans)
        assert first == second
        assert text == f"记者{first}报道，{second}说"


def test_a_name_from_abroad_gives_way_to_one(tables: Tables) -> None:
    silver = Silver("总统约翰说", (Span(2, 4, "PERSON"),))
    lines = build_generator(tables, 5)
    augmenter = Augmenter(lines)
    drawn_names = {text[2:-1] for text, _ in (augmenter.variant(silver) for _ in range(100))}
    assert not any(name[0] in "王李佴昝" and len(name) == 3 for name in drawn_names)
    assert lines.people.looks_foreign("山本太郎")
    assert not lines.people.looks_foreign("王建国")


def test_a_common_place_is_nowhere(tables: Tables) -> None:
    lines = build_generator(tables, 7)
    places = PlaceNames(lines.addresses, lines.organisations)
    common = {places.common_place() for _ in range(300)}
    assert any(name.startswith("家居") for name in common)
    assert not any("岳麓" in name or "长沙" in name for name in common)


def test_isles_have_addresses_of_their_own(tables: Tables) -> None:
    lines = build_generator(tables, 8)
    addresses = HmtAddresses(lines.random, lines.addresses.stem)
    taiwan = [addresses.taiwan() for _ in range(100)]
    assert all("号" in place for place in taiwan)
    assert any(place.startswith("台北市") for place in taiwan)
    assert any("邻" in place for place in taiwan)
    assert any("大马路" in addresses.macau() for _ in range(100))
    assert any("邨" in addresses.hong_kong() for _ in range(200))


def test_mountains_and_brands_beside_one_another_are_neither_persons_nor_addresses(
    tables: Tables,
) -> None:
    lines = build_generator(tables, 9)
    rows = [lines.listed_terms() for _ in range(100)]
    assert {span.kind for row in rows for span in row.spans} == {LOCATION}
    assert any(not row.spans for row in rows)


def test_a_given_name_by_itself_gives_way_to_one(tables: Tables) -> None:
    lines = build_generator(tables, 10)
    assert lines.people.is_given_name("建国")
    assert not lines.people.is_given_name("王伟")
    assert all(len(lines.people.given_name_only()) == 2 for _ in range(50))
    drawn_names = {Augmenter(lines).exchange("建国", "PERSON", 1.0) for _ in range(100)}
    assert any(name[0] not in "王李佴昝" for name in drawn_names)


def test_words_of_a_dictionary_are_sorted_by_what_they_look_like() -> None:
    listed = [("聚沙成塔", 1, "i"), ("一心一意", 9, "i"), ("洞庭湖", 9, "ns"), ("长沙市", 9, "ns")]
    assert list(idioms(listed, frozenset("沙成"))) == ["聚沙成塔"]
    assert list(natural_features(listed)) == ["洞庭湖"]
    words = ["克林顿", "克里斯", *["万夫莫当"]] * MIN_TRANSLITERATED_WORDS
    characters = transliteration_hanzi([*words, "克拉"])
    assert {"克", "林", "顿"} <= characters
    listed = [("克林顿", 1, "nr"), ("王克林", 1, "nr"), ("克林", 1, "nrt"), ("木匠", 1, "n")]
    assert list(foreign_names(listed, characters, frozenset("王"))) == ["克林顿", "克林"]
    listed = [("高利润", 9, "n"), ("高建国", 9, "nr"), ("大家", 9, "n"), ("何必", 1, "d")]
    assert list(lookalikes(listed, frozenset("高何"))) == ["高利润"]


def test_level_one_of_gb2312_is_whole() -> None:
    hanzi = common_hanzi()
    assert len(hanzi) == len(set(hanzi)) == 3755
    assert hanzi[0] == "啊"
    assert Random(1).choice(hanzi) in hanzi


def test_names_that_are_words_stand_where_names_do_and_not_alone(tables: Tables) -> None:
    lines = build_generator(tables, 11)
    drawn = Counter(lines.person()[0] for _ in range(2_000))
    assert 0.02 < (drawn["高原"] + drawn["何必"]) / 2_000 < 0.12
    cells = [lines.cell() for _ in range(2_000)]
    assert not any(cell.text in tables.name_words for cell in cells)


def test_roles_stand_directly_before_names(tables: Tables) -> None:
    sentences = Sentences(build_generator(tables, 12))
    texts = [sentences.parties() for _ in range(500)]
    before = [
        text[start - 2 : start]
        for text, spans in texts
        for start, _, kind in spans
        if kind == "PERSON"
    ]
    assert before.count("患者") + before.count("业主") > 50
    assert not any(
        text[span.start : span.end].startswith(("患者", "业主"))
        for text, spans in texts
        for span in spans
    )


def test_tempting_texts_have_no_persons_and_no_addresses(tables: Tables) -> None:
    sentences = Sentences(build_generator(tables, 13))
    texts = [sentences.tempting() for _ in range(500)]
    assert {span.kind for line in texts for span in line.spans} == {LOCATION}
    assert any("白灼虾" in line.text for line in texts)
    assert any(re.search("[车马炮兵卒相象仕士帅将].[进退平]", line.text) for line in texts)
