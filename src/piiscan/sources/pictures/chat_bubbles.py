"""Chat bubbles: find the messages in a screenshot of a chat by the bubbles around its lines.

Bubbles of one's own end at one distance from the right edge, those of others begin at one distance
from the left edge. In a group the name of a speaker is above his bubble. A time is in the middle.
A screenshot that is not clearly so is no chat.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from piiscan.arrays import Int64, UInt8
from piiscan.sources.drawing import Box

#: Sender of the messages of one's own.
OWN: Final = "我"
_TIME: Final = re.compile(
    r"(?:(?:\d{4}年)?\d{1,2}月\d{1,2}日|\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/]\d{1,2}|昨天|前天|今天"
    r"|(?:星期|周)[一二三四五六日天])?\s*(?:凌晨|早上|上午|中午|下午|晚上)?\s*\d{1,2}[:：]\d{2}(?:[:：]\d{2})?"
)
#: Difference of a colour from another one, of 255, from which they are two.
_OTHER_COLOUR: Final = 10
#: Shares of the width: edge strips; distance of a bubble from its edge, and what two may differ;
#: distance of a middle from the middle; width of a line that goes on in the next one.
_STRIP, _MOST_FROM_EDGE, _SAME_EDGE, _MIDDLE, _FULL = 0.02, 0.25, 0.025, 0.06, 0.5
#: Share of boxes that are bubbles at the common distances; least bubbles of a chat.
_MOST, _MIN_BUBBLES = 0.7, 3
#: Gap between lines of one bubble, and to the name above it, in heights of a line.
_GAP: Final = 1.2
#: Least width of a screenshot in pixels.
_MIN_WIDTH: Final = 300
#: Columns at each side of a line in which the colour of its bubble is seen.
_BESIDE: Final = 4
#: Rows of a line of which one is looked at, for how far its bubble reaches.
_EVERY_ROW: Final = 3
#: Share of the height of a first screen, in widths, that holds its title.
_HEAD: Final = 0.3


class Piece(NamedTuple):
    """Piece of recognised text: its text, its box in pixels, and its line number."""

    text: str
    box: Box
    line: int


class Message(NamedTuple):
    """Message of a chat: time as shown, sender, text, and the numbers of its lines."""

    time: str
    sender: str
    text: str
    lines: frozenset[int]


class Chat(NamedTuple):
    """Chat in a screenshot: title (name of the chat), messages in order, and other pieces."""

    title: str
    messages: list[Message]
    rest: list[Piece]


@dataclass(slots=True)
class _Bubble:
    """Bubble: its pieces of text from the top, its distances from both screen edges in pixels."""

    pieces: list[Piece]
    left: int
    right: int
    colour: Int64
    name: Piece | None = None
    time: str = ""

    @property
    def is_own(self) -> bool:
        """Return True for a bubble at the right side of the screen."""
        return self.right < self.left


def find_chat(pixels: UInt8, pieces: Sequence[Piece]) -> Chat | None:
    """Find the messages in a screenshot (``uint8[height, width, 3]``); None if it is no chat."""
    height, width = pixels.shape[:2]
    return None if width < _MIN_WIDTH or height < width else _Screen(pixels).find_chat(pieces)


class _Screen:
    """Screenshot: its pixels, its width, and the colour of its background."""

    def __init__(self, pixels: UInt8) -> None:
        self._pixels, self._width = pixels, int(pixels.shape[1])
        strip = max(int(self._width * _STRIP), 1)
        edges = np.concatenate([pixels[:, :strip], pixels[:, -strip:]], axis=1)
        self._paper = _median(edges)

    def find_chat(self, pieces: Sequence[Piece]) -> Chat | None:
        """Find the messages of a chat; None if the screenshot is not clearly of one."""
        bubbles, beside = self._find_bubbles(pieces)
        sided = [each for each in bubbles if self._is_sided(each)]
        own, others = (
            self._align([each for each in sided if each.is_own is flag]) for flag in (True, False)
        )
        aligned = len(own) + len(others)
        if not own or not others or aligned < max(_MIN_BUBBLES, _MOST * len(bubbles)):
            return None
        sided = sorted([*own, *others], key=lambda each: each.pieces[0].box[1])
        others_on_it = [piece for each in bubbles if each not in sided for piece in each.pieces]
        title = self._find_title([*beside, *others_on_it], sided)
        self._set_names_and_times(sided, [each for each in beside if each is not title])
        messages = list(self._messages(sided, title))
        used = {
            piece.box for each in sided for piece in (*each.pieces, each.name) if piece is not None
        }
        times = {each.time for each in sided}
        rest = [
            piece
            for piece in pieces
            if piece.box not in used and piece is not title and piece.text.strip() not in times
        ]
        return Chat("" if title is None else title.text, messages, rest)

    def _find_bubbles(self, pieces: Sequence[Piece]) -> tuple[list[_Bubble], list[Piece]]:
        """Return the bubbles from the top, and the pieces of text on the background."""
        found: list[_Bubble] = []
        beside: list[Piece] = []
        for piece in sorted(pieces, key=lambda each: each.box[1]):
            colour = self._colour_around(piece.box)
            if _is_same(colour, self._paper):
                beside.append(piece)
                continue
            left, right = self._extent(piece.box, colour)
            height = piece.box[3] - piece.box[1]
            for bubble in reversed(found[-3:]):
                last = bubble.pieces[-1].box
                beneath = piece.box[1] - last[3] < _GAP * height
                same = beneath and _is_same(bubble.colour, colour, 2 * _OTHER_COLOUR)
                if same and self._are_joined(last, piece.box, colour):
                    bubble.pieces.append(piece)
                    bubble.left, bubble.right = min(bubble.left, left), min(bubble.right, right)
                    break
            else:
                found.append(_Bubble([piece], left, right, colour))
        return found, beside

    def _colour_around(self, box: Box) -> Int64:
        """Return the median colour to the left and right of a box."""
        left, top, right, bottom = box
        columns = np.array([*range(left - _BESIDE, left), *range(right, right + _BESIDE)])
        strips = self._pixels[max(top, 0) : bottom, np.clip(columns, 0, self._width - 1)]
        return _median(strips) if strips.size else np.zeros(3, np.int64)

    def _extent(self, box: Box, colour: Int64) -> tuple[int, int]:
        """Return the distances in pixels of a bubble from the left and right edge of the screen.

        ``box``: a piece of text in the bubble; ``colour``: colour around it.
        """
        left, top, right, bottom = box
        rows = self._pixels[max(top, 0) : bottom : _EVERY_ROW].astype(np.int64)
        apart = np.abs(rows - colour).max(axis=-1)
        # nearer to the colour of the bubble than to the background
        inside = (apart < 2 * _OTHER_COLOUR) & (apart < np.abs(rows - self._paper).max(axis=-1))
        same = 2 * inside.sum(axis=0) >= len(rows)
        begin = np.flatnonzero(~same[: max(left, 1)])
        end = np.flatnonzero(~same[min(right, self._width - 1) :])
        first = int(begin[-1]) + 1 if len(begin) else 0
        last = min(right, self._width - 1) + int(end[0]) if len(end) else self._width
        return first, self._width - last

    def _are_joined(self, above: Box, below: Box, colour: Int64) -> bool:
        """Return True if two boxes are in one bubble of this colour: no background between them."""
        left, right = max(above[0], below[0], 0), max(min(above[2], below[2]), 1)
        gap = self._pixels[above[3] : below[1], min(left, right - 1) : right].astype(np.int64)
        near = np.abs(gap - colour).max(axis=2) < np.abs(gap - self._paper).max(axis=2)
        return bool((2 * near.sum(axis=1) >= near.shape[1]).all())

    def _is_sided(self, bubble: _Bubble) -> bool:
        """Return True if a bubble is at one side of the screen."""
        near, far = sorted((bubble.left, bubble.right))
        is_near = 0 < near <= _MOST_FROM_EDGE * self._width
        return is_near and far - near > _SAME_EDGE * self._width

    def _align(self, bubbles: Sequence[_Bubble]) -> list[_Bubble]:
        """Return the bubbles whose distance from their side is the most common one."""
        edges = [each.right if each.is_own else each.left for each in bubbles]
        most = _SAME_EDGE * self._width
        near = [[abs(edge - each) <= most for each in edges] for edge in edges]
        best = max(near, key=sum, default=[])
        return [bubble for bubble, flag in zip(bubbles, best, strict=True) if flag]

    def _find_title(self, beside: Sequence[Piece], bubbles: Sequence[_Bubble]) -> Piece | None:
        """Return the title of the chat: centred, above all bubbles, no time; None without one.

        ``beside``: pieces of text on the background.
        """
        top = min(bubble.pieces[0].box[1] for bubble in bubbles)
        for piece in beside:
            above = piece.box[3] < min(top, _HEAD * self._width)
            if above and self._is_middle(piece.box) and not _TIME.fullmatch(piece.text.strip()):
                return piece
        return None

    def _is_middle(self, box: Box) -> bool:
        """Return True if a box is horizontally centred on the screen."""
        return abs((box[0] + box[2]) / 2 - self._width / 2) <= _MIDDLE * self._width

    def _set_names_and_times(self, bubbles: Sequence[_Bubble], beside: Sequence[Piece]) -> None:
        """Set the time above each bubble, and the sender's name above each that is not own.

        ``beside``: pieces of text on the background.
        """
        names: list[Piece] = []
        times: list[Piece] = []
        for piece in beside:
            is_time = _TIME.fullmatch(piece.text.strip()) and self._is_middle(piece.box)
            (times if is_time else names).append(piece)
        for bubble in bubbles:
            first = bubble.pieces[0].box
            height = first[3] - first[1]
            above = [each for each in times if each.box[3] <= first[1]]
            bubble.time = above[-1].text.strip() if above else ""
            if bubble.is_own:
                continue
            for piece in names:
                near = 0 <= first[1] - piece.box[3] <= _GAP * height
                if near and abs(piece.box[0] - bubble.left) <= 2 * _SAME_EDGE * self._width:
                    bubble.name = piece

    def _messages(self, bubbles: Sequence[_Bubble], title: Piece | None) -> Iterator[Message]:
        """Yield the messages. Without names above bubbles, the sender is the title."""
        named = any(bubble.name is not None for bubble in bubbles)
        peer = "" if named or title is None else title.text
        for each in bubbles:
            sender = OWN if each.is_own else each.name.text if each.name is not None else peer
            lines = frozenset(piece.line for piece in each.pieces)
            yield Message(each.time, sender, self._join(each.pieces), lines)

    def _join(self, pieces: Sequence[Piece]) -> str:
        """Join the pieces of a bubble; a line that fills it continues without a line end."""
        text, last = "", pieces[0].box
        for piece in sorted(pieces, key=lambda each: (each.line, each.box[0])):
            left, top, right, _ = piece.box
            if text:
                beside = top < (last[1] + last[3]) / 2
                is_full = last[2] - last[0] > _FULL * self._width
                text += " " if beside else "" if is_full else "\n"
                left = min(left, last[0]) if beside else left
            text += piece.text.strip()
            last = (left, top, right, piece.box[3])
        return text


def _median(pixels: UInt8) -> Int64:
    """Return the median colour of pixels: ``int64[3]``."""
    found: Int64 = np.median(pixels.reshape(-1, 3), axis=0).astype(np.int64)
    return found


def _is_same(one: Int64, other: Int64, most: int = _OTHER_COLOUR) -> bool:
    """Return True if no component of two colours differs by ``most`` or more."""
    return bool(np.abs(one - other).max() < most)
