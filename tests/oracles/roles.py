"""Reference implementation of roles: find the role words of a plain text by regular expressions."""

import re
from collections.abc import Mapping
from typing import Any

from piiscan.detect.context.context_numbers import MAX_ROLE_DISTANCE
from piiscan.detect.context.role_words import NOUNS

_FLAGS = re.IGNORECASE | re.MULTILINE
_WORD = r"[0-9A-Za-z\u3400-\u9fff]"


def role_at(text: str, start: int, roles: Mapping[str, Mapping[str, Any]]) -> str | None:
    """Return the role of the value that begins at ``start``, or None.

    The text has no brackets after numbers and no odd characters.
    """
    best: tuple[int, int, str] | None = None
    for role, entry in roles.items():
        for word, pattern in _patterns(entry):
            for hit in re.finditer(pattern, text[:start] + text[start : start + 1], _FLAGS):
                end = hit.end("word")
                if end <= start and (best is None or (end, len(word)) > best[:2]):
                    best = end, len(word), role
    if best is None or start - (best[0] - 1) > MAX_ROLE_DISTANCE:
        return None
    return None if re.search(r"\n[ \t\r]*\n", text[best[0] : start]) else best[2]


def _patterns(entry: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return (word, pattern) for every role word of an entry."""
    nouns = [w + n for w in (*entry.get("mark", ()), *entry.get("stem", ())) for n in NOUNS]
    anywhere = [*entry.get("text", ()), *(noun for noun in nouns if len(noun) > 3)]
    found = []
    for word in anywhere:
        latin = r"(?<![A-Za-z])", r"(?![A-Za-z])"
        ahead, behind = latin if word.isascii() else ("", "")
        found.append((word, f"{ahead}(?P<word>{re.escape(word)}){behind}"))
    found += [
        (word, f"(?<!{_WORD})(?P<word>{word})" + r"(?![A-Za-z])" * word.isascii())
        for word in entry.get("lead", ())
    ]
    for word in entry.get("mark", ()):
        isolated = f"(?<!{_WORD})(?P<word>{re.escape(word)})(?!{_WORD})"
        if len(word) > 1:
            found.append((word, isolated))
        else:
            found.append((word, rf"^[ \t(\[{{<【]*{isolated}"))
            found.append((word, rf"{isolated}[ \t]*(?=[^\s0-9A-Za-z\u3400-\u9fff])"))
    return found
