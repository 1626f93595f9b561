"""Copies of tar archives and of files packed by gzip, bzip2 or xz: each member is copied.

A picture that WeChat masks is copied without that mask. A tar archive has names and bytes only;
its links, dates and owners are left out.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

from piiscan.copies.archive_copy import CopyMember, copy_or_lose
from piiscan.errors import SourceError
from piiscan.sources.block import Trouble
from piiscan.sources.content import Content
from piiscan.sources.format import Sample
from piiscan.sources.formats import fitting_formats
from piiscan.sources.limits import BudgetUsage
from piiscan.sources.read_context import ReadContext

_MEMORY_BYTES: Final = 32 << 20
#: Packers by the name of the format.
_PACKERS: Final[dict[str, Callable[[BinaryIO], Any]]] = {
    "tar": partial(tarfile.open, None, "w|", format=tarfile.PAX_FORMAT),
    "gzip": lambda out: gzip.GzipFile("", "wb", fileobj=out, mtime=0),
    "bzip2": partial(bz2.BZ2File, mode="wb"),
    "xz": partial(lzma.LZMAFile, mode="wb"),
    "picture of WeChat": nullcontext,
}
#: Names of the formats that are copied so.
STREAMS: Final = tuple(_PACKERS)
#: Members that a packed file has beside its bytes: texts of its header, bytes behind its end.
_BESIDE: Final = ("#comment", "#trailing")


def open_stream_members(content: Content, usage: BudgetUsage) -> Iterator[Content | Trouble]:
    """Yield the members of a tar archive or packed file, and a Trouble per problem."""
    sample = Sample(content)
    context = ReadContext(lambda _: 0, usage.budget, 0, usage)
    for item in next(fitting_formats(sample)).open(sample, context):
        if isinstance(item, Content | Trouble):
            yield item


def copy_stream(
    content: Content,
    kind: str,
    out: BinaryIO,
    *,
    usage: BudgetUsage,
    copy: CopyMember,
    rename: Callable[[str], str],
    folder: Path,
) -> Iterator[Trouble]:
    """Write the redacted copy of a tar archive or packed file; yield a Trouble per member lost.

    Args:
        content: the archive or packed file.
        kind: one of STREAMS.
        out: binary file for the copy.
        usage: budget of unpacked bytes and nesting, shared with enclosing archives.
        copy: function that writes the redacted copy of one member.
        rename: function from a member's name to its redacted name.
        folder: folder for temporary files.

    Raises:
        SourceError: the member of a packed file cannot be copied.
    """
    prefix = f"{content.member}!" if content.member else ""
    written = set[str]()
    with _PACKERS[kind](out) as target:
        for member in open_stream_members(content, usage):
            if isinstance(member, Trouble):
                yield member
                continue
            name = member.member.removeprefix(prefix)
            if name in _BESIDE:
                yield Trouble(member.member, "NOT_MASKED", name)
                continue
            with tempfile.SpooledTemporaryFile(_MEMORY_BYTES, dir=str(folder)) as buffer:
                troubles, lost = copy_or_lose(copy, member, cast("BinaryIO", buffer))
                yield from troubles
                if lost is not None:
                    if kind != "tar":
                        raise SourceError(lost.reason, lost.detail)
                    yield lost
                    continue
                size = buffer.tell()
                buffer.seek(0)
                if kind == "tar":
                    entry = tarfile.TarInfo(_free_name(rename(name), written))
                    entry.size = size
                    target.addfile(entry, buffer)
                else:
                    shutil.copyfileobj(buffer, target, 1 << 20)


def _free_name(name: str, written: set[str]) -> str:
    """Return ``name``, numbered if a member in ``written`` has it, and add it there."""
    number, free = 1, name
    while free in written:
        number += 1
        free = f"{name}({number})"
    written.add(free)
    return free
