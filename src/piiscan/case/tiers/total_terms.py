"""Terms of a total: the numbers that add up to it, per suspect and joint group, rows and keys.

``王某 | UF | 200 = sold 0 + acquired and not sold 100 + bare phone numbers 100``. A total of what
was found has the identified, bare numbers, and further categories of one person.
Recovered data that the register confirms is a term of its own: the total less that of other data.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from piiscan.case.store.common_columns import SCOPE, SCOPE_KIND
from piiscan.errors import CountError
from piiscan.pages.report_table import ReportTable, coded, number

#: Terms in the order in which they are printed.
TERMS: Final = ("identified", "sold", "not_sold", "bare", "kinds", "recovered")


def check_sum(scope: str, total: int, terms: Mapping[str, int]) -> None:
    """Raise CountError if ``total`` is not the sum of its ``terms``. ``scope``: whose total it is.

    >>> check_sum("王某", 200, {"sold": 0, "not_sold": 100, "bare": 100})
    """
    if total != sum(terms.values()):
        named = tuple(f"{name} {count:,}" for name, count in terms.items())
        raise CountError("count.terms", scope=scope, total=f"{total:,}", terms=named)


TOTAL_TERMS: Final = ReportTable(
    "total_terms",
    (SCOPE_KIND, SCOPE, coded("unit", "unit"), coded("term", "by_suspect"), number("count")),
    section="T10",
    made_by="count",
)
