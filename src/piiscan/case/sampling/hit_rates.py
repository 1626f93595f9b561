"""Hit rates: share of real records in a sample, and the counts before and after verification.

A hit rate applies only to the records that were checked. The count after verification lacks only
the records that a person marked untrue or wrong. No result is extrapolated to unchecked records.

They are the report tables SAMPLE_RATES and SAMPLE_COUNTS (T9).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from piiscan.case.sampling.bounds import CONFIDENCE, least_real, lower_bound, two_sided_bounds
from piiscan.case.sampling.sampling_frame import OWN_UNIONS, Frame, Stratum
from piiscan.case.sampling.verification_form import RESULTS, RecordResult
from piiscan.pages.report_table import ReportTable, TableColumn, coded, number, numbers
from piiscan.wording.words import Words

Row = dict[str, Any]

#: Readings of a rate: an unverifiable record is left out, or counts as no hit.
READINGS: Final = ("left_out", "as_no_hit")
#: Stratum name of the records outside the sheet.
OTHERS: Final = "*others"


def hit_rates(
    strata: Sequence[Stratum],
    stratum_of: Mapping[int, str],
    results: Iterable[RecordResult],
    *,
    sampled: bool,
    frame: Frame = "counted",
    summed: bool = True,
) -> list[Row]:
    """Return ``sample_rates``: a row per stratum and reading, then rows for all strata.

    ``stratum_of``: row number -> stratum, for every row of the sheet. ``sampled``: add confidence
    bounds; a check of every record has none. ``summed``: False if a record may be in several
    strata (by suspect), so that their sum is of no one.
    """
    counts: dict[str, Counter[str]] = {each.name: Counter() for each in strata}
    for each in results:
        counts[stratum_of[each.number]][each.result] += 1
    rows = [
        row
        for each in strata
        for row in _stratum_rows(
            each.name, each.size, each.drawn, counts[each.name], sampled=sampled
        )
    ]
    if summed:
        size, drawn = sum(each.size for each in strata), sum(each.drawn for each in strata)
        all_results: Counter[str] = Counter()
        for counter in counts.values():
            all_results.update(counter)
        rows += _stratum_rows(None, size, drawn, all_results, sampled=sampled)
    return [{"frame": frame} | row for row in rows]


def _stratum_rows(
    name: str | None, size: int, drawn: int, counter: Counter[str], *, sampled: bool
) -> Iterator[Row]:
    """Yield a row per reading for one stratum: number of each result, and the hit rate.

    ``name`` None: all strata together. ``drawn``: rows of the sheet. The second reading appears
    only if some records could not be verified.
    """
    decided = counter["real"] + counter["untrue"] + counter["wrong"]
    head: Row = {"stratum": name, "stratum_size": size, "drawn": drawn}
    head |= {result: counter[result] for result in RESULTS}
    head["blank"] = drawn - counter.total()
    readings = READINGS if counter["unverifiable"] else READINGS[:1]
    for reading in readings:
        number = decided if reading == "left_out" else counter.total()
        yield head | {
            "reading": reading,
            **_rate_with_bounds(counter["real"], number, size, sampled=sampled),
        }


def _rate_with_bounds(hits: int, number: int, population: int, *, sampled: bool) -> Row:
    """Return the hit rate, the rate of misses and their bounds in percent; None if ``number`` is 0.

    ``finite_lower``, ``miss_upper`` and ``miss_most`` are exact for a frame of ``population``
    records: the last is the largest number of untrue records that the sample does not refute.
    Bounds are None unless ``sampled``.
    """
    names = (
        *("rate", "lower", "two_sided_lower", "two_sided_upper"),
        *("finite_lower", "miss_rate", "miss_upper", "miss_most"),
    )
    if not number:
        return dict.fromkeys(names)
    row: Row = dict.fromkeys(names) | {
        "rate": percent(hits / number),
        "miss_rate": percent(1 - hits / number),
    }
    if sampled:
        low, high = two_sided_bounds(hits, number, confidence=CONFIDENCE)
        row |= {"lower": percent(lower_bound(hits, number, confidence=CONFIDENCE))}
        row |= {"two_sided_lower": percent(low), "two_sided_upper": percent(high)}
        least = least_real(hits, number, population, confidence=CONFIDENCE)
        row |= {
            "finite_lower": floor_percent(least, population),
            "miss_upper": ceil_percent(population - least, population),
            "miss_most": population - least,
        }
    return row


def percent(share: float) -> str:
    """Format a share (0 to 1) as percent: ``0.9705 -> 97.05``; only exactly 1 gives 100.00.

    >>> percent(0.9704869503929602), percent(1.0), percent(0.999999)
    ('97.05', '100.00', '99.99')
    """
    shown = f"{100 * share:.2f}"
    return "99.99" if shown == "100.00" and share < 1 else shown


def floor_percent(part: int, whole: int) -> str:
    """Format a lower bound in percent, never rounded up: ``2/3 -> 66.66``."""
    return f"{10_000 * part // whole / 100:.2f}"


def ceil_percent(part: int, whole: int) -> str:
    """Format an upper bound in percent, never rounded down: ``2/3 -> 66.67``."""
    return f"{-(-10_000 * part // whole) / 100:.2f}"


def counts_before_after(
    strata: Sequence[Stratum],
    stratum_of: Mapping[int, str],
    results: Iterable[RecordResult],
    *,
    others: int = 0,
    summed: bool = True,
) -> list[Row]:
    """Return ``sample_counts``: per stratum the records before, excluded and after.

    Excluded are records with the result untrue or wrong. ``others``: records of the same step
    outside the sheet. ``summed``: see :func:`hit_rates`.
    """
    excluded: Counter[str] = Counter(
        stratum_of[each.number] for each in results if each.result in ("untrue", "wrong")
    )
    rows: list[Row] = [
        {
            "stratum": each.name,
            "before": each.size,
            "struck": excluded[each.name],
            "after": each.size - excluded[each.name],
        }
        for each in strata
    ]
    if not summed:
        return rows
    if others:
        rows.append({"stratum": OTHERS, "before": others, "struck": 0, "after": others})
    totals = {key: sum(row[key] for row in rows) for key in ("before", "struck", "after")}
    return [*rows, {"stratum": None, **totals}]


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


def _stratum_name(value: Any, _: Mapping[str, Any], words: Words) -> str:
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
        *numbers("stratum_size", "drawn", "real", "untrue", "wrong", "unverifiable", "blank"),
        coded("reading", "sampling"),
        *numbers(
            "rate",
            "lower",
            "finite_lower",
            "two_sided_lower",
            "two_sided_upper",
            "miss_rate",
            "miss_upper",
            "miss_most",
        ),
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
