"""Records as rows to be verified, and what people found, read from the sheet given back."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, Literal

from piiscan.case.sampling.sampling_frame import Record
from piiscan.errors import CaseError, CellError
from piiscan.forms.reader import Faults, Returned, Row
from piiscan.forms.schema import Form, load_form

Result = Literal["real", "untrue", "wrong", "unverifiable"]
RESULTS: Final[tuple[Result, ...]] = ("real", "untrue", "wrong", "unverifiable")
#: Rows of a workbook: far below what the format holds, so that any program opens it.
ROWS_A_SHEET: Final = 100_000


@dataclass(frozen=True, slots=True)
class Drawn:
    """A record as it stands in a sheet: its number there, and the code that ties it to the case."""

    number: int
    record: Record
    code: str


@dataclass(frozen=True, slots=True)
class Found:
    """What a person found of a record; ``told``: method, verifier and time are all filled in."""

    number: int
    result: Result
    told: bool


@cache
def form() -> Form:
    """The columns of the sheet."""
    return load_form(Path(__file__).with_name("verification_form.toml"))


def number_all(records: Iterable[Record], token: str) -> Iterator[Drawn]:
    """The records with numbers from 1 and codes; ``token`` is of the sheet they are written for."""
    for number, record in enumerate(records, 1):
        yield Drawn(number, record, code_of(token, number, record.place))


def code_of(token: str, number: int, place: tuple[int, str, int, int]) -> str:
    """What ties a row to its record, so that rows of other sheets are not taken for it."""
    whole = "|".join(map(str, (token, number, *place)))
    # A letter in front: no spreadsheet program takes a code for a number.
    return "k" + hashlib.sha256(whole.encode()).hexdigest()[:12]


def read_found(sheet: Returned, code: Callable[[int], str | None]) -> list[Found]:
    """What was found, by number; CaseError telling of every cell that cannot be used.

    ``code``: that of the row written under a number, None if there was none.
    """
    faults = Faults(sheet)
    seen: set[int] = set()
    found = []
    for row in sheet.rows:
        number = faults.take(row, "number", _number)
        if number is None:
            continue
        if row.cells["code"].casefold() != code(number):
            faults.add(row, "code", "is no row of this sheet; give back what was written for it")
        elif number in seen:
            faults.add(row, "number", "stands twice")
        seen.add(number)
        result = faults.take(row, "result", _result)
        if result:
            found.append(Found(number, result, _told(row)))
    faults.refuse()
    return sorted(found, key=lambda each: each.number)


def join_found(parts: Sequence[tuple[str, list[Found]]]) -> dict[int, Found]:
    """What several sheets say; CaseError where two of them say different things of a record."""
    joined: dict[int, Found] = {}
    for name, found in parts:
        for each in found:
            before = joined.setdefault(each.number, each)
            if before.result != each.result:
                raise CaseError(f"{name}: number {each.number} has another result in another sheet")
    return joined


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 12:
        raise CellError("must be a number")
    return int(text)


def _result(text: str) -> Result | None:
    if not text:
        return None
    code = form()["result"].code_of(text)
    for result in RESULTS:
        if code == result:
            return result
    raise CellError("the result is not known; leave it empty for none")


def _told(row: Row) -> bool:
    return all(row.cells.get(name) for name in ("method", "verifier", "time"))
