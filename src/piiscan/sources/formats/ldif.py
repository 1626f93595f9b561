"""LDIF: entries of a directory (LDAP, Active Directory), each a record; values in base64 decoded.

dn: uid=zs,dc=example / cn:: 5byg5LiJ / mobile: 13800138000 -> columns dn, name, mobile; one row
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from piiscan.sources.block import Trouble
from piiscan.sources.format import Format, Opened, ReadContext, Sample
from piiscan.sources.formats import binary_values
from piiscan.sources.rows.keyed_records import Record, open_records
from piiscan.sources.stored_values import decode_stored, text_of_bytes

_BEGIN: Final = re.compile(
    r"\ufeff?(?:(?:#[^\n]*|version:[ \t]*1[ \t]*)?\r?\n)*"
    r"dn::?[^\n]*\n(?: [^\n]*\n)*[A-Za-z][\w;-]*::?[ <]"
)
_LINE: Final = re.compile(r"([A-Za-z][\w.-]*)(?:;[\w;-]*)?(::|:<|:) *(.*)", re.DOTALL)
#: Columns of attributes with another name; in lower case.
_KEYS: Final = {"cn": "name", "telephonenumber": "phone", "postaladdress": "address"}
_MAX_ENTRY: Final = 64 << 20
_Entry = tuple[int, list[tuple[str, str | bytes]]]


@dataclass(slots=True)
class _Directory:
    """LDIF file. ``larger``: True once a binary value that is no text was read."""

    sample: Sample
    larger: bool = False

    def _lines(self) -> Iterator[tuple[int, str]]:
        """Yield (number of its first line, text) of each line, unfolded; "" between entries."""
        first, parts, size = 1, list[str](), 0
        for number, line in enumerate(self.sample.lines(), 1):
            if parts and line[:1] == " " and size < _MAX_ENTRY:
                parts.append(line[1:])
                size += len(line)
                continue
            if parts:
                yield first, "".join(parts)
            first, parts, size = number, [line], len(line)
        yield first, "".join(parts)

    def entries(self) -> Iterator[_Entry]:
        """Yield (number of its first line, attributes) of each entry; comments have the key ""."""
        at, values = 0, list[tuple[str, str | bytes]]()
        for number, line in self._lines():
            if not line.strip():
                if values:
                    yield at, values
                values = []
                continue
            at = at if values else number
            found = _LINE.fullmatch(line)
            if found is None or line.startswith("#"):
                values.append(("", line))
            elif found[1].lower() != "version" or values:
                key = _KEYS.get(found[1].lower(), found[1])
                values.append((key, _value(found[2], found[3])))
        if values:
            yield at, values

    def records(self) -> Iterator[Record | Trouble]:
        """Yield each entry as a record, several values of an attribute as lines of one cell."""
        for line, values in self.entries():
            cells: dict[str, str] = {}
            for key, value in values:
                if isinstance(value, bytes):
                    self.larger = True
                elif value.strip():
                    cells[key] = f"{cells[key]}\n{value}" if key in cells else value
            yield line, cells

    def binary_values(self) -> Iterator[tuple[str, int, bytes]]:
        """Yield (attribute, line of the entry, bytes) of the values that are no texts."""
        for line, values in self.entries():
            yield from ((key, line, value) for key, value in values if isinstance(value, bytes))


def _value(sign: str, value: str) -> str | bytes:
    """Return the text of a value, decoded if base64 (``sign`` ``::``); bytes if that is no text."""
    if sign != "::":
        return value
    try:
        data = base64.b64decode("".join(value.split()), validate=True)
    except binascii.Error:
        return value
    try:
        return data.decode() if b"\0" not in data else data
    except UnicodeDecodeError:
        return data if text_of_bytes(data) is None else decode_stored(data)


def _open(sample: Sample, context: ReadContext) -> Opened:
    """Yield the table of the entries, and their binary values as members."""
    content = sample.content
    assert sample.guess is not None  # only texts are asked about
    directory = _Directory(sample)
    table = open_records(
        content, directory.records, kind="contacts", encoding=sample.guess.encoding
    )
    yield from () if table is None else (table,)
    if directory.larger:
        yield from binary_values(content, context).read("", directory.binary_values())


FORMATS: Final = (
    Format(
        "ldif",
        45,
        _open,
        probe=lambda sample: _BEGIN.match(sample.text[: 64 << 10]) is not None,
        extensions=("ldif", "ldf"),
        copied_as_text=True,
    ),
)
