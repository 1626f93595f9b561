"""Several networks heard together: what they say on average errs less than any of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from piiscan.arrays import Bool, Float32, Int64, UInt8, UInt32
from piiscan.detect.ner.model.symbols import Symbols
from piiscan.detect.ner.model.tagger import Tagger, hear
from piiscan.detect.ner.model.weights import Weights

from .calibrate import CAUTIOUS, Known, calibration, plain
from .encode import codes

AT_ONCE = 2_000  # texts that are read together


def council(members: Sequence[Weights], known: Sequence[Known] = ()) -> Tagger:
    """A tagger that says what members say on average; ``known`` lines give its scores a meaning."""
    heard = partial(said, members)
    table = plain()
    if known:
        plainly = Tagger(replace(members[0], calibration=table), heard=heard)
        table = calibration(plainly, known, flow=CAUTIOUS)
    return Tagger(replace(members[0], calibration=table), heard=heard)


def shares(members: Sequence[Weights], texts: Sequence[str]) -> Iterator[UInt8]:
    """How likely each state is for each symbol, in parts of 255, of some texts after others."""
    for at in range(0, len(texts), AT_ONCE):
        points, offsets = codes(texts[at : at + AT_ONCE])
        _, scores = said(members, points, offsets, np.zeros(len(points), np.bool_))
        share = np.exp(scores)
        share /= share.sum(1, keepdims=True)
        yield np.rint(share * 255).astype(np.uint8)


def said(
    members: Sequence[Weights], codes: UInt32, offsets: Int64, taken: Bool
) -> tuple[Symbols, Float32]:
    """The symbols of texts, and the mean of what members say of each, as logarithms of shares."""
    first, mean = hear(members[0], codes, offsets, taken)
    mean = shared(mean)
    for weights in members[1:]:
        mean += shared(hear(weights, codes, offsets, taken)[1])
    return first, mean / np.float32(len(members))


def shared(scores: Float32) -> Float32:
    """Scores of states as logarithms of how likely they are."""
    below = scores - scores.max(1, keepdims=True)
    return np.asarray(below - np.log(np.exp(below).sum(1, keepdims=True)), dtype=np.float32)
