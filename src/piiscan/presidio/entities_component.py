"""Name entities for spaCy: a pipeline component that writes names and addresses to ``doc.ents``."""

from __future__ import annotations

import datetime
from typing import Any

from spacy.util import filter_spans

from piiscan.presidio.engine_cache import SharedEngine
from piiscan.presidio.entity_recognizers import DEFAULT_MIN_SCORE, default_engine


class NameEntities:
    """Component that sets ``doc.ents`` to names and addresses that end at token boundaries.

    Labels are piiscan's entity names (PERSON, CN_ADDRESS, ORGANIZATION). spaCy allows no entity
    that cuts a token; Presidio's results come from the recognizers and include those findings.
    """

    def __init__(self, shared: SharedEngine | None = None, min_score: float = DEFAULT_MIN_SCORE):
        """Create the component; without ``shared`` it uses the shipped catalogue, as of today."""
        self.shared = shared
        self.min_score = min_score

    def __call__(self, doc: Any) -> Any:
        """Write name and address findings to ``doc.ents`` and return the spaCy ``doc``."""
        shared = self.shared or default_engine(datetime.date.today())
        tagged = {rule.entity for rule in shared.catalog.recognizers if rule.tagged}
        spans = [
            doc.char_span(each.start, each.end, label=each.entity)
            for each in shared.findings(doc.text)
            if each.entity in tagged and each.score >= self.min_score
        ]
        doc.ents = filter_spans([span for span in spans if span is not None])
        return doc
