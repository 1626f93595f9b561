"""Entry point of the readers: open a file of any supported format as tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, TypeVar

from piiscan.errors import SourceError, failure_place, is_machine_error
from piiscan.sources.archive import BudgetUsage, open_members
from piiscan.sources.block import Block, CountNames, Table, Trouble
from piiscan.sources.content import Content, file_content, load_content
from piiscan.sources.encoding.detector import CODECS, EncodingGuess, guess_encoding
from piiscan.sources.file_type import detect_file_type
from piiscan.sources.formats.delimited.open import open_text
from piiscan.sources.formats.json.open import (
    looks_like_json,
    looks_like_json_lines,
    open_json,
    open_json_lines,
)
from piiscan.sources.formats.spreadsheet.open import open_workbook
from piiscan.sources.formats.sql.open import open_dump
from piiscan.sources.limits import STANDARD_BUDGET, Budget
from piiscan.sources.lined.line_kinds import LabelNames

#: Text formats, by extension, that are read as plain text: reason code, detail, lost input.
_READ_AS_TEXT: Final = {
    "sql": ("SQL_AS_TEXT", "SQL without rows of tables, read line by line", False),
    "eml": ("NOT_SUPPORTED_YET", "mail: read as plain text, its encoded parts are not read", True),
    "mbox": ("NOT_SUPPORTED_YET", "mail: read as plain text, its encoded parts are not read", True),
    "mht": ("NOT_SUPPORTED_YET", "web archive: read as plain text, encoded parts are not", True),
}


_Item = TypeVar("_Item", Table, Block)


@dataclass(frozen=True, slots=True)
class _Context:
    """Options and state that all readers of one source share."""

    count_names: CountNames
    budget: Budget
    seed: int
    usage: BudgetUsage
    label_names: LabelNames | None


def open_tables(
    path: Path,
    *,
    count_names: CountNames,
    label_names: LabelNames | None = None,
    budget: Budget = STANDARD_BUDGET,
    seed: int = 0,
) -> Iterator[Table | Trouble]:
    """Yield every table in the file at ``path``, in a stable order, and a Trouble per problem.

    Read the blocks of a table before you request the next table: archive members and sheets stay in
    memory only until then.  No content of a file raises an error; a file that cannot be opened
    yields a Trouble.

    Args:
        path: File to read.
        count_names: Returns the number of known column names in a row of cells.
        label_names: Names of labels (收件人：) by which lines are grouped to records; without them
            every line of running text is a record.
        budget: Limits on the unpacked size.
        seed: Seed for the place of the middle sample window.
    """
    try:
        content = file_content(path, seed=seed)
    except OSError as error:
        yield Trouble("", "UNREADABLE", type(error).__name__)
        return
    context = _Context(count_names, budget, seed, BudgetUsage(budget), label_names)
    yield from _open(content, context)


def _open(content: Content, context: _Context) -> Iterator[Table | Trouble]:
    """Yield the tables of a file or archive member; an exception of its readers is a Trouble."""
    yield from guard_reader(_open_by_type(content, context), content.member)


def _guard_blocks(table: Table | Trouble) -> Table | Trouble:
    """Return the table with blocks that end with a Trouble instead of an exception."""
    if isinstance(table, Trouble):
        return table
    return replace(table, blocks=lambda: guard_reader(table.blocks(), table.member))


def guard_reader(items: Iterator[_Item | Trouble], member: str) -> Iterator[_Item | Trouble]:
    """Yield the items of a reader; an exception becomes a Trouble, and no content ends a run.

    Raises errors of the machine (memory, disk): the next content would only have them too.
    """
    try:
        yield from items
    except SourceError as error:
        yield Trouble(member, error.reason, error.detail)
    except Exception as error:  # one bad file must not cost the others
        if is_machine_error(error):
            raise
        if isinstance(error, OSError):
            yield Trouble(member, "READ_ERROR", type(error).__name__)
        else:
            yield Trouble(member, "READER_FAILED", failure_place(error))


def _open_by_type(content: Content, context: _Context) -> Iterator[Table | Trouble]:
    """Yield the tables of a file or archive member, read by its detected file type."""
    kind = detect_file_type(content)
    if kind.name == "text":
        yield from map(_guard_blocks, _open_text(content, context))
    elif kind.name == "zip":
        yield from _open_zip(content, context)
    elif kind.name == "sheet":
        yield from map(_guard_blocks, _open_sheet(content, context))
    else:
        yield _unread_trouble(content, kind.name, kind.detail)


def _unread_trouble(content: Content, kind: str, detail: str) -> Trouble:
    """Return the Trouble for a content that has no reader."""
    if kind == "empty":
        return Trouble(content.member, "EMPTY", "no bytes", lost=False)
    if kind == "system file":
        return Trouble(content.member, "SYSTEM_FILE", "an operating system's notes", lost=False)
    if kind == "encrypted office":
        return Trouble(content.member, "ENCRYPTED", "the document has a password")
    return Trouble(content.member, "NOT_SUPPORTED_YET", detail)


def _open_sheet(content: Content, context: _Context) -> Iterator[Table | Trouble]:
    """Yield the tables of a workbook; an archive member is read into memory first."""
    loaded = load_content(content, context.budget.in_memory) if content.member else content
    if loaded is None:
        yield Trouble(content.member, "WORKBOOK_TOO_LARGE", f"{content.size} bytes")
        return
    yield from open_workbook(loaded, context.count_names, context.budget, seed=context.seed)


def _open_zip(content: Content, context: _Context) -> Iterator[Table | Trouble]:
    """Yield the tables of all members of a zip archive in order, with nested archives in place."""
    usage = context.usage
    if usage.depth >= context.budget.depth:
        detail = f"archives nested more than {context.budget.depth} deep"
        yield Trouble(content.member, "ZIP_DEPTH", detail)
        return
    loaded = load_content(content, context.budget.in_memory) if content.member else content
    if loaded is None:
        yield Trouble(content.member, "MEMBER_TOO_LARGE", f"{content.size} bytes to be held")
        return
    for member in open_members(loaded, usage, seed=context.seed):
        if isinstance(member, Trouble):
            yield member
            continue
        usage.depth += 1
        try:
            yield from _open(member, context)
        finally:
            usage.depth -= 1


def open_text_tables(
    content: Content, *, count_names: CountNames, budget: Budget = STANDARD_BUDGET, seed: int = 0
) -> Iterator[Table | Trouble]:
    """Yield the tables of a text content, as :func:`open_tables` does for a file."""
    context = _Context(count_names, budget, seed, BudgetUsage(budget), None)
    yield from guard_reader(map(_guard_blocks, _open_text(content, context)), content.member)


def _open_text(content: Content, context: _Context) -> Iterator[Table | Trouble]:
    """Yield the tables of a text, which may be JSON, an SQL dump, delimited or plain text."""
    head, *others = (window.data for window in content.windows)
    guess = guess_encoding(head, others)
    if guess is None:
        yield Trouble(content.member, "BINARY", "not text, and no format known here")
        return
    text = head[guess.bom :].decode(CODECS[guess.encoding], "replace")
    json_lines, json = looks_like_json_lines(text), looks_like_json(text)
    if not json_lines and not json:
        dump = open_dump(content, guess, context.count_names, seed=context.seed)
        if dump is not None:
            yield dump
            return
    if content.extension in _READ_AS_TEXT:
        reason, detail, lost = _READ_AS_TEXT[content.extension]
        yield Trouble(content.member, reason, detail, lost=lost)
    if json_lines:
        yield open_json_lines(content, guess)
    elif json:
        yield from _open_json(content, guess, context)
    else:
        yield open_text(content, guess, context.count_names, context.label_names)


def _open_json(
    content: Content, guess: EncodingGuess, context: _Context
) -> Iterator[Table | Trouble]:
    """Yield a JSON document as one table; as plain text with a Trouble if it is too large."""
    try:
        yield open_json(content, guess, context.budget)
    except SourceError as error:
        detail = f"{error.detail}; read as plain text"
        yield Trouble(content.member, error.reason, detail, lost=False)
        yield open_text(content, guess, context.count_names, context.label_names)
