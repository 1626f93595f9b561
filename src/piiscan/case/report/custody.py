"""Chain of custody (T15): the events of the log, and the checksums of everything in the case.

Events about reports and discs are left out, so that writing a report does not change it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from piiscan.case.sampling.sample_store import all_samples
from piiscan.case.store.attachments import all_attachments
from piiscan.case.store.audit_log import LogHead, head_at, read_events
from piiscan.case.store.case import Case
from piiscan.case.store.count_store import NAME as COUNT_NAME
from piiscan.case.store.count_store import Count
from piiscan.case.store.manifest import all_manifests
from piiscan.hashing.head_groups import head_groups
from piiscan.pages.report_table import ReportTable, checksum, coded, named, number, position, text
from piiscan.wording.words import Words

Row = dict[str, Any]

#: Events about reports; with them, writing a report would change it.
_SKIPPED_EVENTS: Final = ("report", "disc")


def _log_rows(case: Case) -> list[Row]:
    """Return the log events in order; consecutive source events are one row with their number."""
    rows: list[Row] = []
    for event in read_events(case.path / "log.jsonl"):
        name = str(event.get("event"))
        if name in _SKIPPED_EVENTS:
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


def count_event(case: Case, count: Count) -> Mapping[str, Any] | None:
    """Return the newest log event of a count with its SHA-256; None for a count without event."""
    lines = [e for e in read_events(case.path / "log.jsonl") if e.get("event") == "count"]
    return next((each for each in reversed(lines) if each.get("sha256") == count.sha256), None)


def _checksum_rows(case: Case) -> list[Row]:
    """Return the checksums of manifests, count, samples, attachments, rules, code and log."""
    manifest = case.manifest.content
    rows = [
        _checksum_row("manifest", each.path.name, each.sha256) for each in all_manifests(case.path)
    ]
    count = case.count()
    if count is not None:
        rows.append(_checksum_row("count", f"{count.path.name}/{COUNT_NAME}", count.sha256))
        rules = count.content["asked"]["rules"]
        rows += [
            _checksum_row("rule", f"{n} {r['version']}", r["sha256"]) for n, r in rules.items()
        ]
    for sample in all_samples(case.path):
        rows += [
            _checksum_row("sample", f"{sample.path.name}/{name}", sample.files[name])
            for name in sorted(sample.files)
        ]
    rows += [_checksum_row("handed", each.name, each.sha256) for each in all_attachments(case.path)]
    rows.append(_checksum_row("catalogue", None, manifest["settings"]["catalogue"]))
    rows.append(
        _checksum_row(
            "code",
            f"piiscan {manifest['tool']['version']}",
            str(case.manifest.content["tool"]["code_sha256"]),
        )
    )
    head = reported_head(case, count)
    return [*rows, _checksum_row("log", f"log.jsonl:{head.lines}", head.sha256)]


def reported_head(case: Case, count: Count | None) -> LogHead:
    """Return the log head that reports print: at the line of ``count``, else of the manifest.

    Later lines do not change it, so that the same case gives the same reports.
    """
    line = count_event(case, count) if count is not None else None
    lines = int(line["seq"]) if line is not None else int(case.manifest.content["log"]["lines"])
    return head_at(case.path / "log.jsonl", lines)


def head_text(case: Case, count: Count | None, words: Words) -> str:
    """Return the log head of :func:`reported_head` in groups of digits, with its line number."""
    head = reported_head(case, count)
    return words("statement.head", line=head.lines, groups=head_groups(head.sha256))


def _checksum_row(kind: str, file: str | None, sha256: str) -> Row:
    """Return one row of the checksum table. ``kind``: kind of item (``manifest``, ``log`` …)."""
    return {"what": kind, "file": file, "sha256": sha256}


LOG: Final = ReportTable(
    "log",
    (
        position("seq"),
        text("time"),
        named("event", "events"),
        number("times"),
        text("file"),
        checksum("sha256"),
    ),
    section="T15",
    made_by="report",
    build=_log_rows,
)
CHECKSUMS: Final = ReportTable(
    "checksums",
    (coded("what", "vouched"), text("file"), checksum("sha256")),
    section="T15",
    made_by="report",
    build=_checksum_rows,
    notes=("sheet.note.checksums",),
)
