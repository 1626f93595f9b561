"""Presidio configuration: a folder from which ``AnalyzerEngineProvider`` loads all of piiscan.

Presidio accepts only its own NLP engines, and ``blank:zh`` would access the network, but a
saved pipeline is loaded from its folder. Presidio looks for recognizer classes among those
imported, so ``import piiscan.presidio`` must come first. SpacyRecognizer is disabled, because
Presidio adds it by default.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from piiscan.detect.catalog.catalog import load
from piiscan.presidio.entity_recognizers import (
    DEFAULT_MIN_SCORE,
    PiiscanRecognizer,
)
from piiscan.presidio.nlp_pipeline import blank_pipeline
from piiscan.presidio.recognizer_results import recognizer_name


def write_config(folder: Path | str, *, min_score: float = DEFAULT_MIN_SCORE) -> Path:
    """Write ``analyzer.yaml`` and its pipeline into ``folder``. Return the path of the file.

    Load it with ``AnalyzerEngineProvider(write_config("conf")).create_engine()``.
    """
    target = Path(folder).resolve()
    target.mkdir(parents=True, exist_ok=True)
    pipeline = target / "pipeline"
    blank_pipeline("zh").to_disk(pipeline)
    path = target / "analyzer.yaml"
    text = yaml.safe_dump(
        _analyzer_config(pipeline, min_score), allow_unicode=True, sort_keys=False
    )
    path.write_text("# import piiscan.presidio before loading this file\n" + text, "utf-8")
    return path


def _analyzer_config(pipeline: Path, min_score: float) -> dict[str, Any]:
    """Return the content of ``analyzer.yaml``."""
    recognizers = [
        {
            "name": recognizer_name(entity),
            "class_name": PiiscanRecognizer.__name__,
            "type": "predefined",
            "supported_languages": ["zh"],
            "supported_entities": [entity],
            "score_thresholds": {"default": min_score},
        }
        for entity in load().entities
    ]
    spacy_recognizer = {"name": "SpacyRecognizer", "type": "predefined", "enabled": False}
    return {
        "supported_languages": ["zh"],
        "default_score_threshold": 0,
        "nlp_configuration": {
            "nlp_engine_name": "spacy",
            "models": [{"lang_code": "zh", "model_name": str(pipeline)}],
        },
        "recognizer_registry": {
            "supported_languages": ["zh"],
            "global_regex_flags": 26,  # Presidio's default: DOTALL | MULTILINE | IGNORECASE
            "recognizers": [*recognizers, spacy_recognizer],
        },
    }
