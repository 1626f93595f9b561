"""One ``pattern`` of a recognizer's file, read: what runs it, and what its texts must hold."""

from __future__ import annotations

import re
from functools import lru_cache

from piiscan.detect.regex.backtracking import refuse_explosion
from piiscan.detect.regex.literals import factors_of
from piiscan.detect.regex.syntax_tree import read_expression
from piiscan.detect.regex.utf8_sets import Factor
from piiscan.errors import CatalogError


@lru_cache(maxsize=1024)
def read_pattern(
    source: str, *, ignore_case: bool = False, prefilter: str = "auto"
) -> tuple[re.Pattern[str], tuple[Factor, ...]]:
    """The compiled expression and its factors (none with ``prefilter`` none).

    CatalogError saying what to do where it cannot be compiled, could take for ever on a hostile
    text, or could match nearly everywhere without its author saying that he knows.

    >>> read_pattern('[A-Z]{2}-[0-9]{6}')[0].pattern
    '[A-Z]{2}-[0-9]{6}'
    """
    expression = read_expression(source, ignore_case=ignore_case)
    refuse_explosion(expression)
    if prefilter == "none":
        return expression.compiled, ()
    factors = factors_of(expression.tree)
    if not factors:
        raise CatalogError(
            f"pattern {source!r}: nearly every text could match, which is slow; require some"
            " characters, or say 'prefilter: none' if it must be"
        )
    return expression.compiled, factors
