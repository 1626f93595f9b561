"""Mail: single messages, mailboxes and web archives (MHT), of any file name.

Headers are records; bodies and attachments are decoded and read by their own formats.
"""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Iterator
from email import message_from_string
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from functools import partial
from typing import Any, Final

from piiscan.sources.archives.member_names import MailParts
from piiscan.sources.block import Trouble
from piiscan.sources.content import HEAD_BYTES, Content
from piiscan.sources.encoding.detector import CODECS, best_encoding
from piiscan.sources.format import Format, Opened, Sample
from piiscan.sources.read_context import ReadContext
from piiscan.sources.rows.keyed_records import Record, open_records

_HEADER: Final = re.compile(r"([A-Za-z][A-Za-z0-9-]{1,60}):[ \t]?.*\n(?:[ \t]+\S.*\n)*")
_KNOWN: Final = frozenset(
    [
        *("from", "to", "cc", "subject", "date", "message-id", "received", "return-path"),
        *("mime-version", "content-type", "delivered-to", "reply-to", "sender", "x-mailer"),
        *("content-transfer-encoding", "x-originating-ip", "dkim-signature", "in-reply-to"),
    ]
)
#: First line of a message in a mailbox; the size of the message in an .emlx file.
FROM_LINE: Final = re.compile(rb"(?:\A|(?<=\n\n)|(?<=\n\r\n))From [^\n]*\d\d:\d\d[^\n]*\n")
_SIZE_LINE: Final = re.compile(rb"\A(\d{1,12})[ \t]*\r?\n")
_TELLING: Final = re.compile(r"[^\x00-\x7f]|@|(?:[0-9][^0-9]?){5}")
_BOUNDARY: Final = re.compile(r"boundary\s*=\s*(\"[^\"]*\"|[^;\s]*);?", re.IGNORECASE)
_BASE64: Final = re.compile("[A-Za-z0-9+/]+={0,2}")
_WORDS: Final = re.compile(r"\w+")
_TAG: Final = re.compile(r"<[^<>]*>")
#: A header with its folded lines, and the end of a line.
_FIELD: Final = re.compile(r"([!-9;-~]+):[ \t]*(.*(?:\n[ \t].*)*)\n")
_FOLD: Final = re.compile(r"\r?\n[ \t]+")
_BLANK: Final = re.compile(r"\r?\n")
#: Headers of a part that say nothing but how it is packed.
_PACKING: Final = ("content-id", "content-transfer-encoding")


def looks_like_mail(sample: Sample) -> bool:
    """Return True if a text begins with the headers of a message, of which two are well known."""
    if sample.guess is None:
        return False
    text = sample.text[: 32 << 10].replace("\r\n", "\n").lstrip("\ufeff\n")
    text = re.sub(r"\A(?:From [^\n]*\d\d:\d\d[^\n]*|\d{1,12}[ \t]*)\n", "", text)
    names, at = set(), 0
    while (found := _HEADER.match(text, at)) is not None:
        names.add(found[1].lower())
        at = found.end()
    whole = at == len(text) or text[at] == "\n" or len(names) > 5
    return (
        whole and len(names & _KNOWN) >= 2 and not names.isdisjoint(_KNOWN - {"to", "from", "date"})
    )


def split_messages(content: Content, limit: int) -> Iterator[bytes | Trouble]:
    """Yield the bytes of each message of a mailbox; any other file is one message.

    A message of more than ``limit`` bytes is a Trouble.
    """
    box = content.head.lstrip(b"\xef\xbb\xbf\r\n").startswith(b"From ")
    rest, scanned, skipped = bytearray(), 1, 0
    with content.open() as stream:
        while piece := stream.read(HEAD_BYTES):
            rest += piece
            begin = 0
            while box and (found := _find_message(rest, max(scanned, begin + 1))) is not None:
                if skipped:
                    yield _too_large(content, skipped + found.start() - begin)
                elif found.start() > begin:
                    yield bytes(rest[begin : found.start()])
                begin, skipped, scanned = found.start(), 0, found.end()
            if begin:
                del rest[:begin]
            scanned = max(len(rest) - 2000, 1)
            if len(rest) > limit:
                skipped += len(rest) - 2000
                del rest[:-2000]
                scanned = 1
    if skipped:
        yield _too_large(content, skipped + len(rest))
    elif rest:
        yield bytes(rest)


