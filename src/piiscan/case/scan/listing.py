"""Listing: the files of a scan in parts, numbered once before any part starts.

Each part reads the sources of whole shards (:mod:`piiscan.case.store.shard_runs`), and the parts
are of about one size. Numbers and sizes decide that, so every machine with the listing knows the
sources of each part.
"""

from __future__ import annotations

import datetime
import hashlib
import heapq
import json
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from piiscan.case.store.case_format import add_format, read_case_json
from piiscan.case.store.job_store import Source
from piiscan.case.store.shard_runs import group_runs
from piiscan.errors import CaseError
from piiscan.output_files import check_outside, open_private
from piiscan.sources.block import Trouble
from piiscan.sources.walk import Input, walk

_PART: Final = re.compile(r"([1-9][0-9]{0,5})/([1-9][0-9]{0,5})")
#: Bytes that take about as long as the opening of a file.
_OPENING: Final = 16 << 10


@dataclass(frozen=True, slots=True)
class PartNumber:
    """Number of a part, from 1, and the number of all parts: ``3/8``."""

    number: int
    of: int

    @classmethod
    def parse(cls, text: str) -> PartNumber:
        """Return the part that ``text`` names. Raise CaseError for any other text.

        >>> PartNumber.parse("3/8")
        PartNumber(number=3, of=8)
        """
        found = _PART.fullmatch(text)
        if found is None or int(found[1]) > int(found[2]):
            raise CaseError("part.no_part", part=text)
        return cls(int(found[1]), int(found[2]))


@dataclass(frozen=True, slots=True)
class Listing:
    """Files and troubles of a walk, in order: file number n is source n + 1.

    Attributes:
        as_of: day of the scan of all parts, ISO
        given: paths of the walk, as given
        files: number of the given path, path below it, display path, size, modification time
        troubles: path, reason, detail, and True if something was not read
    """

    as_of: str
    given: list[str]
    files: list[list[Any]] = field(repr=False)
    troubles: list[list[Any]] = field(repr=False)

    @classmethod
    def of(cls, inputs: Sequence[Path], as_of: datetime.date) -> Listing:
        """List all files at or below ``inputs``."""
        names = dict.fromkeys(map(os.fspath, inputs))
        numbers = {name: number for number, name in enumerate(names)}
        listing = cls(as_of.isoformat(), [*numbers], [], [])
        for item in walk(inputs):
            if isinstance(item, Trouble):
                row = [item.member, item.reason, item.detail, item.lost]
                listing.troubles.append(row)
                continue
            start = next(p for p in (item.path, *item.path.parents) if os.fspath(p) in numbers)
            below = os.fspath(item.path.relative_to(start))
            number = numbers[os.fspath(start)]
            listing.files.append([number, below, item.display, item.size, item.mtime_ns])
        return listing

    @classmethod
    def open(cls, file: Path | None, inputs: Sequence[Path], as_of: datetime.date) -> Listing:
        """Return the listing in ``file``, which is made if it is absent; that of now for None.

        Of several that make it at once all get the first one.  Raise CaseError if it is damaged or
        cannot be written, or lies inside an input.
        """
        if file is None:
            return cls.of(inputs, as_of)
        check_outside(file, inputs)
        aside = file.with_name(f".{file.name}.{os.getpid()}")
        try:
            if not file.exists():
                content = json.dumps(add_format(asdict(cls.of(inputs, as_of)))).encode()
                with open_private(aside) as out:
                    out.write(content)
                    out.flush()
                    os.fsync(out.fileno())
                _publish(aside, file)
        except OSError as error:
            raise CaseError("file.unwritable", path=file, reason=error.strerror) from error
        finally:
            aside.unlink(missing_ok=True)
        stored, _ = read_case_json(file)
        return cls(**{name: stored[name] for name in cls.__slots__})

    @property
    def sha256(self) -> str:
        """Return the SHA-256 over files and troubles, in hexadecimal."""
        return hashlib.sha256(json.dumps([self.files, self.troubles]).encode()).hexdigest()

    def inputs(self, part: PartNumber, given: Sequence[Path]) -> Iterator[Input | Trouble]:
        """Yield the files of ``part`` with their numbers, and all troubles.

        ``given``: the listed paths as this machine has them, in the order of the listing.  Raise
        CaseError if their number differs, or if a file is not the listed one.
        """
        names = [*dict.fromkeys(map(os.fspath, given))]
        if len(names) != len(self.given):
            raise CaseError("part.other_paths", listed=len(self.given), given=len(names))
        starts = self.given if sorted(names) == sorted(self.given) else names
        for number in sorted(self._numbers(part)):
            place, below, display, size, mtime_ns = self.files[number - 1]
            path = Path(starts[place]) / below
            with suppress(OSError):  # what cannot be opened is a trouble of its source
                status = path.stat()
                if (status.st_size, status.st_mtime_ns) != (size, mtime_ns):
                    raise CaseError("part.source_changed", source=number)
            yield Input(path, display, size, mtime_ns, number)
        for member, reason, detail, lost in self.troubles:
            yield Trouble(member, reason, detail, lost=lost)

    def _numbers(self, part: PartNumber) -> list[int]:
        """Return the numbers of the sources of ``part``.

        The largest shard goes to the part that has least.
        """
        sources = [
            Source(number, "", "", size, 0, 1)
            for number, (*_, size, _time) in enumerate(self.files, 1)
        ]
        runs = [
            (-sum(each.size + _OPENING for each in run), [each.source for each in run])
            for run in group_runs(sources)
        ]
        loads = [(0, number) for number in range(1, part.of + 1)]
        found: list[int] = []
        for size, numbers in sorted(runs):
            load, number = loads[0]
            heapq.heapreplace(loads, (load - size, number))
            if number == part.number:
                found += numbers
        return found


def _publish(aside: Path, file: Path) -> None:
    """Give a complete file its name, unless another one has it by now."""
    try:
        os.link(aside, file)
    except FileExistsError:
        pass
    except OSError:  # a file system without links; equal listings differ in nothing
        aside.replace(file)


def part_facts(listing: Listing, part: PartNumber) -> dict[str, Any]:
    """Return the identity of a part, as its job store and its manifest have it."""
    return {**asdict(part), "listing": listing.sha256, "sources": len(listing.files)}
