"""The same four patterns in stock Presidio, in Python's ``re`` and in ripgrep.

Word borders are ASCII in all of them, so that they hold next to Hanzi.
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


def expression() -> re.Pattern[str]:
    """The alternation for Python's ``re``."""
    return re.compile(ALTERNATION, re.ASCII)


def ripgrep() -> list[str] | None:
    """The command that counts the alternation in a file, whose path is to be appended."""
    program = shutil.which("rg")
    if program is None:
        return None
    return [program, "--count-matches", "--no-unicode", "--no-config", "-e", ALTERNATION]


def presidio(segmenter: str) -> Any:
    """Stock Presidio: blank ``zh`` with spaCy's ``char`` or ``jieba`` segmenter, four patterns."""
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


def analyzed(analyzer: Any, texts: Iterable[str]) -> int:
    """How many results the analyzer gives for the texts, one call a text."""
    return sum(len(analyzer.analyze(text=text, language="zh")) for text in texts)
