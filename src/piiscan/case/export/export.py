"""``piiscan export``: write the de-duplicated list of a count, or the rows rejected at a step."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Final, Literal

from piiscan.arguments import checked, existing_or_none
from piiscan.case.count.reopen import reopen_count, require_count
from piiscan.case.export.clear_values import check_catalog, check_sources, clear_values
from piiscan.case.export.list_file import Layout, ListLayout, RowLayout, write_list
from piiscan.case.export.list_lines import (
    NO_VICTIMS,
    build_lines,
    create_finding_view,
    listed_kinds,
    select_lines,
    select_rejects,
    speaker_roles,
)
from piiscan.case.export.notify import write_notices
from piiscan.case.export.public_interest import INTEREST_COLUMNS, interest_rows
from piiscan.case.export.rows_without_findings import lines_without_findings
from piiscan.case.export.victims import VICTIM_COLUMNS, read_victims, victim_rows
from piiscan.case.lookup.value_queries import case_reading
from piiscan.case.report.destination import check_destination
from piiscan.case.sampling.basis import SampleRequest, SamplingBasis
from piiscan.case.store.audit_log import now
from piiscan.case.store.case import Case, check_output_path
from piiscan.case.store.count_store import Count
from piiscan.case.store.job_store import JobStore
from piiscan.case.tiers.tier_cells import add_rule_names
from piiscan.detect.catalog.catalog import load
from piiscan.errors import CaseError, CountError
from piiscan.hashing.digest import file_sha256
from piiscan.output_files import make_private_folder, open_private
from piiscan.wording.words import Language

FORMATS: Final = (".xlsx", ".csv", ".parquet")


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """Options of an export: ``unit`` (row, key, person) and ladder step, or reject step.

    ``purpose``: what is written instead: ``public-interest``, ``notify``, or ``victims``, which are
    in the list ``victims``. ``clear``: write clear values; needs the key of the case and reads the
    sources again.
    """

    unit: str = "key"
    step: str | None = None
    rejects: str | None = None
    purpose: str | None = None
    victims: Path | None = None
    clear: bool = False
    language: Language = "zh"


@dataclass(frozen=True, slots=True)
class ExportResult:
    """A written list: path, number of lines, step, SHA-256 of the file."""

    path: Path
    lines: int
    step: str
    sha256: str


@checked
def export(
    case: str | Path | Case,
    out: str | Path,
    *,
    unit: Literal["row", "key", "person"] = "key",
    step: str | None = None,
    rejects: str | None = None,
    purpose: Literal["public-interest", "notify"] | None = None,
    victims: str | Path | None = None,
    clear: bool = False,
    key: str | Path | None = None,
    recognizers: str | Path | None = None,
    passwords: str | Path | None = None,
    language: Language = "zh",
) -> ExportResult:
    r"""Write the list of the newest count to ``out``, readable by its owner only, and log it.

    Every source with findings is hashed first. Sources are opened for reading only.

    Args:
        case: folder of a counted case, or the opened case.
        out: file to write; its ending is xlsx, csv or parquet. For ``notify`` a new folder.
        unit: a line is a row, a key or a person.
        step: step of the ladder, R1 to R6; default the last one of the unit.
        rejects: step whose rejected rows are listed instead.
        purpose: ``public-interest``: persons by suspect, category and province, money and persons
            under fourteen instead, numbers only. ``notify``: a list per place of the victims with
            contact and kinds only; needs ``clear``.
        victims: list of victims of another offence: file, transfer, day and kinds of each instead;
            needs the key.
        clear: write clear values; needs the key and reads the sources again.
        key: file of the case's key.
        recognizers: folder of own recognizers, or the name of an installed pack.
        passwords: file with passwords of encrypted files.
        language: language of headings.

    Raises:
        CaseError: a source has changed (it is named), or the list cannot be written.
        CountError: the list cannot be made of this count.

    >>> import piiscan
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place:
    ...     dump = Path(place, "dump.csv")
    ...     _ = dump.write_text("姓名,手机号\n张三,13912345678\n", "utf-8")
    ...     case = piiscan.scan(dump, case=Path(place, "case"), key=Path(place, "my.key"))
    ...     _ = piiscan.count(case)
    ...     piiscan.export(case, Path(place, "list.csv")).lines
    1
    """
    out = Path(out)
    listed = existing_or_none(victims)
    asked = {"step": step, "rejects": rejects, "purpose": purpose, "victims": listed}
    if len(given := [name for name, value in asked.items() if value is not None]) > 1:
        raise CountError("export.one_of", names=given)
    request = ExportRequest(unit, step, rejects, purpose, listed, clear, language)
    opened = Case.of(case, key=key, recognizers=recognizers, passwords=passwords)
    count = require_count(opened)
    if purpose == "notify":
        done = _write_notices(opened, count, request, out)
    else:
        if out.suffix.lower() not in FORMATS:
            raise CaseError("export.unknown_format", path=out, formats=FORMATS)
        check_output_path(opened, out)
        with _open_list(opened, count, request) as (step, layout, lines):
            try:
                number = write_list(out, layout, lines, temporary=opened.path / "tmp")
            except OSError as error:
                out.unlink(missing_ok=True)
                raise CaseError("file.unwritable", path=out, reason=error.strerror) from error
            except BaseException:
                out.unlink(missing_ok=True)
                raise
        done = ExportResult(out, number, step, file_sha256(out))
    with opened.open_log() as log:
        log.append(
            "export",
            moment=now(),
            count=count.number,
            unit=purpose or ("victims" if listed else "reject" if rejects else unit),
            step=done.step,
            clear=request.clear,
            lines=done.lines,
            sha256=done.sha256,
        )
    return done


@contextmanager
def _open_list(
    case: Case, count: Count, request: ExportRequest
) -> Iterator[tuple[str, Layout, Iterable[Any]]]:
    """Yield (ladder step or purpose, layout, lines) of the requested list."""
    words, clear, rejects = case.words(request.language), request.clear, request.rejects
    layout = ListLayout.of_case(case, (), rejects=rejects is not None, clear=clear, words=words)
    if rejects == "R1":  # the case stores only the location of these rows
        catalog = load(case.recognizers)
        check_catalog(case, catalog)
        options = case_reading(case)
        with reopen_count(case, count) as connection:
            yield "R1", layout, lines_without_findings(case, connection, catalog, options)
        return
    check_sources(case)
    victims = read_victims(request.victims, case) if request.victims else []
    with (
        value_files(case, clear=clear and not request.purpose) as (files, text),
        reopen_count(case, count) as connection,
    ):
        if request.purpose:
            create_finding_view(connection, files, text="coarse")
            names = add_rule_names(words, count.content["words"])
            basis = SamplingBasis.load(case, count, SampleRequest())
            lines: Iterable[Any] = interest_rows(connection, basis, count.tables(), names)
            yield request.purpose, RowLayout(names, INTEREST_COLUMNS, "listed.interest"), lines
            return
        if victims:
            create_finding_view(connection, files, text=text)
            lines = victim_rows(
                connection, victims, case, count.tables()["transfers"], layout, clear=clear
            )
            yield "victims", RowLayout(words, VICTIM_COLUMNS, "listed.victims"), lines
            return
        step = rejects or select_lines(connection, request.unit, request.step)
        if rejects is not None:
            select_rejects(connection, [rejects])
        create_finding_view(connection, files, text=text)
        owner_classes = case.manifest.content["whose"]
        kinds = listed_kinds(connection, owner_classes, all_kinds=rejects is not None)
        whole_records = request.unit == "row" or rejects is not None
        speakers = () if rejects else speaker_roles(case.manifest.content["roles"])
        lines = build_lines(connection, kinds, whole_records=whole_records, speakers=speakers)
        yield step, replace(layout, kinds=kinds), lines


def _write_notices(case: Case, count: Count, request: ExportRequest, out: Path) -> ExportResult:
    """Write the lists for notifying victims into the new folder ``out``."""
    if not request.clear:
        raise CaseError("export.notify_clear")
    check_sources(case)
    words = case.words(request.language)
    with (
        new_folder(case, out) as folder,
        value_files(case, clear=True) as (files, text),
        reopen_count(case, count) as connection,
    ):
        create_finding_view(connection, files, text=text)
        select_lines(connection, "person", None)
        kinds = listed_kinds(connection, case.manifest.content["whose"], all_kinds=False)
        written = write_notices(
            connection,
            build_lines(
                connection,
                [*kinds, "CREDENTIAL"],
                whole_records=False,
                speakers=speaker_roles(case.manifest.content["roles"], NO_VICTIMS),
            ),
            folder,
            words,
            as_of=date.fromisoformat(case.manifest.content["settings"]["as_of"]),
            temporary=case.path / "tmp",
        )
        hashes = "".join(f"{file_sha256(folder / name)}  {name}\n" for name in sorted(written))
        listed = folder / words("disc.file.hashes")
        with open_private(listed) as file:
            file.write(hashes.encode())
        sha256 = file_sha256(listed)
    return ExportResult(out, sum(written.values()), "notify", sha256)


@contextmanager
def new_folder(case: Case, out: Path) -> Iterator[Path]:
    """Yield a private folder that gets the name ``out`` when it is complete.

    Raise CaseError if ``out`` exists, is in a source, beside one or inside the case.
    """
    check_destination(case, out)
    if out.exists():
        raise CaseError("disc.exists", path=out)
    try:
        make_private_folder(out.parent)
        aside = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    except OSError as error:
        raise CaseError("file.unwritable", path=out, reason=error.strerror) from error
    try:
        yield aside
        aside.rename(out)
    except OSError as error:
        raise CaseError("file.unwritable", path=out, reason=error.strerror) from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)


@contextmanager
def value_files(case: Case, *, clear: bool) -> Iterator[tuple[Sequence[Path], str]]:
    """Yield the Parquet files of findings, and the column to print: ``masked`` or ``value``."""
    if not clear:
        yield case.shards("findings"), "masked"
        return
    with (
        closing(JobStore(case.path / "ledger.sqlite", case.key_at_hand())) as job_store,
        clear_values(case, job_store) as files,
    ):
        yield files, "value"
