"""Distinct digests are counted exactly: as Python's own sets count them."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from piiscan.hashing import distinct_digests
from piiscan.hashing.distinct_digests import Digests, count_pairs, count_shards

NUMBERS = {"CN_MOBILE": 0, "CN_RESIDENT_ID": 1, "PERSON": 2}


def count_distinct(parts: list[Digests]) -> dict[str, int]:
    return count_pairs(parts, numbers=NUMBERS, second={None: 0})[1]


def _expected(digests: Digests) -> dict[str, int]:
    pairs = set(zip(digests.kinds.tolist(), map(tuple, digests.words.tolist()), strict=True))
    counts = {word: sum(kind == at for kind, _ in pairs) for word, at in NUMBERS.items()}
    return {word: number for word, number in counts.items() if number}


def _random(rows: int, different: int) -> Digests:
    random = np.random.default_rng(7)
    pool = random.integers(0, 1 << 64, (different, 2), np.uint64)
    kinds = random.integers(-1, 3, rows).astype(np.int32)
    return Digests(pool[random.integers(0, different, rows)], kinds)


@pytest.mark.parametrize("different", [1, 10, 3000, 100_000])
def test_digests_that_repeat_are_counted_once_a_kind(different: int) -> None:
    digests = _random(20_000, different)
    assert count_distinct([digests]) == _expected(digests)


def test_digests_that_differ_in_one_half_only_are_two() -> None:
    both = np.array([0, 1, 1 << 63], np.uint64)
    words = np.array([[a, b] for a in both for b in both] * 2, np.uint64)
    digests = Digests(words, np.zeros(18, np.int32))
    assert count_distinct([digests]) == {"CN_MOBILE": 9}


def test_parts_are_counted_together() -> None:
    digests = _random(1000, 50)
    parts = [Digests(digests.words[at::3], digests.kinds[at::3]) for at in range(3)]
    assert count_distinct(parts) == _expected(digests)


def test_nothing_has_no_counts() -> None:
    assert count_distinct([]) == {}
    empty = Digests(np.empty((0, 2), np.uint64), np.empty(0, np.int32))
    assert count_distinct([empty]) == {}


@pytest.mark.parametrize("most", [2, 100])
def test_shards_are_counted_without_what_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    table = pa.table(
        {
            "source": pa.array([7, 7, 7, 9, 9], pa.int32()),
            "entity": pa.array(
                ["PERSON", "CN_MOBILE", "PERSON", "PERSON", "PERSON"]
            ).dictionary_encode(),
            "coarse": pa.array([None, "a", "b", None, "b"], pa.string()).dictionary_encode(),
            "verdict": pa.array(["plausible", "refuted", *["verified"] * 3]).dictionary_encode(),
            "digest": pa.array([bytes([0, n]) * 8 for n in (1, 2, 1, 1, 3)], pa.binary(16)),
        }
    )
    path = tmp_path / "shard.parquet"
    pq.write_table(table, path, row_group_size=2)
    monkeypatch.setattr(distinct_digests, "MOST_ROWS", most)
    found = count_shards(
        {7: path, 9: path},
        "entity",
        rows=5,
        temporary=tmp_path / "tmp",
        second="coarse",
        exclude=("verdict", "refuted"),
    )
    assert found.kinds == {"PERSON": 2}
    assert found.pairs == {("PERSON", None): (2, 1), ("PERSON", "b"): (2, 2)}
    assert found.by_source == {(7, "PERSON"): (2, 1), (9, "PERSON"): (2, 2)}


@pytest.mark.parametrize("different", [1, 30, 5000])
def test_pairs_and_their_first_words_are_counted_as_sets_count_them(different: int) -> None:
    random = np.random.default_rng(different)
    numbers, beside = {"A": 0, "B": 1}, {None: 0, "x": 1, "y": 2}
    pool = random.integers(0, 1 << 64, (different, 2), np.uint64)
    kinds = random.integers(-1, 2, 20_000).astype(np.int32)
    second = random.integers(0, 3, 20_000).astype(np.int32)
    digests = Digests(pool[random.integers(0, different, 20_000)], kinds, second)
    rows = [
        ((list(numbers)[kind], list(beside)[more]), tuple(digest))
        for kind, more, digest in zip(
            kinds.tolist(), second.tolist(), digests.words.tolist(), strict=True
        )
        if kind >= 0
    ]
    for parts in (
        [digests],
        [Digests(*(f[at::3] for f in (digests.words, kinds, second))) for at in range(3)],
    ):
        pairs, firsts = count_pairs(parts, numbers=numbers, second=beside)
        assert pairs == {
            pair: (sum(pair == p for p, _ in rows), len({d for p, d in rows if p == pair}))
            for pair in {p for p, _ in rows}
        }
        assert firsts == {f: len({d for p, d in rows if p[0] == f}) for f in "AB"}
