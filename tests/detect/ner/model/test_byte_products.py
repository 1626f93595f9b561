"""Products of bytes: each level that a processor may have gives the numbers of plain arithmetic."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product as product_of

import numpy as np
import pytest

from piiscan.detect.ner.model.network import emissions
from piiscan.detect.ner.model.network_kernels import multiply, product_levels, use_level
from piiscan.detect.ner.model.network_numbers import MAX_GROUPS
from piiscan.detect.ner.model.weights import pack_weights, packaged_weights
from tests.detect.ner.model.test_network import ALPHABET, open_gate, symbols_of

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
