"""The masking operator: Chinese habits, never the value itself."""

from __future__ import annotations

from typing import Any

import pytest
from presidio_anonymizer.entities import InvalidParamError, OperatorConfig, RecognizerResult

import piiscan.presidio
from piiscan.masking.pseudonym import Item
from piiscan.presidio.masking_operators import NAME

TEXT = "张三，电话13800138000，身份证号430104190506150016"


def masked(text: str, analyzer: Any, operators: dict[str, Any] | None = None) -> str:
    results = analyzer.analyze(text, language="zh")
    engine = piiscan.presidio.anonymizer()
    return engine.anonymize(text, results, operators=operators or piiscan.presidio.operators()).text


def test_each_kind_is_masked_by_its_own_habit(analyzer: Any) -> None:
    assert masked(TEXT, analyzer) == "张*，电话138****8000，身份证号4301**********0016"


def test_a_name_keeps_its_first_character() -> None:
    result = RecognizerResult("PERSON", 0, 2, 0.9)
    engine = piiscan.presidio.anonymizer()
    done = engine.anonymize("张三", [result], operators=piiscan.presidio.operators())
    assert done.text == "张*"


def test_one_kind_may_be_masked_and_the_others_replaced(analyzer: Any) -> None:
    told = masked(TEXT, analyzer, {"CN_MOBILE": OperatorConfig(NAME)})
    assert "138****8000" in told
    assert "<CN_RESIDENT_ID>" in told


def test_of_a_credential_nothing_is_shown(analyzer: Any) -> None:
    assert masked("密码：Demo1234", analyzer) == "密码：***"
    borrowed = {"CREDENTIAL": OperatorConfig(NAME, {"as": "CN_MOBILE"})}
    assert masked("密码：Demo1234567", analyzer, borrowed) == "密码：***"


def test_another_projects_entity_borrows_a_habit() -> None:
    result = RecognizerResult("PHONE_NUMBER", 0, 11, 0.9)
    operators = {"PHONE_NUMBER": OperatorConfig(NAME, {"as": "CN_MOBILE"})}
    done = piiscan.presidio.anonymizer().anonymize("13800138000", [result], operators=operators)
    assert done.text == "138****8000"


def test_two_numbers_that_presidio_merges_do_not_show_either(analyzer: Any) -> None:
    told = masked("13800138000 13900139000", analyzer)
    assert "0138" not in told
    assert "1390013" not in told


def test_a_wrong_parameter_is_refused() -> None:
    operators = {"DEFAULT": OperatorConfig(NAME, {"as": 3})}
    with pytest.raises(InvalidParamError, match="CN_MOBILE"):
        piiscan.presidio.anonymizer().anonymize(
            "x", [RecognizerResult("PERSON", 0, 1, 0.9)], operators=operators
        )


def test_the_operator_is_listed() -> None:
    assert NAME in piiscan.presidio.anonymizer().get_anonymizers()


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
