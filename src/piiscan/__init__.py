"""piiscan: find, locate and count personal information in seized Chinese data.

Public names load their modules on first use, so ``import piiscan`` is fast.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from piiscan.case.columns.column_rows import column_rows, store_columns
    from piiscan.case.compare.recounts import compare_counts
    from piiscan.case.count.count import count, recount
    from piiscan.case.count.count_rules import CountRules
    from piiscan.case.count.counted_sources import SourceRecords
    from piiscan.case.count.literal_records import literal_source
    from piiscan.case.count.preview import preview_flow
    from piiscan.case.count.record_count import RecordCount, count_records
    from piiscan.case.explain_count.explain_count import explain_finding
    from piiscan.case.export.deletion_check import check_deletion
    from piiscan.case.export.export import export
    from piiscan.case.integrity.verification import verify
    from piiscan.case.judge.judge import judge, judge_findings, take_back
    from piiscan.case.lookup.findings import FindingFilters, finding_facets, findings_page
    from piiscan.case.lookup.lookup import lookup
    from piiscan.case.lookup.place import show_place
    from piiscan.case.merge.merge import merge
    from piiscan.case.pipeline import run
    from piiscan.case.register.register_rows import register_rows, store_register
    from piiscan.case.report.report import report
    from piiscan.case.sampling.issue import sample
    from piiscan.case.sampling.results import import_sample
    from piiscan.case.sampling.sample_rows import draw_sample, sample_rows, store_sample
    from piiscan.case.scan.scan import scan
    from piiscan.case.store.case import Case
    from piiscan.copies.mask_text import mask
    from piiscan.copies.redact_folder import redact
    from piiscan.detect.attributes import attribute_table, coarse
    from piiscan.detect.findings.finding import Alternative, Finding
    from piiscan.errors import (
        CaseError,
        CatalogError,
        CountError,
        MissingPathError,
        PiiscanError,
        RedactError,
        SourceError,
        VerifyError,
    )
    from piiscan.finding import FoundRow, FoundTable, afind, find, find_all
    from piiscan.frame import Plan, find_frame, find_iter, find_table, plan
    from piiscan.guard.check import Check, check
    from piiscan.guard.file_findings import FileFinding, find_files
    from piiscan.work_page.page_server import serve

__version__ = "0.2.0"

__all__ = [
    "Alternative",
    "Case",
    "CaseError",
    "CatalogError",
    "Check",
    "CountError",
    "CountRules",
    "FileFinding",
    "Finding",
    "FindingFilters",
    "FoundRow",
    "FoundTable",
    "MissingPathError",
    "PiiscanError",
    "Plan",
    "RecordCount",
    "RedactError",
    "SourceError",
    "SourceRecords",
    "VerifyError",
    "__version__",
    "afind",
    "attribute_table",
    "check",
    "check_deletion",
    "coarse",
    "column_rows",
    "compare_counts",
    "count",
    "count_records",
    "draw_sample",
    "explain_finding",
    "export",
    "find",
    "find_all",
    "find_files",
    "find_frame",
    "find_iter",
    "find_table",
    "finding_facets",
    "findings_page",
    "import_sample",
    "judge",
    "judge_findings",
    "literal_source",
    "lookup",
    "mask",
    "merge",
    "plan",
    "preview_flow",
    "recount",
    "redact",
    "register_rows",
    "report",
    "run",
    "sample",
    "sample_rows",
    "scan",
    "serve",
    "show_place",
    "store_columns",
    "store_register",
    "store_sample",
    "take_back",
    "verify",
]

_HOME: Final = {
    "Alternative": "piiscan.detect.findings.finding",
    "Case": "piiscan.case.store.case",
    "CaseError": "piiscan.errors",
    "CatalogError": "piiscan.errors",
    "Check": "piiscan.guard.check",
    "CountError": "piiscan.errors",
    "CountRules": "piiscan.case.count.count_rules",
    "FileFinding": "piiscan.guard.file_findings",
    "Finding": "piiscan.detect.findings.finding",
    "FindingFilters": "piiscan.case.lookup.findings",
    "FoundRow": "piiscan.finding",
    "FoundTable": "piiscan.finding",
    "MissingPathError": "piiscan.errors",
    "PiiscanError": "piiscan.errors",
    "Plan": "piiscan.frame",
    "RecordCount": "piiscan.case.count.record_count",
    "RedactError": "piiscan.errors",
    "SourceError": "piiscan.errors",
    "SourceRecords": "piiscan.case.count.counted_sources",
    "VerifyError": "piiscan.errors",
    "afind": "piiscan.finding",
    "attribute_table": "piiscan.detect.attributes",
    "check": "piiscan.guard.check",
    "check_deletion": "piiscan.case.export.deletion_check",
    "coarse": "piiscan.detect.attributes",
    "column_rows": "piiscan.case.columns.column_rows",
    "compare_counts": "piiscan.case.compare.recounts",
    "count": "piiscan.case.count.count",
    "count_records": "piiscan.case.count.record_count",
    "draw_sample": "piiscan.case.sampling.sample_rows",
    "explain_finding": "piiscan.case.explain_count.explain_count",
    "export": "piiscan.case.export.export",
    "find": "piiscan.finding",
    "find_all": "piiscan.finding",
    "find_files": "piiscan.guard.file_findings",
    "find_frame": "piiscan.frame",
    "find_iter": "piiscan.frame",
    "find_table": "piiscan.frame",
    "finding_facets": "piiscan.case.lookup.findings",
    "findings_page": "piiscan.case.lookup.findings",
    "import_sample": "piiscan.case.sampling.results",
    "judge": "piiscan.case.judge.judge",
    "judge_findings": "piiscan.case.judge.judge",
    "literal_source": "piiscan.case.count.literal_records",
    "lookup": "piiscan.case.lookup.lookup",
    "mask": "piiscan.copies.mask_text",
    "merge": "piiscan.case.merge.merge",
    "plan": "piiscan.frame",
    "preview_flow": "piiscan.case.count.preview",
    "recount": "piiscan.case.count.count",
    "redact": "piiscan.copies.redact_folder",
    "register_rows": "piiscan.case.register.register_rows",
    "report": "piiscan.case.report.report",
    "run": "piiscan.case.pipeline",
    "sample": "piiscan.case.sampling.issue",
    "sample_rows": "piiscan.case.sampling.sample_rows",
    "scan": "piiscan.case.scan.scan",
    "serve": "piiscan.work_page.page_server",
    "show_place": "piiscan.case.lookup.place",
    "store_columns": "piiscan.case.columns.column_rows",
    "store_register": "piiscan.case.register.register_rows",
    "store_sample": "piiscan.case.sampling.sample_rows",
    "take_back": "piiscan.case.judge.judge",
    "verify": "piiscan.case.integrity.verification",
}


if not TYPE_CHECKING:  # with it, checkers would accept any name

    def __getattr__(name: str) -> Any:
        """Import the module of the public name ``name`` and return the object.

        Raise AttributeError if there is no such name.
        """
        if name not in _HOME:
            raise AttributeError(f"module 'piiscan' has no attribute {name!r}")
        value = getattr(import_module(_HOME[name]), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    """Return the package's public names and module globals, sorted, for ``dir(piiscan)``."""
    return sorted({*globals(), *__all__})
