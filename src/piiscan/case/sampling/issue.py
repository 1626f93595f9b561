"""A count -> sheets for people to verify, kept in mind by the case."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path
from typing import Any

from piiscan.case.export.clear_values import check_sources, cleared
from piiscan.case.sampling import sample_store, sampling_frame
from piiscan.case.sampling.basis import Asked, Basis
from piiscan.case.sampling.record_texts import lines
from piiscan.case.sampling.sample_store import Sample
from piiscan.case.sampling.sampling_frame import Record, Stratum
from piiscan.case.sampling.verification_form import Drawn, form, number_all
from piiscan.case.store.audit_log import Log
from piiscan.case.store.case import Case, check_free
from piiscan.case.store.connection import literals
from piiscan.case.store.count_store import latest_count
from piiscan.case.store.job_store import Ledger
from piiscan.errors import CaseError
from piiscan.forms.writer import write_sheet
from piiscan.hashing.digest import file_sha256


@dataclass(frozen=True, slots=True)
class Issued:
    """A sample in the case and the sheets written of it.

    ``others``: records of the same step that it leaves out; ``disputed``: records it was drawn
    from that another reading would verify one by one.
    """

    sample: Sample
    sheets: list[Path]
    others: int
    disputed: int


def issue(case: Case, out: Path, asked: Asked) -> Issued:
    """Sheets of a sample or of every record: ``out``, and further ones beside it if it is long.

    CaseError without a count, and where nothing may be sampled: records at lines that are to be
    verified one by one are never drawn from.
    """
    count = latest_count(case.path)
    if count is None:
        raise CaseError(f"{case.path} has no count yet; make one first (piiscan count)")
    check_free(case, out)
    basis = Basis.of(case, count, asked)
    with (
        closing(Ledger(case.path / "ledger.sqlite")) as ledger,  # one writer at a time
        basis.board() as base,
    ):
        sampling_frame.open_rows(base)
        sampling_frame.make_frame(base, asked.step, by=asked.by, categories=basis.categories)
        strata, records, only = _records(basis, base)
        with _values(basis, ledger, only) as values:
            base.execute(f"create view findings as {values}")
            return _issue(basis, base, strata, records, out)


def _issue(
    basis: Basis, base: Any, strata: list[Stratum], records: Iterator[Record], out: Path
) -> Issued:
    case, temporary = basis.case, basis.case.path / "tmp"
    others = sum(sampling_frame.sizes_of(base, singly=None).values()) - sum(
        each.size for each in strata
    )
    settings = basis.settings()
    token = sample_store.token_of(settings)
    names = basis.strata(each.name for each in strata)
    number, folder = sample_store.make_folder(case.path)
    drawn = sample_store.write_drawn(folder, number_all(records, token))
    sheets = _write(basis, base, drawn, out, names)
    content = settings | {
        "number": number,
        "token": token,
        "others": others,
        "strata": [{"name": e.name, "size": e.size, "drawn": e.drawn} for e in strata],
        "names": names,
        "clear": basis.asked.clear,
        "sheets": [file_sha256(path) for path in sheets],
    }
    with closing(Log(case.path / "log.jsonl")) as log:
        sample = sample_store.write_sample(folder, content, temporary=temporary, log=log)
    disputed = basis.disputed(sampling_frame.kinds_of(base)) if sample.sampled else 0
    return Issued(sample, sheets, others, disputed)


def _records(
    basis: Basis, base: Any
) -> tuple[list[Stratum], Iterator[Record], frozenset[int] | None]:
    """The strata, the records to be written, their sources (None: any); CaseError without any."""
    asked = basis.asked
    sampled = asked.size is not None
    which = False if sampled else True if asked.singly else None
    sizes = sampling_frame.sizes_of(base, singly=which)
    if not sizes:
        alone = sum(sampling_frame.sizes_of(base, singly=True).values())
        if alone:
            raise CaseError(
                f"all {alone} records stand at lines of {basis.policy.id} that are to be verified"
                " one by one, so none is sampled; write a sheet of every one of them (--each)"
            )
        raise CaseError("there is no record to be verified")
    if asked.size is None:
        strata = [Stratum(name, number, number) for name, number in sizes.items()]
        return strata, sampling_frame.every_record(base, singly=asked.singly), None
    strata, drawn = sampling_frame.draw(
        base, sizes, size=asked.size, minimum=asked.minimum, seed=basis.seed
    )
    return strata, iter(drawn), frozenset(each.source for each in drawn)


def _write(
    basis: Basis, base: Any, drawn: Iterator[Drawn], out: Path, names: dict[str, dict[str, str]]
) -> list[Path]:
    """The sheets, split where one would be longer than programs open at ease."""
    language = basis.asked.language
    strata = {name: words[language] for name, words in names.items()}
    called = replace(basis.names(), strata=strata)
    sheets: list[Path] = []
    while first := next(drawn, None):
        part = chain([first], islice(drawn, basis.asked.rows - 1))
        path = out
        if sheets:
            path = out.with_name(f"{out.stem}-{len(sheets) + 1:03d}{out.suffix}")
        if path.exists():  # it may hold what somebody found
            raise CaseError(f"{path} is there already; give another name")
        write_sheet(path, form(), lines(base, part, called), language=language)
        sheets.append(path)
    return sheets


@contextmanager
def _values(basis: Basis, ledger: Ledger, only: frozenset[int] | None) -> Iterator[str]:
    """The query for findings with what sheets show of them, as long as that is there."""
    asked, case = basis.asked, basis.case
    if not asked.clear:
        paths = literals(case.shards("findings"))
        yield f"select *, masked as shown from read_parquet([{paths}])"
        return
    check_sources(case, only=only)
    with cleared(case, ledger, key=asked.key, recognizers=asked.recognizers, only=only) as files:
        # Passwords are never told.
        yield f"select *, coalesce(value, masked) as shown from read_parquet([{literals(files)}])"
