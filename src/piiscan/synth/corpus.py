"""A whole corpus on disk: recipe and seed in, files and their truth out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final
from zlib import crc32

import numpy as np
import pyarrow as pa

from piiscan.synth import archive, encode, truth
from piiscan.synth.cells import Cells, take
from piiscan.synth.draw import Chunk, Draw
from piiscan.synth.recipe import File, Recipe, load
from piiscan.synth.truth import Tally
from piiscan.synth.values import make as make_value

#: Rows made at a time. Part of the format: another size would draw other values.
CHUNK: Final = 65_536


@dataclass(frozen=True, slots=True)
class Made:
    """What was written. The truth lies beside the dump folder, so that a scan does not read it."""

    folder: Path
    files: tuple[Path, ...]
    truth: Path
    truth_lines: Path | None


@dataclass(slots=True)
class _Work:
    """One corpus in the making."""

    recipe: Recipe
    rows: int
    seed: int
    folder: Path
    lines: IO[str]
    truths: list[dict[str, Any]] = field(default_factory=list)


def make(name: str, *, rows: int | None = None, seed: int = 0, out: Path) -> Made:
    """Writes the corpus ``name`` to ``out/NAME`` and its truth to ``out/NAME.truth.json``.

    Spans of text lines go to ``out/NAME.truth.jsonl``. The same name, rows and seed give the same
    bytes: no clock, locale or set order is asked. Raises PiiscanError when there is no such recipe
    or the recipe is wrong.
    """
    recipe = load(name)
    folder = out / name
    folder.mkdir(parents=True, exist_ok=True)
    spans = out / f"{name}.truth.jsonl"
    with spans.open("w", encoding="utf-8", newline="\n") as lines:
        work = _Work(recipe, recipe.rows if rows is None else rows, seed, folder, lines)
        files = tuple(_write(file, work) for file in recipe.files)
    if not spans.stat().st_size:
        spans.unlink()
    written = out / f"{name}.truth.json"
    report = {"corpus": name, "rows": work.rows, "seed": seed, "files": work.truths}
    written.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return Made(folder, files, written, spans if spans.exists() else None)


def _write(file: File, work: _Work) -> Path:
    """Writes one file of the corpus; tables and lines are streamed."""
    path = work.folder / file.path
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as out:
        if file.format in {"table", "lines", "jsonl", "sql"} and not file.damage:
            for data in _stream(file, work, chain=file.path):
                out.write(data)
        else:
            out.write(_whole(file, work, chain=file.path))
    return path


def _whole(file: File, work: _Work, *, chain: str) -> bytes:
    """The bytes of a file that is made in memory: archives, sheets, members, damaged files."""
    readable = len(work.truths)
    if file.format == "zip":
        members = [
            (one.path, _whole(one, work, chain=f"{chain}!{one.path}")) for one in file.members
        ]
        data = archive.pack(members, names=file.names, encrypted=file.damage == "encrypted")
    elif file.format == "bytes":
        rng = np.random.default_rng([work.seed, crc32(chain.encode())])
        data = b"7z\xbc\xaf\x27\x1c\0\4" + rng.bytes(_rows(file, work))
    elif file.format == "xlsx":
        data = _sheet(file, work, chain=chain)
    else:
        data = b"".join(_stream(file, work, chain=chain))
    if file.damage or file.format == "bytes":
        del work.truths[readable:]
        work.truths.append({"path": chain, "readable": False})
    return data[: len(data) * 3 // 5] if file.damage == "truncated" else data


def _rows(file: File, work: _Work) -> int:
    """Rows of the file: its own number, or its share of the corpus."""
    return file.rows if file.rows is not None else max(1, round(work.rows * file.share))


def _chunks(file: File, work: _Work, *, chain: str) -> Iterator[tuple[int, list[Cells]]]:
    """First row and columns of each chunk; a share of rows stands there twice."""
    total = _rows(file, work)
    names = [file.line] if file.line else [value for _, value in file.columns]
    for number, first in enumerate(range(0, total, CHUNK)):
        rows = min(CHUNK, total - first)
        chunk = Chunk((work.seed, crc32(chain.encode()), number), rows, work.recipe.people)
        columns = []
        for place, name in enumerate(names):
            draw = Draw(chunk, np.arange(rows), chunk.generator(f"value {place}"))
            columns.append(make_value(name, work.recipe.values, draw))
        if file.duplicates:
            rng = chunk.generator("duplicates")
            picked = np.arange(rows)
            copies = np.flatnonzero(rng.random(rows) < file.duplicates)
            picked[copies] = (rng.random(len(copies)) * copies).astype(np.int64)
            columns = [take(cells, picked) for cells in columns]
        yield first, columns


def _stream(file: File, work: _Work, *, chain: str) -> Iterator[bytes]:
    """The bytes of a table, of JSON lines or of text lines, chunk by chunk."""
    tally = Tally()
    head = [*(line + file.newline for line in file.before), encode.heading(file)]
    if "".join(head) or encode.ENCODINGS.get(file.encoding, ("", b""))[1]:
        mark = encode.ENCODINGS[file.encoding][1]
        yield mark + encode.encoded(pa.array(["".join(head)]), file, first=0)
    for first, columns in _chunks(file, work, chain=chain):
        for cells in columns:
            tally.add(cells)
        tally.rows += len(columns[0])
        if file.line and file.texts:
            work.lines.write(truth.lines(columns[0], name=chain, first=first + 1))
        if file.format == "jsonl":
            lines = encode.objects(columns, file)
        elif file.format == "sql":
            lines = encode.statements(columns, file)
        else:
            lines = encode.repeated(encode.records(columns, file), file, first=first)
        yield encode.encoded(lines, file, first=first)
    work.truths.append(_entry(file, tally, chain=chain))


def _sheet(file: File, work: _Work, *, chain: str) -> bytes:
    """The bytes of a workbook."""
    tally = Tally()
    chunks = []
    for _, columns in _chunks(file, work, chain=chain):
        for cells in columns:
            tally.add(cells)
        tally.rows += len(columns[0])
        chunks.append(columns)
    work.truths.append(_entry(file, tally, chain=chain))
    return encode.sheet(chunks, file)


def _entry(file: File, tally: Tally, *, chain: str) -> dict[str, Any]:
    """The truth of one file."""
    table = file.format in {"table", "jsonl", "sql", "xlsx"}
    named = table and (file.header or file.format in {"jsonl", "sql"})
    return {
        "path": chain,
        "readable": True,
        "format": file.format,
        "encoding": None if file.format == "xlsx" else file.encoding,
        "delimiter": file.delimiter if file.format == "table" else None,
        "header": [name for name, _ in file.columns] if named else None,
        "header_row": len(file.before) + 1
        if named and file.format not in {"jsonl", "sql"}
        else None,
        "rows": tally.rows,
        "entities": tally.report(),
    }
