"""Weights that are written and read again give the same scores as the network."""

import numpy as np
import pytest

from piiscan.detect.ner.model.network import distances, emissions
from piiscan.detect.ner.model.network_kernels import find_words, finish_spans
from piiscan.detect.ner.model.network_numbers import FIRST, MAX_WORDS, PERSON, STATES, TAKEN
from piiscan.detect.ner.model.symbols import build_fold_table, build_number_table, read_symbols
from piiscan.detect.ner.model.tagger import TITLE_PAIRS, Spans, Tagger
from piiscan.detect.ner.model.weights import build_hash_table, read_weights
from training.calibrate import (
    LabelledLine,
    calibration_row,
    evaluate_spans,
    fit_calibration,
    identity_table,
    reliability,
)
from training.continued import float_arrays
from training.encode import code_points, encode
from training.export import pack_file, quantize, text_bytes
from training.lines import Line, Span
from training.train_network import STEPS_PER_UNIT, TrainingConfig
from training.vocabulary import ROWS, pack_words

CHARACTERS = "张三李四王五路号省市，。"
TEXTS = ["张三，李四", "王五", "", "湖南省长沙市路12号", "張三"]
CONFIG = TrainingConfig(
    FIRST + len(CHARACTERS), pairs=64, embedding=9, width=9, reaches=(1, 2), full_layers=(0,)
)


def parts() -> dict[str, np.ndarray]:
    draw = np.random.default_rng(1)
    held = {
        "characters": draw.normal(size=(CONFIG.characters, 9)),
        "pairs": draw.normal(size=(CONFIG.pairs, 9)) * 0.1,
        "places": draw.normal(size=(ROWS, 9)) * 0.2,
        "out_weights": draw.normal(size=(9, STATES)),
        "out_bias": draw.normal(size=STATES),
        "gate_weights": draw.normal(size=(9, 1)),
        "gate_bias": np.zeros(1),
    }
    for at in range(2):
        held[f"layer{at}_weights"] = draw.normal(size=(9 if at else 27, 9)) * 0.3
        held[f"layer{at}_bias"] = draw.normal(size=9)
    steps, kinds = pack_words([("张三", 0), ("长沙市", 7)])
    return quantize(held, CONFIG) | {
        "vocabulary": text_bytes(CHARACTERS),
        "old": text_bytes("張"),
        "new": text_bytes("张"),
        "word_steps": steps,
        "word_kinds": kinds,
        "calibration": identity_table(),
    }


def twin(held: dict[str, np.ndarray], texts: list[str]) -> np.ndarray:
    """Scores by plain arithmetic, one text at a time."""
    words = build_hash_table(held["word_steps"], held["word_kinds"])
    fold, number = build_fold_table(("張", "张")), build_number_table(CHARACTERS)
    rows = []
    for text in texts:
        line = encode([Line(text, ())], fold_table=fold, number_table=number, words=words, pairs=64)
        x = held["characters"][line.number].astype(float) + held["pairs"][line.pair]
        x = (x + held["places"][line.word_rows].sum(1)).clip(-128, 127)
        for at, reach in enumerate(CONFIG.reaches):
            zeros = np.zeros((reach, 9))
            wide = np.concatenate([zeros, x, zeros])
            before, behind = wide[: len(x)], wide[2 * reach :]
            if at not in CONFIG.full_layers:
                taps = np.concatenate([before[:, :3], x[:, 3:6], behind[:, 6:]], 1)
            else:
                taps = np.concatenate([before, x, behind], 1)
            y = taps @ held[f"layer{at}_weights"] * held[f"layer{at}_scale"] + x
            x = np.rint((y + held[f"layer{at}_bias"]).clip(0, 255))
        rows.append(x @ held["out_weights"] * held["out_scale"] + held["out_bias"])
    return np.concatenate(rows)


