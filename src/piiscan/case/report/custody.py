"""T15: what was done and what everything hashed to, in short, from the log of the case.

Lines that only tell of reports are left out, so that a report does not change by being written.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from piiscan.case.sampling.sample_store import all_samples
from piiscan.case.store.attachments import all_handed
from piiscan.case.store.audit_log import head_at, read
from piiscan.case.store.case import Case
from piiscan.case.store.count_store import NAME as COUNT_NAME
from piiscan.case.store.count_store import Count
from piiscan.case.store.manifest import all_manifests

Row = dict[str, Any]

#: Events that would make a report differ from itself.
_OWN: Final = ("report",)


def log_rows(case: Case) -> list[Row]:
    """Every event in order; sources one after another are one row with their number."""
    rows: list[Row] = []
    for event in read(case.path / "log.jsonl"):
        name = str(event.get("event"))
        if name in _OWN:
            continue
        if name == "source" and rows and rows[-1]["event"] == name:
            rows[-1] |= {"time": str(event.get("time")), "times": rows[-1]["times"] + 1}
            rows[-1]["sha256"] = None
            continue
        rows.append(
            {
                "seq": event.get("seq"),
                "time": str(event.get("time")),
                "event": name,
                "times": 1,
                "file": event.get("file"),
                "sha256": event.get("sha256"),
            }
        )
    return rows


def counted_at(case: Case, count: Count) -> Mapping[str, Any] | None:
    """The line of the log that tells of a count."""
    lines = [e for e in read(case.path / "log.jsonl") if e.get("event") == "count"]
    return next((each for each in reversed(lines) if each.get("sha256") == count.sha256), None)


def checksum_rows(case: Case) -> list[Row]:
    """What vouches for everything: manifests, count, samples, sheets handed in, rules, log."""
    manifest = case.manifest.content
    rows = [_row("manifest", each.path.name, each.sha256) for each in all_manifests(case.path)]
    count = case.count()
    if count is not None:
        rows.append(_row("count", f"{count.path.name}/{COUNT_NAME}", count.sha256))
        rules = count.content["asked"]["rules"]
        rows += [_row("rule", f"{n} {r['version']}", r["sha256"]) for n, r in rules.items()]
    events = {e["file"]: e["sha256"] for e in read(case.path / "log.jsonl") if _is_sample(e)}
    for sample in all_samples(case.path):
        inside = [n for n in sorted(events) if n.startswith(f"{sample.path.name}/")]
        rows += [_row("sample", name, events[name]) for name in inside]
    rows += [_row("handed", each.name, each.sha256) for each in all_handed(case.path)]
    rows.append(_row("catalogue", None, manifest["settings"]["catalogue"]))
    rows.append(_row("code", f"piiscan {manifest['tool']['version']}", _code(case)))
    line = counted_at(case, count) if count is not None else None
    lines = int(line["seq"]) if line is not None else int(manifest["log"]["lines"])
    head = head_at(case.path / "log.jsonl", lines)
    return [*rows, _row("log", f"log.jsonl:{head.lines}", head.sha256)]


def _is_sample(event: Mapping[str, Any]) -> bool:
    return event.get("event") == "sample" and {"file", "sha256"} <= event.keys()


def _code(case: Case) -> str:
    return str(case.manifest.content["tool"]["code_sha256"])


def _row(what: str, file: str | None, sha256: str) -> Row:
    return {"what": what, "file": file, "sha256": sha256}
