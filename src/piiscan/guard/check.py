"""Check: findings in the files of a repository or a pipeline, and if they may pass."""

from __future__ import annotations

import datetime
import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Final

from piiscan.arguments import Paths, checked, existing_or_none, existing_paths
from piiscan.detect.catalog.catalog import Catalog
from piiscan.detect.engine import Engine
from piiscan.errors import PiiscanError
from piiscan.finding import check_options, engine_for
from piiscan.guard.baseline import Baseline, check_key, read_baseline, write_baseline
from piiscan.guard.file_findings import FileFinding, InputFile, search_files
from piiscan.guard.repository import list_files, staged_files
from piiscan.masking.mask import SECRET, mask_value
from piiscan.sources.archives.read_options import ReadOptions, read_passwords
from piiscan.sources.block import Trouble
from piiscan.sources.formats import all_formats
from piiscan.sources.selection import Selection
from piiscan.tabular.display_names import mask_texts
from piiscan.tabular.search import TableSearch
from piiscan.wording.words import find_code

#: Least score of a finding: candidates of program text without a label or a check are below it.
DEFAULT_MIN_SCORE: Final = 0.6
#: Kinds that are checked only if they are named: of things and firms, masks, passwords (``password
#: = CharField`` is one; scanners of secrets know better), and what paths and versions look like.
NOT_CHECKED: Final = frozenset(
    {
        *("CN_ORG_CODE", "CN_SERVICE_NUMBER", "CN_USCC", "CN_WAYBILL", "CREDENTIAL", "DAMAGED"),
        *("GEO_COORDINATE", "IP_ADDRESS", "MAC_ADDRESS", "MASKED", "ORDER_NO", "SOCIAL_ACCOUNT"),
        *("CN_BIZ_LICENCE", "VERIFICATION_CODE"),
    }
)
#: Kinds that are checked in columns of tables, or if they are named: lines of program text have
#: addresses of their authors, and words behind WeChat (``Element.WECHAT, Element.QQ``).
_IN_TABLES: Final = ("EMAIL_ADDRESS", "WECHAT_ID")
#: Domains of examples (RFC 2606, RFC 6761), whose addresses are nobody's.
_EXAMPLE: Final = re.compile(
    r"@(?:.+\.)?(?:example(?:\.(?:com|net|org|edu))?|test|invalid|localhost)$", re.IGNORECASE
)
#: The comment, and the reason behind it up to the end of the comment.
_IGNORE: Final = re.compile(r"piiscan:ignore\b[\s:：=,，(（\-–—]*(.*)")
_COMMENT_END: Final = re.compile(r"\s*(?:\*/|-->|#\}|%>|--%>|\"\"\"|\]\]>|[)）]).*$")
_LETTERS: Final = re.compile(r"[^\W\d_]{2}")


@dataclass(frozen=True, slots=True)
class CheckedFinding:
    """Finding without its value: its place, its kind, its mask, and if it counts.

    ``state``: ``new``; ``known`` by the baseline; ``ignored`` by a comment, whose ``reason`` is
    told; ``allowed`` by a maximum. ``line``, ``column``: from 1, None if they are not known.
    ``end_column``: behind the finding.
    """

    file: str
    part: str
    row: int
    line: int | None
    column: int | None
    end_column: int | None
    header: str | None
    entity: str
    recognizer: str
    masked: str
    verdict: str
    score: float
    state: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """Result of a check.

    ``files``: number of files that were read. ``unread``: parts that were not read, or in doubt.
    ``without_reason``: (file, line) of comments ``piiscan:ignore`` that give no reason.
    """

    findings: tuple[CheckedFinding, ...]
    unread: tuple[Trouble, ...]
    files: int
    without_reason: tuple[tuple[str, int], ...] = ()

    @property
    def new(self) -> list[CheckedFinding]:
        """Return the findings that are neither known, nor ignored, nor allowed."""
        return [each for each in self.findings if each.state == "new"]

    @property
    def lost(self) -> list[Trouble]:
        """Return the parts that were not read and may hold something."""
        return [each for each in self.unread if each.lost]

    @property
    def exit_code(self) -> int:
        """Return 4 if something new was found, 1 if only some input was not read, else 0."""
        return 4 if self.new else int(bool(self.lost))


