"""Presidio's own provider loads piiscan from the file that write_config writes, on any machine."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import spacy
import yaml
from presidio_analyzer import Pattern, PatternRecognizer
from presidio_analyzer.predefined_recognizers import CreditCardRecognizer

import piiscan.presidio
from tests.presidio.recipes import places

TEXT = "身份证号430104190506150016，电话13800138000，编号430104050615001，案号CASE-2024"

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
    found, entities = loaded(moved, TEXT)
    ours = [each for each in found if each[0] != "CASE_NO"]
    assert ours == places(analyzer, TEXT)
    assert len(ours) >= 2
    assert [TEXT[start:end] for kind, start, end, _ in found if kind == "CASE_NO"] == ["CASE-2024"]
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
    found, entities = loaded(path, TEXT)
    assert found == []
    assert entities == ["CN_MOBILE", "PERSON"]


def test_spacy_loads_the_model_by_its_name() -> None:
    doc = spacy.load("piiscan.cn")("长沙的快递")
    assert [token.text for token in doc] == ["长沙", "的", "快递"]
    assert doc.ents == ()
