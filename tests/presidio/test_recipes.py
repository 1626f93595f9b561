"""Presidio's documented recipes, followed literally with piiscan; none of them asks the network."""

import logging
import multiprocessing
import pickle
import socket
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from presidio_analyzer import (
    AnalyzerEngine,
    AnalyzerEngineProvider,
    BatchAnalyzerEngine,
    EntityRecognizer,
    Pattern,
    PatternRecognizer,
    RecognizerRegistry,
    RecognizerResult,
)
from presidio_analyzer.nlp_engine import NlpEngineProvider
from presidio_analyzer.recognizer_registry import RecognizerRegistryProvider
from presidio_anonymizer import AnonymizerEngine, BatchAnonymizerEngine, DeanonymizeEngine
from presidio_anonymizer.entities import OperatorConfig
from presidio_anonymizer.operators import Operator, OperatorType

import piiscan.presidio
from piiscan.detect.self_test import AS_OF
from tests.presidio.recipes import places

TEXT = "机主电话138-0013-8000，身份证号430104190506150016"
PHONE = ("CN_MOBILE", 4, 17)
ID = ("CN_RESIDENT_ID", 22, 40)


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse every connection but those between processes."""
    connect = socket.socket.connect

    def refuse(self: socket.socket, address: Any) -> None:
        assert self.family == socket.AF_UNIX, "the network was asked"
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", refuse)


def kinds(found: Any) -> list[tuple[str, int, int]]:
    return sorted((each.entity_type, each.start, each.end) for each in found)


def test_analyze_and_anonymize(analyzer: Any) -> None:
    results = analyzer.analyze(text=TEXT, entities=["CN_MOBILE"], language="zh")
    assert kinds(results) == [PHONE]
    results = analyzer.analyze(text=TEXT, language="zh")
    assert kinds(results) == [PHONE, ID]
    anonymizer = AnonymizerEngine()
    anonymized = anonymizer.anonymize(text=TEXT, analyzer_results=results)
    assert anonymized.text == "机主电话<CN_MOBILE>，身份证号<CN_RESIDENT_ID>"
    operators = {
        "DEFAULT": OperatorConfig("redact"),
        "CN_MOBILE": OperatorConfig(
            "mask", {"chars_to_mask": 4, "masking_char": "*", "from_end": True}
        ),
    }
    anonymized = anonymizer.anonymize(TEXT, results, operators)
    assert anonymized.text == "机主电话138-0013-****，身份证号"
    assert [item.entity_type for item in anonymized.items] == ["CN_RESIDENT_ID", "CN_MOBILE"]


def test_a_registry_of_ones_own() -> None:
    registry = RecognizerRegistry(supported_languages=["zh"])
    for recognizer in piiscan.presidio.recognizers(as_of=AS_OF):
        registry.add_recognizer(recognizer)
    titles = PatternRecognizer(
        supported_entity="TITLE", deny_list=["先生", "女士"], supported_language="zh"
    )
    registry.add_recognizer(titles)
    analyzer = AnalyzerEngine(
        registry=registry, nlp_engine=piiscan.presidio.nlp_engine(), supported_languages=["zh"]
    )
    assert kinds(analyzer.analyze(TEXT, "zh")) == [PHONE, ID]
    assert "TITLE" in analyzer.get_supported_entities("zh")
    registry.remove_recognizer("PiiscanCnMobile")
    assert kinds(analyzer.analyze(TEXT, "zh")) == [ID]


def test_providers_of_files(tmp_path: Path) -> None:
    path = piiscan.presidio.write_config(tmp_path / "conf")
    analyzer = AnalyzerEngineProvider(analyzer_engine_conf_file=path).create_engine()
    assert kinds(analyzer.analyze(TEXT, "zh")) == [PHONE, ID]
    whole = yaml.safe_load(path.read_text("utf-8"))
    parts = {"nlp": whole.pop("nlp_configuration"), "recognizers": whole.pop("recognizer_registry")}
    for name, content in [*parts.items(), ("analyzer", whole)]:
        (tmp_path / f"{name}.yaml").write_text(yaml.safe_dump(content), "utf-8")
    analyzer = AnalyzerEngineProvider(
        analyzer_engine_conf_file=tmp_path / "analyzer.yaml",
        nlp_engine_conf_file=tmp_path / "nlp.yaml",
        recognizer_registry_conf_file=tmp_path / "recognizers.yaml",
    ).create_engine()
    assert kinds(analyzer.analyze(TEXT, "zh")) == [PHONE, ID]
    nlp_engine = NlpEngineProvider(nlp_configuration=parts["nlp"]).create_engine()
    registry = RecognizerRegistryProvider(
        conf_file=tmp_path / "recognizers.yaml", nlp_engine=nlp_engine
    ).create_recognizer_registry()
    analyzer = AnalyzerEngine(registry=registry, nlp_engine=nlp_engine, supported_languages=["zh"])
    assert kinds(analyzer.analyze(TEXT, "zh")) == [PHONE, ID]


def test_recognizers_of_a_yaml_file(tmp_path: Path, analyzer: Any) -> None:
    recognizers = [
        {
            "name": "Zip code Recognizer",
            "supported_language": "zh",
            "patterns": [{"name": "zip", "regex": "[0-9]{6}(?![0-9])", "score": 0.2}],
            "context": ["邮编"],
            "supported_entity": "ZIP",
        }
    ]
    path = tmp_path / "recognizers.yaml"
    path.write_text(yaml.safe_dump({"recognizers": recognizers}, allow_unicode=True), "utf-8")
    own = piiscan.presidio.analyzer(as_of=AS_OF)
    own.registry.add_recognizers_from_yaml(path)
    assert ("ZIP", 2, 8) in kinds(own.analyze("邮编410000", "zh"))


def test_batches(analyzer: Any) -> None:
    batch = BatchAnalyzerEngine(analyzer_engine=analyzer)
    found = batch.analyze_iterator([TEXT, "无", 13800138000, True, None], language="zh")
    assert [len(each) for each in found] == [2, 0, 1, 0, 0]
    data = {
        "手机号": ["13800138000", "13900139000"],
        "地址": {"城市": "长沙", "备注": ["电话13800138000", "无"]},
        "件数": 3,
    }
    results = list(batch.analyze_dict(data, language="zh", keys_to_skip=["件数"]))
    anonymized = BatchAnonymizerEngine().anonymize_dict(
        results, operators=piiscan.presidio.operators()
    )
    assert anonymized["手机号"] == ["138****8000", "139****9000"]
    assert anonymized["地址"]["备注"] == ["电话138****8000", "无"]
    assert anonymized["件数"] == 3


def test_an_ad_hoc_recognizer(analyzer: Any) -> None:
    zip_code = PatternRecognizer(
        supported_entity="ZIP",
        patterns=[Pattern(name="zip code", regex=r"(?<!\d)\d{6}(?!\d)", score=0.5)],
        supported_language="zh",
    )
    text = f"{TEXT}，邮编410000"
    results = analyzer.analyze(text=text, language="zh", ad_hoc_recognizers=[zip_code])
    assert kinds(results) == [PHONE, ID, ("ZIP", 43, 49)]
    assert kinds(analyzer.analyze(text, "zh")) == [PHONE, ID]


def test_the_decision_process(analyzer: Any, caplog: pytest.LogCaptureFixture) -> None:
    results = analyzer.analyze(TEXT, "zh", return_decision_process=True)
    explanation = next(r for r in results if r.entity_type == "CN_MOBILE").analysis_explanation
    assert explanation.recognizer == "PiiscanCnMobile"
    assert explanation.to_dict()["pattern_name"] == "cn.mobile"
    tracing = AnalyzerEngine(
        registry=analyzer.registry,
        nlp_engine=analyzer.nlp_engine,
        supported_languages=["zh"],
        log_decision_process=True,
    )
    logger = logging.getLogger("decision_process")
    logger.addHandler(caplog.handler)
    try:
        with pytest.warns(UserWarning, match="decision trace writes the words"):
            tracing.analyze(TEXT, "zh", correlation_id="trace-1")
    finally:
        logger.removeHandler(caplog.handler)
    assert "trace-1" in caplog.text
    assert "CN_MOBILE" in caplog.text


def test_two_languages() -> None:
    english = PatternRecognizer(
        supported_entity="CASE_NO",
        patterns=[Pattern("case", r"\bCASE-\d+\b", 0.6)],
        supported_language="en",
    )
    analyzer = piiscan.presidio.analyzer(as_of=AS_OF, languages=["zh", "en"], beside=[english])
    assert kinds(analyzer.analyze(TEXT, language="zh")) == [PHONE, ID]
    assert kinds(analyzer.analyze("CASE-7: call 13800138000", language="en")) == [
        ("CASE_NO", 0, 6),
        ("CN_MOBILE", 13, 24),
    ]


def test_encrypt_and_decrypt(analyzer: Any) -> None:
    crypto_key = "WmZq4t7w!z%C&F)J"
    results = analyzer.analyze(TEXT, "zh")
    encrypted = AnonymizerEngine().anonymize(
        text=TEXT,
        analyzer_results=results,
        operators={"DEFAULT": OperatorConfig("encrypt", {"key": crypto_key})},
    )
    assert "138" not in encrypted.text
    decrypted = DeanonymizeEngine().deanonymize(
        text=encrypted.text,
        entities=encrypted.items,
        operators={"DEFAULT": OperatorConfig("decrypt", {"key": crypto_key})},
    )
    assert decrypted.text == TEXT


def test_joblib_sends_the_analyzer_to_its_workers(analyzer: Any) -> None:
    joblib = pytest.importorskip("joblib")
    parallel = joblib.Parallel(n_jobs=2)
    found = parallel(joblib.delayed(analyzer.analyze)(text, "zh") for text in [TEXT, "无"] * 2)
    assert [kinds(each) for each in found] == [[PHONE, ID], []] * 2


def test_spawned_processes_receive_the_analyzer(analyzer: Any) -> None:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        found = pool.starmap(analyzer.analyze, [(TEXT, "zh"), ("无", "zh")])
    assert [kinds(each) for each in found] == [[PHONE, ID], []]


def names(analyzer: Any) -> set[str]:
    return {each.name for each in analyzer.get_recognizers("zh")}


@pytest.mark.parametrize("presidio_names", [False, True])
def test_recognizers_are_listed_and_removed_by_the_names_in_results(presidio_names: bool) -> None:
    own = piiscan.presidio.analyzer(as_of=AS_OF, presidio_names=presidio_names)
    text = f"{TEXT}，座机0731-82223333"
    listed = names(own)
    results = own.analyze(text, "zh")
    assert {each.recognition_metadata["recognizer_name"] for each in results} <= listed
    own.registry.remove_recognizer("PiiscanCnMobile", "en")
    assert names(own) == listed
    own.registry.remove_recognizer("PiiscanCnMobile")
    assert names(own) == listed - {"PiiscanCnMobile"}
    left = [(each.start, each.end) for each in own.analyze(text, "zh")]
    assert left == [(each.start, each.end) for each in results if each.start != PHONE[1]]
    (ours, *_) = own.registry.recognizers
    assert type(ours).from_dict(ours.to_dict()).own_entities == ours.own_entities


@pytest.mark.parametrize("kind", [{}, {"type": "predefined", "supported_languages": ["zh"]}])
def test_a_file_enables_recognizers_one_by_one(tmp_path: Path, kind: dict[str, Any]) -> None:
    path = piiscan.presidio.write_config(tmp_path)
    config = yaml.safe_load(path.read_text("utf-8"))
    entries = config["recognizer_registry"]["recognizers"]
    entries[:1] = [
        {"name": "PiiscanCnMobile", **kind},
        {"name": "PiiscanPerson", **kind, "enabled": False},
    ]
    path.write_text(yaml.safe_dump(config), "utf-8")
    made = AnalyzerEngineProvider(path).create_engine()
    assert names(made) == {"PiiscanCnMobile", "SpacyRecognizer"}
    assert places(made, f"{TEXT}，138001") == [(*PHONE, 0.85)]
    again = pickle.loads(pickle.dumps(made.registry.recognizers[0]))
    assert again.supported_entities == ["CN_MOBILE"]


def test_a_deny_list_matches_among_hanzi(tmp_path: Path) -> None:
    text, found = "张先生们好，是VIP客户，不是VIPs", [("TITLE", 1, 4), ("TITLE", 7, 10)]

    def titles() -> PatternRecognizer:
        words = ["先生", "先生们", "VIP"]
        return PatternRecognizer("TITLE", deny_list=words, supported_language="zh")

    def of(engine: Any, **options: Any) -> list[tuple[str, int, int]]:
        return kinds(engine.analyze(text, "zh", entities=["TITLE"], **options))

    own = piiscan.presidio.analyzer(as_of=AS_OF)
    assert of(own, ad_hoc_recognizers=[titles()]) == found
    own.registry.add_recognizer(titles())
    assert of(own) == found
    path = piiscan.presidio.write_config(tmp_path, beside=[titles()])
    assert of(AnalyzerEngineProvider(path).create_engine()) == found
    stock = AnalyzerEngine(
        registry=RecognizerRegistry([titles()], supported_languages=["zh"]),
        nlp_engine=piiscan.presidio.nlp_engine(),
        supported_languages=["zh"],
    )
    assert of(piiscan.presidio.PiiscanAnalyzerEngine.of(stock)) == found


def test_pictures_are_redacted_by_boxes_of_values(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("rapidocr")
    from piiscan.presidio import picture_ocr
    from piiscan.sources.pictures.picture_text import PictureText, TextLine

    line = TextLine("收件人电话13912345678谢谢", 0.9, (10, 20, 260, 40))
    monkeypatch.setattr(picture_ocr, "read_picture", lambda _: PictureText([line], []))
    words = piiscan.presidio.ocr().perform_ocr(np.zeros((50, 300), np.uint8))
    assert words["text"] == ["收件人电话", "13912345678", "谢谢"]
    assert (words["left"][1], words["width"][1]) == (100, 131)  # of 110 to 220 as drawn
    assert {*words} == {"text", "left", "top", "width", "height", "conf"}
    text = picture_ocr.PictureOcr.get_text_from_ocr_dict(words)
    assert text == "收件人电话 13912345678 谢谢"


def test_cells_that_are_more_than_a_value_keep_their_rest() -> None:
    cells = ["电话13912345678谢谢", "13912345678", "无", "", None]
    for name, replaced in (
        ("cn_mask", ["电话139****5678谢谢", "139****5678", "*", "", None]),
        ("cn_replace", ["电话[CN_MOBILE]谢谢", "[CN_MOBILE]", "[***]", "", None]),
    ):
        operator = AnonymizerEngine().operators_factory.create_operator_class(
            name, OperatorType.Anonymize
        )
        assert [operator.operate(cell, {}) for cell in cells] == replaced


@pytest.mark.parametrize(
    ("operator", "params", "text"),
    [
        ("replace", {"new_value": "某号"}, "电话某号"),
        ("redact", {}, "电话"),
        ("mask", {"chars_to_mask": 7, "masking_char": "#", "from_end": False}, "电话#######8000"),
        ("keep", {}, "电话13800138000"),
        ("custom", {"lambda": lambda text: f"{len(text)}位"}, "电话11位"),
    ],
)
def test_stock_operators(analyzer: Any, operator: str, params: Any, text: str) -> None:
    given = "电话13800138000"
    results = analyzer.analyze(given, "zh")
    operators = {"CN_MOBILE": OperatorConfig(operator, params)}
    assert AnonymizerEngine().anonymize(given, results, operators).text == text


class Room(EntityRecognizer):
    """Recognizer of rooms: 0栋."""

    def load(self) -> None: ...

    def analyze(self, text: str, entities: Any, nlp_artifacts: Any = None) -> Any:
        at = text.find("0栋")
        return [RecognizerResult("ROOM", at, at + 2, 0.9)] if at >= 0 else []


class Counter(Operator):
    """Operator that numbers texts."""

    def operate(self, text: str, params: Any = None) -> str:
        return f"<{params['entity_type']} 1>"

    def validate(self, params: Any = None) -> None: ...

    def operator_name(self) -> str:
        return "count"

    def operator_type(self) -> OperatorType:
        return OperatorType.Anonymize


def test_a_recognizer_class_and_an_operator_class_of_ones_own() -> None:
    room = Room(["ROOM"], supported_language="zh")
    own = piiscan.presidio.analyzer(as_of=AS_OF, beside=[room])
    results = own.analyze("0栋，电话13800138000", "zh")
    engine = AnonymizerEngine()
    engine.add_anonymizer(Counter)
    masked = engine.anonymize("0栋，电话13800138000", results, {"DEFAULT": OperatorConfig("count")})
    assert masked.text == "<ROOM 1>，电话<CN_MOBILE 1>"
