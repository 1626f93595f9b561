"""What is written by the shipped rules: no stand-in passes for real."""

from __future__ import annotations

import pyarrow as pa

from piiscan.copies.replacer import build_replacer
from piiscan.detect.catalog.catalog import load
from piiscan.detect.engine import Engine
from piiscan.detect.self_test import AS_OF
from piiscan.masking.pseudonym import Item
from piiscan.tabular.search import TableSearch


def test_no_pseudonym_of_an_example_passes_for_real() -> None:
    engine = Engine(load(), as_of=AS_OF)
    rules = engine.catalog.recognizers
    texts = [example.text for rule in rules for example in rule.examples]
    found = engine.find_table(pa.array(texts, pa.string()), names=False)
    columns = ("text", "entity", "recognizer", "value")
    items = [Item(*row) for row in zip(*(found[c].to_pylist() for c in columns), strict=True)]
    search = TableSearch(engine, reveal=True)
    made = build_replacer(search, "pseudonym", key=bytes(32), language="zh").anonymize(items)
    assert len(items) > 200
    assert not any(new == item.text for new, item in zip(made, items, strict=True))
    real = engine.find_table(pa.array(made, pa.string()), names=False).to_pylist()
    verified = {each["entity"] for each in real if each["verdict"] == "verified"}
    assert verified <= {"EMAIL_ADDRESS", "IP_ADDRESS"}
