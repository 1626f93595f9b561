"""What span rules make of tagged words, what each rule changes, and mentions found once more."""

import datetime
import re
from itertools import accumulate
from random import Random

import numpy as np
import pytest

from piiscan import find
from piiscan.detect.catalog.catalog import load
from piiscan.detect.engine import Engine
from piiscan.detect.ner.model.network_numbers import ADDRESS, ORGANIZATION, PERSON
from piiscan.detect.ner.name_spans import NameSpans, NameText
from piiscan.detect.ner.repeated_mentions import propose_repeated_mentions
from piiscan.detect.ner.span_rules import SPAN_RULES, apply_span_rules
from piiscan.detect.ner.span_trace import NameSpan, trace_span_rules
from piiscan.wording.words import section
from tests.detect.ner.spans import apply_rules, name_text, tagged, tagged_spans
from tests.text_table import read_rows

#: Text | words of it as they are tagged | names that remain.  Kinds: person, address, organisation,
#: nickname.
RULES = """
李老师说 | 李/p | 李老师/n
请找张同志 | 张/p | 张同志/n
王总来了 | 王/p | 王总/n
江主席会见 | 江/p | 江主席/n
欧阳老师说 | 欧阳/p | 欧阳老师/n
陈局长说 | 陈/p | 陈局长/n
李總經理 | 李/p | 李總經理/n
张伟先生说 | 张伟/p | 张伟/p
由湖南省长沙市发布 | 湖南省长沙市/o |
由岳麓区发布 | 岳麓区/o |
由示例镇发布 | 示例镇/o |
由示例街道发布 | 示例街道/o |
由长沙市公安局发布 | 长沙市公安局/o | 长沙市公安局/o
由示例军区发布 | 示例军区/o | 示例军区/o
由示例超市发布 | 示例超市/o | 示例超市/o
由长沙市示例协会发布 | 长沙市示例协会/o | 长沙市示例协会/o
长沙市 | 长沙市/a |
湖南省长沙市 | 湖南省长沙市/a | 湖南省长沙市/a
他在示例有限公司审计部上班 | 示例有限公司审计部/o | 示例有限公司/o
他在示例银行人力资源部上班 | 示例银行人力资源部/o | 示例银行/o
他在示例集团办公室上班 | 示例集团办公室/o | 示例集团/o
他在教育部上班 | 教育部/o | 教育部/o
他在示例公司俱乐部有限公司上班 | 示例公司俱乐部有限公司/o | 示例公司俱乐部有限公司/o
男，汉族，本科 | 汉族/o |
男，维吾尔族，本科 | 维吾尔族/o |
男，中共党员，本科 | 中共党员/o |
男，任，本科 | 任/o |
赵敏住在示例路 | 赵敏住/p | 赵敏/p
钱多名下的车 | 钱多名/p | 钱多/p
帮孙丽查一下 | 孙丽查/p | 孙丽/p
李拴住 | 李拴住/p | 李拴住/p
微信加周涛 | 加周涛/p | 周涛/p
加周涛微信 | 加周涛/p | 加周涛/p
户名吴迪hhh | 吴迪hhh/p | 吴迪/p
证人郑X到庭 | 郑X/p | 郑X/p
证人郑xx到庭 | 郑xx/p | 郑xx/p
陈David来了 | 陈David/p | 陈David/p
车牌：鲁XO64OW | 鲁XO/p |
车牌：鲁X7B6DI | 鲁X/p |
长沙罗某的公司 | 罗某/p | 罗某/p
陈大文 CHAN Tai Man 13800138000 | 陈大文/p | 陈大文/p; CHAN Tai Man/p
陈大文(Chen, Ta-Wen) | 陈大文/p | 陈大文/p; Chen, Ta-Wen/p
陈大文（CEO）来电 | 陈大文/p | 陈大文/p
陈大文 iPhone 15 | 陈大文/p | 陈大文/p
陈大文 A1 B2 C3x4 | 陈大文/p | 陈大文/p
致 John Smith 教授，王五来了 | 王五/p | John Smith/p; 王五/p
Wong先生，王五来了 | 王五/p | 王五/p
New York 小区，王五来了 | 王五/p | 王五/p
a@John Smith先生，王五来了 | 王五/p | 王五/p
示例路61号，富力新居*** | 示例路61号/a | 示例路61号/a
示例路61号 张三 | 示例路61号/a; 张三/p | 示例路61号/a; 张三/p
市辖区长沙示例有限公司 | 长沙示例有限公司/o | 市辖区长沙示例有限公司/a
岳麓区长沙示例有限公司 | 长沙示例有限公司/o | 长沙示例有限公司/o
在市辖区长沙示例有限公司 | 长沙示例有限公司/o | 长沙示例有限公司/o
黄河、长江、泰山、华山 | |
苹果、香蕉 | |
长沙 | |
长沙、苹果 | |
SOHO | |
示例VIP | |
示例A座 | |
我在示例SOHO等你们 | |
"""


