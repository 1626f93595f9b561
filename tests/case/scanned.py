"""Cases of files that a test writes itself, and the rows that a query finds in them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from piiscan import Case
from tests.case.dump import scan_dump


def write_files(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write files by their names below a folder; texts are UTF-8. Return the folder."""
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return folder


def scan_files(home: Path, files: Mapping[str, str | bytes], **options: Any) -> Case:
    """Write files into ``home/dump``, and scan the folder into ``home/case``."""
    return scan_dump([write_files(home / "dump", files)], home / "case", **options)


def query_rows(case: Case, query: str) -> list[tuple[Any, ...]]:
    """Return the rows of a query as tuples."""
    return [tuple(row.values()) for row in case.sql(query).to_pylist()]


def rows_by_file(case: Case, query: str) -> dict[str, list[tuple[Any, ...]]]:
    """Return file name without ending -> rows of a query whose first column is ``source``."""
    stems = {s["source"]: Path(s["path"]).stem for s in case.manifest.content["sources"]}
    found: dict[str, list[tuple[Any, ...]]] = {stem: [] for stem in stems.values()}
    for source, *row in query_rows(case, query):
        found[stems[source]].append(tuple(row))
    return found
