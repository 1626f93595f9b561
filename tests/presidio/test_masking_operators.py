"""The masking operator: Chinese habits, never the value itself."""

import math
from typing import Any

import pytest
from presidio_analyzer import BatchAnalyzerEngine, Pattern, PatternRecognizer
from presidio_anonymizer import AnonymizerEngine
from presidio_anonymizer.entities import InvalidParamError, OperatorConfig, RecognizerResult

import piiscan.presidio
from piiscan.masking.pseudonym import Item
from piiscan.presidio.masking_operators import NAME, ChineseMask, KeyedHash

AS_MOBILE = {"as": "CN_MOBILE"}
TEXT = "张三，电话13800138000，身份证号430104190506150016"


def masked(text: str, analyzer: Any, operators: dict[str, Any] | None = None) -> str:
    results = analyzer.analyze(text, language="zh")
    engine = piiscan.presidio.anonymizer()
    return engine.anonymize(text, results, operators=operators or piiscan.presidio.operators()).text


@pytest.mark.parametrize(
    ("text", "operators", "shown"),
    [
        (TEXT, None, "张*，电话138****8000，身份证号4301***********016"),
        (
            *(TEXT, {"CN_MOBILE": OperatorConfig(NAME)}),
            "<PERSON>，电话138****8000，身份证号<CN_RESIDENT_ID>",
        ),
        ("密码：Demo1234", None, "密码：***"),
        ("密码：Demo1234567", {"CREDENTIAL": OperatorConfig(NAME, AS_MOBILE)}, "密码：***"),
        # two numbers that Presidio merges: neither is shown
        ("13800138000 13900139000", None, "138****************9000"),
    ],
)
def test_each_kind_is_masked_by_its_habit(
    text: str, operators: dict[str, Any] | None, shown: str, analyzer: Any
) -> None:
    assert masked(text, analyzer, operators) == shown


def test_another_projects_entity_borrows_a_habit() -> None:
    engine, result = piiscan.presidio.anonymizer(), RecognizerResult("PHONE_NUMBER", 0, 11, 0.9)
    operators = {"PHONE_NUMBER": OperatorConfig(NAME, AS_MOBILE)}
    assert engine.anonymize("13800138000", [result], operators).text == "138****8000"
    with pytest.raises(InvalidParamError, match="CN_MOBILE"):
        engine.anonymize("13800138000", [result], {"DEFAULT": OperatorConfig(NAME, {"as": 3})})


def test_the_other_operators_work_in_presidios_engine(analyzer: Any) -> None:
    key = bytes(32)
    names = {"CN_MOBILE": "手机号码", "PERSON": "姓名", "CN_RESIDENT_ID": "身份证"}
    of = piiscan.presidio.operators
    assert masked(TEXT, analyzer, of("cn_replace", names=names)) == (
        "[姓名]，电话[手机号码]，身份证号[身份证]"
    )
    hashed = masked("电话13800138000", analyzer, of("cn_hash", key=key))
    assert hashed == "电话92da7eefd3ee800f4d28a331ade55203"
    told = masked("电话138-0013-8000", analyzer, of("cn_pseudonym", key=key))
    assert told == "电话007-4156-2189"
    for name in ("cn_hash", "cn_pseudonym"):
        with pytest.raises(InvalidParamError, match="32 bytes"):
            masked(TEXT, analyzer, of(name, key=b"short"))


def test_many_values_at_once_are_the_same_as_one_by_one() -> None:
    params = {"key": bytes(32)}
    items = [
        Item("13800138000", "CN_MOBILE", "cn.mobile", "13800138000"),
        Item("张三", "PERSON", "name.person", "张三"),
    ] * 2
    for name in ("cn_mask", "cn_replace", "cn_hash", "cn_pseudonym", "redact", "replace"):
        engine = piiscan.presidio.anonymizer()
        one = [
            engine.anonymize(
                item.text,
                [RecognizerResult(item.entity, 0, len(item.text), 1.0)],
                operators=piiscan.presidio.operators(name, **params),
            ).text
            for item in items
        ]
        assert piiscan.presidio.Anonymizing(name, params)(items) == one


def test_a_plain_engine_knows_the_operators(analyzer: Any) -> None:
    results = analyzer.analyze(TEXT, language="zh")
    operators = piiscan.presidio.operators()
    done = AnonymizerEngine().anonymize(TEXT, results, operators=operators)
    assert done.text == masked(TEXT, analyzer)
    names = AnonymizerEngine().get_anonymizers()
    assert {"cn_mask", "cn_replace", "cn_hash", "cn_pseudonym", "encrypt"} <= set(names)
    assert len(names) == len(set(names))


@pytest.mark.parametrize("name", ["cn_mask", "cn_replace", "cn_hash", "cn_pseudonym", "replace"])
def test_an_unpaired_surrogate_is_answered(name: str, analyzer: Any) -> None:
    text = "\ud83d收件人：张三，电话138-0013-8000\udc00。"
    results = analyzer.analyze(text, language="zh")
    assert [text[each.start : each.end] for each in results][-1] == "138-0013-8000"
    operators = piiscan.presidio.operators(
        name, **({} if name == "replace" else {"key": bytes(32)})
    )
    done = AnonymizerEngine().anonymize(text, results, operators=operators)
    assert (done.text[0], done.text[-2:]) == ("\ud83d", "\udc00。")
    inside = RecognizerResult("CN_MOBILE", 0, len(text), 0.9)
    assert AnonymizerEngine().anonymize(text, [inside], operators=operators).text


def test_words_of_other_recognizers_are_read_beside_a_surrogate() -> None:
    pattern = Pattern("case", "CASE-[0-9]{4}", 0.3)
    own = PatternRecognizer(
        "CASE_NO", patterns=[pattern], context=["案号"], supported_language="zh"
    )
    both = piiscan.presidio.analyzer(beside=[own], languages=("zh", "en"))
    text = "\ud83d\ude00案号 CASE-2024"
    assert [each.entity_type for each in both.analyze(text, language="zh")] == ["CASE_NO"]
    batch = BatchAnalyzerEngine(both)
    assert [len(each) for each in batch.analyze_iterator([text, "\udfff"], "zh")] == [1, 0]
    doc = both.nlp_engine.process_text("call \ud83d me", "en").tokens
    assert doc.text == "call \ufffd me"


def test_a_cell_without_entity_is_masked_as_what_it_is() -> None:
    """A StructuredEngine gives its operators cells of a column, and no entity."""
    operator = ChineseMask()
    assert operator.operate("13800138000", {}) == "138****8000"
    assert operator.operate(13800138000, {}) == "138****8000"  # type: ignore[arg-type]
    assert operator.operate("430104190506150016", {}) == "4301***********016"
    assert operator.operate("张三") == "张*"
    assert operator.operate(None) is None  # type: ignore[arg-type]
    assert math.isnan(operator.operate(math.nan))  # type: ignore[arg-type]
    key = {"key": bytes(32)}
    digests = {
        KeyedHash().operate(text, key | entity)
        for text in ("138-0013-8000", "13800138000")
        for entity in ({}, {"entity_type": "CN_MOBILE"})
    }
    assert len(digests) == 1
