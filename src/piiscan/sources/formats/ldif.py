"""LDIF: entries of a directory (LDAP, Active Directory), each a record; values in base64 decoded.

dn: uid=zs,dc=example / cn:: 5byg5LiJ / mobile: 13800138000 -> columns dn, name, mobile; one row
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from functools import partial
from typing import Final

from piiscan.sources.format import Format, Opened, Sample
from piiscan.sources.formats import open_stored
from piiscan.sources.read_context import ReadContext
from piiscan.sources.stored_values import StoredRecord, decode_stored, text_of_bytes

_BEGIN: Final = re.compile(
    r"\ufeff?(?:(?:#[^\n]*|version:[ \t]*1[ \t]*)?\r?\n)*"
    r"dn::?[^\n]*\n(?: [^\n]*\n)*[A-Za-z][\w;-]*::?[ <]"
)
_LINE: Final = re.compile(r"([A-Za-z][\w.-]*)(?:;[\w;-]*)?(::|:<|:) *(.*)", re.DOTALL)
#: Columns of attributes with another name; in lower case.
_KEYS: Final = {"cn": "name", "telephonenumber": "phone", "postaladdress": "address"}
_MAX_ENTRY: Final = 64 << 20


def _unfolded_lines(sample: Sample) -> Iterator[tuple[int, str]]:
    """Yield (number of its first line, text) of each line, unfolded; "" between entries."""
    first, parts, size = 1, list[str](), 0
    for number, line in enumerate(sample.lines(), 1):
        if parts and line[:1] == " " and size < _MAX_ENTRY:
            parts.append(line[1:])
            size += len(line)
            continue
        if parts:
            yield first, "".join(parts)
        first, parts, size = number, [line], len(line)
    yield first, "".join(parts)


def _read_entries(sample: Sample) -> Iterator[StoredRecord]:
    """Yield each entry as a record, several values of an attribute as lines of one cell.

    Comments have the key "".
    """
    record, is_empty = StoredRecord(0, {}, []), True
    for number, line in _unfolded_lines(sample):
        if not line.strip():
            if not is_empty:
                yield record
            is_empty = True
            continue
        if is_empty:
            record = StoredRecord(number, {}, [])
        found = _LINE.fullmatch(line)
        key = ""  # of a comment
        value: str | bytes = line
        if found is not None and not line.startswith("#"):
            if found[1].lower() == "version" and is_empty:
                continue
            key, value = _KEYS.get(found[1].lower(), found[1]), _value(found[2], found[3])
        is_empty = False
        if isinstance(value, bytes):
            record.others.append((key, value))
        elif value.strip():
            record.cells[key] = f"{record.cells[key]}\n{value}" if key in record.cells else value
    if not is_empty:
        yield record


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
    read, encoding = partial(_read_entries, sample), sample.text_guess.encoding
    yield from open_stored(sample.content, context, read, kind="contacts", encoding=encoding)


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
