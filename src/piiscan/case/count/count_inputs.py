"""Inputs of a count: the caller's settings and files, and the request read from them."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from piiscan.case.count.count_database import Period
from piiscan.case.count.count_rules import CountRules, TierRules
from piiscan.case.count.shipped_rules import DEFAULT_POLICIES
from piiscan.case.count.subjects.exclusion_list import KIND as EXCLUSIONS
from piiscan.case.count.subjects.exclusion_list import DigestFunction, read_exclusions
from piiscan.case.count.subjects.exclusions import ExclusionLine
from piiscan.case.count.subjects.judgements import KIND as JUDGED
from piiscan.case.count.subjects.judgements import read_judgements, valid_judgements
from piiscan.case.count.subjects.key_priority import KeyPriorities
from piiscan.case.flow.parties import CODE_MINUTES, FlowSettings
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
    choose_policies,
    load_policy,
    load_profile,
    load_sensitivity,
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


@dataclass(frozen=True, slots=True)
class CountInputs:
    """Settings and files as the caller passed them to ``count``, not read yet."""

    priorities: KeyPriorities
    period: Period = field(default_factory=Period)
    policies: tuple[str, ...] = tuple(DEFAULT_POLICIES)
    internal_sales: bool = False
    code_minutes: int = CODE_MINUTES
    register: Path | Register | None = None
    exclude: Path | None = None
    profile: Path | None = None
    key: Path | None = None


@dataclass(frozen=True, slots=True)
class CountRequest:
    """Request for a count: its rules and register, read and checked, with the SHA-256 of files."""

    rules: CountRules
    register: Register | None = None
    exclusions_sha256: str | None = None
    judgements_sha256: str | None = None

    def facts(self) -> dict[str, Any]:
        """Return the request as JSON values, as ``count.json`` stores it."""
        period = self.rules.period
        return {
            "key_priority": str(self.rules.priorities),
            "since": None if period.since is None else period.since.isoformat(),
            "until": None if period.until is None else period.until.isoformat(),
            "register": self.register.sha256 if self.register else None,
            "exclusions": self.exclusions_sha256,
            "internal_sales": self.rules.flow.internal_sales,
            "code_minutes": self.rules.flow.code_minutes,
            "birthdays_read": self.rules.key is not None,
            "parties_compared": self.rules.flow.digests is not None,
            "judged": self.judgements_sha256,
            **self.rules.tiers.facts(),
        }


def read_request(case: Case, inputs: CountInputs, *, log: AuditLog | None) -> CountRequest:
    """Read and check the files of ``inputs``, store them in the case, and return the request.

    With None as ``log``, nothing is stored.

    Raise CaseError or CatalogError if a file cannot be used.
    """
    tiers = _load_rules(case, inputs, log=log)
    lines: tuple[ExclusionLine, ...] = ()
    sha256 = None
    if inputs.exclude is not None:
        content = read_file_bytes(inputs.exclude)
        lines = tuple(read_exclusions(content, inputs.exclude.name))
        sha256 = hashlib.sha256(content).hexdigest()
        if log is not None:
            store_attachment(case.path, EXCLUSIONS, content, suffix=inputs.exclude.suffix, log=log)
    register = _load_register(case, inputs.register, log=log)
    judgements, judgements_sha256 = read_judgements(case)
    rules = CountRules(
        priorities=inputs.priorities,
        period=inputs.period,
        tiers=tiers,
        exclusions=lines,
        judgements=tuple(valid_judgements(judgements)),
        flow=_flow_settings(case, inputs, register),
        as_of=case.manifest.content["settings"]["as_of"],
        key=_read_key(case, inputs.key),
        owner_classes=dict(case.manifest.content["whose"]),
        role_classes=RoleClasses.of_rows(case.manifest.content["roles"]),
    )
    if any(line.kind == "value" for line in lines):
        rules = replace(rules, value_digests=digest_function(case, inputs.key))
    return CountRequest(rules, register, sha256, judgements_sha256)


def _flow_settings(case: Case, inputs: CountInputs, register: Register | None) -> FlowSettings:
    """Return the settings of the flow: aliases, groups, and digests of names if there is a key.

    Raise CaseError if the case has ledgers or chats and the register aliases, but the key is not
    that of the case.
    """
    aliases, members = (register.aliases, register.members) if register else ((), ())
    dealings = register.dealings if register else ()
    digests = None
    if register and (case.shards("ledger") or case.shards("sendings")):
        try:
            digests = partial(digest_parties, key=case_key(case, inputs.key))
        except CaseError:
            if aliases or inputs.key is not None:
                raise
    return FlowSettings(
        aliases, members, digests, inputs.internal_sales, dealings, inputs.code_minutes
    )


def _read_key(case: Case, file: Path | None) -> bytes | None:
    """Return the key of the case, None if it is not at hand. Raise CaseError if ``file`` is not."""
    try:
        return case_key(case, file)
    except CaseError:
        if file is not None:
            raise
        return None


def _load_rules(case: Case, inputs: CountInputs, *, log: AuditLog | None) -> TierRules:
    """Load policies, profile and sensitivity profiles; store user files in the case.

    The stored copies make the count repeatable. Raise CatalogError if a rule file is broken.
    """
    policies, levels = choose_policies(inputs.policies, DEFAULT_POLICIES)
    known = {each.id for name in shipped_policies() for each in load_policy(name).categories}
    known |= {each.id for policy in policies for each in policy.categories}
    profile = _load_profile(case, inputs.profile, known)
    if profile is not None:
        for policy in policies:
            profile.check(policy)
    custom = [Path(name) for name in inputs.policies if name not in shipped_policies()]
    for kind, file in (*((POLICY, path) for path in custom), (PROFILE, inputs.profile)):
        if file is not None and log is not None:
            store_attachment(case.path, kind, read_file_bytes(file), suffix=file.suffix, log=log)
    sensitivities = tuple(map(load_sensitivity, shipped_sensitivities()))
    return TierRules(policies, sensitivities, profile, levels)


def _load_profile(case: Case, file: Path | None, known: Collection[str]) -> Profile | None:
    """Return the profile in ``file``, else the newest category sheet stored in the case, else None.

    ``known``: categories that a profile may name.
    """
    if file is None:
        stored = [each for each in all_attachments(case.path, PROFILE) if is_sheet(each.name)]
        file = stored[-1].path if stored else None
    return None if file is None else load_profile(file, known)


def has_newer_inputs(case: Case) -> bool:
    """Return True if a register or judgements were stored after the newest count."""
    count = case.count()
    newest = {"register": REGISTER, "judged": JUDGED}
    return count is not None and any(
        (stored := latest_attachment(case.path, kind))
        and stored.sha256 != count.content["asked"][name]
        for name, kind in newest.items()
    )


def _load_register(
    case: Case, given: Path | Register | None, *, log: AuditLog | None
) -> Register | None:
    """Return the register ``given``, else the newest one stored in the case, else None.

    A register read from a file is stored in the case.
    """
    if isinstance(given, Register):
        return given
    if given is not None and log is not None:
        return import_register(case.path, given, log=log)
    attachment = latest_attachment(case.path, REGISTER)
    return None if attachment is None else read_register(attachment.content(), attachment.name)


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
