"""Scores, reasons and priorities are those of the rules; one span wins each place."""

import dataclasses
import datetime
from functools import cache
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from piiscan.bundles import empty_rows
from piiscan.detect.catalog import catalog
from piiscan.detect.catalog.column import ColumnTraits
from piiscan.detect.catalog.headers import label_of
from piiscan.detect.checks import REASON, REASONS, Judgement, Verdict
from piiscan.detect.context.context_numbers import (
    AMOUNT_SIGN,
    AMOUNT_UNIT,
    CLEAR,
    DECIMAL,
    FAR_LABEL,
    GLUED,
    INSIDE_TOKEN,
    LABEL,
    NEAR,
    NEAREST,
    NONE,
)
from piiscan.detect.context.context_words import Context
from piiscan.detect.engine import Engine
from piiscan.detect.explain import explain
from piiscan.detect.matching.batch import TextBatch
from piiscan.detect.matching.matcher import Candidates
from piiscan.detect.pattern_kernels import PatternSearch
from piiscan.detect.scoring.candidate_score import CandidateScores, ScoringTables
from piiscan.detect.scoring.isolated import IsolatedSpans
from piiscan.detect.scoring.overlap_resolution import REFUSED
from piiscan.detect.scoring.priority import PRIORITY_PARTS, deciding_part
from piiscan.detect.scoring.score_kernels import resolve_overlaps, score_all
from piiscan.detect.scoring.trace import trace_name_score, trace_score
from piiscan.wording.words import section

LOW, MEDIUM, HIGH = 1, 2, 3
SCORES = {LOW: (0.3, 0.6), MEDIUM: (0.6, 0.85), HIGH: (0.85, 0.85)}
REASON_OF = {
    GLUED: "GLUED",
    DECIMAL: "DECIMAL",
    AMOUNT_UNIT: "AMOUNT",
    AMOUNT_SIGN: "AMOUNT",
    INSIDE_TOKEN: "INSIDE_TOKEN",
}
SIDES = {True: 46, False: 97}  # a stop beside the candidate, or a letter


def expected(c: SimpleNamespace) -> tuple[float, str, bool]:
    """(score, reason, refused) of one candidate."""
    level = c.strength or c.base
    direct = c.nearness in (LABEL, FAR_LABEL)
    if c.surroundings == GLUED and direct:
        c = SimpleNamespace(**{**vars(c), "surroundings": CLEAR})
    enough = NEAREST if level == LOW else NEAR
    score = SCORES[level][c.nearness >= enough]
    cut = c.surroundings in (GLUED, DECIMAL, AMOUNT_UNIT)
    doubts = {
        "CONTEXT_AGAINST": c.against and not direct,
        "NOT_LABELLED": c.other_label and c.verdict == Verdict.PLAUSIBLE and not direct,
        "CHANCE": c.by_chance and c.verdict == Verdict.VERIFIED and not direct,
    }
    if cut or any(doubts.values()):
        score = min(score, 0.3)
    if c.labelled:
        score = 0.9
    if c.verdict == Verdict.REFUTED:
        score = 0.5
    reason = c.reason
    if not reason and not cut:
        reason = next((name for name, doubt in doubts.items() if doubt), "")
    if c.verdict != Verdict.REFUTED and c.surroundings and not (c.labelled and cut):
        reason = REASON_OF[c.surroundings]
    refused = (
        c.surroundings in (AMOUNT_SIGN, INSIDE_TOKEN)
        or c.reason == "PLACEHOLDER"
        or (c.verdict == Verdict.REFUTED and not c.labelled and not direct)
    )
    if c.anchored and c.nearness != LABEL and not (c.labelled and c.left and c.right):
        return 0.0, "NO_CONTEXT", True
    return (0.0 if refused else score), reason, refused


