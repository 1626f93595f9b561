"""Synthetic corpus on disk: the files of a recipe and their ground truth."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any
from zlib import crc32

import numpy as np
import pyarrow as pa

from piiscan.output_files import make_private_folder
from piiscan.synth import file_encoder
from piiscan.synth import ground_truth as truth
from piiscan.synth.drawn_rows import CorpusRows
from piiscan.synth.ground_truth import EntityCounts
from piiscan.synth.planted_cells import Cells
from piiscan.synth.recipe import FileRecipe, Recipe, load_recipe


@dataclass(frozen=True, slots=True)
class MadeCorpus:
    """Paths of a written corpus.

    ``folder`` contains the files; the ground truth is outside of it, so that a scan does not read
    it. Optional files are None if they were not written.
    """

    folder: Path
    files: tuple[Path, ...]
    truth: Path
    truth_lines: Path | None
    truth_rows: Path | None = None
    register: Path | None = None  # written by piiscan.case.register.made_corpus


@dataclass(slots=True)
class _CorpusState:
    """State while one corpus is written: recipe, seed, open output files, ground truth so far."""

    recipe: Recipe
    rows: int
    seed: int
    folder: Path
    span_file: IO[str]
    row_file: IO[str]
    corpus_rows: CorpusRows
    file_truths: list[dict[str, Any]] = field(default_factory=list)


def make(
    name: str, *, rows: int | None = None, seed: int = 0, out: Path, list_rows: bool | None = None
) -> MadeCorpus:
    """Write the corpus ``name`` to ``out/NAME`` and its ground truth to ``out/NAME.truth.json``.

    The spans of text lines go to ``out/NAME.truth.jsonl``. With ``list_rows`` (default: as in the
    recipe) every row goes to ``out/NAME.rows.jsonl``. The same name, rows and seed give the same
    bytes: clock, locale and set order are not used.

    Args:
        name: name of a recipe.
        rows: size of the corpus (default: as in the recipe).
        seed: seed of all random numbers.
        out: output folder.
        list_rows: True writes every row with its values.

    Raises:
        PiiscanError: there is no such recipe, or it is invalid.
    """
    recipe = load_recipe(name)
    if list_rows is not None:
        recipe = replace(recipe, list_rows=list_rows)
    folder = out / name
    make_private_folder(folder)
    size = recipe.rows if rows is None else rows
    spans, listed = out / f"{name}.truth.jsonl", out / f"{name}.rows.jsonl"
    with _open_text(spans) as lines, _open_text(listed) as listed_rows:
        corpus_rows = CorpusRows(recipe, size, seed)
        state = _CorpusState(recipe, size, seed, folder, lines, listed_rows, corpus_rows)
        files = tuple(_write_file(file, state) for file in recipe.files)
    written = out / f"{name}.truth.json"
    report = {"corpus": name, "rows": state.rows, "seed": seed, "files": state.file_truths}
    written.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return MadeCorpus(folder, files, written, _path_if_written(spans), _path_if_written(listed))


def _open_text(path: Path) -> IO[str]:
    r"""Open a UTF-8 text file for writing, with ``\n`` as line end."""
    return path.open("w", encoding="utf-8", newline="\n")


def _path_if_written(path: Path) -> Path | None:
    """Return ``path`` if the file has content; else delete it and return None."""
    if path.stat().st_size:
        return path
    path.unlink()
    return None


def _write_file(file: FileRecipe, state: _CorpusState) -> Path:
    """Write one file of the corpus and return its path; tables and lines are streamed."""
    path = state.folder / file.path
    make_private_folder(path.parent)
    with path.open("wb") as out:
        if file.format in {"table", "lines", "jsonl", "sql"} and not file.damage:
            for data in _stream_rows(file, state, chain=file.path):
                out.write(data)
        else:
            out.write(_file_bytes(file, state, chain=file.path))
    return path


def _file_bytes(file: FileRecipe, state: _CorpusState, *, chain: str) -> bytes:
    """Return the bytes of a corpus file built in memory: archive, sheet, member, damaged file.

    ``chain``: path of the file, with ``!`` after each archive.
    """
    truth_count = len(state.file_truths)
    if file.format == "zip":
        members = [
            (one.path, _file_bytes(one, state, chain=f"{chain}!{one.path}")) for one in file.members
        ]
        data = file_encoder.pack_zip(
            members, names=file.names, encrypted=file.damage == "encrypted"
        )
    elif file.format == "bytes":
        rng = np.random.default_rng([state.seed, crc32(chain.encode())])
        data = b"7z\xbc\xaf\x27\x1c\0\4" + rng.bytes(state.corpus_rows.own_rows(file))
    elif file.format == "xlsx":
        counts = EntityCounts()
        chunks = []
        for first, columns in state.corpus_rows.chunks(file, chain=chain):
            _record_rows(columns, file, state, counts=counts, chain=chain, first=first)
            chunks.append(columns)
        state.file_truths.append(_file_truth(file, counts, chain=chain))
        data = file_encoder.workbook_bytes(chunks, file)
    else:
        data = b"".join(_stream_rows(file, state, chain=chain))
    if file.damage or file.format == "bytes":
        del state.file_truths[truth_count:]
        state.file_truths.append({"path": chain, "readable": False})
    return data[: len(data) * 3 // 5] if file.damage == "truncated" else data


def _stream_rows(file: FileRecipe, state: _CorpusState, *, chain: str) -> Iterator[bytes]:
    """Yield the bytes of a corpus table or text in chunks: CSV, SQL, JSON lines or lines."""
    counts = EntityCounts()
    head = [*(line + file.newline for line in file.before), file_encoder.header_text(file)]
    if "".join(head) or file_encoder.ENCODINGS.get(file.encoding, ("", b""))[1]:
        mark = file_encoder.ENCODINGS[file.encoding][1]
        yield mark + file_encoder.encode_lines(pa.array(["".join(head)]), file, first=0)
    for first, columns in state.corpus_rows.chunks(file, chain=chain):
        _record_rows(columns, file, state, counts=counts, chain=chain, first=first)
        if file.line and file.texts:
            state.span_file.write(truth.span_lines(columns[0], name=chain, first=first + 1))
        if file.format == "jsonl":
            lines = file_encoder.json_lines(columns, file)
        elif file.format == "sql":
            lines = file_encoder.insert_lines(columns, file)
        else:
            lines = file_encoder.repeat_header(
                file_encoder.record_lines(columns, file), file, first=first
            )
        yield file_encoder.encode_lines(lines, file, first=first)
    state.file_truths.append(_file_truth(file, counts, chain=chain))


def _record_rows(
    columns: Sequence[Cells],
    file: FileRecipe,
    state: _CorpusState,
    *,
    counts: EntityCounts,
    chain: str,
    first: int,
) -> None:
    """Add the planted values of a chunk to ``counts``; write its rows if the recipe lists rows."""
    for cells in columns:
        counts.add(cells)
    counts.rows += len(columns[0])
    if state.recipe.list_rows:
        state.row_file.write(truth.row_lines(columns, file, name=chain, first=first))


def _file_truth(file: FileRecipe, counts: EntityCounts, *, chain: str) -> dict[str, Any]:
    """Return the ground truth of one file (counts by entity) as JSON data."""
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
        "rows": counts.rows,
        "entities": counts.report(),
    }
