"""Issue of a sample: draw records of a count, write the sheets, store the sample in the case."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import Any

from piiscan.arguments import checked, existing_or_none
from piiscan.case.count.reopen import require_count
from piiscan.case.export.clear_values import check_sources, clear_values
from piiscan.case.sampling import sample_store, sampling_frame
from piiscan.case.sampling.basis import (
    DEFAULT_MINIMUM,
    DEFAULT_POLICY,
    DEFAULT_SIZE,
    SampleRequest,
    SamplingBasis,
)
from piiscan.case.sampling.record_texts import DisplayNames, sheet_lines, unfound_lines
from piiscan.case.sampling.sample_store import Sample
from piiscan.case.sampling.sampling_frame import Frame, Grouping, Record, Step, Stratum
from piiscan.case.sampling.unfound_rows import draw_unfound
from piiscan.case.sampling.verification_form import (
    ROWS_PER_SHEET,
    DrawnRecord,
    number_records,
    verification_form,
)
from piiscan.case.store.case import Case, check_output_path
from piiscan.case.store.connection import literals
from piiscan.case.store.job_store import JobStore
from piiscan.errors import CaseError
from piiscan.forms.schema import Language
from piiscan.forms.writer import SheetRow, write_sheet
from piiscan.hashing.digest import file_sha256

#: Function from drawn records and display names to the rows of a sheet.
LineFunction = Callable[[Iterator[DrawnRecord], DisplayNames], Iterator[SheetRow]]


@dataclass(frozen=True, slots=True)
class IssuedSample:
    """An issued sample and the paths of its sheets.

    ``others``: records of the same step outside the sample. ``disputed``: sampled records that
    another reading of the policy would verify one by one.
    """

    sample: Sample
    sheets: list[Path]
    others: int
    disputed: int


@checked
def sample(
    case: str | Path | Case,
    out: str | Path,
    *,
    size: int | None = DEFAULT_SIZE,
    by: Grouping = "source",
    minimum: int = DEFAULT_MINIMUM,
    frame: Frame = "counted",
    step: Step = "R5",
    seed: str = "",
    singly: bool = False,
    policy: str = DEFAULT_POLICY,
    profile: str | Path | None = None,
    rows: int = ROWS_PER_SHEET,
    clear: bool = False,
    key: str | Path | None = None,
    recognizers: str | Path | None = None,
    passwords: str | Path | None = None,
    language: Language = "zh",
) -> IssuedSample:
    r"""Draw records for people to verify, write their sheets, and store the sample in the case.

    A long sheet continues in further files next to ``out``. Records that must be verified one by
    one are drawn only with ``singly``.

    Args:
        case: folder of a counted case, or the opened case.
        out: workbook to write.
        size: number of records; None for a sheet with every record.
        by: strata: the whole, sources, suspects, items or kinds of information.
        minimum: records of each stratum at least.
        frame: counted records, repetitions, excluded records, or rows without findings.
        step: step of the ladder, R1 to R5.
        seed: seed of the draw; default the SHA-256 of the count, which no person can choose.
        singly: only records that the policy wants verified one by one.
        policy: name of a shipped policy, or a policy file.
        profile: category sheet or TOML file, as for the count.
        rows: most rows of one workbook.
        clear: write clear values; needs the key and reads the sources again.
        key: file of the case's key.
        recognizers: folder of own recognizers, or the name of an installed pack.
        passwords: file with passwords of encrypted files.
        language: language of the sheets.

    Raises:
        CaseError: the case has no count, or no record may be sampled.
        CatalogError: policy or profile is invalid.

    >>> import piiscan
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place:
    ...     dump = Path(place, "dump.csv")
    ...     _ = dump.write_text("姓名,手机号\n张三,13912345678\n", "utf-8")
    ...     case = piiscan.scan(dump, case=Path(place, "case"), key=Path(place, "my.key"))
    ...     _ = piiscan.count(case)
    ...     [each.name for each in piiscan.sample(case, Path(place, "a.xlsx")).sheets]
    ['a.xlsx']
    """
    case, out = Case.of(case, key=key, recognizers=recognizers, passwords=passwords), Path(out)
    request = SampleRequest(
        size=size, frame=frame, step=step, by=by, minimum=minimum, seed=seed, singly=singly,
        policy=policy, profile=existing_or_none(profile), language=language, rows=rows, clear=clear,
    )  # fmt: skip
    count = require_count(case)
    check_output_path(case, out)
    basis = SamplingBasis.load(case, count, request)
    with (
        closing(
            JobStore(case.path / "ledger.sqlite", case.key_at_hand())
        ) as job_store,  # one writer at a time
        basis.count_database() as connection,
    ):
        sampling_frame.create_record_view(connection)
        if request.frame == "unfound":
            strata, drawn, texts = draw_unfound(basis, connection)
            lines = partial(unfound_lines, texts=texts)
            return _store_sample(basis, lines, strata, iter(drawn), out, others=0, disputed=0)
        sampling_frame.create_frame(
            connection,
            request.step,
            by=request.by,
            categories=basis.categories,
            frame=request.frame,
        )
        strata, records, source_numbers = _select_records(basis, connection)
        others = sum(sampling_frame.stratum_sizes(connection, singly=None).values()) - sum(
            each.size for each in strata
        )
        disputed = 0
        if request.size is not None and not request.singly:
            disputed = basis.count_disputed(sampling_frame.category_sizes(connection))
        with _findings_query(basis, job_store, source_numbers) as values:
            connection.execute(f"create view findings as {values}")
            return _store_sample(
                basis,
                partial(sheet_lines, connection),
                strata,
                records,
                out,
                others=others,
                disputed=disputed,
            )


def _store_sample(
    basis: SamplingBasis,
    lines: LineFunction,
    strata: list[Stratum],
    records: Iterator[Record],
    out: Path,
    *,
    others: int,
    disputed: int,
) -> IssuedSample:
    """Write ``drawn.parquet``, the sheets and ``sample.json``; return the issued sample."""
    case, temporary = basis.case, basis.case.path / "tmp"
    settings = basis.settings()
    token = sample_store.settings_token(settings)
    names = basis.stratum_titles(each.name for each in strata)
    number, folder = sample_store.create_folder(case.path)
    drawn = sample_store.write_drawn(folder, number_records(records, token))
    sheets = _write_sheets(basis, lines, drawn, out, names)
    content = settings | {
        "number": number,
        "token": token,
        "others": others,
        "strata": [{"name": e.name, "size": e.size, "drawn": e.drawn} for e in strata],
        "names": names,
        "clear": basis.request.clear,
        "sheets": [file_sha256(path) for path in sheets],
    }
    with case.log_under_lock() as log:
        sample = sample_store.write_sample(folder, content, temporary=temporary, log=log)
    return IssuedSample(sample, sheets, others, disputed)


def _select_records(
    basis: SamplingBasis, connection: Any
) -> tuple[list[Stratum], Iterator[Record], frozenset[int] | None]:
    """Return strata, records to write, and numbers of their sources (None: any source).

    Raise CaseError if there is no record.
    """
    request = basis.request
    sampled = request.size is not None
    singly = True if request.singly else False if sampled else None
    sizes = sampling_frame.stratum_sizes(connection, singly=singly)
    if not sizes:
        excluded = sum(sampling_frame.stratum_sizes(connection, singly=True).values())
        if excluded:
            raise CaseError("sample.verified_one_by_one", count=excluded, policy=basis.policy.id)
        raise CaseError("sample.no_record")
    if request.size is None:
        strata = [Stratum(name, number, number) for name, number in sizes.items()]
        return strata, sampling_frame.all_records(connection, singly=request.singly), None
    strata, drawn = sampling_frame.draw_sample(
        connection,
        sizes,
        size=request.size,
        minimum=request.minimum,
        seed=basis.seed,
        singly=request.singly,
    )
    return strata, iter(drawn), frozenset(each.source for each in drawn)


def _write_sheets(
    basis: SamplingBasis,
    lines: LineFunction,
    drawn: Iterator[DrawnRecord],
    out: Path,
    names: dict[str, dict[str, str]],
) -> list[Path]:
    """Write the drawn records to ``out``; start a further file after each ``request.rows`` rows.

    Return the paths. Raise CaseError if a file exists already.
    """
    language = basis.request.language
    strata = {name: words[language] for name, words in names.items()}
    display_names = replace(basis.display_names(), strata=strata)
    sheets: list[Path] = []
    while first := next(drawn, None):
        part = chain([first], islice(drawn, basis.request.rows - 1))
        path = out
        if sheets:
            path = out.with_name(f"{out.stem}-{len(sheets) + 1:03d}{out.suffix}")
        if path.exists():  # it may contain results
            raise CaseError("sample.exists", path=path)
        write_sheet(path, verification_form(), lines(part, display_names), language=language)
        sheets.append(path)
    return sheets


@contextmanager
def _findings_query(
    basis: SamplingBasis, job_store: JobStore, source_numbers: frozenset[int] | None
) -> Iterator[str]:
    """Yield the SQL of the findings, with the mask or clear value as column ``shown``.

    The clear values exist only inside the ``with`` block.
    """
    request, case = basis.request, basis.case
    if not request.clear:
        paths = literals(case.shards("findings"))
        yield f"select *, masked as shown from read_parquet([{paths}])"
        return
    check_sources(case, source_numbers=source_numbers)
    with clear_values(case, job_store, source_numbers=source_numbers) as files:
        # Passwords have no clear value here, so their mask is shown.
        yield f"select *, coalesce(value, masked) as shown from read_parquet([{literals(files)}])"
