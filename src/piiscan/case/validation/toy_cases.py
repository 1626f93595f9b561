"""Toy cases: small cases whose numbers are known beforehand.

法释〔2017〕10号 art. 11: ten people are acquired; six are sold to one buyer, four to another, two
of them the same. Sold to all buyers: 10; acquired and not sold: 2; total: 12.

They are made in a sandbox: a temporary folder in the case with a key and settings of its own.
"""

from __future__ import annotations

import datetime
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from piiscan.case.count.count import count
from piiscan.case.scan.scan import scan
from piiscan.case.store.case import Case
from piiscan.detect.self_test import AS_OF
from piiscan.hashing.key import open_key
from piiscan.output_files import make_private_folder, temporary_folder

Row = Mapping[str, Any]

#: File of the toy case -> role, party and numbers of its people.
_TOY_FILES: Final = {
    "获取.csv": ("获取", "上家", (*range(10), 0)),
    "售甲.csv": ("出售", "买方甲", tuple(range(6))),
    "售乙.csv": ("出售", "买方乙", tuple(range(4, 8))),
}
#: Column of the table of transfers -> its number in the toy case.
TOY_ANSWERS: Final = {"acquired": 10, "sold_sum": 10, "not_sold": 2, "flow_total": 12}
_HEADINGS: Final = "路径,嫌疑人,角色,来自,去向\n"


def transfer_failures(sandbox: Sandbox, people: Sequence[Sequence[str]]) -> tuple[int, int]:
    """Return (numbers compared, wrong ones) of the toy case of art. 11.

    ``people``: cells (name, identity number, phone) of at least ten fictional people.
    """
    dump = sandbox.folder / "toy"
    make_private_folder(dump)
    register = _HEADINGS
    for name, (role, party, numbers) in _TOY_FILES.items():
        lines = [",".join(people[number]) for number in numbers]
        (dump / name).write_text("姓名,身份证号,手机号\n" + "\n".join(lines) + "\n", "utf-8")
        parties = f"{party}," if role == "获取" else f",{party}"
        register += f"toy/{name},示例人,{role},{parties}\n"
    sheet = sandbox.folder / "toy-register.csv"
    sheet.write_text(register, "utf-8")
    case = scan([dump], case=sandbox.folder / "toy-case", **sandbox.scan_options())
    tables = count(case, register=sheet, key=sandbox.key).tables()
    rows = [row for row in tables.get("flow_total", ()) if row["suspect"] == "示例人"]
    told = rows[0] if len(rows) == 1 else {}
    wrong = sum(told.get(name) != number for name, number in TOY_ANSWERS.items())
    return len(TOY_ANSWERS), wrong


def conservation_failures(tables: Mapping[str, Sequence[Row]]) -> tuple[int, int]:
    """Return (steps compared, wrong ones): before = after + the sum of the reasons of the step.

    Rows and subjects are compared, each by itself; R5 and R6 count subjects in both columns.
    ``tables``: the tables of a count. A negative reason is wrong, too.
    """
    reasons: dict[tuple[str, str, str, str], int] = {}
    negative: set[tuple[str, str, str, str]] = set()
    for row in tables["ladder_reasons"]:
        for column in ("count", "subjects"):
            place = (row["scope_kind"], row["scope"], row["step"], column)
            number = row[column] or 0
            if number < 0:
                negative.add(place)
            if not row["kept"]:
                reasons[place] = reasons.get(place, 0) + number
    compared = wrong = 0
    previous: Row | None = None
    for row in tables["ladder"]:
        for column in ("count", "subjects"):
            if previous is None or row["step"] == "R0" or row[column] is None:
                continue
            before = previous["subjects" if row["step"] == "R5" else column]
            if before is None:
                continue
            place = (row["scope_kind"], row["scope"], row["step"], column)
            compared += 1
            fell = before - row[column]
            wrong += place in negative or fell < 0 or fell != reasons.get(place, 0)
        previous = row
    return compared, wrong


def corpus_people(rows: Path) -> list[list[str]]:
    """Return the cells of ten different fictional people from ``NAME.rows.jsonl``."""
    import json

    found: dict[str, list[str]] = {}
    with rows.open(encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            values = {entity: v for _, entity, _, _, v, refuted in row["values"] if not refuted}
            cells = [values.get(e, "") for e in ("PERSON", "CN_RESIDENT_ID", "CN_MOBILE")]
            if all(cells):
                found.setdefault(cells[1], cells)
    return list(found.values())[:10]


_PREFIX: Final = "validate-"


@dataclass(frozen=True, slots=True)
class Sandbox:
    """Folder for corpora and their cases; they are scanned as the case was, with another key."""

    folder: Path
    recognizers: Path | None
    min_score: float
    names: bool

    @property
    def key(self) -> Path:
        """Return the file of the digest key; the first scan creates it."""
        return self.folder / "key"

    @property
    def as_of(self) -> datetime.date:
        """Return the day for which the corpora are written."""
        return AS_OF

    def scan_options(self) -> dict[str, Any]:
        """Return the options of every scan in the sandbox."""
        return {
            "key": self.key,
            "as_of": self.as_of,
            "recognizers": self.recognizers,
            "min_score": self.min_score,
            "names": self.names,
        }

    def secret(self, case: Case) -> bytes:
        """Return the digest key of a case that was made in the sandbox."""
        known = case.manifest.content["settings"]["key"]
        return open_key(self.key, case=case.path, known=known).secret


@contextmanager
def open_sandbox(case: Case, *, recognizers: Path | None) -> Iterator[Sandbox]:
    """Yield a sandbox below ``tmp`` of the case; delete it on exit, and those of killed runs."""
    temporary = case.path / "tmp"
    for stale in temporary.glob(f"{_PREFIX}*"):
        shutil.rmtree(stale, ignore_errors=True)
    settings = case.manifest.content["settings"]
    with temporary_folder(temporary, _PREFIX) as folder:
        yield Sandbox(folder, recognizers, settings["min_score"], settings["names"])
