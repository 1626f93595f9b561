"""A case with a count, and what verify, the key, a noted head and a signature say of it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from piiscan import count
from piiscan.case.integrity.key_check import check_key, find_noted_head
from piiscan.case.integrity.verify import verify_case
from piiscan.case.report.destination import save_report
from piiscan.case.store import audit_log
from piiscan.case.store.count_store import count_folder
from piiscan.case.store.manifest import manifest_path
from tests.case.dump import scan_dump, write_dump


@dataclass(frozen=True)
class Made:
    home: Path

    @property
    def case(self) -> Path:
        return self.home / "case"

    @property
    def dump(self) -> Path:
        return self.home / "dump"

    @property
    def files(self) -> list[Path]:
        return sorted(path for path in self.case.rglob("*") if path.is_file())

    @property
    def key(self) -> Path:
        return self.home / "test.key"

    def head(self) -> str:
        """The head as it is noted now."""
        return audit_log.line_hashes(self.case / "log.jsonl")[-1]


def make_case(home: Path) -> Made:
    """Two generations, a count under the key, and a report."""
    dump = write_dump(home / "dump")
    case = scan_dump([dump], home / "case")
    count(case, key=home / "test.key")
    (dump / "later.csv").write_text("姓名,手机号\n张三,13600136000\n", "utf-8")
    case = scan_dump([dump], home / "case")
    count(case, key=home / "test.key")
    save_report(case, b"a report", case.path / "reports" / "one.html")
    return Made(home)


def seen(made: Made, head: str) -> dict[str, bool]:
    """Whether plain verify, the key and the noted head find a difference."""
    plain = bool(verify_case(made.case))
    key = bool(check_key(made.case, made.key).differences)
    return {"plain": plain, "key": plain or key, "head": find_noted_head(made.case, head) is None}


def rehash(case: Path) -> None:
    """Write every plain checksum of a case anew, in the order of its log, up to its head."""
    events = audit_log.read_events(case / "log.jsonl")
    manifest = None
    for number, event in enumerate(events):
        if event["event"] == "manifest":
            head = _chained(events, number)
            manifest = _rehash_manifest(case, event["generation"], manifest, head)
            event["sha256"] = manifest
        elif event["event"] == "count":
            event["sha256"] = _rehash_count(case, event["number"], manifest)
        elif event["event"] == "report" and (case / event["file"]).exists():
            event["sha256"] = _sha256(case / event["file"])
    write_log(case, events)
    line = f"{_sha256(case / 'ledger.sqlite')}  ledger.sqlite\n"
    (case / "ledger.sha256").write_text(line)


def _rehash_manifest(case: Path, generation: int, previous: str | None, head: object) -> str:
    """Write a manifest and its plain checksum anew; return that."""
    path = manifest_path(case, generation)
    content = json.loads(path.read_text())
    content |= {"files": _files(case, content["files"]), "previous": previous, "log": head}
    for source in content["sources"]:
        source["files"] = _files(case, source["files"])
        if source["sha256"] and Path(source["place"]).exists():
            source["sha256"] = _sha256(Path(source["place"]))
    path.write_text(json.dumps(content, ensure_ascii=True, indent=1, sort_keys=True) + "\n")
    path.with_suffix(".sha256").write_text(f"{_sha256(path)}  {path.name}\n")
    return _sha256(path)


def _rehash_count(case: Path, number: int, manifest: str | None) -> str:
    """Write ``count.json`` anew; return its SHA-256."""
    path = count_folder(case, number) / "count.json"
    content = json.loads(path.read_text())
    content |= {"files": _files(path.parent, content["files"]), "manifest": manifest}
    path.write_text(json.dumps(content, ensure_ascii=True, indent=1, sort_keys=True) + "\n")
    return _sha256(path)


def _files(folder: Path, names: dict[str, str]) -> dict[str, str]:
    """Return name -> SHA-256 of those files that are still there."""
    return {name: _sha256(folder / name) for name in names if (folder / name).exists()}


def write_log(case: Path, events: list[dict[str, Any]]) -> None:
    """Write a log of ``events``, chained, with its head; ``log.mac`` cannot be made."""
    log = case / "log.jsonl"
    head = _chained(events, len(events))
    log.write_text("".join(json.dumps(event) + "\n" for event in events))
    line = audit_log.LogHead(head["lines"], head["sha256"]).line(log.name)
    (case / "log.head").write_bytes(line)


def _chained(events: list[dict[str, Any]], lines: int) -> dict[str, Any]:
    """Chain the first ``lines`` events; return the head."""
    previous = audit_log.FIRST_PREVIOUS
    for number, event in enumerate(events[:lines], 1):
        event["seq"] = number
        event.pop("prev", None)
        event["prev"] = previous
        previous = hashlib.sha256((json.dumps(event) + "\n").encode()).hexdigest()
    return {"lines": lines, "sha256": previous}


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
