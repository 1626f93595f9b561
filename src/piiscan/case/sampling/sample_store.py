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
from piiscan.case.store.shards import write_bytes
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
    """A stored sample: its folder and the content of ``sample.json``."""

    path: Path
    content: Mapping[str, Any] = field(repr=False)

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
        with pq.ParquetFile(self.path / "drawn.parquet") as file:
            return file.read()

    def result_folders(self) -> list[Path]:
        """Return the folders of results, oldest first."""
        return sorted(each for each in self.path.glob("results-[0-9]*") if each.is_dir())

    def result_rows(self, table: str) -> list[dict[str, Any]]:
        """Return the rows of a sampling table in the newest results."""
        content = json.loads((self.result_folders()[-1] / f"{table}.json").read_bytes())
        return list(content["rows"])


def all_samples(case: Path) -> list[Sample]:
    """Return the samples of a case, oldest first; raise CaseError if one cannot be read."""
    return [_read_sample(each / NAME) for each in _sample_folders(case) if (each / NAME).is_file()]


def verified_samples(case: Path, count_sha256: str) -> list[Sample]:
    """Return the newest sample with results of each frame of the count, in the order of FRAMES."""
    newest = {
        each.frame: each
        for each in all_samples(case)
        if each.content["count_sha256"] == count_sha256 and each.result_folders()
    }
    return [newest[frame] for frame in FRAMES if frame in newest]


def _sample_folders(case: Path) -> list[Path]:
    """Return the folders of all samples, oldest first."""
    return sorted(case.glob("samples-[0-9]*"))


def _read_sample(path: Path) -> Sample:
    """Read ``sample.json`` in ``path``.

    Raise CaseError if it is damaged or of another case format.
    """
    content, _ = read_case_json(path, is_part=True)
    return Sample(path.parent, content)


def settings_token(settings: Mapping[str, Any]) -> str:
    """Return the SHA-256 of the settings as JSON; equal settings give equal sheets."""
    text = json.dumps(settings, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def create_folder(case: Path) -> tuple[int, Path]:
    """Create the next empty folder ``samples-NNNN``; return (sample number, path).

    Files of an interrupted run are removed.
    """
    import shutil

    number = 1 + sum((each / NAME).is_file() for each in _sample_folders(case))
    folder = case / f"samples-{number:04d}"
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
    """Log ``drawn.parquet``, write ``sample.json`` last, log it too, and return the sample."""
    full_content = add_format(content)
    # Log first, as with counts: a sample that the log lacks is invalid.
    log_files(log, folder.parent, [folder / "drawn.parquet"])
    write_json(folder / NAME, full_content, temporary=temporary)
    log_files(log, folder.parent, [folder / NAME], clear=full_content["clear"])
    return Sample(folder, full_content)


def write_json(path: Path, content: Mapping[str, Any], *, temporary: Path) -> None:
    """Write ``content`` to ``path`` as JSON with sorted keys, by rename."""
    text = json.dumps(content, ensure_ascii=True, indent=1, sort_keys=True).encode() + b"\n"
    write_bytes(path, text, temporary=temporary)


def log_files(log: AuditLog, case: Path, files: Iterable[Path], **fields: Any) -> None:
    """Append an event per file to the log: name in the case, SHA-256, and ``fields``."""
    for path in files:
        sha256 = file_sha256(path)
        name = path.relative_to(case).as_posix()
        log.append("sample", moment=now(), file=name, sha256=sha256, **fields)


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
