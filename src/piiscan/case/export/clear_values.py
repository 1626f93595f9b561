"""Values as they stand, for as long as they are needed: below the case's ``tmp``, then gone."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Container, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from piiscan.case.export.rescan import clear_shards
from piiscan.case.lookup.reread import check_same
from piiscan.case.scan.settings import settle_corrections
from piiscan.case.store.case import Case
from piiscan.case.store.job_store import Ledger

#: How folders with clear values are called.
_FOLDER: Final = "clear-"


def check_sources(case: Case, *, only: Container[int] | None = None) -> None:
    """Nothing; CaseError naming the first source with findings that is not what was scanned.

    ``only``: numbers of the sources that matter; None for all.
    """
    shown = case.shown()
    told = {int(path.stem[:6]) for path in case.shards("findings")}
    for each in case.manifest.content["sources"]:
        if each["source"] in told and (only is None or each["source"] in only):
            check_same(each, shown=shown.get(each["path"]))


@contextmanager
def cleared(
    case: Case,
    ledger: Ledger,
    *,
    key: Path | None,
    recognizers: Path | None = None,
    only: Container[int] | None = None,
) -> Iterator[list[Path]]:
    """Parquet files of CLEARED, one a source, gone when it is left.

    ``ledger``: the case's, held, so that nobody else does the same meanwhile.  CaseError for
    another key, other rules, and for a source that gives other findings than the case holds.
    """
    temporary = case.path / "tmp"
    temporary.mkdir(mode=0o700, exist_ok=True)
    for left in temporary.glob(f"{_FOLDER}*"):  # by a run that was killed
        shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=_FOLDER, dir=temporary))
    try:
        corrections = settle_corrections(ledger, None)
        yield clear_shards(case, folder, corrections, key=key, recognizers=recognizers, only=only)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
