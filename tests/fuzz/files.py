"""Fuzzer of files: damaged files of every format go through the whole ``scan`` and ``redact``.

    python -m tests.fuzz.run files SECONDS [SEED] [FOLDER]

Many files share a scan.  Each must hold: the exit code is 0 or 1; a planted value that is still
there is found, or its part is listed as lost; every locator leads to the value; no copy has a
planted value that is not listed; memory is bounded.  A file that fails is stored in FOLDER.
"""

from __future__ import annotations

import contextlib
import faulthandler
import io
import json
import random
import re
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from piiscan.case.lookup.reread import SourceRow, reread_rows
from piiscan.case.store.case import Case
from piiscan.cli import main as piiscan
from piiscan.detect.catalog.catalog import load
from piiscan.sources.content import memory_content
from piiscan.sources.format import Sample
from tests.fuzz.mutators import mutate
from tests.fuzz.seeds import make_seeds, texts_of

#: Files of one scan in the long mode.
BATCH: Final = 250
#: Most memory of this process or of one of its workers, in bytes.
MEMORY: Final = 1_500_000_000
#: Processor seconds of a scan that are no hang: of its start, and of each file.
_START, _EACH = 30.0, 0.3
_HANG: Final = 600  # seconds of the clock, after which the process ends with its stack
_FAILED: Final = ("READER_FAILED", "READER_STOPPED", "SCAN_FAILED", "REDACT_FAILED")
#: Headings under which a number is an amount or a moment, whatever it looks like.
_AMOUNTS: Final = ("金额", "价", "时间", "日期")
#: Members whose offsets are those of the file.
_OWN_BYTES: Final = re.compile(r"(?!#trailing|#outside|#comment)(?:#[^!]*)?$")
_SPAN: Final = 'source, member, row, "column", start, "end"'


@dataclass(frozen=True, slots=True)
class Damaged:
    """A damaged file: its name, bytes, and the values that its seeds had.

    ``values``: those that must be found unless a part is listed, whoever else can read them.
    """

    name: str
    data: bytes
    planted: frozenset[tuple[str, str]]
    values: frozenset[str] = frozenset()


