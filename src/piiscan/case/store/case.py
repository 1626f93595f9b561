"""Case folder: location of all files of a case, and queries on its tables.

Folders have mode 0700, files 0600:

- ``findings/``, ``records/``, ``ledger/`` (purchases and sales), ``alarms/``, ``sendings/`` (files
  that messages mention), ``doubts/`` (what a second pass may settle), ``clear/`` (values, only with
  --reveal): Parquet shards, each of one large source or of the small ones of a block.
- ``tables/``, then ``tables-0002/`` …: counted tables, one folder a generation.
- ``manifest.json``: hashes of all of these; ``manifest.mac``: its keyed checksum.
- ``parts/``: logs and manifests of the parts that a merge joined.
- ``log.jsonl``: events; ``log.head``: its last hash; ``log.mac``: a keyed checksum of that.
- ``ledger.sqlite``: sources of a scan with their state.

Paths and member names inside the shards are exact, so that a finding can be located again; tables,
pages and terminal show them masked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from piiscan.arguments import existing
from piiscan.case.integrity.verify import Difference, verify_case
from piiscan.case.store.audit_log import AuditLog, open_log
from piiscan.case.store.connection import connect, literals
from piiscan.case.store.count_store import Count, StoredTables, latest_count, read_tables
from piiscan.case.store.manifest import Manifest, latest_manifest
from piiscan.case.store.plain_files import refuse_links, verified_path
from piiscan.errors import CaseError
from piiscan.hashing.key import Key, key_at_hand
from piiscan.output_files import check_outside, find_overlap, make_private_folder
from piiscan.plugins import rule_folder
from piiscan.schemas import (
    ALARMS,
    CLEAR_VALUES,
    DISPLAY_NAMES,
    DOUBTS,
    ERRORS,
    FILE_TRANSFERS,
    FILES,
    FINDINGS,
    PARTS,
    RECORDS,
    SOURCE_DOUBTS,
    SOURCES,
    TRANSACTIONS,
)
from piiscan.wording.words import Language, Words, find_code

#: Tables of a case that are one Parquet file each, in ``tables/``.
STORED: Final[Mapping[str, pa.Schema]] = {
    "sources": SOURCES,
    "parts": PARTS,
    "errors": ERRORS,
    "names": DISPLAY_NAMES,
    "files": FILES,
    "known": DOUBTS,
}
#: Tables of a case that are sharded by source, each in a folder of its name.
SHARDED: Final[Mapping[str, pa.Schema]] = {
    "findings": FINDINGS,
    "records": RECORDS,
    "ledger": TRANSACTIONS,
    "alarms": ALARMS,
    "sendings": FILE_TRANSFERS,
    "doubts": SOURCE_DOUBTS,
    "clear": CLEAR_VALUES,
}

#: Parts of the column ``coarse`` of findings, as columns for ``sql``.
_COARSE: Final = (
    "nullif(split_part(coarse, '/', 1), '') as province",
    "nullif(split_part(coarse, '/', 2), '') as age_band",
    "nullif(split_part(coarse, '/', 3), '') as carrier",
    "nullif(split_part(coarse, '/', 4), '') as sex",
)


@dataclass(frozen=True, slots=True)
class Case:
    """A finished case: its folder, its newest manifest, and files that open it and its sources.

    Attributes:
        key: file of its key. The log is written under that key, else under the user's own if it is
            the key of the case
        recognizers: folder or pack of own recognizers that the scan had
        passwords: file with passwords of encrypted sources
        operator: who works with the case, for each line of the log
    """

    path: Path
    manifest: Manifest
    key: Path | None = None
    recognizers: Path | None = None
    passwords: Path | None = None
    operator: str = ""

    @classmethod
    def open(cls, path: str | Path, *, key: Path | None = None, is_part: bool = False) -> Case:
        """Open the case at ``path``; ``is_part``: or a part of a case.

        Raise CaseError if no scan into it was ever finished or it is a part, ChangedFileError if
        its manifest is not the one that its log names.
        """
        path = Path(path)
        if not path.is_dir():
            raise CaseError("case.no_folder", path=path)
        refuse_links(path)
        manifest = latest_manifest(path)
        if manifest is None:
            raise CaseError("case.unfinished", path=path)
        if not is_part and (part := manifest.content.get("part")):
            raise CaseError("part.to_merge", path=path, part=f"{part['number']}/{part['of']}")
        return cls(path, manifest, key)

    @classmethod
    def of(cls, case: str | Path | Case, *, operator: Any = "", **files: str | Path | None) -> Case:
        """Return ``case``, opened if it is a path, with its paths (key, passwords …) set.

        ``operator``: who works; "" leaves him as he is. ``files``: key, recognizers, passwords;
        None leaves a path as it is. Raise MissingPathError if one of the last two does not exist.
        """
        opened = case if isinstance(case, Case) else cls.open(case)
        opened = replace(opened, operator=operator or opened.operator)
        given: dict[str, Any] = {n: Path(path) for n, path in files.items() if path is not None}
        for name, check in (("recognizers", rule_folder), ("passwords", existing)):
            if name in given:
                given[name] = check(given[name])
        return replace(opened, **given)

    def open_log(self) -> AbstractContextManager[AuditLog]:
        """Return a context of the log, open for appending with key and operator of the case."""
        return open_log(self.path, self.key, operator=self.operator)

    def log_under_lock(self) -> AbstractContextManager[AuditLog]:
        """Return a context of the log for whoever holds the job store already."""
        log = AuditLog(self.path / "log.jsonl", self.key_at_hand(), operator=self.operator)
        return closing(log)

    def key_at_hand(self) -> Key | None:
        """Return the key of the case from its file, else the user's own; None without one.

        Raise CaseError if the named file is another key.
        """
        known = self.manifest.content["settings"]["key"]
        return key_at_hand(self.key, case=self.path, known=known)

    @property
    def tables_folder(self) -> Path:
        """Return the folder of the counted tables of the newest generation."""
        return tables_folder(self.path, self.manifest.generation)

    def source_shards(self, kind: str, *, only: int | None = None) -> dict[int, Path]:
        """Return source number -> Parquet file of its shard of ``kind`` (``findings`` …).

        The shard has rows of other sources as well. ``only``: number of the one source that is
        wanted. Raise ChangedFileError if a file is not the one in the manifest.
        """
        names = {
            source["source"]: (name, sha256)
            for source in self.manifest.content["sources"]
            if only in (None, source["source"])
            for name, sha256 in source["files"].items()
            if name.startswith(f"{kind}/") and name.endswith(".parquet")
        }
        paths = {each: verified_path(self.path, *each) for each in dict.fromkeys(names.values())}
        return {source: paths[each] for source, each in names.items()}

    def shards(self, kind: str) -> list[Path]:
        """Return the Parquet files of the shards of ``kind`` (``findings`` …), by source."""
        return list(dict.fromkeys(self.source_shards(kind).values()))

    def _stored_path(self, name: str) -> Path | None:
        """Return the path of the stored table ``name``; None if the case has none."""
        file = f"{self.tables_folder.name}/{name}.parquet"
        sha256 = self.manifest.content["files"].get(file)
        return None if sha256 is None else verified_path(self.path, file, sha256)

    def dataset(self, kind: str = "findings") -> Any:
        """Return a pyarrow Dataset over the shards of ``kind``, which need not fit in memory."""
        import pyarrow.dataset as ds  # imports pandas, which is slow

        return ds.dataset([str(p) for p in self.shards(kind)], schema=SHARDED[kind])

    def findings(self) -> pa.Table:
        """Return every finding as one FINDINGS table, by source, then in reading order."""
        tables = [pq.read_table(path, schema=FINDINGS) for path in self.shards("findings")]
        return pa.concat_tables(tables) if tables else FINDINGS.empty_table()

    def stored(self, name: str) -> pa.Table:
        """Return the stored table ``name`` (``sources``, ``parts`` …); empty if it is missing.

        Older cases lack newer tables.
        """
        path = self._stored_path(name)
        if path is None:
            return STORED[name].empty_table()
        with pq.ParquetFile(path) as file:
            return file.read().cast(STORED[name])  # read_table imports pandas

    def sql(self, query: str) -> pa.Table:
        """Return the result of a DuckDB query over the case's shards and stored tables.

        Their names are in :data:`SHARDED` and :data:`STORED`. ``findings`` also has its
        coarse attributes as columns: province, age_band, carrier, sex.

        Memory is bounded and spill goes to the case's own ``tmp``; nothing is downloaded.
        """
        with connect(self.path / "tmp") as connection:
            for name in SHARDED:
                _create_view(connection, name, self.shards(name), SHARDED[name])
            for name in STORED:
                path = self._stored_path(name)
                _create_view(connection, name, [path] if path else [], STORED[name])
            return connection.sql(query).to_arrow_table()

    def tables(self) -> dict[str, list[dict[str, Any]]]:
        """Return the counted tables by name (kinds, combinations …), rows with English keys.

        The tables of the newest count (ladder, units …) are included once there is one.
        """
        return dict(self.stored_tables())

    def stored_tables(self) -> StoredTables:
        """Return the counted tables, each read when it is asked for."""
        count, tables = self.count(), self.scan_tables()
        return tables if count is None else tables | count.stored_tables()

    def scan_tables(self) -> StoredTables:
        """Return the tables of the newest scan by name (kinds …), rows with English keys."""
        start, content = f"{self.tables_folder.name}/", self.manifest.content
        files = content["files"].items()
        tables = {n.removeprefix(start): sha256 for n, sha256 in files if n.startswith(start)}
        return read_tables(self.tables_folder, tables, content["empty"])

    def count(self) -> Count | None:
        """Return the newest count of the newest manifest; None if it was not counted yet."""
        count = latest_count(self.path)
        current = count is not None and count.content["manifest"] == self.manifest.sha256
        return count if current else None

    def words(self, language: Language) -> Words:
        """Return the wording with the names of the catalogue and of the count's rules."""
        count = self.count()
        rules = {} if count is None else {"rules": count.content.get("words", {})}
        return Words(language, {**self.manifest.content["vocabulary"], **rules})

    def shown(self) -> dict[str, str]:
        """Return name -> masked name for the paths and members that contain personal data."""
        names = self.stored("names").to_pydict()
        return dict(zip(names["name"], names["shown"], strict=True))

    def source_names(self, *, clear: bool = False) -> dict[int, str]:
        """Return the display name of each source by number; its exact path if ``clear``."""
        display_names, sources = {} if clear else self.shown(), self.manifest.content["sources"]
        return {each["source"]: display_names.get(each["path"], each["path"]) for each in sources}

    def entity_code(self, name: str) -> str:
        """Return the code of an entity by its code or by its name in any language of the case.

        Raise CaseError if the case has no such entity.

            手机号 -> CN_MOBILE
        """
        code = find_code(self.manifest.content["vocabulary"].get("entities", {}), name)
        if code is None:
            raise CaseError("case.no_kind", name=name)
        return code

    def verify(self) -> list[Difference]:
        """Return the differences from the manifest; empty if case and sources are unchanged."""
        return verify_case(self.path)


