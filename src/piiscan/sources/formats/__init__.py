"""Formats: each file or folder in here declares ``FORMATS``; the folder is the registry.

To add a format, add a file with a tuple ``FORMATS`` of :class:`piiscan.sources.format.Format` (of
a folder, its ``open.py``). Whatever a reader needs beyond piiscan's own packages is imported inside
its functions.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from json import dumps  # ``json`` is a format in here
from typing import TYPE_CHECKING, Any

from piiscan.plugins import plugin_formats
from piiscan.sources.block import Trouble
from piiscan.sources.content import memory_member
from piiscan.sources.object_lines import PARSE_ERRORS, plain_value
from piiscan.sources.rows.keyed_records import Record, open_records
from piiscan.sources.stored_values import BinaryValues, StoredRecord

if TYPE_CHECKING:
    from piiscan.sources.content import Content
    from piiscan.sources.format import Format, Opened, Sample
    from piiscan.sources.read_context import ReadContext


@cache
def all_formats(first: bytes | None = None) -> tuple[Format, ...]:
    """Return every format by rising rank, the order in which they are tested on a content.

    Those of plug-ins are among them. ``first``: first byte of a content; formats whose signatures
    all begin otherwise are left out.
    """
    if first is not None:
        return tuple(
            each
            for each in all_formats()
            if not each.signatures or any(at or sign[:1] == first for at, sign in each.signatures)
        )
    found: list[Format] = [*plugin_formats()]
    for entry in pkgutil.iter_modules(__path__):
        name = f"{__name__}.{entry.name}{'.open' if entry.ispkg else ''}"
        found += import_module(name).FORMATS
    return tuple(sorted(found, key=lambda each: (each.rank, each.name)))


def fitting_formats(sample: Sample) -> Iterator[Format]:
    """Yield the formats that fit a sample, by rising rank."""
    return (each for each in all_formats(sample.content.head[:1]) if each.fits(sample))


def file_type(content: Content) -> str:
    """Return the name of a content's format; ``text`` for a text or an unknown content."""
    from piiscan.sources.format import TEXT_RANK, Sample

    found = next(fitting_formats(Sample(content)), None)
    return "text" if found is None or found.rank >= TEXT_RANK else found.name


@cache
def text_types() -> frozenset[str]:
    """Return the names of formats whose masked copies are made by edits of the text's bytes."""
    return frozenset(["text", *(each.name for each in all_formats() if each.copied_as_text)])


def binary_values(content: Content, context: ReadContext) -> BinaryValues:
    """Return the collector of the binary values of a database or list.

    Texts are none of them: they are cells.
    """
    return BinaryValues(content, context, lambda each: file_type(each) != "text")


def open_stored(
    content: Content,
    context: ReadContext,
    read: Callable[[], Iterator[StoredRecord | Trouble]],
    *,
    kind: str = "database",
    encoding: str | None = None,
) -> Opened:
    """Yield the table of the records that ``read`` yields, and their binary values as members.

    ``read`` is called anew for each pass. Without records its Troubles are yielded.
    """
    has_others = False

    def records() -> Iterator[Record | Trouble]:
        """Yield the records with their texts alone."""
        nonlocal has_others
        for each in read():
            if isinstance(each, Trouble):
                yield each
            else:
                has_others = has_others or bool(each.others)
                yield each.line, each.cells

    tables = list(open_records(content, records, kind=kind, encoding=encoding))
    yield from tables or (each for each in read() if isinstance(each, Trouble))
    if has_others:
        stored = (each for each in read() if not isinstance(each, Trouble))
        values = (
            (key, each.line or number, data)
            for number, each in enumerate(stored, 1)
            for key, data in each.others
        )
        yield from binary_values(content, context).read("", values)


def open_objects(
    content: Content, values: Iterator[Any], context: ReadContext
) -> Iterator[Content | Trouble]:
    """Yield the objects as the member ``objects``, binary values, and a Trouble where they end.

    ``values`` may raise PARSE_ERRORS at damage; objects before it are kept. Rows that are lists are
    one JSON array.
    """
    lines: list[str] = []
    are_rows = True
    found: list[tuple[str, int, bytes]] = []
    size, trouble = 0, None
    try:
        for number, value in enumerate(values, 1):
            if isinstance(value, Trouble):
                yield value
                continue
            plain = plain_value(value, "", number, found)
            are_rows = are_rows and isinstance(plain, list)
            lines.append(dumps(plain, ensure_ascii=False))
            size += len(lines[-1])
            if size > context.budget.json:
                detail = f"stopped after {number} objects"
                trouble = Trouble(content.member, "JSON_TOO_LARGE", detail)
                break
    except PARSE_ERRORS:
        trouble = Trouble(content.member, "CORRUPT", f"no whole object after {len(lines)}")
    if lines:
        text = "[" + ",\n".join(lines) + "]" if are_rows else "\n".join((*lines, ""))
        data = text.encode("utf-8", "replace")
        yield memory_member(content, "objects", data, seed=context.seed)
    yield from binary_values(content, context).read("", found)
    if trouble is not None:
        yield trouble
