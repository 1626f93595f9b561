"""Merge: one case of parts that were scanned anywhere, or of cases made with one key.

Parts have the numbers of their listing, so a case of parts has the shards and tables of one scan.
Sources of cases are numbered one after the other. The log of each part stays whole in ``parts/``,
and the log of the merged case names it. Until the manifest is there, the same merge starts again.
"""

from __future__ import annotations

import datetime
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import asdict, dataclass, field, replace
from itertools import chain, count
from pathlib import Path
from typing import Any

from piiscan.arguments import checked, existing_or_none, existing_paths
from piiscan.case.merge.merge_inputs import MergeInput, open_inputs
from piiscan.case.merge.merged_shards import MergedSource, ShardMerger
from piiscan.case.register import import_register
from piiscan.case.register.intake import KIND as REGISTER
from piiscan.case.report.html.case_page import restore_page
from piiscan.case.scan.block_scanner import ScanContext
from piiscan.case.scan.finish import finish
from piiscan.case.scan.messages.transferred_files import wants_checksums
from piiscan.case.scan.scan import scan_again
from piiscan.case.scan.scan_run import ScanRun, Worklist
from piiscan.case.scan.settings import ScanOptions, Settings, store_overrides
from piiscan.case.scan.shard_writer import error_row
from piiscan.case.store.attachments import all_attachments, latest_attachment, store_attachment
from piiscan.case.store.audit_log import AuditLog, line_hashes, now
from piiscan.case.store.case import SHARDED, Case, check_no_overlap, make_folders
from piiscan.case.store.job_store import JobStore, Source
from piiscan.case.store.manifest import all_manifests, code_facts, latest_manifest
from piiscan.case.store.recorded_files import recorded_files
from piiscan.case.store.shard_runs import group_runs, remove_leftovers
from piiscan.case.store.shards import check_disk, write_bytes
from piiscan.detect.catalog.catalog import Catalog, load
from piiscan.errors import CaseError
from piiscan.hashing.key import Key, default_key_path, load_key
from piiscan.output_files import make_private_folder
from piiscan.sources.archives.read_options import ReadOptions, read_passwords
from piiscan.sources.block import Trouble
from piiscan.sources.selection import Selection
from piiscan.sources.stores import is_present
from piiscan.sources.walk import GivenPaths


@checked
def merge(
    parts: Iterable[str | Path],
    *,
    case: str | Path,
    key: str | Path | None = None,
    operator: str = "",
    case_number: str = "",
    register: str | Path | None = None,
    recognizers: str | Path | None = None,
    passwords: str | Path | None = None,
) -> Case:
    r"""Join all parts of one listing, or cases made with one key, in the new case ``case``.

    The evidence is read again only for a second pass (``whole_case``), and if a message names an
    MD5 or SHA-1; else it need not be at hand.

    Args:
        parts: folders of the parts, in any order; or of cases, in the order of their sources.
        case: folder of the new case. A merge that was broken off starts again.
        key: file of the key that all were made with; default that of the user.
        operator: name for the manifest.
        case_number: number for the manifest.
        register: filled-in register of all sources, needed if the parts have different ones.
        recognizers: folder of own recognizers that the scans had.
        passwords: file with passwords of encrypted files, for a second pass.

    Raises:
        CaseError: a part is missing, given twice, of another listing, key or program, or has other
            settings, rules or a changed file; or evidence is needed and not at hand.
        MissingPathError: a part does not exist.

    >>> import datetime, piiscan
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place:
    ...     home, options = Path(place), {"key": Path(place, "my.key")}
    ...     (home / "seized").mkdir()
    ...     _ = (home / "seized" / "dump.csv").write_text("手机号\n13800138000\n", "utf-8")
    ...     for part in ("1/2", "2/2"):
    ...         _ = piiscan.scan(home / "seized", case=home / part[0], part=part, **options)
    ...     joined = merge([home / "2", home / "1"], case=home / "case", **options)
    ...     joined.sql("select source, masked from findings").to_pylist()
    [{'source': 1, 'masked': '138****8000'}]
    """
    paths, folder = existing_paths(parts), Path(case)
    if not paths:
        raise CaseError("merge.no_parts")
    check_no_overlap(folder, paths)
    digest_key = load_key(
        Path(key) if key else default_key_path(os.environ, Path.home()), case=folder, create=False
    )
    inputs = open_inputs(paths, digest_key)
    facts = [each.case.manifest.content for each in inputs]
    settings = Settings(**facts[0]["settings"])
    options = ScanOptions(
        operator=operator or _common([each["operator"] for each in facts]),
        case_number=case_number or _common([each["case_number"] for each in facts]),
        register=existing_or_none(register),
        min_score=settings.min_score,
        names=settings.names,
        reveal=settings.reveal,
        reading=ReadOptions(
            Selection(tuple(settings.only), tuple(settings.skip), settings.raw),
            read_passwords(existing_or_none(passwords)),
        ),
        whole_case=settings.whole_case,
    )
    catalog = load(recognizers)
    merged = CaseMerge(folder, inputs, settings, options, catalog, digest_key)
    merged.check()
    make_folders(folder)
    with closing(JobStore(folder / "ledger.sqlite", digest_key)) as store:
        if store.get("settings") is not None and store.get("merged") != merged.identity:
            raise CaseError("merge.other_case", path=folder)
        if latest_manifest(folder) is None:
            merged.write(store)
        if store.get("part") is not None:
            store.put("part", None)
    files = {"key": key, "recognizers": recognizers, "passwords": passwords}
    finished = Case.of(folder, **files)
    restore_page(finished, catalog=catalog)
    return finished


