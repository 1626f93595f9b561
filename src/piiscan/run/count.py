"""A case -> a count: records, keys, the ladder, doubts; as often as wanted, never rescanned."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from piiscan.evidence.case import Case
from piiscan.evidence.count.board import Files, board
from piiscan.evidence.count.business import contact_headers
from piiscan.evidence.count.candidates import Desk, Source
from piiscan.evidence.count.gather import gather, write_persons
from piiscan.evidence.count.placed import placed_table
from piiscan.evidence.count.priority import Priorities
from piiscan.evidence.count.tables import count_tables
from piiscan.evidence.counts import Count, count_folder, latest_count, write_count
from piiscan.evidence.ledger import Ledger
from piiscan.evidence.log import Log
from piiscan.evidence.manifest import tool_facts
from piiscan.evidence.shards import flush_all
from piiscan.report.files import write_tables
from piiscan.report.wording import words_of

#: Kinds of account by recognizer: a column of these holds accounts, whatever they are written as.
_ACCOUNTS = ("wechat.",)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a count was asked for; all of it is in ``count.json``."""

    priorities: Priorities

    def facts(self) -> dict[str, Any]:
        """Everything as JSON has it."""
        return {"key_priority": str(self.priorities)}


def count(case: str | Path | Case, *, key_by: Sequence[str] = ()) -> Count:
    """The count of a case: made, or the newest one if nothing it depends on has changed.

    ``key_by``: the order of keys (``default``, ``account``, ``phone_code``, or kinds joined by
    ``>``), for some sources as ``PATTERN=ORDER``.  CountError for settings that cannot be used;
    CaseError if the case cannot be read or is being written.
    """
    opened = case if isinstance(case, Case) else Case.open(case)
    asked = Asked(Priorities.parse(list(key_by)))
    with closing(Ledger(opened.path / "ledger.sqlite")):  # one writer at a time
        basis = {
            "manifest": opened.manifest.sha256,
            "asked": asked.facts(),
            "code": tool_facts()["code_sha256"],
        }
        text = json.dumps(basis, sort_keys=True).encode()
        settings = hashlib.sha256(text).hexdigest()
        last = latest_count(opened.path)
        if last is not None and last.content["settings_sha256"] == settings:
            return last
        number = 1 if last is None else last.number + 1
        folder = count_folder(opened.path, number)
        _make(folder)
        _work(opened, folder, asked)
        content = {
            "number": number,
            "settings_sha256": settings,
            **basis,
            "tool": tool_facts(),
        }
        flush_all(sorted(folder.iterdir()))
        with closing(Log(opened.path / "log.jsonl")) as log:
            return write_count(folder, content, temporary=opened.path / "tmp", log=log)


def _make(folder: Path) -> None:
    """An empty folder; what a broken run left there is removed."""
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(mode=0o700)


def _work(case: Case, folder: Path, asked: Asked) -> None:
    """Everything in the count's folder but ``count.json``."""
    parts = case.stored("parts").to_pylist()
    columns = [(p["source"], p["member"], each) for p in parts for each in json.loads(p["columns"])]
    desk = Desk(
        whose=dict(case.manifest.content["whose"]),
        contacts=contact_headers({each["header"] or "" for _, _, each in columns}),
    )
    files = Files(
        folder / "candidates.parquet", folder / "persons.parquet", tuple(case.shards("ledger"))
    )
    temporary = case.path / "tmp"
    placed = placed_table(parts)
    sources = _sources(case, columns, asked, placed)
    gather(sources, desk, files.candidates, temporary=temporary)
    write_persons(files.candidates, files.persons, temporary=temporary)
    with board(files, placed, temporary=temporary) as base:
        findings = {source.source: source.findings for source in sources}
        hits = case.manifest.content["counters"]["hits"]
        tables = count_tables(base, findings, hits=hits)
    write_tables(tables, folder, words_of(case, "zh"), temporary=temporary)


def _sources(
    case: Case,
    columns: Sequence[tuple[int, str, Mapping[str, Any]]],
    asked: Asked,
    placed: pa.Table,
) -> list[Source]:
    """The sources that have findings, in order."""
    accounts: dict[int, set[tuple[str, int]]] = {}
    for source, member, column in columns:
        if any(each.startswith(_ACCOUNTS) for each in column["recognizers"]):
            accounts.setdefault(source, set()).add((member, column["column"]))
    places: dict[int, dict[str, int]] = {}
    for row in placed.select(["place", "source", "member"]).to_pylist():
        places.setdefault(row["source"], {})[row["member"]] = row["place"]
    shards = {
        kind: {int(path.stem[:6]): path for path in case.shards(kind)}
        for kind in ("findings", "records")
    }
    return [
        Source(
            each["source"],
            shards["findings"][each["source"]],
            shards["records"].get(each["source"]),
            asked.priorities.of(each["path"]),
            places[each["source"]],
            frozenset(accounts.get(each["source"], ())),
        )
        for each in case.manifest.content["sources"]
        if each["source"] in shards["findings"]
    ]
