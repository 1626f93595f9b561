"""Old documents: doc, ppt and WPS files up to 2003, with all streams of their OLE file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import Any, Final

from piiscan.errors import SourceError
from piiscan.sources.archives.office_passwords import decrypt_office, decrypted_content
from piiscan.sources.block import Trouble
from piiscan.sources.containers.ole_chains import directory_damage, has_ring
from piiscan.sources.containers.ole_packages import unpack_package
from piiscan.sources.content import held_content
from piiscan.sources.format import Opened, Sample
from piiscan.sources.formats.document.flow_tables import FlowTables
from piiscan.sources.formats.document.slide_records import EARLIER, read_slides
from piiscan.sources.formats.document.word_binary import read_word
from piiscan.sources.read_context import ReadContext
from piiscan.sources.texts.raw_strings import open_strings_of

#: Streams whose strings are plain: properties, and names of styles, authors and marks.
_PLAIN: Final = ("SummaryInformation", "DocumentSummaryInformation", "0Table", "1Table")
#: Streams that are read by name, and those without a text.
_KNOWN: Final = ("WordDocument", "PowerPoint Document", "Current User")
_NO_TEXT: Final = ("compobj", "ole", "objinfo", "eprint", "linkinfo")
#: Streams that are a file of its own.
_FILES: Final = ("contents", "package")
_ERRORS: Final = (OSError, ValueError, IndexError, TypeError, AttributeError)


_Streams = Callable[[str], bytes]


def _open(
    sample: Sample, context: ReadContext, read: Callable[[_Streams, FlowTables], Opened]
) -> Opened:
    """Yield the items of ``read`` for an OLE file, then the strings of its other streams."""
    import olefile

    content = held_content(sample.content, context.budget.in_memory)
    if has_ring(content.data or b""):
        raise SourceError("CORRUPT", "its sectors form a ring")
    try:
        file = olefile.OleFileIO(content.open())
    except _ERRORS as error:
        raise SourceError("CORRUPT", f"ole: {type(error).__name__}") from None
    tables = FlowTables(content, context)
    with file:
        damage = directory_damage(file)
        if damage is not None:
            yield Trouble(content.member, "CORRUPT", damage)
        try:
            yield from read(lambda name: _stream(file, [name]), tables)
        except SourceError as error:
            if error.reason == "ENCRYPTED":
                plain = None
                with suppress(ImportError):
                    plain = decrypt_office(content, context.passwords)
                if plain is None or plain == content.data:
                    raise
                yield decrypted_content(content, plain, context.usage, context.seed)
                return
            yield Trouble(content.member, error.reason, error.detail)
        for path in sorted(file.listdir()):
            yield from _open_stream(file, path, tables)


def _stream(file: Any, path: list[str]) -> bytes:
    """Return the bytes of the stream ``path`` of an OLE file; b"" if it is missing or damaged."""
    try:
        return bytes(file.openstream(path).read()) if file.exists(path) else b""
    except _ERRORS:
        return b""


def _open_word(streams: _Streams, tables: FlowTables) -> Opened:
    """Yield the tables of a document's texts."""
    for reader in read_word(streams):
        yield from tables.open(reader, f"{reader.sections[0].name} others", lambda _: False)


def _open_slides(streams: _Streams, tables: FlowTables) -> Opened:
    """Yield the tables of a presentation's texts, and its files."""
    found = read_slides(streams, tables.context.budget.in_memory)
    for reader in found.readers():
        yield from tables.open(reader, f"{reader.sections[0].name} others", lambda _: False)
    if any(name == EARLIER for name, _ in found.texts):
        detail = "texts that the last save does not name"
        yield Trouble(f"{tables.content.member}#{EARLIER}", "DELETED_TEXT", detail, lost=False)
    for number, data in enumerate(found.files, 1):
        yield from tables.open_file(f"object {number}", data)


def _open_stream(file: Any, path: list[str], tables: FlowTables) -> Iterator[Any]:
    """Yield a stream without a reader of its own: the file in it, or its strings."""
    name = "/".join(path)
    last = path[-1].lstrip("\x01\x02\x03\x05")
    kind = last.lower()
    if (len(path) == 1 and last in _KNOWN) or kind in _NO_TEXT:
        return
    data = _stream(file, path)
    shown = "".join(char for char in name if char.isprintable())
    packed = unpack_package(data) if kind == "ole10native" else None
    if packed is not None:
        yield from tables.open_file(f"{shown}/{packed[0]}", packed[1])
    elif kind in _FILES:
        yield from tables.open_file(shown, data)
    else:
        yield from open_strings_of(tables.content, shown, data, lost=last not in _PLAIN)


#: Openers of doc files, of ppt files, and of other files: the tables, members and Troubles of
#: their texts, then the files and strings in their other streams.
open_old_word: Final = partial(_open, read=_open_word)
open_old_slides: Final = partial(_open, read=_open_slides)
open_object: Final = partial(_open, read=lambda *_: iter(()))
