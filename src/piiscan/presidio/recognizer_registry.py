"""Registry of Presidio for piiscan: removal by the names in results, deny lists of Hanzi.

``registry.remove_recognizer("PiiscanCnMobile")`` -> CN_MOBILE is no longer found
"""

from __future__ import annotations

import re
from typing import Any, Final

from presidio_analyzer import EntityRecognizer, PatternRecognizer, RecognizerRegistry

from piiscan.presidio.entity_recognizers import PiiscanRecognizer

#: Name and begin of the pattern that Presidio makes of a deny list.
_DENY_LIST: Final = "deny_list"
_STOCK: Final = r"(?:^|(?<=\W))("
_HANZI: Final = re.compile(r"[\u3400-\u9fff]")
#: Edges of words without Hanzi: no letter or digit beside them but Hanzi.
_BEFORE: Final = r"(?<![^\W\u3400-\u9fff])"
_AFTER: Final = r"(?![^\W\u3400-\u9fff])"


class PiiscanRegistry(RecognizerRegistry):
    """Presidio's registry; one recognizer of piiscan in it has many names."""

    recognizers: list[EntityRecognizer]

    def get_recognizers(self, *args: Any, **options: Any) -> list[EntityRecognizer]:
        """Return the recognizers for a language and entities, with deny lists that match Hanzi."""
        found: list[EntityRecognizer] = super().get_recognizers(*args, **options)
        for each in found:
            if isinstance(each, PatternRecognizer) and each.deny_list:
                match_hanzi(each)
        return found

    def remove_recognizer(self, recognizer_name: str, language: str | None = None) -> None:
        """Remove the recognizer of a name, or the entity whose results have this name."""
        ours = [
            each.without(recognizer_name)
            if isinstance(each, PiiscanRecognizer) and language in (None, each.supported_language)
            else each
            for each in self.recognizers
        ]
        self.recognizers = [each for each in ours if each is not None]
        super().remove_recognizer(recognizer_name, language)


def match_hanzi(recognizer: PatternRecognizer) -> None:
    """Set the pattern of a deny list to one that finds words among Hanzi.

    Presidio wants a blank or a sign beside each word: ``先生`` in ``张先生你好`` had none.
    """
    words = sorted(recognizer.deny_list, key=len, reverse=True)
    for pattern in recognizer.patterns:
        if pattern.name == _DENY_LIST and pattern.regex.startswith(_STOCK):
            pattern.regex = "|".join(
                ("" if _HANZI.match(word) else _BEFORE)
                + re.escape(word)
                + ("" if _HANZI.match(word[-1:]) else _AFTER)
                for word in words
            )
            pattern.compiled_regex = None
