"""Silver labels, the agreement of taggers, their ensemble, and the command line."""

import itertools
import json
import runpy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from piiscan.detect.ner.model.tagger import Tagger
from piiscan.detect.ner.model.weights import Weights, packaged_weights
from training import pipeline
from training.__main__ import main, reliability_table
from training.agreement import looks_like_name, merge_spans
from training.calibrate import LabelledLine, identity_table
from training.encode import code_points, span_states
from training.ensemble import build_ensemble, state_probabilities
from training.lines import Line, Span
from training.pipeline import Recipe
from training.raw_texts import folder_texts, hanzi_windows, split_text
from training.rounds import Report, cell_lines, mean_arrays, read_measured
from training.silver import (
    DOUBT,
    Silver,
    consistent_names,
    mark_repeated_names,
    read_spans,
    restore_names,
)
from training.teacher import Word, best_paths

TEXT = "记者刘永好等人报道，李从说"
TEACHER = Span(2, 4, "PERSON")


@pytest.mark.parametrize(
    ("teacher", "network", "wanted"),
    [
        ([TEACHER], [(2, 4, 0.4)], [TEACHER]),
        ([TEACHER], [(2, 5, 0.9)], [Span(2, 5, "PERSON")]),
        ([TEACHER], [(2, 5, 0.5)], [Span(2, 5, DOUBT)]),
        ([TEACHER], [(2, 6, 0.9)], [Span(2, 6, DOUBT)]),
        ([TEACHER], [], [TEACHER]),
        ([Span(7, 9, "PERSON")], [], [Span(7, 9, DOUBT)]),
        ([], [(2, 5, 0.9)], [Span(2, 5, "PERSON")]),
        ([], [(2, 5, 0.5)], [Span(2, 5, DOUBT)]),
        ([Span(0, 2, "ORGANIZATION")], [(0, 2, 0.9)], [Span(0, 2, "ORGANIZATION")]),
        ([Span(2, 4, DOUBT)], [(2, 5, 0.9)], [Span(2, 5, "PERSON")]),
    ],
)
def test_a_name_is_believed_if_both_say_it_or_one_convinces(
    teacher: list[Span], network: list[tuple[int, int, float]], wanted: list[Span]
) -> None:
    assert list(merge_spans(Silver(TEXT, tuple(teacher)), network).spans) == wanted


def test_spans_that_are_believed_never_overlap() -> None:
    spans = merge_spans(
        Silver(TEXT, (TEACHER, Span(4, 6, DOUBT))), [(2, 5, 0.9), (5, 7, 0.9)]
    ).spans
    assert all(a.end <= b.start for a, b in itertools.pairwise(spans))


def test_a_likely_name_has_a_surname_and_a_given_name() -> None:
    assert [
        name for name in ("王伟", "欧阳娜娜", "罗某", "玛丽·居里") if not looks_like_name(name)
    ] == []
    assert [name for name in ("王", "报道", "王伟明明", "欧阳") if looks_like_name(name)] == []


def test_a_name_from_abroad_is_likely_by_its_sounds() -> None:
    assert all(looks_like_name(name) for name in ("基里延科", "普京", "桥本龙太郎"))


def test_folders_give_lines_of_text_and_labels_only_when_asked(tmp_path: Path) -> None:
    row = {"id": 1, "text": "王伟来了", "spans": [{"start": 0, "end": 2, "type": "PERSON"}]}
    (tmp_path / "rows.jsonl").write_text(json.dumps(row) + "\n", "utf-8")
    (tmp_path / "more.txt").write_text("第一行\n第二行\n", "utf-8")
    assert list(folder_texts(tmp_path)) == ["第一行", "第二行", "王伟来了"]
    line = Line("王伟来了", (Span(0, 2, "PERSON"),))
    assert list(read_measured(tmp_path)) == [
        LabelledLine(line, frozenset({"ADDRESS", "ORGANIZATION"}))
    ]


def test_a_cell_is_a_line_of_one_span() -> None:
    cell = Line("王伟", (Span(0, 2, "PERSON"),))
    assert list(
        cell_lines([cell, Line("王伟来了", (Span(0, 2, "PERSON"),)), Line("来了", ())])
    ) == [cell]


