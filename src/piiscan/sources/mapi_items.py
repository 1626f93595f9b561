"""MAPI items: messages, contacts and appointments of Outlook (msg, pst) by their properties.

Sender, receivers, subject and time are a record; bodies and attachments are members; every other
text of an item is a line, unless it only repeats what is told already.
"""

from __future__ import annotations

import datetime
import html
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from piiscan.sources.archives.member_names import MailParts
from piiscan.sources.block import Table, Trouble
from piiscan.sources.content import Content
from piiscan.sources.encoding.detector import CODECS, best_encoding, guess_encoding
from piiscan.sources.read_context import ReadContext
from piiscan.sources.rows.keyed_records import open_records

#: Types of properties: number, time, text in a code page, text in UTF-16, bytes.
INTEGER, TIME, STRING8, UNICODE, BINARY = 0x0003, 0x0040, 0x001E, 0x001F, 0x0102
SUBJECT, BODY, HTML, RTF, CLASS = 0x0037, 0x1000, 0x1013, 0x1009, 0x001A
HEADERS, CODEPAGE = 0x007D, 0x3FFD
NAME, EMAIL, SMTP, RECIPIENT_TYPE = 0x3001, 0x3003, 0x39FE, 0x0C15
FILE_NAME, SHORT_NAME, DATA, EXTENSION = 0x3707, 0x3704, 0x3701, 0x3703
_SENDER: Final = ((0x0C1A, 0x0C1F, 0x5D01), (0x0042, 0x0065, 0x5D02))
_TIMES: Final = (0x0039, 0x0E06, 0x3007)
_TO: Final = ("To", "Cc", "Bcc")
#: Properties of contacts -> headers.
_CONTACT: Final = {
    NAME: "name",
    0x3A1C: "mobile",
    0x3A08: "phone",
    0x3A09: "phone_home",
    0x3A1A: "phone_primary",
    0x3A16: "company",
    0x3A17: "title",
    0x3A15: "address",
}
#: Properties that say how an item is kept, not what it is about.
_TECHNICAL: Final = frozenset(
    [CLASS, 0x0064, 0x0C1E, 0x3002, 0x0E02, 0x0E03, 0x0E04, 0x1035, EXTENSION, 0x370E, 0x3712]
)
_CODE_PAGES: Final = {936: "gb18030", 950: "big5", 65001: "utf-8"}
_TAG: Final = re.compile(r"<[^>]*>")
_WORD: Final = re.compile(r"[^\s<>()\"';,，；：:]+")
_EPOCH: Final = datetime.datetime(1601, 1, 1)  # noqa: DTZ001 -- of FILETIME
_CHINA: Final = datetime.timedelta(hours=8)
#: Beginning of every dictionary of compressed RTF ([MS-OXRTFCP]).
_RTF_WORDS: Final = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript "
    rb"\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0"
    b"\r\n"
    rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
_MAX_RTF: Final = 64 << 20
_MAX_DEPTH: Final = 8


@dataclass(slots=True)
class MapiItem:
    """Outlook item by property numbers: texts, bytes, numbers; its receivers and attachments."""

    texts: list[tuple[int, str]] = field(default_factory=list)
    binary: list[tuple[int, bytes]] = field(default_factory=list)
    numbers: dict[int, int] = field(default_factory=dict)
    receivers: list[MapiItem] = field(default_factory=list)
    attachments: list[MapiItem] = field(default_factory=list)
    message: MapiItem | None = None  # of an attachment
    parts: list[tuple[str, bytes]] = field(default_factory=list)  # of an attached object

    def add(self, number: int, kind: int, data: bytes) -> None:
        """Store the property ``number`` of type ``kind`` from its stored bytes."""
        if kind in (STRING8, UNICODE):
            codec = (
                "utf-16-le" if kind == UNICODE else _CODE_PAGES.get(self.numbers.get(CODEPAGE, 0))
            )
            codec = codec or CODECS[best_encoding(data)]
            if text := data.decode(codec, "replace").strip("\0 \r\n\t"):
                self.texts.append((number, text.lstrip("\x01")[1:] if text[0] == "\x01" else text))
        elif kind == BINARY and data:
            self.binary.append((number, data))
        elif kind in (INTEGER, TIME) and data:
            self.numbers[number] = int.from_bytes(data[: 4 if kind == INTEGER else 8], "little")

    def text(self, *numbers: int) -> str:
        """Return the text of the first filled property among ``numbers``; "" if all are empty."""
        return next((text for number in numbers for n, text in self.texts if n == number), "")

    def data(self, number: int) -> bytes | None:
        """Return the bytes of a property; None if it is missing."""
        return next((data for n, data in self.binary if n == number), None)


def _party(name: str, *addresses: str) -> str:
    """Join a name and the first address: ``张伟, a@b.c -> 张伟 <a@b.c>``."""
    address = next((each for each in addresses if "@" in each), next(iter(addresses), ""))
    if not address or address.lower() in name.lower():
        return name
    return f"{name} <{address}>" if name else address


