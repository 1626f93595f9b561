"""A finished count, reopened as DuckDB tables with the register and period it was made with."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from piiscan.case.count.attribution import attribution_table
from piiscan.case.count.count_database import Period, open_count_database
from piiscan.case.register import KIND, read_register
from piiscan.case.store.attachments import Attachment, all_attachments
from piiscan.case.store.case import Case
from piiscan.case.store.count_store import Count
from piiscan.errors import CaseError


def require_count(case: Case) -> Count:
    """Return the newest count of the case. Raise CaseError if it was never counted."""
    count = case.count()
    if count is None:
        raise CaseError("count.none", case=case.path)
    return count


@contextmanager
def reopen_count(case: Case, count: Count) -> Iterator[Any]:
    """Yield a connection to the database of ``count`` (see ``count_database``)."""
    request = count.content["asked"]
    days = [request.get(name) for name in ("since", "until")]
    period = Period(*(None if d is None else datetime.date.fromisoformat(d) for d in days))
    relations = {
        "candidates": [count.record_subjects],
        "person_numbers": [count.persons],
        "ledger": case.shards("ledger"),
    }
    attribution = count_attribution(case, count)
    with open_count_database(
        relations, attribution, period=period, temporary=case.path / "tmp"
    ) as connection:
        yield connection


def count_attribution(case: Case, count: Count) -> Any:
    """Return the table ATTRIBUTION under the register of ``count``.

    Raise CaseError if the case has lost that register.
    """
    sha256 = count.content["asked"].get("register")
    attachment = None
    if sha256 is not None:
        attachment = next(
            (each for each in all_attachments(case.path, KIND) if each.sha256 == sha256), None
        )
        if attachment is None:
            raise CaseError("count.register_lost")
    return attribution_by_register(case, attachment)


def attribution_by_register(case: Case, attachment: Attachment | None) -> Any:
    """Return the table ATTRIBUTION under the register in ``attachment``, or without one if None."""
    register_rows: list[Any] = []
    sources = [(each["source"], each["path"]) for each in case.manifest.content["sources"]]
    if attachment is not None:
        register = read_register(attachment.content(), attachment.name)
        register_rows = register.provenance(sources).to_pylist()
    return attribution_table(case.stored("parts").to_pylist(), dict(sources), register_rows)
