"""Values that a person names, as digests of all that they can be in a case."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from piiscan.case.count.subjects.exclusion_list import DigestsOf
from piiscan.case.lookup.value_queries import engine_of, entities_of, secret_of, whole_questions
from piiscan.case.store.case import Case


def digests_under(case: Case, key: Path | None) -> DigestsOf:
    """A function from a value to its digests in ``case``; CaseError if the key is not the case's.

    The value counts as written and in every canonical form that the engine reads in it, as each
    kind that findings of the case can be.
    """
    secret, engine = secret_of(case, key), engine_of(case)
    kinds = entities_of(case, engine.catalog)

    def digests(value: str) -> Sequence[bytes]:
        (asked,) = whole_questions([(1, value)], engine, entities=kinds, key=secret)
        return asked.digests

    return digests