@pytest.mark.parametrize(("text", "words", "names"), read_rows(RULES))
def test_rules_leave_of_tagged_words_what_is_named(text: str, words: str, names: str) -> None:
    assert apply_rules(text, words) == names


@pytest.mark.parametrize("firm", ["长沙某医药公司", "青岛某公司", "湖南省某科技有限公司"])
def test_a_firm_without_its_name_is_an_organisation(firm: str) -> None:
    for seen in ("", f"; {firm[:3]}/o", f"; {firm}/o"):
        found = apply_rules(f"张三承接了{firm}的业务", f"张三/p{seen}")
        assert found == f"张三/p; {firm}/o"


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        *(("岳麓区示例医药公司", "a"), ("市辖区示例有限公司", "a"), ("岳麓区检察院", "o")),
        *(("长沙市岳麓区示例公司", "o"), ("社区示例公司", "o")),
    ],
)
def test_a_cell_with_a_firm_behind_its_district_says_where(cell: str, kind: str) -> None:
    assert apply_rules(cell, f"{cell}/o") == f"{cell}/{kind}"
    assert apply_rules(f"在{cell}上班", f"{cell}/o") == f"{cell}/o"


@pytest.mark.parametrize(
    ("cell", "sentence"),
    [
        *((each, "我去过{}，都很好玩") for each in ("岳麓、雨花", "长沙/株洲", "湖南、湖北，广东")),
        *((each, "{}见，不见不散") for each in ("示例SOHO", "示例国际 IFC", "示例SOHO A座12层")),
        *(("长沙岳麓、雨花区", "我去过{}，都很好玩"), ("示例Mall 3号楼", "{}见，不见不散")),
    ],
)
def test_places_and_buildings_in_latin_letters_are_where_their_cell_is(
    cell: str, sentence: str
) -> None:
    for seen in ("", f"{cell[:2]}/p"):
        assert apply_rules(cell, seen) == f"{cell}/a"
    assert apply_rules(sentence.format(cell), "") == ""


def test_names_in_latin_letters_behind_their_words_are_names_too() -> None:
    text = "收件人：John Smith，电话13800138000"
    assert [each.text for each in find(text)] == ["John Smith", "13800138000"]
    assert [each.text for each in find(text, names=False)] == ["13800138000"]


@pytest.mark.parametrize(("cut", "count"), [(0, 1), (5, 0), (10, 0), (11, 0), (12, 1)])
def test_neighbouring_texts_tell_nothing_of_each_other(cut: int, count: int) -> None:
    text = name_text("John Smith先生王五", cut)
    assert len(apply_span_rules(text, tagged_spans([]))) == count


