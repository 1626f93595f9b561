"""Inputs of a count: the caller's settings, the request read from them, and the prepared case."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from piiscan.case.count.attribution import attribution_table
from piiscan.case.count.count_database import Period
from piiscan.case.count.subjects.elements import contact_headers, is_firm_list
from piiscan.case.count.subjects.exclusion_list import KIND as EXCLUSIONS
from piiscan.case.count.subjects.exclusion_list import (
    DigestFunction,
    match_exclusions,
    read_exclusions,
)
from piiscan.case.count.subjects.exclusions import ExclusionIndex, ExclusionLine
from piiscan.case.count.subjects.judgements import (
    Judgement,
    JudgementIndex,
    read_judgements,
    valid_judgements,
)
from piiscan.case.count.subjects.key_priority import KeyPriorities
from piiscan.case.count.subjects.material_facts import NO_MATERIAL, Material
from piiscan.case.count.subjects.record_subjects import CountContext, CountSource
from piiscan.case.count.tables.alarm_table import ALARM_TABLE
from piiscan.case.count.tables.exclusion_table import EXCLUSION_TABLE
from piiscan.case.count.tables.judged_table import JUDGED_TABLE
from piiscan.case.count.tier_inputs import TierRules
from piiscan.case.flow.parties import FlowSettings
from piiscan.case.lookup.value_queries import case_engine, case_entities, case_key, value_queries
from piiscan.case.register import KIND as REGISTER
from piiscan.case.register import Register, import_register, read_register
from piiscan.case.store.attachments import (
    all_attachments,
    latest_attachment,
    store_attachment,
)
from piiscan.case.store.audit_log import AuditLog
from piiscan.case.store.case import Case
from piiscan.case.tiers import (
    Profile,
    load_policy,
    load_profile,
    load_sensitivity,
    propose_categories,
    shipped_policies,
)
from piiscan.case.tiers.category_sheet import is_sheet
from piiscan.case.tiers.composition import KIND as PROFILE
from piiscan.case.tiers.policy import KIND as POLICY
from piiscan.case.tiers.sensitivity import shipped_sensitivities
from piiscan.detect.catalog.role_classes import RoleClasses
from piiscan.errors import CaseError
from piiscan.forms.reader import read_file_bytes
from piiscan.parsing.party_names import digest_parties

Row = dict[str, Any]
#: Source -> its columns, as (member, column number).
Columns = dict[int, set[tuple[str, int]]]

#: Prefixes of account recognizers. Every value of a column they find is an account.
_ACCOUNT_RECOGNIZERS: Final = ("wechat.",)
#: Categories of events that show where a person, a vehicle or a device was.
TRACING: Final = frozenset({"track", "trip", "flight", "lodging"})


@dataclass(frozen=True, slots=True)
class CountInputs:
    """Settings and files as the caller passed them to ``count``, not read yet."""

    priorities: KeyPriorities
    period: Period
    policies: tuple[str, ...]
    internal_sales: bool
    register: Path | None
    exclude: Path | None
    profile: Path | None
    key: Path | None


@dataclass(frozen=True, slots=True)
class CountRequest:
    """Request for a count: settings, rules, register and exclusion lines, all read and checked.

    ``value_digests``: function from a value to its digests in the case. ``flow``: parties, groups
    and settings of the flow.
    """

    priorities: KeyPriorities
    period: Period
    rules: TierRules
    register: Register | None = None
    exclusions: tuple[ExclusionLine, ...] = ()
    exclusions_sha256: str | None = None
    value_digests: DigestFunction = field(default=lambda _: (), repr=False)
    flow: FlowSettings = field(default_factory=FlowSettings)
    judgements: tuple[Judgement, ...] = ()
    judgements_sha256: str | None = None

    def facts(self) -> dict[str, Any]:
        """Return the request as JSON values, as ``count.json`` stores it."""
        return {
            "key_priority": str(self.priorities),
            "since": None if self.period.since is None else self.period.since.isoformat(),
            "until": None if self.period.until is None else self.period.until.isoformat(),
            "register": self.register.sha256 if self.register else None,
            "exclusions": self.exclusions_sha256,
            "internal_sales": self.flow.internal_sales,
            "parties_compared": self.flow.digests is not None,
            "judged": self.judgements_sha256,
            **self.rules.facts(),
        }


def read_request(case: Case, inputs: CountInputs, *, log: AuditLog) -> CountRequest:
    """Read and check the files of ``inputs``, store them in the case, and return the request.

    Raise CaseError or CatalogError if a file cannot be used.
    """
    rules = _load_rules(case, inputs, log=log)
    lines: tuple[ExclusionLine, ...] = ()
    sha256 = None
    if inputs.exclude is not None:
        content = read_file_bytes(inputs.exclude)
        lines = tuple(read_exclusions(content, inputs.exclude.name))
        sha256 = store_attachment(
            case.path, EXCLUSIONS, content, suffix=inputs.exclude.suffix, log=log
        ).sha256
    values = any(line.kind == "value" for line in lines)
    register = _load_register(case, inputs.register, log=log)
    judgements, judgements_sha256 = read_judgements(case)
    return CountRequest(
        inputs.priorities,
        inputs.period,
        rules,
        register,
        lines,
        sha256,
        digest_function(case, inputs.key) if values else (lambda _: ()),
        _flow_settings(case, inputs, register),
        tuple(valid_judgements(judgements)),
        judgements_sha256,
    )


def _flow_settings(case: Case, inputs: CountInputs, register: Register | None) -> FlowSettings:
    """Return the settings of the flow: aliases, groups, and digests of names if there is a key.

    Raise CaseError if the case has ledgers or chats and the register aliases, but the key is not
    that of the case.
    """
    aliases, members = (register.aliases, register.members) if register else ((), ())
    digests = None
    if register and (case.shards("ledger") or case.shards("sendings")):
        try:
            digests = partial(digest_parties, key=case_key(case, inputs.key))
        except CaseError:
            if aliases or inputs.key is not None:
                raise
    return FlowSettings(aliases, members, digests, inputs.internal_sales)


def _load_rules(case: Case, inputs: CountInputs, *, log: AuditLog) -> TierRules:
    """Load policies, profile and sensitivity profiles; store user files in the case.

    The stored copies make the count repeatable. Raise CatalogError if a rule file is broken.
    """
    policies = tuple(load_policy(name) for name in inputs.policies)
    known = {each.id for name in shipped_policies() for each in load_policy(name).categories}
    known |= {each.id for policy in policies for each in policy.categories}
    profile = _load_profile(case, inputs.profile, known)
    if profile is not None:
        for policy in policies:
            profile.check(policy)
    custom = [Path(name) for name in inputs.policies if name not in shipped_policies()]
    for kind, file in (*((POLICY, path) for path in custom), (PROFILE, inputs.profile)):
        if file is not None:
            store_attachment(case.path, kind, read_file_bytes(file), suffix=file.suffix, log=log)
    return TierRules(policies, tuple(map(load_sensitivity, shipped_sensitivities())), profile)


def _load_profile(case: Case, file: Path | None, known: Collection[str]) -> Profile | None:
    """Return the profile in ``file``, else the newest category sheet stored in the case, else None.

    ``known``: categories that a profile may name.
    """
    if file is None:
        stored = [each for each in all_attachments(case.path, PROFILE) if is_sheet(each.name)]
        file = case.path / stored[-1].name if stored else None
    return None if file is None else load_profile(file, known)


def _load_register(case: Case, file: Path | None, *, log: AuditLog) -> Register | None:
    """Return the register in ``file``, else the newest one stored in the case, else None.

    A register read from ``file`` is stored in the case.
    """
    if file is not None:
        return import_register(case.path, file, log=log)
    attachment = latest_attachment(case.path, REGISTER)
    return (
        None
        if attachment is None
        else read_register((case.path / attachment.name).read_bytes(), attachment.name)
    )


@dataclass(frozen=True, slots=True)
class PreparedCase:
    """Case prepared for counting: sources, count context and the attribution of every part.

    ``parts``: rows with source, member, sha256 and ``headers``. ``exclusion_lines``: all lines of
    the exclusion list. ``unused_lines``: those that match nothing in the case.
    """

    sources: list[CountSource]
    context: CountContext
    attribution: pa.Table
    paths: Mapping[int, str]
    parts: list[Row]
    exclusion_lines: Sequence[ExclusionLine]
    unused_lines: Sequence[ExclusionLine]
    judgements: Sequence[Judgement]

    def tables(self, connection: Any, case: Case) -> dict[str, list[Row]]:
        """Return the tables ``exclusions`` (lines and their records), ``judged``, ``alarms``."""
        unused_numbers = {line.number for line in self.unused_lines}
        return {
            EXCLUSION_TABLE.name: EXCLUSION_TABLE.rows_from(
                connection, self.exclusion_lines, unused_numbers
            ),
            JUDGED_TABLE.name: JUDGED_TABLE.rows_from(
                connection, self.judgements, case.manifest.content["sources"]
            ),
            ALARM_TABLE.name: ALARM_TABLE.rows_from(case.shards("alarms")),
        }


def prepare_case(case: Case, request: CountRequest) -> PreparedCase:
    """Return ``case`` prepared for a count: sources, parts, attribution, exclusions."""
    part_rows = case.stored("parts").to_pylist()
    columns = {id(part): json.loads(part["columns"]) for part in part_rows}
    parts = [
        {
            "source": part["source"],
            "member": part["member"],
            "sha256": part["sha256"],
            "headers": tuple(each["header"] for each in columns[id(part)] if each["header"]),
        }
        for part in part_rows
    ]
    manifest_sources = case.manifest.content["sources"]
    exclusion_index, unused_lines = match_exclusions(
        request.exclusions, manifest_sources, parts, request.value_digests
    )
    paths = {each["source"]: each["path"] for each in manifest_sources}
    register_rows = (
        request.register.provenance(list(paths.items())).to_pylist() if request.register else []
    )
    attribution = attribution_table(part_rows, register_rows)
    materials = find_materials(parts, paths, request.rules)
    sources = _count_sources(case, request, attribution, part_rows, materials)
    return PreparedCase(
        sources,
        _count_context(case, parts, exclusion_index, request.judgements),
        attribution,
        paths,
        parts,
        request.exclusions,
        unused_lines,
        request.judgements,
    )


def _count_context(
    case: Case,
    parts: Sequence[Row],
    exclusion_index: ExclusionIndex,
    judgements: Sequence[Judgement],
) -> CountContext:
    """Return the count context: owner classes, contact headers, exclusions, false findings."""
    headers = {header for part in parts for header in part["headers"]}
    owner_classes = dict(case.manifest.content["whose"])
    return CountContext(
        owner_classes=owner_classes,
        contact_headers=contact_headers(headers),
        role_classes=RoleClasses.of_rows(case.manifest.content["roles"]),
        exclusion_index=exclusion_index,
        judgements=JudgementIndex.build(judgements, case.manifest.content["sources"]),
    )


def _count_sources(
    case: Case,
    request: CountRequest,
    attribution: pa.Table,
    part_rows: Sequence[Row],
    materials: Mapping[int, Material],
) -> list[CountSource]:
    """Return a CountSource per source with a findings shard, in the order of the manifest.

    ``part_rows``: the rows of PARTS. ``materials``: source -> its material.
    """
    accounts = _account_columns(part_rows)
    part_numbers: dict[int, dict[str, int]] = {}
    for row in attribution.select(["place", "source", "member"]).to_pylist():
        part_numbers.setdefault(row["source"], {})[row["member"]] = row["place"]
    shards = {kind: case.source_shards(kind) for kind in ("findings", "records")}
    return [
        CountSource(
            each["source"],
            shards["findings"][each["source"]],
            shards["records"].get(each["source"]),
            request.priorities.for_path(each["path"]),
            part_numbers[each["source"]],
            frozenset(accounts.get(each["source"], ())),
            materials.get(each["source"], NO_MATERIAL),
        )
        for each in case.manifest.content["sources"]
        if each["source"] in shards["findings"]
    ]


def find_materials(
    parts: Sequence[Row], paths: Mapping[int, str], rules: TierRules
) -> dict[int, Material]:
    """Return source -> categories that the headers propose and the profile confirms.

    The categories are those of the first policy. ``parts``: rows with source, member and
    ``headers``.
    """
    if not rules.policies:
        return {}
    policy = rules.policies[0]
    traced, described, firms, private = (defaultdict[int, set[str]](set) for _ in range(4))
    confirmed = defaultdict[int, dict[str, frozenset[str]]](dict)
    forms = defaultdict[int, dict[str, bytes]](dict)
    known: dict[Sequence[str], tuple[set[str], bytes]] = {}
    for part in parts:
        source, member, headers = part["source"], part["member"], part["headers"]
        if headers not in known:
            proposals = propose_categories([{**part, "path": ""}], policy)
            form = blake2b("\0".join(headers).encode(), digest_size=16).digest()
            known[headers] = {each.category for each in proposals}, form
        proposed, forms[source][member] = known[headers]
        if proposed - {policy.business}:
            described[source].add(member)
        if proposed & TRACING:
            traced[source].add(member)
        composition = rules.composition(paths[source], member, headers)
        if policy.business in composition.kinds or is_firm_list(headers):
            firms[source].add(member)
        if policy.business in composition.without:
            private[source].add(member)
        personal = policy.composed - {policy.business}
        needed = [any_of for kind, any_of in composition.kinds.items() if kind in personal]
        if needed:
            confirmed[source][member] = frozenset().union(*needed) if all(needed) else frozenset()
    return {
        source: Material(
            frozenset(traced[source]),
            frozenset(described[source]),
            confirmed[source],
            forms[source],
            frozenset(firms[source]),
            frozenset(private[source]),
        )
        for source in forms
    }


def _account_columns(part_rows: Sequence[Row]) -> Columns:
    """Return source -> {(member, column number)} of its account columns."""
    accounts: Columns = {}
    for part in part_rows:
        for each in json.loads(part["columns"]):
            if any(name.startswith(_ACCOUNT_RECOGNIZERS) for name in each["recognizers"]):
                accounts.setdefault(part["source"], set()).add((part["member"], each["column"]))
    return accounts


def digest_function(case: Case, key: Path | None) -> DigestFunction:
    """Return a function from a value to its digests in ``case``, 16 bytes each.

    The value is read as written and in every canonical form that the engine finds in it. Each form
    has a digest per entity type of the case. Raise CaseError if ``key`` is not the key of the case.
    """
    secret, engine = case_key(case, key), case_engine(case)
    kinds = case_entities(case, engine.catalog)

    def digests(value: str) -> Sequence[bytes]:
        """Return the digests of ``value`` under every entity, 16 bytes each."""
        (query,) = value_queries([(1, value)], engine, entities=kinds, key=secret)
        return query.digests

    return digests
