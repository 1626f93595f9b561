"""Rows of files: own ones, copies, and parts of files that stand before."""

from __future__ import annotations

from typing import Any

from piiscan.config.document import Document
from piiscan.synth import drawn_rows, recipe
from piiscan.synth.drawn_rows import CorpusRows

COLUMNS = [{"姓名": "name"}, {"手机号": "phone"}]
SPEC: dict[str, Any] = {
    "title": {"zh": "试", "en": "try"},
    "rows": 200,
    "values": {
        "sold": {"pick": "fate", "texts": {"已售": 30, "在库": 70}},
        "price": {"pick": "fate", "texts": {"{asked}": 30, "": 70}},
        "asked": {"kind": "price", "low": 80, "high": 650},
    },
    "files": [
        {"path": "a.csv", "format": "table", "columns": COLUMNS},
        {
            "path": "b.csv",
            "format": "table",
            "share": 0.1,
            "columns": [*reversed(COLUMNS), {"状态": "sold"}, {"售价": "price"}],
            "parts": [{"of": "a.csv", "from": 0.25, "to": 0.75}],
        },
        {
            "path": "c.csv",
            "format": "table",
            "columns": COLUMNS,
            "variants": {"share": 0.5, "of": ["phone"]},
        },
    ],
}


def rows(path: str) -> list[tuple[str, ...]]:
    made = recipe.parse_recipe(Document("try.yaml", SPEC, {}), name="try")
    all_ = CorpusRows(made, made.rows, 5)
    found: list[tuple[str, ...]] = []
    for first, columns in all_.chunks(made.file(path), chain=path):
        assert first == len(found)
        found += zip(*(cells.text.to_pylist() for cells in columns), strict=True)
    assert len(found) == all_.count(made.file(path))
    return found


def test_a_part_is_some_rows_of_another_file_below_its_own() -> None:
    assert [row[:2] for row in rows("b.csv")[20:]] == [(p, n) for n, p in rows("a.csv")[50:150]]


def test_a_part_goes_over_the_chunks_of_its_file(monkeypatch: Any) -> None:
    monkeypatch.setattr(drawn_rows, "CHUNK", 64)
    assert [row[:2] for row in rows("b.csv")[20:]] == [(p, n) for n, p in rows("a.csv")[50:150]]


def test_texts_of_one_pick_go_together_in_exact_shares() -> None:
    told = [row[2:] for row in rows("b.csv")[20:]]
    assert all((status == "已售") == bool(price) for status, price in told)
    assert sum(status == "已售" for status, _ in told) == 30


def test_variants_keep_their_own_values() -> None:
    found = rows("c.csv")
    assert len(set(found)) == len(found)
    assert len({name for name, _ in found}) < 0.75 * len(found)
