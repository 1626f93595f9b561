"""What each span rule changed is told, rule by rule, and no rule changes what it was given."""

from __future__ import annotations

import datetime

import numpy as np
import pytest

from piiscan.detect.catalog.catalog import load
from piiscan.detect.engine import Engine
from piiscan.detect.ner.model.network_numbers import ADDRESS, ORGANIZATION, PERSON
from piiscan.detect.ner.model.tagger import Spans
from piiscan.detect.ner.name_spans import NameSpans, NameText
from piiscan.detect.ner.span_rules import SPAN_RULES, apply_span_rules
from piiscan.detect.ner.span_trace import NameSpan, trace_span_rules
from piiscan.wording.words import section

#: A text, what the tagger takes words of it for, and the changes: rule, before, after.
CASES = [
    ("王先生来电", [("王", PERSON)],
     [("complete_forms_of_address", "王 person", "王先生 nickname")]),
    ("李从底线射门", [("李", PERSON)], [("complete_forms_of_address", "李 person", None)]),
    ("，姚平收，", [("姚平收", PERSON)],
     [("end_before_other_words", "姚平收 person", "姚平 person")]),
    ("王丰收，", [("王丰收", PERSON)], []),
    ("找张三都在", [("张三都", PERSON)],
     [("end_before_other_words", "张三都 person", "张三 person")]),
    ("拨13800138000张三空号；", [("张三空号", PERSON)],
     [("end_before_other_words", "张三空号 person", "张三 person")]),
    ("被告人张三犯诈骗罪", [("张三犯", PERSON)],
     [("end_before_other_words", "张三犯 person", "张三 person")]),
    ("户名张三卡号", [("张三卡", PERSON)],
     [("end_before_other_words", "张三卡 person", "张三 person")]),
    ("通过QQ9000000002向张三出售", [("向张三", PERSON)],
     [("begin_after_adding", "向张三 person", "张三 person")]),
    ("业主向张三出售", [("向张三", PERSON)], []),
    ("9000000002向小红出售", [("向小红", PERSON)], []),
    ("原车主张三", [("原车主", PERSON), ("张三", PERSON)], [("drop_roles", "原车主 person", None)]),
    ("张京都，", [("张京都", PERSON)], []),
    ("找张三打13800138000", [("张三打", PERSON)],
     [("end_before_other_words", "张三打 person", "张三 person")]),
    ("张三先付一半", [("张三先", PERSON)],
     [("end_before_other_words", "张三先 person", "张三 person")]),
    ("张建先昨天", [("张建先", PERSON)], []),
    ("买买提说要来", [("买买提", PERSON)], []),
    ("多杰才让说的", [("多杰才让", PERSON)], []),
    ("张永刚到公司", [("张永刚", PERSON)], []),
    ("加张三微信", [("张三微", PERSON)],
     [("end_before_other_words", "张三微 person", "张三 person")]),
    ("谢某系主犯", [("谢某系", PERSON)], [("end_anonymous_names", "谢某系 person", "谢某 person")]),
    ("在示例公司审计部", [("示例公司审计部", ORGANIZATION)],
     [("end_firms", "示例公司审计部 organization", "示例公司 organization")]),
    ("示例路61号富力新居***", [("示例路61号", ADDRESS), ("富力", PERSON)],
     [("extend_to_masks", "示例路61号 address", "示例路61号富力新居 address"),
      ("extend_to_masks", "富力 person", None)]),
    ("示例路61号21楼2101-D室，", [("示例路61号21楼2101", ADDRESS)],
     [("extend_to_units", "示例路61号21楼2101 address", "示例路61号21楼2101-D室 address")]),
    ("示例创意园CN15", [("示例创意园C", ADDRESS)],
     [("extend_to_units", "示例创意园C address", "示例创意园CN15 address")]),
    ("示例新居4单元7B张三", [("示例新居4单元", ADDRESS), ("张三", PERSON)],
     [("extend_to_units", "示例新居4单元 address", "示例新居4单元7B address")]),
    ("（住示例路61号）", [("示例路61号）", ADDRESS)],
     [("balance_brackets", "示例路61号） address", "示例路61号 address")]),
    ("示例路61号（示例楼旁）2019年", [("示例路61号（示例楼", ADDRESS)],
     [("balance_brackets", "示例路61号（示例楼 address", "示例路61号（示例楼旁） address")]),
    ("示例路61号（A座，下了车一直向前走就能看到的）", [("示例路61号（A座", ADDRESS)], []),
    ("张三-示例路2-500", [("示例路2", ADDRESS)], []),
    ("示例路2-2023-01-01", [("示例路2", ADDRESS)], []),
    ("示例新居4单元13800138000", [("示例新居4单元", ADDRESS)], []),
    ("示例新居A3件", [("示例新居A", ADDRESS)], []),
    ("岳麓区示例公司", [("岳麓区示例公司", ORGANIZATION)],
     [("firms_to_addresses", "岳麓区示例公司 organization", "岳麓区示例公司 address")]),
    ("由长沙市发布", [("长沙市", ORGANIZATION)], [("drop_regions", "长沙市 organization", None)]),
    ("陈大文（Chan Tai Man）来电", [("陈大文", PERSON)],
     [("propose_latin_names", None, "Chan Tai Man person")]),
    ("John Smith先生和王五", [("王五", PERSON)],
     [("propose_titled_latin_names", None, "John Smith person")]),
    ("被告人马达，男，汉族", [], [("propose_introduced_names", None, "马达 person")]),
    ("付汉江，男，汉族。单身，男，公务员，女", [],
     [("propose_introduced_names", None, "付汉江 person")]),
    ("去青岛某公司", [("青岛某", ADDRESS)],
     [("propose_nameless_firms", "青岛某 address", None),
      ("propose_nameless_firms", None, "青岛某公司 organization")]),
    ("记者刘芷璇报道，昨天刘芷璇说", [("刘芷璇", PERSON)],
     [("propose_repeated_mentions", None, "刘芷璇 person")]),
    ("长沙、株洲", [], [("propose_cell_addresses", None, "长沙、株洲 address")]),
    ("收万和城***", [("万和城", PERSON)], [("drop_names_before_masks", "万和城 person", None)]),
    ("张" * 41, [("张" * 41, PERSON)], [("drop_long_spans", "张" * 41 + " person", None)]),
    ("张三住在示例路1号", [("张三", PERSON), ("示例路1号", ADDRESS)], []),
]  # fmt: skip