def test_what_is_read_says_what_was_written() -> None:
    held = parts()
    weights = read_weights(pack_file(held))
    points, offsets = code_points(TEXTS)
    symbols = read_symbols(
        points, offsets, np.zeros(len(points), np.bool_),
        folded=weights.folded, numbered=weights.numbered,
    )  # fmt: skip
    scores = emissions(symbols, weights)
    assert scores == pytest.approx(twin(held, TEXTS), abs=1e-3)


def test_symbols_of_names_that_are_sure_are_told() -> None:
    words = build_hash_table(*pack_words([("张三", 0)]))
    fold, number = build_fold_table(("張", "张")), build_number_table(CHARACTERS)
    line = Line("2024年张三，李四", (Span(5, 7, "PERSON"), Span(8, 10, "PERSON")))
    held = encode(
        [line], fold_table=fold, number_table=number, words=words, pairs=64, names={"张三"}
    )
    assert held.certain_name is not None
    assert held.certain_name.tolist() == [False, False, True, True, False, False, False]


def test_weights_too_large_to_be_exact_are_refused() -> None:
    wide = TrainingConfig(20, pairs=4, embedding=8, width=8, reaches=(1,), full_layers=(0,))
    draw = np.random.default_rng(2)
    held = {
        "characters": draw.normal(size=(20, 8)),
        "pairs": draw.normal(size=(4, 8)),
        "places": draw.normal(size=(ROWS, 8)),
        "layer0_weights": np.ones((3 * 180, 8)),
        "layer0_bias": np.zeros(8),
        "out_weights": np.ones((8, STATES)),
        "out_bias": np.zeros(STATES),
    }
    with pytest.raises(ValueError, match="could pass"):
        quantize(held, wide)


def test_tables_are_whole_numbers_of_a_unit() -> None:
    held = parts()
    assert held["characters"].dtype == np.int8
    assert np.abs(held["characters"]).max() <= 127
    assert STEPS_PER_UNIT == 16


def test_a_listed_word_is_found_where_it_stands() -> None:
    words = build_hash_table(*pack_words([("张三", 0), ("长沙市", 7)]))
    code = np.array([ord(char) for char in "在长沙市张三"], np.uint16)
    rows, count = np.zeros((6, MAX_WORDS), np.uint8), np.zeros(6, np.uint8)
    find_words(code, np.array([0, 6]), words, rows, count)
    assert count.tolist() == [0, 1, 1, 1, 1, 1]
    assert rows[1:4, 0].tolist() == [1 + 2 * 8 + 7, 1 + 3 * 8 + 7, 1 + 4 * 8 + 7]
    assert rows[4:, 0].tolist() == [1, 1 + 8]


def test_no_word_reaches_over_the_end_of_a_text() -> None:
    words = build_hash_table(*pack_words([("张三", 0)]))
    code = np.array([ord(char) for char in "张三"], np.uint16)
    rows, count = np.zeros((2, MAX_WORDS), np.uint8), np.zeros(2, np.uint8)
    find_words(code, np.array([0, 1, 2]), words, rows, count)
    assert count.tolist() == [0, 0]


def test_runs_are_one_symbol_and_taken_ones_too() -> None:
    text = "张 \u3000 13800138000栋12ABC"
    points, offsets = code_points([text])
    taken = np.zeros(len(points), np.bool_)
    taken[0] = True
    symbols = read_symbols(
        points,
        offsets,
        taken,
        folded=build_fold_table(("", "")),
        numbered=build_number_table(CHARACTERS),
    )
    pieces = [text[a:b] for a, b in zip(symbols.start, symbols.end, strict=True)]
    assert pieces == ["张", " \u3000 ", "13800138000", "栋", "12", "ABC"]
    assert symbols.number[0] == TAKEN


def test_a_mobile_number_glued_to_a_house_number_is_cut_off() -> None:
    points, offsets = code_points(["路6213800138000"])
    symbols = read_symbols(
        points, offsets, np.zeros(len(points), np.bool_),
        folded=build_fold_table(("", "")), numbered=build_number_table(CHARACTERS),
    )  # fmt: skip
    assert symbols.end.tolist() == [1, 3, 14]