#: Text | words of it as they are tagged | changes: rule, before -> after.
CHANGES = """
王先生来电 | 王/p | complete_forms_of_address 王/p -> 王先生/n
李从底线射门 | 李/p | complete_forms_of_address 李/p -> -
，姚平收， | 姚平收/p | end_before_other_words 姚平收/p -> 姚平/p
王丰收， | 王丰收/p |
找张三都在 | 张三都/p | end_before_other_words 张三都/p -> 张三/p
拨13800138000张三空号； | 张三空号/p | end_before_other_words 张三空号/p -> 张三/p
被告人张三犯诈骗罪 | 张三犯/p | end_before_other_words 张三犯/p -> 张三/p
户名张三卡号 | 张三卡/p | end_before_other_words 张三卡/p -> 张三/p
通过QQ9000000002向张三出售 | 向张三/p | begin_after_labels 向张三/p -> 张三/p
业主向张三出售 | 向张三/p |
9000000002向小红出售 | 向小红/p |
原车主张三 | 原车主/p; 张三/p | drop_roles 原车主/p -> -
时间 张三 | 时间/p; 张三/p | drop_form_words 时间/p -> -
张京都， | 张京都/p |
找张三打13800138000 | 张三打/p | end_before_other_words 张三打/p -> 张三/p
张三先付一半 | 张三先/p | end_before_other_words 张三先/p -> 张三/p
张建先昨天 | 张建先/p |
买买提说要来 | 买买提/p |
多杰才让说的 | 多杰才让/p |
张永刚到公司 | 张永刚/p |
加张三微信 | 张三微/p | end_before_other_words 张三微/p -> 张三/p
谢某系主犯 | 谢某系/p | end_anonymous_names 谢某系/p -> 谢某/p
他单位江苏示例公司 | 苏示例公司/o | begin_firms 苏示例公司/o -> 江苏示例公司/o
单位长沙市示例诊所， | 长沙市示例诊所/a | begin_firms 长沙市示例诊所/a -> 长沙市示例诊所/o
联系高兴同学， | 高兴同学/o | end_firms 高兴同学/o -> -
在示例公司审计部 | 示例公司审计部/o | end_firms 示例公司审计部/o -> 示例公司/o
示例路61号富力新居*** | 示例路61号/a; 富力/p |
  extend_to_masks 示例路61号/a -> 示例路61号富力新居/a; extend_to_masks 富力/p -> -
示例路61号21楼2101-D室， | 示例路61号21楼2101/a |
  extend_to_units 示例路61号21楼2101/a -> 示例路61号21楼2101-D室/a
示例创意园CN15 | 示例创意园C/a | extend_to_units 示例创意园C/a -> 示例创意园CN15/a
示例新居4单元7B张三 | 示例新居4单元/a; 张三/p | extend_to_units 示例新居4单元/a -> 示例新居4单元7B/a
（住示例路61号） | 示例路61号）/a | balance_brackets 示例路61号）/a -> 示例路61号/a
示例路61号（示例楼旁）2019年 | 示例路61号（示例楼/a |
  balance_brackets 示例路61号（示例楼/a -> 示例路61号（示例楼旁）/a
示例路61号（A座，下了车一直向前走就能看到的） | 示例路61号（A座/a |
张三-示例路2-500 | 示例路2/a |
示例路2-2023-01-01 | 示例路2/a |
示例新居4单元13800138000 | 示例新居4单元/a |
示例新居A3件 | 示例新居A/a |
岳麓区示例公司 | 岳麓区示例公司/o | firms_to_addresses 岳麓区示例公司/o -> 岳麓区示例公司/a
由长沙市发布 | 长沙市/o | drop_regions 长沙市/o -> -
陈大文（Chan Tai Man）来电 | 陈大文/p | propose_latin_names - -> Chan Tai Man/p
John Smith先生和王五 | 王五/p | propose_titled_latin_names - -> John Smith/p
在外务工，母张三电话 | 母张三/p | begin_after_labels 母张三/p -> 张三/p
说向张三出售 | 向张三/p |
，向井千秋说 | 向井千秋/p |
号“a_1”向张三出售 | 向张三/p | begin_after_labels 向张三/p -> 张三/p
客户钮祜禄·婉清来电 | 钮祜禄/p | join_dotted_names 钮祜禄/p -> 钮祜禄·婉清/p
买买提江·卡德尔说 | 买买/p; ·卡德尔/p |
  join_dotted_names 买买/p -> 买买提江·卡德尔/p; join_dotted_names ·卡德尔/p -> -
鲍里斯·贝克尔率领 | 鲍里斯·贝克尔/p |
王总好，到了 | 王总好/p | complete_forms_of_address 王总好/p -> 王总/n
「张三」已签收 | 张三」/p |
到终点示例新居8栋 | 终点示例新居8栋/a | begin_addresses 终点示例新居8栋/a -> 示例新居8栋/a
隔离于示例新居7幢 | 于示例新居7幢/a | begin_addresses 于示例新居7幢/a -> 示例新居7幢/a
住于都县示例路1号 | 于都县示例路1号/a |
取件码17-7-7473， | 件码17-7-7473/a | begin_addresses 件码17-7-7473/a -> -
在示例新居5栋楼下等 | 示例新居5栋楼下/a | end_addresses 示例新居5栋楼下/a -> 示例新居5栋/a
示例新居5栋楼下 | 示例新居5栋楼下/a |
示例行政村示例村 头疼 | 示例行政村示例/a | extend_to_units 示例行政村示例/a -> 示例行政村示例村/a
示例小区东门底商 张三 | 示例小区/a; 张三/p | extend_to_units 示例小区/a -> 示例小区东门底商/a
示例广场 示例百货 | 示例广场/a | drop_public_sites 示例广场/a -> -
去青岛某公司 | 青岛某/a |
  propose_nameless_firms 青岛某/a -> -; propose_nameless_firms - -> 青岛某公司/o
记者刘芷璇报道，昨天刘芷璇说 | 刘芷璇/p | propose_repeated_mentions - -> 刘芷璇/p
长沙、株洲 | | propose_cell_addresses - -> 长沙、株洲/a
收万和城*** | 万和城/p | drop_names_before_masks 万和城/p -> -
张三住在示例路1号 | 张三/p; 示例路1号/a |
"""
CASES = [
    *(
        tuple(map(str.strip, row.split("|")))
        for row in CHANGES.strip().replace("\n  ", " ").splitlines()
    ),
    ("张" * 41, "张" * 41 + "/p", "drop_long_spans " + "张" * 41 + "/p -> -"),
]


