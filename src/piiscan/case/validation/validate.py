"""``piiscan validate``: check the installed software that made a case by known answers.

It refuses if code or recognizers are others than those of the case. Rates are those of fictional
corpora; rates of the case come from ``piiscan sample`` only. Its tables are CHECKS (known answers),
RATES, PATTERNS and RELIABILITY (per kind), RERUNS (sources scanned again).
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from piiscan.case.count.count import count
from piiscan.case.register.made_corpus import make_with_register
from piiscan.case.scan.scan import scan
from piiscan.case.store.case import Case
from piiscan.case.store.common_columns import ENTITY, SOURCE
from piiscan.case.store.manifest import tool_facts
from piiscan.case.validation.detection_rates import (
    KindCounts,
    add_counts,
    compare_with_truth,
    pattern_rows,
    rate_rows,
    reliability_rows,
)
from piiscan.case.validation.replay import draw_sources, rerun_rows
from piiscan.case.validation.toy_cases import (
    Sandbox,
    conservation_failures,
    corpus_people,
    open_sandbox,
    transfer_failures,
)
from piiscan.detect.catalog.catalog import Catalog, load
from piiscan.detect.self_test import run_self_test
from piiscan.errors import CaseError
from piiscan.pages.report_table import USUAL, ReportTable, checksum, coded, number, text
from piiscan.synth import MadeCorpus, recipe_names

Row = dict[str, Any]
#: Rows of each corpus, its seed, and the sources that are scanned again.
ROWS: Final = 1_000
SEED: Final = 0
SOURCES: Final = 5
_REGISTERED: Final = "three-party"
_PEOPLE: Final = "sale-7967"
_PATTERNS: Final = "unseen-lines"


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationRequest:
    """Options of a validation.

    ``sources``: number of sources scanned again. ``seed``: of their drawing; None for one from the
    manifest. ``evidence``: folder with the sources, if they were moved. ``corpora``: names; None
    for all that ship. ``rows``: rows of each.
    """

    sources: int = SOURCES
    seed: int | None = None
    evidence: Path | None = None
    corpora: Sequence[str] | None = None
    rows: int = ROWS


@dataclass(frozen=True, slots=True)
class Validation:
    """Result of a validation: tables by name, the case, seed, corpora, begin and end."""

    case: Case = field(repr=False)
    tables: Mapping[str, Sequence[Row]]
    seed: int
    corpora: tuple[str, ...]
    rows: int
    started: datetime.datetime
    finished: datetime.datetime

    @property
    def passed(self) -> bool:
        """Return True if every check is right and no second scan differs."""
        checks, reruns = self.tables["validation_checks"], self.tables["validation_reruns"]
        return all(not row["failures"] for row in checks) and all(
            row["outcome"] != "different" for row in reruns
        )


def validate(
    case: str | Path | Case,
    request: ValidationRequest,
    *,
    clock: Callable[[], datetime.datetime],
    on_step: Callable[[str], object] = lambda _: None,
) -> Validation:
    """Validate the software that made ``case``; ``on_step`` is called with each step's name.

    The sandbox is in ``tmp`` of the case and deleted. Raise CaseError if the installed code or
    recognizers are not those of the case.
    """
    opened = Case.of(case)
    started = clock()
    catalog = load(opened.recognizers)
    check_same_software(opened, catalog)
    seed = int(opened.manifest.sha256[:8], 16) if request.seed is None else request.seed
    names = tuple(recipe_names() if request.corpora is None else request.corpora)
    counts: dict[str, KindCounts] = {}
    with open_sandbox(opened, recognizers=opened.recognizers) as sandbox:
        on_step("answers")
        checks = _known_answers(catalog)
        on_step("corpora")
        corpora = {name: _scan_corpus(name, request.rows, sandbox, counts) for name in names}
        lines = corpora[_PATTERNS][0] if _PATTERNS in corpora else None
        patterns = pattern_rows(lines, recognizers=opened.recognizers) if lines else []
        on_step("toys")
        checks += _toy_checks(opened, sandbox, corpora)
        on_step("again")
        reruns = rerun_rows(
            opened,
            draw_sources(opened, request.sources, seed),
            sandbox.folder / "again",
            evidence=request.evidence,
        )
    tables = {
        "validation_checks": checks,
        "validation_rates": rate_rows(counts),
        "validation_patterns": patterns,
        "validation_reliability": reliability_rows(),
        "validation_reruns": reruns,
    }
    return Validation(opened, tables, seed, names, request.rows, started, clock())


def check_same_software(case: Case, catalog: Catalog) -> None:
    """Raise CaseError if the installed code or ``catalog`` is not the one that made the case."""
    manifest = case.manifest.content
    if tool_facts()["code_sha256"] != manifest["tool"]["code_sha256"]:
        raise CaseError("validate.other_code", sha256=manifest["tool"]["code_sha256"])
    if catalog.digest != manifest["settings"]["catalogue"]:
        raise CaseError("validate.other_rules", sha256=manifest["settings"]["catalogue"])


def _known_answers(catalog: Catalog) -> list[Row]:
    """Return the checks of the examples and the decoys of all recognizers."""
    failures = run_self_test(catalog)
    decoys = {(r.id, each.text) for r in catalog.recognizers for each in r.counterexamples}
    examples = sum(len(r.examples) for r in catalog.recognizers)
    false = {f"{f.recognizer}\0{f.example.text}" for f in failures} & {
        f"{a}\0{b}" for a, b in decoys
    }
    wrong = {(f.recognizer, f.example.text) for f in failures}
    return [
        _check("answers", examples, len(wrong) - len(false)),
        _check("decoys", len(decoys), len(false)),
    ]


def _scan_corpus(
    name: str, rows: int, sandbox: Sandbox, counts: dict[str, KindCounts]
) -> tuple[MadeCorpus, Case]:
    """Make and scan a corpus; add its numbers to ``counts``. Return corpus and case."""
    made = make_with_register(
        name, rows=rows, seed=SEED, out=sandbox.folder / "corpora", list_rows=True
    )
    case = scan([made.folder], case=sandbox.folder / f"case-{name}", **sandbox.scan_options())
    add_counts(counts, compare_with_truth(case, made, key=sandbox.secret(case)))
    return made, case


def _toy_checks(
    case: Case, sandbox: Sandbox, corpora: Mapping[str, tuple[MadeCorpus, Case]]
) -> list[Row]:
    """Return the checks of the ladder and of art. 11, as far as the corpora are there."""
    checks = []
    if _REGISTERED in corpora:
        made, scanned = corpora[_REGISTERED]
        counted = count(scanned, register=made.register, key=sandbox.key)
        checks.append(_check("ladder", *conservation_failures(counted.tables())))
    if _PEOPLE in corpora:
        rows = corpora[_PEOPLE][0].truth_rows
        assert rows is not None  # the corpus is made with its rows
        checks.append(_check("transfers", *transfer_failures(sandbox, corpus_people(rows))))
    own = case.count()
    if own is not None:
        checks.append(_check("own_ladder", *conservation_failures(own.tables())))
    return checks


def _check(name: str, cases: int, wrong: int) -> Row:
    """Return a row of the table CHECKS."""
    outcome = "none" if not cases else "wrong" if wrong else "right"
    return {"check": name, "cases": cases, "failures": wrong, "outcome": outcome}


CHECKS: Final = ReportTable(
    "validation_checks",
    (
        coded("check", "validation_check"),
        number("cases"),
        number("failures"),
        coded("outcome", "validation_outcome"),
    ),
)
RATES: Final = ReportTable(
    "validation_rates",
    (
        ENTITY.only_in(USUAL),
        number("planted"),
        number("detected"),
        text("detection_rate"),
        text("detection_bounds"),
        number("reported"),
        number("false_reports"),
        text("false_rate"),
        text("false_bounds"),
    ),
)
PATTERNS: Final = ReportTable(
    "validation_patterns",
    (
        coded("text_kind", "text_kind"),
        number("lines"),
        *RATES.columns[1:],
        number("roles"),
        text("role_rate"),
        text("role_bounds"),
    ),
)
RELIABILITY: Final = ReportTable(
    "validation_reliability",
    (
        coded("text_kind", "text_kind"),
        coded("value_kind", "value_kind"),
        text("least_score"),
        number("reported"),
        number("right_reports"),
        text("right_rate"),
        text("right_bounds"),
    ),
)
RERUNS: Final = ReportTable(
    "validation_reruns",
    (
        SOURCE.only_in(USUAL),
        text("path"),
        number("size"),
        coded("outcome", "rerun_outcome"),
        checksum("sha256"),
    ),
)
VALIDATION_TABLES: Final = (CHECKS, RATES, PATTERNS, RELIABILITY, RERUNS)
