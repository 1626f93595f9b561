"""Baselines of the benchmarks: four patterns in stock Presidio, Python's ``re`` and ripgrep.

Word boundaries are ASCII in all three, so that they also apply next to Hanzi.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable
from typing import Any, Final

PATTERNS: Final = {
    "CN_RESIDENT_ID": "[1-9][0-9]{16}[0-9Xx]",
    "CN_MOBILE": "1[3-9][0-9]{9}",
    "CN_WAYBILL": "(?:SF|YT)[0-9]{13}",
    "EMAIL_ADDRESS": r"[A-Za-z0-9._-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+",
}
ALTERNATION: Final = r"\b(?:" + "|".join(PATTERNS.values()) + r")\b"


def python_re_pattern() -> re.Pattern[str]:
    """Return the alternation of the four patterns, compiled for Python's ``re``."""
    return re.compile(ALTERNATION, re.ASCII)


def ripgrep_command() -> list[str] | None:
    """Return the command that counts the matches in a file whose path is appended.

    Return None if ripgrep is not installed.
    """
    program = shutil.which("rg")
    if program is None:
        return None
    return [program, "--count-matches", "--no-unicode", "--no-config", "-e", ALTERNATION]


def stock_analyzer(segmenter: str) -> Any:
    """Return a stock Presidio AnalyzerEngine with the four patterns and a blank ``zh`` model.

    ``segmenter``: spaCy's ``char`` or ``jieba``.
    """
    import spacy
    from presidio_analyzer import AnalyzerEngine, Pattern, PatternRecognizer, RecognizerRegistry
    from presidio_analyzer.nlp_engine import SpacyNlpEngine

    engine = SpacyNlpEngine(models=[{"lang_code": "zh", "model_name": "blank"}])
    config = {"nlp": {"tokenizer": {"segmenter": segmenter}}}
    engine.nlp = {"zh": spacy.blank("zh", config=config)}
    recognizers = [
        PatternRecognizer(
            supported_entity=entity,
            supported_language="zh",
            patterns=[Pattern(entity, rf"(?<![0-9A-Za-z_]){shape}(?![0-9A-Za-z_])", 0.85)],
        )
        for entity, shape in PATTERNS.items()
    ]
    registry = RecognizerRegistry(recognizers=recognizers, supported_languages=["zh"])
    return AnalyzerEngine(registry=registry, nlp_engine=engine, supported_languages=["zh"])


def count_results(analyzer: Any, texts: Iterable[str]) -> int:
    """Return the number of results of a Presidio analyzer, called once per text."""
    return sum(len(analyzer.analyze(text=text, language="zh")) for text in texts)
