"""State of the work: the opened case, its tables and findings, and a count that runs."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from typing import Any, Final

from piiscan.case.columns.column_rows import column_rows
from piiscan.case.compare.recounts import CountChanges, compare_counts
from piiscan.case.count.subjects.judgements import Judgement
from piiscan.case.explain_count.explain_count import CountExplanation
from piiscan.case.lookup.findings import FindingsReader
from piiscan.case.register.register import path_names
from piiscan.case.register.register_rows import register_rows
from piiscan.case.report.case_data import CaseData, load_case_data
from piiscan.case.report.html.case_page import rule_checks
from piiscan.case.store.case import Case
from piiscan.wording.words import Language, Words
from piiscan.work_page.count_job import CountJob

#: Clear pictures that are kept until the browser has asked for them.
_MOST_PICTURES: Final = 4


class CaseView:
    """One state of a case, as the screens read it; parts are read when they are first shown."""

    def __init__(self, case: Case, reader: FindingsReader | None = None) -> None:
        """View ``case``; ``reader``: of an earlier view of the same scan."""
        self.case = case
        if reader is not None and reader.case.manifest.sha256 == case.manifest.sha256:
            reader.refresh()
        else:
            reader = FindingsReader(case)
        self.findings = reader
        self._names: dict[str, str] = {}
        #: Place of a finding -> explanation of its record, as far as it was asked for.
        self.explained: dict[tuple[int, int], CountExplanation] = {}
        #: Language -> rows of the register by sheet, and of the sheet of columns.
        self.register_rows = cache(lambda language: register_rows(case, language=language))
        self.column_rows = cache(lambda language: column_rows(case, language=language))

    @cached_property
    def data(self) -> CaseData:
        """Return all tables of the case."""
        return load_case_data(self.case)

    @cached_property
    def source_names(self) -> Mapping[str, str]:
        """Return number of a source in digits -> its name as it may be shown."""
        return {str(number): name for number, name in self.case.source_names().items()}

    def path_names(self, paths: Collection[str]) -> Mapping[str, str]:
        """Return path -> its name as it may be shown, of ``paths`` at least."""
        new = {path for path in paths if path not in self._names}
        if new:
            self._names |= dict(zip(new, new, strict=True)) | path_names(self.case, new)
        return self._names

    @cached_property
    def checks(self) -> Mapping[str, str]:
        """Return recognizer -> name of its check."""
        return rule_checks(self.case, None)


@dataclass
class WorkState:
    """Everything that the page keeps between two requests; nothing of it is written.

    ``reason``: of the last judgement. ``judged``: the last judgements, which can be taken back,
    and their place. ``clear_reason``: why all places are shown in clear, "" while they are masked.
    ``message``: sentence for the next screen, key and fields.
    """

    case: Case
    language: Language = "zh"
    reason: str = ""
    judged: tuple[Sequence[Judgement], tuple[int, int] | None] = ((), None)
    clear_reason: str = ""
    message: tuple[str, Mapping[str, Any]] | None = None
    counting: CountJob | None = None
    lock: threading.RLock = field(default_factory=threading.RLock)
    pictures: OrderedDict[str, bytes] = field(default_factory=OrderedDict)
    _view: CaseView | None = None
    _head: bytes = b""

    def view(self) -> CaseView:
        """Return the view of the case; a new one if its log grew since the last."""
        head = (self.case.path / "log.head").read_bytes()
        if self._view is None or head != self._head:
            manifest = Case.open(self.case.path).manifest
            self.case, self._head = replace(self.case, manifest=manifest), head
            self._view = CaseView(self.case, self._view.findings if self._view else None)
        return self._view

    def words(self) -> Words:
        """Return the wording in the language of the page."""
        return self.view().data.words(self.language)

    def store_picture(self, name: str, content: bytes) -> None:
        """Keep a clear picture for the request that follows."""
        self.pictures[name] = content
        while len(self.pictures) > _MOST_PICTURES:
            self.pictures.popitem(last=False)

    def start_count(self) -> None:
        """Start a count with the last settings, unless one runs."""
        if self.counting is None or not self.counting.is_running:
            last = self.view().data.count
            self.counting = CountJob.start(self.case, 0 if last is None else last.number)

    def changes(self) -> CountChanges | None:
        """Return the changes by the count that ended; None without two counts that differ."""
        job = self.counting
        later = None if job is None or job.is_running else job.result.get("number")
        if job is None or later is None or not job.earlier or later == job.earlier:
            return None
        return compare_counts(self.case, job.earlier, later)
