"""Presidio's own provider loads piiscan from the folder that write_config writes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

import piiscan.presidio

_LOAD = """
import json, sys, warnings
import piiscan.presidio
from presidio_analyzer import AnalyzerEngineProvider
with warnings.catch_warnings():
    # Presidio adds its spaCy recognizer, says so, and takes it out again as it is switched off.
    warnings.filterwarnings("ignore", message="NLP recognizer")
    engine = AnalyzerEngineProvider(sys.argv[1]).create_engine()
found = engine.analyze(sys.argv[2], language="zh")
places = sorted((r.entity_type, r.start, r.end, r.score) for r in found)
print(json.dumps([places, sorted(r.name for r in engine.registry.recognizers)]))
"""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return piiscan.presidio.write_config(tmp_path_factory.mktemp("presidio") / "conf")


def test_the_provider_gives_what_our_own_analyzer_gives(written: Path, analyzer: Any) -> None:
    text = "身份证号430104190506150016，电话13800138000，编号430104050615001"
    done = subprocess.run(
        [sys.executable, "-W", "error::UserWarning", "-c", _LOAD, str(written), text],
        capture_output=True,
        text=True,
        check=True,
        cwd=written.parents[1],
    )
    places, names = json.loads(done.stdout)
    ours = sorted(
        [r.entity_type, r.start, r.end, r.score] for r in analyzer.analyze(text, language="zh")
    )
    assert places == ours
    assert len(ours) >= 2
    assert names == sorted(view.name for view in piiscan.presidio.recognizers())
    assert "SpacyRecognizer" not in names


def test_the_file_names_the_saved_pipeline_and_switches_spacys_names_off(written: Path) -> None:
    told = yaml.safe_load(written.read_text("utf-8"))
    (model,) = told["nlp_configuration"]["models"]
    assert Path(model["model_name"]).is_absolute()
    assert (Path(model["model_name"]) / "config.cfg").is_file()
    recognizers = told["recognizer_registry"]["recognizers"]
    assert [each["name"] for each in recognizers if each.get("enabled") is False] == [
        "SpacyRecognizer"
    ]
