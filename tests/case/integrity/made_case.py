"""A case with a count, and what verify, the key, a noted head and a signature say of it."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import piiscan
from piiscan.case.count.count import count
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


def seen(made: Made, head: str) -> set[str]:
    """Return who sees a difference: plain, key, head; or after: a later line of a file is named."""
    found = {}
    for name, anchor in {"plain": {}, "key": {"key": made.key}, "head": {"expect": head}}.items():
        found[name] = piiscan.verify(made.case, **anchor)
    names = {name for name, each in found.items() if each.differences}
    if "plain" in names:  # then each of them shows the same
        return {"plain", "key", "head"}
    noted = found["head"].noted_head
    return names | ({"after"} if noted is not None and any(f for _, _, f in noted.later) else set())


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
        elif event["event"] in ("report", "handed", "sample") and (case / event["file"]).exists():
            event["sha256"] = sha256_of(case / event["file"])
    write_log(case, events)
    line = f"{sha256_of(case / 'ledger.sqlite')}  ledger.sqlite\n"
    (case / "ledger.sha256").write_text(line)


def _rehash_manifest(case: Path, generation: int, previous: str | None, head: object) -> str:
    """Write a manifest and its plain checksum anew; return that."""
    path = manifest_path(case, generation)
    content = json.loads(path.read_text())
    content |= {"files": _files(case, content["files"]), "previous": previous, "log": head}
    for source in content["sources"]:
        source["files"] = _files(case, source["files"])
        if source["sha256"] and Path(source["place"]).exists():
            source["sha256"] = sha256_of(Path(source["place"]))
    path.write_text(json.dumps(content, ensure_ascii=True, indent=1, sort_keys=True) + "\n")
    path.with_suffix(".sha256").write_text(f"{sha256_of(path)}  {path.name}\n")
    return sha256_of(path)


def _rehash_count(case: Path, number: int, manifest: str | None) -> str:
    """Write ``count.json`` anew; return its SHA-256."""
    path = count_folder(case, number) / "count.json"
    content = json.loads(path.read_text())
    content |= {"files": _files(path.parent, content["files"]), "manifest": manifest}
    path.write_text(json.dumps(content, ensure_ascii=True, indent=1, sort_keys=True) + "\n")
    return sha256_of(path)


def _files(folder: Path, names: dict[str, str]) -> dict[str, str]:
    """Return name -> SHA-256 of those files that are still there."""
    return {name: sha256_of(folder / name) for name in names if (folder / name).exists()}


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


def sha256_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
