"""Who has whose data, from a corpus's own rows, its register and its files, in plain Python.

Sets of keys, the register as it is written, bytes of files: nothing of the code that counts.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from tests.case.flow.naive_transfers import Item, Logged, Made
from tests.case.naive import Truth
from tests.case.planted import Cell, Row

OF_A_TRANSFER = ("party_from", "party_to", "time", "price", "channel")
KINDS = ("suspect", "device", "item", "source")


def said_of(truth: Truth, file: str) -> dict[str, Any]:
    """What the register says of a file, deeper rows before those above."""
    said: dict[str, Any] = {}
    for row in sorted(truth.register or (), key=lambda r: len(r["path"])):
        if file == row["path"] or file.startswith((row["path"] + "/", row["path"] + "!")):
            if "role" in row and row["role"] != said.get("role"):
                said = {k: v for k, v in said.items() if k not in OF_A_TRANSFER}
            said |= row
    return said


def counted(truth: Truth) -> list[Row]:
    """The rows that pass and stand in confirmed layers, as the case has them in order."""
    files = list(dict.fromkeys(row.file for row in truth.rows))
    rows = [row for row in truth.rows if row.passed and row.headline]
    return sorted(rows, key=lambda r: (int(r.scopes["source"] or 0), files.index(r.file), r.row))


def transfers(truth: Truth) -> Made:
    """The files as items with their keys, what the register says of them, and their ledgers."""
    files = list(dict.fromkeys(row.file for row in truth.rows))
    items = []
    for file in files:
        said = said_of(truth, file)
        keys = {key for row in counted(truth) if row.file == file for key in row.keys}
        parties = [[said[name]] if name in said else [] for name in ("party_from", "party_to")]
        items.append(Item(said.get("suspect"), said.get("role", "unknown"), keys, *parties))
    logged = [
        Logged(files.index(row.file), row.key, told["status"], told["party"])
        for row, told in truth.trades()
        if row.passed and told["status"] in ("obtained", "sold")
    ]
    return Made(items, logged, aliases={})


def matrix(truth: Truth) -> list[Cell]:
    """Every pair of each kind that shares a key."""
    rows = counted(truth)
    out = []
    for kind in KINDS:
        held: dict[str, list[Any]] = defaultdict(list)
        for row in rows:
            scope = row.scopes[kind]
            if scope is not None:
                held[scope] += [key for key in row.keys if key not in held[scope]]
        for one, other in combinations(sorted(held), 2):
            both = set(held[one]) & set(held[other])
            if not both:
                continue
            alone = [k for k in both if sum(k in keys for keys in held.values()) == 2]
            places = [held[other].index(key) for key in held[one] if key in both]
            order = f"{_rising(places) / len(places):.4f}" if len(both) >= 10 else None
            out.append(
                {
                    "scope_kind": kind,
                    "one": one,
                    "other": other,
                    "one_size": len(held[one]),
                    "other_size": len(held[other]),
                    "common": len(both),
                    "common_of_one": f"{len(both) / len(held[one]):.4f}",
                    "common_of_other": f"{len(both) / len(held[other]):.4f}",
                    "only_these": len(alone),
                    "order": order,
                }
            )
    return out


def _rising(places: list[int]) -> int:
    """The longest rising part, by the plain table of all lengths."""
    best: list[int] = []
    for at, place in enumerate(places):
        best.append(1 + max((best[n] for n in range(at) if places[n] < place), default=0))
    return max(best, default=0)


def edges(truth: Truth) -> list[tuple[Any, ...]]:
    """Giver, taker, what it rests on, item, distinct keys, confirmed; without messages."""
    found: dict[tuple[Any, ...], set[Any]] = defaultdict(set)
    files = {file: said_of(truth, file) for file in {row.file for row in truth.rows}}
    for said in files.values():
        for giver, taker in _ends(said):
            found[giver, taker, "REGISTER", said.get("item"), True] |= set()
    for row in counted(truth):
        said = files[row.file]
        for giver, taker in _ends(said):
            found[giver, taker, "REGISTER", said.get("item"), True].update(row.keys)
    for row, told in truth.trades():
        if told["party"]:
            said = files[row.file]
            end = (said.get("suspect"), told["party"][0] + "*", "LEDGER", said.get("item"), False)
            found[end] |= {row.key} if row.passed else set()
    out = [(a, b, why, item, len(keys), sure) for (a, b, why, item, sure), keys in found.items()]
    owner = {row.scopes["item"]: row.scopes["suspect"] for row in truth.rows}
    for pair in matrix(truth):
        one, other = pair["one"], pair["other"]
        share = max(float(pair["common_of_one"]), float(pair["common_of_other"]))
        if pair["scope_kind"] == "item" and owner[one] != owner[other] and share >= 0.8:
            ends = (one, other) if pair["one_size"] >= pair["other_size"] else (other, one)
            out.append((*ends, "CONTAINED", None, pair["common"], False))
    return out


def _ends(said: dict[str, Any]) -> Iterator[tuple[Any, Any]]:
    if "party_from" in said:
        yield said["party_from"], said.get("suspect")
    if "party_to" in said:
        yield said.get("suspect"), said["party_to"]


@dataclass(frozen=True)
class Message:
    """A file as a chat tells it, and who is said to have sent it to whom."""

    chat: str
    row: int
    giver: str
    taker: str
    name: str
    size: int | None = None
    md5: str | None = None
    time: str | None = None


def files_of(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, and every file in the zip archives there."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            name = path.relative_to(folder).as_posix()
            found[name] = path.read_bytes()
            if path.suffix == ".zip":
                with zipfile.ZipFile(path, metadata_encoding="gbk") as archive:
                    found |= {f"{name}!{each}": archive.read(each) for each in archive.namelist()}
    return found


def matched(message: Message, files: dict[str, bytes]) -> tuple[str, str | None, list[str]]:
    """What became of a message: outcome, what it was matched by, the files."""
    if message.md5 is not None:
        same = [n for n, data in files.items() if hashlib.md5(data).hexdigest() == message.md5]
        if same:
            return "FOUND", "MD5", same
    named = [n for n in files if n.replace("!", "/").rpartition("/")[2] == message.name]
    fit = [n for n in named if message.md5 is None and message.size in (None, len(files[n]))]
    how = "NAME" if message.size is None else "NAME_SIZE"
    if not named:
        return "NOT_FOUND", None, []
    if not fit:
        return "DIFFERENT", None, []
    several = len({files[n] for n in fit}) > 1
    return ("AMBIGUOUS" if several else "FOUND"), how, fit
