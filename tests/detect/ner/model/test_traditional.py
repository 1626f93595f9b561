"""Names and addresses are found in traditional characters, mixed ones, and as the islands write."""

from __future__ import annotations

import pyarrow as pa
import pytest

from piiscan import find_table
from tests.detect.ner.model.hanzi import Truth, districts, drawn, islands, traditional

KINDS = ("PERSON", "CN_ADDRESS")


def exactness(texts: list[str], truths: list[Truth]) -> dict[str, float]:
    """F1 of exact spans by kind."""
    found = find_table(pa.array(texts)).select(["index", "start", "end", "entity"]).to_pylist()
    said = {tuple(row.values()) for row in found if row["entity"] in KINDS}
    true = {(index, *span) for index, truth in enumerate(truths) for span in truth}
    return {
        kind: 2 * sum(span[3] == kind for span in said & true)
        / (sum(span[3] == kind for span in said) + sum(span[3] == kind for span in true))
        for kind in KINDS
    }  # fmt: skip


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_names_and_addresses_are_found_whatever_the_share_of_old_characters(share: float) -> None:
    lines = drawn(390)
    texts = [traditional(text, share, seed) for seed, (text, _) in enumerate(lines)]
    reached = exactness(texts, [truth for _, truth in lines])
    assert reached["PERSON"] >= 0.97
    assert reached["CN_ADDRESS"] >= 0.98


def test_lines_are_really_converted() -> None:
    texts = [text for text, _ in drawn(100)]
    assert all(len(traditional(text, 1.0)) == len(text) for text in texts)
    assert sum(traditional(text, 1.0) != text for text in texts) > 90


def test_lines_of_taiwan_hong_kong_and_macau() -> None:
    lines = islands(360)
    reached = exactness([text for text, _ in lines], [truth for _, truth in lines])
    assert reached["PERSON"] >= 0.97
    assert reached["CN_ADDRESS"] >= 0.95


def test_lines_of_every_district_of_the_islands() -> None:
    lines = districts(480)
    reached = exactness([text for text, _ in lines], [truth for _, truth in lines])
    assert reached["PERSON"] >= 0.97
    assert reached["CN_ADDRESS"] >= 0.96


def test_districts_are_written_in_old_characters() -> None:
    texts = "".join(text for text, _ in districts(480))
    assert "臺北市" not in texts
    assert all(place in texts for place in ("台北市", "台中市", "新竹縣", "屏東縣", "九龍", "澳門"))