@checked
def check(
    paths: Paths = ".",
    *,
    min_score: float = DEFAULT_MIN_SCORE,
    names: bool = False,
    only: Iterable[str] = (),
    skip: Iterable[str] = (),
    maxima: Mapping[str, int] = MappingProxyType({}),
    baseline: str | Path | None = None,
    write: bool = False,
    key: str | None = None,
    staged: bool = False,
    pictures: bool = False,
    as_of: datetime.date | None = None,
    recognizers: str | Path | None = None,
    passwords: str | Path | None = None,
) -> Check:
    """Check files for personal information, as a guard of a repository or a pipeline.

    Folders are read as git lists them, without ignored files. A comment ``piiscan:ignore`` with a
    reason takes out the findings of its line.

    Args:
        paths: files and folders.
        min_score: lowest score to report.
        names: True finds names and addresses too.
        only: kinds of findings (CN_MOBILE), kinds of files or patterns of paths to read alone.
        skip: the same, to leave out.
        maxima: kind of finding -> number that may be found.
        baseline: file of known findings.
        write: True writes ``baseline`` from what is found; nothing is new then.
        key: secret of the pipeline, of at least 16 characters, for digests in the baseline.
        staged: True checks the changed lines of staged files instead.
        pictures: True reads the text of pictures too (extra ``ocr``).
        as_of, recognizers: as for :func:`piiscan.find_table`.
        passwords: file of passwords to try on encrypted files.

    Raises:
        MissingPathError: a path does not exist.
        PiiscanError: a kind is not known, the baseline cannot be used, or git refuses.

    >>> check('LICENSE').exit_code
    0
    """
    check_options(min_score, names)
    secret, given = check_key(key), existing_paths(paths)
    store = None if baseline is None else Path(baseline)
    if write and store is None:
        raise PiiscanError("check.no_store")
    known = Baseline(Counter())
    if store is not None and not write:
        known = read_baseline(store, secret)
    engine = engine_for(as_of or datetime.date.today(), recognizers)
    kinds, only_files = _split_kinds(engine.catalog, only)
    skipped_kinds, skip_files = _split_kinds(engine.catalog, skip)
    allowed = {_kind(engine.catalog, kind): number for kind, number in maxima.items()}
    wanted = (kinds or set(engine.catalog.entities) - NOT_CHECKED) - skipped_kinds
    selection = Selection(tuple(only_files), tuple(skip_files))
    selection.check(each.name for each in all_formats())
    options = ReadOptions(selection, read_passwords(existing_or_none(passwords)))
    search = TableSearch(engine, min_score, names, reveal=True)
    changed: dict[str, frozenset[int] | None] = {}
    with tempfile.TemporaryDirectory(prefix="piiscan-") as folder:
        if staged:
            copies = staged_files(given, Path(folder))
            changed = {each.file.display: each.lines for each in copies}
            listed: list[InputFile | Trouble] = [each.file for each in copies]
        else:
            listed = list(list_files(given))
        own = None if store is None else store.resolve()
        files = [e for e in listed if isinstance(e, InputFile)]
        files = [each for each in files if own is None or each.path.resolve() != own]
        found = search_files(files, search, options, pictures=pictures, binaries=False)
    findings = [
        each
        for each in found.findings
        if each.entity in wanted
        and (each.entity in kinds or each.column or each.entity not in _IN_TABLES)
        and not _EXAMPLE.search(each.value)
        and _is_changed(each, changed.get(each.file))
    ]
    unread = [each for each in listed if isinstance(each, Trouble)] + found.unread
    findings, unread = _masked_places(engine, findings, unread)
    reasons = [_ignore_reason(each.line_text) for each in findings]
    counted = [each for each, reason in zip(findings, reasons, strict=True) if not reason]
    if write and store is not None:
        write_baseline(store, counted, secret)
        known = read_baseline(store, secret)
    marks = iter(known.known(counted))
    states = ["ignored" if reason else "known" if next(marks) else "new" for reason in reasons]
    new = Counter(
        each.entity for each, state in zip(findings, states, strict=True) if state == "new"
    )
    within = {kind for kind, number in allowed.items() if new[kind] <= number}
    shown = mask_texts(engine, [reason or "" for reason in reasons])
    result = tuple(
        _without_value(each, "allowed" if state == "new" and each.entity in within else state, text)
        for each, state, text in zip(findings, states, shown, strict=True)
    )
    without = {
        (each.file, each.line)
        for each, reason in zip(findings, reasons, strict=True)
        if reason == "" and each.line is not None
    }
    return Check(result, tuple(unread), len(files), tuple(sorted(without)))


