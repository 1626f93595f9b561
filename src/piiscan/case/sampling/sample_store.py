"""Sample store: the folders ``samples-0001`` … of a case, which never change once written.

``sample.json`` records the count, the policy, the seed, the algorithm and every stratum.
``drawn.parquet`` maps row numbers to records. Results go to ``results-0001`` … in the same folder,
one for each import of sheets. The log has the SHA-256 of every file.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from piiscan.case.sampling.sampling_frame import FRAMES, Frame, Stratum
from piiscan.case.sampling.verification_form import DrawnRecord, row_code
from piiscan.case.store.audit_log import AuditLog, now
from piiscan.case.store.case_format import add_format, read_case_json
from piiscan.case.store.plain_files import verified_path
from piiscan.case.store.recorded_files import RecordedFile, recorded_files
from piiscan.case.store.shards import flush_all, write_bytes
from piiscan.hashing.digest import file_sha256
from piiscan.output_files import make_private_folder

NAME: Final = "sample.json"
_BATCH: Final = 100_000

#: Columns of ``drawn.parquet``: the record of each row number.
DRAWN_SCHEMA: Final = pa.schema(
    [
        ("number", pa.int64()),  # from 1, without gaps
        ("record", pa.int64()),  # record number in the count
        ("source", pa.int32()),
        ("member", pa.dictionary(pa.int32(), pa.string())),
        ("row", pa.int64()),
        ("group", pa.int16()),
        ("stratum", pa.dictionary(pa.int32(), pa.string())),
    ]
)


@dataclass(frozen=True, slots=True)
class Sample:
    """A stored sample: its folder, the content of ``sample.json``, and its files in the log.

    ``files``: name below the folder -> SHA-256.
    """

    path: Path
    content: Mapping[str, Any] = field(repr=False)
    files: Mapping[str, str] = field(repr=False)

    @property
    def number(self) -> int:
        """Return the sample's number in its case, from 1."""
        return int(self.content["number"])

    @property
    def token(self) -> str:
        """Return the SHA-256 of the settings, from which the row codes are computed."""
        return str(self.content["token"])

    @property
    def sampled(self) -> bool:
        """Return True if records were drawn, False if all records were taken."""
        return self.content["size"] is not None

    @property
    def frame(self) -> Frame:
        """Return the frame of the sample; older samples are of counted records."""
        frame: Frame = self.content.get("frame", "counted")
        return frame

    @property
    def strata(self) -> list[Stratum]:
        """Return the strata from which the sample was drawn."""
        return [Stratum(**each) for each in self.content["strata"]]

    def drawn_records(self) -> pa.Table:
        """Read ``drawn.parquet``: a table with the columns of DRAWN_SCHEMA, by row number."""
        with pq.ParquetFile(self.file("drawn.parquet")) as file:
            return file.read()

    @property
    def result_folders(self) -> int:
        """Return the number of folders of results."""
        return sum(name.endswith("/results.json") for name in self.files)

    def result_folder(self, number: int) -> Path:
        """Return the path of a folder of results, from 1."""
        return self.path / f"results-{number:04d}"

    def result_file(self, name: str) -> Path:
        """Return the path of a file of the newest results; raise ChangedFileError if it differs."""
        return self.file(f"{self.result_folder(self.result_folders).name}/{name}")

    def result_rows(self, table: str) -> list[dict[str, Any]]:
        """Return the rows of a sampling table in the newest results; none if it has no file."""
        if f"{self.result_folder(self.result_folders).name}/{table}.json" not in self.files:
            return []
        return list(json.loads(self.result_file(f"{table}.json").read_bytes())["rows"])

    def file(self, name: str) -> Path:
        """Return the path of a file of the sample; raise ChangedFileError if it differs."""
        full_name = f"{self.path.name}/{name}"
        return verified_path(self.path.parent, full_name, self.files.get(name, ""))


def all_samples(case: Path) -> list[Sample]:
    """Return the samples of a case, oldest first.

    Raise ChangedFileError if one is not as logged, CaseError if it is of another case format.
    """
    return [_read_sample(case, number + 1) for number in range(len(_logged_samples(case)))]


def verified_samples(case: Path, count_sha256: str) -> list[Sample]:
    """Return the newest sample with results of each frame of the count, in the order of FRAMES."""
    newest = {
        each.frame: each
        for each in all_samples(case)
        if each.content["count_sha256"] == count_sha256 and each.result_folders
    }
    return [newest[frame] for frame in FRAMES if frame in newest]


