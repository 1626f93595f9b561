"""The network: its scores are those of plain arithmetic; the decoded path is the best of all."""

import random
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from importlib import resources
from io import BytesIO
from itertools import product
from itertools import product as product_of

import numpy as np
import pytest

from piiscan.detect.ner.model import network
from piiscan.detect.ner.model.network import emissions, read_columns
from piiscan.detect.ner.model.network_kernels import (
    CLOSED,
    best_path,
    multiply,
    product_levels,
    use_level,
)
from piiscan.detect.ner.model.network_numbers import (
    FIRST,
    GATE_MARGIN,
    LINE,
    LONG,
    MAX_GROUPS,
    STATES,
    TAKEN,
)
from piiscan.detect.ner.model.symbols import Symbols, read_symbols
from piiscan.detect.ner.model.weights import KINDS, Weights, pack_weights, packaged_weights
from tests.often import often
from training.gate import gate_inputs

ALPHABET = "张王李欧阳伟丽省市区县路号栋室0123456789abc·，。 \n\u200b\ud800𠮷😀灣"


@cache
def parts() -> dict[str, np.ndarray]:
    content = resources.files("piiscan.data").joinpath("names.npz").read_bytes()
    with np.load(BytesIO(content)) as archive:
        return dict(archive)


def open_gate(weights: Weights) -> Weights:
    """Return weights whose gate every symbol passes."""
    return replace(weights, gate_threshold=np.float32(-(2**24)))


def symbols_of(texts: list[str], weights: Weights) -> Symbols:
    codes = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32)
    offsets = np.cumsum([0, *map(len, texts)])
    taken = np.zeros(len(codes), np.bool_)
    taken[3::17] = True
    return read_symbols(codes, offsets, taken, folded=weights.folded, numbered=weights.numbered)


def plain_embedding(symbols: Symbols, weights: Weights) -> np.ndarray:
    columns = read_columns(symbols, weights)
    number = np.where(symbols.number == TAKEN, LONG, symbols.number).astype(np.uint64)
    after = np.where(columns.right > 0, np.append(number[1:], 0), 0).astype(np.uint64)
    pair = (number * 0x9E3779B1 ^ after * 0x85EBCA6B) & 0xFFFFFFFF
    pair = (pair ^ pair >> 15) * 0x2C1B3C6D & 0xFFFFFFFF
    sums = weights.characters[number].astype(np.int64)
    sums += weights.pairs[(pair >> 12) & (len(weights.pairs) - 1)]
    for at, count in enumerate(columns.feature_count.tolist()):
        sums[at] += weights.places[columns.features[at, :count]].astype(np.int64).sum(0)
    return sums.clip(-128, 127)


def plain_gate(x: np.ndarray, symbols: Symbols, weights: Weights) -> np.ndarray:
    """Return a mask of the symbols that pass the gate, and those beside them in a text."""
    passes = (x @ weights.gate.astype(np.int64)).astype(np.float32) > weights.gate_threshold
    spread = passes.copy()
    for low, high in zip(symbols.text[:-1], symbols.text[1:], strict=True):
        for at in range(low, high):
            beside = slice(max(low, at - GATE_MARGIN), at + GATE_MARGIN + 1)
            spread[at] = passes[:high][beside].any()
    return spread


def plain_activations(symbols: Symbols, weights: Weights) -> tuple[list[np.ndarray], np.ndarray]:
    """Return the activations of each layer, and what passes, by plain arithmetic, text by text."""
    x = plain_embedding(symbols, weights)
    layers, passes = list[np.ndarray](), np.ones(len(x), np.bool_)
    for number, reach in enumerate(parts()["reaches"].tolist()):
        if number == weights.gate_depth:
            passes = plain_gate(x, symbols, weights)
        rows = []
        for low, high in zip(symbols.text[:-1], symbols.text[1:], strict=True):
            zeros = np.zeros((reach, x.shape[1]), np.int64)
            wide = np.concatenate([zeros, x[low:high], zeros])
            taps = wide[: high - low], x[low:high], wide[2 * reach :]
            weight = parts()[f"layer{number}_weights"].astype(np.int64)
            if len(weight) == x.shape[1]:
                third = len(weight) // 3
                cut = slice(third), slice(third, len(weight) - third), slice(-third, None)
                taps = tuple(tap[:, each] for tap, each in zip(taps, cut, strict=True))
            y = (np.concatenate(taps, 1) @ weight).astype(np.float32)
            y = y * parts()[f"layer{number}_scale"] + parts()[f"layer{number}_bias"]
            if y.shape[1] == x.shape[1]:
                y += x[low:high].astype(np.float32)
            y = (y.clip(0, 255) + np.float32(0.5)).astype(np.int64)
            rows.append(y if passes.all() else np.where(passes[low:high, None], y, x[low:high]))
        x = np.concatenate(rows)
        layers.append(x)
    return layers, passes


