"""EDI: segments of X12, EDIFACT and HL7 as records, one a person or firm, with names in one cell.

NM1*IL*1*张*三****MI*1234~PER*IC**TE*13800138000~ -> name 张三, id 1234, phone 13800138000; one row
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import Final, NamedTuple

from piiscan.sources.content import read_whole
from piiscan.sources.encoding.detector import CODECS
from piiscan.sources.format import Format, Opened, Sample
from piiscan.sources.read_context import ReadContext
from piiscan.sources.rows.keyed_records import Record, open_records

_MARK: Final = re.compile(rb"ISA|UN[AB]|MSH|[FB]HS")
_HEAD: Final = 300  # characters of the first segment of X12, and more
_X12: Final = re.compile(r"ISA[^\w\s]")
_UNA: Final = re.compile(r"UNA(.)(.).(.).(.)\s*UNB")
_UNB: Final = re.compile(r"()()()()UNB\+UNO[A-Z]:")
_HL7: Final = re.compile(r"(?:[FB]HS|MSH)([^\w\s])([^\w\s])([^\w\s])[^\w\s]{1,3}\1")
#: Sign that stands for a released one, from here on; it is in no text.
_RELEASED: Final = 0xF0000
_MARKED: Final = re.compile("[\U000f0000-\U000fffff]")
_BLANKS: Final = "\r\n\x0b\x1c\ufeff \t"
#: Segment -> number of its element -> column.
_COLUMNS: Final = {
    "NM1": {**dict.fromkeys((3, 4, 5), "name"), 9: "id"},
    "N1": {2: "name", 4: "id"},
    "N3": dict.fromkeys((1, 2), "address"),
    "N4": {1: "city", 2: "state", 3: "zip"},
    "DMG": {2: "birthday"},
    "PER": {2: "contact"},
    "REF": {2: "id"},
    "NAD": {2: "id", 4: "name", 5: "address", 6: "city", 8: "zip"},
    "CTA": {2: "contact"},
    "COM": {1: "phone"},
    "DOC": {2: "id"},
    "RFF": {1: "id"},
    "PID": {
        **dict.fromkeys((2, 3, 4, 19), "id"),
        **dict.fromkeys((13, 14), "phone"),
        **dict(enumerate(("name", "mother", "birthday"), 5)),
        11: "address",
    },
    "NK1": {2: "name", 4: "address", 5: "phone", 6: "phone"},
    "GT1": {3: "name", 5: "address", 6: "phone", 7: "phone", 12: "id"},
    "IN1": {16: "name", 18: "birthday", 19: "address"},
}
#: Segments that begin a record, as one does whose name is a second one.
_BEGINS: Final = frozenset(("ST", "INS", "HL", "UNH", "MSH"))
#: Kind of a number of X12, which stands before it -> column.
_NUMBERS: Final = {**dict.fromkeys(("TE", "HP", "WP", "CP", "NP", "FX"), "phone"), "EM": "email"}
_NAMES: Final = frozenset(("name", "company"))
_MOST_COLUMNS: Final = 99  # of a segment; further elements are cells of the last one
_HANZI: Final = re.compile(r"[\u3400-\u9fff·]+")


class _Signs(NamedTuple):
    """Signs of a file: between segments, elements, their parts and repetitions; of release."""

    segment: str
    element: str
    part: str
    repetition: str = ""
    release: str = ""


def _signs(text: str) -> _Signs | None:
    """Return the signs that a file begins with; None for other texts."""
    text = text.lstrip(_BLANKS)
    if _X12.match(text):
        *heads, end = text[:_HEAD].split(text[3], 16)
        if len(heads) == 16 and len(end) > 1 and not end[0].isalnum():
            return _Signs(end[1:].lstrip(" ")[:1] or "\n", text[3], end[0])
    if found := _UNA.match(text) or _UNB.match(text):
        return _Signs(found[4] or "'", found[2] or "+", found[1] or ":", "", found[3] or "?")
    if found := _HL7.match(text):
        return _Signs("\n", found[1], found[2], found[3])
    return None


def _segments(text: str, signs: _Signs) -> Iterator[tuple[int, list[list[str]]]]:
    """Yield (number of its line, elements as lists of parts) of each segment."""
    line = 1
    if signs.release:
        released = re.compile(re.escape(signs.release) + "([\x00-\uffff])")
        text = released.sub(lambda found: chr(_RELEASED + ord(found[1])), text)
    if signs.segment == "\n":
        text = re.sub(r"\r\n?", "\n", text)
    for segment in text.split(signs.segment):
        whole = segment.strip(_BLANKS)
        begin = line + segment.count("\n", 0, len(segment) - len(segment.lstrip(_BLANKS)))
        if whole:
            elements = whole.replace(signs.repetition or signs.part, signs.part)
            parts = (e.split(signs.part) for e in elements.split(signs.element, 10 * _MOST_COLUMNS))
            yield begin, [[_plain(part) for part in each] for each in parts]
        line += segment.count("\n") + (signs.segment == "\n")


def _plain(part: str) -> str:
    """Return a part with its released signs as they are."""
    return _MARKED.sub(lambda found: chr(ord(found[0]) - _RELEASED), part).strip()


def _cells(segment: list[list[str]]) -> Iterator[tuple[str, str]]:
    """Yield (column, text) of the elements of a segment."""
    name, columns = segment[0][0], _COLUMNS.get(segment[0][0], {})
    names: list[str] = []
    kind = ""
    for number, parts in enumerate(segment[1:], 1):
        column = columns.get(number) or (name == "PER" and _NUMBERS.get(kind)) or ""
        kind = parts[0]
        filled = [part for part in parts if part]
        if column in ("name", "contact", "mother"):
            names, filled = names + filled[:3], filled[3:]
            if names and (columns.get(number + 1) != column or number + 1 == len(segment)):
                is_one = all(map(_HANZI.fullmatch, names)) and len(names[0]) <= 2
                between = "" if is_one else "\n" if _HANZI.search("".join(names)) else " "
                is_firm = name == "NM1" and segment[2] == ["2"]
                yield "company" if is_firm else column, between.join(names)
                names = []
        elif column == "address":
            yield column, " ".join(filled)
            continue
        elif column:
            yield column, "".join(filled[:1])
            filled = filled[1:]
        yield f"{name}{min(number, _MOST_COLUMNS):02}", " ".join(filled)


def _read(signs: _Signs, text: str) -> Iterator[Record]:
    """Yield the record of each person, firm or message."""
    first, record = 0, dict[str, list[str]]()
    for line, segment in _segments(text, signs):
        cells = [(column, value) for column, value in _cells(segment) if value]
        names_one = not {column for column, _ in cells}.isdisjoint(_NAMES)
        if record and (segment[0][0] in _BEGINS or (names_one and _NAMES & record.keys())):
            yield first, {column: "\n".join(values) for column, values in record.items()}
            record = {}
        first = first if record else line
        for column, value in cells:
            record.setdefault(column, []).append(value)
    if record:
        yield first, {column: "\n".join(values) for column, values in record.items()}


def _open(sample: Sample, context: ReadContext) -> Opened:
    """Yield the table of the records."""
    guess, signs = sample.text_guess, _signs(sample.text)
    assert signs is not None
    data = read_whole(sample.content, context.budget.in_memory)[guess.bom :]
    read = partial(_read, signs, data.decode(CODECS[guess.encoding], "replace"))
    yield from open_records(sample.content, read, kind="jsonl", encoding=guess.encoding)


FORMATS: Final = (
    Format(
        *("EDI", 46, _open),
        probe=lambda sample: (
            _MARK.search(sample.content.head[:64].replace(b"\0", b"")) is not None
            and _signs(sample.text[:4096]) is not None
        ),
        extensions=("edi", "x12", "hl7"),
    ),
)
