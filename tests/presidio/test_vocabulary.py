"""Presidio's vocabulary: its entity names, its country codes, its allow list."""

from pathlib import Path
from typing import Any

import pytest
from presidio_analyzer import AnalyzerEngineProvider, Pattern, PatternRecognizer, RecognizerRegistry
from presidio_analyzer.recognizer_registry.recognizers_loader_utils import RecognizerListLoader

import piiscan.presidio
from piiscan.detect.catalog.catalog import load
from piiscan.detect.self_test import AS_OF
from piiscan.presidio import PiiscanRecognizer, PresidioNamesRecognizer
from tests.presidio.recipes import Place, places

TEXT = (
    "收件人：张三，电话138-0013-8000，地址：湖南省长沙市岳麓区示例路1号，"
    "银行卡6222021234567890128，今年35岁，2024年3月5日下单，见https://example.com/a?b=1。"
)
PRESIDIO = {
    "PHONE_NUMBER": "138-0013-8000",
    "LOCATION": "湖南省长沙市岳麓区示例路1号",
    "DATE_TIME": "2024年3月5日",
    "AGE": "35岁",
    "URL": "https://example.com/a?b=1",
}


@pytest.fixture(scope="module")
def named() -> Any:
    return piiscan.presidio.analyzer(as_of=AS_OF, presidio_names=True)


def found(analyzer: Any, text: str, **asked: Any) -> dict[str, str]:
    return {kind: text[start:end] for kind, start, end, _ in places(analyzer, text, **asked)}


def test_results_have_presidios_names(named: Any) -> None:
    told = found(named, TEXT)
    assert {kind: told.get(kind) for kind in PRESIDIO} == PRESIDIO
    assert not set(told) & set(load().presidio_names)
    assert told["PERSON"] == "张三"


@pytest.mark.parametrize("entity", PRESIDIO)
def test_an_entity_is_asked_for_by_presidios_name(entity: str, named: Any) -> None:
    assert found(named, TEXT, entities=[entity]) == {entity: PRESIDIO[entity]}
    assert entity in named.get_supported_entities("zh")


def test_a_bank_card_is_a_credit_card(named: Any) -> None:
    assert found(
        named, "银行卡号6222020200000000002", score_threshold=0.1, entities=["CREDIT_CARD"]
    )


def test_our_own_names_are_the_default(analyzer: Any) -> None:
    assert "CN_MOBILE" in found(analyzer, TEXT)
    assert not {"PHONE_NUMBER", "LOCATION", "DATE_TIME"} & set(found(analyzer, TEXT))


def test_a_recognizer_of_one_name_finds_all_that_have_it() -> None:
    only = PresidioNamesRecognizer(["PHONE_NUMBER"], as_of=AS_OF)
    assert {each.entity_type for each in only.analyze("座机0731-80000001，手机13800138000")} == {
        "PHONE_NUMBER"
    }
    own = PiiscanRecognizer(["TEL"], entity_names={"CN_MOBILE": "TEL"}, as_of=AS_OF)
    for each in (own, PiiscanRecognizer.from_dict(own.to_dict())):
        assert [result.entity_type for result in each.analyze("手机13800138000")] == ["TEL"]


def test_the_names_travel(named: Any, tmp_path: Path) -> None:
    path = piiscan.presidio.write_config(tmp_path / "conf", presidio_names=True)
    loaded = AnalyzerEngineProvider(path).create_engine()
    assert found(loaded, TEXT) == found(named, TEXT)


@pytest.mark.parametrize("name", ["cn_mask", "cn_hash"])
def test_the_operators_know_presidios_names(name: str, named: Any, analyzer: Any) -> None:
    operators = piiscan.presidio.operators(
        name, **({"key": bytes(32)} if name == "cn_hash" else {})
    )
    text = TEXT.partition("，银行卡")[0]
    engine = piiscan.presidio.anonymizer()
    by_ours = engine.anonymize(text, analyzer.analyze(text, "zh"), operators).text
    assert engine.anonymize(text, named.analyze(text, "zh"), operators).text == by_ours


def test_presidios_country_filter_knows_china(analyzer: Any) -> None:
    registry = RecognizerRegistry(recognizers=[*analyzer.registry.recognizers])
    assert registry.get_country_codes() == ["cn"]
    kept = RecognizerListLoader.filter_by_countries(registry.recognizers, ["cn"])
    assert kept == registry.recognizers
    assert RecognizerListLoader.filter_by_countries(registry.recognizers, ["us"]) == []


NUMBERS = "机主138-0013-8000，备用１３８００１３８０００，另13900139000"


def kept(analyzer: Any, allowed: list[str], **asked: Any) -> list[Place]:
    return places(analyzer, NUMBERS, allow_list=allowed, **asked)


@pytest.mark.parametrize("spelling", ["13800138000", "138-0013-8000", "+86 138 0013 8000"])
def test_the_allow_list_drops_every_spelling_of_a_value(spelling: str, analyzer: Any) -> None:
    assert [NUMBERS[start:end] for _, start, end, _ in kept(analyzer, [spelling])] == [
        "13900139000"
    ]


def test_the_allow_list_drops_nothing_else(analyzer: Any) -> None:
    assert len(kept(analyzer, [])) == len(kept(analyzer, ["无", "1380013"])) == 3
    assert len(kept(analyzer, ["13800138000"], context=["手机"])) == 1
    assert len(kept(analyzer, ["^1380013"], allow_list_match="regex")) == 1
    with pytest.raises(ValueError, match="allow_list_match"):
        kept(analyzer, ["x"], allow_list_match="near")


def test_other_recognizers_keep_their_allow_list() -> None:
    own = PatternRecognizer(
        "CASE_NO", patterns=[Pattern("case", "CASE-[0-9]+", 0.6)], supported_language="zh"
    )
    both = piiscan.presidio.analyzer(as_of=AS_OF, beside=[own])
    assert found(both, "CASE-1 CASE-2", allow_list=["CASE-1"]) == {"CASE_NO": "CASE-2"}
    assert found(both, "CASE-1 13800138000", allow_list=["13800138000"]) == {"CASE_NO": "CASE-1"}
