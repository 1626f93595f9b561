"""Forms of address, bare surnames, regions and names written once more are told apart."""

from __future__ import annotations

import numpy as np
import pytest

from piiscan import find
from piiscan.detect.ner.model.network_numbers import ADDRESS, ORGANIZATION, PERSON
from piiscan.detect.ner.model.tagger import Spans
from piiscan.detect.ner.name_spans import NameText
from piiscan.detect.ner.span_rules import NICKNAME, apply_span_rules


def divided(text: str, *spans: tuple[str, int]) -> list[tuple[str, int]]:
    """What becomes of words of a text that the tagger takes for this kind."""
    codes = np.frombuffer(text.encode("utf-32-le"), np.uint32)
    places = sorted((text.index(word), text.index(word) + len(word), kind) for word, kind in spans)
    start, end, kind = (np.array(each) for each in zip(*places, strict=True))
    found = apply_span_rules(
        NameText(codes, np.array([0, len(codes)]), np.zeros(len(codes), np.bool_)),
        Spans(start, end, kind.astype(np.int8), np.full(len(start), 0.7, np.float32)),
    )
    rows = zip(found.begin, found.stop, found.kind, strict=True)
    kept = [(b, e, k) for b, e, k in rows if e > b]
    return [(text[b:e], int(k)) for b, e, k in kept]


@pytest.mark.parametrize(
    ("text", "surname", "form"),
    [
        ("李老师说", "李", "李老师"),
        ("请找张同志", "张", "张同志"),
        ("王总来了", "王", "王总"),
        ("江主席会见", "江", "江主席"),
        ("欧阳老师说", "欧阳", "欧阳老师"),
        ("陈局长说", "陈", "陈局长"),
        ("李總經理", "李", "李總經理"),
    ],
)
def test_a_surname_with_a_title_is_a_form_of_address(text: str, surname: str, form: str) -> None:
    assert divided(text, (surname, PERSON)) == [(form, NICKNAME)]


def test_a_surname_by_itself_is_no_name() -> None:
    assert divided("李从底线射门", ("李", PERSON)) == []


def test_a_whole_name_with_a_title_stays_one() -> None:
    assert divided("张伟先生说", ("张伟", PERSON)) == [("张伟", PERSON)]


@pytest.mark.parametrize("name", ["长沙市", "湖南省长沙市", "岳麓区", "示例镇", "示例街道"])
def test_a_region_is_no_organisation(name: str) -> None:
    assert divided(f"由{name}发布", (name, ORGANIZATION)) == []


@pytest.mark.parametrize("firm", ["长沙某医药公司", "青岛某公司", "湖南省某科技有限公司"])
def test_a_firm_without_its_name_is_an_organisation(firm: str) -> None:
    text = f"张三承接了{firm}的业务"
    for seen in ([], [(firm[:3], ORGANIZATION)], [(firm, ORGANIZATION)]):
        assert divided(text, ("张三", PERSON), *seen) == [("张三", PERSON), (firm, ORGANIZATION)]


@pytest.mark.parametrize(
    ("seen", "firm"),
    [
        ("示例有限公司审计部", "示例有限公司"),
        ("示例银行人力资源部", "示例银行"),
        ("示例集团办公室", "示例集团"),
        ("教育部", "教育部"),
        ("示例公司俱乐部有限公司", "示例公司俱乐部有限公司"),
    ],
)
def test_a_department_is_no_part_of_its_firm(seen: str, firm: str) -> None:
    assert divided(f"他在{seen}上班", (seen, ORGANIZATION)) == [(firm, ORGANIZATION)]


@pytest.mark.parametrize("word", ["汉族", "维吾尔族", "中共党员", "任"])
def test_a_people_and_party_members_are_no_organisation(word: str) -> None:
    assert divided(f"男，{word}，本科", (word, ORGANIZATION)) == []