def test_distances_stop_at_the_ends_of_texts() -> None:
    left, right = distances(np.array([0, 2, 2, 3]), 3)
    assert left.tolist() == [0, 1, 0]
    assert right.tolist() == [1, 0, 0]


def finished(
    text: str, offsets: list[int], spans: list[tuple[int, int, float]], table: np.ndarray
) -> list[tuple[str, float]]:
    """Return the persons ``spans`` (start, end, confidence) of ``text`` with their scores."""
    codes = np.frombuffer(text.encode("utf-32-le"), np.uint32)
    symbols = read_symbols(
        codes, np.array(offsets), np.zeros(len(codes), np.bool_),
        folded=build_fold_table(("", "")), numbered=build_number_table("".join(sorted(set(text)))),
    )  # fmt: skip
    begin, stop, sure = (np.array(each) for each in zip(*spans, strict=True))
    found = Spans(begin, stop, np.full(len(spans), PERSON, np.int8), sure.astype(np.float32))
    count = finish_spans(symbols, found, len(spans), TITLE_PAIRS, table)
    return [
        (text[start:end], float(score))
        for start, end, _, score in zip(*(each[:count].tolist() for each in found), strict=True)
    ]


def test_a_score_is_the_share_that_is_right() -> None:
    sure = np.repeat(np.array([0.25, 0.75], np.float32), 2000)
    right = np.arange(4000) % 10 < np.repeat([3, 9], 2000)
    table = np.tile(calibration_row(sure, right), (12, 1)).astype(np.float32)
    spans = [(0, 2, 0.25), (3, 5, 0.75)]
    low, high = (score for _, score in finished("张三 李四", [0, 5], spans, table))
    assert [low, high] == pytest.approx([0.3, 0.9], abs=0.02)
    scores = np.repeat(np.array([low, high], np.float32), 2000)
    assert [round(share, 1) for _, share, _ in reliability(scores, right)] == [0.3, 0.9]


def test_a_score_depends_on_where_a_span_stands() -> None:
    table = np.zeros((12, 17), np.float32)
    table[0], table[4], table[8] = 0.25, 0.5, 0.75  # part, whole text, sentence
    spans = [(0, 2, 0.6), (2, 4, 0.6), (5, 7, 0.6), (8, 10, 0.6), (11, 15, 0.6)]
    assert finished("张三李四。王五 赵六 钱七先生", [0, 2, 7, 15], spans, table) == [
        ("张三", 0.5), ("李四", 0.75), ("王五", 0.75), ("赵六", 0.25), ("钱七", 0.25),
    ]  # fmt: skip


def test_a_span_without_hanzi_is_no_name() -> None:
    table = np.ones((12, 17), np.float32)
    assert finished("a1 张三", [0, 5], [(0, 2, 0.9), (3, 5, 0.9)], table) == [("张三", 1.0)]


def test_what_a_set_does_not_tell_is_not_judged() -> None:
    text = "湖南麒麟信安科技股份有限公司"
    labelled = evaluate_spans(Tagger.load(), [LabelledLine(Line(text, ()))])
    unlabelled = evaluate_spans(
        Tagger.load(), [LabelledLine(Line(text, ()), frozenset({"ORGANIZATION"}))]
    )
    assert labelled.correct.tolist() == [False]
    assert unlabelled.correct.tolist() == []


def test_calibration_keeps_the_plain_table_where_little_is_known() -> None:
    tagger = Tagger(read_weights(pack_file(parts())))
    table = fit_calibration(tagger, [LabelledLine(Line("张三，李四", (Span(0, 2, "PERSON"),)))])
    assert np.array_equal(table, identity_table())


def test_a_weights_file_in_floating_point_is_written_again_unchanged() -> None:
    held = parts()
    again = quantize(
        float_arrays(held) | {"gate_weights": np.ones((9, 1)), "gate_bias": np.ones(1)}, CONFIG
    )
    for name in again.keys() - {"gate", "least"}:
        assert np.allclose(again[name], held[name], rtol=1e-6), name