def expected_priority(c: SimpleNamespace, reported: bool) -> int:
    """Parts of the priority, the weightiest first."""
    verified, length = c.verdict == Verdict.VERIFIED, min(c.length, 4095)
    if c.labelled:
        label = 1 if c.verdict == Verdict.REFUTED else 3
    else:
        label = 2 if verified and reported and c.outranks >= 50 else 0
    parts = (
        label,
        reported,
        c.verdict != Verdict.REFUTED,
        verified,
        length if verified else 0,
        min(max(c.outranks + 512, 0), 1023),
        length,
    )
    priority = 0
    for (_, size), part in zip(PRIORITY_PARTS, parts, strict=True):
        assert 0 <= part < size
        priority = priority * size + int(part)
    return priority


CHOICES: dict[str, list[Any]] = {
    "base": [LOW, MEDIUM, HIGH],
    "strength": [0, LOW, MEDIUM, HIGH],
    "verdict": [0, 1, 2],
    "reason": ["", "", "CHECK_FAIL", "PLACEHOLDER"],
    "nearness": [NONE, NEAR, NEAREST, LABEL, FAR_LABEL],
    "against": [False, False, True],
    "surroundings": [CLEAR, CLEAR, CLEAR, *REASON_OF],
    "labelled": [False, True],
    "by_chance": [False, True],
    "anchored": [False, False, True],
    "left": [True, False],
    "right": [True, False],
    "outranks": [0, 25, 49, 50, 60, -511, -512, -513, 511, 512, 600],
    "length": [1, 18, 4094, 4095, 4096],
}


def draw(count: int, other_label: bool) -> list[SimpleNamespace]:
    rng = np.random.default_rng(count + other_label)
    rows = {name: rng.integers(len(values), size=count) for name, values in CHOICES.items()}
    return [
        SimpleNamespace(
            other_label=other_label,
            **{name: values[rows[name][at]] for name, values in CHOICES.items()},
        )
        for at in range(count)
    ]


def column(drawn: list[SimpleNamespace], name: str, kind: Any) -> Any:
    return np.array([getattr(each, name) for each in drawn], kind)


def inputs(drawn: list[SimpleNamespace]) -> tuple[Any, ScoringTables, ColumnTraits]:
    """The candidates as the stages before hand them on; each has a recognizer of its own."""
    folded, start = [0], []
    for each in drawn:
        folded.append(SIDES[each.left])
        start.append(len(folded))
        folded += [48] * each.length
        folded.append(SIDES[each.right])
    begin = np.array(start, np.int64)
    numbers = np.arange(len(drawn), dtype=np.int16)
    end = begin + column(drawn, "length", np.int64)
    reason = np.array([REASON[each.reason] if each.reason else 0 for each in drawn], np.int16)
    outside = np.zeros(256, np.bool_)
    outside[SIDES[True]] = True
    validated = SimpleNamespace(
        candidates=Candidates(numbers, begin, end, np.zeros(len(drawn), np.uint8)),
        judgement=Judgement(
            column(drawn, "verdict", np.int8), reason, column(drawn, "strength", np.int8)
        ),
        texts=SimpleNamespace(folded=np.array(folded, np.uint8)),
    )
    against = column(drawn, "against", np.int32) - 1  # 0: a word, -1: none
    word = np.full(len(drawn), -1, np.int32)
    tables = ScoringTables(
        column(drawn, "base", np.int8),
        column(drawn, "anchored", np.uint8),
        column(drawn, "outranks", np.int64),
        outside,
    )
    traits = ColumnTraits(
        column(drawn, "labelled", np.bool_),
        column(drawn, "by_chance", np.bool_),
        column(drawn, "other_label", np.bool_),
        np.zeros(len(drawn), np.int64),
    )
    annotated = SimpleNamespace(
        validated=validated,
        context=Context(
            word,
            column(drawn, "nearness", np.uint8),
            against,
            implied=np.full(len(drawn), -1, np.int16),
            label=np.full(len(drawn), -1, np.int64),
        ),
        surroundings=column(drawn, "surroundings", np.uint8),
    )
    return annotated, tables, traits