@dataclass(slots=True)
class Outcome:
    """What one or many scans of damaged files have shown.

    ``failures``: (file, what does not hold).  ``readers``: failures of readers that are listed.
    """

    files: int = 0
    values: int = 0
    findings: int = 0
    lost: int = 0
    peak: int = 0
    failures: list[tuple[Damaged, str]] = field(default_factory=list)
    readers: Counter[str] = field(default_factory=Counter)

    def add(self, other: Outcome) -> None:
        """Add the figures of ``other``."""
        for name in ("files", "values", "findings", "lost"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.peak = max(self.peak, other.peak)
        self.failures += other.failures
        self.readers += other.readers


class Fuzzer:
    """Makes damaged files of the seeds in ``home`` and tries them."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.seeds = make_seeds(home / "corpora")

    @cached_property
    def catalog(self) -> Any:
        """Return the shipped catalogue."""
        return load()

    def make(self, seed: str, count: int) -> Iterator[Damaged]:
        """Yield ``count`` damaged files; equal seeds give equal files."""
        for number in range(count):
            rng = random.Random(f"{seed}:{number}")
            one, other = self.seeds[number % len(self.seeds)], rng.choice(self.seeds)
            data = mutate(one.data, one.name, rng, other.data)
            yield Damaged(f"{number:04}{one.extension}", data, one.planted | other.planted)

    def undamaged(self) -> list[Damaged]:
        """Return the seeds themselves, which must hold too."""
        names = [f"{number:04}{seed.extension}" for number, seed in enumerate(self.seeds)]
        seeds = zip(names, self.seeds, strict=True)
        return [Damaged(n, s.data, s.planted, s.values) for n, s in seeds]

    def cut(self) -> Iterator[Damaged]:
        """Yield the seeds that know their length, cut at several places: what is gone is listed."""
        for seed in self.seeds:
            content = memory_content(seed.data, seed.name, member="m")
            if Sample(content).guess is not None or not seed.values:
                continue
            size = len(seed.data)
            for at in sorted({size // 4, size // 2, size * 3 // 4, size - 30, size - 1}):
                name = f"{Path(seed.name).stem}-{at}{seed.extension}"
                if any(seed.data[:at]):  # NULs alone have no text and no length
                    yield Damaged(name, seed.data[:at], frozenset(), seed.values)

    def scan(self, files: list[Damaged]) -> Outcome:
        """Scan files together and check them; if that ends badly, scan halves."""
        return self._together(files, self._scan)

    def redact(self, files: list[Damaged]) -> Outcome:
        """Make masked copies of files together and check them; if that ends badly, of halves."""
        return self._together(files, self._redact)

    def _together(self, files: list[Damaged], verb: Any) -> Outcome:
        """Try a verb on files, or on halves of them if its exit code is wrong or it is slow."""
        folder = Path(tempfile.mkdtemp(dir=self.home))
        try:
            (folder / "in").mkdir()
            for each in files:
                (folder / "in" / each.name).write_bytes(each.data)
            held = _reset_peak()
            before = time.process_time()
            outcome: Outcome | str = verb(folder, files)
            spent = time.process_time() - before
            peak = _peak(held)
            if not isinstance(outcome, str) and spent > _START + _EACH * len(files):
                outcome = f"{spent:.0f} processor seconds"
            if not isinstance(outcome, str) and peak > MEMORY:
                outcome = f"{peak >> 20} MB"
            if not isinstance(outcome, str):
                outcome.peak = peak
                return outcome
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        result = Outcome(files=len(files), peak=peak)
        if len(files) == 1:
            result.failures.append((files[0], outcome))
            return result
        middle = len(files) // 2
        halves = [self._together(files[:middle], verb), self._together(files[middle:], verb)]
        for half in halves:
            result.failures += half.failures
            result.readers += half.readers
        if not result.failures:
            result.failures.append((files[0], f"only together with others: {outcome}"))
        return result

    def _scan(self, folder: Path, files: list[Damaged]) -> Outcome | str:
        """Scan the files in ``folder``; return the outcome, or how the scan ended if badly."""
        arguments = ["scan", "in", "--case", "case", "--key", "key", "--reveal"]
        code, said = _run([*arguments, "--as-of", "2026-01-01"], folder)
        if code not in (0, 1):
            return f"exit code {code}: {said}"
        outcome = Outcome(len(files))
        case = Case.open(folder / "case")
        errors: dict[int | None, list[dict[str, Any]]] = {}
        for error in case.stored("errors").to_pylist():
            errors.setdefault(error["source"], []).append(error)
            if error["reason"] in _FAILED:
                outcome.readers[f"{error['reason']} {error['detail']}"] += 1
        outcome.lost = sum(error["lost"] for each in errors.values() for error in each)
        found: dict[int, list[dict[str, Any]]] = {}
        select = f"select {_SPAN}, line, text, byte_offset, encoding from findings f "
        select += f"join clear c using ({_SPAN}, entity, recognizer) "
        for row in case.sql(select + "left join parts p using (source, member)").to_pylist():
            found.setdefault(row["source"], []).append(row)
        sources = {Path(s["path"]).name: s for s in case.manifest.content["sources"]}
        for each in files:
            source = sources[each.name]
            rows = found.get(source["source"], [])
            outcome.findings += len(rows)
            lost = [e["member"] for e in errors.get(source["source"], []) if e["lost"]]
            texts = "\n".join({row["text"] for row in rows if row["text"]})
            here = _still_there(each)
            outcome.values += len(here)
            for value, places in here.items():
                if value not in texts and not any(_covers(lost, place) for place in places):
                    outcome.failures.append((each, f"{value} at {places} neither found nor lost"))
            gone = [value for value in each.values if value not in texts]
            if gone and not lost:
                outcome.failures.append((each, f"{sorted(gone)} neither found nor lost"))
            source = {**source, "place": str(folder / "in" / each.name)}
            wrong = self._wrong_locator(source, each, rows)
            if wrong:
                outcome.failures.append((each, wrong))
        return outcome

    def _wrong_locator(
        self, source: dict[str, Any], file: Damaged, rows: list[dict[str, Any]]
    ) -> str | None:
        """Return the first finding whose place does not lead to its text; None if all do."""
        rows = [row for row in rows if row["text"] is not None]
        places = {(row["member"], row["row"]) for row in rows}
        lines: dict[Any, SourceRow] = reread_rows(source, places, self.catalog) if rows else {}
        for row in rows:
            line = lines.get((row["member"], row["row"]))
            if line is None:
                return f"no row for {row}"
            cell = line.cells[max(row["column"] - 1, 0)] or ""
            if cell[row["start"] : row["end"]] != row["text"]:
                return f"another text for {row}"
            at, codec = row["byte_offset"], row["encoding"]
            if (
                at is not None
                and codec
                and _OWN_BYTES.match(row["member"])
                and b"PK\x03\x04" not in file.data
            ):
                if codec == "utf-16":
                    codec = "utf-16-le" if file.data[:1] != b"\xfe" else "utf-16-be"
                text = row["text"].partition("\ufffd")[0].encode(codec)
                if file.data[at : at + len(text)] != text:
                    return f"other bytes for {row}"
        return None

    def _redact(self, folder: Path, files: list[Damaged]) -> Outcome | str:
        """Copy the files in ``folder``; return the outcome, or how that ended if badly."""
        code, said = _run(["redact", "in", "--out", "out"], folder)
        if code not in (0, 1, 3):
            return f"exit code {code}: {said}"
        outcome = Outcome(len(files))
        report = json.loads((folder / "out" / "redaction.json").read_text("utf-8"))
        copies = {Path(entry["source"]).name: entry for entry in report["files"]}
        for each in files:
            entry = copies[each.name]
            listed = entry["left"] or entry["not_redacted"]
            for _, reason, detail in entry["not_redacted"]:
                if reason in _FAILED:
                    outcome.readers[f"{reason} {detail}"] += 1
            outcome.lost += bool(listed)
            if entry["copy"] is None or listed:
                continue
            copy = Damaged(each.name, (folder / "out" / entry["copy"]).read_bytes(), each.planted)
            outcome.values += len(_still_there(each))
            for value, places in _still_there(copy).items():
                outcome.failures.append((each, f"{value} at {places} is still in the copy"))
        return outcome


def _still_there(file: Damaged) -> dict[str, set[str]]:
    """Return planted value -> places where it still stands with all that stood beside it.

    Of a table with amounts or moments none: its columns may have moved.
    """
    here: dict[str, set[str]] = {}
    for place, text in texts_of(file.data):
        if any(word in text for word in _AMOUNTS):
            return {}
        for value, beside in file.planted:
            if _stands_alone(value, beside, text):
                here.setdefault(value, set()).add(place)
    return here


def _stands_alone(value: str, beside: str, text: str) -> bool:
    """Return True if a value stands in a text beside the same characters, and in no longer word."""
    at = text.find(beside)
    while at >= 0:
        start = at + beside.index(value)
        around = text[max(start - 1, 0) : start] + text[start + len(value) :][:1]
        if not any(char.isascii() and char.isalnum() for char in around):
            return True
        at = text.find(beside, at + 1)
    return False


def _covers(lost: list[str], place: str) -> bool:
    """Return True if a member that was lost is the part at ``place``, around it or in it."""
    return any(
        place.startswith(member.partition("#")[0]) or member.startswith(place) for member in lost
    )


def _run(arguments: list[str], folder: Path) -> tuple[int, str]:
    """Run one command in ``folder``; return its exit code and what it said."""
    said = io.StringIO()
    with (
        contextlib.chdir(folder),
        contextlib.redirect_stdout(said),
        contextlib.redirect_stderr(said),
    ):
        code = piiscan(arguments, {"LANG": "en"})
    return code, said.getvalue()[-500:]


def _processes() -> list[Path]:
    """Return the folders of this process and its workers in /proc; none where it has none."""
    workers = [
        child
        for task in Path("/proc/self/task").glob("*/children")
        for child in task.read_text().split()
    ]
    return [path for name in ("self", *workers) if (path := Path("/proc", name)).is_dir()]


def _reset_peak() -> dict[Path, int]:
    """Forget the highest memory of this process and its workers; return what each holds now.

    A process that runs many other tests holds more than one that runs these alone.
    """
    for process in _processes():
        with contextlib.suppress(OSError):
            (process / "clear_refs").write_text("5")
    return {process: _highest(process) for process in _processes()}


def _peak(held: dict[Path, int]) -> int:
    """Return the most memory, in bytes, that this process or a worker took beyond ``held``."""
    return max([0, *(_highest(each) - held.get(each, 0) for each in _processes())])


def _highest(process: Path) -> int:
    """Return the highest memory of a process in bytes, 0 if it is gone."""
    with contextlib.suppress(OSError):
        lines = (process / "status").read_text().splitlines()
        return sum(int(line.split()[1]) << 10 for line in lines if "VmHWM" in line)
    return 0


def fuzz_files(seconds: float, seed: int, keep: Path) -> Outcome:
    """Try batches of damaged files for ``seconds``; store those that fail in ``keep``."""
    total, stop = Outcome(), time.monotonic() + seconds
    with tempfile.TemporaryDirectory() as home:
        fuzzer = Fuzzer(Path(home))
        batch = 0
        while time.monotonic() < stop:
            faulthandler.dump_traceback_later(_HANG, exit=True)
            print(f"seed {seed}, batch {batch}", file=sys.stderr, flush=True)
            files = list(fuzzer.make(f"{seed}:{batch}", BATCH))
            for verb in (fuzzer.scan, fuzzer.redact) if batch % 8 == 0 else (fuzzer.scan,):
                outcome = verb(files)
                for file, text in outcome.failures:
                    keep.mkdir(parents=True, exist_ok=True)
                    (keep / f"{seed}-{batch}-{file.name}").write_bytes(file.data)
                    print(f"{seed}-{batch}-{file.name}: {text}", file=sys.stderr, flush=True)
                outcome.files *= verb == fuzzer.scan
                total.add(outcome)
            batch += 1
    faulthandler.cancel_dump_traceback_later()
    print(
        f"seed {seed}: {total.files} files in {batch} scans, {total.values} values still there, "
        f"{total.findings} findings, {total.lost} lost parts, {len(total.failures)} failures, "
        f"peak {total.peak >> 20} MB"
    )
    for text, count in total.readers.most_common():
        print(f"{count:6} {text}")
    return total
