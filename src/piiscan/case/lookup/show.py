"""Spots: the place of each look-up answer in words, with its row and the rows around it.

Cells are masked: masks in place of findings, ``*`` in place of other text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from piiscan.case.lookup.reread import RowLocation, SourceRow, reread_rows
from piiscan.case.store.case import Case
from piiscan.case.store.connection import connect, literals
from piiscan.detect.catalog.catalog import Catalog, context_words_of
from piiscan.errors import CaseError
from piiscan.masking.mask import SECRET, star_out
from piiscan.pages.sanitize import HIDDEN, clean, cover
from piiscan.sources.archives.read_options import ReadOptions
from piiscan.sources.texts.column_letters import column_letter

Row = Mapping[str, Any]
#: (source, member, row).
Place = tuple[int, str, int]

#: Rows read before and after an answer, and characters of a text that are shown.
_NEAR: Final = 12
_WIDTH: Final = 160
#: Kinds of parts whose rows are read in their order.
_RUNNING: Final = frozenset({"text", "document", "mail", "chat", "html"})


@dataclass(frozen=True, slots=True)
class SpotLine:
    """Row near an answer: its number, (header, text) of its cells, True if it is the answer.

    A line of text is one cell without a header. ``columns``: numbers of the cells' columns, from 1.
    """

    row: int
    cells: tuple[tuple[str, str], ...] = field(repr=False)
    asked: bool
    columns: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Spot:
    """Place of an answer: the kind of its part, and the rows to show.

    ``texts``, ``value``: cells of its row and the value, clear, to be found on a picture.
    ``is_drawn``: it stands on a picture or page, ``picture`` is the file, None if it cannot be
    drawn; ``boxed``: the line was found on it.
    """

    kind: str
    lines: tuple[SpotLine, ...]
    texts: tuple[str, ...] = field(repr=False)
    value: str = field(repr=False)
    is_drawn: bool = False
    picture: Path | None = None
    boxed: bool = False


def find_spots(
    case: Case,
    rows: Sequence[Row],
    catalog: Catalog,
    options: ReadOptions,
    *,
    clear: bool,
    neighbours: int = 0,
) -> list[Spot]:
    """Read the rows of look-up answers and their neighbours again; return a Spot per answer.

    Texts are masked unless ``clear``; passwords always are. ``neighbours``: rows of a table shown
    before and after its row, at most 12. Raise CaseError if a source changed or
    a row is missing.
    """
    lines = _read_lines(case, rows, catalog, options)
    findings = _findings_of(case, lines)
    parts = case.stored("parts").select(["source", "member", "kind"]).to_pylist()
    kinds = {(each["source"], each["member"]): each["kind"] for each in parts}
    cover_rest = label_cover(catalog)
    spots = []
    for row in rows:
        place = row["source"], row["member"], row["row"]
        if place not in lines:
            raise CaseError("source.row_lost", source=row["path"])
        kind = kinds.get(place[:2]) or ""
        spots.append(
            Spot(
                kind,
                tuple(
                    _spot_line(
                        number,
                        lines[place[0], place[1], number],
                        findings.get((place[0], place[1], number), ()),
                        row if number == place[2] else None,
                        partial(shown_parts, clear=clear, cover_rest=cover_rest),
                    )
                    for number in _rows_around(lines, place, kind, neighbours)
                ),
                tuple(cell or "" for cell in lines[place].cells),
                lines[place].text(row["column"])[row["start"] : row["end"]],
            )
        )
    return spots


def _read_lines(
    case: Case, rows: Iterable[Row], catalog: Catalog, options: ReadOptions
) -> dict[Place, SourceRow]:
    """Return place -> row, of the answers and of the rows near them."""
    wanted: dict[int, set[RowLocation]] = {}
    for row in rows:
        wanted.setdefault(row["source"], set()).add((row["member"], row["row"]))
    sources = {each["source"]: each for each in case.manifest.content["sources"]}
    names = case.source_names()
    return {
        (number, *location): line
        for number, locations in sorted(wanted.items())
        for location, line in reread_rows(
            sources[number],
            locations,
            catalog,
            display_name=names[number],
            options=options,
            near=_NEAR,
        ).items()
    }


def _findings_of(case: Case, places: Iterable[Place]) -> dict[Place, list[dict[str, Any]]]:
    """Return all findings in the rows ``places``."""
    columns = list(zip(*places, strict=True)) or [(), (), ()]
    types = (pa.int32(), pa.string(), pa.int64())
    arrays = [pa.array(list(c), t) for c, t in zip(columns, types, strict=True)]
    by_source = case.source_shards("findings")
    shards = {by_source[number] for number in columns[0] if number in by_source}
    found: dict[Place, list[dict[str, Any]]] = {}
    if not shards:
        return found
    with connect(case.path / "tmp") as connection:
        connection.register("places", pa.table(arrays, ["source", "member", "row"]))
        cursor = connection.sql(
            'select source, member, row, "column", start, "end", entity, masked'
            f" from read_parquet([{literals(shards)}])"
            " semi join places using (source, member, row)"
        )
        for each in cursor.to_arrow_table().to_pylist():
            found.setdefault((each["source"], each["member"], each["row"]), []).append(each)
    return found


def _rows_around(
    lines: Mapping[Place, SourceRow], place: Place, kind: str, neighbours: int
) -> list[int]:
    """Return the numbers of the rows to show around ``place``: its message, paragraph or rows.

    A row of a table has ``neighbours`` rows on each side; a message of a chat stands between two.
    """
    source, member, row = place
    line = lines[place]
    if kind not in _RUNNING or (kind != "chat" and len(line.cells) > 1):
        near = range(row - neighbours, row + neighbours + 1)
        return [number for number in near if (source, member, number) in lines]
    numbers = [
        number
        for number in range(row - _NEAR, row + _NEAR + 1)
        if (found := lines.get((source, member, number))) is not None
        and any(cell and cell.strip() for cell in found.cells)
    ]
    messages = {number: lines[source, member, number].message or number for number in numbers}
    own = messages[row]
    before = max((messages[n] for n in numbers if n < row and messages[n] != own), default=own)
    after = min((messages[n] for n in numbers if n > row and messages[n] != own), default=own)
    return [number for number in numbers if messages[number] in (before, own, after)]


def _spot_line(
    number: int,
    line: SourceRow,
    findings: Sequence[Row],
    asked: Row | None,
    show: Callable[[str, Sequence[Row], Row | None], tuple[str, str, str]],
) -> SpotLine:
    """Return a row with its cells as ``show`` shows them; empty cells are left out."""
    cells, columns = [], []
    is_text = len(line.cells) == 1 and not line.headers[0]
    for at, (header, cell) in enumerate(zip(line.headers, line.cells, strict=True)):
        found = [each for each in findings if max(each["column"] - 1, 0) == at]
        is_asked = asked is not None and max(asked["column"] - 1, 0) == at
        if (cell and cell.strip()) or is_asked:
            parts = show(cell or "", found, asked if is_asked else None)
            label = "" if is_text else clean(header) or column_letter(at + 1)
            cells.append((label, _marked(*parts)))
            columns.append(at + 1)
    return SpotLine(number, tuple(cells), asked is not None, tuple(columns))


def _marked(before: str, value: str, after: str) -> str:
    """Return a text of bounded length with the value in 【】; other 【】 are replaced.

    >>> _marked("【中通】电话", "138****8000", "")
    '[中通]电话【138****8000】'
    """
    before, value, after = (
        clean(part).translate({0x3010: "[", 0x3011: "]"}) for part in (before, value, after)
    )
    if not value:
        return before[:_WIDTH].strip() + "…" * (len(before) > _WIDTH)
    start, end = "…" * (len(before) > _WIDTH), "…" * (len(after) > _WIDTH)
    return f"{start}{before[-_WIDTH:].lstrip()}【{value}】{after[:_WIDTH].rstrip()}{end}"


#: A day with a time of day, which is no birth date.
_TIME: Final = r"\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?[ T]\d{1,2}:\d{2}(?::\d{2})?(?!\d)"
_MIN_WORD: Final = 2


def label_cover(catalog: Catalog) -> Callable[[str], str]:
    """Return a function that covers a text with ``*``, except labels, context words and times.

    ``2024-05-06 12:00:00 收件人王五`` -> ``2024-05-06 12:00:00 收件人字字``
    """
    words = {*context_words_of(catalog.recognizers)}
    words.update(name for each in catalog.recognizers for name in each.columns)
    kept = [w for w in words if len(w) >= _MIN_WORD and not any(c.isdigit() for c in w)]
    kept.sort(key=lambda word: (-len(word), word))
    pattern = re.compile("|".join([_TIME, *map(re.escape, kept)]))

    def cover_rest(text: str) -> str:
        """Return ``text`` with all characters covered except labels, context words and times."""
        shown, end = "", 0
        for found in pattern.finditer(text):
            shown += cover(text[end : found.start()]) + found[0]
            end = found.end()
        return shown + cover(text[end:])

    return cover_rest


def shown_cell(text: str, findings: Sequence[Row], *, clear: bool) -> str:
    """Return a cell for display: clear, else with findings masked and other text covered.

    Passwords are always hidden.  ``findings``: those of the cell.
    """
    return "".join(shown_parts(text, findings, None, clear=clear, cover_rest=cover))


def shown_parts(
    text: str,
    findings: Sequence[Row],
    asked: Row | None,
    *,
    clear: bool,
    cover_rest: Callable[[str], str],
) -> tuple[str, str, str]:
    """Return a cell as ``shown_cell`` does, as texts before, of and after the finding ``asked``.

    ``asked``: the first finding that overlaps it counts; without one, all text is the first.
    ``cover_rest``: covers text in no finding unless ``clear``.
    """
    secrets = [(each["start"], each["end"]) for each in findings if each["entity"] == SECRET]
    text = star_out(text, secrets)
    parts, at, position = ["", "", ""], 0, 0
    for each in sorted(findings, key=lambda finding: (finding["start"], -finding["end"])):
        start, end = each["start"], each["end"]
        if start < position:
            continue
        between = text[position:start]
        parts[at] += between if clear else cover_rest(between)
        if each["entity"] == SECRET:
            value = HIDDEN
        else:
            value = text[start:end] if clear and end <= len(text) else each["masked"] or HIDDEN
        if not at and asked is not None and start < asked["end"] and asked["start"] < end:
            parts[1], at = value, 2
        else:
            parts[at] += value
        position = end
    rest = text[position:]
    parts[at] += rest if clear else cover_rest(rest)
    return parts[0], parts[1], parts[2]
