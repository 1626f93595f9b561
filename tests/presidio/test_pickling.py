"""Analyzers and results travel to other processes, by pickles and by Presidio's configuration."""

import copy
import datetime
import json
import pickle
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import spacy
import yaml
from presidio_analyzer import (
    AnalyzerEngine,
    AnalyzerEngineProvider,
    BatchAnalyzerEngine,
    Pattern,
    PatternRecognizer,
    RecognizerRegistry,
)
from presidio_analyzer.predefined_recognizers import CreditCardRecognizer

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


NUMBERS = "身份证号430104190506150016，电话13800138000，编号430104050615001，案号CASE-2024"

_LOAD = """
import json, logging, sys, warnings
warnings.simplefilter("error", UserWarning)
class Refuse(logging.Handler):
    def emit(self, record):
        raise SystemExit(record.getMessage())
logging.getLogger("presidio-analyzer").addHandler(Refuse(logging.WARNING))
from presidio_analyzer import AnalyzerEngineProvider
assert not [name for name in sys.modules if name.startswith("piiscan.presidio")]
engine = AnalyzerEngineProvider(analyzer_engine_conf_file=sys.argv[1]).create_engine()
found = engine.analyze(sys.argv[2], language=sys.argv[3])
places = sorted((r.entity_type, r.start, r.end, r.score) for r in found)
print(json.dumps([places, sorted(engine.get_supported_entities(sys.argv[3]))]))
"""


def loaded(config: Path, text: str, language: str = "zh") -> tuple[list[Any], list[str]]:
    done = subprocess.run(
        [sys.executable, "-c", _LOAD, config, text, language],
        capture_output=True,
        text=True,
        check=False,
        cwd=config.parents[1],
    )
    assert done.returncode == 0, done.stderr
    found, entities = json.loads(done.stdout)
    return [tuple(each) for each in found], entities


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A configuration of everything, carried to another folder."""
    first = tmp_path_factory.mktemp("here") / "conf"
    own = PatternRecognizer(
        "CASE_NO",
        name="Cases",
        patterns=[Pattern("case", r"CASE-[0-9]{4}", 0.6)],
        supported_language="zh",
        context=["案号"],
    )
    beside = [own, "UrlRecognizer", CreditCardRecognizer(supported_language="en")]
    path = piiscan.presidio.write_config(first, languages=("zh", "en"), beside=beside)
    second = tmp_path_factory.mktemp("there") / "conf"
    shutil.move(path.parent, second)
    return second / path.name


def test_a_process_that_never_imported_piiscan_finds_the_same(moved: Path, analyzer: Any) -> None:
    found, entities = loaded(moved, NUMBERS)
    ours = [each for each in found if each[0] != "CASE_NO"]
    assert ours == places(analyzer, NUMBERS)
    assert len(ours) >= 2
    assert [NUMBERS[start:end] for kind, start, end, _ in found if kind == "CASE_NO"] == [
        "CASE-2024"
    ]
    assert {"CASE_NO", "URL", "CN_MOBILE"} <= set(entities)


def test_the_second_language_has_its_own_recognizers(moved: Path) -> None:
    found, entities = loaded(moved, "call 13800138000, card 4111111111111111", "en")
    assert ("CN_MOBILE", 5, 16, 0.8) in [(*each[:3], 0.8) for each in found]
    assert {"CREDIT_CARD", "URL", "CN_MOBILE"} <= set(entities)
    assert "CASE_NO" not in entities


def test_the_file_holds_no_path(moved: Path) -> None:
    content = moved.read_text("utf-8")
    assert [each.name for each in moved.parent.iterdir()] == ["analyzer.yaml"]
    for part in (str(moved.parents[1]), str(Path.home()), "file:", "/"):
        assert part not in content
    models = yaml.safe_load(content)["nlp_configuration"]["models"]
    assert {each["model_name"] for each in models} == {"piiscan.cn"}


def test_entities_and_threshold_are_written(tmp_path: Path) -> None:
    path = piiscan.presidio.write_config(tmp_path / "conf", entities=["CN_MOBILE"], min_score=0.9)
    found, entities = loaded(path, NUMBERS)
    assert found == []
    assert entities == ["CN_MOBILE", "PERSON"]


def test_spacy_loads_the_model_by_its_name() -> None:
    doc = spacy.load("piiscan.cn")("长沙的快递")
    assert [token.text for token in doc] == ["长沙", "的", "快递"]
    assert doc.ents == ()
