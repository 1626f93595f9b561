"""Speed of the engine, and of folding and matching alone, on one core and without names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from dumps import UNLABELLED_FORMS, Dump

from piiscan.arrays import Int64, UInt8
from piiscan.detect.engine import Engine
from piiscan.detect.matching.batch import CHUNK_BYTES, TextBatch
from piiscan.detect.matching.fold import fold_texts
from piiscan.detect.matching.match_kernels import find_starts_and_word_ends
from piiscan.detect.matching.matcher import Candidates, match
from piiscan.schemas import FOUND

CORPORA = ("sale-7967", "sale-1M", "waybill-300k", "prose-40MB")


def count_entities(table: pa.Table) -> Counter[str]:
    """Return entity -> number of findings in a findings table."""
    counts = table["entity"].value_counts().to_pylist()
    return Counter({row["values"]: row["counts"] for row in counts})


def assert_planted_found(table: pa.Table, file: Dump) -> None:
    """Assert that the findings table is complete and has all values planted in ``file``."""
    assert table.schema == FOUND
    assert table["value"].null_count == table["text"].null_count == 0
    found = count_entities(table)
    for entity in UNLABELLED_FORMS:
        assert found[entity] in file.planted(entity), entity


@pytest.mark.parametrize("name", CORPORA)
def test_engine(
    name: str, engine: Engine, dump: Callable[..., Dump], measure: Any, one_core: None
) -> None:
    file = dump(name)
    texts = file.array
    table = measure(
        lambda: engine.find_table(texts, names=False),
        corpus=name, way="piiscan engine", mb=file.path.stat().st_size / 1e6,
    )  # fmt: skip
    assert_planted_found(table, file)


@pytest.mark.parametrize("name", CORPORA)
def test_engine_from_list(
    name: str, engine: Engine, dump: Callable[..., Dump], measure: Any, one_core: None
) -> None:
    file = dump(name)
    lines = file.lines
    table = measure(
        lambda: engine.find_table(pa.array(lines, pa.string()), names=False),
        corpus=name, way="piiscan engine, list[str]", mb=file.path.stat().st_size / 1e6,
    )  # fmt: skip
    assert_planted_found(table, file)


Folded = tuple[UInt8, Int64]


def folded_chunks(engine: Engine, texts: pa.Array) -> list[Folded]:
    """Return (folded bytes, start of each text in them) for each chunk of ``texts``."""
    batch, chunks = TextBatch.of(texts), []
    for _, offsets in batch.chunks(CHUNK_BYTES):
        folded, starts, *_ = fold_texts(
            batch.data, offsets, engine.compiled.matching.alphabet.table
        )
        chunks.append((folded, starts))
    return chunks


@pytest.mark.parametrize("name", CORPORA)
def test_fold(
    name: str, engine: Engine, dump: Callable[..., Dump], measure: Any, one_core: None
) -> None:
    file = dump(name)
    texts = file.array
    chunks = measure(
        lambda: folded_chunks(engine, texts),
        corpus=name, way="fold alone", mb=file.path.stat().st_size / 1e6,
    )  # fmt: skip
    # One byte per code point, one between texts and one at each end of a chunk.
    characters = sum(map(len, file.lines))
    assert sum(len(folded) for folded, _ in chunks) == characters + len(file.lines) + len(chunks)


@pytest.mark.parametrize("name", CORPORA)
def test_tokens(
    name: str, engine: Engine, dump: Callable[..., Dump], measure: Any, one_core: None
) -> None:
    file = dump(name)
    chunks = folded_chunks(engine, file.array)
    compiled = engine.compiled.matching

    def scan(folded: UInt8) -> Candidates:
        automaton = compiled.text_automaton
        starts, word_ends = np.empty((2, len(folded) + 8), np.int64)
        count, _ = find_starts_and_word_ends(
            folded, compiled.marks, compiled.word_sieve, starts, word_ends
        )
        return match(folded, starts[:count], automaton, compiled.alphabet, compiled.boundary)

    found = measure(
        lambda: [scan(folded) for folded, _ in chunks],
        corpus=name, way="tokens alone", mb=file.path.stat().st_size / 1e6,
    )  # fmt: skip
    mobile = [r.id for r in engine.catalog.recognizers].index("cn.mobile")
    hits = sum(int((candidates.recognizer == mobile).sum()) for candidates in found)
    assert hits >= file.planted("CN_MOBILE").start > 0
