"""What a count is asked for, what people gave for it, and what it starts from."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from piiscan.case.count.attribution import placed_table
from piiscan.case.count.count_database import Period
from piiscan.case.count.subjects.elements import contact_headers
from piiscan.case.count.subjects.exclusion_list import KIND as EXCLUSIONS
from piiscan.case.count.subjects.exclusion_list import DigestsOf, make_ready, read_exclusions
from piiscan.case.count.subjects.exclusions import Excluded, Line
from piiscan.case.count.subjects.key_priority import Priorities
from piiscan.case.count.subjects.record_subjects import Desk, Source
from piiscan.case.count.tier_inputs import Rules
from piiscan.case.lookup.value_queries import engine_of, entities_of, secret_of, whole_questions
from piiscan.case.register import KIND as REGISTER
from piiscan.case.register import Register, read_register, take_in
from piiscan.case.store.attachments import keep, newest
from piiscan.case.store.audit_log import Log
from piiscan.case.store.case import Case
from piiscan.case.tiers import (
    load_policy,
    load_profile,
    load_sensitivity,
    shipped_policies,
)
from piiscan.case.tiers.composition import KIND as PROFILE
from piiscan.case.tiers.policy import KIND as POLICY
from piiscan.case.tiers.sensitivity import shipped_sensitivities
from piiscan.forms.reader import content_of

Row = dict[str, Any]
#: Source -> columns of it, each as member and number.
Columns = dict[int, set[tuple[str, int]]]

#: Recognizers of accounts: a column of these holds accounts, whatever they are written as.
_ACCOUNTS: Final = ("wechat.",)
#: Columns of a ledger that say who bought or sold a row: not whom the row is about.
_PARTIES: Final = ("buyer", "seller", "source")


@dataclass(frozen=True, slots=True)
class Given:
    """What the caller gave: settings, files of people, the case's key."""

    priorities: Priorities
    period: Period
    policies: tuple[str, ...]
    register: Path | None
    exclude: Path | None
    profile: Path | None
    key: Path | None


@dataclass(frozen=True, slots=True)
class Asked:
    """What a count is asked for, all of it read; the facts are in ``count.json``."""

    priorities: Priorities
    period: Period
    rules: Rules
    register: Register | None = None
    exclusions: tuple[Line, ...] = ()
    exclusions_sha256: str | None = None
    digests_of: DigestsOf = field(default=lambda _: (), repr=False)

    def facts(self) -> dict[str, Any]:
        """Everything as JSON has it."""
        return {
            "key_priority": str(self.priorities),
            "since": None if self.period.since is None else self.period.since.isoformat(),
            "until": None if self.period.until is None else self.period.until.isoformat(),
            "register": self.register.sha256 if self.register else None,
            "exclusions": self.exclusions_sha256,
            **self.rules.facts(),
        }


def asked_of(case: Case, given: Given, *, log: Log) -> Asked:
    """What is asked for; files that were given are read, then kept in the case."""
    rules = _rules(case, given, log=log)
    lines: tuple[Line, ...] = ()
    sha256 = None
    if given.exclude is not None:
        content = content_of(given.exclude)
        lines = tuple(read_exclusions(content, given.exclude.name))
        sha256 = keep(case.path, EXCLUSIONS, content, suffix=given.exclude.suffix, log=log).sha256
    values = any(line.kind == "value" for line in lines)
    return Asked(
        given.priorities,
        given.period,
        rules,
        _register(case, given.register, log=log),
        lines,
        sha256,
        digests_under(case, given.key) if values else (lambda _: ()),
    )


def _rules(case: Case, given: Given, *, log: Log) -> Rules:
    """What is weighed by; what does not ship with piiscan is kept, or nobody could do it again."""
    policies = tuple(load_policy(name) for name in given.policies)
    known = {each.id for name in shipped_policies() for each in load_policy(name).categories}
    known |= {each.id for policy in policies for each in policy.categories}
    profile = None if given.profile is None else load_profile(given.profile, known)
    if profile is not None:
        for policy in policies:
            profile.check(policy)
    own = [Path(name) for name in given.policies if name not in shipped_policies()]
    for kind, file in (*((POLICY, path) for path in own), (PROFILE, given.profile)):
        if file is not None:
            keep(case.path, kind, content_of(file), suffix=file.suffix, log=log)
    return Rules(policies, tuple(map(load_sensitivity, shipped_sensitivities())), profile)


