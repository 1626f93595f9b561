"""Sources of a count: their findings, records and parts as values, prepared for the subjects."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from hashlib import blake2b
from typing import Any, Final

import pyarrow as pa

from piiscan.case.count.attribution import attribution_table
from piiscan.case.count.count_rules import CountRules, TierRules
from piiscan.case.count.own_material import read_columns
from piiscan.case.count.subjects.elements import contact_headers, is_firm_list
from piiscan.case.count.subjects.exclusion_list import match_exclusions
from piiscan.case.count.subjects.judgements import JudgementIndex
from piiscan.case.count.subjects.material_facts import NO_MATERIAL, Material
from piiscan.case.count.subjects.record_batches import Part
from piiscan.case.count.subjects.record_subjects import CountContext, CountSource
from piiscan.case.register import Register
from piiscan.case.tiers import suggesting_headers
from piiscan.case.tiers.own_columns import WHEREABOUTS
from piiscan.detect.columns.message_columns import message_columns
from piiscan.schemas import ALARMS, ERRORS, FILE_TRANSFERS, FILES, TRANSACTIONS

Row = dict[str, Any]
#: Source -> its columns, as (part, column number).
Columns = dict[int, set[tuple[Part, int]]]

#: Header of messages, by which a policy proposes contents of communication.
_MESSAGE: Final = "消息内容"
#: Prefixes of account recognizers. Every value of a column they find is an account.
_ACCOUNT_RECOGNIZERS: Final = ("wechat.",)


@dataclass(frozen=True, slots=True)
class SourceRecords:
    """Rows of one source, as a scan finds them.

    Attributes:
        source: number of the source; sources are counted in this order
        path: path of the source, by which register and exclusion list name it
        sha256: checksum of the source, None if it is unknown
        parts: rows of PARTS
        findings: tables or record batches of FINDINGS in reading order, read once
        records: tables or record batches of RECORDS in the same order, read once
        transactions: rows of TRANSACTIONS
        messages: rows of FILE_TRANSFERS
        alarms: rows of ALARMS
        errors: rows of ERRORS
        files: rows of FILES
    """

    source: int
    path: str
    parts: pa.Table = field(repr=False)
    findings: Iterable[pa.Table | pa.RecordBatch] = field(default=(), repr=False)
    records: Iterable[pa.Table | pa.RecordBatch] = field(default=(), repr=False)
    sha256: str | None = None
    transactions: pa.Table = field(default_factory=cache(TRANSACTIONS.empty_table), repr=False)
    messages: pa.Table = field(default_factory=cache(FILE_TRANSFERS.empty_table), repr=False)
    alarms: pa.Table = field(default_factory=cache(ALARMS.empty_table), repr=False)
    errors: pa.Table = field(default_factory=cache(ERRORS.empty_table), repr=False)
    files: pa.Table = field(default_factory=cache(FILES.empty_table), repr=False)


def _are_messages(part: Row, headers: Sequence[str]) -> bool:
    """Return True if a part is a mail, a chat or a table of messages, not a file in one."""
    is_text = part["kind"] == "text" and not part["member"]
    return is_text or part["kind"] in ("mail", "chat") or bool(message_columns(headers))


@dataclass(frozen=True, slots=True)
class SourceParts:
    """Sources and parts of a count, and the exclusions and judgements that concern them.

    Attributes:
        sources: rows with source, path and sha256
        parts: rows with source, member, sha256, ``headers``, and if they are ``obtained``
        context: settings and word codes that all sources share
        unused_lines: numbers of the lines of the exclusion list that match nothing
        attribution: table with the schema ATTRIBUTION
    """

    sources: Sequence[Mapping[str, Any]]
    parts: Sequence[Row]
    context: CountContext
    unused_lines: frozenset[int]
    attribution: pa.Table

    @classmethod
    def of(
        cls,
        sources: Sequence[Mapping[str, Any]],
        part_rows: Sequence[Row],
        rules: CountRules,
        register: Register | None = None,
    ) -> SourceParts:
        """Match parts (rows of PARTS) and sources with register, exclusion list and judgements.

        Messages of a mailbox or account that was obtained have the header of their text.
        """
        paths = [(each["source"], each["path"]) for each in sources]
        stated = register.provenance(paths).to_pylist() if register else []
        attribution = attribution_table(part_rows, dict(paths), stated)
        obtained = {
            (row["source"], row["member"])
            for row in attribution.select(["source", "member", "account"]).to_pylist()
            if row["account"] == "yes"
        }
        parts = []
        for part in part_rows:
            headers = [each["header"] for each in read_columns(part["columns"]) if each["header"]]
            is_obtained = (part["source"], part["member"]) in obtained
            if is_obtained and _MESSAGE not in headers and _are_messages(part, headers):
                headers.append(_MESSAGE)
            cells = {name: part[name] for name in ("source", "member", "sha256")}
            parts.append({**cells, "headers": tuple(headers), "obtained": is_obtained})
        index, unused = match_exclusions(rules.exclusions, sources, parts, rules.value_digests)
        context = CountContext(
            owner_classes=dict(rules.owner_classes),
            contact_headers=contact_headers({name for part in parts for name in part["headers"]}),
            role_classes=rules.role_classes,
            exclusion_index=index,
            judgements=JudgementIndex.build(rules.judgements, sources),
        )
        return cls(sources, parts, context, frozenset(line.number for line in unused), attribution)

    @property
    def excluded_columns(self) -> list[tuple[int, str]]:
        """Return source and header of each column that the exclusion list names."""
        lines = self.context.exclusion_index.column_lines
        return [(source, header) for source, header, _ in lines]


def prepare_sources(
    records: Iterable[SourceRecords],
    matched: SourceParts,
    part_rows: Sequence[Row],
    part_numbers: Mapping[int, dict[str, int]],
    rules: CountRules,
) -> Iterator[CountSource]:
    """Yield each source with key priority, account columns and material.

    Args:
        records: the sources.
        matched: all their parts.
        part_rows: rows of PARTS.
        part_numbers: source -> member -> number of the part in the attribution.
        rules: rules of the count.
    """
    paths = {each["source"]: each["path"] for each in matched.sources}
    accounts = _account_columns(part_rows)
    materials = find_materials(matched.parts, paths, rules.tiers)
    obtained = defaultdict[int, set[Part]](set)
    for part in matched.parts:
        if part["obtained"]:
            obtained[part["source"]].add((part["source"], part["member"]))
    pairs = defaultdict[str, set[tuple[str, int]]](set)
    for dealing in rules.flow.dealings:
        if dealing.kind == "CODE":
            pairs[dealing.path].add((dealing.member, dealing.row))
    for each in records:
        yield CountSource(
            map(_table, each.findings),
            map(_table, each.records),
            rules.priorities.for_path(each.path),
            {
                (each.source, member): number
                for member, number in part_numbers.get(each.source, {}).items()
            },
            frozenset(accounts.get(each.source, ())),
            replace(
                materials.get(each.source, NO_MATERIAL),
                obtained=frozenset(obtained[each.source]),
                pairs=frozenset(((each.source, member), row) for member, row in pairs[each.path]),
            ),
        )


def _table(rows: pa.Table | pa.RecordBatch) -> pa.Table:
    """Return a table or record batch as a table."""
    return rows if isinstance(rows, pa.Table) else pa.Table.from_batches([rows])


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
    traced, described, firms, private = (defaultdict[int, set[Part]](set) for _ in range(4))
    confirmed = defaultdict[int, dict[Part, frozenset[str]]](dict)
    forms = defaultdict[int, dict[Part, bytes]](dict)
    known: dict[Sequence[str], tuple[set[str], bytes]] = {}
    for part in parts:
        source, headers = part["source"], part["headers"]
        known_part = source, part["member"]
        if headers not in known:
            form = blake2b("\0".join(headers).encode(), digest_size=16).digest()
            known[headers] = {*suggesting_headers(headers, policy)}, form
        proposed, forms[source][known_part] = known[headers]
        if proposed - {policy.business}:
            described[source].add(known_part)
        if proposed & WHEREABOUTS:
            traced[source].add(known_part)
        composition = rules.composition(paths[source], part["member"], headers)
        if policy.business in composition.kinds or is_firm_list(headers):
            firms[source].add(known_part)
        if policy.business in composition.without:
            private[source].add(known_part)
        personal = policy.composed - {policy.business}
        needed = [any_of for kind, any_of in composition.kinds.items() if kind in personal]
        if needed:
            confirmed[source][known_part] = (
                frozenset().union(*needed) if all(needed) else frozenset()
            )
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
    """Return source -> {(part, column number)} of its account columns."""
    accounts: Columns = {}
    for part in part_rows:
        for each in read_columns(part["columns"]):
            if any(name.startswith(_ACCOUNT_RECOGNIZERS) for name in each["recognizers"]):
                accounts.setdefault(part["source"], set()).add(
                    ((part["source"], part["member"]), each["column"])
                )
    return accounts
