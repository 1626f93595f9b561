"""vCards and calendars: each contact or event is a record of decoded cells.

BEGIN:VCARD / FN:张三 / TEL;TYPE=CELL:13800138000 / END:VCARD -> columns name, phone; one row
"""

from __future__ import annotations

import binascii
import quopri
import re
from collections.abc import Iterator
from itertools import chain
from typing import Final

from piiscan.sources.content import memory_member
from piiscan.sources.encoding.decoder import read_pieces
from piiscan.sources.encoding.detector import CODECS, best_encoding
from piiscan.sources.format import Format, Opened, Sample
from piiscan.sources.read_context import ReadContext
from piiscan.sources.rows.keyed_records import Record, open_records

_BEGIN: Final = re.compile(
    r"[\ufeff\s]*BEGIN:(?:VCARD|VCALENDAR)\s*$", re.IGNORECASE | re.MULTILINE
)
_LINE: Final = re.compile(
    r"(?:[\w-]+\.)?([A-Za-z][\w-]*)((?:;[^:\"]*(?:\"[^\"]*\"[^:\"]*)*)?):(.*)", re.DOTALL
)
_RECORDS: Final = ("vcard", "vevent", "vtodo", "vjournal", "vfreebusy")
_KEYS: Final = {
    "fn": "name",
    "n": "n",
    "tel": "phone",
    "adr": "address",
    "email": "email",
    "org": "organization",
    "bday": "birthday",
}
_ESCAPE: Final = re.compile(r"\\([\\,;:nN])")
_DATA: Final = re.compile(r"data:[\w/+.-]*;base64,", re.IGNORECASE)
_TELLING: Final = re.compile(r"[^\x00-\x7f]|@|\d{5}")
_HANZI: Final = re.compile(r"[\u3400-\u9fff]")
_SCHEME: Final = re.compile(r"(?:tel|mailto|sms):", re.IGNORECASE)
#: Order of the parts of an address as it is written in Chinese: region, city, street, the rest.
_ADDRESS: Final = (4, 3, 2, 1, 0)
_MAX_LINE: Final = 64 << 20


def _lines(sample: Sample) -> Iterator[tuple[int, str]]:
    """Yield (number of its first line, text) of each line, folded lines joined."""
    with sample.content.open() as stream:
        rest, number, first, parts, size = "", 0, 1, list[str](), 0
        pieces = (piece.text.tobytes() for piece in read_pieces(stream, sample.text_guess))
        for piece in chain(pieces, [b"\n"]):
            *whole, rest = (rest + piece.decode("utf-8", "replace")).split("\n")
            if len(rest) > _MAX_LINE:
                whole, rest = [*whole, rest], ""
            for line in (each.rstrip("\r") for each in whole):
                number += 1
                soft = bool(parts) and parts[-1].endswith("=")
                soft = soft and "quoted-printable" in parts[0].partition(":")[0].lower()
                if parts and size < _MAX_LINE and (soft or line[:1] in (" ", "\t")):
                    if soft:
                        parts[-1] = parts[-1][:-1]
                    parts.append(line if soft else line[1:])
                    size += len(line)
                    continue
                if parts:
                    yield first, "".join(parts)
                first, parts, size = number, [line], len(line)
    yield first, "".join(parts)


