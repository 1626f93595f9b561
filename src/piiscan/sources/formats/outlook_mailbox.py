"""Mailboxes of Outlook (pst, ost): messages with their folder, bodies and attachments as members.

Every item of the tree is read, also those that no folder has; names and other texts of folders are
the member ``folders``.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from piiscan.errors import SourceError
from piiscan.sources.archives.member_names import MailParts
from piiscan.sources.block import Trouble
from piiscan.sources.content import Content, memory_member
from piiscan.sources.format import Format, Opened, Sample
from piiscan.sources.mapi_items import DATA, INTEGER, NAME, TIME, MapiItem, item_record, open_item
from piiscan.sources.read_context import ReadContext
from piiscan.sources.rows.keyed_records import Record, open_records

#: Kinds of items by the last bits of their numbers: folders; messages, also hidden ones.
_FOLDERS: Final = (2, 3)
_MESSAGES: Final = (4, 8)
_KIND_BITS: Final = 0x1F
_ORPHANS: Final = "#orphans"
_MAX_DEPTH: Final = 64


@dataclass(slots=True)
class _Mailbox:
    """Opened mailbox. Its troubles and its folders' texts are collected while it is read."""

    file: Any
    member: str
    limit: int
    troubles: list[Trouble] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    def fail(self, place: str, error: Exception) -> None:
        """Add the Trouble of a part at ``place`` that cannot be read."""
        self.troubles.append(Trouble(self.member, "CORRUPT", f"{place}: {type(error).__name__}"))

    def messages(self) -> Iterator[tuple[int, str, Any]]:
        """Yield (number, ``folder path/message number``, message) of each message."""
        for number, (folder, item) in enumerate(self._all_messages(), 1):
            yield number, f"{folder}/message {number}".lstrip("/"), item

    def records(self) -> Iterator[Record]:
        """Yield the record of each message with its number and place."""
        for number, place, item in self.messages():
            yield number, item_record(self.read(item, place)) | {"message": place}

    def _all_messages(self) -> Iterator[tuple[str, Any]]:
        """Yield (folder path, message) of each message, orphaned ones last."""
        yield from self._below(self.file.get_root_item(), "", 0)
        for at in range(self.file.get_number_of_orphan_items()):
            if (item := self._get(self.file.get_orphan_item, at, _ORPHANS)) is not None:
                yield from self._item(item, _ORPHANS, 0)

    def _get(self, get: Any, at: int, place: str) -> Any:
        """Return ``get(at)``, an item of a list; None and a Trouble if it is damaged."""
        try:
            return get(at)
        except OSError as error:
            self.fail(f"{place} item {at + 1}", error)
            return None

    def _below(self, parent: Any, path: str, depth: int) -> Iterator[tuple[str, Any]]:
        """Yield (folder path, message) of each message below ``parent``."""
        try:
            count = parent.get_number_of_sub_items()
        except OSError as error:
            self.fail(path, error)
            return
        for at in range(count):
            if (item := self._get(parent.get_sub_item, at, path)) is not None:
                yield from self._item(item, path, depth)

    def _item(self, item: Any, path: str, depth: int) -> Iterator[tuple[str, Any]]:
        """Yield (folder path, message) of an item: itself if a message, else the messages below it.

        Add the texts of an item that is no message to ``lines``.
        """
        kind = (item.get_identifier() or 0) & _KIND_BITS
        if kind in _MESSAGES:
            yield path, item
            return
        told = self.read(item, path)
        self.lines += [text for _, text in told.texts]
        name = told.text(NAME) if kind in _FOLDERS else ""
        if depth >= _MAX_DEPTH:
            self.troubles.append(Trouble(self.member, "ZIP_DEPTH", "folders too deep"))
            return
        yield from self._below(item, f"{path}/{name}".strip("/") if name else path, depth + 1)

    def read(self, item: Any, place: str, *, whole: bool = False) -> MapiItem:
        """Return the properties of an item; ``whole``: with its attachments."""
        found = MapiItem()
        for each in self._sets(item, place):
            self._add_entries(found, each, place)
        for each in self._sets(getattr(item, "recipients", None), place):
            receiver = MapiItem()
            self._add_entries(receiver, each, place)
            found.receivers.append(receiver)
        try:
            count = item.get_number_of_attachments() if whole else 0
        except (AttributeError, OSError) as error:
            self.fail(f"{place} attachments", error)
            count = 0
        for at in range(count):
            if (attachment := self._get(item.get_attachment, at, place)) is not None:
                found.attachments.append(
                    self._attachment(attachment, f"{place} attachment {at + 1}")
                )
        return found

    def _attachment(self, attachment: Any, place: str) -> MapiItem:
        """Return an attachment with its bytes; add a Trouble for one that is no file."""
        found = MapiItem()
        try:
            size = attachment.get_size() or 0
        except OSError:
            size = 0  # no bytes
        for each in self._sets(attachment, place):
            self._add_entries(found, each, place, large=size > self.limit)
        if size > self.limit:
            detail = f"{place}: {size} bytes to be held"
            self.troubles.append(Trouble(self.member, "MEMBER_TOO_LARGE", detail))
        elif found.data(DATA) is None and size:
            detail = f"{place}: an attached object"
            try:
                found.message = _heap_item(attachment.read_buffer(size))
            except (OSError, struct.error) as error:
                self.fail(place, error)
            if found.message is not None:  # the library opens no more of it
                detail = f"{place}: long texts, receivers and attachments of an attached message"
            self.troubles.append(Trouble(self.member, "NOT_SUPPORTED_YET", detail))
        return found

    def _sets(self, item: Any, place: str) -> list[Any]:
        """Return the property sets of an item; [] and a Trouble if they are damaged."""
        try:
            return [] if item is None else list(item.record_sets)
        except OSError as error:
            self.fail(place, error)
            return []

    def _add_entries(self, found: MapiItem, each: Any, place: str, *, large: bool = False) -> None:
        """Add the properties of a set, numbers first, as they name the code page of texts.

        ``large``: without the data of an attachment.
        """
        try:
            entries = [e for e in each.entries if not (large and e.entry_type == DATA)]
            numbers = [e for e in entries if e.value_type in (INTEGER, TIME)]
            for entry in (*numbers, *(e for e in entries if e.value_type not in (INTEGER, TIME))):
                if (data := entry.data) is not None:
                    found.add(entry.entry_type or 0, entry.value_type, data)
        except OSError as error:
            self.fail(place, error)