def _common(texts: Sequence[str]) -> str:
    """Return the one text, without empty ones; "" if they differ."""
    found = {*texts} - {""}
    return found.pop() if len(found) == 1 else ""


@dataclass(frozen=True, slots=True)
class CaseMerge:
    """Merge: folder of the new case, its inputs, and the settings of all their scans."""

    folder: Path
    inputs: Sequence[MergeInput]
    settings: Settings
    options: ScanOptions
    catalog: Catalog = field(repr=False)
    key: Key

    @property
    def identity(self) -> dict[str, Any]:
        """Return the inputs of the merge, as the job store has them."""
        return {"merge": sorted(each.case.manifest.sha256 for each in self.inputs)}

    @property
    def as_of(self) -> datetime.date:
        """Return the day of all scans."""
        return datetime.date.fromisoformat(self.settings.as_of)

    def check(self) -> None:
        """Raise CaseError if rules or passwords are not those of the scans.

        Also if the inputs have different registers and no joint one is given, or if a source must
        be read again and is not at hand.
        """
        own = asdict(Settings.of(self.options, self.catalog, self.key, as_of=self.as_of))
        names = {name for name, value in asdict(self.settings).items() if own[name] != value}
        if not self.settings.whole_case:
            names.discard("passwords")  # nothing is read again
        if names:
            path = self.inputs[0].case.path
            raise CaseError("merge.other_options", path=path, options=tuple(sorted(names)))
        latest = {r.sha256 for i in self.inputs if (r := latest_attachment(i.case.path, REGISTER))}
        if len(latest) > 1 and self.options.register is None:
            raise CaseError("merge.registers", count=len(latest))
        wanted: list[Source] = []
        if self.settings.whole_case:
            wanted += (s for i in self.inputs for s in i.sources if i.shards("doubts", [s]))
        if wants_checksums(path for i in self.inputs for path in i.shards("sendings")):
            wanted += (s for i in self.inputs for s in i.sources)
        absent = [each for each in wanted if not is_present(Path(each.absolute_path))]
        if absent:
            raise CaseError("merge.no_evidence", count=len(absent))

    def write(self, store: JobStore) -> None:
        """Write all of the case but its page; its manifest is last."""
        store.put("part", self.identity)  # no scan goes on with it
        store.put("merged", self.identity)
        store.put("settings", asdict(self.settings))
        store.put("corrections", self.inputs[0].corrections)
        store.put("code", code_facts())
        sources, troubles = number_sources(self.inputs)
        troubles += [row for each in self.inputs for row in each.troubles]
        with closing(AuditLog(self.folder / "log.jsonl", self.key)) as log:
            started = now()
            log.append("merge", moment=started, parts=len(self.inputs), sources=len(sources))
            remove_leftovers(self.folder, SHARDED, [], generation=1)
            merged = self._write_shards(sources)
            store.add_sources([], generation=1)
            store.finish_sources(merged)
            store.add_troubles(troubles)
            self._store_logs(log)
            self._store_registers(log)
            context = ScanContext.by_settings(self.settings, self.catalog, self.key.secret)
            run = ScanRun(
                *(self.folder, self.options, started, store, log, self.settings),
                *(store_overrides(store, None), context, self.key.mac_key),
                *(Worklist(1, merged), GivenPaths([])),
            )
            finish(run, scan_again(run) if self.settings.whole_case else None, self._facts())

    def _write_shards(self, sources: Sequence[MergedSource]) -> list[Source]:
        """Write the shards of all sources; return the sources with their shards."""
        folders = {each.case.path: each.sources for each in self.inputs}
        files = [path for each in self.inputs for kind in SHARDED for path in each.shards(kind)]
        check_disk(self.folder, needed=sum(path.stat().st_size for path in files))
        by_number = {each.source.source: each for each in sources}
        merged: list[Source] = []
        with ThreadPoolExecutor(1, thread_name_prefix="writing") as pool:
            shards = ShardMerger(self.folder, folders, pool)
            for run in group_runs(each.source for each in sources):
                merged += shards.merge([by_number[each.source] for each in run])
        return merged

    def _store_logs(self, log: AuditLog) -> None:
        """Store log and manifests of each input in ``parts/``, and name them in ``log``."""
        known = recorded_files(self.folder).files
        for number, each in enumerate(self.inputs, 1):
            part = {"part": number, "lines": len(line_hashes(each.case.path / "log.jsonl"))}
            manifests = [each.path.name for each in all_manifests(each.case.path)]
            earlier = [r.name for r in recorded_files(each.case.path).of_kind("part")]
            for path in ("log.jsonl", *manifests, *earlier):
                name = f"parts/{number:04d}/{path}"
                content = (each.case.path / path).read_bytes()
                make_private_folder((self.folder / name).parent)
                sha256 = write_bytes(self.folder / name, content, temporary=self.folder / "tmp")
                if name not in known:
                    log.append("part", moment=now(), **part, file=name, sha256=sha256)

    def _store_registers(self, log: AuditLog) -> None:
        """Store each register of an input once, and the joint one last."""
        stored = {each.sha256 for each in all_attachments(self.folder, REGISTER)}
        for each in (r for i in self.inputs for r in all_attachments(i.case.path, REGISTER)):
            if each.sha256 not in stored:
                stored.add(each.sha256)
                content, suffix = each.content(), Path(each.name).suffix
                store_attachment(self.folder, REGISTER, content, suffix=suffix, log=log)
        if self.options.register is not None:
            import_register(self.folder, self.options.register, log=log)

    def _facts(self) -> dict[str, Any]:
        """Return the entries of the manifest that come from the inputs."""
        contents = [each.case.manifest.content for each in self.inputs]
        mounts: Counter[str] = Counter()
        for each in contents:
            mounts.update(each["mounts"])
        names = ("tool", "operator", "started", "finished", "settings_sha256", "part")
        return {
            "started": min(each["started"] for each in contents),
            "mounts": dict(sorted(mounts.items())),
            "parts": [
                {"sha256": each.case.manifest.sha256, "sources": len(each.sources)}
                | {name: each.case.manifest.content.get(name) for name in names}
                for each in self.inputs
            ],
        }