def _value(name: str, parameters: str, value: str) -> str | bytes:
    """Decode the value of a property; return bytes for binary data (a photo)."""
    given = parameters.lower()
    if "quoted-printable" in given:
        data = quopri.decodestring(value.encode("utf-8", "replace"))
        charset = re.search(r"charset=\"?([\w-]+)", given)
        try:
            value = data.decode("gb18030" if charset and charset[1][:2] == "gb" else "utf-8")
        except ValueError:
            value = data.decode(CODECS[best_encoding(data)], "replace")
    encoded = _DATA.match(value)
    if encoded is not None or re.search(r"encoding=(?:b|base64)\b|;base64\b", given):
        text = value[encoded.end() :] if encoded is not None else value
        try:
            return binascii.a2b_base64("".join(text.split()))
        except binascii.Error:
            return value
    parts = [
        _ESCAPE.sub(lambda found: "\n" if found[1] in "nN" else found[1], part)
        for part in re.split(r"(?<!\\);", value)
    ]
    if name == "adr" and len(parts) > 4:
        return " ".join(filter(None, ["".join(parts[at] for at in _ADDRESS), *parts[5:]]))
    if name == "n":
        if _HANZI.search(value):  # family name, further names, given name
            return "".join([*parts[:1], *parts[2:3], *parts[1:2]])
        return " ".join(filter(None, parts))
    text = ";".join(parts)
    return _SCHEME.sub("", text, count=1) if name in ("tel", "email") else text


#: The lines of each cell of a record.
_Lines = dict[str, list[str]]


def _cards(sample: Sample) -> Iterator[tuple[Record, list[bytes]]]:
    """Yield (record, binary values) of each contact or event; last, the lines outside of them."""
    outside: _Lines = {}
    cells, line, data, inside = outside, 0, list[bytes](), ""
    for number, text in _lines(sample):
        found = _LINE.fullmatch(text)
        name = "" if found is None else found[1].lower()
        kind = "" if found is None else found[3].strip().lower()
        if name == "begin" and not inside and kind in _RECORDS:
            cells, line, data, inside = {}, number, [], kind
        elif name == "end" and inside and kind in (inside, "vcalendar"):
            yield (line, _joined(cells)), data
            cells, data, inside = outside, [], ""
        elif found is None:
            _add(cells, "", text)
        elif name not in ("begin", "end", "version"):
            value = _value(name, found[2], found[3])
            if isinstance(value, bytes):
                data.append(value)
            else:
                _add(cells, _KEYS.get(name, name), value)
            for parameter in found[2].split(";"):
                key, _, given = parameter.partition("=")
                # such as the name of an attendee
                if key.lower() not in ("charset", "encoding", "type") and _TELLING.search(given):
                    _add(cells, key.lower(), given.strip('"'))
        elif kind not in (*_RECORDS, "vcalendar") and name != "version":
            _add(cells, name, found[3])
    if inside:
        yield (line, _joined(cells)), data
    if outside:
        yield (0, _joined(outside, is_record=False)), []


def _add(cells: _Lines, key: str, value: str) -> None:
    """Add a value to the cell ``key``, as a further line if the cell has one."""
    if value.strip():
        cells.setdefault(key, []).append(value)


def _joined(lines: _Lines, *, is_record: bool = True) -> dict[str, str]:
    """Return key -> lines joined. In a record, drop name parts if the whole name is given."""
    cells = {key: "\n".join(found) for key, found in lines.items()}
    if not is_record:
        return cells
    whole, parts = (cells.get(key, "").replace(" ", "") for key in ("name", "n"))
    if not whole and parts:
        cells["name"] = cells.pop("n")
    elif parts and sorted(whole) == sorted(parts):
        del cells["n"]
    return cells


def _open(sample: Sample, context: ReadContext) -> Opened:
    """Yield the table of contacts or events, and their binary values as members."""
    yield from open_records(
        sample.content,
        lambda: (record for record, _ in _cards(sample)),
        kind="contacts",
        encoding=sample.text_guess.encoding,
    )
    for number, (_, data) in enumerate(_cards(sample), 1):
        for at, piece in enumerate(filter(None, data), 1):
            name = f"data {number}.{at}"
            yield memory_member(sample.content, name, piece, seed=context.seed)


FORMATS: Final = (
    Format(
        "vcard",
        43,
        _open,
        probe=lambda sample: _BEGIN.match(sample.text[:512]) is not None,
        extensions=("vcf", "ics"),
        copied_as_text=True,
        container=True,
    ),
)
