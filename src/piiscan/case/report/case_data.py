"""Case data: all tables, the count and the verified sample that a report of a case can show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from piiscan.case.report.custody import CHECKSUMS, LOG
from piiscan.case.report.inventory import INVENTORY
from piiscan.case.sampling.sample_store import Sample, verified_sample
from piiscan.case.sampling.sampling_tables import SAMPLE_TABLES
from piiscan.case.scan.tables.kind_tables import APART
from piiscan.case.store.case import Case
from piiscan.case.store.case_words import case_words
from piiscan.case.store.count_store import Count
from piiscan.wording.words import Language, Words

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CaseData:
    """A case for reports: its tables by name, the newest count, the newest verified sample.

    Tables are small lists of rows with English keys. They have masked values only.
    """

    case: Case = field(repr=False)
    tables: Mapping[str, Sequence[Row]] = field(repr=False)
    count: Count | None
    sample: Sample | None

    def words(self, language: Language) -> Words:
        """Return the wording in ``language``, with the titles of the strata."""
        words = case_words(self.case, language)
        return (
            words
            if self.sample is None
            else words.with_names("strata", self.sample.content["names"])
        )


def load_case_data(case: Case) -> CaseData:
    """Return the case data from the newest manifest, count and sampling results."""
    tables: dict[str, Sequence[Row]] = dict(case.tables())
    count = case.count()
    sample = None if count is None else verified_sample(case.path, count.sha256)
    if sample is not None:
        tables |= {each.name: sample.result_rows(each.name) for each in SAMPLE_TABLES}
    tables |= {
        INVENTORY.name: INVENTORY.rows_from(case, tables),
        APART.name: APART.rows_from(tables["kinds"]),
        LOG.name: LOG.rows_from(case),
        CHECKSUMS.name: CHECKSUMS.rows_from(case),
    }
    return CaseData(case, tables, count, sample)
