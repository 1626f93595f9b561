"""Names stand in ``doc.ents`` of Presidio's pipeline, where tokens allow it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import spacy

import piiscan.presidio

TEXT = "收件人：张三，电话13800138000，湖南省长沙市岳麓区示例路1号"


def entities(doc: Any) -> list[tuple[str, str]]:
    return [(each.text, each.label_) for each in doc.ents]


def test_names_and_addresses_are_entities_of_the_document(analyzer: Any) -> None:
    doc = analyzer.nlp_engine.nlp["zh"](TEXT)
    told = entities(doc)
    assert ("张三", "PERSON") in told
    assert ("湖南省长沙市岳麓区示例路1号", "CN_ADDRESS") in told
    assert not any(label == "CN_MOBILE" for _, label in told)


def test_presidio_reports_each_name_once(analyzer: Any) -> None:
    found = analyzer.analyze(TEXT, language="zh")
    assert [TEXT[each.start : each.end] for each in found if each.entity_type == "PERSON"] == [
        "张三"
    ]


def test_a_saved_pipeline_has_the_component(tmp_path: Path) -> None:
    piiscan.presidio.nlp_engine().nlp["zh"].to_disk(tmp_path / "zh")
    doc = spacy.load(tmp_path / "zh")(TEXT)
    assert ("张三", "PERSON") in entities(doc)