@pytest.mark.parametrize("other_label", [False, True])
def test_scores_reasons_and_priorities_are_those_of_the_rules(other_label: bool) -> None:
    drawn = draw(6_000, other_label)
    annotated, tables, traits = inputs(drawn)
    validated, scores = annotated.validated, empty_rows(CandidateScores, len(drawn))
    score_all(
        validated.texts.folded,
        validated.candidates,
        (validated.judgement, annotated.context, annotated.surroundings),
        tables,
        traits,
        scores,
    )
    for at, each in enumerate(drawn):
        score, reason, refused = expected(each)
        found = (float(scores.score[at]), REASONS[scores.reason[at]], bool(scores.refused[at]))
        assert found == (score, reason, refused), each
        # a refused candidate takes no place, whatever its priority
        if not refused:
            assert scores.priority[at] == expected_priority(each, score >= 0.5), each


@pytest.mark.parametrize("other_label", [False, True])
def test_an_isolated_candidate_has_the_score_of_one_without_words_and_neighbours(
    other_label: bool,
) -> None:
    drawn = draw(3_000, other_label)
    for each in drawn:
        each.nearness, each.against, each.surroundings, each.anchored = NONE, False, CLEAR, False
    annotated, tables, traits = inputs(drawn)
    rows = np.arange(0, len(drawn), 2, dtype=np.int64)
    spans = IsolatedSpans(rows, 0, annotated.validated, tables, traits)
    assert spans.scores().tolist() == [expected(drawn[row])[0] for row in rows]


Span = tuple[int, int, int, bool]  # start, length, priority, refused


def resolve(spans: list[Span]) -> list[int]:
    start, length, priority, refused = (np.array(part) for part in zip(*spans, strict=True))
    winner = np.empty(len(spans), np.int64)
    resolve_overlaps(start, start + length, priority, refused, winner)
    return winner.tolist()


def naive(spans: list[Span]) -> list[int]:
    """Each span against all spans that have won, the weightiest first."""
    won: list[int] = []
    result = [REFUSED] * len(spans)
    for at in sorted(range(len(spans)), key=lambda at: (-spans[at][2], at)):
        start, length, _, refused = spans[at]
        if refused:
            continue
        over = [w for w in won if spans[w][0] < start + length and start < sum(spans[w][:2])]
        result[at] = over[0] if over else at
        won += [] if over else [at]
    return result


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 40), st.integers(1, 9), st.integers(0, 4), st.booleans()),
        min_size=1,
        max_size=30,
    ).map(sorted)
)
def test_winners_are_those_of_a_comparison_of_all_with_all(spans: list[Span]) -> None:
    assert resolve(spans) == naive(spans)


@pytest.mark.parametrize(
    ("spans", "winners"),
    [
        ([(0, 5, 2, False), (3, 5, 1, False)], [0, 0]),  # only its head is taken
        ([(0, 5, 1, False), (3, 5, 2, False)], [1, 1]),
        ([(0, 5, 1, False), (3, 5, 1, False)], [0, 0]),  # the earlier of equals
        ([(0, 5, 1, False), (5, 5, 2, False)], [0, 1]),  # neighbours
        ([(0, 5, 1, False), (3, 5, 9, True)], [0, REFUSED]),  # a refused one takes no place
        ([(0, 9, 2, False), (1, 3, 3, False), (5, 3, 4, False)], [2, 1, 2]),  # the best of two
    ],
)
def test_who_wins(spans: list[Span], winners: list[int]) -> None:
    assert resolve(spans) == winners


def test_a_weightier_part_decides_against_all_lighter_ones() -> None:
    names = [name for name, _ in PRIORITY_PARTS]
    assert [*names, "earlier"] == list(section("explain")["decided"])  # each has its words
    for at, name in enumerate(names):
        heavy = light = 0
        for number, (_, size) in enumerate(PRIORITY_PARTS):
            heavy = heavy * size + (number == at)
            light = light * size + (size - 1 if number > at else 0)
        assert heavy > light
        assert deciding_part(heavy, light) == name
        assert deciding_part(light, heavy) == name