def test_rounds_are_averaged_weight_by_weight() -> None:
    first, second = {"a": np.array([1.0, 3.0])}, {"a": np.array([3.0, 5.0])}
    assert mean_arrays([first, second])["a"].tolist() == [2.0, 4.0]
    assert mean_arrays([first])["a"].tolist() == [1.0, 3.0]


TEXTS = [
    "记者李明报道，张伟说",
    "",
    "收件人：王建国 13800138000 湖南省长沙市岳麓区麓山南路932号",
    "三月",
]


def uniform_network() -> Weights:
    """Return a network with equal scores for all states."""
    weights = packaged_weights()
    out = weights.out._replace(scale=weights.out.scale * 0, bias=weights.out.bias * 0)
    return replace(weights, out=out)


def test_members_that_agree_say_what_each_says() -> None:
    weights = replace(packaged_weights(), calibration=identity_table())
    alone = Tagger(weights).spans(*code_points(TEXTS))
    averaged = build_ensemble([weights] * 3).spans(*code_points(TEXTS))
    assert len(alone.start) >= 3
    assert alone.start.tolist() == averaged.start.tolist()
    assert alone.end.tolist() == averaged.end.tolist()
    assert np.allclose(alone.score, averaged.score, atol=2e-3)


def test_one_that_says_nothing_makes_the_council_less_sure() -> None:
    both = build_ensemble([packaged_weights(), uniform_network()]).spans(*code_points(TEXTS))
    alone = build_ensemble([packaged_weights()]).spans(*code_points(TEXTS))
    assert alone.start.tolist() == both.start.tolist()
    assert both.score.max() < alone.score.max()


def test_shares_are_parts_of_one_for_every_symbol() -> None:
    parts = np.concatenate(list(state_probabilities([packaged_weights()], TEXTS)))
    assert parts.dtype == np.uint8
    assert np.abs(parts.sum(1, dtype=np.int64) - 255).max() <= 9


def test_known_lines_make_its_scores_mean_something() -> None:
    name = TEXTS[0].index("李")
    wrong = LabelledLine(Line(TEXTS[0], (Span(name, name + 2, "PERSON"),)))
    calibrated = build_ensemble([packaged_weights()], [wrong] * 100)
    found = calibrated.spans(*code_points(TEXTS[:1]))
    assert len(found.start) == 2
    assert (found.score < 0.95).all()  # one of the two is known to be none


LABELLED = "收件人：王建国 13800138000 湖南省长沙市岳麓区麓山南路932号3栋2单元501室"


def test_the_table_counts_spans_by_score(tmp_path: Path) -> None:
    name, place = LABELLED.index("王"), LABELLED.index("湖南")
    spans = [
        {"start": name, "end": name + 3, "type": "PERSON"},
        {"start": place, "end": len(LABELLED), "type": "ADDRESS"},
    ]
    rows = "\n".join(json.dumps({"id": n, "text": LABELLED, "spans": spans}) for n in range(5))
    (tmp_path / "gold.jsonl").write_text(rows, "utf-8")
    head, rule, *reported = reliability_table(tmp_path)
    assert head == "| score | share | spans |"
    assert rule == "|---|---|---|"
    assert sum(int(row.split("|")[3]) for row in reported) == 10
    assert all(row.split("|")[2].strip() == "1.00" for row in reported)


def test_measuring_needs_something_to_measure_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["training", "--reliability"])
    with pytest.raises(SystemExit):
        main()
    assert "--measure" in capsys.readouterr().err


def test_other_processes_can_import_what_tells_how_far_it_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    reported: list[Report] = []

    def build_weights_file(recipe: Recipe, report: Report) -> bytes:
        assert recipe.work == tmp_path
        reported.append(report)
        return b"weights"

    monkeypatch.setattr(pipeline, "build_weights_file", build_weights_file)
    out = tmp_path / "names.npz"
    monkeypatch.setattr("sys.argv", ["", "--work", str(tmp_path), "--out", str(out)])
    with pytest.warns(RuntimeWarning, match="found in sys.modules"):
        runpy.run_module("training", run_name="__main__")
    assert out.read_bytes() == b"weights"
    assert [report.__module__ for report in reported] == ["training.rounds"]


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