@pytest.mark.parametrize(
    ("text", "seen", "name"),
    [
        ("赵敏住在示例路", "赵敏住", "赵敏"),
        ("钱多名下的车", "钱多名", "钱多"),
        ("帮孙丽查一下", "孙丽查", "孙丽"),
        ("李拴住", "李拴住", "李拴住"),
        ("微信加周涛", "加周涛", "周涛"),
        ("加周涛微信", "加周涛", "加周涛"),
        ("户名吴迪hhh", "吴迪hhh", "吴迪"),
        ("证人郑X到庭", "郑X", "郑X"),
        ("证人郑xx到庭", "郑xx", "郑xx"),
        ("陈David来了", "陈David", "陈David"),
    ],
)
def test_words_and_letters_beside_a_name_are_no_part_of_it(text: str, seen: str, name: str) -> None:
    assert divided(text, (seen, PERSON)) == [(name, PERSON)]


@pytest.mark.parametrize(("text", "seen"), [("车牌：鲁XO64OW", "鲁XO"), ("车牌：鲁X7B6DI", "鲁X")])
def test_a_plate_with_a_mistake_is_no_name(text: str, seen: str) -> None:
    assert divided(text, (seen, PERSON)) == []


def test_a_person_without_a_name_is_no_firm() -> None:
    assert divided("长沙罗某的公司", ("罗某", PERSON)) == [("罗某", PERSON)]


def test_one_region_is_no_address_and_two_are() -> None:
    assert divided("长沙市", ("长沙市", ADDRESS)) == []
    assert divided("湖南省长沙市", ("湖南省长沙市", ADDRESS)) == [("湖南省长沙市", ADDRESS)]


@pytest.mark.parametrize("name", ["长沙市公安局", "示例军区", "示例超市", "长沙市示例协会"])
def test_what_only_begins_or_ends_like_a_region_stays_one(name: str) -> None:
    assert divided(f"由{name}发布", (name, ORGANIZATION)) == [(name, ORGANIZATION)]


@pytest.mark.parametrize(
    ("text", "latin"),
    [
        ("陈大文（Chan Tai Man）来电", "Chan Tai Man"),
        ("陈大文 CHAN Tai Man 13800138000", "CHAN Tai Man"),
        ("陈大文(Chen, Ta-Wen)", "Chen, Ta-Wen"),
    ],
)
def test_a_name_is_written_once_more_in_latin_letters(text: str, latin: str) -> None:
    assert divided(text, ("陈大文", PERSON)) == [("陈大文", PERSON), (latin, PERSON)]


@pytest.mark.parametrize("text", ["陈大文（CEO）来电", "陈大文 iPhone 15", "陈大文 A1 B2 C3x4"])
def test_other_latin_words_behind_a_name_are_none(text: str) -> None:
    assert divided(text, ("陈大文", PERSON)) == [("陈大文", PERSON)]


@pytest.mark.parametrize("text", ["John Smith先生您好", "致 John Smith 教授"])
def test_a_name_in_latin_letters_stands_before_a_title(text: str) -> None:
    assert divided(f"{text}，王五来了", ("王五", PERSON)) == [
        ("John Smith", PERSON),
        ("王五", PERSON),
    ]


@pytest.mark.parametrize("text", ["Wong先生", "New York 小区", "a@John Smith先生"])
def test_one_word_or_no_title_is_none(text: str) -> None:
    assert divided(f"{text}，王五来了", ("王五", PERSON)) == [("王五", PERSON)]


def test_names_in_latin_letters_behind_their_words_are_names_too() -> None:
    text = "收件人：John Smith，电话13800138000"
    assert [each.text for each in find(text)] == ["John Smith", "13800138000"]
    assert [each.text for each in find(text, names=False)] == ["13800138000"]


def test_neighbouring_texts_tell_nothing_of_each_other() -> None:
    codes = np.frombuffer("John Smith先生王五".encode("utf-32-le"), np.uint32)
    nothing = Spans(*(np.empty(0, kind) for kind in (np.int64, np.int64, np.int8, np.float32)))
    free = np.zeros(len(codes), np.bool_)
    for cut, count in ((0, 1), (5, 0), (10, 0), (11, 0), (12, 1)):
        text = NameText(codes, np.array([0, cut, len(codes)]), free)
        assert len(apply_span_rules(text, nothing)) == count
