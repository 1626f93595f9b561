"""Baselines of the benchmarks: four patterns in stock Presidio and in engines of expressions.

Word boundaries are ASCII in all of them, so that they also apply next to Hanzi.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterable
from typing import Any, Final

import duckdb
import pyarrow as pa

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


def re2_count(text: str) -> Callable[[], int]:
    """Return a function that counts the matches in ``text`` by RE2.

    Raise ImportError if google-re2 is not installed.
    """
    import re2

    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1  # bytes, and boundaries of ASCII
    pattern, content = re2.compile(ALTERNATION.encode(), options=options), text.encode()
    return lambda: sum(1 for _ in pattern.finditer(content))


def hyperscan_count(text: str) -> Callable[[], int]:
    """Return a function that counts the ends of matches in ``text`` by Hyperscan.

    It reports each end without a start: less work than a match, and an end twice is one. Raise
    ImportError if hyperscan is not installed.
    """
    import hyperscan

    database = hyperscan.Database()
    database.compile(expressions=[ALTERNATION.encode()], elements=1, ids=[0], flags=[0])
    content = text.encode()

    def count() -> int:
        ends: list[int] = []
        database.scan(content, match_event_handler=lambda _, __, end, *rest: ends.append(end))
        return len(ends)

    return count


def duckdb_count(lines: pa.Array) -> Callable[[], int]:
    """Return a function that counts the matches in an array of lines by DuckDB, on one thread."""
    connection = duckdb.connect(config={"threads": 1})
    connection.register("lines", pa.table({"line": lines}))
    query = "SELECT sum(len(regexp_extract_all(line, ?))) FROM lines"

    def count() -> int:
        row = connection.execute(query, [ALTERNATION]).fetchone()
        assert row is not None
        return int(row[0])

    return count


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