def tagged(text: str, words: list[tuple[str, int]]) -> tuple[NameText, Spans]:
    codes = np.frombuffer(text.encode("utf-32-le"), np.uint32)
    places = sorted((text.index(word), text.index(word) + len(word), kind) for word, kind in words)
    rows = np.array(places, np.int64).reshape(-1, 3)
    scores = np.full(len(rows), 0.9, np.float32)
    spans = Spans(rows[:, 0].copy(), rows[:, 1].copy(), rows[:, 2].astype(np.int8), scores)
    return NameText(codes, np.array([0, len(codes)]), np.zeros(len(codes), np.bool_)), spans


@pytest.mark.parametrize(("text", "words", "expected"), CASES)
def test_each_change_is_told_with_its_rule(
    text: str, words: list[tuple[str, int]], expected: list[tuple[str, str | None, str | None]]
) -> None:
    def told(span: NameSpan | None) -> str | None:
        return None if span is None else f"{text[span.start : span.end]} {span.kind}"

    changes = trace_span_rules(*tagged(text, words), np.arange(len(text)))
    assert [(each.rule, told(each.before), told(each.after)) for each in changes] == expected


@pytest.mark.parametrize(("text", "words"), [case[:2] for case in CASES])
def test_a_rule_changes_no_array_that_it_is_given(text: str, words: list[tuple[str, int]]) -> None:
    name_text, tags = tagged(text, words)
    spans = NameSpans.of(name_text, tags)
    for rule in SPAN_RULES:
        columns = (spans.begin, spans.stop, spans.kind, spans.score)
        before = [column.copy() for column in columns]
        changed = rule.apply(name_text, spans)
        assert all(map(np.array_equal, columns, before))
        spans = changed
    applied = apply_span_rules(*tagged(text, words))
    assert spans.stop.tolist() == applied.stop.tolist()
    assert spans.proposed == applied.proposed == ()


def test_a_rule_without_its_kinds_and_signs_changes_nothing() -> None:
    """``apply`` leaves out rules whose kinds or signs are missing; the trace runs them all."""
    texts = [text for text, *_ in CASES]
    for text, words, *_ in CASES:
        for other in texts:
            joined = text + other
            name_text, tags = tagged(joined, words)
            spans = NameSpans.of(name_text, tags)
            for rule in SPAN_RULES:
                spans = rule.apply(name_text, spans)
            applied = apply_span_rules(name_text, tags)
            for one, two in zip(columns(spans), columns(applied), strict=True):
                assert one.tolist() == two.tolist()


def columns(spans: NameSpans) -> tuple[np.ndarray, ...]:
    return spans.begin, spans.stop, spans.kind, spans.score


def test_a_firm_of_an_address_column_becomes_an_address() -> None:
    text, spans = tagged("示例大厦", [("示例大厦", ORGANIZATION)])
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
    names = {rule.name for rule in SPAN_RULES}
    explain = section("explain")
    assert set(explain["span_rule"]) == names
    assert set(explain["name_kind"]) == {"person", "address", "organization", "nickname"}
    for entry in (*explain["span_rule"].values(), *explain["name_kind"].values()):
        assert entry["zh"]
        assert entry["en"]
