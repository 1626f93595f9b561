"""Shared engine: one engine for all Presidio recognizers; it caches the last texts' findings.

Presidio calls every recognizer on a text in turn. The first call runs the engine for all
entities; the others read its cached result. A batch is announced first, and is one engine call.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final, Self

from piiscan.detect.catalog.catalog import Catalog
from piiscan.detect.catalog.headers import Label, label_of, normalize_header
from piiscan.detect.engine import Engine
from piiscan.detect.findings.finding import Finding

#: Most texts to announce at once, which bounds memory.
BATCH_TEXTS: Final = 1024


class _LastTexts(threading.local):
    """Last texts of a thread, and their findings by column label."""

    def __init__(self) -> None:
        """Begin without texts; every thread begins so."""
        self.texts: dict[str, None] = {}  # in order, each once
        self.found: dict[Label | None, dict[str, list[Finding]]] = {}


class SharedEngine:
    """Engine that caches the findings of the last text or batch, per thread.

    Findings of every score are cached, because Presidio's thresholds select the results.
    """

    def __init__(self, engine: Engine) -> None:
        """Wrap ``engine`` and index its rules by context word."""
        self.engine = engine
        self._last = _LastTexts()
        self._rules_by_word: dict[str, set[str]] = {}
        for rule in engine.catalog.recognizers:
            for word in rule.context:
                self._rules_by_word.setdefault(normalize_header(word), set()).add(rule.id)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle as the engine, without texts and findings."""
        return shared_of, (self.engine,)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Return the shared engine itself."""
        return self

    @property
    def catalog(self) -> Catalog:
        """Return the catalogue of the engine."""
        return self.engine.catalog

    def announce(self, texts: Sequence[str]) -> None:
        """Set the texts whose findings will be requested next, at most :data:`BATCH_TEXTS`."""
        self._last.texts, self._last.found = dict.fromkeys(texts), {}

    def findings(self, text: str, label: Label | None = None) -> Sequence[Finding]:
        """Return all findings in ``text``, of any score. ``label``: column label of the text."""
        last = self._last
        if text not in last.texts:
            self.announce((text,))
        found = last.found.get(label)
        if found is None:
            texts = list(last.texts)
            listed = self.engine.find_all(texts, label=label, min_score=0.0)
            found = last.found[label] = dict(zip(texts, listed, strict=True))
        return found[text]

    def values(self, text: str) -> dict[tuple[int, int, str], str]:
        """Return (start, end, recognizer id) -> canonical value of cached findings in ``text``."""
        self.findings(text)
        return {
            (each.start, each.end, each.recognizer): each.value
            for found in self._last.found.values()
            for each in found[text]
        }

    def canonical_values(self, texts: Sequence[str]) -> list[str]:
        """Return the canonical values of the texts that are exactly one finding."""
        _check_texts(texts)
        found = self.engine.find_all(texts, min_score=0.0)
        pairs = zip(texts, found, strict=True)
        return [each.value for text, listed in pairs for each in listed if each.text == text]

    def label(self, words: Sequence[str]) -> Label | None:
        """Build a column label from a caller's context words; None if no recognizer knows them.

        A word is a column name, or else a context word of the recognizers that list it. Several
        words become one label with all their recognizers.  Raise TypeError if one is no text.
        """
        _check_texts(words)
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


def _check_texts(given: Sequence[str]) -> None:
    """Raise TypeError unless ``given``, a caller's words or values, is a list of texts."""
    if isinstance(given, str):
        raise TypeError("a list of texts is expected, not str")
    for each in given:
        if not isinstance(each, str):
            raise TypeError(f"a text is expected, not {type(each).__name__}")


@lru_cache(maxsize=4)
def shared_of(engine: Engine) -> SharedEngine:
    """Return the shared engine of this process for ``engine``, cached."""
    return SharedEngine(engine)
