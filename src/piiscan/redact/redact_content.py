"""One content copied with what is found in it replaced, whatever it is wrapped in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from piiscan.errors import SourceError
from piiscan.redact.archive_copy import copy_archive
from piiscan.redact.office.package import copy_office, office_blocks
from piiscan.redact.replacer import Found, Pen
from piiscan.redact.text.edits import Edits, splice
from piiscan.redact.text.text_files import text_blocks, text_edits
from piiscan.redact.text.utf8_view import TextView
from piiscan.sources.archive import Spending, open_members
from piiscan.sources.block import Block, Table, Trouble
from piiscan.sources.content import Content, hold
from piiscan.sources.encoding.detector import guess_encoding
from piiscan.sources.file_type import detect_kind
from piiscan.sources.limits import STANDARD
from piiscan.tabular.column_overrides import Corrections
from piiscan.tabular.layout import Frame

#: Text in which other things are packed, unreadable as it stands.
_PACKED: Final = ("eml", "mbox", "mht")
_OFFICE: Final = ("sheet", "docx")


@dataclass(frozen=True, slots=True)
class Job:
    """What a copy is made with; ``folder`` is where replacements may wait, on the disk."""

    pen: Pen
    corrections: Corrections
    folder: Path
    spending: Spending
    again: bool = False  # the content is a copy already


def copy_content(content: Content, out: BinaryIO, job: Job) -> Iterator[Trouble]:
    """Write the copy of ``content`` to ``out``; yields what it lacks.

    SourceError if there can be no copy; what was written is none then.
    """
    kind = detect_kind(content).name
    if kind in ("empty", "text") and content.extension not in _PACKED:
        _copy_text(content, out, job)
    elif kind in _OFFICE or kind == "zip":
        held = hold(content, STANDARD.held)
        if held is None:
            raise SourceError("MEMBER_TOO_LARGE", f"{content.size} bytes to be held")
        if kind == "zip":
            yield from _copy_archive(held, out, job)
        else:
            yield from copy_office(held, kind, out, job.pen, job.corrections, again=job.again)
    else:
        raise SourceError("NOT_REDACTED", detect_kind(content).detail)


def _copy_text(content: Content, out: BinaryIO, job: Job) -> None:
    if not content.size:
        return
    head, *others = (window.data for window in content.windows)
    guess = guess_encoding(head, others)
    if guess is None:
        raise SourceError("BINARY", "not text, and no format known here")
    view = TextView(content, guess)
    edits = Edits(job.folder)
    try:
        for item in text_edits(view, job.pen, job.corrections, again=job.again):
            if not isinstance(item, Trouble):
                edits.add(item)
            elif item.lost:
                raise SourceError(item.reason, item.detail)
        if view.doubtful and guess.encoding.startswith("utf-16") and not guess.bom:
            # NULs in plain text look like UTF-16: read so, nothing of it would be found
            raise SourceError("UNDECODABLE", f"{guess.encoding}, by its look only")
        with content.open() as source:
            start = out.tell()
            size = splice(source, view.raw_edits(edits.ordered()), out)
        if out.tell() - start != size or size - content.size != view.grown:
            raise SourceError("READ_ERROR", "the copy is not whole")
    finally:
        edits.close()
        view.close()


def _copy_archive(content: Content, out: BinaryIO, job: Job) -> Iterator[Trouble]:
    spending = job.spending
    if spending.depth >= STANDARD.depth:
        raise SourceError("ZIP_DEPTH", f"archives nested more than {STANDARD.depth} deep")
    spending.depth += 1
    try:
        yield from copy_archive(
            content,
            out,
            spending=spending,
            copy=lambda member, to: copy_content(member, to, job),
            rename=lambda name: show_name(name, job.pen),
            folder=job.folder,
        )
    finally:
        spending.depth -= 1


def show_name(name: str, pen: Pen) -> str:
    """A file's or member's name with what is found in it replaced; its parts stay parts.

    The star of a mask is the full-width one: Windows has no names with the other.
    """
    return "/".join(pen.name(part).replace("*", "＊").replace("/", "_") for part in name.split("/"))


def left_in(content: Content, job: Job) -> Iterator[tuple[Table, Block, Found] | Trouble]:
    """What a copy still holds that was not written there, read as a scan reads it."""
    kind = detect_kind(content).name
    if kind == "text":
        blocks = text_blocks(content, job.pen, job.corrections)
    elif kind in _OFFICE:
        blocks = office_blocks(
            hold(content, STANDARD.held) or content, kind, job.pen, job.corrections
        )
    elif kind == "zip":
        for member in open_members(content, Spending(STANDARD)):
            if isinstance(member, Trouble):
                yield member
            else:
                yield from left_in(hold(member, STANDARD.held) or member, job)
        return
    else:
        return
    yield from _left(blocks, job.pen)


def _left(
    blocks: Iterator[tuple[Block, Frame, Table] | Trouble], pen: Pen
) -> Iterator[tuple[Table, Block, Found] | Trouble]:
    for item in blocks:
        if isinstance(item, Trouble):
            if item.lost:
                yield item
            continue
        block, frame, table = item
        for found in pen.left(block, frame):
            yield table, block, found
