"""Zip archives: every file inside is read by its own format."""

from __future__ import annotations

from typing import Final

from piiscan.sources.archives.archive import open_members
from piiscan.sources.archives.spool import seekable_content
from piiscan.sources.format import Format, Opened, Sample, container_format
from piiscan.sources.read_context import ReadContext


def _open(sample: Sample, context: ReadContext) -> Opened:
    """Yield the members of a zip archive, bytes outside of them, and a Trouble per problem."""
    content = seekable_content(sample.content)
    yield from open_members(
        content, context.usage, seed=context.seed, passwords=context.passwords, comments=True
    )


def _ends_as_zip(sample: Sample) -> bool:
    """Return True for binary bytes that end with a zip directory (self-extracting)."""
    return sample.guess is None and b"PK\x05\x06" in sample.content.windows[-1].data[-(64 << 10) :]


FORMATS: Final = (
    container_format("zip", 20, _open, extensions=("zip", "jar"), container=True),
    container_format("epub", 20, _open, extensions=("epub",), container=True),
    Format("zip", 44, _open, probe=_ends_as_zip, container=True),
)
