"""Drawn spots: a picture file of the page or screenshot of each look-up answer."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from piiscan.case.lookup.reread import check_unchanged, reread_rows
from piiscan.case.lookup.show import Spot
from piiscan.case.lookup.spot_picture import lines_of, painted, png_bytes
from piiscan.case.report.destination import check_destination
from piiscan.case.store.case import Case
from piiscan.case.store.connection import connect, literals
from piiscan.case.store.shards import number_name
from piiscan.detect.catalog.catalog import Catalog
from piiscan.errors import CaseError, SourceError
from piiscan.masking.mask import SECRET
from piiscan.output_files import make_private_folder, write_aside
from piiscan.sources.archives.read_options import ReadOptions
from piiscan.sources.drawing import Drawing
from piiscan.sources.read import draw_part
from piiscan.sources.rows.transposed import TURNED

Row = Mapping[str, Any]
#: Beginning of a member's section that stands on a picture or a page.
_DRAWN: Final = re.compile(
    r"page \d+(?: picture \d+)?(?= |$)|frame \d+ (?=OCR )|(?=OCR (?:text|barcodes))"
)


def draw_spots(
    case: Case,
    rows: Sequence[Row],
    spots: Sequence[Spot],
    folder: Path,
    catalog: Catalog,
    options: ReadOptions,
    *,
    clear: bool,
) -> list[Spot]:
    """Write the picture or page of each answer to ``folder``; return spots with its path.

    Only the box is visible unless ``clear``; passwords never are. Files are named by the numbers
    of source and finding. Raise CaseError if a package is missing, a source changed, or ``folder``
    is beside a source.
    """
    check_destination(case, folder)
    drawer = _Drawer(case, catalog, options)
    drawn = []
    for row, spot in zip(rows, spots, strict=True):
        picture = None
        if (drawing := drawer.drawing(row)) is not None:
            boxed = lines_of(drawing, row["row"], spot.texts, spot.value)
            hidden = drawer.secret_lines(row, drawing) if clear else None
            place = f"{number_name(row['source'])}-{number_name(row['nth'] + 1)}"
            name = f"{place}{'-clear' if clear else ''}.png"
            picture = make_private_folder(folder) / name
            with write_aside(picture) as file:
                file.write(png_bytes(painted(drawing, boxed, hidden)))
            spot = replace(spot, boxed=bool(boxed))  # noqa: PLW2901
        drawn.append(replace(spot, picture=picture, is_drawn=_section(row["member"]) is not None))
    drawer.check()
    return drawn


def _section(member: str) -> tuple[str, str] | None:
    """Split a part's name to (owner, start of its section) if it is on a picture or page.

    None for any other part.
    """
    owner, mark, section = member.removesuffix(TURNED).rpartition("#")
    found = _DRAWN.match(section) if mark else None
    return (owner, found[0]) if found else None


class _Drawer:
    """Reader of the pictures and pages of answers; it caches the last one."""

    def __init__(self, case: Case, catalog: Catalog, options: ReadOptions) -> None:
        self._case, self._catalog, self._options = case, catalog, options
        self._sources = {each["source"]: each for each in case.manifest.content["sources"]}
        self._names = case.source_names()
        self._place: tuple[Any, ...] = ()
        self._last: Drawing | None = None
        self._opened: set[int] = set()

    def drawing(self, row: Row) -> Drawing | None:
        """Return the picture or page of an answer; None for an answer without one."""
        section = _section(row["member"])
        if section is None:
            return None
        number = row["source"]
        place = (number, *section, "OCR " in row["member"])
        if place != self._place:
            if number not in self._opened:
                check_unchanged(self._sources[number], display_name=self._names[number])
                self._opened.add(number)
            self._place, self._last = place, self._draw(row)
        return self._last

    def _draw(self, row: Row) -> Drawing | None:
        """Read a drawing from its source; None if it cannot be read."""
        try:
            return draw_part(
                Path(self._sources[row["source"]]["place"]),
                row["member"],
                passwords=self._options.passwords.values,
            )
        except SourceError as error:
            if error.reason == "PACKAGE_MISSING":
                extra = error.detail.rpartition(": ")[2]
                raise CaseError("source.package_missing", extra=extra) from None
            return None

    def check(self) -> None:
        """Raise CaseError if the source of a drawing changed since the scan."""
        for number in sorted(self._opened):
            check_unchanged(self._sources[number], display_name=self._names[number])

    def secret_lines(self, row: Row, drawing: Drawing) -> list[int] | None:
        """Return the indices of a drawing's lines with passwords; None if one is on no line."""
        section, number = _section(row["member"]), row["source"]
        shards = [self._case.source_shards("findings")[number]]
        with connect(self._case.path / "tmp") as connection:
            found = [
                each
                for each in connection.execute(
                    'select member, row, "column", start, "end" from'
                    f" read_parquet([{literals(shards)}]) where entity = ?",
                    [SECRET],
                ).fetchall()
                if _section(each[0]) == section
            ]
        if not found:
            return []
        lines = reread_rows(
            self._sources[number],
            {(member, at) for member, at, *_ in found},
            self._catalog,
            display_name=self._names[number],
            options=self._options,
        )
        hidden: list[int] = []
        for member, at, column, start, end in found:
            line = lines.get((member, at))
            value = "" if line is None else line.text(column)[start:end].strip()
            secret = lines_of(drawing, at, (), value) if value else []
            if not secret:
                return None
            hidden += secret
        return hidden
