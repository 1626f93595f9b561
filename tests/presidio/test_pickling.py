"""Engines, recognizers, analyzers and results travel to other processes and come back the same."""

from __future__ import annotations

import copy
import datetime
import json
import pickle
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from presidio_analyzer import (
    AnalyzerEngine,
    AnalyzerEngineProvider,
    BatchAnalyzerEngine,
    RecognizerRegistry,
)

import piiscan
import piiscan.presidio
from piiscan.detect.catalog.catalog import Catalog, load
from piiscan.detect.self_test import AS_OF
from piiscan.finding import engine_for
from piiscan.presidio import PiiscanRecognizer
from tests.own_rules import write_member
from tests.presidio.recipes import in_new_process, places

TEXT = "机主电话138-0013-8000，身份证号430104190506150016"


def test_an_engine_unpickles_as_the_engine_of_the_process() -> None:
    engine = engine_for(AS_OF)
    content = pickle.dumps(engine)
    assert pickle.loads(content) is engine
    assert copy.deepcopy(engine) is engine
    assert len(content) < 1_000_000
    shared = PiiscanRecognizer(as_of=AS_OF).shared
    assert pickle.loads(pickle.dumps(shared)) is shared


@pytest.mark.parametrize("name", ["recognizers", "analyzer", "batch", "nlp_engine", "anonymizer"])
def test_everything_pickles(name: str, analyzer: Any) -> None:
    made = {
        "recognizers": lambda: piiscan.presidio.recognizers(as_of=AS_OF),
        "analyzer": lambda: analyzer,
        "batch": lambda: BatchAnalyzerEngine(analyzer),
        "nlp_engine": piiscan.presidio.nlp_engine,
        "anonymizer": piiscan.presidio.anonymizer,
    }[name]()
    first, second = pickle.loads(pickle.dumps(made)), copy.deepcopy(made)
    assert type(first) is type(second) is type(made)


def test_results_and_findings_pickle(analyzer: Any) -> None:
    results = analyzer.analyze(TEXT, language="zh", return_decision_process=True)
    for twins in (pickle.loads(pickle.dumps(results)), copy.deepcopy(results)):
        assert [each.to_dict() | {"analysis_explanation": None} for each in twins] == [
            each.to_dict() | {"analysis_explanation": None} for each in results
        ]
        assert [str(each.analysis_explanation) for each in twins] == [
            str(each.analysis_explanation) for each in results
        ]
    found = piiscan.find_all([TEXT])
    assert pickle.loads(pickle.dumps(found)) == copy.deepcopy(found) == found


def test_an_analyzer_answers_alike_in_a_process_that_never_imported_piiscan(
    analyzer: Any, tmp_path: Path
) -> None:
    assert in_new_process(analyzer, TEXT, tmp_path) == places(analyzer, TEXT)


def test_an_analyzer_of_a_configuration_travels_too(tmp_path: Path) -> None:
    path = piiscan.presidio.write_config(tmp_path / "conf")
    provided = AnalyzerEngineProvider(path).create_engine()
    text = f"\ud83d{TEXT}"
    assert places(pickle.loads(pickle.dumps(provided)), text) == places(provided, text) != []
    assert in_new_process(provided, TEXT, tmp_path) == places(provided, TEXT)


def test_a_process_has_one_engine_whatever_it_receives(analyzer: Any, tmp_path: Path) -> None:
    content = tmp_path / "all.pickle"
    kept = [analyzer, *piiscan.presidio.recognizers(as_of=AS_OF)[:2], engine_for(AS_OF)]
    content.write_bytes(b"".join(pickle.dumps(each) for each in kept))
    code = """
import pickle, sys
with open(sys.argv[1], "rb") as file:
    analyzer, first, second, engine = (pickle.load(file) for _ in range(4))
(ours,) = analyzer.registry.recognizers
assert ours.shared is first.shared is second.shared is analyzer.nlp_engine.shared
assert ours.shared.engine is engine
from piiscan.finding import engine_for
assert engine_for(engine.as_of) is engine
"""
    subprocess.run([sys.executable, "-c", code, str(content)], check=True)


def test_a_copied_recognizer_shares_the_engine(analyzer: Any) -> None:
    (recognizer,) = analyzer.registry.recognizers
    twin = copy.deepcopy(recognizer)
    assert twin.shared is recognizer.shared
    twin.supported_entities.append("X")
    assert "X" not in recognizer.supported_entities
    whole = copy.deepcopy(analyzer)
    assert whole.registry.recognizers[0].shared is recognizer.shared
    assert places(whole, TEXT) == places(analyzer, TEXT)


@pytest.fixture
def own_rules(tmp_path: Path) -> Path:
    (tmp_path / "rules").mkdir()
    return write_member(tmp_path / "rules")


def test_a_recognizer_survives_a_dictionary(own_rules: Path) -> None:
    made = PiiscanRecognizer(
        ["ORDER_NO", "CN_MOBILE"],
        "Shop",
        "en",
        context=["会员"],
        score_thresholds={"default": 0.3, "CN_MOBILE": 0.9},
        as_of=datetime.date(2025, 1, 2),
        recognizers=own_rules,
    )
    fields = json.loads(json.dumps(made.to_dict()))
    twin = PiiscanRecognizer.from_dict(fields)
    assert twin.to_dict() == made.to_dict()
    assert twin.shared is made.shared
    assert (twin.name, twin.supported_language, twin.context) == ("Shop", "en", ["会员"])
    assert twin.supported_entities == ["ORDER_NO", "CN_MOBILE"]
    assert twin.score_thresholds == {"default": 0.3, "CN_MOBILE": 0.9}
    assert twin.shared.engine.as_of == datetime.date(2025, 1, 2)
    assert [each.entity_type for each in twin.analyze("HY12345678")] == ["ORDER_NO"]
    registry = RecognizerRegistry(recognizers=[twin], supported_languages=["en"])
    own = AnalyzerEngine(registry, piiscan.presidio.nlp_engine(["en"]), supported_languages=["en"])
    assert [each.score for each in own.analyze("手机13800138000", "en")] == []


def test_own_rules_travel_in_the_pickle_without_their_folder(
    own_rules: Path, tmp_path: Path
) -> None:
    catalog: Catalog = load(own_rules)
    own = piiscan.presidio.analyzer(catalog, as_of=AS_OF)
    expected = places(own, "会员HY12345678")
    assert [each[0] for each in expected] == ["ORDER_NO"]
    (own_rules / "member.yaml").unlink()
    assert in_new_process(own, "会员HY12345678", tmp_path) == expected


def test_pickling_in_threads_is_the_same(analyzer: Any) -> None:
    found: list[Any] = []

    def work() -> None:
        twin = pickle.loads(pickle.dumps(analyzer))
        found.append(places(twin, TEXT))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [places(analyzer, TEXT)] * 4
