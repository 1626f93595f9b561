"""Mail: masked copies of messages and mailboxes, with every header and part written anew.

Texts are written in UTF-8 as they are, attachments in base64. What cannot be masked is emptied.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.errors import MessageError
from email.message import Message
from functools import partial
from typing import Any, BinaryIO, Final

from piiscan.copies.archive_copy import CopyMember, copy_or_lose
from piiscan.copies.read_table import ReadTable
from piiscan.copies.replacer import Replacer, cell_text
from piiscan.detect.columns.header_names import count_header_names
from piiscan.errors import SourceError
from piiscan.sources.block import Block, Trouble
from piiscan.sources.content import Content, memory_content
from piiscan.sources.formats.mail import (
    FROM_LINE,
    decode_header_text,
    message_headers,
    split_messages,
    text_of,
    without_envelope,
)
from piiscan.sources.limits import STANDARD_BUDGET
from piiscan.sources.rows.keyed_records import open_records
from piiscan.tabular.column_overrides import ColumnOverrides

#: Headers that are written for each part, not copied.
_WRITTEN: Final = frozenset(
    ("content-type", "content-transfer-encoding", "content-disposition", "mime-version")
)
_LETTERS: Final = bytes.maketrans(b"0123456789abcdef", b"abcdefghijklmnop")
_MAX_DEPTH: Final = 50

#: Values of a message's headers with what is written instead.
_Values = dict[str, str]


def copy_mail(
    content: Content,
    out: BinaryIO,
    replacer: Replacer,
    overrides: ColumnOverrides,
    *,
    is_copy: bool,
    copy_member: CopyMember,
) -> Iterator[Trouble]:
    """Write the redacted copy of a message or mailbox; yield a Trouble for each part lost.

    ``is_copy``: ``content`` is a copy already, so replacements in it are no findings.

    Raises SourceError for a message that cannot be read.
    """
    values: dict[int, _Values] = defaultdict(dict)
    for block, read in _header_blocks(content, replacer, overrides):
        for each in replacer.find_replacements(block, read, is_copy=is_copy):
            text = cell_text(block, each)[each.start : each.end]
            values[int(block.rows[each.record])][text] = each.new
    number = 0
    for data in split_messages(content, STANDARD_BUDGET.in_memory):
        if isinstance(data, Trouble):
            yield data
            continue
        number += 1
        box = FROM_LINE.match(data)
        prefix = f"{content.member}!" if content.member else ""
        writer = _Writer(
            replacer, values[number], copy_member, f"{prefix}message {number}!" if box else prefix
        )
        raw, behind = without_envelope(data)
        try:
            message = writer.message(message_from_bytes(raw))
            tail = writer.copied(behind, "plist") if behind.strip() else b""
        except (MessageError, ValueError, LookupError, RecursionError, binascii.Error) as error:
            detail = f"message {number}: {type(error).__name__}"
            if not box:
                raise SourceError("CORRUPT", detail) from None
            yield Trouble(content.member, "CORRUPT", detail)
            continue
        if box:
            first = decode_header_text(box[0].decode("utf-8", "surrogateescape"))
            out.write(writer.masked(first).encode("utf-8", "replace") + b"\n")
            message = message.replace(b"\nFrom ", b"\n>From ") + b"\n"
        elif data.lstrip(b"\xef\xbb\xbf\r\n")[:1].isdigit():
            out.write(b"%d\n" % len(message))
        out.write(message + tail)
        yield from writer.troubles


def _header_blocks(
    content: Content, replacer: Replacer, overrides: ColumnOverrides
) -> Iterator[tuple[Block, ReadTable]]:
    """Yield the blocks of the headers of all messages, with their table."""
    records = partial(message_headers, content, STANDARD_BUDGET.in_memory)
    table = next(open_records(content, records, kind="mail"), None)
    if table is None:
        return
    read = ReadTable.of(table, replacer.search.engine, overrides)
    for block in table.blocks():
        if not isinstance(block, Trouble):
            yield block, read


@dataclass(slots=True)
class _Writer:
    """Writer of one message's copy: its header values, and the Troubles of lost parts."""

    replacer: Replacer
    values: _Values
    copy_member: CopyMember
    prefix: str
    troubles: list[Trouble] = field(default_factory=list)

    def masked(self, text: str) -> str:
        """Return the text of a header with its values replaced."""
        if not count_header_names(self.replacer.search.engine.catalog, [text]):
            for value in sorted(self.values, key=len, reverse=True):
                text = text.replace(value, self.values[value])
        return self.replacer.redact_text(text)

    def message(self, message: Message, depth: int = 0) -> bytes:
        """Return the bytes of the copy of a message, or of one of its parts."""
        if depth > _MAX_DEPTH:
            raise ValueError
        lines = [] if depth else ["MIME-Version: 1.0"]
        for name, value in message.raw_items():
            if name.lower() not in _WRITTEN:
                text = self.masked(decode_header_text(value)).replace("\n", " ")
                lines.append(f"{self.masked(name)}: {text}")
        lines, body = self._body(message, lines, depth)
        return "\n".join([*lines, "", ""]).encode("utf-8", "replace") + body

    def _body(self, message: Message, lines: list[str], depth: int) -> tuple[list[str], bytes]:
        """Return (header lines, body bytes) of a part's copy. ``lines``: headers so far."""
        kind = self.masked(message.get_content_type())
        payload: Any = message.get_payload()
        if message.is_multipart() and kind != "message/rfc822":
            parts = [self.message(each, depth + 1) for each in payload]
            mark = _boundary(parts)
            joined = b"".join(b"--%s\n%s\n" % (mark, each) for each in parts)
            named = f'Content-Type: {kind}; boundary="{mark.decode()}"'
            return [*lines, named], joined + b"--%s--\n" % mark
        if message.is_multipart():
            inner = b"\n".join(each.as_bytes() for each in payload)
            return [*lines, f"Content-Type: {kind}"], self.copied(inner, "message.eml")
        data: Any = message.get_payload(decode=True) or b""
        name, charset = message.get_filename(), message.get_param("charset")
        is_text = message.get_content_maintype() == "text"
        if is_text and isinstance(charset, str):
            data = text_of(data, charset).encode("utf-8", "replace")
            kind += '; charset="utf-8"'
        shown = decode_header_text(name) if name else "body" if is_text else kind
        body = self.copied(data, shown) if data.strip() else data
        packed = not is_text or b"\0" in body or b"\r" in body.replace(b"\r\n", b"\n")
        lines = [
            *(*lines, f"Content-Type: {kind}"),
            f"Content-Transfer-Encoding: {'base64' if packed else '8bit'}",
        ]
        if name:
            masked = self.masked(shown).replace('"', "'").replace("\n", " ")
            lines.append(f'Content-Disposition: attachment; filename="{masked}"')
        return lines, base64.encodebytes(body) if packed else body

    def copied(self, data: bytes, name: str) -> bytes:
        """Return the copied bytes of a part; b"" and a Trouble if it cannot be copied."""
        member, buffer = self.prefix + name, io.BytesIO()
        last = name.replace("\\", "/").rpartition("/")[2]
        content = memory_content(data, last, member=member)
        troubles, lost = copy_or_lose(self.copy_member, content, buffer)
        self.troubles += troubles
        if lost is not None:
            self.troubles.append(lost)
            return b""
        return buffer.getvalue()


def _boundary(parts: list[bytes]) -> bytes:
    """Return a boundary that occurs in none of ``parts``."""
    digest = hashlib.sha256(b"\n".join(parts)).hexdigest().encode().translate(_LETTERS)
    mark = b"=_" + digest[:24]
    while any(mark in each for each in parts):
        mark += b"x"
    return mark