def number_sources(inputs: Sequence[MergeInput]) -> tuple[list[MergedSource], list[dict[str, Any]]]:
    """Return the sources of a merged case with their numbers, and troubles of those given twice.

    Sources of parts have their numbers. Those of cases follow each other; a path that an earlier
    case has with the same content is left out, and with another content it gets the name of its
    case: ``a.csv`` of ``office2`` -> ``a (office2).csv``.
    """
    found: list[MergedSource] = []
    troubles: list[dict[str, Any]] = []
    seen: dict[str, str] = {}  # place -> SHA-256
    for each in inputs:
        name = each.case.path.name
        for source in each.sources:
            sha256 = source.outcome.sha256
            labels = chain(("", f" ({name})"), (f" ({name} {n})" for n in count(2)))
            named = next(
                labelled
                for labelled in (_with_label(source, label) for label in labels)
                if seen.get(labelled.absolute_path, sha256) == sha256
            )
            if named.absolute_path in seen:
                detail = "read under its first path"
                trouble = Trouble(source.path, "GIVEN_TWICE", detail, lost=False)
                troubles.append(error_row(trouble))
                continue
            seen[named.absolute_path] = sha256
            number = source.source if each.part else len(found) + 1
            numbered = replace(named, source=number, generation=1)
            found.append(MergedSource(numbered, source.source, each.case.path))
    return found, troubles


def _with_label(source: Source, label: str) -> Source:
    """Return ``source`` with ``label`` in its path, and behind its place, where no file is then."""
    folder, slash, name = source.path.rpartition("/")
    at = len(name) - len(Path(name).suffix)
    path = f"{folder}{slash}{name[:at]}{label}{name[at:]}"
    return replace(source, absolute_path=source.absolute_path + label, path=path)
