"""``piiscan sources``: inputs of a scan, their formats, and the unread parts with reasons.

Files are opened and sampled, archives unpacked in memory; nothing is searched and nothing written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from piiscan.case.scan.tables.coverage_table import CoveredFile, coverage_rows
from piiscan.case.scan.tables.unread_table import unread_advice
from piiscan.detect.catalog.catalog import load
from piiscan.detect.columns.header_names import count_header_names
from piiscan.progress import ByteCounter, Progress
from piiscan.sources.archives.read_options import read_passwords
from piiscan.sources.block import Trouble
from piiscan.sources.formats import all_formats
from piiscan.sources.read import open_tables
from piiscan.sources.selection import Selection
from piiscan.sources.walk import GivenPaths, Input, walk
from piiscan.wording.words import Words

#: Bytes of text that one processor scans in a second, and bytes of a case for each, at most: rows
#: full of names and numbers (benchmarks/record, corpus sale-7967).
_BYTES_A_SECOND: Final = 500_000
_CASE_BYTES: Final = 3
#: Bytes of text in a byte of a workbook, about.
_WORKBOOK_RATIO: Final = 4


@dataclass(frozen=True, slots=True)
class SourcePart:
    """One table or text that would be read, or one part that would not.

    ``kind`` is the kind of the table, "" for a part with a ``reason``; ``lost``: it is not read.
    ``file_size``: bytes of the file that has it.
    """

    path: str
    member: str
    size: int
    kind: str = ""
    encoding: str | None = None
    columns: int = 0
    reason: str = ""
    detail: str = ""
    lost: bool = False
    file_size: int = 0

    def advice(self, words: Words) -> str:
        """Return the next step for an unread part; "" for any other."""
        names = ("path", "member", "reason", "detail", "lost")
        row = {name: getattr(self, name) for name in names}
        return unread_advice(row, words) if self.reason else ""


def survey_sources(
    paths: Iterable[str | Path],
    *,
    only: Sequence[str] = (),
    skip: Sequence[str] = (),
    passwords: Path | None = None,
    progress: Progress | None = None,
) -> Iterator[SourcePart]:
    """Yield every table, text and unread part of ``paths``, in the order of a scan.

    The size of a table is that of the file or member; of its siblings it is 0.
    ``passwords``: file with those of encrypted files. ``progress`` is called with the state of
    the run. Raise PiiscanError for a word of ``only`` or ``skip`` that is no kind of file, or
    if a share vanishes.
    """
    selection = Selection(tuple(only), tuple(skip))
    selection.check(each.name for each in all_formats())
    given = [Path(path) for path in paths]
    start = GivenPaths(given)
    found = list(walk(given))
    start.check()
    sizes = (each.size for each in found if isinstance(each, Input))
    counter = ByteCounter(progress, "sources", sizes)
    tried = read_passwords(passwords).values
    known = partial(count_header_names, load())
    for each in found:
        if isinstance(each, Trouble):
            yield _unread(each.member, 0, Trouble("", each.reason, each.detail, lost=each.lost))
            continue
        opened = open_tables(
            each.path,
            count_names=known,
            selection=selection,
            display=each.display,
            passwords=tried,
            peek=True,
        )
        for item in opened:
            if isinstance(item, Trouble):
                yield _unread(each.display, each.size, item)
            else:
                for number, table in enumerate((item, *item.siblings)):
                    size = 0 if number else each.size if item.size is None else item.size
                    columns = 0 if table.kind == "text" else len(table.sample.columns)
                    yield SourcePart(
                        *(each.display, table.member, size, table.kind, table.encoding, columns),
                        file_size=each.size,
                    )
        counter.add(each.size)


def _unread(path: str, size: int, trouble: Trouble) -> SourcePart:
    """Return the part of a Trouble."""
    return SourcePart(
        *(path, trouble.member, size, "", None, 0, trouble.reason, trouble.detail, trouble.lost),
        file_size=size,
    )


def survey_coverage(parts: Iterable[SourcePart]) -> list[dict[str, Any]]:
    """Return the rows of the coverage of files by their parts (:mod:`coverage_table`)."""
    files: dict[str, CoveredFile] = {}
    for part in parts:
        file = files.setdefault(part.path, CoveredFile(part.file_size, [], []))
        if part.reason:
            lost = {"reason": part.reason, "lost": part.lost}
            files[part.path] = file._replace(troubles=[*file.troubles, lost])
        else:
            file.parts.append((part.member, part.encoding))
    return coverage_rows(files.values())


def estimate(parts: Iterable[SourcePart], processors: int) -> tuple[float, int]:
    """Return (seconds, bytes of disk) that a scan of ``parts`` takes at most, about.

    >>> estimate([SourcePart("a.csv", "", 5_000_000, "delimited")], 2)
    (5.0, 15000000)
    """
    sizes = {
        (part.path, part.member.partition("#")[0]): part.size
        * (_WORKBOOK_RATIO if part.kind == "sheet" else 1)
        for part in parts
        if part.kind and part.size
    }
    size = sum(sizes.values())
    return size / _BYTES_A_SECOND / processors, size * _CASE_BYTES