def tables_folder(case: Path, generation: int) -> Path:
    """Return the tables folder of a generation: ``tables``, ``tables-0002`` and so on."""
    return case / ("tables" if generation == 1 else f"tables-{generation:04d}")


def make_folders(path: Path) -> Path:
    """Create the case (0700) if absent, and its ``tmp`` folder; return the path of ``tmp``.

    Raise CaseError if ``path`` is a folder with files that is no case.
    """
    try:
        if path.exists() and not (path / "ledger.sqlite").exists() and any(path.iterdir()):
            raise CaseError("case.not_empty", path=path)
        if path.exists():
            refuse_links(path)
        make_private_folder(path / "tmp")
        if not (path / "ledger.sqlite").exists():
            path.chmod(0o700)  # an empty folder that somebody made
    except OSError as error:
        raise CaseError("case.unusable_folder", path=path, reason=error.strerror) from error
    return path / "tmp"


def check_no_overlap(case: Path, sources: Iterable[Path]) -> None:
    """Raise CaseError if the case is inside a source or a source inside the case."""
    found = find_overlap(case, sources)
    if found is None:
        return
    source, inside = found
    if inside:
        raise CaseError("case.inside_source", case=case, source=source)
    raise CaseError("case.inside_case", source=source, case=case)


def check_output_path(case: Case, out: Path) -> None:
    """Raise CaseError if ``out`` would be written into a source or among the case's files."""
    check_outside(out, [Path(each["place"]) for each in case.manifest.content["sources"]])
    if out.resolve().is_relative_to(case.path.resolve()):
        raise CaseError("case.holds_output", path=out, case=case.path)


def _create_view(connection: Any, name: str, paths: list[Path], schema: pa.Schema) -> None:
    """Create the view ``name`` over Parquet files; an empty view without files."""
    columns = "".join(f", {each}" for each in _COARSE) if "coarse" in schema.names else ""
    if paths:
        files = literals(paths)
        connection.execute(
            f'create view "{name}" as select *{columns} from read_parquet([{files}])'
        )
    else:
        connection.register(f"{name}_none", _string_schema(schema).empty_table())
        connection.execute(f'create view "{name}" as select *{columns} from "{name}_none"')


def _string_schema(schema: pa.Schema) -> pa.Schema:
    """Return the schema as DuckDB reads it from Parquet: dictionaries become strings."""
    fields = [
        pa.field(f.name, f.type.value_type if pa.types.is_dictionary(f.type) else f.type)
        for f in schema
    ]
    return pa.schema(fields)