AS_OF = datetime.date(2026, 1, 1)


@cache
def engines() -> tuple[Engine, Engine]:
    """The engine, and one to which nothing is ever alone."""
    whole = catalog.load()
    usual, general = Engine(whole, as_of=AS_OF), Engine(whole, as_of=AS_OF)
    nowhere = np.zeros(len(whole.recognizers), np.bool_)
    quiet = general.compiled.neighbours._replace(eligible=nowhere)
    general.compiled = dataclasses.replace(general.compiled, neighbours=quiet)
    general._patterns = PatternSearch(general.compiled, 20260101)
    return usual, general


VALUES = st.sampled_from(
    [
        *("430104190506150016", "11010519491231002X", "11010519491231002x", "430104190506150017"),
        *("439900190506150012", "430104202307120207", "91110000600037341L", "510202190909090049"),
        *("19900000008", "13800138000", "15412345678", "13912345678", "+86 13912345678"),
        *("１３９１２３４５６７８", "8613912345678", "6217000000000000004", "860000000000009"),
        *("430104190506150", "SF1234567890123", "a.b@example.cn", "10018@qq.com", "1390000****"),
        *("46000123456789012", "139\u200b12345678", "张三", "先生", "12345", "19491231"),
    ]
)
BETWEEN = st.sampled_from(
    [*(",", "\t", "|", "、", " ", "", "----", "：", "\n", ".", "-", "元", "x", "(收)", "￥")]
)
BEFORE = st.sampled_from(
    ["", "", "", "电话：", "身份证号", "收件人", "许可证号", "订单号:", "QQ", "￥", "a", "\u200b"]
)
TEXTS = st.lists(
    st.builds(
        lambda head, parts: head + "".join(a + b for a, b in parts),
        BEFORE,
        st.lists(st.tuples(VALUES, BETWEEN), max_size=4),
    ),
    min_size=1,
    max_size=6,
)
LABELS = st.sampled_from([None, "手机号", "身份证号", "编号", "金额", "收件人电话", "姓名"])


@settings(max_examples=60, deadline=None)
@given(TEXTS, LABELS, st.sampled_from([0.0, 0.3, 0.5, 0.9]))
def test_the_table_is_the_same_when_nothing_is_alone(
    texts: list[str], header: str | None, least: float
) -> None:
    usual, general = engines()
    label = label_of(usual.catalog, header) if header else None
    array = pa.array(texts, pa.string())
    tables = [one.find_table(array, label=label, min_score=least) for one in (usual, general)]
    assert tables[0].equals(tables[1])


@pytest.mark.parametrize("text", ["1.99e+10", "湘ａ12345", "+86 13912345678", "11010519491231002x"])
def test_a_short_text_keeps_its_value(text: str) -> None:
    usual, _ = engines()
    alone = usual.find_table(pa.array([text]), min_score=0.0)
    among = usual.find_table(pa.array([text, "。" * 40]), min_score=0.0)
    assert alone.num_rows
    assert alone["value"].to_pylist() == among["value"].to_pylist()


@pytest.mark.parametrize(
    ("text", "alone"),
    [
        ("张三,430104190506150016,19900000008", 2),
        ("19900000008", 1),
        ("电话19900000008", 0),
        ("19900000008 元", 0),
        ("SF1234567890123", 1),
        ("19900000008----abc123", 0),
        ("430104190506150017", 0),
        ("19900000008\n" * 3, 3),
    ],
)
def test_what_stands_alone(text: str, alone: int) -> None:
    engine, _ = engines()
    batch, column = TextBatch.of_strings([text]), engine.column(None)
    search = PatternSearch(engine.compiled, 20260101)
    space = search.take_workspace()
    search.run(space, batch.data, batch.offsets, column, True, False, True)
    found = [isolated for _, isolated in search.results(space, column, True)]
    assert sum(map(len, filter(None, found))) == alone


