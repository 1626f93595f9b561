"""Self-test route through Presidio: run the catalogue's examples with a Presidio analyzer."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from piiscan.arrow_strings import as_array
from piiscan.detect.catalog.catalog import Catalog
from piiscan.detect.catalog.headers import label_of
from piiscan.detect.catalog.recognizer import Example
from piiscan.detect.self_test import AS_OF, Route, Rows
from piiscan.presidio.entity_recognizers import shared_engine

_LOW = 0.3


def presidio_route(analyzer: Any, catalog: Catalog, as_of: datetime.date = AS_OF) -> Route:
    """Build a self-test route (:mod:`piiscan.detect.self_test`) through ``analyzer``.

    Presidio's results have no values, so the engine's rows at the same positions are returned. A
    row that Presidio does not find, or scores differently, is dropped.
    """
    engine = shared_engine(catalog, as_of).engine

    def rows(example: Example) -> Rows:
        """Return the FOUND rows of an example that Presidio reports, with equal span and score."""
        context = [example.label] if example.label else None
        results = analyzer.analyze(
            example.text, language="zh", context=context, score_threshold=_LOW
        )
        reported = {(each.start, each.end, each.entity_type, each.score) for each in results}
        label = label_of(catalog, example.label)
        table = engine.find_table(as_array([example.text]), label=label, min_score=_LOW)
        return [
            row
            for row in table.to_pylist()
            if (row["start"], row["end"], row["entity"], row["score"]) in reported
        ]

    def route(examples: Sequence[Example]) -> list[Rows]:
        """Return, per example, the FOUND rows that Presidio reports, with equal span and score."""
        return [rows(example) for example in examples]

    return route
