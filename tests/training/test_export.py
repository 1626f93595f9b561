"""Weights written and read again say the same as the network they came from."""

from __future__ import annotations

import numpy as np
import pytest

from piiscan.detect.ner.model.dictionary_words import MOST, ROWS, find_words, pack, spread
from piiscan.detect.ner.model.network import distances, emissions
from piiscan.detect.ner.model.symbols import FIRST, TAKEN, folding, numbering, read_symbols
from piiscan.detect.ner.model.tagger import BESIDE, SENTENCE, WHOLE, Tagger, calibrated, rooms
from piiscan.detect.ner.model.weights import STATES, read_weights
from training.calibrate import Known, calibration, judged, plain, reliability, shares
from training.encode import codes, encode
from training.export import pack_file, text_part, whole
from training.fit import UNITS, Plan
from training.lines import Line, Span

CHARACTERS = "张三李四王五路号省市，。"
TEXTS = ["张三，李四", "王五", "", "湖南省长沙市路12号", "張三"]
PLAN = Plan(FIRST + len(CHARACTERS), pairs=64, embedding=9, width=9, reaches=(1, 2), whole=1)


def parts() -> dict[str, np.ndarray]:
    draw = np.random.default_rng(1)
    held = {
        "characters": draw.normal(size=(PLAN.characters, 9)),
        "pairs": draw.normal(size=(PLAN.pairs, 9)) * 0.1,
        "places": draw.normal(size=(ROWS, 9)) * 0.2,
        "out_weights": draw.normal(size=(9, STATES)),
        "out_bias": draw.normal(size=STATES),
    }
    for at in range(2):
        held[f"layer{at}_weights"] = draw.normal(size=(9 if at else 27, 9)) * 0.3
        held[f"layer{at}_bias"] = draw.normal(size=9)
    steps, kinds = pack([("张三", 0), ("长沙市", 7)])
    return whole(held, PLAN) | {
        "vocabulary": text_part(CHARACTERS),
        "old": text_part("張"),
        "new": text_part("张"),
        "word_steps": steps,
        "word_kinds": kinds,
        "calibration": plain(),
    }


def twin(held: dict[str, np.ndarray], texts: list[str]) -> np.ndarray:
    """Scores by plain arithmetic, one text at a time."""
    words = spread(held["word_steps"], held["word_kinds"])
    fold, number = folding(("張", "张")), numbering(CHARACTERS)
    rows = []
    for text in texts:
        line = encode([Line(text, ())], folded=fold, numbered=number, words=words, pairs=64)
        x = held["characters"][line.number].astype(float) + held["pairs"][line.pair]
        x = (x + held["places"][line.rows].sum(1)).clip(-255, 255)
        for at, reach in enumerate(PLAN.reaches):
            zeros = np.zeros((reach, 9))
            wide = np.concatenate([zeros, x, zeros])
            before, behind = wide[: len(x)], wide[2 * reach :]
            if at >= PLAN.whole:
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
    points, offsets = codes(TEXTS)
    symbols = read_symbols(
        points, offsets, np.zeros(len(points), np.bool_),
        folded=weights.folded, numbered=weights.numbered,
    )  # fmt: skip
    scores = np.concatenate([block for _, block in emissions(symbols, weights)])
    assert scores == pytest.approx(twin(held, TEXTS), abs=1e-3)


def test_symbols_of_names_that_are_sure_are_told() -> None:
    words = spread(*pack([("张三", 0)]))
    fold, number = folding(("張", "张")), numbering(CHARACTERS)
    line = Line("2024年张三，李四", (Span(5, 7, "PERSON"), Span(8, 10, "PERSON")))
    held = encode([line], folded=fold, numbered=number, words=words, pairs=64, names={"张三"})
    assert held.firm is not None
    assert held.firm.tolist() == [False, False, True, True, False, False, False]


def test_weights_too_large_to_be_exact_are_refused() -> None:
    wide = Plan(20, pairs=4, embedding=8, width=8, reaches=(1,), whole=1)
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
        whole(held, wide)


def test_tables_are_whole_numbers_of_a_unit() -> None:
    held = parts()
    assert held["characters"].dtype == np.int8
    assert np.abs(held["characters"]).max() <= 127
    assert UNITS == 16