@pytest.mark.parametrize(("text", "words", "expected"), CASES)
def test_each_change_is_told_with_its_rule(text: str, words: str, expected: str) -> None:
    def told(span: NameSpan | None) -> str:
        return f"{text[span.start : span.end]}/{span.kind[0]}" if span else "-"

    changes = trace_span_rules(*tagged(text, words), np.arange(len(text)))
    shown = [f"{each.rule} {told(each.before)} -> {told(each.after)}" for each in changes]
    assert "; ".join(shown) == expected


def columns(spans: NameSpans) -> list[list[float]]:
    return [each.tolist() for each in (spans.begin, spans.stop, spans.kind, spans.score)]


@pytest.mark.parametrize(("text", "words"), [case[:2] for case in CASES])
def test_a_rule_changes_no_array_that_it_is_given(text: str, words: str) -> None:
    """Nor does it change spans without its kinds or signs: ``apply`` leaves such rules out."""
    for other in ("", *(case[0] for case in CASES)):
        name_text, tags = tagged(text + other, words)
        spans = NameSpans.of(name_text, tags)
        for rule in SPAN_RULES:
            before = columns(spans)
            changed = rule.apply(name_text, spans)
            assert columns(spans) == before
            spans = changed
        applied = apply_span_rules(name_text, tags)
        assert columns(spans) == columns(applied)
        assert spans.proposed == applied.proposed == ()


