"""Clear values: temporary files of unmasked findings in the case's ``tmp``, deleted after use."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Container, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from piiscan.case.export.rescan import clear_shards
from piiscan.case.lookup.reread import check_unchanged
from piiscan.case.scan.settings import store_overrides
from piiscan.case.store.case import Case
from piiscan.case.store.job_store import JobStore
from piiscan.output_files import make_private_folder

#: Name prefix of folders with clear values.
_FOLDER_PREFIX: Final = "clear-"


def check_sources(case: Case, *, source_numbers: Container[int] | None = None) -> None:
    """Raise CaseError if a source with findings is missing or has changed since the scan.

    The error names the first such source. ``source_numbers``: the sources to check; None for
    all.
    """
    shown = case.shown()
    with_findings = case.source_shards("findings")
    for each in case.manifest.content["sources"]:
        if each["source"] in with_findings and (
            source_numbers is None or each["source"] in source_numbers
        ):
            check_unchanged(each, display_name=shown.get(each["path"]))


@contextmanager
def clear_values(
    case: Case,
    job_store: JobStore,
    *,
    source_numbers: Container[int] | None = None,
) -> Iterator[list[Path]]:
    """Yield the paths of temporary files of unmasked findings (CLEAR_FINDINGS), one per source.

    Delete them on exit. The open ``job_store`` prevents other runs on the case. Raise CaseError for
    another key, other rules, other passwords or a source with other findings than the case has.
    """
    temporary = case.path / "tmp"
    make_private_folder(temporary)
    for stale in temporary.glob(f"{_FOLDER_PREFIX}*"):  # of a killed run
        shutil.rmtree(stale, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=_FOLDER_PREFIX, dir=temporary))
    try:
        corrections = store_overrides(job_store, None)
        yield clear_shards(case, folder, corrections, source_numbers=source_numbers)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
