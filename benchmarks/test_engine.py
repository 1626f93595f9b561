"""The engine, and its two compiled passes alone: one core, names off."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest
from dumps import BARE, Dump

from piiscan.arrays import Int64, UInt8
from piiscan.detect.engine import Engine
from piiscan.detect.matching.batch import CHUNK, Texts
from piiscan.detect.matching.fold import fold_texts
from piiscan.detect.matching.matcher import Candidates, match
from piiscan.detect.matching.scan_positions import marks
from piiscan.schemas import FOUND

CORPORA = ("sale-7967", "sale-1M", "waybill-300k", "prose-40MB")


def counted(table: pa.Table) -> Counter[str]:
    """Findings by entity."""
    counts = table["entity"].value_counts().to_pylist()
    return Counter({row["values"]: row["counts"] for row in counts})


def agree(table: pa.Table, file: Dump) -> None:
    """The table is filled and holds what was planted."""
    assert table.schema == FOUND
    assert table["value"].null_count == table["text"].null_count == 0
    found = counted(table)
    for entity in BARE:
        assert found[entity] == file.planted(entity), entity


@pytest.mark.parametrize("name", CORPORA)
def test_engine(
    name: str, engine: Engine, dump: Callable[..., Dump], measured: Any, one_core: None
) -> None:
    file = dump(name)
    texts = file.array
    table = measured(
        lambda: engine.find_table(texts, names=False),
        corpus=name, way="piiscan engine", mb=file.path.stat().st_size / 1e6,
    )  # fmt: skip
    agree(table, file)


@pytest.mark.parametrize("name", CORPORA)
def test_engine_from_list(
    name: str, engine: Engine, dump: Callable[..., Dump], measured: Any, one_core: None
) -> None:
    file = dump(name)
    lines = file.lines
    table = measured(
        lambda: engine.find_table(pa.array(lines, pa.string()), names=False),
        corpus=name, way="piiscan engine, list[str]", mb=file.path.stat().st_size / 1e6,
    )  # fmt: skip
    agree(table, file)


Folded = tuple[UInt8, Int64]


def folded_chunks(engine: Engine, texts: pa.Array) -> list[Folded]:
    """The folded text and where each text starts in it, a chunk of the engine's size at a time."""
    batch, chunks = Texts.of(texts), []
    for _, offsets in batch.chunks(CHUNK):
        folded, starts, *_ = fold_texts(batch.data, offsets, engine.plan.alphabet.table)
        chunks.append((folded, starts))
    return chunks


@pytest.mark.parametrize("name", CORPORA)
def test_fold(
    name: str, engine: Engine, dump: Callable[..., Dump], measured: Any, one_core: None
) -> None:
    file = dump(name)
    texts = file.array
    chunks = measured(
        lambda: folded_chunks(engine, texts),
        corpus=name, way="fold alone", mb=file.path.stat().st_size / 1e6,
    )  # fmt: skip
    # one byte a code point, one between texts and one at each end of a chunk
    characters = sum(map(len, file.lines))
    assert sum(len(folded) for folded, _ in chunks) == characters + len(file.lines) + len(chunks)


@pytest.mark.parametrize("name", CORPORA)
def test_tokens(
    name: str, engine: Engine, dump: Callable[..., Dump], measured: Any, one_core: None
) -> None:
    file = dump(name)
    chunks = folded_chunks(engine, file.array)
    plan = engine.plan

    def scan(folded: UInt8) -> Candidates:
        opening, _ = marks(folded, plan.anywhere, plan.sieve)
        return match(folded, opening, plan.anywhere, plan.alphabet, plan.boundary)

    found = measured(
        lambda: [scan(folded) for folded, _ in chunks],
        corpus=name, way="tokens alone", mb=file.path.stat().st_size / 1e6,
    )  # fmt: skip
    mobile = [r.id for r in engine.catalog.recognizers].index("cn.mobile")
    hits = sum(int((one.recognizer == mobile).sum()) for one in found)
    assert hits >= file.planted("CN_MOBILE") > 0
