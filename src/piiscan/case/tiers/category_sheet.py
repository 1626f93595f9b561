"""Category sheet (类别确认表): the kind of information in each table, confirmed by a person.

The draft has a row for each category that the columns of a table propose. The returned sheet is a
:class:`Profile`, as the TOML file of ``--profile`` is.
``通话记录.csv | 通信记录 | 是 -> part with kinds call_records``
"""

from __future__ import annotations

import glob
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from piiscan.case.tiers.composition import (
    Profile,
    ProfilePart,
    Proposal,
    build_profile,
    propose_categories,
    read_profile,
)
from piiscan.case.tiers.policy import NO_LINE, Policy, load_policy, shipped_policies
from piiscan.errors import CellError
from piiscan.forms.reader import Row, SheetErrors, read_content, read_file_bytes
from piiscan.forms.schema import Form, Language, load_form, normalize_word
from piiscan.forms.writer import SheetRow
from piiscan.wording.words import Words

#: Most tables without a proposal that the draft lists.
MOST_PLAIN: Final = 2_000
#: Author and reason of a row that names none.
_UNNAMED: Final = "-"


@cache
def category_form() -> Form:
    """Return the form of the category sheet."""
    return load_form(Path(__file__).with_name("category_form.toml"))


def is_sheet(name: str) -> bool:
    """Return True if a profile of this file name is a sheet, False if it is a TOML file."""
    return Path(name).suffix.casefold() in (".xlsx", ".xls", ".xlsm", ".ods", ".csv", ".tsv")


def load_profile(path: Path, known: Collection[str]) -> Profile:
    """Load a profile: a TOML file, or a returned category sheet. ``known``: categories it may name.

    Raise CatalogError (TOML) or CaseError (sheet) with the place of each error.
    """
    if not is_sheet(path.name):
        return read_profile(path, known)
    return read_category_sheet(read_file_bytes(path), path.name, known)


def read_category_sheet(content: bytes, name: str, known: Collection[str]) -> Profile:
    """Return the category sheet in ``content`` as profile. Raise CaseError with every invalid cell.

    ``name``: file name of the sheet. ``known``: categories that it may name.
    """
    sheet = read_content(content, name, category_form())
    errors = SheetErrors(sheet)
    codes = _category_codes(known)
    parts = [part for row in sheet.rows if (part := _read_row(row, errors, codes)) is not None]
    errors.raise_if_any()
    return build_profile(parts, content, title=category_form().title["zh"])


def count_open_rows(content: bytes, name: str) -> int:
    """Return the number of rows with a category in the sheet ``content`` that nobody decided."""
    rows = read_content(content, name, category_form()).rows
    codes = [category_form()["state"].code_of(row.cells["state"]) for row in rows]
    named = [bool(row.cells["category"]) for row in rows]
    return sum(code in (None, "open") and has for code, has in zip(codes, named, strict=True))


def _read_row(row: Row, errors: SheetErrors, codes: Mapping[str, str]) -> ProfilePart | None:
    """Return a sheet row as profile part; None if nobody decided it. Add invalid cells to errors.

    ``codes``: normalized title or id of a category -> id.
    """
    state = errors.read_cell(row, "state", _read_state)
    if state in (None, "open"):
        return None
    category = codes.get(normalize_word(row.cells["category"]))
    if not row.cells["category"]:
        errors.add(row, "category", CellError("cell.empty"))
    elif category is None:
        errors.add(row, "category", CellError("cell.unknown_category"))
    path, member = row.cells["path"], row.cells.get("member", "")
    if not path:
        errors.add(row, "path", CellError("cell.no_path"))
    if category is None or not path:
        return None
    pattern = glob.escape(path) + "*" * path.endswith("/")
    named = {"kinds": [category]} if state == "confirmed" else {"without": [category]}
    part = {
        "path": pattern,
        "member": glob.escape(member) if member else "*",
        "reason": row.cells.get("reason") or row.cells.get("basis") or _UNNAMED,
        "author": row.cells.get("author") or _UNNAMED,
        **named,
    }
    return ProfilePart.model_validate(part, context={"known": set(codes.values())})


def _read_state(cell: str) -> str | None:
    """Return the code of a confirmation, None if empty. Raise CellError for other words."""
    if not cell:
        return None
    code = category_form()["state"].code_of(cell)
    if code is None:
        raise CellError("cell.unknown_word")
    return code


def _category_codes(known: Collection[str]) -> dict[str, str]:
    """Return normalized id or title, in both languages -> id of each known category."""
    codes = {normalize_word(each): each for each in known}
    for name in shipped_policies():
        for category in load_policy(name).categories:
            if category.id in known:
                titles = category.title.values()
                codes |= {normalize_word(title): category.id for title in titles}
    return codes


def category_lines(
    parts: Iterable[Mapping[str, Any]], policy: Policy, language: Language
) -> Iterator[SheetRow]:
    """Yield the rows of the draft: one per part and proposed category, one per other table.

    ``parts``: rows with path, member and headers.
    """
    form, plain = category_form(), 0
    for part in parts:
        headers = [header for header in part["headers"] if header]
        cells = {"path": part["path"], "member": part["member"], "columns": "、".join(headers)}
        proposals = propose_categories([part], policy)
        for proposal in proposals:
            state = form["state"].word_of("open", language)
            cells_of_proposal = _proposal_cells(proposal, policy, language)
            yield SheetRow({**cells, **cells_of_proposal, "state": state}, {"category", "state"})
        if not proposals and headers and plain < MOST_PLAIN:
            plain += 1
            yield SheetRow(cells)


def _proposal_cells(proposal: Proposal, policy: Policy, language: Language) -> dict[str, str]:
    """Return the cells of a proposal: category, grounds, basis, default line, other readings."""
    category = policy.category(proposal.category)
    assert category is not None
    words = Words(language)
    titles = {each.id: each.title[language] for each in policy.lines}
    titles[NO_LINE] = words(f"tiers.{NO_LINE}")
    readings = "；".join(titles[line] for line in category.also)
    note = category.note.get(language, "")
    return {
        "category": category.title[language],
        "grounds": "、".join(proposal.headers),
        "basis": category.basis,
        "line": titles[category.line],
        "readings": "\n".join(text for text in (readings, note) if text),
    }
