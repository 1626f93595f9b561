"""Pages of OFD documents (GB/T 33190): their text objects as lines, in the order of reading.

    <TextObject Boundary="20 50 60 5"><TextCode X="0" Y="4">身份证号</TextCode></TextObject>

Invoices and papers of courts are such documents: archives of XML, of which the other parts are read
as any XML. Objects of one height are a line; a gap wider than a character is a blank.
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from piiscan.errors import OtherFormatError, SourceError
from piiscan.sources.format import Format, Opened, Sample
from piiscan.sources.lined.section_tables import SectionReader
from piiscan.sources.read_context import ReadContext
from piiscan.sources.texts.xml_texts import parse_part

_PAGE: Final = re.compile(r"<(?:\w+:)?Page\b[^>]*ofdspec\.org")
#: Elements whose characters are drawings, and attributes that are places, looks and references.
_DRAWN: Final = frozenset(("AbbreviatedData", "Glyphs", "Area", "Clip", "PhysicalBox"))
_TECHNICAL: Final = re.compile(
    r"\w*ID|Boundary|CTM|Font|Size|Weight|X|Y|Delta[XY]|Type|LineWidth|Value|ColorSpace|Fill|Stroke"
    r"|Visible|Italic|HScale|\w*Direction|Cap|Join|MiterLimit|Dash\w+|Alpha|Rule|DrawParam|Color"
    r"|Code\w+|GlyphCount|BaseLoc|ZOrder|\w*Point|Radius|MapType|Extend|Substitution|ImageMask"
)
_NUMBER: Final = re.compile(r"-?\d*\.?\d+")
_USUAL_SIZE: Final = 4.0  # millimetres


@dataclass(slots=True)
class _Run:
    """Text run of a page: text, left, right, baseline and character height in millimetres."""

    text: str
    left: float
    right: float
    base: float
    size: float


@dataclass(slots=True)
class _Page:
    """Handler of XML parser events of a page: collects text runs with their places."""

    runs: list[_Run] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    found: list[None] = field(default_factory=list)  # what parse_part asks for; stays empty
    _corner: tuple[float, float] = (0.0, 0.0)
    _size: float = _USUAL_SIZE
    _place: tuple[float, float] = (0.0, 0.0)
    _deltas: str = ""
    _names: list[str] = field(default_factory=list)
    _texts: list[str] = field(default_factory=list)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Process a start tag: store the place of a text, and texts in attributes."""
        self._end_text()
        local = name.rpartition("}")[2]
        self._names.append(local)
        if local == "TextObject":
            box = _numbers(attributes.get("Boundary", ""))
            self._corner = (box[0], box[1]) if len(box) > 1 else (0.0, 0.0)
            self._size = next(iter(_numbers(attributes.get("Size", ""))), 0.0) or _USUAL_SIZE
            self._place = (0.0, 0.0)
        elif local == "TextCode":
            x, y = (_numbers(attributes.get(key, "")) for key in "XY")
            self._place = (x[0] if x else self._place[0], y[0] if y else self._place[1])
            self._deltas = attributes.get("DeltaX", "")
        self.others += [
            text
            for key, text in attributes.items()
            if not _TECHNICAL.fullmatch(key.rpartition("}")[2])
        ]

    def add(self, text: str) -> None:
        """Add characters to the text of the open element."""
        self._texts.append(text)

    def end(self, name: str) -> None:
        """Process an end tag: store the text of its element."""
        del name
        self._end_text()
        self._names.pop()

    def _end_text(self) -> None:
        """Store the collected characters: a run inside a TextCode, else another text.

        Blanks and data of drawing elements are dropped.
        """
        text, self._texts = "".join(self._texts), []
        inside = self._names[-1] if self._names else ""
        if inside == "TextCode" and text:
            left, base = (each + own for each, own in zip(self._corner, self._place, strict=True))
            right = left + _advance(self._deltas, len(text), self._size)
            self.runs.append(_Run(text, left, right, base, self._size))
        elif text.strip() and inside not in _DRAWN:
            self.others.append(text)


def _numbers(text: str) -> list[float]:
    """Return the numbers in an attribute: ``"10 20.5" -> 10.0, 20.5``."""
    return [float(each) for each in _NUMBER.findall(text)]


def _advance(deltas: str, count: int, size: float) -> float:
    """Return the width of ``count`` characters in millimetres; ``g 3 4 2.5`` means 4 4 4 2.5.

    >>> _advance("g 3 4 2.5", 5, 4.0), _advance("", 2, 4.0)
    (18.5, 8.0)
    """
    parts, width, seen = iter(deltas.split()), 0.0, 0
    for part in parts:
        times = _numbers(next(parts, "")) if part == "g" else [1.0]
        step = _numbers(next(parts, "") if part == "g" else part)
        number = int(min(times[0], count)) if times else 0
        width, seen = width + number * (step[0] if step else 0.0), seen + number
    return width + max(count - seen, 1) * size


def _lines(runs: list[_Run]) -> list[str]:
    """Join text runs to the lines of a page: from the top, runs from the left."""
    rows: list[list[_Run]] = []
    for run in sorted(runs, key=lambda each: each.base):
        if rows and abs(run.base - rows[-1][0].base) <= 0.5 * min(run.size, rows[-1][0].size):
            rows[-1].append(run)
        else:
            rows.append([run])
    lines = []
    for row in rows:
        row.sort(key=lambda each: each.left)
        line = row[0].text
        for before, run in pairwise(row):
            line += " " * (run.left - before.right > 0.5 * run.size) + run.text
        lines.append(line)
    return lines


def _open(sample: Sample, context: ReadContext) -> Opened:
    """Yield the lines of a page, then its other texts."""
    content, page = sample.content, _Page()
    with content.open() as stream:
        try:
            deque(parse_part(stream, context.budget.sheet, page), 0)
        except SourceError as error:
            raise OtherFormatError(error.reason, error.detail) from None  # any XML
    sections = SectionReader(content, context)
    yield from sections.open_section("text", [*_lines(page.runs), *page.others], (), "")


FORMATS: Final = (
    Format(
        "ofd page", 41, _open, probe=lambda sample: _PAGE.search(sample.text[:2048]) is not None
    ),
)
