"""A shape expression in words: 「SF」，12 个数字 for ``SF[0-9]{12}``."""

from __future__ import annotations

from typing import Final

from piiscan.pages.wording import Words

#: Classes that have a word of their own, by their ranges.
_NAMED: Final = {
    frozenset({("0", "9")}): "digit",
    frozenset({("A", "Z")}): "capital",
    frozenset({("a", "z")}): "small",
    frozenset({("A", "Z"), ("a", "z")}): "letter",
    frozenset({("0", "9"), ("A", "Z"), ("a", "z")}): "alnum",
    frozenset({("一", "鿿")}): "hanzi",
}
_ENDS: Final = frozenset({"", "|", ")"})


def shape_in_words(shape: str, words: Words) -> str:
    """What the shape matches; it is one that the catalogue has read already.

    >>> shape_in_words("SF[0-9]{12}", Words("en", {}))
    '“SF”, 12 x digit'
    """
    return _Reader(shape, words).alternatives()


class _Reader:
    def __init__(self, shape: str, words: Words) -> None:
        self.shape, self.words, self.at = shape, words, 0

    def _peek(self, ahead: int = 0) -> str:
        return self.shape[self.at + ahead : self.at + ahead + 1]

    def _take(self) -> str:
        self.at += 1
        return self.shape[self.at - 1]

    def alternatives(self) -> str:
        """Alternatives up to the end of the group."""
        found = [self._sequence()]
        while self._peek() == "|":
            self.at += 1
            found.append(self._sequence())
        return self.words("shape.or").join(found)

    def _sequence(self) -> str:
        told: list[str] = []
        literal = ""
        while self._peek() not in _ENDS:
            atom, plain = self._atom()
            counted = self._counted(atom if not plain else self._quoted(atom))
            if plain and counted is None:
                literal += atom
                continue
            if literal:
                told.append(self._quoted(literal))
                literal = ""
            told.append(counted or atom)
        if literal:
            told.append(self._quoted(literal))
        return self.words("shape.then").join(told)

    def _quoted(self, text: str) -> str:
        return self.words("shape.literal", text=text)

    def _atom(self) -> tuple[str, bool]:
        """The next piece, and whether it is one literal character."""
        char = self._take()
        if char == "[":
            return self._class(), False
        if char == "(":
            if self.shape.startswith("?:", self.at):
                self.at += 2
            inner = self.alternatives()
            self.at += 1
            return self.words("shape.group", what=inner), False
        if char == "\\":
            escaped = self._take()
            if escaped in "ds":
                return self.words("shape.digit" if escaped == "d" else "shape.blank"), False
            return escaped, True
        return char, True

    def _class(self) -> str:
        ranges: list[tuple[str, str]] = []
        blank = False
        while self._peek() != "]":
            low = self._take()
            if low == "\\":
                low = self._take()
                if low in "ds":
                    blank |= low == "s"
                    ranges += [("0", "9")] * (low == "d")
                    continue
            high = low
            if self._peek() == "-" and self._peek(1) != "]":
                self.at += 1
                high = self._take()
                high = self._take() if high == "\\" else high
            ranges.append((low, high))
        self.at += 1
        if not blank and frozenset(ranges) in _NAMED:
            return self.words(f"shape.{_NAMED[frozenset(ranges)]}")
        listed = [self.words("shape.blank")] * blank + [self._range(*each) for each in ranges]
        return self.words("shape.one_of", listed=" ".join(listed))

    def _range(self, low: str, high: str) -> str:
        if low == high:
            return self.words("shape.blank") if low == " " else low
        if (low, high) in (("0", "9"), ("A", "Z"), ("a", "z"), ("一", "鿿")):
            return self.words(f"shape.{_NAMED[frozenset({(low, high)})]}")
        return self.words("shape.range", first=low, last=high)

    def _counted(self, what: str) -> str | None:
        """``what`` with the count that follows; None where none does."""
        sign = self._peek()
        if sign not in ("?", "*", "+", "{"):
            return None
        self.at += 1
        if sign != "{":
            name = {"?": "maybe", "*": "any", "+": "at_least"}[sign]
            return self.words(f"shape.{name}", what=what, low=1)
        inside = self.shape[self.at : self.shape.index("}", self.at)]
        self.at += len(inside) + 1
        low, comma, high = inside.partition(",")
        if not comma:
            return self.words("shape.count", count=low, what=what)
        if not high:
            return self.words("shape.at_least", low=low, what=what)
        return self.words("shape.between", low=low or 0, high=high, what=what)
