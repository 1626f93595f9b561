"""Plug-in for a run of Presidio's own tests: blank models, and ``AnalyzerEngine`` is piiscan's."""

import os

import presidio_analyzer
import spacy
from presidio_analyzer.nlp_engine import NlpEngineProvider, SpacyNlpEngine

from piiscan.presidio import PiiscanAnalyzerEngine

spacy.load = lambda *_, **__: spacy.blank("en")  # nothing is downloaded
spacy.util.is_package = lambda _: True
_begin = NlpEngineProvider.__init__


def _begin_with_spacy_alone(self: NlpEngineProvider, *args: object, **options: object) -> None:
    _begin(self, *args, **options)
    self.nlp_engines = {"spacy": SpacyNlpEngine}


NlpEngineProvider.__init__ = _begin_with_spacy_alone
if os.environ.get("STAND_IN"):
    presidio_analyzer.AnalyzerEngine = PiiscanAnalyzerEngine
