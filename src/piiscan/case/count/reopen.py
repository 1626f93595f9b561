"""A count that was made, opened again as DuckDB tables: by the register and period it had."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from piiscan.case.count.attribution import placed_table
from piiscan.case.count.count_database import Files, Period, board
from piiscan.case.register import KIND, read_register
from piiscan.case.store.attachments import Handed, all_handed
from piiscan.case.store.case import Case
from piiscan.case.store.count_store import Count
from piiscan.errors import CaseError


def count_of(case: Case) -> Count:
    """The newest count of the case as it is; CaseError if it was not counted yet."""
    count = case.count()
    if count is None:
        raise CaseError(f"{case.path} has no count yet; make one first (piiscan count)")
    return count


@contextmanager
def reopened(case: Case, count: Count) -> Iterator[Any]:
    """The database of ``count`` (see ``count_database``), its tables as they were."""
    asked = count.content["asked"]
    days = [asked.get(name) for name in ("since", "until")]
    period = Period(*(None if d is None else datetime.date.fromisoformat(d) for d in days))
    files = Files(count.candidates, count.persons, tuple(case.shards("ledger")))
    placed = placed_of(case, count)
    with board(files, placed, period=period, temporary=case.path / "tmp") as base:
        yield base


def placed_of(case: Case, count: Count) -> Any:
    """Where each part of the evidence belongs, by the register that the count had: PLACED."""
    wanted = count.content["asked"].get("register")
    kept = None
    if wanted is not None:
        kept = next((each for each in all_handed(case.path, KIND) if each.sha256 == wanted), None)
        if kept is None:
            raise CaseError("the register of the count is not in the case; count it again")
    return placed_by(case, kept)


def placed_by(case: Case, kept: Handed | None) -> Any:
    """The same by a register that the case keeps, or without one."""
    places: list[Any] = []
    if kept is not None:
        named = [(each["source"], each["path"]) for each in case.manifest.content["sources"]]
        register = read_register((case.path / kept.name).read_bytes(), kept.name)
        places = register.places(named).to_pylist()
    return placed_table(case.stored("parts").to_pylist(), places)