def _masked_places(
    engine: Engine, findings: Sequence[FileFinding], unread: Sequence[Trouble]
) -> tuple[list[FileFinding], list[Trouble]]:
    """Return findings and Troubles with the values in names of files and parts masked."""
    names = [*{name for each in findings for name in (each.file, each.part)}]
    names += {each.member for each in unread}
    masked = dict(zip(names, mask_texts(engine, names), strict=True))
    return (
        [replace(each, file=masked[each.file], part=masked[each.part]) for each in findings],
        [replace(each, member=masked[each.member]) for each in unread],
    )


def _split_kinds(catalog: Catalog, words: Iterable[str]) -> tuple[set[str], list[str]]:
    """Return the kinds of findings among ``words``, by code or name, and the other words."""
    names = catalog.vocabulary.get("entities", {})
    codes = {word: find_code(names, word) for word in words}
    return {code for code in codes.values() if code}, [word for word in codes if not codes[word]]


def _kind(catalog: Catalog, word: str) -> str:
    """Return the code of a kind of finding. Raise PiiscanError if there is no such kind."""
    code = find_code(catalog.vocabulary.get("entities", {}), word)
    if code is None:
        raise PiiscanError("check.no_kind", name=word, kinds=tuple(sorted(catalog.entities)))
    return code


def _is_changed(finding: FileFinding, lines: frozenset[int] | None) -> bool:
    """Return True if a finding is on one of ``lines`` (None: all), or its line is not known."""
    return lines is None or finding.line is None or finding.line in lines


def _ignore_reason(line: str) -> str | None:
    """Return the reason of the comment ``piiscan:ignore`` on a line; "" without one.

    Return None for a line without the comment.

    >>> _ignore_reason("x = 1  # piiscan:ignore 公开"), _ignore_reason("<!-- piiscan:ignore -->")
    ('公开', '')
    """
    found = _IGNORE.search(line)
    if found is None:
        return None
    reason = _COMMENT_END.sub("", found[1]).strip()
    return reason if _LETTERS.search(reason) else ""


def _without_value(finding: FileFinding, state: str, reason: str) -> CheckedFinding:
    """Return a finding with its mask in place of its value."""
    mask = mask_value(finding.value, finding.entity, finding.recognizer)
    column = None if finding.offset is None else finding.offset + 1
    width = finding.end - finding.start
    return CheckedFinding(
        file=finding.file,
        part=finding.part,
        row=finding.row,
        line=finding.line,
        column=column,
        end_column=None if column is None else column + width,
        header=finding.column,
        entity=finding.entity,
        recognizer=finding.recognizer,
        masked="***" if finding.entity == SECRET else mask,
        verdict=finding.verdict,
        score=finding.score,
        state=state,
        reason=reason,
    )