def test_a_firm_of_an_address_column_becomes_an_address() -> None:
    text, spans = tagged("示例大厦", "示例大厦/o")
    text = NameText(text.codes, text.offsets, text.taken, is_address_column=True)
    (change,) = trace_span_rules(text, spans, np.arange(4))
    assert change.rule == "column_firms_to_addresses"
    assert (change.before, change.after) == (
        NameSpan(0, 4, "organization"),
        NameSpan(0, 4, "address"),
    )


def test_a_change_is_located_in_its_text_despite_zero_width_characters() -> None:
    engine = Engine(load(), as_of=datetime.date(2026, 1, 1))
    text = "\u200b王\u200b先生来电13800138000"
    (change,) = engine.trace_names(text, engine.column(None))
    assert (change.before, change.after) == (NameSpan(1, 2, "person"), NameSpan(1, 5, "nickname"))


def test_every_rule_and_kind_has_its_words() -> None:
    explain = section("explain")
    assert set(explain["span_rule"]) == {rule.name for rule in SPAN_RULES}
    assert set(explain["name_kind"]) == {"person", "address", "organization", "nickname"}
    for entry in (*explain["span_rule"].values(), *explain["name_kind"].values()):
        assert entry["zh"]
        assert entry["en"]


Held = tuple[str, int, float]


def again(*texts: tuple[str, list[Held]]) -> list[tuple[int, str, int]]:
    """Where (in all texts one behind another), what and which kind is found once more."""
    joined = "".join(text for text, _ in texts)
    offsets = [0, *accumulate(len(text) for text, _ in texts)]
    held = []
    for base, (text, words) in zip(offsets, texts, strict=False):
        for word, kind, score in words:
            first = base + text.index(word)
            held.append((first, first + len(word), kind, score))
    held.sort()
    spans = tagged_spans([each[:3] for each in held])
    scores = np.array([each[3] for each in held])
    found = propose_repeated_mentions(
        name_text(joined, *offsets[1:-1]), NameSpans(spans.start, spans.end, spans.kind, scores)
    ).proposed
    return [(start, joined[start:end], kind) for start, end, _, kind, _ in found]


@pytest.mark.parametrize(
    ("text", "held", "found"),
    [
        (
            *("记者刘芷璇报道，昨天刘芷璇说，刘芷", [("刘芷璇", PERSON, 0.97)]),
            [(10, "刘芷璇", PERSON)],
        ),
        ("刘芷璇说。记者刘芷璇报道", [("记者刘芷璇", PERSON, 0.97)], []),  # another, longer name
        ("库尼科娃赢了。选手库尼科娃说", [("库尼科娃", PERSON, 0.9)], [(9, "库尼科娃", PERSON)]),
        ("找张伟，又是张伟。", [("张伟", PERSON, 0.99)], []),  # short
        ("找刘芷璇，又是刘芷璇。", [("刘芷璇", PERSON, 0.6)], []),  # doubtful
        ("找示例路，又是示例路。", [("示例路", ADDRESS, 0.99)], []),
        (
            *("强责公司等购买信息，谢某系为强责公司的利益", [("强责公司", ORGANIZATION, 0.72)]),
            [(14, "强责公司", ORGANIZATION)],
        ),
        (
            "记者刘芷璇报道，刘芷璇律师事务所",  # the place is held
            [("刘芷璇", PERSON, 0.97), ("刘芷璇律师事务所", ORGANIZATION, 0.6)],
            [],
        ),
    ],
)
def test_a_sure_name_is_found_where_it_stands_again(
    text: str, held: list[Held], found: list[tuple[int, str, int]]
) -> None:
    assert again((text, held)) == found


def test_another_text_of_the_batch_has_no_say() -> None:
    held = [("刘芷璇", PERSON, 0.97)]
    assert again(("记者刘芷璇报道", held), ("刘芷璇说，昨天", [])) == []


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