def plain_scores(symbols: Symbols, weights: Weights) -> np.ndarray:
    layers, passes = plain_activations(symbols, weights)
    sums = layers[-1] @ parts()["out_weights"].astype(np.int64)
    scores = sums.astype(np.float32) * parts()["out_scale"] + parts()["out_bias"]
    return np.where(passes[:, None], scores, np.where(np.arange(STATES) > 0, CLOSED, 0))


@pytest.mark.parametrize("seed", often(range(4), (0,)))
@pytest.mark.parametrize("is_open", [True, False])
def test_scores_are_those_of_plain_arithmetic(seed: int, is_open: bool) -> None:
    draw = random.Random(seed)
    texts = ["".join(draw.choices(ALPHABET, k=draw.randint(0, 70))) for _ in range(60)]
    texts += ["今天天气很好，我们一起去看电影吧。" * 3, "大家下班以后都在公司门口见面"]
    weights = open_gate(packaged_weights()) if is_open else packaged_weights()
    symbols = symbols_of(texts, weights)
    assert np.array_equal(emissions(symbols, weights), plain_scores(symbols, weights))
    layers, passes = plain_activations(symbols, weights)
    assert passes.all() == is_open
    assert np.array_equal(gate_inputs(symbols, weights), layers[weights.gate_depth - 1])


@pytest.mark.parametrize("count", [1, 2, 3, 5, 6, 7, 8, 11, 12, 13, 18, 24, 25])
def test_any_number_of_symbols_is_computed(count: int) -> None:
    weights = open_gate(packaged_weights())
    symbols = symbols_of([(ALPHABET * 2)[:count]], weights)
    assert np.array_equal(emissions(symbols, weights), plain_scores(symbols, weights))


@pytest.mark.parametrize("most", [60, 127])
def test_embedding_sums_are_cut_to_one_byte(most: int) -> None:
    draw = np.random.default_rng(most)
    shipped = open_gate(packaged_weights())
    drawn = {
        name: draw.integers(-most, most + 1, getattr(shipped, name).shape).astype(np.int8)
        for name in ("characters", "pairs", "places")
    }
    weights = replace(shipped, **drawn)
    symbols = symbols_of(["张三丰住在湖南省长沙市岳麓区" * 20, "王伟", ALPHABET], weights)
    sums = plain_embedding(symbols, weights)
    assert (sums == -128).any()
    assert (sums == 127).any()
    assert np.array_equal(emissions(symbols, weights), plain_scores(symbols, weights))


def test_the_size_of_blocks_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    draw = random.Random(9)
    weights = packaged_weights()
    symbols = symbols_of(["".join(draw.choices(ALPHABET, k=900)) for _ in range(5)], weights)
    whole = emissions(symbols, weights)
    for size in (1, 50, 777):
        monkeypatch.setattr(network, "BLOCK", size)
        assert np.array_equal(emissions(symbols, weights), whole)


