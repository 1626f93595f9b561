"""Sampling table cells: columns of ``sample_rates`` and ``sample_counts``, and words for codes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from piiscan.case.sampling.hit_rates import OTHERS
from piiscan.pages.wording import Words

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "sample_rates": (
        "stratum", "stratum_size", "drawn", "real", "untrue", "wrong", "unverifiable", "blank",
        "reading", "rate", "lower", "two_sided_lower", "two_sided_upper",
    ),
    "sample_counts": ("stratum", "before", "struck", "after"),
}  # fmt: skip

#: Columns whose cells :func:`sample_cell` converts to words.
CELLS: Final = frozenset({"stratum", "reading"})
#: Numeric columns.
NUMERIC: Final = frozenset(
    {
        "stratum_size", "drawn", "real", "untrue", "wrong", "unverifiable", "blank", "rate",
        "lower", "two_sided_lower", "two_sided_upper", "before", "struck", "after",
    }
)  # fmt: skip


def sample_cell(column: str, row: Mapping[str, Any], words: Words) -> str:
    """Return one cell of ``sample_rates`` or ``sample_counts`` in the language of ``words``."""
    value = row[column]
    if column == "reading":
        return words(f"sampling.{value}")
    if value is None or value == "total":
        return words("sampling.all")
    if value == OTHERS:
        return words("sampling.others")
    return words.name("strata", value) or words("sampling.unnamed")


def sample_notes(words: Words, content: Mapping[str, Any]) -> list[str]:
    """Return the notes of the sampling tables: how it was drawn, how to read the bounds.

    ``content``: the content of ``sample.json``.
    """
    drawn = {key: content[key] for key in ("seed", "algorithm", "size", "minimum", "step")}
    if content["size"] is None:
        return [words("sampling.each", step=content["step"]), words("sampling.nothing_deleted")]
    return [
        words("sampling.drawn", **drawn),
        words("sampling.bounds"),
        words("sampling.not_carried_over"),
        words("sampling.nothing_deleted"),
    ]
