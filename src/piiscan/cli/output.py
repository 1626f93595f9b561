"""Where verbs write: JSON lines and tables to stdout, notes and progress to stderr."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from piiscan.cli.wording import Wording


def write_json(records: Iterable[Mapping[str, Any]]) -> None:
    """One JSON object a line on stdout, in UTF-8 whatever the locale, written out at once.

    A lone surrogate, which no UTF-8 can hold, is written as the JSON escape that it is.
    """
    lines = "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in records)
    write(lines.encode("utf-8", "backslashreplace"))


def write(content: bytes) -> None:
    """Bytes on stdout, behind whatever was printed before."""
    sys.stdout.flush()
    buffer = getattr(sys.stdout, "buffer", None)
    if buffer is None:
        sys.stdout.write(content.decode())
    else:
        buffer.write(content)
    sys.stdout.flush()


def note(text: str) -> None:
    """A line on stderr, out of the way of what is piped on."""
    print(text, file=sys.stderr, flush=True)


def tell(text: str = "") -> None:
    """A line on stdout."""
    print(text)


def table(headings: Sequence[str], rows: Iterable[Sequence[object]], *, title: str = "") -> None:
    """A table on stdout; numbers to the right, nothing cut off when the output is no terminal."""
    from rich import box
    from rich.table import Table

    listed = [list(row) for row in rows]
    drawn = Table(title=title or None, box=box.SIMPLE, title_justify="left", pad_edge=False)
    for number, heading in enumerate(headings):
        numeric = all(isinstance(row[number], int | float) for row in listed) and bool(listed)
        drawn.add_column(heading, justify="right" if numeric else "left", overflow="fold")
    for row in listed:
        drawn.add_row(*(f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in row))
    draw(drawn)


def draw(table: Any) -> None:
    """A rich table on stdout; where that is no terminal it is wide enough for most paths."""
    from rich.console import Console

    wide = None if sys.stdout.isatty() else 200
    Console(highlight=False, emoji=False, markup=False, width=wide).print(table)


def announce_compiling(words: Wording) -> None:
    """Say on stderr that a first run takes longer, where kernels are not compiled yet.

    Where they can be kept a second process compiles too, so this comes before large imports.
    """
    from piiscan.cli import compile_ahead
    from piiscan.jit import cache_state

    state = cache_state()
    if state == "cold":
        compile_ahead.start()
    if state != "warm":
        note(words(f"compiling.{state}"))


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
