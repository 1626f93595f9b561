"""Register notes: printed comparison of the register with the case, and of its checksums."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from piiscan.cli import output
from piiscan.wording.words import Words

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
    output.print_line(words("register.taken", rows=lines, sha256=checked.register.sha256))
    _print_problems(checked, words)
    return _print_checksums(checked, words)


def _print_problems(checked: RegisterCheck, words: Words) -> None:
    """Print each kind of problem with its number of register rows and its first 20 rows."""
    counts = Counter(each.code for each in checked.problems)
    for code, count in counts.items():
        output.print_note(words(f"register.problem.{code}", count=count))
        listed = [each for each in checked.problems if each.code == code]
        for each in listed[:_MAX_SHOWN]:
            path = checked.display_names.get(each.path, each.path)
            row = words("register.row", row=each.row) if each.row else ""
            output.print_note(f"  {row}{path}")
        if count > _MAX_SHOWN:
            output.print_note(words("register.more", count=count - _MAX_SHOWN))


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
        output.print_line(words("register.hashes", told=words("register.comma").join(totals)))
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
        output.print_table(
            [words(f"register.column.{name}") for name in columns], rows[: _MAX_SHOWN * 5]
        )
    return not counts["DIFFERENT"]
