"""Everything that a report of a case may show, put together from what the case keeps."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from piiscan.case.report.custody import checksum_rows, log_rows
from piiscan.case.report.inventory import inventory
from piiscan.case.sampling import sampling_cells
from piiscan.case.sampling.sample_store import Sample, all_samples
from piiscan.case.store.case import Case
from piiscan.case.store.case_words import words_of
from piiscan.case.store.count_store import Count
from piiscan.pages.wording import Language, Words

Row = Mapping[str, Any]

#: Classes of kinds that are no record of a person (T13).
_APART: Final = ("masked", "damaged", "organisation", "device", "none")


@dataclass(frozen=True, slots=True)
class Gathered:
    """A case as reports see it: its tables by name, the count, the sample verified last.

    Tables are small rows with English keys; only masked values are in them.
    """

    case: Case = field(repr=False)
    tables: Mapping[str, Sequence[Row]] = field(repr=False)
    count: Count | None
    sample: Sample | None

    def words(self, language: Language) -> Words:
        """The wording, with the names of strata."""
        words = words_of(self.case, language)
        return (
            words if self.sample is None else words.beside("strata", self.sample.content["names"])
        )


def gather(case: Case) -> Gathered:
    """What ``case`` has found, counted and had verified, as its newest manifest and count say."""
    tables: dict[str, Sequence[Row]] = dict(case.tables())
    count = case.count()
    sample = _verified(case, count)
    if sample is not None:
        tables |= {name: _rows(sample, name) for name in sampling_cells.COLUMNS}
    tables["inventory"] = inventory(case, tables)
    tables["apart"] = [row for row in tables["kinds"] if row["class"] in _APART]
    tables["log"] = log_rows(case)
    tables["checksums"] = checksum_rows(case)
    return Gathered(case, tables, count, sample)


def _verified(case: Case, count: Count | None) -> Sample | None:
    """The newest sample of the count that came back with results."""
    if count is None:
        return None
    of_count = (s for s in all_samples(case.path) if s.content["count_sha256"] == count.sha256)
    return next((each for each in reversed(list(of_count)) if each.results()), None)


def _rows(sample: Sample, name: str) -> list[Row]:
    content = json.loads((sample.results()[-1] / f"{name}.json").read_bytes())
    return list(content["rows"])