CATALOG = catalog.load()
ENGINE = Engine(CATALOG, as_of=datetime.date(2026, 1, 1))
#: Reasons that hold a score below what level, word and label give it.
CAPS = {"CONTEXT_AGAINST", "AMOUNT", "DECIMAL", "GLUED", "CHANCE"}
#: Labels, words behind words, amounts, tokens: texts in which a second implementation would drift.
DRIFTING = (
    "护照手机号：E12345678", "身份證手机号：A123456789", "身份证手机号：430104190506150017",
    "运单号 手机号：13800138000", "付款13800138000元", "价格13800138000.50",
    "许可证430104190506150016",
    "x13800138000y", "车牌 身份证号：湘A12345", "银行卡密码：abc12345", "QQ微信：12345678",
)  # fmt: skip


def texts() -> list[tuple[str, str | None]]:
    examples = [
        (each.text, each.label)
        for number, recognizer in enumerate(CATALOG.recognizers)
        for each in (*recognizer.examples, *recognizer.counterexamples)
        if number % 6 == 0
    ]
    return [*((text, None) for text in DRIFTING), *examples]


def test_a_score_is_held_only_for_a_reason_and_ends_in_the_true_score() -> None:
    seen, held = 0, set()
    for text, label in texts():
        found = explain(ENGINE, text, label_of(CATALOG, label) if label else None, min_score=0.3)
        for each in found.candidates:
            seen += 1
            names = [stage.name for stage in each.score_stages]
            assert each.score_stages[-1].score == pytest.approx(each.score)
            if "held" in names:
                held.add(each.reason)
                assert each.reason in CAPS, (text, names)
    assert seen > 300
    assert {"AMOUNT", "DECIMAL", "GLUED"} <= held


@pytest.mark.parametrize(
    ("levels", "nearness", "verdict", "score", "own_label", "stages"),
    [
        ((1, 0), NONE, 1, 0.3, False, [("bare", 0.3)]),
        ((1, 0), NEAR, 1, 0.3, False, [("bare", 0.3)]),
        ((1, 0), NEAREST, 1, 0.6, False, [("bare", 0.3), ("word", 0.6)]),
        ((2, 0), NEAR, 1, 0.85, False, [("bare", 0.6), ("word", 0.85)]),
        ((2, 0), NEAR, 1, 0.9, True, [("bare", 0.6), ("label", 0.9)]),
        ((2, 0), NEAR, 1, 0.3, False, [("bare", 0.6), ("word", 0.85), ("held", 0.3)]),
        ((2, 2), NONE, 1, 0.6, False, [("bare", 0.6)]),
        ((1, 3), NONE, 2, 0.85, False, [("bare", 0.3), ("check", 0.85)]),
        ((1, 2), NEAR, 2, 0.85, False, [("bare", 0.3), ("check", 0.6), ("word", 0.85)]),
        ((3, 0), NONE, 0, 0.5, True, [("bare", 0.85), ("label", 0.9), ("refuted", 0.5)]),
        ((3, 0), NONE, 0, 0.0, False, [("bare", 0.85), ("refused", 0.0)]),
    ],
)
def test_the_stages_of_a_score(
    levels: tuple[int, int],
    nearness: int,
    verdict: int,
    score: float,
    own_label: bool,
    stages: list[tuple[str, float]],
) -> None:
    found = trace_score(*levels, nearness, verdict, score, own_label=own_label)
    assert [(stage.name, stage.score) for stage in found] == stages


@pytest.mark.parametrize(
    ("nearness", "score", "own_label", "stage"),
    [
        (LABEL, 0.0, True, "refused"),
        (LABEL, 0.85, True, "label"),
        (LABEL, 0.85, False, "word"),
        (LABEL, 0.84, False, "tagger"),
        (NEAREST, 0.85, False, "tagger"),
    ],
)
def test_a_name_has_one_stage(nearness: int, score: float, own_label: bool, stage: str) -> None:
    (found,) = trace_name_score(nearness, score, own_label=own_label)
    assert (found.name, found.score) == (stage, score)
