"""Cell texts for display: masks in place of findings, ``*`` in place of other text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from piiscan.detect.catalog.catalog import Catalog, context_words_of
from piiscan.masking.mask import SECRET, star_out
from piiscan.pages.sanitize import HIDDEN, cover

Row = Mapping[str, Any]
#: A day with a time of day, which is no birth date.
_TIME: Final = r"\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?[ T]\d{1,2}:\d{2}(?::\d{2})?(?!\d)"
_MIN_WORD: Final = 2


def label_cover(catalog: Catalog) -> Callable[[str], str]:
    """Return a function that covers a text with ``*``, except labels, context words and times.

    ``2024-05-06 12:00:00 收件人王五`` -> ``2024-05-06 12:00:00 收件人字字``
    """
    words = {*context_words_of(catalog.recognizers)}
    words.update(name for each in catalog.recognizers for name in each.columns)
    kept = [w for w in words if len(w) >= _MIN_WORD and not any(c.isdigit() for c in w)]
    kept.sort(key=lambda word: (-len(word), word))
    pattern = re.compile("|".join([_TIME, *map(re.escape, kept)]))

    def cover_rest(text: str) -> str:
        """Return ``text`` with all characters covered except labels, context words and times."""
        shown, end = "", 0
        for found in pattern.finditer(text):
            shown += cover(text[end : found.start()]) + found[0]
            end = found.end()
        return shown + cover(text[end:])

    return cover_rest


def shown_cell(text: str, findings: Sequence[Row], *, clear: bool) -> str:
    """Return a cell for display: clear, else with findings masked and other text covered.

    Passwords are always hidden.  ``findings``: those of the cell.
    """
    return "".join(shown_parts(text, findings, None, clear=clear, cover_rest=cover))


def shown_parts(
    text: str,
    findings: Sequence[Row],
    asked: Row | None,
    *,
    clear: bool,
    cover_rest: Callable[[str], str],
) -> tuple[str, str, str]:
    """Return a cell as ``shown_cell`` does, as texts before, of and after finding ``asked``.

    ``cover_rest``: covers text that is in no finding.
    """
    secrets = [(each["start"], each["end"]) for each in findings if each["entity"] == SECRET]
    text = star_out(text, secrets)
    parts, at, position = ["", "", ""], 0, 0
    for each in sorted(findings, key=lambda finding: (finding["start"], -finding["end"])):
        start, end = each["start"], each["end"]
        if start < position:
            continue
        between = text[position:start]
        parts[at] += between if clear else cover_rest(between)
        if each["entity"] == SECRET:
            value = HIDDEN
        else:
            value = text[start:end] if clear and end <= len(text) else each["masked"] or HIDDEN
        if not at and asked is not None and start < asked["end"] and asked["start"] < end:
            parts[1], at = value, 2
        else:
            parts[at] += value
        position = end
    rest = text[position:]
    parts[at] += rest if clear else cover_rest(rest)
    return parts[0], parts[1], parts[2]
