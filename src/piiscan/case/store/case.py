"""A case folder: where everything of a case lies, and how to ask it.

Folders are 0700, files 0600.  ``findings/``, ``records/``, ``ledger/`` (what was bought and sold),
``alarms/`` and ``sendings/`` (files that messages name) hold one Parquet shard a source, ``clear/``
the values (only with --reveal), ``tables/`` (``tables-0002/`` …) what was counted,
``manifest.json`` what all of that is, ``log.jsonl`` what was done (``log.head`` its end),
``ledger.sqlite`` how far a run got.  Paths and member names inside the shards are exact, as places
must be found again; tables, pages and terminal show them masked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from piiscan.case.integrity.verify import Difference, verify_case
from piiscan.case.store.connection import connect, literals
from piiscan.case.store.count_store import Count, latest_count, read_tables
from piiscan.case.store.manifest import Manifest, latest_manifest
from piiscan.errors import CaseError
from piiscan.output_files import check_outside, entangled
from piiscan.schemas import (
    ALARMS,
    CLEAR,
    ERRORS,
    FILES,
    FINDINGS,
    LEDGER,
    NAMES,
    PARTS,
    RECORDS,
    SENDINGS,
    SOURCES,
)

#: Tables of a case that are Parquet files themselves, in ``tables/``.
STORED: Final[Mapping[str, pa.Schema]] = {
    "sources": SOURCES,
    "parts": PARTS,
    "errors": ERRORS,
    "names": NAMES,
    "files": FILES,
}
#: Tables of a case that are sharded by source, each in a folder of its name.
SHARDED: Final[Mapping[str, pa.Schema]] = {
    "findings": FINDINGS,
    "records": RECORDS,
    "ledger": LEDGER,
    "alarms": ALARMS,
    "sendings": SENDINGS,
    "clear": CLEAR,
}

#: The parts of the column ``coarse`` of findings, which ``sql`` shows as columns of their own.
_COARSE: Final = (
    "nullif(split_part(coarse, '/', 1), '') as province",
    "try_cast(split_part(coarse, '/', 2) as smallint) as birth_year",
    "nullif(split_part(coarse, '/', 3), '') as carrier",
    "nullif(split_part(coarse, '/', 4), '') as sex",
)


@dataclass(frozen=True, slots=True)
class Case:
    """A finished case: its folder and its newest manifest."""

    path: Path
    manifest: Manifest

    @classmethod
    def open(cls, path: str | Path) -> Case:
        """The case at ``path``; CaseError if no scan into it was ever finished."""
        path = Path(path)
        if not path.is_dir():
            raise CaseError(f"{path}: no such case folder")
        manifest = latest_manifest(path)
        if manifest is None:
            raise CaseError(
                f"{path} is no finished case (no manifest); run the same scan again to finish it"
            )
        return cls(path, manifest)

    @property
    def tables_folder(self) -> Path:
        """Where the counted tables of the newest generation lie."""
        return tables_folder(self.path, self.manifest.generation)

    def shards(self, kind: str) -> list[Path]:
        """The Parquet files of a kind of :data:`SHARDED` that count now, by source."""
        return [
            self.path / name
            for source in self.manifest.content["sources"]
            for name in source["files"]
            if name.startswith(f"{kind}/") and name.endswith(".parquet")
        ]

    def dataset(self, kind: str = "findings") -> Any:
        """A pyarrow Dataset over the shards of ``kind``, for cases larger than memory."""
        import pyarrow.dataset as ds  # brings pandas along: 0.14 s

        return ds.dataset([str(p) for p in self.shards(kind)], schema=SHARDED[kind])

    def findings(self) -> pa.Table:
        """Every finding: a FINDINGS table, by source, then in reading order."""
        return self._sharded("findings")

    def _sharded(self, kind: str) -> pa.Table:
        tables = [pq.read_table(path, schema=SHARDED[kind]) for path in self.shards(kind)]
        return pa.concat_tables(tables) if tables else SHARDED[kind].empty_table()

    def stored(self, name: str) -> pa.Table:
        """A table of :data:`STORED`; empty if the case is older than that table."""
        if f"{self.tables_folder.name}/{name}.parquet" not in self.manifest.content["files"]:
            return STORED[name].empty_table()
        with pq.ParquetFile(self.tables_folder / f"{name}.parquet") as file:
            return file.read().cast(STORED[name])  # read_table brings pandas along

    def sql(self, query: str) -> pa.Table:
        """The answer to a DuckDB query over the tables of :data:`SHARDED` and :data:`STORED`.

        ``findings`` has its coarse attributes as columns too: province, birth_year, carrier, sex.

        Memory is bounded and spill goes to the case's own ``tmp``; nothing is downloaded.
        """
        with connect(self.path / "tmp") as base:
            for name in SHARDED:
                _view(base, name, self.shards(name), SHARDED[name])
            for name in STORED:
                path = self.tables_folder / f"{name}.parquet"
                _view(base, name, [path] if path.exists() else [], STORED[name])
            return base.sql(query).to_arrow_table()

    def tables(self) -> dict[str, list[dict[str, Any]]]:
        """The counted tables by name (kinds, combinations …), rows with English keys.

        Those of the newest count (ladder, units …) are among them once there is one.
        """
        found = read_tables(self.tables_folder)
        count = self.count()
        return found if count is None else found | count.tables()

    def count(self) -> Count | None:
        """The newest count of what this manifest says; None if it was not counted yet."""
        count = latest_count(self.path)
        current = count is not None and count.content["manifest"] == self.manifest.sha256
        return count if current else None

    def shown(self) -> dict[str, str]:
        """How paths and member names that hold personal data are shown; others as they are."""
        names = self.stored("names").to_pydict()
        return dict(zip(names["name"], names["shown"], strict=True))

    def source_names(self, *, clear: bool = False) -> dict[int, str]:
        """How each source is shown, by its number; ``clear``: its path as it is."""
        shown, sources = {} if clear else self.shown(), self.manifest.content["sources"]
        return {each["source"]: shown.get(each["path"], each["path"]) for each in sources}

    def verify(self) -> list[Difference]:
        """What is not as the manifest says; empty when the case and its sources are unchanged."""
        return verify_case(self.path)


def tables_folder(case: Path, generation: int) -> Path:
    """Where the tables of a generation lie: ``tables``, ``tables-0002`` and so on."""
    return case / ("tables" if generation == 1 else f"tables-{generation:04d}")


def make_folders(path: Path) -> Path:
    """The case's ``tmp``; the case is made, 0700, if absent.

    CaseError if ``path`` is a folder with anything in it that is no case.
    """
    try:
        if path.exists() and not (path / "ledger.sqlite").exists() and any(path.iterdir()):
            raise CaseError(f"{path} is not empty and no case; give a new folder (--case DIR)")
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        (path / "tmp").mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise CaseError(f"{path} cannot be the case folder: {error.strerror}") from error
    return path / "tmp"


def check_apart(case: Path, sources: Iterable[Path]) -> None:
    """Nothing; CaseError if the case lies inside a source or a source inside the case (E1)."""
    found = entangled(case, sources)
    if found is None:
        return
    source, inside = found
    if inside:
        raise CaseError(
            f"the case {case} lies inside the source {source}; evidence is never written to:"
            " give a folder elsewhere (--case DIR)"
        )
    raise CaseError(f"the source {source} lies inside the case {case}; scan the original")


def check_free(case: Case, out: Path) -> None:
    """Nothing; CaseError if ``out`` would be written into a source or among the case's files."""
    check_outside(out, [Path(each["place"]) for each in case.manifest.content["sources"]])
    if out.resolve().is_relative_to(case.path.resolve()):
        raise CaseError(
            f"{out} lies inside the case {case.path}, where every file is accounted for;"
            " choose another"
        )


def _view(base: Any, name: str, paths: list[Path], schema: pa.Schema) -> None:
    """A DuckDB view over Parquet files; an empty one of the right columns without files."""
    told = "".join(f", {each}" for each in _COARSE) if "coarse" in schema.names else ""
    if paths:
        files = literals(paths)
        base.execute(f'create view "{name}" as select *{told} from read_parquet([{files}])')
    else:
        base.register(f"{name}_none", _plain(schema).empty_table())
        base.execute(f'create view "{name}" as select *{told} from "{name}_none"')


def _plain(schema: pa.Schema) -> pa.Schema:
    """The schema as DuckDB sees it in Parquet: words are strings."""
    fields = [
        pa.field(f.name, f.type.value_type if pa.types.is_dictionary(f.type) else f.type)
        for f in schema
    ]
    return pa.schema(fields)
