"""Samples in a case: ``samples-0001`` … with what was drawn and how; they never change.

``sample.json`` says the count, the rule, seed and algorithm, and each stratum; ``drawn.parquet``
which records stand under which number.  Results lie beside them in ``results-0001`` …, one a sheet
(or set of sheets) given back.  Every file has its SHA-256 in the log.
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

from piiscan.case.sampling.sampling_frame import Stratum
from piiscan.case.sampling.verification_form import Drawn, code_of
from piiscan.case.store.audit_log import Log, now
from piiscan.case.store.manifest import read_described
from piiscan.case.store.shards import write_bytes
from piiscan.hashing.digest import file_sha256

FORMAT: Final = 1
NAME: Final = "sample.json"
_ROWS: Final = 100_000

#: Which record stands under which number.
DRAWN: Final = pa.schema(
    [
        ("number", pa.int64()),  # from 1, without gaps
        ("record", pa.int64()),  # of the count
        ("source", pa.int32()),
        ("member", pa.dictionary(pa.int32(), pa.string())),
        ("row", pa.int64()),
        ("group", pa.int16()),
        ("stratum", pa.dictionary(pa.int32(), pa.string())),
    ]
)


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample in a case: its folder and what ``sample.json`` says."""

    path: Path
    content: Mapping[str, Any] = field(repr=False)

    @property
    def number(self) -> int:
        """1 for the first of the case."""
        return int(self.content["number"])

    @property
    def token(self) -> str:
        """What the codes of its rows are made with."""
        return str(self.content["token"])

    @property
    def sampled(self) -> bool:
        """False where every record was to be looked at."""
        return self.content["size"] is not None

    @property
    def strata(self) -> list[Stratum]:
        """What it was drawn from."""
        return [Stratum(**each) for each in self.content["strata"]]

    def drawn(self) -> pa.Table:
        """DRAWN, by number."""
        with pq.ParquetFile(self.path / "drawn.parquet") as file:
            return file.read()

    def results(self) -> list[Path]:
        """Folders of results, oldest first."""
        return sorted(each for each in self.path.glob("results-[0-9]*") if each.is_dir())


def all_samples(case: Path) -> list[Sample]:
    """The samples of a case, oldest first; CaseError if one cannot be read."""
    return [_read(each / NAME) for each in _folders(case) if (each / NAME).is_file()]


def _folders(case: Path) -> list[Path]:
    return sorted(case.glob("samples-[0-9]*"))


def _read(path: Path) -> Sample:
    content, _ = read_described(path, known=FORMAT)
    return Sample(path.parent, content)


def token_of(settings: Mapping[str, Any]) -> str:
    """What ties sheets to the settings they were made with: equal settings give equal sheets."""
    text = json.dumps(settings, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def make_folder(case: Path) -> tuple[int, Path]:
    """The number and the empty folder of the next sample; what a broken run left there goes."""
    import shutil

    number = 1 + sum((each / NAME).is_file() for each in _folders(case))
    folder = case / f"samples-{number:04d}"
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(mode=0o700)
    return number, folder


def write_drawn(folder: Path, drawn: Iterator[Drawn]) -> Iterator[Drawn]:
    """Each of ``drawn``, handed on when it stands in ``drawn.parquet``."""
    with pq.ParquetWriter(folder / "drawn.parquet", DRAWN, compression="zstd") as writer:
        while some := list(islice(drawn, _ROWS)):
            places = [each.record for each in some]
            columns = [
                pa.array([each.number for each in some]),
                *(
                    pa.array([getattr(place, name) for place in places])
                    for name in ("record", "source", "member", "row", "group", "stratum")
                ),
            ]
            writer.write_table(pa.table(columns, names=DRAWN.names).cast(DRAWN))
            yield from some
    (folder / "drawn.parquet").chmod(0o600)


def write_sample(folder: Path, content: Mapping[str, Any], *, temporary: Path, log: Log) -> Sample:
    """The sample just drawn: the log told of its files, ``sample.json`` written last."""
    whole = {"format": FORMAT, **content}
    # Told before it counts, as with counts: what the log does not know is no sample.
    tell(log, folder.parent, [folder / "drawn.parquet"])
    write_json(folder / NAME, whole, temporary=temporary)
    tell(log, folder.parent, [folder / NAME], clear=whole["clear"])
    return Sample(folder, whole)


def write_json(path: Path, content: Mapping[str, Any], *, temporary: Path) -> None:
    """A JSON file with its keys in order."""
    text = json.dumps(content, ensure_ascii=True, indent=1, sort_keys=True).encode() + b"\n"
    write_bytes(path, text, temporary=temporary)


def tell(log: Log, case: Path, files: Iterable[Path], **more: Any) -> None:
    """A line in the log for each file: its name below the case, its SHA-256, and ``more``."""
    for path in files:
        sha256 = file_sha256(path)
        name = path.relative_to(case).as_posix()
        log.append("sample", moment=now(), file=name, sha256=sha256, **more)


def codes_of(sample: Sample, drawn: pa.Table) -> Callable[[int], str | None]:
    """Number -> the code written beside it; None for a number that was not."""
    columns = [drawn[name].combine_chunks() for name in ("source", "member", "row", "group")]
    return partial(_code, sample.token, columns)


def _code(token: str, columns: list[Any], number: int) -> str | None:
    if not 1 <= number <= len(columns[0]):
        return None
    source, member, row, group = (column[number - 1].as_py() for column in columns)
    return code_of(token, number, (source, member, row, group))
