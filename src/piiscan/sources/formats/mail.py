"""Mail: single messages, mailboxes and web archives (MHT), of any file name.

Headers are records; bodies and attachments are decoded and read by their own formats.
"""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Iterator
from email import message_from_bytes
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
            while box and (found := FROM_LINE.search(rest, max(scanned, begin + 1))) is not None:
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
    raw = str(text).encode("utf-8", "surrogateescape")
    plain = re.sub(r"\r?\n[ \t]+", " ", raw.decode(CODECS[best_encoding(raw)], "replace"))
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


def message_headers(content: Content, limit: int) -> Iterator[Record]:
    """Yield the headers of each message as a record; equal names are lines of one cell."""
    for data in split_messages(content, limit):
        if isinstance(data, Trouble):
            continue
        message, _ = without_envelope(data)
        end = re.search(rb"\r?\n\r?\n", message)
        cells: dict[str, str] = {}
        for name, value in message_from_bytes(message[: end.start() if end else None]).raw_items():
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
    charset = part.get_param("charset")
    if part.get_content_maintype() == "text" and isinstance(charset, str):
        data = text_of(data, charset).encode()
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
            for header, value in part.raw_items() if part is not message else ():
                text = _BOUNDARY.sub("", decode_header_text(value))
                if header.lower() not in _PACKING and _TELLING.search(text):
                    self.lines.append(f"{header}: {text}")
            if part.is_multipart() and part.get_content_type() != "message/rfc822":
                self.lines += filter(None, (part.preamble, part.epilogue))
                first, *others = parts = part.get_payload() or [Message()]
                is_choice = part.get_content_type() == "multipart/alternative"
                if is_choice and others and _is_repeated(first, others):
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
                name = "body" if part.get_content_maintype() == "text" else part.get_content_type()
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
            yield from parts.read(message_from_bytes(raw))
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