def item_record(item: MapiItem) -> dict[str, str]:
    """Return writer, receiver, time and subject of an item; of a contact, its names and numbers."""
    if item.text(CLASS).lower().startswith("ipm.contact"):
        return {key: text for n, key in _CONTACT.items() if (text := item.text(n))}
    cells: dict[str, str] = {}
    senders = [
        _party(item.text(name), *filter(None, (item.text(smtp), item.text(mail))))
        for name, mail, smtp in _SENDER
    ]
    told = list(dict.fromkeys(filter(None, senders)))
    if told := [each for each in told if not any(each != o and each in o for o in told)]:
        cells["From"] = "\n".join(told)
    for number, key in enumerate(_TO, 1):
        found = [
            _party(each.text(NAME), *filter(None, (each.text(SMTP), each.text(EMAIL))))
            for each in item.receivers
            if each.numbers.get(RECIPIENT_TYPE, 1) & 15 == number
        ]
        if text := "\n".join(filter(None, found)):
            cells[key] = text
    if subject := item.text(SUBJECT):
        cells["Subject"] = subject
    time = next((item.numbers[n] for n in _TIMES if item.numbers.get(n)), 0)
    if 0 < time < 1 << 62:
        moment = _EPOCH + datetime.timedelta(microseconds=time // 10) + _CHINA
        cells["Date"] = moment.strftime("%Y-%m-%d %H:%M:%S")
    return cells


def open_message(
    content: Content, item: MapiItem, context: ReadContext
) -> Iterator[Table | Content | Trouble]:
    """Yield the record of a message that is a file of its own, and its parts as members."""
    records = [(0, cells)] if (cells := item_record(item)) else []
    yield from open_records(content, partial(iter, records), kind="mail")
    parts = MailParts(content.member_path(""), context)
    yield from open_item(item, parts)
    for name, data in item.parts:
        yield from parts.member(name, data)


def open_item(item: MapiItem, parts: MailParts, depth: int = 0) -> Iterator[Content | Trouble]:
    """Yield the bodies and attachments of an item, and its other texts as a member ``text``.

    ``depth``: attached messages around the item.

    The record of an attached message is told by lines of its ``text``.
    """
    record = item_record(item)
    told = "\n".join(record.values())
    lines = [f"{key}: {cell}" for key, cell in record.items()] if depth else []
    markup = item.data(HTML) or item.text(HTML).encode() or None
    body = item.text(BODY)
    if markup is not None:
        yield from parts.member("body.html", markup)
        guess = guess_encoding(markup)
        codec = CODECS["utf-8" if guess is None else guess.encoding]
        plain = html.unescape(_TAG.sub(" ", markup.decode(codec, "replace")))
        lines += [line for line in body.splitlines() if not _is_included(line, plain)]
        told += f"\n{plain}"
    elif body:
        yield from parts.member("body", body.encode("utf-8", "replace"))
        told += f"\n{body}"
    elif (packed := item.data(RTF)) is not None:
        if (unpacked := unpack_rtf(packed)) is None:
            yield Trouble(f"{parts.prefix}body.rtf", "CORRUPT", "compressed RTF")
        else:
            yield from parts.member("body.rtf", unpacked)
    for number, text in item.texts:
        if number not in _TECHNICAL and number not in (BODY, HTML):
            new = [line for line in text.splitlines() if not _is_included(line, told)]
            lines += new
            told += "\n" + "\n".join(new)
    for each in (*item.receivers, *item.attachments):
        lines += [t for n, t in each.texts if n not in _TECHNICAL and not _is_included(t, told)]
    yield from parts.member("text", "\n".join(dict.fromkeys(lines)).encode("utf-8", "replace"))
    for number, each in enumerate(item.attachments, 1):
        name = each.text(FILE_NAME, SHORT_NAME, NAME) or f"attachment {number}"
        yield from _open_attachment(each, name.replace("\\", "/").strip("/"), parts, depth)


def _open_attachment(
    attachment: MapiItem, name: str, parts: MailParts, depth: int
) -> Iterator[Content | Trouble]:
    """Yield an attached file, an attached message's parts, or an object's parts.

    ``depth``: attached messages around it.
    """
    if attachment.message is not None:
        if depth >= _MAX_DEPTH:
            yield Trouble(parts.prefix + name, "ZIP_DEPTH", f"nested more than {_MAX_DEPTH} deep")
        else:
            inner = MailParts(f"{parts.prefix}{name}!", parts.context)
            yield from open_item(attachment.message, inner, depth + 1)
        return
    data = attachment.data(DATA)
    if data is not None:
        yield from parts.member(name, data)
    for part, found in attachment.parts:
        yield from parts.member(f"{name}/{part}", found)


def _is_included(text: str, told: str) -> bool:
    """Return True if ``told`` contains all words of ``text``."""
    return all(word in told for word in _WORD.findall(text))


def unpack_rtf(data: bytes) -> bytes | None:
    """Unpack a compressed RTF body; None if it is damaged."""
    if len(data) < 16:
        return None
    _, size, kind, _ = struct.unpack_from("<IIII", data)
    if kind == 0x414C454D:
        return data[16 : 16 + size]
    if kind != 0x75465A4C or size > _MAX_RTF:
        return None
    window = bytearray(4096)
    window[: len(_RTF_WORDS)] = _RTF_WORDS
    at, out, place = 16, bytearray(), len(_RTF_WORDS)
    while at < len(data) and len(out) < size:
        flags, at = data[at], at + 1
        for bit in range(8):
            if at >= len(data):
                return bytes(out)
            if not flags >> bit & 1:
                run = data[at : at + 1]
                at += 1
            else:
                pair = int.from_bytes(data[at : at + 2], "big")
                at += 2
                start, length = pair >> 4, (pair & 15) + 2
                if start == place % 4096:
                    return bytes(out[:size])
                run = b""
                for step in range(length):
                    byte = window[(start + step) % 4096]
                    run += bytes([byte])
                    window[(place + step) % 4096] = byte
            for byte in run:
                window[place % 4096] = byte
                place += 1
            out += run
    return bytes(out[:size])
