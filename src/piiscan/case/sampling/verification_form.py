"""Verification form: drawn records as rows of a sheet, and the results that people entered."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, Literal

from piiscan.case.sampling.sampling_frame import Record
from piiscan.errors import CaseError, CellError
from piiscan.forms.reader import ReturnedSheet, SheetErrors
from piiscan.forms.schema import Form, load_form

Result = Literal["real", "untrue", "wrong", "unverifiable"]
RESULTS: Final[tuple[Result, ...]] = ("real", "untrue", "wrong", "unverifiable")
#: Rows of a workbook: far below the limit of the format, so that any program opens it.
ROWS_PER_SHEET: Final = 100_000


@dataclass(frozen=True, slots=True)
class DrawnRecord:
    """A record in a sheet: its row number, and the code that ties the row to the case."""

    number: int
    record: Record
    code: str


@dataclass(frozen=True, slots=True)
class RecordResult:
    """A person's result for one record.

    ``told`` is True if method, verifier and time are filled in.
    """

    number: int
    result: Result
    told: bool


@cache
def verification_form() -> Form:
    """Load the form: the columns of the verification sheet and their allowed values."""
    return load_form(Path(__file__).with_name("verification_form.toml"))


def number_records(records: Iterable[Record], token: str) -> Iterator[DrawnRecord]:
    """Yield each record with its row number, from 1, and its row code."""
    for number, record in enumerate(records, 1):
        yield DrawnRecord(number, record, row_code(token, number, record.location))


def row_code(token: str, number: int, location: tuple[int, str, int, int]) -> str:
    """Return the code of a sheet row: ``k`` and 12 hexadecimal digits of a SHA-256.

    Rows of other sheets have other codes.
    """
    text = "|".join(map(str, (token, number, *location)))
    # The leading letter prevents spreadsheet programs from reading a code as a number.
    return "k" + hashlib.sha256(text.encode()).hexdigest()[:12]


def read_results(
    sheet: ReturnedSheet, code_of_row: Callable[[int], str | None]
) -> list[RecordResult]:
    """Return the results entered in a returned sheet, sorted by row number.

    Raise CaseError naming every invalid cell. ``code_of_row``: function from a row number to
    the code written there; None if there is no such row.
    """
    faults = SheetErrors(sheet)
    seen: set[int] = set()
    found = []
    for row in sheet.rows:
        number = faults.read_cell(row, "number", _parse_number)
        if number is None:
            continue
        if row.cells["code"].casefold() != code_of_row(number):
            faults.add(row, "code", CellError("cell.other_row"))
        elif number in seen:
            faults.add(row, "number", CellError("cell.twice"))
        seen.add(number)
        result = faults.read_cell(row, "result", _parse_result)
        if result:
            found.append(
                RecordResult(
                    number,
                    result,
                    all(row.cells.get(name) for name in ("method", "verifier", "time")),
                )
            )
    faults.raise_if_any()
    return sorted(found, key=lambda each: each.number)


def merge_results(
    results_by_sheet: Sequence[tuple[str, list[RecordResult]]],
) -> dict[int, RecordResult]:
    """Merge the (sheet name, results) pairs of several sheets; return row number -> result.

    Raise CaseError if two sheets disagree about a record.
    """
    joined: dict[int, RecordResult] = {}
    for name, found in results_by_sheet:
        for each in found:
            earlier = joined.setdefault(each.number, each)
            if earlier.result != each.result:
                raise CaseError("sample.contradiction", sheet=name, number=each.number)
    return joined


def _parse_number(text: str) -> int:
    """Parse a row number; raise CellError unless it is at most 12 ASCII digits."""
    if not text.isascii() or not text.isdigit() or len(text) > 12:
        raise CellError("cell.no_number")
    return int(text)


def _parse_result(text: str) -> Result | None:
    """Return the result code for the words in a cell, None if empty; raise CellError if unknown."""
    if not text:
        return None
    code = verification_form()["result"].code_of(text)
    for result in RESULTS:
        if code == result:
            return result
    raise CellError("cell.unknown_result")