def _logged_samples(case: Path) -> list[RecordedFile]:
    """Return the ``sample.json`` of all samples in the log, oldest first."""
    logged = recorded_files(case).of_kind("sample")
    return [each for each in logged if each.name.endswith(f"/{NAME}")]


def _sample_folder(case: Path, number: int) -> Path:
    """Return the folder of sample ``number``."""
    return case / f"samples-{number:04d}"


def _read_sample(case: Path, number: int) -> Sample:
    """Read the sample ``number`` of the log; raise as :func:`all_samples` does."""
    folder = _sample_folder(case, number)
    logged = recorded_files(case).of_kind("sample")
    files = {
        name: each.sha256
        for each in logged
        if (name := each.name.removeprefix(f"{folder.name}/")) != each.name
    }
    path = verified_path(case, f"{folder.name}/{NAME}", files.get(NAME, ""))
    content, _ = read_case_json(path)
    return Sample(folder, content, files)


def settings_token(settings: Mapping[str, Any]) -> str:
    """Return the SHA-256 of the settings as JSON; equal settings give equal sheets."""
    text = json.dumps(settings, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def create_folder(case: Path) -> tuple[int, Path]:
    """Create the next empty folder ``samples-NNNN``; return (sample number, path).

    Files of an interrupted run are removed.
    """
    import shutil

    number = 1 + len(_logged_samples(case))
    folder = _sample_folder(case, number)
    if folder.exists():
        shutil.rmtree(folder)
    make_private_folder(folder)
    return number, folder


def write_drawn(folder: Path, drawn: Iterator[DrawnRecord]) -> Iterator[DrawnRecord]:
    """Write the drawn records to ``drawn.parquet`` in ``folder``; yield each once written."""
    with pq.ParquetWriter(folder / "drawn.parquet", DRAWN_SCHEMA, compression="zstd") as writer:
        while batch := list(islice(drawn, _BATCH)):
            records = [each.record for each in batch]
            columns = [
                pa.array([each.number for each in batch]),
                *(
                    pa.array([getattr(place, name) for place in records])
                    for name in ("record", "source", "member", "row", "group", "stratum")
                ),
            ]
            writer.write_table(pa.table(columns, names=DRAWN_SCHEMA.names).cast(DRAWN_SCHEMA))
            yield from batch
    (folder / "drawn.parquet").chmod(0o600)


def write_sample(
    folder: Path, content: Mapping[str, Any], *, temporary: Path, log: AuditLog
) -> Sample:
    """Write ``sample.json``, log it with ``drawn.parquet``, and return the sample."""
    full_content = add_format(content)
    write_json(folder / NAME, full_content, temporary=temporary)
    files = [folder / "drawn.parquet", folder / NAME]
    log_files(log, folder.parent, files, clear=full_content["clear"])
    return _read_sample(folder.parent, int(full_content["number"]))


def write_json(path: Path, content: Mapping[str, Any], *, temporary: Path) -> None:
    """Write ``content`` to ``path`` as JSON with sorted keys, by rename."""
    text = json.dumps(content, ensure_ascii=True, indent=1, sort_keys=True).encode() + b"\n"
    write_bytes(path, text, temporary=temporary)


def log_files(log: AuditLog, case: Path, files: Iterable[Path], **fields: Any) -> None:
    """Flush the files and append an event for each: name in the case, SHA-256, and ``fields``."""
    paths = list(files)
    flush_all(paths)
    named = [
        {"file": path.relative_to(case).as_posix(), "sha256": file_sha256(path), **fields}
        for path in paths
    ]
    log.append_all("sample", named, moment=now())


def code_lookup(sample: Sample, drawn: pa.Table) -> Callable[[int], str | None]:
    """Return a function that maps a row number to its code; None for a number outside the sheet."""
    columns = [drawn[name].combine_chunks() for name in ("source", "member", "row", "group")]
    return partial(_code_of_row, sample.token, columns)


def _code_of_row(token: str, columns: list[Any], number: int) -> str | None:
    """Return the code of sheet row ``number`` from 1; None if there is no such row."""
    if not 1 <= number <= len(columns[0]):
        return None
    source, member, row, group = (column[number - 1].as_py() for column in columns)
    return row_code(token, number, (source, member, row, group))
