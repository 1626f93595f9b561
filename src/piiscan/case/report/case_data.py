"""Case data: all tables, the count and the verified sample that a report of a case can show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from piiscan.case.report.custody import CHECKSUMS, LOG
from piiscan.case.report.inventory import INVENTORY
from piiscan.case.sampling.hit_rates import SAMPLE_TABLES
from piiscan.case.sampling.sample_store import Sample, verified_samples
from piiscan.case.scan.tables.kind_tables import APART
from piiscan.case.store.case import Case
from piiscan.case.store.count_store import Count, StoredTables
from piiscan.wording.words import Language, Words

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CaseData:
    """Everything that reports of a case show: tables by name, newest count, verified samples.

    Tables are small lists of rows with English keys. They have masked values only.
    """

    case: Case = field(repr=False)
    tables: StoredTables = field(repr=False)
    count: Count | None
    samples: Sequence[Sample]

    def words(self, language: Language) -> Words:
        """Return the wording in ``language``, with the titles of the strata."""
        names = {k: v for each in self.samples for k, v in each.content["names"].items()}
        words = self.case.words(language)
        return words.with_names("strata", names) if self.samples else words


def load_case_data(case: Case) -> CaseData:
    """Return the case data from the newest manifest, count and sampling results."""
    tables, count = case.stored_tables(), case.count()
    samples = [] if count is None else verified_samples(case.path, count.sha256)
    if samples:
        results = {
            table.name: [row for each in samples for row in each.result_rows(table.name)]
            for table in SAMPLE_TABLES
        }
        tables |= StoredTables({name: partial(list, rows) for name, rows in results.items()})
    tables |= StoredTables(
        {
            INVENTORY.name: partial(INVENTORY.rows_from, case, tables),
            APART.name: lambda: APART.rows_from(tables["kinds"]),
            LOG.name: partial(LOG.rows_from, case),
            CHECKSUMS.name: partial(CHECKSUMS.rows_from, case),
        },
        filled=(INVENTORY.name, LOG.name, CHECKSUMS.name),
    )
    return CaseData(case, tables, count, samples)
