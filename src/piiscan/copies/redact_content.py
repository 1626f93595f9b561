"""Redaction of one content: write the copy of a text, office file, archive, mail or picture."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final

from piiscan.copies.archive_copy import copy_archive
from piiscan.copies.drawn.drawn_copy import DRAWN, DrawnSearch, copy_drawn, drawn_blocks
from piiscan.copies.mail_copy import copy_mail
from piiscan.copies.office.flat import copy_flat
from piiscan.copies.office.package import copy_office
from piiscan.copies.office.rich_text import copy_rich
from piiscan.copies.replacer import CellFinding, Replacer
from piiscan.copies.stream_copy import STREAMS, copy_stream
from piiscan.copies.text.edits import SortedEdits, copy_with_edits
from piiscan.copies.text.text_files import raw_edits, text_edits
from piiscan.copies.text.utf8_view import Utf8View
from piiscan.detect.columns.header_names import count_header_names
from piiscan.errors import SourceError
from piiscan.sources.archives.office_passwords import decrypt_office, decrypted_content
from piiscan.sources.block import Block, Table, Trouble
from piiscan.sources.content import Content, load_content
from piiscan.sources.encoding.detector import guess_encoding
from piiscan.sources.formats import file_type, text_types
from piiscan.sources.limits import STANDARD_BUDGET, BudgetUsage
from piiscan.sources.read import guard_reader, open_content
from piiscan.tabular.column_overrides import ColumnOverrides
from piiscan.tabular.layout import TableLayout
from piiscan.tabular.typed_table import label_names, type_table

#: Extensions of mail, which is encoded: one that is not known as mail is no text to be copied.
_PACKED_TEXT: Final = ("eml", "mbox", "mht")
#: Reason of a rest that the source itself does not have: whatever is there is read.
_MISSING: Final = "CUT_OFF"
_OFFICE: Final = ("sheet", "docx", "pptx", "odt")
_ARCHIVES: Final = ("zip", "epub")
#: Documents in one text, which is held.
_WHOLE: Final = {"flat document": copy_flat, "rtf": copy_rich}


@dataclass(frozen=True, slots=True)
class CopyContext:
    """Settings and shared state of all copies of one run.

    ``folder``: temporary files. ``usage``: budget for unpacking archives. ``is_copy``: the content
    is a copy already, so text written by the replacer is no finding. ``raw``: texts are read as
    plain lines, to replace what no table has a cell for. ``passwords``: of encrypted contents,
    whose copies are not encrypted. ``drawn_texts``: lines of pictures and documents by SHA-256.
    """

    replacer: Replacer
    overrides: ColumnOverrides
    folder: Path
    usage: BudgetUsage
    is_copy: bool = False
    raw: bool = False
    passwords: tuple[bytes, ...] = field(default=(), repr=False)
    drawn_texts: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def drawn_search(self) -> DrawnSearch:
        """Return the search for values on pictures and pages."""
        return DrawnSearch(self.replacer, self.overrides, self.passwords, self.drawn_texts)


def copy_content(content: Content, out: BinaryIO, context: CopyContext) -> Iterator[Trouble]:
    """Write a redacted copy of ``content`` to ``out``. Yield a Trouble for each part lost.

    Raises:
        SourceError: the content cannot be copied; what was written to ``out`` is then invalid.
    """
    kind = file_type(content)
    if kind == "encrypted office":
        content = _decrypted(content, context)
        kind = file_type(content)
    if kind in text_types() and content.extension not in _PACKED_TEXT:
        _copy_text(content, out, context)
    elif kind in _OFFICE or kind in _ARCHIVES:
        loaded = load_content(content, STANDARD_BUDGET.in_memory)
        if loaded is None:
            raise SourceError("MEMBER_TOO_LARGE", f"{content.size} bytes to be held")
        yield from _copy_package(loaded, kind, out, context)
    elif kind in STREAMS:
        yield from copy_stream(
            *(content, kind, out),
            usage=context.usage,
            copy=lambda member, to: _copy_nested(member, to, context),
            rename=lambda name: redact_path(name, context.replacer),
            folder=context.folder,
        )
    elif kind in DRAWN:
        yield from copy_drawn(content, kind, out, context.drawn_search, is_copy=context.is_copy)
    elif kind == "mail":
        yield from copy_mail(
            *(content, out, context.replacer, context.overrides),
            is_copy=context.is_copy,
            copy_member=lambda member, to: _copy_nested(member, to, context),
        )
    elif kind in _WHOLE:
        yield from _WHOLE[kind](
            load_content(content, STANDARD_BUDGET.in_memory) or content,
            out,
            context.replacer,
            context.overrides,
            is_copy=context.is_copy,
        )
    else:
        encoded = kind in ("base64", "uuencode")
        raise SourceError("NOT_REDACTED", f"{kind}: mask the decoded file" if encoded else kind)


def _copy_nested(member: Content, out: BinaryIO, context: CopyContext) -> Iterator[Trouble]:
    """Write the copy of a file inside another file, one level deeper.

    Raises:
        SourceError: files are nested too deep.
    """
    with _one_deeper(context.usage):
        yield from copy_content(member, out, context)


@contextmanager
def _one_deeper(usage: BudgetUsage) -> Iterator[None]:
    """Add 1 to the archive depth inside the ``with`` block.

    Raises:
        SourceError: archives are nested too deep.
    """
    if usage.depth >= STANDARD_BUDGET.depth:
        raise SourceError("ZIP_DEPTH", f"archives nested more than {STANDARD_BUDGET.depth} deep")
    usage.depth += 1
    try:
        yield
    finally:
        usage.depth -= 1


def _decrypted(content: Content, context: CopyContext) -> Content:
    """Return an encrypted office file as a decrypted Content.

    Raises:
        SourceError: it is too large, no password fits, or the package for it is missing.
    """
    loaded = load_content(content, STANDARD_BUDGET.in_memory)
    if loaded is None:
        raise SourceError("MEMBER_TOO_LARGE", f"{content.size} bytes to be held")
    try:
        plain = decrypt_office(loaded, context.passwords)
    except ImportError:
        raise SourceError("PACKAGE_MISSING", "encrypted office: office") from None
    if plain is None:
        raise SourceError("ENCRYPTED", "the document has a password")
    return decrypted_content(content, plain, context.usage, seed=0)


def _copy_text(content: Content, out: BinaryIO, context: CopyContext) -> None:
    """Write the redacted copy of a text file to ``out``.

    Raises:
        SourceError: the file is binary or undecodable, or the size of the copy is not as computed.
    """
    if not content.size:
        return
    head, *others = (window.data for window in content.windows)
    guess = guess_encoding(head, others)
    if guess is None:
        raise SourceError("BINARY", "not text, and no format known here")
    view = Utf8View(content, guess)
    edits = SortedEdits(context.folder, new=str)
    try:
        if context.raw:
            items = raw_edits(view, context.replacer)
        else:
            items = text_edits(view, context.replacer, context.overrides, is_copy=context.is_copy)
        for item in items:
            if not isinstance(item, Trouble):
                edits.add(item)
            elif item.lost and item.reason != _MISSING:
                raise SourceError(item.reason, item.detail)
        if view.undecodable and guess.encoding.startswith("utf-16") and not guess.bom:
            # plain text with NULs looks like UTF-16; decoded so, it has no findings
            raise SourceError("UNDECODABLE", f"{guess.encoding}, by its look only")
        if view.is_segmented:
            raise SourceError("MIXED_ENCODING", "parts are in UTF-16 or UTF-32, or are no text")
        with content.open() as source:
            start = out.tell()
            size = copy_with_edits(source, view.raw_edits(edits.ordered()), out)
        if out.tell() - start != size or size - content.size != view.size_change:
            raise SourceError("READ_ERROR", "the copy is not whole")
    finally:
        edits.close()
        view.close()


def _copy_package(
    content: Content, kind: str, out: BinaryIO, context: CopyContext
) -> Iterator[Trouble]:
    """Write the redacted copy of a zip archive or an office file to ``out``.

    Yield a Trouble per member lost.

    Raises:
        SourceError: archives are nested too deep.
    """
    replacer = context.replacer

    def copy(member: Content, to: BinaryIO) -> Iterator[Trouble]:
        """Write the copy of ``member`` to ``to``; yield its Troubles."""
        return copy_content(member, to, context)

    with _one_deeper(context.usage):
        if kind in _ARCHIVES:
            yield from copy_archive(
                content,
                out,
                usage=context.usage,
                copy=copy,
                rename=lambda name: redact_path(name, replacer),
                replacer=replacer,
                folder=context.folder,
                passwords=context.passwords,
            )
        else:
            yield from copy_office(
                content,
                kind,
                out,
                replacer,
                context.overrides,
                is_copy=context.is_copy,
                copy_member=copy,
                folder=context.folder,
            )


def redact_path(name: str, replacer: Replacer) -> str:
    """Redact the findings in each part of a file or member path: ``张三/a.csv -> 张＊/a.csv``.

    ``/`` in a replacement becomes ``_``. ``*`` becomes the full-width ``＊``, because Windows
    forbids ``*`` in names.
    """
    return "/".join(
        replacer.redact_text(part).replace("*", "＊").replace("/", "_") for part in name.split("/")
    )


def scan_copy(
    content: Content, context: CopyContext
) -> Iterator[tuple[Table, Block, CellFinding] | Trouble]:
    """Yield (table, block, finding) for each finding left in a copy, and each Trouble.

    A copy is read as a scan reads it, members included. Replacements that the replacer wrote are
    no findings.
    """
    catalog = context.replacer.search.engine.catalog
    if file_type(content) in DRAWN:
        blocks = guard_reader(drawn_blocks(content, context.drawn_search), content.member)
        yield from _scan_blocks(blocks, context.replacer)
        return
    items = open_content(
        content,
        count_names=partial(count_header_names, catalog),
        label_names=label_names(catalog),
        usage=context.usage,
    )
    for item in items:
        if isinstance(item, Content):
            with _one_deeper(context.usage):
                yield from scan_copy(item, context)
        elif isinstance(item, Table):
            yield from _scan_blocks(_typed_blocks(item, context), context.replacer)
        elif item.lost and item.reason != _MISSING:
            yield item


def _typed_blocks(
    table: Table, context: CopyContext
) -> Iterator[tuple[Block, TableLayout, Table] | Trouble]:
    """Yield the blocks of a table and of its siblings, with their layouts, and its Troubles."""
    engine, tables = context.replacer.search.engine, (table, *table.siblings)
    layouts = [
        type_table(0, part, each, engine, context.overrides).layout
        for part, each in enumerate(tables)
    ]
    for block in table.blocks():
        if isinstance(block, Trouble):
            yield block
        else:
            yield block, layouts[block.table], tables[block.table]
    yield from table.troubles


def _scan_blocks(
    blocks: Iterator[tuple[Block, TableLayout, Table] | Trouble], replacer: Replacer
) -> Iterator[tuple[Table, Block, CellFinding] | Trouble]:
    """Yield (table, block, finding) of findings left, and each Trouble of lost data."""
    for item in blocks:
        if isinstance(item, Trouble):
            if item.lost and item.reason != _MISSING:
                yield item
            continue
        block, layout, table = item
        for found in replacer.find_remaining(block, layout):
            yield table, block, found
