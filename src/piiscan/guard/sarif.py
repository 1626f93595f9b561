"""SARIF 2.1.0: the result of a check for the code scanning of GitHub, GitLab and others.

Values are masked; ignored and known findings are suppressed results.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from piiscan.guard.check import Check, CheckedFinding
from piiscan.sources.block import Trouble

_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
#: State of a finding -> kind of its suppression.
_SUPPRESSED: Final = {"ignored": "inSource", "known": "external", "allowed": "external"}


def sarif_log(
    result: Check, version: str, names: Mapping[str, str], notes: Mapping[str, str]
) -> dict[str, Any]:
    """Return a check as a SARIF log.

    Args:
        result: the check.
        version: that of piiscan.
        names: kind of finding -> its name.
        notes: reason code of an unread part -> its sentence.
    """
    kinds = sorted({each.entity for each in result.findings})
    rules = [{"id": kind, "shortDescription": {"text": names.get(kind, kind)}} for kind in kinds]
    driver = {"name": "piiscan", "version": version, "rules": rules}
    invocation = {
        "executionSuccessful": not result.lost,
        "toolExecutionNotifications": [_notification(each, notes) for each in result.unread],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [invocation],
        "results": [_result(each, kinds, names) for each in result.findings],
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _result(finding: CheckedFinding, kinds: list[str], names: Mapping[str, str]) -> dict[str, Any]:
    """Return a finding as a result of SARIF."""
    location: dict[str, Any] = {"artifactLocation": {"uri": _uri(finding.file)}}
    if finding.line is not None:
        region: dict[str, Any] = {"startLine": finding.line}
        if finding.column is not None:
            region |= {"startColumn": finding.column, "endColumn": finding.end_column}
        region["snippet"] = {"text": finding.masked}
        location["region"] = region
    place: dict[str, Any] = {"physicalLocation": location}
    if finding.part or finding.line is None:
        name = f"{finding.part}:{finding.row}" if finding.part else str(finding.row)
        place["logicalLocations"] = [{"fullyQualifiedName": name, "kind": "row"}]
    found: dict[str, Any] = {
        "ruleId": finding.entity,
        "ruleIndex": kinds.index(finding.entity),
        "level": "error" if finding.state == "new" else "note",
        "message": {"text": f"{names.get(finding.entity, finding.entity)}: {finding.masked}"},
        "locations": [place],
        "properties": {"score": round(finding.score, 4), "verdict": finding.verdict},
    }
    if finding.state in _SUPPRESSED:
        justification = finding.reason or finding.state
        found["suppressions"] = [
            {"kind": _SUPPRESSED[finding.state], "justification": justification}
        ]
    return found


def _notification(trouble: Trouble, notes: Mapping[str, str]) -> dict[str, Any]:
    """Return an unread part as a notification of SARIF."""
    file = trouble.member.partition("!")[0]
    return {
        "level": "error" if trouble.lost else "note",
        "message": {"text": f"{trouble.member}: {notes.get(trouble.reason, trouble.reason)}"},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": _uri(file)}}}],
    }


def _uri(path: str) -> str:
    """Return a path as a relative reference: ``a b/名单.csv -> a%20b/%E5%90%8D%E5%8D%95.csv``."""
    return quote(path.removeprefix("./"), safe="/*", errors="surrogateescape")
