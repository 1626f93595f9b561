"""Silver labels: spans from the teacher's words."""

from __future__ import annotations

import numpy as np
import pytest

from training.encode import span_states
from training.raw_texts import hanzi_windows, split_text
from training.silver import (
    DOUBT,
    Silver,
    Span,
    consistent_names,
    mark_repeated_names,
    read_spans,
    restore_names,
)
from training.teacher import Word, best_paths


def words(*pairs: tuple[str, str]) -> tuple[str, list[Word]]:
    text, out = "", []
    for word, tag in pairs:
        out.append(Word(len(text), len(text) + len(word), tag))
        text += word
    return text, out


def spans(*pairs: tuple[str, str]) -> list[tuple[str, str]]:
    text, tagged_words = words(*pairs)
    return [(text[start:end], kind) for start, end, kind in read_spans(text, tagged_words)]


@pytest.mark.parametrize(
    ("tagged_words", "wanted"),
    [
        ([("刘先生", "PER"), ("说", "v")], [("刘", "PERSON")]),
        ([("江泽民主席", "PER"), ("说", "v")], [("江泽民", "PERSON")]),
        ([("鲍里斯", "PER"), ("·", "w"), ("贝克尔", "PER")], [("鲍里斯·贝克尔", "PERSON")]),
        ([("孙伟", "PER"), ("强", "a"), ("，", "w")], [("孙伟强", "PERSON")]),
        ([("张德广和", "PER"), ("他", "r")], [("张德广", "PERSON")]),
        ([("付", "PER"), ("晓彬", "PER")], [("付晓彬", "PERSON")]),
        ([("李鹏乔石", "PER")], [("李鹏乔石", DOUBT)]),
        ([("莫里森斯", "PER")], [("莫里森斯", "PERSON")]),
        ([("罗", "PER"), ("某", "r")], [("罗某", "PERSON")]),
        ([("邱帅", "PER"), ("说", "v")], [("邱帅", DOUBT)]),
        ([("王丽君", "PER"), ("说", "v")], [("王丽君", "PERSON")]),
        ([("费尔南德斯", "PER")], [("费尔南德斯", "PERSON")]),
        ([("北京市", "LOC"), ("朝阳区", "LOC")], [("北京市朝阳区", "LOCATION")]),
        (
            [("湖南省", "LOC"), ("长沙市", "LOC"), ("示例路", "LOC"), ("12", "m"), ("号", "n")],
            [("湖南省长沙市示例路12号", "ADDRESS")],
        ),
        ([("人民法院", "ORG")], [("人民法院", "ORGANIZATION")]),
    ],
)
def test_words_become_spans_of_our_kind(
    tagged_words: list[tuple[str, str]], wanted: list[tuple[str, str]]
) -> None:
    assert spans(*tagged_words) == wanted


def test_a_full_name_known_from_elsewhere_is_marked_everywhere() -> None:
    known = Silver("王建国来了", (Span(0, 3, "PERSON"),))
    missed = Silver("这是王建国", ())
    assert mark_repeated_names([known, known, known, missed])[3].spans == (Span(2, 5, "PERSON"),)
    assert mark_repeated_names([known, missed])[1].spans == ()


def test_a_name_from_abroad_is_known_from_elsewhere_too() -> None:
    known = Silver("总统克林顿说", (Span(2, 5, "PERSON"),))
    missed = Silver("克林顿表示", ())
    assert mark_repeated_names([known, known, known, missed])[3].spans == (Span(0, 3, "PERSON"),)


def test_a_word_that_mostly_is_no_name_is_none_elsewhere() -> None:
    known = Silver("这是马克思", (Span(2, 5, "PERSON"),))
    other = Silver("马克思主义", ())
    assert mark_repeated_names([known] * 3 + [other] * 4)[6].spans == ()


def test_states_say_where_a_span_begins_and_ends() -> None:
    assert span_states("PERSON", 3).tolist() == [1, 2, 3]
    assert span_states("ADDRESS", 1).tolist() == [8]
    assert span_states(DOUBT, 2).tolist() == [-1, -1]


def test_the_best_path_heeds_moves_and_length() -> None:
    logits = np.zeros((2, 3, 2), np.float32)
    logits[0, :, 1] = [1, 0.5, 1]
    logits[1, 0, 1] = 1
    transitions = np.array([[0, -9], [-9, 0]], np.float32)
    assert best_paths(logits, transitions, np.array([3, 1]))[0].tolist() == [1, 1, 1]
    assert best_paths(logits, transitions, np.array([3, 1]))[1].tolist() == [1, 0, 0]


def test_long_text_is_cut_at_sentences() -> None:
    text = "这是一个完整的句子，它说了一些事情。" * 30
    pieces = list(split_text(text))
    assert "".join(pieces) == text
    assert all(piece.endswith("。") and len(piece) <= 250 for piece in pieces)


def test_a_measured_text_is_known_by_its_hanzi() -> None:
    assert set(hanzi_windows("今天，我们一起去公园散步吧", step=1)) == {"今天我们一起去公园散步吧"}


def test_a_name_that_the_teacher_cut_in_places_is_whole_wherever_it_stands() -> None:
    whole, cut, other = "内塔尼亚胡说", "在内塔尼亚胡说", "内塔尼亚胡主义"
    silver = [Silver(whole, (Span(0, 5, "PERSON"),))] * 3
    tagged = [[Word(0, 5, "PER"), Word(5, 6, "v")]] * 3
    silver += [Silver(cut, (Span(2, 6, "LOCATION"),)), Silver(other, ())]
    tagged += [[Word(0, 2, "f"), Word(2, 6, "LOC"), Word(6, 7, "v")], [Word(0, 7, "nz")]]
    names = consistent_names(silver, tagged)
    assert names == {"内塔尼亚胡"}
    assert restore_names(silver, names)[3].spans == (Span(1, 6, "PERSON"),)
    assert consistent_names([*silver, silver[4]], [*tagged, tagged[4]]) == frozenset()


def test_a_name_with_the_word_behind_it_is_no_longer_name() -> None:
    silver = [Silver("玄德令人", (Span(0, 2, "PERSON"),))] * 4
    silver += [Silver("玄德令人", (Span(0, 3, "PERSON"),))] * 3
    tagged = [[Word(0, 2, "PER"), Word(2, 4, "v")]] * 7
    assert consistent_names(silver, tagged) == frozenset()


def test_what_holds_a_name_whole_is_left() -> None:
    silver = [Silver("穆巴拉克说", (Span(0, 4, "PERSON"),))]
    assert restore_names(silver, {"巴拉克"}) == silver
