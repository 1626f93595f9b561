"""Output of verbs: JSON lines and tables to stdout, notes to stderr.

A register is compared with its case in :func:`print_register_check`.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from piiscan.output_files import write_aside
from piiscan.wording.words import Words

if TYPE_CHECKING:
    from piiscan.case.store.case import Case
    from piiscan.sources.block import Trouble


#: Name of a field -> its colour on a terminal (SGR parameters).
_COLOURS: Final = {"file": "1", "entity": "1;36", "text": "1;31"}


def write_json(records: Iterable[Mapping[str, Any]]) -> None:
    """Write one JSON object per line to stdout in UTF-8, in any locale, and flush.

    A lone surrogate, which UTF-8 cannot encode, is written as a JSON escape. On a terminal file,
    kind and text of a finding are coloured.
    """
    lines = "".join(_json_line(each) + "\n" for each in records)
    write_bytes(lines.encode("utf-8", "backslashreplace"))


def _json_line(record: Mapping[str, Any]) -> str:
    """Return a record as one line of JSON, with colours on a terminal."""
    if not sys.stdout.isatty():
        return json.dumps(record, ensure_ascii=False)
    pairs = (
        f"{json.dumps(key)}: {paint(json.dumps(value, ensure_ascii=False), key)}"
        for key, value in record.items()
    )
    return "{" + ", ".join(pairs) + "}"


def paint(text: str, name: str) -> str:
    """Return the text of a field in its colour if stdout is a terminal and NO_COLOR is not set."""
    if name not in _COLOURS or not sys.stdout.isatty() or os.environ.get("NO_COLOR"):
        return text
    return f"\x1b[{_COLOURS[name]}m{text}\x1b[0m"


def print_unread(troubles: Iterable[Trouble], words: Words) -> None:
    """Print a line with its reason to stderr for each part that was not read."""
    for each in troubles:
        reason = words.name("reasons", each.reason)
        print_note(words("check.unread", place=each.member, reason=reason))


def write_bytes(content: bytes) -> None:
    """Write ``content`` to stdout after all earlier output, and flush."""
    sys.stdout.flush()
    buffer = getattr(sys.stdout, "buffer", None)
    if buffer is None:
        sys.stdout.write(content.decode())
    else:
        buffer.write(content)
    sys.stdout.flush()


def print_note(text: str) -> None:
    """Print ``text`` as a line to stderr, so that piped output stays clean."""
    print(text, file=sys.stderr, flush=True)


def print_line(text: str = "") -> None:
    """Print ``text`` as a line to stdout."""
    print(text)


def print_table(
    headings: Sequence[str], rows: Iterable[Sequence[object]], *, title: str = ""
) -> None:
    """Print a table to stdout; numbers are right-aligned, and nothing is cut without a terminal."""
    from rich import box
    from rich.table import Table

    cells = [list(row) for row in rows]
    drawn = Table(title=title or None, box=box.SIMPLE, title_justify="left", pad_edge=False)
    for number, heading in enumerate(headings):
        numeric = all(isinstance(row[number], int | float) for row in cells) and bool(cells)
        drawn.add_column(heading, justify="right" if numeric else "left", overflow="fold")
    for row in cells:
        drawn.add_row(*(f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in row))
    print_renderable(drawn)


def print_renderable(table: Any) -> None:
    """Print a rich table to stdout; without a terminal it is 200 columns wide."""
    from rich.console import Console

    width = None if sys.stdout.isatty() else 200
    Console(highlight=False, emoji=False, markup=False, width=width).print(table)


def print_short_report(case: Case, words: Words, *notes: str) -> None:
    """Print the short report of a case, ``notes``, and where the rest is, to 80 columns."""
    from piiscan.case.report.html.case_page import PAGE_NAME
    from piiscan.case.report.terminal.short_report import fold_lines, short_report

    full = words("short.full", case=case.path, page=case.path / PAGE_NAME)
    for line in fold_lines([*short_report(case, language=words.language), *notes, full]):
        print_line(line)


def print_head(case: Path, words: Words, *, to_stderr: bool = False) -> None:
    """Print the head of a case's log in groups, to be copied into the minutes.

    Print nothing for a folder without a log.
    """
    from piiscan.case.store.audit_log import line_hashes
    from piiscan.hashing.head_groups import head_groups

    hashes = line_hashes(case / "log.jsonl")
    if hashes:
        text = words("head.note", line=len(hashes), groups=head_groups(hashes[-1]))
        (print_note if to_stderr else print_line)(text)


def write_private(path: Path, content: bytes) -> None:
    """Write ``content`` to the file ``path``, mode 0600; replace existing content."""
    with write_aside(path) as file:
        file.write(content)


if TYPE_CHECKING:
    from piiscan.case.register.register import RegisterCheck
    from piiscan.case.store.case import Case

#: Most lines of a list.
_MAX_SHOWN: Final = 20


def print_register_check(case: Case, words: Words) -> bool:
    """Print problems and checksums of the register; return True if no checksum differs."""
    from piiscan.case.register.register import check_register

    checked = check_register(case)
    if checked is None:
        return True
    lines = len(checked.register.entries)
    print_line(words("register.taken", rows=lines, sha256=checked.register.sha256))
    counts = Counter(each.code for each in checked.problems)
    for code, count in counts.items():
        print_note(words(f"register.problem.{code}", count=count))
        listed = [each for each in checked.problems if each.code == code]
        for each in listed[:_MAX_SHOWN]:
            path = checked.display_names.get(each.path, each.path)
            row = words("register.row", row=each.row) if each.row else ""
            print_note(f"  {row}{path}")
        if count > _MAX_SHOWN:
            print_note(words("register.more", count=count - _MAX_SHOWN))
    return _print_checksums(checked, words)


def _print_checksums(checked: RegisterCheck, words: Words) -> bool:
    """Print checksums that differ or are unchecked; return True if none differs.

    A first line has the number of checksums for each result.
    """
    counts = Counter(each.result for each in checked.hashes)
    totals = [
        words("register.counted", result=words(f"register.result.{result}"), count=counts[result])
        for result in ("SAME", "DIFFERENT", "UNCHECKED", "NOT_GIVEN")
        if counts[result]
    ]
    if totals:
        print_line(words("register.hashes", told=words("register.comma").join(totals)))
    columns = ("row", "item", "path", "algorithm", "written", "computed", "result")
    rows = [
        (
            str(each.row),
            each.item or "",
            checked.display_names.get(each.path, each.path),
            words(f"register.algorithm.{each.algorithm}"),
            each.written,
            each.computed or "",
            words(f"register.result.{each.result}")
            + (words(f"register.why.{each.reason}") if each.reason else ""),
        )
        for each in checked.hashes
        if each.result in ("DIFFERENT", "UNCHECKED")
    ]
    if rows:
        print_table([words(f"register.column.{name}") for name in columns], rows[: _MAX_SHOWN * 5])
    return not counts["DIFFERENT"]
