"""Pattern parser: compile one ``pattern`` of a rule file and extract its required literals."""

from __future__ import annotations

import re
from functools import lru_cache

from piiscan.detect.regex.backtracking import check_backtracking
from piiscan.detect.regex.literals import required_literals
from piiscan.detect.regex.syntax_tree import read_expression
from piiscan.detect.regex.utf8_sets import RequiredLiteral
from piiscan.errors import CatalogError


@lru_cache(maxsize=1024)
def read_pattern(
    source: str, *, ignore_case: bool = False, prefilter: str = "auto"
) -> tuple[re.Pattern[str], tuple[RequiredLiteral, ...]]:
    """Return the compiled expression and its required literals (none if ``prefilter`` is "none").

    Raise CatalogError with a remedy if the expression is invalid, could take exponential time, or
    has no literal while ``prefilter`` is "auto".

    >>> read_pattern('[A-Z]{2}-[0-9]{6}')[0].pattern
    '[A-Z]{2}-[0-9]{6}'
    """
    expression = read_expression(source, ignore_case=ignore_case)
    check_backtracking(expression)
    if prefilter == "none":
        return expression.compiled, ()
    literals = required_literals(expression.tree)
    if not literals:
        raise CatalogError(
            f"pattern {source!r}: nearly every text could match, which is slow; require some"
            " characters, or say 'prefilter: none' if it must be"
        )
    return expression.compiled, literals
