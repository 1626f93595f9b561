"""A whole corpus on disk: recipe and seed in, files and their truth out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any
from zlib import crc32

import numpy as np
import pyarrow as pa

from piiscan.synth import file_encoder, zip_writer
from piiscan.synth import ground_truth as truth
from piiscan.synth.drawn_rows import Drawn
from piiscan.synth.ground_truth import Tally
from piiscan.synth.planted_cells import Cells
from piiscan.synth.recipe import File, Recipe, load


@dataclass(frozen=True, slots=True)
class Made:
    """What was written. The truth lies beside the dump folder, so that a scan does not read it."""

    folder: Path
    files: tuple[Path, ...]
    truth: Path
    truth_lines: Path | None
    truth_rows: Path | None = None
    register: Path | None = None  # written by the case half: register.made_corpus


@dataclass(slots=True)
class _Work:
    """One corpus in the making."""

    recipe: Recipe
    rows: int
    seed: int
    folder: Path
    lines: IO[str]
    told: IO[str]
    drawn: Drawn
    truths: list[dict[str, Any]] = field(default_factory=list)


def make(
    name: str, *, rows: int | None = None, seed: int = 0, out: Path, told: bool | None = None
) -> Made:
    """Writes the corpus ``name`` to ``out/NAME`` and its truth to ``out/NAME.truth.json``.

    Spans of text lines go to ``out/NAME.truth.jsonl``, with ``told`` (by default as the recipe
    says) every row to ``out/NAME.rows.jsonl``. The same name, rows and seed give the same
    bytes: no clock, locale or set order is asked. Raises PiiscanError when there is no such recipe
    or the recipe is wrong.
    """
    recipe = load(name)
    if told is not None:
        recipe = replace(recipe, told=told)
    folder = out / name
    folder.mkdir(parents=True, exist_ok=True)
    size = recipe.rows if rows is None else rows
    spans, listed = out / f"{name}.truth.jsonl", out / f"{name}.rows.jsonl"
    with _text(spans) as lines, _text(listed) as rows_told:
        drawn = Drawn(recipe, size, seed)
        work = _Work(recipe, size, seed, folder, lines, rows_told, drawn)
        files = tuple(_write(file, work) for file in recipe.files)
    written = out / f"{name}.truth.json"
    report = {"corpus": name, "rows": work.rows, "seed": seed, "files": work.truths}
    written.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return Made(folder, files, written, _filled(spans), _filled(listed))


def _text(path: Path) -> IO[str]:
    return path.open("w", encoding="utf-8", newline="\n")


def _filled(path: Path) -> Path | None:
    """The path, or none if nothing was written there."""
    if path.stat().st_size:
        return path
    path.unlink()
    return None


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
        data = zip_writer.pack(members, names=file.names, encrypted=file.damage == "encrypted")
    elif file.format == "bytes":
        rng = np.random.default_rng([work.seed, crc32(chain.encode())])
        data = b"7z\xbc\xaf\x27\x1c\0\4" + rng.bytes(work.drawn.own_rows(file))
    elif file.format == "xlsx":
        data = _sheet(file, work, chain=chain)
    else:
        data = b"".join(_stream(file, work, chain=chain))
    if file.damage or file.format == "bytes":
        del work.truths[readable:]
        work.truths.append({"path": chain, "readable": False})
    return data[: len(data) * 3 // 5] if file.damage == "truncated" else data


def _stream(file: File, work: _Work, *, chain: str) -> Iterator[bytes]:
    """The bytes of a table, of JSON lines or of text lines, chunk by chunk."""
    tally = Tally()
    head = [*(line + file.newline for line in file.before), file_encoder.heading(file)]
    if "".join(head) or file_encoder.ENCODINGS.get(file.encoding, ("", b""))[1]:
        mark = file_encoder.ENCODINGS[file.encoding][1]
        yield mark + file_encoder.encoded(pa.array(["".join(head)]), file, first=0)
    for first, columns in work.drawn.chunks(file, chain=chain):
        _tell(columns, file, work, tally=tally, chain=chain, first=first)
        if file.line and file.texts:
            work.lines.write(truth.lines(columns[0], name=chain, first=first + 1))
        if file.format == "jsonl":
            lines = file_encoder.objects(columns, file)
        elif file.format == "sql":
            lines = file_encoder.statements(columns, file)
        else:
            lines = file_encoder.repeated(file_encoder.records(columns, file), file, first=first)
        yield file_encoder.encoded(lines, file, first=first)
    work.truths.append(_entry(file, tally, chain=chain))


def _sheet(file: File, work: _Work, *, chain: str) -> bytes:
    """The bytes of a workbook."""
    tally = Tally()
    chunks = []
    for first, columns in work.drawn.chunks(file, chain=chain):
        _tell(columns, file, work, tally=tally, chain=chain, first=first)
        chunks.append(columns)
    work.truths.append(_entry(file, tally, chain=chain))
    return file_encoder.sheet(chunks, file)


def _tell(
    columns: Sequence[Cells], file: File, work: _Work, *, tally: Tally, chain: str, first: int
) -> None:
    """Counts the rows, and writes them down if the recipe wants that."""
    for cells in columns:
        tally.add(cells)
    tally.rows += len(columns[0])
    if work.recipe.told:
        work.told.write(truth.rows(columns, file, name=chain, first=first))


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