def _heap_item(data: bytes) -> MapiItem | None:
    """Parse the properties in the first block of an attached message; None for other bytes.

    The layout is that of [MS-PST], Heap-on-Node and Property Context.
    """
    if data[2:4] != b"\xec\xbc":
        return None
    (end,) = struct.unpack_from("<H", data)
    (count,) = struct.unpack_from("<H", data, end)
    starts = struct.unpack_from(f"<{count + 1}H", data, end + 4)

    def part(handle: int) -> bytes:
        """Return the bytes of a heap handle; b"" if they are in another block."""
        at = (handle & 0xFFFF) >> 5
        known = not handle & 0x1F and handle < 0x10000 and 0 < at <= count
        return data[starts[at - 1] : starts[at]] if known else b""

    (root,) = struct.unpack_from("<I", data, 4)
    tree = part(root)
    if len(tree) < 8 or tree[0] != 0xB5 or tree[3]:
        return None
    records = part(int.from_bytes(tree[4:8], "little"))
    item, waiting = MapiItem(), []
    for at in range(0, len(records) - 7, 8):
        number, kind, handle = struct.unpack_from("<HHI", records, at)
        if kind == INTEGER:
            item.add(number, kind, records[at + 4 : at + 8])
        else:
            waiting.append((number, kind, part(handle)))
    for found in waiting:
        if found[2]:
            item.add(*found)
    return item


def _open(sample: Sample, context: ReadContext) -> Opened:
    """Yield the table of all messages, then the parts of each, and the unread parts."""
    import pypff

    content = sample.content
    file = pypff.file()
    with content.open() as stream:
        try:
            file.open_file_object(stream)
        except OSError as error:
            raise SourceError("CORRUPT", f"pst: {type(error).__name__}") from None
        with closing(file):
            yield from _read(file, content, context)


def _read(file: Any, content: Content, context: ReadContext) -> Opened:
    """Yield the table of messages, then parts, Troubles and folder texts of an opened mailbox."""
    new = partial(_Mailbox, file, content.member, context.budget.in_memory)
    yield from open_records(content, lambda: new().records(), kind="mail")
    mailbox = new()
    for _, place, item in mailbox.messages():
        parts = MailParts(content.member_path(f"{place}!"), context)
        yield from open_item(mailbox.read(item, place, whole=True), parts)
        if context.usage.total > context.budget.total:
            break
    yield from mailbox.troubles
    text = "\n".join(dict.fromkeys(mailbox.lines)).encode("utf-8", "replace")
    if text:
        yield memory_member(content, "folders", text, seed=context.seed)


FORMATS: Final = (
    Format(
        "pst",
        15,
        _open,
        signatures=((0, b"!BDN"),),
        extensions=("pst", "ost"),
        container=True,
        isolated=True,
        packages=("pypff",),
        extra="mail",
    ),
)
