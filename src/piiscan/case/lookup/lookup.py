"""``piiscan lookup``: where values stand in a case, without scanning anything again."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from piiscan.case.lookup.lookup_hits import Belonging, Row, answers
from piiscan.case.lookup.query import Narrowing, Question, fits, mask_of
from piiscan.case.lookup.reread import Line, read_lines
from piiscan.case.lookup.value_queries import (
    engine_of,
    entities_of,
    secret_of,
    seen_question,
    whole_questions,
)
from piiscan.case.report.example_findings import column_letter
from piiscan.case.store.audit_log import now, writing
from piiscan.case.store.case import Case
from piiscan.detect.catalog.catalog import load
from piiscan.errors import CaseError
from piiscan.masking.mask import SECRET, blot

#: Rows that are told unless more are wanted.
LIMIT = 100


@dataclass(frozen=True, slots=True)
class Found:
    """What was asked for, as it may be shown, by number; rows and totals as in ``Answers``.

    Rows have the place as it may be shown, item and suspect, and with ``reveal`` the value and the
    cells of the row as they stand in the source.
    """

    asked: Mapping[int, str]
    rows: Sequence[Row] = field(repr=False)
    totals: Sequence[Row]


def lookup(
    case: str | Path | Case,
    values: Sequence[str],
    *,
    key: str | Path | None = None,
    narrowing: Narrowing | None = None,
    limit: int | None = LIMIT,
    reveal: bool = False,
    recognizers: Path | None = None,
) -> Found:
    """Every place of ``values`` in the case: whole ones, masked ones (138****8000), 尾号3897.

    Whole values need the case's ``key`` (the user's own by default).  ``limit``: most rows; totals
    are always whole.  ``reveal`` reads the rows again in their sources, which must be unchanged.
    CaseError for another key or a changed source, never with a value in it.
    """
    opened = case if isinstance(case, Case) else Case.open(case)
    questions = _questions(opened, values, key, recognizers)
    found = answers(opened, questions, narrowing or Narrowing(), limit=limit)
    belonging, shown = Belonging(opened), opened.shown()
    paths = {each["source"]: each["path"] for each in opened.manifest.content["sources"]}
    for row in found.rows:
        path = paths[row["source"]]
        row |= {
            "path": shown.get(path, path),
            "place": shown.get(row["member"], row["member"]),
            "letter": column_letter(row["column"]),
            **{f"of_{k}": v for k, v in belonging.of(row["source"], row["member"]).items()},
        }
    if reveal:
        _reveal(opened, found.rows, shown, recognizers)
        _confirm(found.rows, {q.number: q for q in questions})
    asked = {q.number: q.shown for q in questions}
    # two masks of one value would show more than either
    asked |= {row["number"]: row["masked"] for row in found.rows if row["how"] == "SAME"}
    return Found(asked, found.rows, found.totals)


def _questions(
    case: Case, values: Sequence[str], key: str | Path | None, recognizers: Path | None
) -> list[Question]:
    seen, whole = [], []
    for number, text in enumerate(values, 1):
        question = seen_question(number, text)
        if question is not None:
            seen.append(question)
        elif text.strip():
            whole.append((number, text))
    if whole:
        secret = secret_of(case, key)
        engine = engine_of(case, recognizers=recognizers)
        kinds = entities_of(case, engine.catalog)
        seen += whole_questions(whole, engine, entities=kinds, key=secret)
    return sorted(seen, key=lambda question: question.number)


def _reveal(
    case: Case, rows: Iterable[Row], shown: Mapping[str, str], recognizers: Path | None
) -> None:
    """Give each row its ``value`` and ``cells`` as they stand; passwords stay hidden."""
    wanted: dict[int, set[tuple[str, int]]] = {}
    for row in rows:
        wanted.setdefault(row["source"], set()).add((row["member"], row["row"]))
    catalog = load(recognizers)
    sources = {each["source"]: each for each in case.manifest.content["sources"]}
    lines: dict[tuple[int, str, int], Line] = {}
    for number, places in sorted(wanted.items()):
        source = sources[number]
        name = shown.get(source["path"])
        for (member, at), told in read_lines(source, places, catalog, shown=name).items():
            lines[number, member, at] = told
    for row in rows:
        line = lines.get((row["source"], row["member"], row["row"]))
        if line is None:
            raise CaseError(f"a row of the source {row['path']} is not found again")
        cells = _blotted(line, row)
        at = max(row["column"] - 1, 0)
        text = cells[at] if at < len(cells) else None
        row["value"] = None if text is None else text[row["start"] : row["end"]]
        row["cells"] = [
            (header, cell.strip())
            for header, cell in zip(line.headers, cells, strict=True)
            if cell and cell.strip()
        ]
    with writing(case.path) as log:
        log.append("lookup", moment=now(), reveal=True, rows=sum(len(p) for p in wanted.values()))


def _confirm(rows: Iterable[Row], questions: Mapping[int, Question]) -> None:
    """What was possible, and now stands there, is CONFIRMED or REFUTED; masked copies stay."""
    for row in rows:
        question, value = questions[row["number"]], row["value"]
        if row["how"] != "POSSIBLE" or value is None or (question.tail or question.mask) is None:
            continue
        plain = "".join(c for c in unicodedata.normalize("NFKC", value) if c not in " -\t").upper()
        if "*" in (mask_of(plain) or ""):
            continue
        tail, mask = question.tail, question.mask
        same = plain.endswith(tail) if tail is not None else fits(mask or "", plain)
        row["how"] = "CONFIRMED" if same else "REFUTED"


def _blotted(line: Line, row: Row) -> list[str | None]:
    """The cells of a row, stars for every password found there."""
    cells = list(line.cells)
    for each in row["beside"]:
        if each["entity"] == SECRET and each["row"] == row["row"]:
            at = max(each["column"] - 1, 0)
            text = cells[at] if at < len(cells) else None
            if text is not None:
                cells[at] = blot(text, [(each["start"], each["end"])])
    return cells
