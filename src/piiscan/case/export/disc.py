"""Disc folder: files handed over with a case, by suspect, with one list of checksums.

``sha256sum -c`` checks the list. The folder is written aside and renamed, so that an interrupted
run leaves nothing of its name. Values are masked unless clear ones are asked for.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from piiscan.case.count.reopen import reopen_count, require_count
from piiscan.case.export.clear_values import check_sources
from piiscan.case.export.duplicate_pairs import (
    PAIR_STEPS,
    PairLayout,
    build_pairs,
    columns_left_out,
)
from piiscan.case.export.export import new_folder, value_files
from piiscan.case.export.list_file import Layout, ListLayout, write_list
from piiscan.case.export.list_lines import (
    build_lines,
    create_finding_view,
    listed_kinds,
    select_lines,
    select_rejects,
    speaker_roles,
    suspect_sql,
)
from piiscan.case.report.case_data import load_case_data
from piiscan.case.report.docx.row_groups import shipped_template
from piiscan.case.report.docx.statement import fill_statement
from piiscan.case.report.html.case_page import render_page
from piiscan.case.report.report_contents import TABLE_OF
from piiscan.case.report.spreadsheet.case_workbook import build_workbook
from piiscan.case.report.table_files import table_csv
from piiscan.case.store.audit_log import stamp
from piiscan.case.store.case import Case
from piiscan.hashing.digest import file_sha256
from piiscan.output_files import make_private_folder, open_private
from piiscan.wording.words import Language

#: Capacity of discs in bytes, by the name of the medium.
CAPACITIES: Final = {
    "CD": 737_280_000,
    "DVD": 4_707_319_808,
    "DVD-DL": 8_543_666_176,
    "BD": 25_025_314_816,
}
_SECTOR: Final = 2048
#: Sectors for the tables of a file system of a disc.
_FILE_SYSTEM_SECTORS: Final = 1024
#: Characters that a name on a disc cannot have under Windows.
_FORBIDDEN: Final = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]')
_LONGEST_NAME: Final = 40


@dataclass(frozen=True, slots=True)
class DiscRequest:
    """Options of a disc folder: document, its fields, and if values are clear.

    ``clear``: write clear values; needs the key of the case and reads the sources again.
    """

    document: str = "statement"
    fields: Mapping[str, str] = field(default_factory=dict, repr=False)
    clear: bool = False
    language: Language = "zh"


@dataclass(frozen=True, slots=True)
class Disc:
    """Written disc folder: SHA-256 of its list, number of files, bytes on a disc, smallest medium.

    ``medium``: the smallest disc that has room; None if none has. ``empty``: placeholders of the
    document that nobody filled in.
    """

    folder: Path
    sha256: str
    files: int
    size: int
    medium: str | None
    empty: tuple[str, ...]


def write_disc(
    case: str | Path | Case, out: Path, request: DiscRequest, *, moment: datetime.datetime
) -> Disc:
    """Write the disc folder of the newest count to ``out``, a new folder, and log it.

    ``moment`` is written on the label. Raise CaseError if ``out`` exists, is in a source, beside
    one or inside the case, if there is no count, or if a source with clear values changed.
    """
    opened = Case.of(case)
    require_count(opened)
    with new_folder(opened, out) as aside:
        disc = _Folder(opened, aside, request).write(out, moment)
    with opened.open_log() as log:
        log.append("disc", moment=moment, sha256=disc.sha256, files=disc.files, clear=request.clear)
    return disc


class _Folder:
    """Disc folder under construction, in a temporary place."""

    def __init__(self, case: Case, folder: Path, request: DiscRequest) -> None:
        self._case, self._folder, self._request = case, folder, request
        self._data = load_case_data(case)
        self._words = self._data.words(request.language)
        self._hashes: dict[str, str] = {}

    def write(self, out: Path, moment: datetime.datetime) -> Disc:
        """Write all files; return the disc as it will be called ``out``."""
        self._write_lists()
        empty = self._write_reports()
        lines = [f"{sha256}  {name}\n" for name, sha256 in sorted(self._hashes.items())]
        self._save(self._name("hashes"), "".join(lines).encode(), listed=False)
        sha256 = file_sha256(self._folder / self._name("hashes"))
        paths = [path for path in self._folder.rglob("*") if path.is_file()]
        size = disc_size([path.stat().st_size for path in paths])
        medium = smallest_medium(size)
        disc = Disc(out, sha256, len(self._hashes), size, medium, empty)
        self._save(self._name("label"), self._label(disc, moment).encode(), listed=False)
        return disc

    def _name(self, key: str) -> str:
        """Return the name of the file or folder ``key`` in the disc's language."""
        return self._words(f"disc.file.{key}")

    def _save(self, name: str, content: bytes, *, listed: bool = True) -> None:
        """Write a file of the folder (mode 0600) and store its SHA-256."""
        path = self._place(name)
        with open_private(path) as file:
            file.write(content)
        if listed:
            self._hashes[name] = file_sha256(path)

    def _place(self, name: str) -> Path:
        """Return the path of the file ``name``; create its folder (mode 0700)."""
        path = self._folder / name
        make_private_folder(path.parent)
        return path

    def _write_reports(self) -> tuple[str, ...]:
        """Write page, workbook, unread parts and document; return its empty placeholders."""
        language, whole = self._request.language, self._name("whole")
        data = self._data
        self._save(
            f"{whole}/{self._name('page')}", render_page(self._case, language=language).encode()
        )
        self._save(f"{whole}/{self._name('workbook')}", build_workbook(data, language=language))
        self._save(f"{whole}/{self._name('unread')}", self._table("unread", data.tables["unread"]))
        document = self._request.document
        template = shipped_template(language, document, rows=data.tables)
        filled = fill_statement(
            data,
            template,
            self._words,
            self._request.fields,
            document=document,
            annexes=self._hashes,
        )
        name = self._words(f"document.title.{document}")
        self._save(f"{whole}/{name}.docx", filled.content)
        return filled.empty

    def _table(self, name: str, rows: Sequence[Mapping[str, Any]]) -> bytes:
        """Return a table of the case as CSV."""
        return table_csv(TABLE_OF[name], rows, self._words)

    def _write_lists(self) -> None:
        """Write the lists of every suspect, and the checksums of his sources."""
        request, case = self._request, self._case
        if request.clear:
            check_sources(case)
        count = require_count(case)
        with (
            value_files(case, clear=request.clear) as (files, text),
            reopen_count(case, count) as connection,
        ):
            create_finding_view(connection, files, text=text)
            found = connection.execute(
                "select distinct suspect from placed order by suspect nulls last"
            ).fetchall()
            for number, (suspect,) in enumerate(found, 1):
                folder = f"{number:02d}-{_folder_name(suspect or self._name('nobody'))}"
                self._write_suspect(connection, suspect, folder)

    def _write_suspect(self, connection: Any, suspect: str | None, folder: str) -> None:
        """Write the lists of one suspect, and the checksums of his sources."""
        within = suspect_sql(suspect)
        select_lines(connection, "key", None, within=within)
        self._write_list(connection, f"{folder}/{self._name('distinct')}", whole_records=False)
        select_rejects(connection, ("R2", "R3"), within=within)
        self._write_list(connection, f"{folder}/{self._name('rejects')}", whole_records=True)
        select_rejects(connection, PAIR_STEPS, within=within)
        clear = self._request.clear
        layout = PairLayout(
            self._words,
            self._case.source_names(clear=clear),
            {} if clear else self._case.shown(),
            columns_left_out(self._case),
        )
        self._save_list(f"{folder}/{self._name('pairs')}", layout, build_pairs(connection))
        own = [row for row in self._data.tables["inventory"] if _is_of(row, suspect)]
        self._save(f"{folder}/{self._name('checksums')}", self._table("inventory", own))

    def _write_list(self, connection: Any, name: str, *, whole_records: bool) -> None:
        """Write the lines of the table ``chosen`` as the list ``name``."""
        owner_classes = self._case.manifest.content["whose"]
        kinds = listed_kinds(connection, owner_classes, all_kinds=whole_records)
        layout = ListLayout.of_case(
            self._case, kinds, rejects=whole_records, clear=self._request.clear, words=self._words
        )
        speakers = () if whole_records else speaker_roles(self._case.manifest.content["roles"])
        lines = build_lines(connection, kinds, whole_records=whole_records, speakers=speakers)
        self._save_list(name, layout, lines)

    def _save_list(self, name: str, layout: Layout, lines: Iterable[Any]) -> None:
        """Write a list file (mode 0600) and store its SHA-256."""
        path = self._place(name)
        write_list(path, layout, lines, temporary=self._case.path / "tmp")
        self._hashes[name] = file_sha256(path)

    def _label(self, disc: Disc, moment: datetime.datetime) -> str:
        """Return the text of the disc's label, with blank lines for people to fill in."""
        manifest = self._case.manifest.content
        blank = self._words("disc.blank")
        return self._words(
            "disc.label",
            case_number=manifest["case_number"] or blank,
            blank=blank,
            moment=stamp(moment)[:19].replace("T", " "),
            files=f"{disc.files:,}",
            size=f"{disc.size:,}",
            medium=disc.medium or self._words("disc.no_medium"),
            values=self._words(
                "disc.values_clear" if self._request.clear else "disc.values_masked"
            ),
            hashes=self._name("hashes"),
            sha256=disc.sha256,
        )


def disc_size(sizes: Iterable[int]) -> int:
    """Return the bytes that files take on a disc: whole sectors, plus the file system.

    >>> disc_size([1, 2048]) - disc_size([])
    4096
    """
    sectors = sum(-(-size // _SECTOR) for size in sizes)
    return (sectors + _FILE_SYSTEM_SECTORS) * _SECTOR


def smallest_medium(size: int) -> str | None:
    """Return the smallest disc with room for ``size`` bytes; None if all are too small.

    >>> smallest_medium(1_000_000), smallest_medium(5_000_000_000), smallest_medium(10**12)
    ('CD', 'DVD-DL', None)
    """
    return next((name for name, room in CAPACITIES.items() if size <= room), None)


def _is_of(row: Mapping[str, Any], suspect: str | None) -> bool:
    """Return True if a row of the inventory names ``suspect``."""
    names = str(row["suspect"] or "").split("、")
    return suspect in names if suspect is not None else names == [""]


def _folder_name(name: str) -> str:
    """Return a name without the characters that a folder on a disc cannot have.

    >>> _folder_name("甲/某:1. ")
    '甲_某_1'
    """
    return _FORBIDDEN.sub("_", name)[:_LONGEST_NAME].strip(" .") or "_"