def _find_message(data: bytearray, at: int) -> re.Match[bytes] | None:
    """Return the first line of the next message of a mailbox from offset ``at`` on."""
    at -= 1
    while (at := data.find(b"\nFrom ", at)) >= 0:
        if (found := FROM_LINE.match(data, at + 1)) is not None:
            return found
        at += 1
    return None


def _too_large(content: Content, size: int) -> Trouble:
    """Return the Trouble for a message of ``size`` bytes, which exceeds the memory limit."""
    return Trouble(content.member, "MEMBER_TOO_LARGE", f"a message of {size} bytes to be held")


def without_envelope(data: bytes) -> tuple[bytes, bytes]:
    """Split a message into (message, bytes after it), without mbox line or size line."""
    data = data.lstrip(b"\xef\xbb\xbf\r\n")
    size = _SIZE_LINE.match(data)
    if size is not None:
        end = size.end() + int(size[1])
        return data[size.end() : end], data[end:]
    first = FROM_LINE.match(data)
    return data[first.end() if first else 0 :], b""


def decode_header_text(text: Any) -> str:
    """Decode a mail header: ``=?utf-8?B?5byg5Lyf?= -> 张伟``.

    >>> decode_header_text("=?utf-8?B?5byg5Lyf?= <a@b.c>")
    '张伟 <a@b.c>'
    """
    plain = str(text)
    if not plain.isascii():
        raw = plain.encode("utf-8", "surrogateescape")
        plain = raw.decode(CODECS[best_encoding(raw)], "replace")
    plain = _FOLD.sub(" ", plain)
    if "=?" not in plain:
        return plain.strip()
    parts = []
    try:
        decoded = decode_header(plain)
    except (MessageError, ValueError):
        return plain.strip()
    for part, charset in decoded:
        data = part.encode("latin-1", "replace") if isinstance(part, str) and charset else part
        parts.append(data if isinstance(data, str) else text_of(data, charset))
    return "".join(parts).strip()


def text_of(data: bytes, charset: str | None) -> str:
    """Decode ``data`` by its charset; in the likeliest encoding if that fails."""
    name = {"gb2312": "gb18030", "gbk": "gb18030"}.get((charset or "").lower(), charset or "utf-8")
    try:
        return data.decode(name)
    except (LookupError, ValueError):
        return data.decode(CODECS[best_encoding(data)], "replace")


def _read_fields(text: str) -> tuple[list[tuple[str, str]], int]:
    """Return name and value of each header at the start of a text, and the offset behind them."""
    fields, at = [], 0
    while (found := _FIELD.match(text, at)) is not None:
        fields.append((found[1], found[2].rstrip("\r\n")))
        at = found.end()
    head = text[:at]
    return ([], 0) if head.count("\r") != head.count("\r\n") else (fields, at)


def parse_message(text: str) -> Message:
    """Parse a message into its parts as ``email`` does, which parses any message that has some."""
    fields, at = _read_fields(text)
    end = _BLANK.match(text, at) if at else None
    message = Message()
    for each in fields:
        message.set_raw(*each)
    if end is None or message.get_content_maintype() in ("message", "multipart"):
        return message_from_string(text)
    message.set_payload(text[end.end() :])
    return message


def message_headers(content: Content, limit: int) -> Iterator[Record]:
    """Yield the headers of each message as a record; equal names are lines of one cell."""
    for data in split_messages(content, limit):
        if isinstance(data, Trouble):
            continue
        message, _ = without_envelope(data)
        end = re.search(rb"\r?\n\r?\n", message)
        head = message[: end.start() if end else None].decode("ascii", "surrogateescape")
        cells: dict[str, str] = {}
        fields, at = _read_fields(f"{head}\n")
        for name, value in fields if at > len(head) else message_from_string(head).raw_items():
            text = decode_header_text(value)
            text = _BOUNDARY.sub("", text) if name.lower() == "content-type" else text
            cells[name] = f"{cells[name]}\n{text}" if name in cells else text
        first = data[: data.find(b"\n")] if data.startswith(b"From ") else b""
        if first:
            cells["From "] = decode_header_text(first[5:].decode("utf-8", "surrogateescape"))
        yield 0, cells


