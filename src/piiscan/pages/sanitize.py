"""Safe display of texts: no control characters, no secrets, masked values on request."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Final

from piiscan.detect.explain import Candidate, Explanation, Word
from piiscan.masking.mask import SECRET, is_secret, mask_value

# Control characters, surrogates, non-characters and direction marks could make a page show other
# text than it contains.
_CONTROLS: Final = dict.fromkeys(
    [*range(32), *range(0x7F, 0xA0), 0x61C, 0x200E, 0x200F, 0x2028, 0x2029,
     *range(0x202A, 0x202F), *range(0x2066, 0x206A), *range(0xD800, 0xE000),
     0xFFFE, 0xFFFF],
    "\ufffd",
)  # fmt: skip
#: Replacement for a hidden value, and for a character of masked text.
HIDDEN: Final = "***"
COVERED: Final = "▢"
_PUNCTUATION: Final = frozenset(" \n\t，。：；:;,")
#: Rank of outcomes: of overlapping candidates the lowest is marked in the text.
_OUTCOME_ORDER: Final = {"found": 0, "low": 1, "lost": 2, "refused": 3}


def clean(text: object) -> str:
    r"""Replace control characters and direction marks of ``text``; return "" for None.

    >>> clean("a\u202eb"), clean(None)
    ('a�b', '')
    """
    return "" if text is None else str(text).translate(_CONTROLS)


def cover(text: str) -> str:
    """Return ``text`` with its Hanzi, letters and digits covered, so that only its form is seen.

    >>> cover("备注：尾号3897，abc")
    '字字：字字0000，aaa'
    """
    covers = {"Nd": "0", "Lo": "字", "Ll": "a", "Lu": "A"}
    return "".join(covers.get(unicodedata.category(c), c) for c in text)


def is_set_aside(candidate: Candidate) -> bool:
    """Return True if a candidate was refused only because no context word is near it.

    Any number has the form of an identifier that needs a context word, so such candidates are not
    described.
    """
    return candidate.outcome == "refused" and candidate.reason == "NO_CONTEXT"


class DisplayText:
    """One explained text as it may be shown: secrets hidden, values masked on request.

    Secrets and overlapping values are always hidden. With ``masked``, values are masked as in a
    case, and of the other text only context words are visible.
    """

    def __init__(self, explanation: Explanation, *, masked: bool) -> None:
        """Prepare the spans, words and hidden places of ``explanation``."""
        self.masked = masked
        self.text = explanation.text
        self._secrets = [
            (each.start, each.end)
            for each in explanation.candidates
            if is_secret(each.recognizer.entity, each.reason)
        ]
        self._shown_spans: set[tuple[int, int, str]] = set()
        self._spans = self._find_spans(explanation)
        self._words = {
            (word.start, word.start + len(word.word))
            for each in explanation.candidates
            for word in (each.word, each.against)
            if word is not None and word.start is not None
        }
        self._covered = self.hide(self.text)

    def _find_spans(self, explanation: Explanation) -> list[tuple[int, int, str]]:
        """Return the spans to mark in the text, in order: (start, end, shown text).

        Findings take precedence over other candidates that overlap them.
        """
        spans = []
        covered = bytearray(len(self.text))
        ranked = sorted(
            explanation.candidates,
            key=lambda each: (_OUTCOME_ORDER[each.outcome], each.start - each.end, each.start),
        )
        for each in ranked:
            if not is_set_aside(each) and not any(covered[each.start : each.end]):
                covered[each.start : each.end] = b"\1" * (each.end - each.start)
                self._shown_spans.add((each.start, each.end, each.recognizer.id))
                spans.append((each.start, each.end, self.span(each)))
        return sorted(spans)

    def is_hidden(self, start: int, end: int) -> bool:
        """Return True if the code points [start, end) overlap a password."""
        return any(start < last and first < end for first, last in self._secrets)

    def is_word_hidden(self, word: Word) -> bool:
        """Return True if a context word is inside a password.

        Return True also if its place is unknown and a secret exists.
        """
        if word.start is None:
            return bool(self._secrets)
        return self.is_hidden(word.start, word.start + len(word.word))

    def value(self, candidate: Candidate) -> str:
        """Return a candidate's value, masked on request; HIDDEN for a password."""
        rule, start, end = candidate.recognizer, candidate.start, candidate.end
        if rule.entity == SECRET or self.is_hidden(start, end):
            return HIDDEN
        if not self.masked:
            return clean(candidate.value)
        if (start, end, rule.id) not in self._shown_spans:
            return HIDDEN  # two masks of one span would reveal more than one
        return clean(mask_value(candidate.value, rule.entity, rule.id))

    def span(self, candidate: Candidate) -> str:
        """Return a candidate's matched text, masked on request."""
        shown = self.value(candidate)
        return shown if self.masked or shown == HIDDEN else clean(candidate.text)

    def hide(self, text: str) -> str:
        """Replace the hidden characters in ``text``, which is as long as the explained text."""
        if self.masked:
            visible = bytearray(len(text))
            for start, end in self._words:
                visible[start:end] = b"\1" * (end - start)
            for start, end, _ in self._spans:
                visible[start:end] = bytes(end - start)
            text = "".join(
                char if visible[at] or char in _PUNCTUATION else COVERED
                for at, char in enumerate(text)
            )
        chars = list(text)
        for start, end in self._secrets:
            chars[start:end] = "*" * (end - start)
        return clean("".join(chars))

    def pieces(self) -> Iterator[tuple[str, bool]]:
        """Yield the text in pieces: (text between spans, False) or (marked span, True)."""
        at = 0
        for first, last, shown in self._spans:
            if first > at:
                yield self._covered[at:first], False
            yield shown, True
            at = last
        if at < len(self.text):
            yield self._covered[at:], False

    def part(self, start: int, end: int) -> str:
        """Return the text of span [start, end) for display; HIDDEN if it overlaps a password."""
        if self.is_hidden(start, end):
            return HIDDEN
        spans = [shown for first, last, shown in self._spans if (first, last) == (start, end)]
        return spans[0] if spans else self.between(start, end)

    def between(self, start: int, end: int) -> str:
        """Return the code points [start, end) of the text, hidden ones replaced."""
        return self._covered[start:end]
