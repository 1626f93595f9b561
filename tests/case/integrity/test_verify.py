"""verify finds anything that was changed, taken away or put in, and says what."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from piiscan.case.integrity import verify
from piiscan.case.integrity.verify import Difference, verify_case
from piiscan.case.store.audit_log import AuditLog, now
from piiscan.case.store.job_store import CHANGED
from piiscan.case.store.manifest import all_manifests
from tests.case.dump import scan_dump, write_dump


@pytest.fixture
def case(plain: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(plain / "case", tmp_path / "case"))


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def forge(case: Path) -> None:
    """Change the manifest and its checksum file alike."""
    path = case / "manifest.json"
    content = json.loads(path.read_text())
    content["operator"] = "nobody"
    text = json.dumps(content).encode()
    path.write_bytes(text)
    line = f"{hashlib.sha256(text).hexdigest()}  manifest.json\n"
    (case / "manifest.sha256").write_text(line)


def lengthen(case: Path) -> None:
    """Append a line that fits to the log, and leave its head as it was."""
    head = (case / "log.head").read_bytes()
    with closing(AuditLog(case / "log.jsonl")) as log:
        log.append("seal", moment=now())
    (case / "log.head").write_bytes(head)


def log_a_count(case: Path) -> None:
    """Name a count in the log of which there is no file."""
    with closing(AuditLog(case / "log.jsonl")) as log:
        log.append("count", moment=now(), number=1, sha256="0" * 64)


CHANGES: list[tuple[str, Callable[[Path], object], list[tuple[str, str]]]] = [
    ("a bit of a shard", lambda c: flip(c / "findings/000001.parquet"),
     [("FILE_CHANGED", "findings/000001.parquet")]),
    ("a number in a table", lambda c: flip(c / "tables/kinds.json"),
     [("FILE_CHANGED", "tables/kinds.json")]),
    ("a shard taken away", lambda c: (c / "records/000001.parquet").unlink(),
     [("FILE_MISSING", "records/000001.parquet")]),
    ("a shard put in", lambda c: (c / "findings/000099.parquet").touch(),
     [("FILE_UNKNOWN", "findings/000099.parquet")]),
    ("the page", lambda c: flip(c / "report.html"), [("FILE_CHANGED", "report.html")]),
    ("the manifest's checksum", lambda c: (c / "manifest.sha256").write_text("00  manifest.json\n"),
     [("FILE_CHANGED", "manifest.sha256")]),
    ("manifest and checksum alike", forge, [("MANIFEST_CHANGED", "manifest.json")]),
    ("the manifest taken away", lambda c: (c / "manifest.json").unlink(),
     [("FILE_MISSING", "manifest.json"), ("INCOMPLETE", "case")]),
    ("the manifest made unreadable", lambda c: (c / "manifest.json").write_text("{"),
     [("MANIFEST_CHANGED", "manifest.json")]),
    ("the log taken away", lambda c: (c / "log.jsonl").unlink(), [("FILE_MISSING", "log.jsonl")]),
    ("the ledger taken away", lambda c: (c / "ledger.sqlite").unlink(),
     [("INCOMPLETE", "case"), ("FILE_MISSING", "ledger.sqlite")]),
    ("a file put beside all", lambda c: (c / "note.txt").touch(), [("FILE_UNKNOWN", "note.txt")]),
    ("a link put in", lambda c: (c / "tables/l").symlink_to(c), [("FILE_UNKNOWN", "tables/l")]),
    ("a file in the folder for temporary ones", lambda c: ((c / "tmp").mkdir(exist_ok=True),
     (c / "tmp/x").touch()), [("FILE_UNKNOWN", "tmp/x")]),
    ("a folder called like it", lambda c: ((c / "tables/tmp").mkdir(),
     (c / "tables/tmp/x").touch()),
     [("FILE_UNKNOWN", "tables/tmp/x")]),
    ("the ledger's checksum", lambda c: (c / "ledger.sha256").write_text("x"),
     [("FILE_CHANGED", "ledger.sqlite")]),
    ("the ledger's checksum taken away", lambda c: (c / "ledger.sha256").unlink(),
     [("FILE_MISSING", "ledger.sha256")]),
    ("the ledger and a journal", lambda c: ((c / "ledger.sqlite").write_bytes(b""),
     (c / "ledger.sqlite-wal").touch()), [("INCOMPLETE", "case")]),
    ("the head of the log taken away", lambda c: (c / "log.head").unlink(),
     [("FILE_MISSING", "log.head")]),
    ("the head of the log", lambda c: (c / "log.head").write_text("x"),
     [("FILE_CHANGED", "log.head")]),
    ("the log's last line", lambda c: (c / "log.jsonl").write_bytes(
        b"".join((c / "log.jsonl").read_bytes().splitlines(keepends=True)[:-1])),
     [("LOG_SHORTENED", "log.jsonl"), ("FILE_UNKNOWN", "report.html")]),
    ("a line more in the log", lengthen, [("LOG_LONGER", "log.jsonl")]),
    ("a count that is gone", log_a_count, [("FILE_MISSING", "counts-0001/count.json")]),
    ("the manifest's checksum taken away", lambda c: (c / "manifest.sha256").unlink(),
     [("FILE_MISSING", "manifest.sha256")]),
    ("a manifest put in", lambda c: (c / "manifest-0002.json").write_text("{}"),
     [("MANIFEST_CHANGED", "manifest-0002.json"), ("FILE_MISSING", "manifest-0002.mac")]),
    ("a count put in", lambda c: ((c / "counts-0001").mkdir(),
     (c / "counts-0001/count.json").write_text("{}"), (c / "counts-0001/x").touch()),
     [("FILE_UNKNOWN", "counts-0001/count.json")]),
]  # fmt: skip


def test_an_untouched_copy_has_no_differences(case: Path) -> None:
    assert verify_case(case) == []


@pytest.mark.parametrize(("what", "change", "expected"), CHANGES)
def test_a_change_is_named(
    case: Path, what: str, change: Callable[[Path], object], expected: list[tuple[str, str]]
) -> None:
    change(case)
    assert [(d.reason, d.name) for d in verify_case(case)] == expected, what


def test_writing_on_tells_that_the_log_differed_and_where(case: Path) -> None:
    lines = (case / "log.jsonl").read_bytes().splitlines(keepends=True)
    (case / "log.jsonl").write_bytes(b"".join(lines[:-1]))
    lengthen(case)
    found = [each for each in verify_case(case) if each.detail == "DIFFERED"]
    assert found == [Difference("LOG_BROKEN", "log.jsonl", "DIFFERED", len(lines))]


def test_a_changed_original_is_named_by_number(tmp_path: Path) -> None:
    dump = write_dump(tmp_path / "dump")
    case = scan_dump([dump], tmp_path / "case").path
    (dump / "notes.txt").write_text("other")
    (dump / "sale.csv").unlink()
    assert verify_case(case) == [
        Difference("SOURCE_CHANGED", "#3"),
        Difference("SOURCE_MISSING", "#5"),
    ]


@pytest.mark.skipif(os.name == "nt", reason="modes of POSIX")
def test_sources_that_cannot_be_compared_are_named_by_number(
    case: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (manifest,) = all_manifests(case)
    assert manifest is not None
    one, two, *_ = (dict(each) for each in manifest.content["sources"])
    monkeypatch.setattr(verify, "sha256_of", lambda path: raise_denied())

    def raise_denied() -> str:
        raise PermissionError(13, "denied")

    assert verify._check_source(one) == Difference("SOURCE_UNREADABLE", f"#{one['source']}")
    assert verify._check_source({**two, "sha256": None}) is None  # it was unreadable then too
    assert verify._check_source({**two, "state": CHANGED}) == Difference(
        "SOURCE_CHANGED_DURING_RUN", f"#{two['source']}", "LEFT_OUT"
    )


def test_progress_reaches_the_bytes_of_all_sources(plain: Path) -> None:
    told: list[tuple[int, int]] = []
    verify_case(plain / "case", progress=lambda state: told.append((state.done, state.total)))
    assert told[-1][0] == told[-1][1] > 0


def test_verifying_writes_nothing(plain: Path) -> None:
    def kept() -> dict[Path, tuple[bytes, int]]:
        files = [path for path in (plain / "case").rglob("*") if path.is_file()]
        return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in files}

    before = kept()
    verify_case(plain / "case")
    assert kept() == before