def test_a_listed_word_is_found_where_it_stands() -> None:
    words = spread(*pack([("张三", 0), ("长沙市", 7)]))
    code = np.array([ord(char) for char in "在长沙市张三"], np.uint16)
    rows, count = np.zeros((6, MOST), np.uint8), np.zeros(6, np.uint8)
    find_words(code, np.array([0, 6]), words, rows, count)
    assert count.tolist() == [0, 1, 1, 1, 1, 1]
    assert rows[1:4, 0].tolist() == [1 + 2 * 8 + 7, 1 + 3 * 8 + 7, 1 + 4 * 8 + 7]
    assert rows[4:, 0].tolist() == [1, 1 + 8]


def test_no_word_reaches_over_the_end_of_a_text() -> None:
    words = spread(*pack([("张三", 0)]))
    code = np.array([ord(char) for char in "张三"], np.uint16)
    rows, count = np.zeros((2, MOST), np.uint8), np.zeros(2, np.uint8)
    find_words(code, np.array([0, 1, 2]), words, rows, count)
    assert count.tolist() == [0, 0]


def test_runs_are_one_symbol_and_taken_ones_too() -> None:
    text = "张 \u3000 13800138000栋12ABC"
    points, offsets = codes([text])
    taken = np.zeros(len(points), np.bool_)
    taken[0] = True
    symbols = read_symbols(
        points, offsets, taken, folded=folding(("", "")), numbered=numbering(CHARACTERS)
    )
    pieces = [text[a:b] for a, b in zip(symbols.start, symbols.end, strict=True)]
    assert pieces == ["张", " \u3000 ", "13800138000", "栋", "12", "ABC"]
    assert symbols.number[0] == TAKEN


def test_a_mobile_number_glued_to_a_house_number_is_cut_off() -> None:
    points, offsets = codes(["路6213800138000"])
    symbols = read_symbols(
        points, offsets, np.zeros(len(points), np.bool_),
        folded=folding(("", "")), numbered=numbering(CHARACTERS),
    )  # fmt: skip
    assert symbols.end.tolist() == [1, 3, 14]


def test_distances_stop_at_the_ends_of_texts() -> None:
    left, right = distances(np.array([0, 2, 2, 3]), 3)
    assert left.tolist() == [0, 1, 0]
    assert right.tolist() == [1, 0, 0]


def test_a_score_is_the_share_that_is_right() -> None:
    sure = np.repeat(np.array([0.25, 0.75], np.float32), 2000)
    right = np.arange(4000) % 10 < np.repeat([3, 9], 2000)
    table = np.tile(shares(sure, right), (12, 1)).astype(np.float32)
    scores = calibrated(sure, np.zeros(4000, np.int8), np.zeros(4000, np.int8), table)
    assert scores[[0, -1]] == pytest.approx([0.3, 0.9], abs=0.02)
    assert [round(share, 1) for _, share, _ in reliability(scores, right)] == [0.3, 0.9]


def test_a_score_depends_on_where_a_span_stands() -> None:
    table = np.zeros((12, 17), np.float32)
    table[0], table[4], table[8] = 0.25, 0.5, 0.75
    sure, person = np.full(3, 0.6, np.float32), np.zeros(3, np.int8)
    room = np.array([BESIDE, WHOLE, SENTENCE], np.int8)
    assert calibrated(sure, person, room, table).tolist() == [0.25, 0.5, 0.75]


def test_spans_are_told_by_where_they_stand() -> None:
    text = "张三 李四。王五"
    codes = np.frombuffer(text.encode("utf-32-le"), np.uint32)
    symbols = read_symbols(
        codes, np.array([0, 2, 8, 8]), np.zeros(8, np.bool_),
        folded=folding(("", "")), numbered=numbering("张三李四。王五"),
    )  # fmt: skip
    begin, stop = np.array([0, 3, 6]), np.array([2, 5, 8])
    assert rooms(symbols, begin, stop).tolist() == [WHOLE, SENTENCE, SENTENCE]


def test_what_a_set_does_not_tell_is_not_judged() -> None:
    text = "湖南麒麟信安科技股份有限公司"
    told = judged(Tagger.load(), [Known(Line(text, ()))])
    untold = judged(Tagger.load(), [Known(Line(text, ()), frozenset({"ORGANIZATION"}))])
    assert told.right.tolist() == [False]
    assert untold.right.tolist() == []


def test_calibration_keeps_the_plain_table_where_little_is_known() -> None:
    tagger = Tagger(read_weights(pack_file(parts())))
    table = calibration(tagger, [Known(Line("张三，李四", (Span(0, 2, "PERSON"),)))])
    assert np.array_equal(table, plain())
