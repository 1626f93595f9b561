r"""Pattern parser: compile one ``pattern`` of a rule file with RE2, or say why it cannot be used.

RE2 (Cox, 2010) reads every text once, in time linear in its length, so no expression can run
without end. In return it has no look-around and no back-references.

    [A-Z]{2}\d{6} -> UserPattern    (?<!\d)\d{6} -> CatalogError: the key boundary does that
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from piiscan.errors import CatalogError

#: Longest source, in characters, and largest program, in RE2's instructions; they bound the cost of
#: one character of text.
_MAX_SOURCE: Final = 2000
_MAX_PROGRAM: Final = 10_000
#: Syntax that tells the ends of a text from the ends of a line, or reads single bytes.
_NEEDS_WHOLE_TEXT: Final = re.compile(r"\\[AzC]|\(\?[a-zA-Z]*-[a-zA-Z]*m")
#: Reason of RE2 -> code of the error that says what to write instead.
_REMEDIES: Final = {
    r"invalid perl operator: \(\?[=!]": "pattern.look_ahead",
    r"invalid perl operator: \(\?<[=!]": "pattern.look_behind",
    r"invalid escape sequence: \\[1-9k]|invalid perl operator: \(\?P$": "pattern.back_reference",
    r"invalid perl operator: \(\?>|bad repetition operator: .*\+$": "pattern.never_goes_back",
    r"invalid perl operator: \(\?\($": "pattern.condition",
    "pattern too large": "pattern.too_large",
}

#: Expression compiled by RE2, which declares no types.
Regexp = Any


@dataclass(frozen=True, slots=True)
class UserPattern:
    """One compiled expression.

    ``by_line``: the same with anchors that also match at line ends. It has a match in every text
    in which the expression has one; None if that is not sure.
    """

    compiled: Regexp
    by_line: Regexp | None


@lru_cache(maxsize=1024)
def read_pattern(source: str, *, ignore_case: bool = False) -> UserPattern:
    """Return the compiled expression ``source``.

    Raise CatalogError with a remedy if RE2 cannot compile it, if it is too large, or if it can
    match the empty string.

    >>> read_pattern('[A-Z]{2}').compiled.search('号AB'.encode()).span()
    (3, 5)
    """
    if len(source) > _MAX_SOURCE:
        raise CatalogError("pattern.long", source=source[:40], limit=_MAX_SOURCE)
    compiled = _compile(source, ignore_case=ignore_case)
    if compiled.programsize > _MAX_PROGRAM:
        raise CatalogError("pattern.too_large", source=source)
    matches = (match.span() for text in (b"", b"a") for match in compiled.finditer(text))
    if any(start == end for start, end in matches):
        raise CatalogError("pattern.empty", source=source)
    if _NEEDS_WHOLE_TEXT.search(source):
        return UserPattern(compiled, None)
    return UserPattern(compiled, _compile(f"(?m){source}", ignore_case=ignore_case))


def _compile(source: str, *, ignore_case: bool) -> Regexp:
    """Compile ``source`` with RE2; raise CatalogError with its reason, or with a remedy."""
    import re2

    options = re2.Options()
    options.log_errors = False
    options.never_capture = True
    options.case_sensitive = not ignore_case
    try:
        return re2.compile(source.encode("utf-8", "surrogatepass"), options)
    except re2.error as error:
        reason = error.args[0].decode("utf-8", "replace")
    for refused, code in _REMEDIES.items():
        if re.match(refused, reason):
            raise CatalogError(code, source=source)
    raise CatalogError("pattern.syntax", source=source, reason=reason)
