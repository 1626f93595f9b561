"""Wording of a case: the words of pages with the names of the case's own catalogue and rules."""

from __future__ import annotations

from piiscan.case.store.case import Case
from piiscan.wording.words import Language, Words


def case_words(case: Case, language: Language) -> Words:
    """Return the wording for ``case``, with the names of its catalogue and of its count's rules."""
    count = case.count()
    rules = {} if count is None else {"rules": count.content.get("words", {})}
    return Words(language, {**case.manifest.content["vocabulary"], **rules})
