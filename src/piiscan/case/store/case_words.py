"""Words for a case: the wording of pages with the names of its own catalogue and rules."""

from __future__ import annotations

from piiscan.case.store.case import Case
from piiscan.pages.wording import Language, Words


def words_of(case: Case, language: Language) -> Words:
    """The wording for a case, with the names of its own catalogue and of the rules it counts by."""
    count = case.count()
    rules = {} if count is None else {"rules": count.content.get("words", {})}
    return Words(language, {**case.manifest.content["vocabulary"], **rules})
