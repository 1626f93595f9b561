"""What is said of the register of a case: what fits, what is lacking, which checksums differ."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from piiscan.cli import output
from piiscan.cli.wording import Wording

if TYPE_CHECKING:
    from piiscan.case.register.register import Checked
    from piiscan.case.store.case import Case

#: How many lines of a list are shown.
_SHOWN: Final = 20


def tell(case: Case, words: Wording) -> bool:
    """Whether no checksum differs, after saying how the register fits the case."""
    from piiscan.case.register.register import check

    checked = check(case)
    if checked is None:
        return True
    lines = len(checked.register.entries)
    output.tell(words("register.taken", rows=lines, sha256=checked.register.sha256))
    _tell_problems(checked, words)
    return _tell_hashes(checked, words)


def _tell_problems(checked: Checked, words: Wording) -> None:
    counts = Counter(each.code for each in checked.problems)
    for code, count in counts.items():
        output.note(words(f"register.problem.{code}", count=count))
        listed = [each for each in checked.problems if each.code == code]
        for each in listed[:_SHOWN]:
            path = checked.shown.get(each.path, each.path)
            row = words("register.row", row=each.row) if each.row else ""
            output.note(f"  {row}{path}")
        if count > _SHOWN:
            output.note(words("register.more", count=count - _SHOWN))


def _tell_hashes(checked: Checked, words: Wording) -> bool:
    counts = Counter(each.result for each in checked.hashes)
    told = [
        words("register.counted", result=words(f"register.result.{result}"), count=counts[result])
        for result in ("SAME", "DIFFERENT", "UNCHECKED", "NOT_GIVEN")
        if counts[result]
    ]
    if told:
        output.tell(words("register.hashes", told=words("register.comma").join(told)))
    columns = ("row", "item", "path", "algorithm", "written", "computed", "result")
    rows = [
        (
            str(each.row),
            each.item or "",
            checked.shown.get(each.path, each.path),
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
        output.table([words(f"register.column.{name}") for name in columns], rows[: _SHOWN * 5])
    return not counts["DIFFERENT"]
