"""Scan of files by Spark: parts of a scan as tasks, merged into one case on the driver.

Parts and the key are on a mount that driver and workers share, files too or in an object store. A
task has paths and numbers only: the key and all values stay in the worker that reads them.
"""

from __future__ import annotations

import datetime
import faulthandler
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from piiscan.arguments import existing_paths
from piiscan.case.merge.merge import merge
from piiscan.case.scan.listing import Listing
from piiscan.case.scan.scan import scan as scan_files
from piiscan.case.store.audit_log import CHINA, now
from piiscan.case.store.case import Case, check_no_overlap
from piiscan.errors import PiiscanError
from piiscan.hashing.key import load_key
from piiscan.output_files import make_private_folder
from piiscan.progress import RunState

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

#: Options of a scan that a merge needs as well.
_OF_BOTH: Final = ("key", "operator", "case_number", "recognizers", "passwords")

#: Bytes that the slowest share hashes in a second.
_HASHED: Final = 20_000_000
#: Seconds that a task waits for a process that a killed driver left in its part.
_LEFT: Final = 120


def scan(
    spark: SparkSession,
    paths: str | Path | Iterable[str | Path],
    case: str | Path,
    *,
    key: str | Path,
    parts: int | None = None,
    work: str | Path | None = None,
    patience: float = 1800,
    as_of: datetime.date | None = None,
    register: str | Path | None = None,
    **options: Any,
) -> Case:
    """Scan ``paths`` into ``case`` on the workers of Spark, and return the case.

    The case is that of :func:`piiscan.scan`. A worker that ended goes on where it was, and after a
    killed driver the same call does. A source that ends its worker twice, or lets it hang, is left
    out and listed (QUARANTINED).

    Args:
        spark: session.
        paths: files and folders, at the same place on driver and workers, or addresses of object
            stores (``s3://bucket/folder``).
        case: folder of the case, on the driver.
        key: key file, at the same place on driver and workers, made if it is absent.
        parts: number of parts, each a task; default three for each core.
        work: shared folder for the parts; default the case's with ``-parts`` behind its name.
        patience: seconds without progress after which a worker ends itself; the time to hash the
            largest source is added.
        as_of, register: as for :func:`piiscan.scan`.
        options: others of :func:`piiscan.scan`; ``workers`` is 1.

    Raises:
        CaseError: as :func:`piiscan.scan` and :func:`piiscan.merge` do.
    """
    inputs, folder = existing_paths(paths, stored=True), Path(case)
    home = Path(work) if work else folder.with_name(f"{folder.name}-parts")
    check_no_overlap(home, inputs)
    load_key(Path(key), sources=inputs)
    day = as_of or now().astimezone(CHINA).date()
    listing = make_private_folder(home) / "listing.json"
    listed = Listing.open(listing, inputs, day)  # numbers are given before a part starts
    number = parts or 3 * spark.sparkContext.defaultParallelism
    every = {"workers": 1, **options, "as_of": as_of, "key": str(key), "listing": str(listing)}
    patience += max((size for *_, size, _time in listed.files), default=0) / _HASHED
    job = PartJob(tuple(map(str, inputs)), str(home), number, every, patience)
    tasks = spark.sparkContext.parallelize(range(1, number + 1), number)
    folders = []
    for done in tasks.map(job.run).collect():
        if isinstance(done, PiiscanError):
            raise done
        folders.append(done)
    shared = {name: value for name, value in every.items() if name in _OF_BOTH}
    return merge(folders, case=folder, register=register, **shared)


@dataclass(frozen=True, slots=True)
class PartJob:
    """Scan of one part in a worker; Spark pickles it once a task.

    ``options``: those of the scan. A key is named by its file.  ``patience``: seconds without
    progress after which the worker ends.
    """

    paths: tuple[str, ...]
    home: str
    of: int
    options: dict[str, Any] = field(repr=False)
    patience: float = 1800

    def run(self, number: int) -> str | PiiscanError:
        """Scan part ``number``; return its folder, or the error for the driver to raise."""
        part = Path(self.home, f"part-{number:04d}-of-{self.of:04d}")
        options = {**self.options, "part": f"{number}/{self.of}", "progress": self._go_on}
        until = time.monotonic() + _LEFT
        try:
            while True:
                try:
                    self._go_on()
                    scan_files(self.paths, case=part, quarantine=True, **options)
                except PiiscanError as error:
                    if error.code != "case.in_use" or time.monotonic() > until:
                        return error
                    time.sleep(1)
                else:
                    return str(part)
        finally:
            faulthandler.cancel_dump_traceback_later()

    def _go_on(self, state: RunState | None = None) -> None:
        """Report progress, and wait ``patience`` from now on for the next."""
        faulthandler.dump_traceback_later(self.patience, exit=True)
        if state is not None and "progress" in self.options:
            self.options["progress"](state)
