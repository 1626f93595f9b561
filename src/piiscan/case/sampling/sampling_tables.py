"""Sampling tables (T9): hit rates of each stratum, and counts before and after verification."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from piiscan.case.sampling.hit_rates import OTHERS, counts_before_after, hit_rates
from piiscan.case.sampling.sampling_frame import OWN_UNIONS
from piiscan.pages.report_table import ReportTable, Row, TableColumn, coded, number
from piiscan.wording.words import Words


def sample_notes(words: Words, content: Mapping[str, Any]) -> list[str]:
    """Return the notes of the sampling tables: how it was drawn, how to read the bounds.

    ``content``: the content of ``sample.json``.
    """
    frame = words(f"frame.{content.get('frame', 'counted')}", step=content["step"])
    own = [words("sampling.own_union")] if content["by"] in OWN_UNIONS else []
    if content["size"] is None:
        return [words("sampling.each", frame=frame), *own, words("sampling.nothing_deleted")]
    drawn = {key: content[key] for key in ("seed", "algorithm", "size", "minimum")}
    return [
        words("sampling.drawn", frame=frame, **drawn),
        *own,
        words("sampling.bounds"),
        words("sampling.authorities"),
        words("sampling.not_carried_over"),
        words("sampling.nothing_deleted"),
    ]


def _stratum_name(value: Any, _: Row, words: Words) -> str:
    """Return the name of a stratum; ``total`` and the records outside all strata have words."""
    if value == "total":
        return words("sampling.all")
    if value == OTHERS:
        return words("sampling.others")
    return words.name("strata", value) or words("sampling.unnamed")


_STRATUM: Final = TableColumn("stratum", wording=_stratum_name, empty="sampling.all")

SAMPLE_RATES: Final = ReportTable(
    "sample_rates",
    (
        coded("frame", "sample_frame"),
        _STRATUM,
        number("stratum_size"),
        number("drawn"),
        number("real"),
        number("untrue"),
        number("wrong"),
        number("unverifiable"),
        number("blank"),
        coded("reading", "sampling"),
        number("rate"),
        number("lower"),
        number("finite_lower"),
        number("two_sided_lower"),
        number("two_sided_upper"),
        number("miss_rate"),
        number("miss_upper"),
        number("miss_most"),
    ),
    section="T9",
    made_by="sample",
    build=hit_rates,
    sample_notes=sample_notes,
)
SAMPLE_COUNTS: Final = ReportTable(
    "sample_counts",
    (_STRATUM, number("before"), number("struck"), number("after")),
    section="T9",
    made_by="sample",
    build=counts_before_after,
)
SAMPLE_TABLES: Final = (SAMPLE_RATES, SAMPLE_COUNTS)
