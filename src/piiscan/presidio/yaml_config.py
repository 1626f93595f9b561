"""A folder from which Presidio's own ``AnalyzerEngineProvider`` loads all of piiscan.

Presidio's list of NLP engines is closed and ``blank:zh`` would ask the network, but a saved
pipeline is loaded from its folder.  Recognizer classes are looked up among those imported, hence
``import piiscan.presidio`` must come first.  SpacyRecognizer is switched off, or Presidio adds it
by itself.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from piiscan.detect.catalog.catalog import load
from piiscan.presidio.entity_recognizers import DEFAULT_MIN_SCORE, PiiscanRecognizer, name_of
from piiscan.presidio.nlp_pipeline import blank


def write_config(folder: Path | str, *, min_score: float = DEFAULT_MIN_SCORE) -> Path:
    """The path of ``analyzer.yaml``, written into ``folder`` beside the pipeline it names.

    Load it with ``AnalyzerEngineProvider(write_config("conf")).create_engine()``.
    """
    place = Path(folder).resolve()
    place.mkdir(parents=True, exist_ok=True)
    pipeline = place / "pipeline"
    blank("zh").to_disk(pipeline)
    path = place / "analyzer.yaml"
    text = yaml.safe_dump(_analyzer(pipeline, min_score), allow_unicode=True, sort_keys=False)
    path.write_text("# import piiscan.presidio before loading this file\n" + text, "utf-8")
    return path


def _analyzer(pipeline: Path, min_score: float) -> dict[str, Any]:
    ours = [
        {
            "name": name_of(entity),
            "class_name": PiiscanRecognizer.__name__,
            "type": "predefined",
            "supported_languages": ["zh"],
            "supported_entities": [entity],
            "score_thresholds": {"default": min_score},
        }
        for entity in load().entities
    ]
    spacy_own = {"name": "SpacyRecognizer", "type": "predefined", "enabled": False}
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
            "recognizers": [*ours, spacy_own],
        },
    }
