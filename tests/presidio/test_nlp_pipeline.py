"""The Chinese pipeline: words, names where tokens allow them, texts of any length."""

from pathlib import Path
from typing import Any

import pytest
from presidio_analyzer.nlp_engine import SpacyNlpEngine

import piiscan.presidio
from piiscan.presidio.nlp_pipeline import blank_pipeline


def test_names_and_addresses_are_entities_of_the_document(analyzer: Any) -> None:
    text = "收件人：张三，电话13800138000，湖南省长沙市岳麓区示例路1号"
    found = [(each.text, each.label_) for each in analyzer.nlp_engine.nlp["zh"](text).ents]
    assert found == [("张三", "PERSON"), ("湖南省长沙市岳麓区示例路1号", "CN_ADDRESS")]
    results = analyzer.analyze(text, language="zh")
    assert [text[r.start : r.end] for r in results if r.entity_type == "PERSON"] == ["张三"]


def test_the_engine_is_loaded_and_finds_no_entities_itself() -> None:
    engine = piiscan.presidio.nlp_engine(("zh", "en"))
    assert engine.is_loaded()
    assert sorted(engine.get_supported_languages()) == ["en", "zh"]
    assert list(engine.process_text("张三在长沙", "zh").entities) == []


def test_artifacts_are_made_when_they_are_read() -> None:
    engine = piiscan.presidio.nlp_engine()
    made = []
    whole = SpacyNlpEngine.process_text

    def counted(self: SpacyNlpEngine, text: str, language: str) -> Any:
        made.append(text)
        return whole(self, text, language)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SpacyNlpEngine, "process_text", counted)
        one, two = (engine.process_text("快递单号", "zh") for _ in range(2))
        assert made == []
        assert [token.text for token in one.tokens] == ["快递", "单", "号"]
        assert one.tokens_indices == two.tokens_indices == [0, 2, 3]
        with pytest.warns(UserWarning, match="decision trace"):
            assert one.to_json() == two.to_json()
    assert made == ["快递单号"] * 2
    with pytest.raises(AttributeError):
        _ = one.no_such_field


def test_texts_beyond_spacys_million_characters_are_taken(analyzer: Any) -> None:
    text = ("w" * 999 + " ") * 1001 + "13800138000"
    (result,) = analyzer.analyze(text, language="zh", entities=["CN_MOBILE"])
    assert (result.start, result.end) == (1_001_000, 1_001_011)


def test_a_saved_pipeline_sets_itself_up_like_a_new_one(tmp_path: Path) -> None:
    import spacy

    blank_pipeline("zh").to_disk(tmp_path / "pipeline")
    again = spacy.load(tmp_path / "pipeline")
    assert again.max_length == blank_pipeline("zh").max_length > 1_000_000
    assert [token.text for token in again("快递单号")] == [
        t.text for t in blank_pipeline("zh")("快递单号")
    ]
