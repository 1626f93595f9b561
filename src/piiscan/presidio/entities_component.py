"""A spaCy component that shows names, addresses and organisations as ``doc.ents``."""

from __future__ import annotations

import datetime
from typing import Any, Final

from spacy.language import Language
from spacy.util import filter_spans

from piiscan.presidio.entity_recognizers import DEFAULT_MIN_SCORE, default_engine
from piiscan.presidio.shared_engine import SharedEngine

#: The name of the component in a pipeline.
COMPONENT: Final = "piiscan_names"


class NameEntities:
    """Sets ``doc.ents`` to the tagger's findings whose ends are ends of tokens.

    Labels are piiscan's entity names (PERSON, CN_ADDRESS, ORGANIZATION).  What cuts through a
    token cannot be an entity of spaCy's; Presidio's results do not come from here and have it all.
    """

    def __init__(self, shared: SharedEngine | None = None, min_score: float = DEFAULT_MIN_SCORE):
        self.shared = shared
        self.min_score = min_score

    def __call__(self, doc: Any) -> Any:
        """``doc`` with its entities."""
        shared = self.shared or default_engine(datetime.date.today())
        tagged = {rule.entity for rule in shared.catalog.recognizers if rule.tagged}
        spans = [
            doc.char_span(row["start"], row["end"], label=entity)
            for entity in sorted(tagged)
            for row in shared.rows(doc.text, entity)
            if row["score"] >= self.min_score
        ]
        doc.ents = filter_spans([span for span in spans if span is not None])
        return doc


@Language.factory(COMPONENT, default_config={"min_score": DEFAULT_MIN_SCORE})
def _make(nlp: Any, name: str, min_score: float) -> NameEntities:  # noqa: ARG001 - spaCy's call
    return NameEntities(min_score=min_score)
