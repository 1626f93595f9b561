"""Findings of a case read again from their sources, for the tests here."""

from collections.abc import Mapping
from typing import Any

from piiscan import Case
from piiscan.case.lookup.reread import reread_rows
from piiscan.detect.catalog.catalog import load
from tests.sources.formats.document import planted
from tests.sources.formats.test_registry import zipped


def read_again(case: Case, name: str, where: str = "true") -> list[tuple[dict[str, Any], str]]:
    """Each finding of the source that is, or is in, ``name``, and the text at its place."""
    sources = case.manifest.content["sources"]
    (source,) = (each for each in sources if f"/{name}/" in f"{each['path']}/")
    query = f"select * from findings where source = {source['source']} and {where}"
    rows: list[dict[str, Any]] = case.sql(query).to_pylist()
    lines = reread_rows(source, {(row["member"], row["row"]) for row in rows}, load(None))
    found = []
    for row in rows:
        cell = lines[row["member"], row["row"]].cells[max(row["column"] - 1, 0)] or ""
        found.append((row, cell[row["start"] : row["end"]]))
    return found


def packed(parts: Mapping[str, str | bytes]) -> bytes:
    """Return the file of a document of these parts."""
    return zipped(
        {
            name: part if isinstance(part, bytes) else planted.fill(part)
            for name, part in parts.items()
        }
    )


def word_file(body: str, **more: str | bytes) -> bytes:
    """Return a Word file; ``more``: further parts by their paths below ``word/``."""
    document = f"<w:document {planted.W}>{body}</w:document>"
    return packed({"word/document.xml": document, **{f"word/{n}": p for n, p in more.items()}})


def slide_file(body: str) -> bytes:
    """Return a presentation of one slide."""
    slide = f"<p:sld {planted.P}>{body}</p:sld>"
    return packed({"ppt/presentation.xml": "<a/>", "ppt/slides/slide1.xml": slide})
