"""The room's door: a file in, its tables out, whatever it is wrapped in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from piiscan.errors import SourceError
from piiscan.sources.archive import Spending, open_members
from piiscan.sources.block import CountNames, Table, Trouble
from piiscan.sources.content import Content, file_content, hold
from piiscan.sources.encoding.detector import CODECS, Guess, guess_encoding
from piiscan.sources.file_type import detect_kind
from piiscan.sources.formats.delimited.open import open_text
from piiscan.sources.formats.json.open import (
    looks_like_json_lines,
    open_json,
    open_json_lines,
    sniff_json,
)
from piiscan.sources.formats.spreadsheet.open import open_workbook
from piiscan.sources.formats.sql.open import open_dump
from piiscan.sources.limits import STANDARD, Budget
from piiscan.sources.lined.line_kinds import Names

#: Text formats whose content is only partly plain: read as text, and said so.
_AS_TEXT: Final = {
    "sql": ("SQL_AS_TEXT", "SQL without rows of tables, read line by line", False),
    "eml": ("NOT_SUPPORTED_YET", "mail: read as plain text, its encoded parts are not read", True),
    "mbox": ("NOT_SUPPORTED_YET", "mail: read as plain text, its encoded parts are not read", True),
    "mht": ("NOT_SUPPORTED_YET", "web archive: read as plain text, encoded parts are not", True),
}


@dataclass(frozen=True, slots=True)
class _Context:
    count_names: CountNames
    budget: Budget
    seed: int
    spending: Spending
    names: Names | None


def open_tables(
    path: Path,
    *,
    count_names: CountNames,
    names: Names | None = None,
    budget: Budget = STANDARD,
    seed: int = 0,
) -> Iterator[Table | Trouble]:
    """Every table in the file at ``path``, in a stable order, and whatever was not read.

    ``count_names`` says how many cells of a row are known column names, ``names`` what labels of
    lines are called (``passages``; without it every line is a record). Read a table's blocks
    before asking for the next one: members of archives and sheets are held in memory only that
    long. Nothing is raised for what an input may hold; a file that cannot be opened is a Trouble.
    """
    try:
        content = file_content(path, seed=seed)
    except OSError as error:
        yield Trouble("", "UNREADABLE", type(error).__name__)
        return
    context = _Context(count_names, budget, seed, Spending(budget), names)
    yield from _open(content, context)


def _open(content: Content, context: _Context) -> Iterator[Table | Trouble]:
    try:
        kind = detect_kind(content)
        if kind.name == "text":
            yield from _open_text(content, context)
        elif kind.name == "zip":
            yield from _open_zip(content, context)
        elif kind.name == "sheet":
            yield from _open_sheet(content, context)
        else:
            yield _refuse(content, kind.name, kind.detail)
    except OSError as error:
        yield Trouble(content.member, "READ_ERROR", type(error).__name__)


def _refuse(content: Content, kind: str, detail: str) -> Trouble:
    if kind == "empty":
        return Trouble(content.member, "EMPTY", "no bytes", lost=False)
    if kind == "system file":
        return Trouble(content.member, "SYSTEM_FILE", "an operating system's notes", lost=False)
    if kind == "encrypted office":
        return Trouble(content.member, "ENCRYPTED", "the document has a password")
    return Trouble(content.member, "NOT_SUPPORTED_YET", detail)


def _open_sheet(content: Content, context: _Context) -> Iterator[Table | Trouble]:
    held = hold(content, context.budget.held) if content.member else content
    if held is None:
        yield Trouble(content.member, "WORKBOOK_TOO_LARGE", f"{content.size} bytes")
        return
    yield from open_workbook(held, context.count_names, context.budget, seed=context.seed)


def _open_zip(content: Content, context: _Context) -> Iterator[Table | Trouble]:
    """The archive's members, one after another, nested archives in place."""
    spending = context.spending
    if spending.depth >= context.budget.depth:
        detail = f"archives nested more than {context.budget.depth} deep"
        yield Trouble(content.member, "ZIP_DEPTH", detail)
        return
    held = hold(content, context.budget.held) if content.member else content
    if held is None:
        yield Trouble(content.member, "MEMBER_TOO_LARGE", f"{content.size} bytes to be held")
        return
    for member in open_members(held, spending, seed=context.seed):
        if isinstance(member, Trouble):
            yield member
            continue
        spending.depth += 1
        try:
            yield from _open(member, context)
        finally:
            spending.depth -= 1


def open_text_tables(
    content: Content, *, count_names: CountNames, budget: Budget = STANDARD, seed: int = 0
) -> Iterator[Table | Trouble]:
    """The tables of a content that is text, as :func:`open_tables` has them."""
    yield from _open_text(content, _Context(count_names, budget, seed, Spending(budget), None))


def _open_text(content: Content, context: _Context) -> Iterator[Table | Trouble]:
    head, *others = (window.data for window in content.windows)
    guess = guess_encoding(head, others)
    if guess is None:
        yield Trouble(content.member, "BINARY", "not text, and no format known here")
        return
    shown = head[guess.bom :].decode(CODECS[guess.encoding], "replace")
    json_lines, json = looks_like_json_lines(shown), sniff_json(shown)
    if not json_lines and not json:
        dump = open_dump(content, guess, context.count_names, seed=context.seed)
        if dump is not None:
            yield dump
            return
    if content.extension in _AS_TEXT:
        reason, detail, lost = _AS_TEXT[content.extension]
        yield Trouble(content.member, reason, detail, lost=lost)
    if json_lines:
        yield open_json_lines(content, guess)
    elif json:
        yield from _open_json(content, guess, context)
    else:
        yield open_text(content, guess, context.count_names, context.names)


def _open_json(content: Content, guess: Guess, context: _Context) -> Iterator[Table | Trouble]:
    try:
        yield open_json(content, guess, context.budget)
    except SourceError as error:
        detail = f"{error.detail}; read as plain text"
        yield Trouble(content.member, error.reason, detail, lost=False)
        yield open_text(content, guess, context.count_names, context.names)
