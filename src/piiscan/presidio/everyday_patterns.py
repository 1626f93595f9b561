"""Everyday patterns: recognizers of Presidio's DATE_TIME, AGE and URL for Chinese texts.

They are ordinary pattern recognizers: Presidio's own need a blank around what they find.
"""

from __future__ import annotations

from typing import Final

from presidio_analyzer import Pattern, PatternRecognizer

_DAY: Final = (
    r"(?<!\d)(?:19|20)\d{2}(?:年(?:0?[1-9]|1[0-2])月(?:(?:0?[1-9]|[12]\d|3[01])[日号])?"
    r"|([-/.])(?:0?[1-9]|1[0-2])\1(?:0?[1-9]|[12]\d|3[01]))(?!\d)"
)
_TIME: Final = r"(?:[ T]?(?:[01]?\d|2[0-3])[:：][0-5]\d(?:[:：][0-5]\d)?(?!\d))?"
_AGE: Final = (
    r"(?:年[龄齡][:： ]?(?:1[01]\d|[1-9]?\d)(?!\d)|(?<!\d)(?:1[01]\d|[1-9]?\d)(?:周)?[岁歲])"
)
_URL: Final = (
    r"(?:https?://|(?<![A-Za-z0-9.@-])www\.)[A-Za-z0-9\-._~:/?#@!$&'()*+,;=%\[\]]*[A-Za-z0-9/=_#]"
)
#: Entity, pattern and score of each recognizer.
PATTERNS: Final = (("DATE_TIME", _DAY + _TIME, 0.6), ("AGE", _AGE, 0.6), ("URL", _URL, 0.6))


def everyday_recognizers(language: str = "zh") -> list[PatternRecognizer]:
    """Return the recognizers of DATE_TIME, AGE and URL for ``language``.

    >>> [each.supported_entities for each in everyday_recognizers()]
    [['DATE_TIME'], ['AGE'], ['URL']]
    """
    return [
        PatternRecognizer(
            entity,
            name=f"PiiscanEveryday{entity.title().replace('_', '')}",
            patterns=[Pattern(entity.lower(), regex, score)],
            supported_language=language,
        )
        for entity, regex, score in PATTERNS
    ]
