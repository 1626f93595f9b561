"""Presidio's habits with its own recognizers: piiscan's engine answers as the stock one does."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from presidio_analyzer import (
    AnalyzerEngine,
    BatchAnalyzerEngine,
    Pattern,
    PatternRecognizer,
    RecognizerRegistry,
)

import piiscan.presidio
from piiscan.presidio import PiiscanAnalyzerEngine
from tests.presidio.recipes import places

ZIP = PatternRecognizer(
    "ZIP", patterns=[Pattern("zip", r"\b\d{5}\b", 0.2)], context=["zip"], deny_list=["abc"]
)
REGEX = {"allow_list_match": "regex"}
#: Texts with the options of a call.
CASES: list[tuple[str, dict[str, Any]]] = [
    (" Credit card: 4095-2609-9393-4932,  my phone is 425 8829090", {"entities": ["CREDIT_CARD"]}),
    (" Credit card: 4095-2609-9393-4932,  my phone is 425 8829090", {}),
    ("my card 4095260993934932, 4012888888881881", {"allow_list": ["4012888888881881"]}),
    ("at 10.1.2.3 or 10.9.9.9", {"allow_list": [r"10\.1\..*"], **REGEX}),
    ("at 10.1.2.3 or 10.9.9.9", {"allow_list": ["zzz", "x"], **REGEX}),
    ("192.168.0.1, 2001:db8::1 and 999.1.1.1", {"score_threshold": 0.5}),
    ("IBAN GB33BUKB20201555555555, 16Yeky6GMjeNkAiNcBY7ZhrLoMSgg1BoyZ", {}),
    ("my ssn is 078-05-1121 and 078-05-1120", {"score_threshold": 0.4}),
    ("my zip code is 10023, or abc", {"ad_hoc_recognizers": [ZIP]}),
    ("the code is 10023", {"ad_hoc_recognizers": [ZIP], "context": ["zip"]}),
    ("the code is 10023", {"ad_hoc_recognizers": [ZIP], "score_threshold": 0.3}),
    ("https://www.example.com/a?b=c, example.co.uk", {"allow_list": ["example.co.uk"]}),
    ("", {}),
]


@pytest.fixture(scope="module")
def engines() -> list[AnalyzerEngine]:
    """The stock engine and piiscan's, with Presidio's recognizers of English."""
    nlp = piiscan.presidio.nlp_engine(languages=("en",))
    made = []
    for kind in (AnalyzerEngine, PiiscanAnalyzerEngine):
        registry = RecognizerRegistry(supported_languages=["en"])
        registry.load_predefined_recognizers(languages=["en"], nlp_engine=nlp)
        made.append(kind(registry=registry, nlp_engine=nlp, supported_languages=["en"]))
    return made


def test_stock_recognizers_give_the_same_results(engines: list[AnalyzerEngine]) -> None:
    for text, asked in CASES:
        stock, ours = [places(each, text, "en", **asked) for each in engines]
        assert ours == stock, (text, asked)
    texts = {"a": CASES[0][0], "b": [CASES[2][0], CASES[6][0]], "c": {"d": CASES[7][0]}, "e": 1}
    batches = [BatchAnalyzerEngine(engine).analyze_dict(texts, "en") for engine in engines]
    stock, ours = [repr([each.recognizer_results for each in batch]) for batch in batches]
    assert ours == stock
    for wrong in ({"language": "xx"}, {"language": "en", "entities": ["NO_SUCH"]}):
        for engine in engines:
            with pytest.raises(ValueError, match=r"\w"):
                engine.analyze("a", **wrong)


#: Plug-in for a run of Presidio's tests: blank models, and ``AnalyzerEngine`` may be piiscan's.
STAND_IN = """
import os, presidio_analyzer, spacy
from presidio_analyzer.nlp_engine import NlpEngineProvider, SpacyNlpEngine
from piiscan.presidio import PiiscanAnalyzerEngine
spacy.load = lambda *_, **__: spacy.blank("en")  # nothing is downloaded
spacy.util.is_package = lambda _: True
begin = NlpEngineProvider.__init__
def begin_with_spacy_alone(self, *args, **options):
    begin(self, *args, **options)
    self.nlp_engines = {"spacy": SpacyNlpEngine}
NlpEngineProvider.__init__ = begin_with_spacy_alone
if os.environ["STAND_IN"]:
    presidio_analyzer.AnalyzerEngine = PiiscanAnalyzerEngine
"""
#: Tests that call a private static function on the class.
PRIVATE = {"has_empty_entry", "is_all_empty_entries"}
FILES = (
    "analyzer_engine", "batch_analyzer_engine", "analyzer_engine_provider", "recognizer_registry",
    "recognizer_registry_provider", "context_support", "analyzer_request", "pattern_recognizer",
    "entity_recognizer", "recognizer_result", "lemma_context_aware_enhancer",
)  # fmt: skip


@pytest.mark.long
def test_what_stock_passes_of_presidios_own_tests_passes(tmp_path: Path) -> None:
    """PRESIDIO: the folder ``presidio-analyzer`` of a checkout; its packages have no tests."""
    if not (given := os.environ.get("PRESIDIO")):
        pytest.skip("PRESIDIO=presidio-analyzer of a checkout of Presidio runs its own tests")
    shutil.copytree(Path(given) / "tests", tmp_path / "tests")
    shutil.copy(Path(given) / "install_nlp_models.py", tmp_path)
    (tmp_path / "stand_in.py").write_text(STAND_IN)
    passed = []
    for stand_in in ("", "1"):
        done = subprocess.run(
            [
                *(sys.executable, "-m", "pytest", "-q", "-rA", "-p", "no:cacheprovider"),
                *("-p", "stand_in", "--continue-on-collection-errors"),
                *[f"tests/test_{name}.py" for name in FILES],
            ],
            cwd=tmp_path,
            env={**os.environ, "STAND_IN": stand_in},
            capture_output=True,
            text=True,
            check=False,
        )
        passed.append(set(re.findall(r"^PASSED (\S+)", done.stdout, re.MULTILINE)))
    stock, ours = passed
    assert len(stock) > 100
    assert [name for name in stock - ours if not any(each in name for each in PRIVATE)] == []