def _register(case: Case, file: Path | None, *, log: Log) -> Register | None:
    """The register that was given, else the newest that the case keeps."""
    if file is not None:
        return take_in(case.path, file, log=log)
    kept = newest(case.path, REGISTER)
    return None if kept is None else read_register((case.path / kept.name).read_bytes(), kept.name)


@dataclass(frozen=True, slots=True)
class Basis:
    """What a count starts from: sources and the desk they are counted at, parts and their places.

    ``parts``: rows with source, member, sha256 and ``headers``; ``idle``: lines of the exclusion
    list that fit nothing.
    """

    sources: list[Source]
    desk: Desk
    placed: pa.Table
    paths: Mapping[int, str]
    parts: list[Row]
    lines: Sequence[Line]
    idle: Sequence[Line]

    def tables(self, base: Any, case: Case) -> dict[str, list[Row]]:
        """The tables ``exclusions`` and ``alarms``."""
        struck = dict(
            base.execute(
                "select excluded, count(*) from rows where excluded is not null group by excluded"
            ).fetchall()
        )
        idle = {line.number for line in self.idle}
        lines = [
            {
                "line": line.number,
                "excluded_by": line.kind,
                "reason_given": line.reason,
                "author": line.author,
                "records": struck.get(line.number, 0),
                "idle": line.number in idle,
            }
            for line in self.lines
        ]
        return {"exclusions": lines, "alarms": _alarms(case)}


def _alarms(case: Case) -> list[Row]:
    """Columns whose values no real list has."""
    import pyarrow.parquet as pq

    tables = [pq.read_table(path) for path in case.shards("alarms")]
    return [
        {
            "source": row["source"],
            "member": row["member"],
            "column": row["column"],
            "entity": row["entity"],
            "alarm": row["kind"],
            "row": row["row"],
            "count": row["count"],
        }
        for table in tables
        for row in table.to_pylist()
    ]


def basis_of(case: Case, asked: Asked) -> Basis:
    """What a count of ``case`` starts from."""
    stored = case.stored("parts").to_pylist()
    columns = {id(part): json.loads(part["columns"]) for part in stored}
    parts = [
        {
            "source": part["source"],
            "member": part["member"],
            "sha256": part["sha256"],
            "headers": tuple(each["header"] for each in columns[id(part)] if each["header"]),
        }
        for part in stored
    ]
    listed = case.manifest.content["sources"]
    excluded, idle = make_ready(asked.exclusions, listed, parts, asked.digests_of)
    paths = {each["source"]: each["path"] for each in listed}
    places = asked.register.places(list(paths.items())).to_pylist() if asked.register else []
    placed = placed_table(stored, places)
    sources = _sources(case, asked, placed, stored)
    return Basis(
        sources, _desk(case, parts, excluded), placed, paths, parts, asked.exclusions, idle
    )


def _desk(case: Case, parts: Sequence[Row], excluded: Excluded) -> Desk:
    headers = {header for part in parts for header in part["headers"]}
    whose = dict(case.manifest.content["whose"])
    return Desk(whose=whose, contacts=contact_headers(headers), excluded=excluded)


def _sources(
    case: Case,
    asked: Asked,
    placed: pa.Table,
    stored: Sequence[Row],
) -> list[Source]:
    """The sources that have findings, in order; ``stored``: the rows of PARTS."""
    accounts, parties = _columns(stored)
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
            frozenset(parties.get(each["source"], ())),
        )
        for each in case.manifest.content["sources"]
        if each["source"] in shards["findings"]
    ]


def _columns(stored: Sequence[Row]) -> tuple[Columns, Columns]:
    """By source the columns (member, number) of accounts, and of those who bought and sold."""
    accounts: Columns = {}
    parties: Columns = {}
    for part in stored:
        for each in json.loads(part["columns"]):
            place = part["member"], each["column"]
            if each["ledger"] in _PARTIES:
                parties.setdefault(part["source"], set()).add(place)
            elif any(name.startswith(_ACCOUNTS) for name in each["recognizers"]):
                accounts.setdefault(part["source"], set()).add(place)
    return accounts, parties


def digests_under(case: Case, key: Path | None) -> DigestsOf:
    """A function from a value to its digests in ``case``; CaseError if the key is not the case's.

    The value counts as written and in every canonical form that the engine reads in it, as each
    kind that findings of the case can be.
    """
    secret, engine = secret_of(case, key), engine_of(case)
    kinds = entities_of(case, engine.catalog)

    def digests(value: str) -> Sequence[bytes]:
        (asked,) = whole_questions([(1, value)], engine, entities=kinds, key=secret)
        return asked.digests

    return digests
