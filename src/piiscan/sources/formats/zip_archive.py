"""Zip archives: every file inside is read by its own format."""

from __future__ import annotations

from typing import Final

from piiscan.errors import SourceError
from piiscan.sources.archive import open_members
from piiscan.sources.content import load_content
from piiscan.sources.format import Format, Opened, ReadContext, Sample


def _open(sample: Sample, context: ReadContext) -> Opened:
    """Yield the members of a zip archive in order, and a Trouble per problem."""
    content = sample.content
    loaded = load_content(content, context.budget.in_memory) if content.member else content
    if loaded is None:
        raise SourceError("MEMBER_TOO_LARGE", f"{content.size} bytes to be held")
    yield from open_members(loaded, context.usage, seed=context.seed)


def _is_plain_zip(sample: Sample) -> bool:
    """Return True for a zip file of no other kind, or of one that has no format here."""
    return sample.container_kind == "zip"


FORMATS: Final = (
    Format("zip", 20, _open, probe=_is_plain_zip, extensions=("zip", "jar"), container=True),
)
