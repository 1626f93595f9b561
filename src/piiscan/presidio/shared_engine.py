"""The one engine behind all of Presidio's views, with the findings of the last text.

Presidio asks every recognizer about a text in turn.  The first question is answered by one engine
call for all entities; the others read its answer.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any

from piiscan.detect.catalog.catalog import Catalog
from piiscan.detect.catalog.headers import Label, label_of, plain
from piiscan.detect.engine import Engine
from piiscan.finding import as_array

Row = Mapping[str, Any]


class SharedEngine:
    """Answers "what of this entity is in this text?" with one engine call a text.

    Findings of every score are kept: Presidio's thresholds decide what is returned.  Each thread
    has its own last text.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._last = threading.local()
        self._listening: dict[str, set[str]] = {}
        for rule in engine.catalog.recognizers:
            for word in rule.context:
                self._listening.setdefault(plain(word), set()).add(rule.id)

    @property
    def catalog(self) -> Catalog:
        """The catalogue that the engine works by."""
        return self.engine.catalog

    def rows(self, text: str, entity: str, label: Label | None = None) -> Sequence[Row]:
        """FOUND rows of ``entity`` in ``text``, as if it stood under the column ``label``."""
        key = (text, label)
        if getattr(self._last, "key", None) != key:
            self._last.rows = self._find(text, label)
            self._last.key = key
        found: Mapping[str, list[Row]] = self._last.rows
        return found.get(entity, ())

    def _find(self, text: str, label: Label | None) -> dict[str, list[Row]]:
        table = self.engine.find_table(as_array([text]), label=label, min_score=0.0)
        by_entity: dict[str, list[Row]] = {}
        kept = ["start", "end", "entity", "recognizer", "verdict", "score", "context", "reason"]
        kept.append("role")
        for row in table.select(kept).to_pylist():
            by_entity.setdefault(row["entity"], []).append(row)
        return by_entity

    def label(self, words: Sequence[str]) -> Label | None:
        """The column label that a caller's context words amount to; None if they name nothing.

        A word is taken as a column name, else as a context word of the recognizers that list it.
        Several words are one label that names what each of them names.
        """
        labels = [label_of(self.catalog, word) for word in words]
        known = [each for each in labels if each]
        heard = {
            name
            for word, label in zip(words, labels, strict=True)
            if label is None
            for name in self._listening.get(plain(word), ())
        }
        named = [each for each in known if each.recognizers]
        if not heard and len(named) < 2:
            return next(iter([*named, *known]), None)
        ids = heard | {name for each in named for name in each.recognizers}
        return Label(named[0].header if named else words[0], tuple(sorted(ids)))
