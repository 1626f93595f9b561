"""Place of one finding: its row with column names, the rows around it, its picture or page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from piiscan.arguments import checked
from piiscan.case.lookup.draw import draw_pictures
from piiscan.case.lookup.findings import read_finding
from piiscan.case.lookup.show import Spot, find_spots
from piiscan.case.lookup.value_queries import case_reading
from piiscan.case.store.audit_log import now
from piiscan.case.store.case import Case
from piiscan.detect.catalog.catalog import load

#: Rows of a table shown before and after the row of a finding.
NEIGHBOURS: Final = 3


@dataclass(frozen=True, slots=True)
class FindingPlace:
    """Place of a finding: the finding as ``findings_page`` gives it, its spot, and a PNG file.

    ``picture``: None for a finding on no picture and no page.
    """

    finding: Mapping[str, Any] = field(repr=False)
    spot: Spot
    picture: bytes | None = field(default=None, repr=False)


@checked
def show_place(
    case: str | Path | Case,
    source: int,
    nth: int,
    *,
    clear: bool = False,
    operator: str = "",
    neighbours: int = NEIGHBOURS,
    key: str | Path | None = None,
) -> FindingPlace:
    r"""Read the place of a finding again from its source, which must be unchanged.

    Everything is masked; with ``clear`` it is as in the source but for passwords, and the view is
    logged. Raise CaseError if there is no such finding, or if the source is missing or changed.

    Args:
        case: folder of the case, or the opened case.
        source: number of the source.
        nth: number of the finding, as ``findings_page`` gives it.
        clear: show what stands there.
        operator: who looks, for the log; the operator of the opened case by default.
        neighbours: rows of a table before and after the row.
        key: file of the case's key.

    >>> import piiscan
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place:
    ...     dump = Path(place, "dump.csv")
    ...     _ = dump.write_text("姓名,手机号\n张三,13912345678\n", "utf-8")
    ...     case = piiscan.scan(dump, case=Path(place, "case"), key=Path(place, "my.key"))
    ...     piiscan.show_place(case, 1, 1).spot.lines[1].cells
    (('姓名', '张*'), ('手机号', '【139****5678】'))
    """
    opened = Case.of(case, key=key, operator=operator)
    finding = read_finding(opened, source, nth)
    catalog, options = load(opened.recognizers), case_reading(opened)
    spots = find_spots(opened, [finding], catalog, options, clear=clear, neighbours=neighbours)
    drawn = draw_pictures(opened, [finding], spots, catalog, options, clear=clear)
    ((spot, picture),) = drawn
    if clear:
        with opened.open_log() as log:
            pictures = int(picture is not None)
            log.append("lookup", moment=now(), reveal=True, shown=True, rows=1, pictures=pictures)
    return FindingPlace(finding, spot, picture)
