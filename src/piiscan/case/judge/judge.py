"""Judge findings: by row, by a filled-in verification sheet, or as judged in another case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from piiscan.arguments import checked, existing_paths
from piiscan.case.count.subjects.judgements import (
    Judgement,
    Verdict,
    read_judgements,
    store_judgements,
)
from piiscan.case.lookup.findings import read_findings
from piiscan.case.lookup.row_reference import find_row, record_findings
from piiscan.case.sampling.results import find_sample
from piiscan.case.sampling.sample_store import code_lookup
from piiscan.case.sampling.verification_form import read_results, verification_form
from piiscan.case.store.audit_log import now, stamp
from piiscan.case.store.case import Case
from piiscan.case.store.connection import connect
from piiscan.errors import CaseError
from piiscan.forms.reader import read_content, read_file_bytes


@checked
def judge(
    case: str | Path | Case,
    row: str | None = None,
    *,
    verdict: Verdict = "false",
    reason: str = "",
    author: str = "",
    column: int | None = None,
    kind: str | None = None,
    sheets: Iterable[str | Path] = (),
    other: str | Path | Case | None = None,
    key: str | Path | None = None,
) -> list[Judgement]:
    r"""Store judgements in a case and return them; the next count has them.

    Args:
        case: folder of a case, or the opened case.
        row: ``SOURCE[:MEMBER]:ROW`` of the findings that a person judges, or their place as a
            look-up prints it; None for none.
        verdict: ``false``, ``overlooked``, or ``right`` to take a judgement back.
        reason: why, in a person's words; needed with ``row``.
        author: who judges; needed with ``row``.
        column: number of the column, from 1; None for that of the place, else all.
        kind: entity code of the finding or its name; needed for an overlooked value.
        sheets: verification sheets that were filled in.
        other: case of the same sources and key whose judgements hold here too.
        key: file of the case's key.

    Raises:
        CaseError: reason or author is empty, there is no such row or finding, a sheet is of another
            case, or ``other`` has another key.

    >>> import piiscan
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place:
    ...     dump = Path(place, "dump.csv")
    ...     _ = dump.write_text("姓名,手机号\n张三,13912345678\n", "utf-8")
    ...     case = piiscan.scan(dump, case=Path(place, "case"), key=Path(place, "my.key"))
    ...     made = piiscan.judge(case, "1:2", column=2, reason="测试号", author="李检")
    ...     [(each.verdict, each.masked) for each in made]
    [('false', '139****5678')]
    """
    opened = Case.of(case, key=key)
    found: list[Judgement] = []
    if row is not None:
        code = None if kind is None else opened.entity_code(kind)
        found += judge_row(
            opened, row, verdict, reason=reason, author=author, column=column, kind=code
        )
    for sheet in existing_paths(sheets):
        found += judge_sheet(opened, sheet)
    if other is not None:
        found += carry_over(opened, Case.of(other))
    return found


def judge_row(
    case: Case,
    reference: str,
    verdict: Verdict,
    *,
    reason: str,
    author: str,
    column: int | None = None,
    kind: str | None = None,
) -> list[Judgement]:
    """Store a judgement per finding of a row; return them.

    Raise CaseError if reason or author is empty, if there is no such row, or no such finding. An
    overlooked value needs its ``kind``.

    Args:
        case: the case.
        reference: ``SOURCE[:MEMBER]:ROW``, ``PATH[!MEMBER]:ROW``, or a place as a look-up shows it.
        verdict: ``false``, ``overlooked``, or ``right`` to take a judgement back.
        reason: why, in a person's words.
        author: who judges.
        column: number of the column, from 1; None for that of ``reference``, else all.
        kind: entity of the finding; None for all.
    """
    _check_words(reason, author)
    source, member, row, of_reference = find_row(case, reference)
    column = of_reference if column is None else column
    if verdict == "overlooked":
        if kind is None:
            raise CaseError("judge.no_kind")
        place: dict[str, Any] = {
            "record": row, "group": 0, "column": column or 0, "entity": kind, "masked": ""
        }  # fmt: skip
        found = [place]
    else:
        with connect(case.path / "tmp") as connection:
            found = [
                each
                for each in record_findings(connection, case, source["source"], member, row)
                if (column is None or each["column"] == column)
                and (kind is None or each["entity"] == kind)
            ]
        if not found:
            raise CaseError("judge.no_finding")
    return _store(case, _judgements(source, member, found, verdict, reason, author))


@checked
def judge_findings(
    case: str | Path | Case,
    findings: Iterable[tuple[int, int]],
    verdict: Literal["false", "right"] = "false",
    *,
    reason: str,
    author: str,
    key: str | Path | None = None,
) -> list[Judgement]:
    r"""Store judgements of findings as one attachment; return them.

    Raise CaseError if reason or author is empty, or if there is no such finding.

    Args:
        case: folder of a case, or the opened case.
        findings: source and number (``nth``) of each, as ``findings_page`` gives them.
        verdict: ``false``, or ``right``, which also takes an earlier judgement back.
        reason: why, in a person's words.
        author: who judges.
        key: file of the case's key.

    >>> import piiscan
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place:
    ...     dump = Path(place, "dump.csv")
    ...     _ = dump.write_text("姓名,手机号\n张三,13912345678\n", "utf-8")
    ...     case = piiscan.scan(dump, case=Path(place, "case"), key=Path(place, "my.key"))
    ...     made = piiscan.judge_findings(case, [(1, 1)], reason="测试号", author="李检")
    ...     [(each.verdict, each.masked) for each in made]
    [('false', '139****5678')]
    """
    opened = Case.of(case, key=key)
    _check_words(reason, author)
    wanted = list(findings)
    found = read_findings(opened, wanted)
    if not wanted or len(found) != len(set(wanted)):
        raise CaseError("judge.no_finding")
    sources = {each["source"]: each for each in opened.manifest.content["sources"]}
    new = [
        judgement
        for each in found
        for judgement in _judgements(
            sources[each["source"]], each["member"], [each], verdict, reason, author
        )
    ]
    return _store(opened, new)


@checked
def take_back(
    case: str | Path | Case, made: Iterable[Judgement], *, reason: str, author: str
) -> list[Judgement]:
    r"""Store that judgements are taken back; return the judgements with the verdict ``open``.

    Raise CaseError if reason or author is empty.

    >>> import piiscan
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place:
    ...     dump = Path(place, "dump.csv")
    ...     _ = dump.write_text("姓名,手机号\n张三,13912345678\n", "utf-8")
    ...     case = piiscan.scan(dump, case=Path(place, "case"), key=Path(place, "my.key"))
    ...     made = piiscan.judge_findings(case, [(1, 1)], reason="测试号", author="李检")
    ...     _ = piiscan.take_back(case, made, reason="误按", author="李检")
    ...     [row["judged"] for row in piiscan.findings_page(case).rows]
    [None, None]
    """
    _check_words(reason, author)
    words: dict[str, Any] = {"reason": reason, "author": author, "made": stamp(now())}
    return _store(Case.of(case), [replace(each, verdict="open", **words) for each in made])


def judge_sheet(case: Case, path: Path) -> list[Judgement]:
    """Store the results of a filled-in verification sheet as judgements; return them.

    A counted record with the result untrue or wrong has only false findings. A row without findings
    with the result untrue has an overlooked one. Verifier and method, or the remark, are author and
    reason. Raise CaseError if a row lacks them or the sheet is of another case.
    """
    sheet = read_content(read_file_bytes(path), path.name, verification_form())
    sample = find_sample(case, [sheet])
    drawn = sample.drawn_records()
    results = read_results(sheet, code_lookup(sample, drawn))
    cells = {int(row.cells["number"]): row.cells for row in sheet.rows if row.cells["number"]}
    sources = {each["source"]: each for each in case.manifest.content["sources"]}
    new: list[Judgement] = []
    with connect(case.path / "tmp") as connection:
        for each in results:
            if each.result not in ("untrue", "wrong"):
                continue
            answer = cells[each.number]
            author = answer.get("verifier", "")
            reason = answer.get("remark") or answer.get("method", "")
            _check_words(reason, author)
            at = {name: drawn[name][each.number - 1].as_py() for name in _PLACE}
            source = sources[at["source"]]
            if sample.frame == "unfound":
                missed = {
                    "record": at["row"], "group": 0, "column": 0, "entity": "", "masked": ""
                }  # fmt: skip
                new += _judgements(source, at["member"], [missed], "overlooked", reason, author)
            elif sample.frame == "counted":
                found = record_findings(connection, case, at["source"], at["member"], at["row"])
                same = [f for f in found if (f["record"], f["group"]) == (at["row"], at["group"])]
                new += _judgements(source, at["member"], same, "false", reason, author)
    return _store(case, new)


_PLACE = ("source", "member", "row", "group")


def carry_over(case: Case, other: Case) -> list[Judgement]:
    """Store the judgements of another case of the same sources and key; return them.

    Raise CaseError if the cases have different digest keys.
    """
    keys = [each.manifest.content["settings"]["key"] for each in (case, other)]
    if keys[0] != keys[1]:
        raise CaseError("judge.other_key")
    return _store(case, read_judgements(other)[0])


def _store(case: Case, new: Sequence[Judgement]) -> list[Judgement]:
    """Store new judgements, logged; return them."""
    if new:
        with case.open_log() as log:
            store_judgements(case, new, log=log)
    return list(new)


def _check_words(reason: str, author: str) -> None:
    """Raise CaseError unless reason and author are given."""
    if not reason.strip() or not author.strip():
        raise CaseError("judge.no_author")


def _judgements(
    source: Mapping[str, Any],
    member: str,
    found: Iterable[Mapping[str, Any]],
    verdict: Verdict,
    reason: str,
    author: str,
) -> list[Judgement]:
    """Return a judgement per finding of ``found`` in a part of ``source``."""
    made = stamp(now())
    return [
        Judgement(
            verdict=verdict,
            sha256=source["sha256"],
            member=member,
            record=each["record"],
            group=each["group"],
            column=each["column"],
            entity=each["entity"],
            digest=bytes(each["digest"]).hex() if "digest" in each else "",
            masked=each["masked"] or "",
            reason=reason,
            author=author,
            made=made,
        )
        for each in found
    ]
