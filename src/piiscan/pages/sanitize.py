"""What may be shown of a text: no controls, no secrets, and masked only what a case may show."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from piiscan.detect.explain import Candidate, Explanation, Word
from piiscan.masking.mask import SECRET, is_secret, mask_value

# Controls, halves of characters, what is no character and marks that turn the direction of text
# could make a page show what it does not say.
_CONTROLS: Final = dict.fromkeys(
    [*range(32), *range(0x7F, 0xA0), 0x61C, 0x200E, 0x200F, 0x2028, 0x2029,
     *range(0x202A, 0x202F), *range(0x2066, 0x206A), *range(0xD800, 0xE000),
     0xFFFE, 0xFFFF],
    "\ufffd",
)  # fmt: skip
#: Stands for a value that must not be shown, and for a character of masked text.
HIDDEN: Final = "***"
UNSHOWN: Final = "▢"
_KEPT: Final = frozenset(" \n\t，。：；:;,")
#: Whose mask stands in the text where candidates overlap.
_FIRST: Final = {"found": 0, "low": 1, "lost": 2, "refused": 3}


def clean(text: object) -> str:
    r"""Text without controls and direction marks; empty for None.

    >>> clean("a\u202eb"), clean(None)
    ('a�b', '')
    """
    return "" if text is None else str(text).translate(_CONTROLS)


def is_aside(candidate: Candidate) -> bool:
    """Any number looks like an anchored identifier; without its word that says nothing."""
    return candidate.outcome == "refused" and candidate.reason == "NO_CONTEXT"


class Shown:
    """One explained text as it may be shown.

    Secrets, and what overlaps one, never are.  ``masked``: of values what a case may show, of
    the text around them context words only.
    """

    def __init__(self, explanation: Explanation, *, masked: bool) -> None:
        self.masked = masked
        self.text = explanation.text
        self._secrets = [
            (each.start, each.end)
            for each in explanation.candidates
            if is_secret(each.recognizer.entity, each.reason)
        ]
        self._taken: set[tuple[int, int, str]] = set()
        self._spans = self._marked(explanation)
        self._words = {
            (word.start, word.start + len(word.word))
            for each in explanation.candidates
            for word in (each.word, each.against)
            if word is not None and word.start is not None
        }
        self._covered = self.cover(self.text)

    def _marked(self, explanation: Explanation) -> list[tuple[int, int, str]]:
        """The spans marked in the text, found ones before others: start, end, what is shown."""
        spans = []
        covered = bytearray(len(self.text))
        ranked = sorted(
            explanation.candidates,
            key=lambda each: (_FIRST[each.outcome], each.start - each.end, each.start),
        )
        for each in ranked:
            if not is_aside(each) and not any(covered[each.start : each.end]):
                covered[each.start : each.end] = b"\1" * (each.end - each.start)
                self._taken.add((each.start, each.end, each.recognizer.id))
                spans.append((each.start, each.end, self.span(each)))
        return sorted(spans)

    def is_hidden(self, start: int, end: int) -> bool:
        """Whether a place overlaps a secret."""
        return any(start < last and first < end for first, last in self._secrets)

    def is_word_hidden(self, word: Word) -> bool:
        """Whether a context word stands inside a secret, or may."""
        if word.start is None:
            return bool(self._secrets)
        return self.is_hidden(word.start, word.start + len(word.word))

    def value(self, candidate: Candidate) -> str:
        """What may be shown of a candidate's value; HIDDEN if nothing."""
        rule, start, end = candidate.recognizer, candidate.start, candidate.end
        if rule.entity == SECRET or self.is_hidden(start, end):
            return HIDDEN
        if not self.masked:
            return clean(candidate.value)
        if (start, end, rule.id) not in self._taken:
            return HIDDEN  # two masks of one span would show more than either
        return clean(mask_value(candidate.value, rule.entity, rule.id))

    def span(self, candidate: Candidate) -> str:
        """What may be shown of the characters that stand there."""
        shown = self.value(candidate)
        return shown if self.masked or shown == HIDDEN else clean(candidate.text)

    def cover(self, text: str) -> str:
        """``text``, as long as the text explained, without what must not be shown."""
        if self.masked:
            keep = bytearray(len(text))
            for start, end in self._words:
                keep[start:end] = b"\1" * (end - start)
            for start, end, _ in self._spans:
                keep[start:end] = bytes(end - start)
            text = "".join(
                char if keep[at] or char in _KEPT else UNSHOWN for at, char in enumerate(text)
            )
        chars = list(text)
        for start, end in self._secrets:
            chars[start:end] = "*" * (end - start)
        return clean("".join(chars))

    def pieces(self) -> Iterator[tuple[str, bool]]:
        """The whole text: what stands between spans (False), and spans (True)."""
        at = 0
        for first, last, shown in self._spans:
            if first > at:
                yield self._covered[at:first], False
            yield shown, True
            at = last
        if at < len(self.text):
            yield self._covered[at:], False

    def part(self, start: int, end: int) -> str:
        """What stands there as a whole; HIDDEN where a secret does."""
        if self.is_hidden(start, end):
            return HIDDEN
        spans = [shown for first, last, shown in self._spans if (first, last) == (start, end)]
        return spans[0] if spans else self.between(start, end)

    def between(self, start: int, end: int) -> str:
        """What stands from ``start`` to ``end``, as much of it as may be shown."""
        return self._covered[start:end]
