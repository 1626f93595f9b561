"""What was found, counted: hit rates with bounds, and counts before and after, side by side.

A hit rate is of the records that were looked at.  Afterwards a count lacks only records that a
person found untrue or wrong, by themselves: nothing is carried over to the rest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from piiscan.case.sampling.bounds import CONFIDENCE, lower_bound, two_sided
from piiscan.case.sampling.sampling_frame import Stratum
from piiscan.case.sampling.verification_form import RESULTS, Found

Row = dict[str, Any]

#: How a record that could not be verified counts in a rate: left out, or as no hit.
READINGS: Final = ("left_out", "as_no_hit")
#: The name under which records stand that a sheet was not written for.
OTHERS: Final = "*others"


def rates(
    strata: Sequence[Stratum], of: Mapping[int, str], found: Iterable[Found], *, sampled: bool
) -> list[Row]:
    """A row a stratum and reading, and those of all together.

    ``of``: number -> stratum of every row of the sheet.  ``sampled``: bounds are given; where every
    record was looked at there is nothing to bound.
    """
    counts: dict[str, Counter[str]] = {each.name: Counter() for each in strata}
    for each in found:
        counts[of[each.number]][each.result] += 1
    rows = [
        row
        for each in strata
        for row in _rates(each.name, each.size, each.drawn, counts[each.name], sampled=sampled)
    ]
    size, drawn = sum(each.size for each in strata), sum(each.drawn for each in strata)
    together: Counter[str] = Counter()
    for counter in counts.values():
        together.update(counter)
    rows += _rates(None, size, drawn, together, sampled=sampled)
    return rows


def _rates(
    name: str | None, size: int, drawn: int, counter: Counter[str], *, sampled: bool
) -> Iterator[Row]:
    decided = counter["real"] + counter["untrue"] + counter["wrong"]
    head: Row = {"stratum": name, "stratum_size": size, "drawn": drawn}
    head |= {result: counter[result] for result in RESULTS}
    head["blank"] = drawn - counter.total()
    readings = READINGS if counter["unverifiable"] else READINGS[:1]
    for reading in readings:
        number = decided if reading == "left_out" else counter.total()
        yield head | {"reading": reading, **_bounds(counter["real"], number, sampled=sampled)}


def _bounds(hits: int, number: int, *, sampled: bool) -> Row:
    """Rate in percent with its bounds; nothing where nothing was looked at."""
    names = ("rate", "lower", "two_sided_lower", "two_sided_upper")
    if not number:
        return dict.fromkeys(names)
    row: Row = dict.fromkeys(names) | {"rate": percent(hits / number)}
    if sampled:
        low, high = two_sided(hits, number, confidence=CONFIDENCE)
        row |= {"lower": percent(lower_bound(hits, number, confidence=CONFIDENCE))}
        row |= {"two_sided_lower": percent(low), "two_sided_upper": percent(high)}
    return row


def percent(share: float) -> str:
    """A share in percent with two places; only all of it is 100.

    >>> percent(0.9704869503929602), percent(1.0), percent(0.999999)
    ('97.05', '100.00', '99.99')
    """
    shown = f"{100 * share:.2f}"
    return "99.99" if shown == "100.00" and share < 1 else shown


def before_after(
    strata: Sequence[Stratum], of: Mapping[int, str], found: Iterable[Found], *, others: int = 0
) -> list[Row]:
    """Counts before, what was found untrue or wrong by itself, and counts without those.

    ``others``: records of the same step that the sheet was not written for.
    """
    struck: Counter[str] = Counter(
        of[each.number] for each in found if each.result in ("untrue", "wrong")
    )
    rows: list[Row] = [
        {
            "stratum": each.name,
            "before": each.size,
            "struck": struck[each.name],
            "after": each.size - struck[each.name],
        }
        for each in strata
    ]
    if others:
        rows.append({"stratum": OTHERS, "before": others, "struck": 0, "after": others})
    totals = {key: sum(row[key] for row in rows) for key in ("before", "struck", "after")}
    return [*rows, {"stratum": None, **totals}]
