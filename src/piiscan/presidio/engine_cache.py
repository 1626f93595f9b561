"""Shared engine: one engine for all of Presidio's recognizers, with the findings of the last text.

Presidio calls every recognizer on a text in turn. The first call runs the engine for all
entities; the others read its cached result.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any

from piiscan.detect.catalog.catalog import Catalog
from piiscan.detect.catalog.headers import Label, label_of, normalize_header
from piiscan.detect.engine import Engine
from piiscan.finding import as_array

Row = Mapping[str, Any]


class SharedEngine:
    """Engine that returns the findings of one entity, with one engine call per text.

    Findings of every score are cached, because Presidio's thresholds select the results. Each
    thread caches its own last text.
    """

    def __init__(self, engine: Engine) -> None:
        """Wrap ``engine`` and index its rules by context word."""
        self.engine = engine
        self._last = threading.local()
        self._rules_by_word: dict[str, set[str]] = {}
        for rule in engine.catalog.recognizers:
            for word in rule.context:
                self._rules_by_word.setdefault(normalize_header(word), set()).add(rule.id)

    @property
    def catalog(self) -> Catalog:
        """Return the catalogue of the engine."""
        return self.engine.catalog

    def rows(self, text: str, entity: str, label: Label | None = None) -> Sequence[Row]:
        """Return the FOUND rows of ``entity`` in ``text``; ``label``: the text's column label."""
        key = (text, label)
        if getattr(self._last, "key", None) != key:
            self._last.rows = self._find(text, label)
            self._last.key = key
        found: Mapping[str, list[Row]] = self._last.rows
        return found.get(entity, ())

    def _find(self, text: str, label: Label | None) -> dict[str, list[Row]]:
        """Run the engine on one text. Return its rows by entity."""
        table = self.engine.find_table(as_array([text]), label=label, min_score=0.0)
        by_entity: dict[str, list[Row]] = {}
        columns = ["start", "end", "entity", "recognizer", "verdict", "score", "context", "reason"]
        columns.append("role")
        for row in table.select(columns).to_pylist():
            by_entity.setdefault(row["entity"], []).append(row)
        return by_entity

    def label(self, words: Sequence[str]) -> Label | None:
        """Build a column label from a caller's context words; None if no recognizer knows them.

        A word is a column name, or else a context word of the recognizers that list it. Several
        words become one label with all their recognizers.
        """
        labels = [label_of(self.catalog, word) for word in words]
        recognized = [each for each in labels if each]
        rule_ids = {
            name
            for word, label in zip(words, labels, strict=True)
            if label is None
            for name in self._rules_by_word.get(normalize_header(word), ())
        }
        naming = [each for each in recognized if each.recognizers]
        if not rule_ids and len(naming) < 2:
            return next(iter([*naming, *recognized]), None)
        ids = rule_ids | {name for each in naming for name in each.recognizers}
        return Label(naming[0].header if naming else words[0], tuple(sorted(ids)))