def test_no_second_thread_computes() -> None:
    """A library's caller pays for no thread that waits."""
    code = """
import time, numpy as np
from piiscan.detect.ner.model.tagger import (Tagger)
codes = np.frombuffer(("张伟住在湖南省长沙市岳麓区。" * 3000).encode("utf-32-le"), np.uint32)
bounds, tagger = np.array([0, len(codes)]), Tagger.load()
tagger.spans(codes, bounds)
before = time.process_time() - time.thread_time()
tagger.spans(codes, bounds)
print(time.process_time() - time.thread_time() - before)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert float(done.stdout) < 0.01


LEVELS = product_levels()


@pytest.fixture(params=LEVELS)
def level(request: pytest.FixtureRequest) -> Iterator[str]:
    use_level(request.param)
    yield request.param
    use_level(LEVELS[0])


def multiplied(inputs: np.ndarray, weights: np.ndarray, zero: int) -> np.ndarray:
    """Multiply ``inputs - zero`` with weights; the inputs are padded to whole groups."""
    rest = -inputs.shape[1] % 4
    packed, start = pack_weights(np.pad(weights.astype(np.int64), ((0, rest), (0, 0))), zero)
    sums = np.full((len(inputs), start.shape[1]), 77, np.int32)
    multiply(np.pad(inputs, ((0, 0), (0, rest)), constant_values=99), packed, start, sums)
    return sums[:, : weights.shape[1]]


@pytest.mark.parametrize("zero", [0, 127, 128])
@pytest.mark.usefixtures("level")
def test_each_level_gives_the_numbers_of_plain_arithmetic(zero: int) -> None:
    draw = np.random.default_rng(zero)
    sizes, widths, counts = (1, 4, 27, 128, 192, 1024), (1, 17, 64, 128, 130), (1, 5, 13, 24)
    for size, columns, count in product_of(sizes, widths, counts):
        inputs = draw.integers(0, 256, (count, size), np.uint8)
        weights = draw.integers(-127, 128, (size, columns))
        expected = (inputs.astype(np.int64) - zero) @ weights
        assert np.array_equal(multiplied(inputs, weights, zero), expected)


@pytest.mark.parametrize("zero", [0, 127, 128])
@pytest.mark.usefixtures("level")
def test_the_largest_numbers_are_not_cut(zero: int) -> None:
    size = 514  # sums of the network are below 2**24
    turns = np.arange(size) % 2
    columns = [np.full(size, weight) for weight in (-127, 127)] + [turns * 254 - 127]
    weights = np.stack([columns[at % 3] for at in range(33)], 1)
    rows = [np.full(size, value) for value in (0, 127, 128, 255)] + [turns * 255, 255 - turns * 255]
    inputs = np.stack(rows)
    assert np.array_equal(
        multiplied(inputs.astype(np.uint8), weights, zero), (inputs - zero) @ weights
    )


def test_all_levels_give_the_same_scores() -> None:
    weights = open_gate(packaged_weights())
    symbols = symbols_of(["张三丰住在湖南省长沙市岳麓区" * 20, "王伟", ALPHABET], weights)
    scores = []
    for level in LEVELS:
        use_level(level)
        scores.append(emissions(symbols, weights))
    use_level(LEVELS[0])
    assert all(np.array_equal(each, scores[-1]) for each in scores)


def test_a_processor_has_plain_arithmetic_at_least() -> None:
    assert LEVELS[-1] == "plain"
    for unknown in ("avx", *({"dotprod", "sse4.1"} - {*LEVELS})):
        with pytest.raises(ValueError, match=unknown):
            use_level(unknown)


@pytest.mark.parametrize("size", [3, 4 * MAX_GROUPS + 4])
def test_weights_that_no_level_multiplies_are_refused(size: int) -> None:
    with pytest.raises(ValueError, match=str(size)):
        pack_weights(np.zeros((size, 1), np.int64), 0)


def is_allowed(path: tuple[int, ...]) -> bool:
    opened = 0  # kind of the open span, from 1 on
    for state in path:
        kind, role = (state - 1) // 4 + 1, (state - 1) % 4
        if (opened or (state and role in (1, 2))) and (kind != opened or role not in (1, 2)):
            return False
        opened = kind if state and role < 2 else 0
    return not opened


ALLOWED = {
    length: np.array([path for path in product(range(STATES), repeat=length) if is_allowed(path)])
    for length in (1, 2, 3)
}


def decode(scores: np.ndarray, number: np.ndarray, text: list[int]) -> list[int]:
    path = np.full(len(scores), 255, np.uint8)
    best_path(scores.astype(np.float32), number.astype(np.uint16), np.array(text), path)
    return path.tolist()


@pytest.mark.parametrize("seed", range(30))
def test_the_path_is_the_best_of_all(seed: int) -> None:
    draw = np.random.default_rng(seed)
    length = int(draw.integers(1, 4))
    scores = draw.normal(size=(length, STATES)).astype(np.float32)
    paths = ALLOWED[length]
    best = paths[scores[np.arange(length), paths].sum(1).argmax()]
    assert decode(scores, np.full(length, FIRST), [0, length]) == best.tolist()


def test_no_span_reaches_over_what_is_closed() -> None:
    begin, inside, end = 1, 2, 3
    assert len(KINDS) * 4 + 1 == STATES
    scores = np.zeros((12, STATES), np.float32)
    for at, state in enumerate((begin, inside, inside, end) * 3):
        scores[at, state] = 5
    number = np.full(12, FIRST)
    assert decode(scores, number, [0, 12]) == [1, 2, 2, 3] * 3
    number[1], number[6] = TAKEN, LINE
    scores[9, 1:] = CLOSED
    path = decode(scores, number, [0, 12])
    assert [path[at] for at in (1, 6, 9)] == [0, 0, 0]
    assert decode(scores[:4], np.full(4, FIRST), [0, 2, 4])[1:3] != [2, 2]
    assert decode(scores[:0], number[:0], [0, 0]) == []
