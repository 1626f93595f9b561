"""Mojibake: the cheap search for garbled cells leaves out none that can be repaired."""

import random

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from piiscan.sources.texts.mojibake import MOJIBAKE, garbled_rows

TEXTS = ["张伟", "李娜，13800138000", "ab", "湖南省长沙市示例路1号", "①②", "𠀀", "é", ""]


def garble(text: str, random_source: random.Random) -> str:
    """Return ``text`` as one of the usual wrong encodings shows it, or as it is."""
    data = text.encode(random_source.choice(("utf-8", "gb18030")))
    shown = data.decode(random_source.choice(("latin-1", "gb18030", "utf-8")), "replace")
    return random_source.choice((text, shown, text + shown))


def test_no_garbled_cell_is_left_out() -> None:
    draw = random.Random(5)
    cells = [
        "".join(garble(draw.choice(TEXTS), draw) for _ in range(draw.randint(0, 3)))
        for _ in range(20_000)
    ]
    texts = pa.array([None, *cells, *cells], pa.string()).slice(1)
    matching = np.flatnonzero(pc.match_substring_regex(texts, MOJIBAKE.pattern).to_pylist())
    assert len(matching) > 5_000
    assert set(matching.tolist()) <= set(garbled_rows(texts).tolist())
    assert len(garbled_rows(pa.array(["张伟", "湖南省长沙市", "13800138000"] * 9))) == 0


def test_large_arrays_are_read_too() -> None:
    assert garbled_rows(pa.array(["张伟", "寮犱紵"], pa.large_string())).tolist() == [1]