def _decoded(part: Message) -> bytes:
    """Return the bytes of a part that is no multipart; texts with a charset in UTF-8.

    A line of base64 that is damaged is left out.
    """
    data: Any = part.get_payload(decode=True) or b""
    if part.defects:
        lines = str(part.get_payload()).split()
        data = b"".join(base64.b64decode(line) for line in lines if not _is_damaged(line))
    if part.get_content_maintype() == "text":
        charset = part.get_param("charset")
        data = text_of(data, charset).encode() if isinstance(charset, str) else data
    return bytes(data)


def _is_damaged(line: str) -> bool:
    """Return True for a line of no whole base64."""
    return len(line) % 4 != 0 or _BASE64.fullmatch(line) is None


def _is_repeated(part: Message, others: list[Any]) -> bool:
    """Return True if a page among the alternatives ``others`` has all words of a plain text."""
    if part.get_content_type() != "text/plain":
        return False
    words = set(_WORDS.findall(text_of(_decoded(part), None)))
    pages = (
        _WORDS.findall(html.unescape(_TAG.sub(" ", text_of(_decoded(each), None))))
        for other in others
        for each in other.walk()
        if each.get_content_type() == "text/html"
    )
    return bool(words) and any(words <= set(page) for page in pages)


class _Parts:
    """Collector of the parts of one message, as members with names of their own."""

    def __init__(self, prefix: str, context: ReadContext) -> None:
        self.prefix, self.member = prefix.removesuffix("!"), MailParts(prefix, context).member
        self.lines: list[str] = []

    def read(self, message: Message) -> Opened:
        """Yield body and attachments of a message as members, and headers of parts as lines."""
        waiting: list[Any] = [message]
        while waiting:
            part = waiting.pop()
            kind = part.get_content_type()
            for header, value in part.raw_items() if part is not message else ():
                text = _BOUNDARY.sub("", decode_header_text(value))
                if header.lower() not in _PACKING and _TELLING.search(text):
                    self.lines.append(f"{header}: {text}")
            if part.is_multipart() and kind != "message/rfc822":
                self.lines += filter(None, (part.preamble, part.epilogue))
                first, *others = parts = part.get_payload() or [Message()]
                is_choice = kind == "multipart/alternative" and others
                if is_choice and _is_repeated(first, others):
                    yield Trouble(self.prefix, "SAME_TEXT", "text/plain", lost=False)
                    parts = others
                waiting += reversed(parts)
                continue
            name = part.get_filename() or part.get("Content-Location")
            if part.is_multipart():
                data = b"\n".join(each.as_bytes() for each in part.get_payload())
            else:
                data = _decoded(part)
                if part.defects:
                    yield Trouble(self.prefix, "CORRUPT", "damaged lines of base64 in a part")
            if name is None:
                name = "body" if kind.startswith("text/") else kind
            yield from self.member(decode_header_text(name).replace("\\", "/"), data)


def open_mail(sample: Sample, context: ReadContext) -> Opened:
    """Yield the headers of all messages as one table, then the parts of each message."""
    content, limit = sample.content, context.budget.in_memory
    yield from open_records(content, partial(message_headers, content, limit), kind="mail")
    box = content.head.lstrip(b"\xef\xbb\xbf\r\n").startswith(b"From ")
    for number, data in enumerate(split_messages(content, limit), 1):
        if isinstance(data, Trouble):
            yield data
            continue
        raw, behind = without_envelope(data)
        parts = _Parts(content.member_path(f"message {number}!" if box else ""), context)
        try:
            yield from parts.read(parse_message(raw.decode("ascii", "surrogateescape")))
        except (RecursionError, MessageError, ValueError, LookupError) as error:
            detail = f"message {number}: {type(error).__name__}"
            yield Trouble(content.member, "CORRUPT", detail)
        yield from parts.member("text", "\n".join(parts.lines).encode("utf-8", "replace"))
        yield from parts.member("plist", behind)


FORMATS: Final = (
    Format(
        "mail",
        42,
        open_mail,
        probe=looks_like_mail,
        extensions=("eml", "emlx", "mbox", "mht", "mhtml"),
        container=True,
    ),
)
