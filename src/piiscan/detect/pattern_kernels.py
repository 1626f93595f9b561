# mypy: ignore-errors
# cython: legacy_implicit_noexcept=False, infer_types=True
"""Pattern search: one compiled pass over a chunk of texts, from bytes to resolved spans.

    fold -> match -> validate -> annotate -> score -> resolve

All arrays of a pass lie in one workspace that the next pass uses again, so one text costs
microseconds. Names of columns, list fields and allow lists are rare: they are handled in Python,
on views of the same arrays.

    手机13800138000 -> CN_MOBILE, folded span [3, 14), value 13800138000, score 0.85
"""

from typing import TYPE_CHECKING

import cython
import numpy as np
from cython.cimports.libc.stdint import int32_t, int64_t, uint64_t
from cython.cimports.libc.string import memcmp, memmove, memset
from cython.cimports.piiscan.detect.checks import CONTEXT_AGAINST, MIXED_CELL
from cython.cimports.piiscan.detect.scoring.score_kernels import *
from cython.cimports.piiscan.detect.validation.validation_kernels import *
from cython.cimports.piiscan.kernel_arrays import *

from piiscan import arrays
from piiscan.bundles import empty_rows, take_rows
from piiscan.detect.checks import REASON, REASONS, Verdict
from piiscan.detect.checks import Judgement as Judgements
from piiscan.detect.context.annotate import Annotated
from piiscan.detect.context.context_words import Context as Contexts
from piiscan.detect.context.credential_lists import find_list_fields
from piiscan.detect.context.inline_tables import NO_ROLE as _NO_ROLE
from piiscan.detect.context.keyed_values import KeyedValues as KeyedArrays
from piiscan.detect.context.keyed_values import form_of_name
from piiscan.detect.context.list_fields import ListFields as Fields
from piiscan.detect.findings.build_findings import alternatives_of, implied_alternative, normal_text
from piiscan.detect.findings.finding import Finding
from piiscan.detect.matching.matcher import Candidates as Spans
from piiscan.detect.matching.matcher import match
from piiscan.detect.matching.offsets import FoldedTexts as Texts
from piiscan.detect.matching.offsets import Offsets as Places
from piiscan.detect.ner import name_kernels
from piiscan.detect.scoring import score_kernels
from piiscan.detect.scoring.candidate_score import CandidateScores as Scores
from piiscan.detect.scoring.candidate_score import Scored
from piiscan.detect.scoring.isolated import IsolatedSpans
from piiscan.detect.scoring.overlap_resolution import Resolved
from piiscan.detect.scoring.score_kernels import LOW, REFUTED_LABELLED
from piiscan.detect.validation.canonical_values import CanonicalValues, Validated, check_values

if TYPE_CHECKING:
    from piiscan.detect import compiled_catalog
    from piiscan.detect.catalog import column
    from piiscan.detect.matching import offsets
    from piiscan.detect.ner import find_names
    from piiscan.detect.scoring import isolated, overlap_resolution

#: Rows for which a new workspace has room.
_FIRST_ROWS = cython.declare(cython.Py_ssize_t, 64)
#: Workspaces that are kept for later searches, and the longest text of one of them in bytes.
_KEPT = cython.declare(cython.Py_ssize_t, 4)
_MOST_KEPT_BYTES = cython.declare(cython.Py_ssize_t, 32 << 20)
NO_ROLE = cython.declare(cython.int, _NO_ROLE)
_SURE = cython.declare(cython.double, REFUTED_LABELLED)
_LOW = cython.declare(cython.double, LOW)
_PLACEHOLDER = cython.declare(cython.int, REASON["PLACEHOLDER"])
_NOTHING = np.empty(0, np.uint8)
_NO_SPANS: dict = {}
_VERDICTS = tuple(verdict.name.lower() for verdict in Verdict)
_REASONS = (None, *REASONS[1:])
#: Characters from which a number in a cell is a finding of its own.
_MIN_NUMBER = cython.declare(int64_t, 7)


@cython.cclass
class SpanList:
    """Candidates in arrays that grow: ``at.rows`` of them are filled."""

    arrays: object
    room: cython.Py_ssize_t
    at: CandidatesOut

    def __cinit__(self):
        """Make room for a few candidates."""
        self.arrays = empty_rows(Spans, _FIRST_ROWS)
        self.room = _FIRST_ROWS
        self.at = candidates_out(self.arrays)
        self.at.rows = 0

    @cython.cfunc
    def reserve(self, rows: cython.Py_ssize_t) -> cython.bint:
        """Make room for ``rows`` candidates in all; the filled ones stay."""
        filled: cython.Py_ssize_t = self.at.rows
        if rows <= self.room:
            return True
        grown = empty_rows(Spans, max(rows, 2 * self.room))
        for new, old in zip(grown, self.arrays, strict=True):
            new[:filled] = old[:filled]
        self.arrays = grown
        self.room = len(grown[1])
        self.at = candidates_out(grown)
        self.at.rows = filled
        return True

    @cython.cfunc
    def view(self) -> object:
        """Return the filled candidates as views."""
        rows: cython.Py_ssize_t = self.at.rows
        return Spans(*[array[:rows] for array in self.arrays])

    @cython.cfunc
    def put(self, spans: object) -> cython.bint:
        """Replace all candidates by ``spans``."""
        count: cython.Py_ssize_t = len(spans.start)
        self.at.rows = 0
        self.reserve(count)
        for array, values in zip(self.arrays, spans, strict=True):
            array[:count] = values
        self.at.rows = count
        return True


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def _as_candidates(spans: cython.pointer[CandidatesOut]) -> Candidates:
    """Return candidates to read."""
    view: Candidates
    view.rows, view.recognizer = spans.rows, spans.recognizer
    view.start, view.end, view.leading_digits = spans.start, spans.end, spans.leading_digits
    return view


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def _has_role(spans: cython.pointer[RoleSpans]) -> cython.bint:
    """Return True if any of the spans has a role."""
    row: cython.Py_ssize_t
    for row in range(spans.rows):
        if spans.role[row] >= 0:
            return True
    return False


@cython.cfunc
def _role_spans(part: cython.int, list_: SpanList, notes: _Notes) -> RoleSpans:
    """Return the spans of a list as a part of those that roles are written to."""
    view: RoleSpans
    view.part = part
    view.rows, view.recognizer = list_.at.rows, list_.at.recognizer
    view.start, view.end = list_.at.start, list_.at.end
    view.text, view.byte_start, view.byte_end = (
        notes.located.text, notes.located.byte_start, notes.located.byte_end,
    )  # fmt: skip
    view.nearness, view.winner, view.score = (
        notes.context.nearness, notes.winner, notes.scored.score,
    )  # fmt: skip
    view.role = notes.roles
    return view


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def _move(spans: cython.pointer[CandidatesOut], source: int64_t, target: int64_t) -> cython.void:
    """Copy one candidate to an earlier row."""
    spans.recognizer[target] = spans.recognizer[source]
    spans.start[target] = spans.start[source]
    spans.end[target] = spans.end[source]
    spans.leading_digits[target] = spans.leading_digits[source]


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def _drop(spans: cython.pointer[CandidatesOut], dropped: Bool, wanted: cython.bint) -> cython.void:
    """Keep the candidates for whose recognizer ``dropped`` is not ``wanted``."""
    kept: cython.Py_ssize_t = 0
    for row in range(spans.rows):
        if dropped[spans.recognizer[row]] != wanted:
            _move(spans, row, kept)
            kept += 1
    spans.rows = kept


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def _map_positions(
    spans: cython.pointer[CandidatesOut], visible: Int64, folded: UInt8
) -> cython.void:
    """Map spans of visible text to folded text; one with a gap has no leading digits.

    The frame of a keycap belongs to its digit, of the last one too.
    """
    for row in range(spans.rows):
        size = spans.end[row] - spans.start[row]
        spans.end[row] = visible[spans.end[row] - 1] + 1
        spans.start[row] = visible[spans.start[row]]
        if spans.end[row] - spans.start[row] > size:
            spans.leading_digits[row] = 0
            while folded[spans.start[row] + 1] == SKIP and folded[spans.end[row]] == SKIP:
                spans.end[row] += 1


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def _narrow(
    spans: cython.pointer[CandidatesOut], folded: UInt8, narrowed: Bool, kind: UInt8
) -> cython.void:
    """Narrow the spans of some recognizers to their digits: ``(9559)`` -> ``9559``."""
    moved: cython.bint = False
    for row in range(spans.rows):
        if not narrowed[spans.recognizer[row]]:
            continue
        first, last = spans.start[row], spans.end[row]
        while first + 1 < last and not 48 <= folded[first] <= 57:
            first += 1
        while kind[folded[last - 1]] == KIND_HAN or folded[last - 1] in (32, 41, 44):
            last -= 1
        moved |= first != spans.start[row]
        spans.start[row], spans.end[row] = first, last
        spans.leading_digits[row] = 0
    if not moved:
        return
    for row in range(spans.rows - 1):  # by start again; few have moved, and not far
        other = spans.rows - 2 - row
        while other + 1 < spans.rows and spans.start[other] > spans.start[other + 1]:
            which, first, last = spans.recognizer[other], spans.start[other], spans.end[other]
            size = spans.leading_digits[other]
            _move(spans, other + 1, other)
            spans.recognizer[other + 1], spans.start[other + 1] = which, first
            spans.end[other + 1], spans.leading_digits[other + 1] = last, size
            other += 1


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def _find_signs(folded: UInt8, length: int64_t, out: Int64Out, room: int64_t) -> int64_t:
    """Write the positions of ``:``, ``=`` and ``>`` until ``out`` is full; return their number."""
    ones: uint64_t = 0x0101010101010101
    high: uint64_t = 0x8080808080808080
    others: uint64_t
    count: int64_t = 0
    at: int64_t = 0
    while at < length:
        if at + 8 <= length:  # eight bytes without a sign: the usual case
            others = eight_bytes(folded + at)
            colon = others ^ (58 * ones)
            others = (others & (0xFC * ones)) ^ (60 * ones)  # < = > ?
            if ((colon - ones) & ~colon & high) | ((others - ones) & ~others & high) == 0:
                at += 8
                continue
        stop = min(at + 8, length)
        while at < stop:
            if folded[at] == 58 or folded[at] == 61 or folded[at] == 62:
                if count < room:
                    out[count] = at
                count += 1
            at += 1
    return count


def _texts_from(texts: object, starts: object) -> object:
    """Yield (folded position, text, position in it) of each start in folded texts."""
    text: int = 0
    decoded: int = -1
    for position in starts.tolist():
        while position >= texts.starts[text + 1]:
            text += 1
        if text != decoded:
            whole = texts.data[texts.offsets[text] : texts.offsets[text + 1]].tobytes()
            whole = whole.decode("utf-8", "replace")
            decoded = text
        yield position, whole, position - int(texts.starts[text])


@cython.cclass
class _Notes:
    """Arrays with one row a candidate that is judged, annotated, scored and resolved."""

    room: cython.Py_ssize_t
    judgements: object
    places: object
    contexts: object
    scores: object
    numbers: object  # int64[6, room]: value start and end, others, listed, winner, visible start
    visible_end: object
    flags: object  # bool[2, room]: value is the text, value equals its span
    surroundings: object
    role: object
    names: object
    judged: JudgementOut
    located: OffsetsOut
    context: ContextOut
    scored: CandidateScoresOut
    value_start: Int64Out
    value_end: Int64Out
    others: Int64Out
    listed: Int64Out
    winner: Int64Out
    is_text: BoolOut
    unchanged: BoolOut
    codes: UInt8Out
    roles: Int16Out
    name: Int32Out
    start_in_visible: Int64Out
    end_in_visible: Int64Out

    def __cinit__(self):
        """Make room for a few candidates."""
        self.room = 0
        self.reserve(_FIRST_ROWS)

    @cython.cfunc
    def reserve(self, rows: cython.Py_ssize_t) -> cython.bint:
        """Make room for ``rows`` candidates; nothing stays."""
        if rows <= self.room:
            return True
        room: cython.Py_ssize_t = max(rows, 2 * self.room)
        self.judgements = empty_rows(Judgements, room)
        self.places = empty_rows(Places, room)
        self.contexts = empty_rows(Contexts, room)
        self.scores = empty_rows(Scores, room)
        self.numbers = np.empty((6, room), np.int64)
        self.visible_end = np.empty(room, np.int64)
        self.flags = np.empty((2, room), np.bool_)
        self.surroundings = np.empty(room, np.uint8)
        self.role = np.empty(room, np.int16)
        self.names = np.empty(room, np.int32)
        self.judged = judgement_out(self.judgements)
        self.located = offsets_out(self.places)
        self.context = context_out(self.contexts)
        self.scored = candidate_scores_out(self.scores)
        self.value_start = int64_out(self.numbers)
        self.value_end = self.value_start + room
        self.others = self.value_start + 2 * room
        self.listed = self.value_start + 3 * room
        self.winner = self.value_start + 4 * room
        self.start_in_visible = self.value_start + 5 * room
        self.end_in_visible = int64_out(self.visible_end)
        self.is_text = boolean_out(self.flags)
        self.unchanged = self.is_text + room
        self.codes = uint8_out(self.surroundings)
        self.roles = int16_out(self.role)
        self.name = int32_out(self.names)
        self.room = room
        return True


@cython.cclass
class Workspace:
    """Buffers of one pass: text, candidates and notes, used again by the next pass."""

    # text
    text_room: cython.Py_ssize_t
    number_room: cython.Py_ssize_t
    folded: object
    lows: object
    seen: object  # folded text without zero-width characters
    seen_lows: object
    seen_places: object  # their positions in folded text
    starts: object
    tails: object
    match_starts: object
    word_ends: object
    all_word_ends: object
    positions: object
    keyed_arrays: object
    fields: object
    data: object
    offsets: object
    texts: FoldedTexts
    text: UInt8  # visible text
    low: UInt8  # low bytes of wide characters in it
    folded_low: UInt8
    text_length: int64_t
    visible: Int64Out
    has_visible: cython.bint
    match_start: Int64Out
    match_start_count: int64_t
    word_end: Int64Out  # in visible text
    word_end_count: int64_t
    all_word_end: Int64Out  # in folded text, also ends of names of columns
    all_word_end_count: int64_t
    position: Int64Out
    position_room: cython.Py_ssize_t
    keyed: KeyedValuesOut
    keyed_count: cython.Py_ssize_t
    # candidates
    unanchored: SpanList
    anchored: SpanList
    spare: SpanList
    spans: SpanList
    rest: SpanList
    names: SpanList
    notes: _Notes
    rest_notes: _Notes
    name_notes: _Notes
    has_roles: cython.bint
    name_roles: cython.bint
    values: object
    value: UInt8Out
    value_room: cython.Py_ssize_t
    value_size: int64_t
    isolated_rows: object
    isolated_count: int64_t
    isolated_size: int64_t
    isolated_role: object
    best: object
    matched: object

    def __cinit__(self, recognizers: int):
        """Make an empty workspace for a catalogue with so many recognizers."""
        self.text_room = self.number_room = self.position_room = self.value_room = 0
        self.reserve_positions(_FIRST_ROWS)
        self.unanchored, self.anchored, self.spare = SpanList(), SpanList(), SpanList()
        self.spans, self.rest, self.names = SpanList(), SpanList(), SpanList()
        self.notes, self.rest_notes, self.name_notes = _Notes(), _Notes(), _Notes()
        self.reserve_positions(1)
        self.best = np.zeros(recognizers, np.int64)
        self.matched = np.zeros(recognizers, np.uint64)
        self.reserve_positions(1)

    @cython.cfunc
    def take_text(self, data: object, offsets: object) -> cython.bint:
        """Make room for texts; ``offsets``: byte at which each starts, and the end of the last."""
        texts: cython.Py_ssize_t = len(offsets) - 1
        size: cython.Py_ssize_t = offsets[texts] - offsets[0] + texts + 16
        if size > self.text_room:
            self.text_room = max(size, 2 * self.text_room)
            self.folded, self.lows = np.empty((2, self.text_room), np.uint8)
            self.seen = None
        if texts >= self.number_room:
            self.number_room = max(texts + 1, 2 * self.number_room)
            self.starts = np.empty(self.number_room, np.int64)
            self.tails = np.empty(self.number_room, np.int32)
        self.data, self.offsets = data, offsets
        self.texts.texts = texts
        self.texts.data, self.texts.offsets = uint8(data), int64(offsets)
        self.texts.folded, self.texts.starts = uint8(self.folded), int64(self.starts)
        self.texts.ascii_tail = int32(self.tails)
        return True

    @cython.cfunc
    def reserve_positions(self, count: cython.Py_ssize_t) -> cython.bint:
        """Make room for so many positions in the buffer that steps share."""
        if count > self.position_room:
            self.position_room = max(count, 2 * self.position_room)
            self.positions = np.empty(self.position_room, np.int64)
            self.position = int64_out(self.positions)
        return True

    @cython.cfunc
    def view(self) -> object:
        """Return the folded texts, in views."""
        texts: cython.Py_ssize_t = self.texts.texts
        return Texts(
            self.data, self.offsets, self.folded[: self.texts.length], self.starts[: texts + 1],
            self.tails[:texts],
        )  # fmt: skip


@cython.cclass
class PatternSearch:
    """Search for the shapes and patterns of one catalogue; ``as_of``: latest birth, yyyymmdd."""

    compiled: object
    pool: list
    as_of: int64_t
    recognizers: cython.Py_ssize_t
    alphabet: object
    lists: object
    value_names: object
    # tables, alive as long as ``compiled``
    fold_table: UInt8
    kind: UInt8
    gap: Bool
    boundary: UInt8
    text_automaton: Automaton
    anchored_automaton: Automaton
    cell_automaton: Automaton
    marks: UInt8
    sieve: WordSieve
    words: ContextSearch
    roles: RoleSearch
    meaning: SurroundingBytes
    listed: Checksums
    checks: SingleChecks
    scoring: ScoringTables
    name_entities: Bool
    whole_cell: Bool
    anchored: Bool
    persons: Bool
    keyed_cells: Bool
    table_cells: Bool
    narrowed: Bool
    series: Bool
    beside: Bool
    supported: Bool
    numeric: Bool
    named: Bool
    other: Bool
    counting: Bool
    name_flags: UInt8
    name_trie: WordTrie
    first_value_name: int32_t
    accounts: Bool
    anchored_accounts: Bool
    eligible: Bool
    neutral_before: Bool
    neutral_after: Bool
    joined: JoinedNumbers
    tables: cython.pointer[CheckTables]
    check_number: UInt8
    value_chars: UInt8
    kept: object
    first_kept: Int64
    last_kept: Int64
    name_cells: Bool
    name_alike: Bool
    masked_person: Bool
    implies: list
    has_patterns: cython.bint

    def __init__(self, compiled: compiled_catalog.CompiledCatalog, as_of: int):
        matching, context = compiled.matching, compiled.context
        self.compiled, self.as_of, self.pool = compiled, as_of, []
        self.alphabet, self.lists = matching.alphabet, matching.credential_lists
        self.value_names = matching.value_names
        self.recognizers = len(matching.boundary)
        self.fold_table, self.kind = uint8(self.alphabet.table), uint8(self.alphabet.kind)
        self.gap, self.boundary = boolean(self.alphabet.gap), uint8(matching.boundary)
        self.text_automaton = automaton_of(matching.text_automaton)
        self.anchored_automaton = automaton_of(matching.anchored_automaton)
        self.cell_automaton = automaton_of(matching.cell_automaton)
        self.marks = uint8(matching.marks)
        self.sieve = word_sieve_of(matching.word_sieve)
        words, role_words, surroundings = context.searches
        self.words, self.roles = context_search_of(words), role_search_of(role_words)
        self.meaning = surrounding_bytes_of(surroundings)
        self.listed = checksums_of(context.allow_lists.checksums)
        self.checks = single_checks_of(compiled.validation.single_checks)
        self.scoring = scoring_tables_of(compiled.scoring)
        self.name_entities, self.whole_cell = (
            boolean(matching.name_entities), boolean(matching.whole_cell),
        )  # fmt: skip
        self.narrowed, self.beside = boolean(matching.narrowed), boolean(context.beside)
        self.supported = boolean(context.supported)
        self.series = boolean(self.alphabet.series)
        self.anchored, self.persons = boolean(matching.anchored), boolean(matching.persons)
        self.table_cells = boolean(matching.table_cells)
        self.keyed_cells, self.numeric = boolean(matching.keyed_cells), boolean(context.numeric)
        names = self.value_names
        self.named, self.other = boolean(names.named), boolean(names.other)
        self.counting, self.name_flags = boolean(names.counts), uint8(names.flags)
        self.name_trie, self.first_value_name = word_trie_of(names.trie), context.first_value_name
        self.accounts = boolean(self.lists.accounts)
        self.anchored_accounts = boolean(self.lists.anchored_accounts)
        self.eligible, self.neutral_before, self.neutral_after = (
            boolean(compiled.neighbours.eligible),
            boolean(compiled.neighbours.before),
            boolean(compiled.neighbours.after),
        )
        validation = compiled.validation
        self.joined = joined_numbers_of(compiled.joined)
        self.tables = check_tables()
        self.check_number = uint8(compiled.joined.check_number)
        self.value_chars = uint8(validation.value_chars)
        self.kept = np.array(
            [[each.first or 0, each.last or 0] for each in validation.values], np.int64
        ).T.copy()
        self.first_kept = int64(self.kept)
        self.last_kept = self.first_kept + self.recognizers
        self.name_cells = boolean(compiled.names.whole_cell)
        self.name_alike = boolean(compiled.names.alike)
        self.masked_person = boolean(compiled.names.masked_person)
        self.implies = compiled.results.implies.tolist()
        self.has_patterns = bool(matching.user_patterns.patterns)

    def take_workspace(self) -> Workspace:
        """Return a workspace that no other search uses."""
        return self.pool.pop() if self.pool else Workspace(self.recognizers)

    def give_back(self, space: Workspace) -> None:
        """Let the next search use a workspace; nothing may use its views any more."""
        space.data = space.offsets = None
        if len(self.pool) < _KEPT and space.text_room <= _MOST_KEPT_BYTES:
            self.pool.append(space)

    def run(
        self,
        space: Workspace,
        data: arrays.UInt8,
        offsets: arrays.Int64,
        column: column.Column,
        names: cython.bint,
        refused: cython.bint,
        split: cython.bint,
    ) -> None:
        """Search the texts ``data[offsets[i]:offsets[i + 1]]``; leave the spans in ``space``.

        Args:
            column: label and traits of their column
            names: False drops the recognizers of name entities and all of whole cells
            refused: True keeps candidates that need a context word and have none
            split: True sets isolated candidates apart, which need no annotation
        """
        labelled: Bool = boolean(column.traits.labelled)
        fields: object
        self._read(space, data, offsets)
        if column.label is None:
            self._find_keyed(space)
            self._find_tables(space)
        else:
            space.keyed_count = 0
            space.fields = None
        fields = self._match(space, column, labelled, names, refused)
        space.value_size = 0
        space.names.at.rows = 0
        self._validate(space, space.spans, space.notes)
        if split:
            self._split(space, labelled)
            self._judge_patterns(
                space, space.rest, space.rest_notes, column, labelled, fields, names
            )
        else:
            self._judge_patterns(space, space.spans, space.notes, column, labelled, fields, names)

    @cython.cfunc
    def _read(self, space: Workspace, data: object, offsets: object) -> cython.bint:
        """Fold the texts; find where matches may start and words may end."""
        has_zero_width: cython.bint = False
        count: int64_t = 0
        room: cython.Py_ssize_t
        counts: tuple[int64_t, int64_t]
        space.take_text(data, offsets)
        lows: UInt8Out = uint8_out(space.lows)
        with cython.nogil:
            space.texts.length = fold_into(
                space.texts.data, space.texts.offsets, space.texts.texts, self.fold_table,
                cython.cast(UInt8Out, space.texts.folded), lows,
                cython.cast(Int64Out, space.texts.starts),
                cython.cast(Int32Out, space.texts.ascii_tail), cython.address(has_zero_width),
            )  # fmt: skip
        space.has_visible = has_zero_width
        space.text, space.text_length = space.texts.folded, space.texts.length
        space.low = space.folded_low = lows
        if has_zero_width:
            if space.seen is None:
                space.seen, space.seen_lows = np.empty((2, space.text_room), np.uint8)
                space.seen_places = np.empty(space.text_room, np.int64)
            text, space.visible = uint8_out(space.seen), int64_out(space.seen_places)
            low: UInt8Out = uint8_out(space.seen_lows)
            for place in range(space.texts.length):
                if space.texts.folded[place] != SKIP:
                    text[count], low[count] = space.texts.folded[place], lows[place]
                    space.visible[count] = place
                    count += 1
            space.text, space.low, space.text_length = text, low, count
        while True:
            if space.match_starts is None:
                room = max(64, space.text_length // 4)
                space.match_starts, space.word_ends = (
                    np.empty(room, np.int64), np.empty(room, np.int64),
                )  # fmt: skip
            space.match_start = int64_out(space.match_starts)
            space.word_end = int64_out(space.word_ends)
            counts = (len(space.match_starts), len(space.word_ends))
            with cython.nogil:
                counts = starts_and_ends_into(
                    space.text, space.low, space.text_length, self.marks,
                    cython.address(self.sieve), space.match_start, space.word_end, counts,
                )  # fmt: skip
            if counts[0] >= 0 and counts[1] >= 0:
                break
            if counts[0] < 0:
                space.match_starts = np.empty(4 * len(space.match_starts), np.int64)
            if counts[1] < 0:
                space.word_ends = np.empty(4 * len(space.word_ends), np.int64)
        space.match_start_count, space.word_end_count = counts
        space.all_word_ends, space.all_word_end = space.word_ends, space.word_end
        space.all_word_end_count = space.word_end_count
        if has_zero_width:
            space.all_word_ends = np.empty(max(space.word_end_count, 1), np.int64)
            space.all_word_end = int64_out(space.all_word_ends)
            for place in range(space.word_end_count):
                space.all_word_end[place] = space.visible[space.word_end[place]]
        return True

    @cython.cfunc
    def _find_keyed(self, space: Workspace) -> cython.bint:
        """Find the values behind names of columns; a word may end where such a name ends."""
        space.keyed_count = 0
        with cython.nogil:
            count = _find_signs(
                space.texts.folded, space.texts.length, space.position, space.position_room
            )
        if count == 0:
            return False
        if count > space.position_room:
            space.reserve_positions(count)
            with cython.nogil:
                _find_signs(space.texts.folded, space.texts.length, space.position, count)
        if space.keyed_arrays is None or len(space.keyed_arrays[0]) < count:
            space.keyed_arrays = empty_rows(KeyedArrays, max(count, 64))
        space.keyed = keyed_values_out(space.keyed_arrays)
        with cython.nogil:
            found = keyed_into(
                cython.address(space.texts), space.position, count, self.name_flags,
                cython.address(self.name_trie), self.counting, cython.address(space.keyed),
            )  # fmt: skip
        space.keyed_count = found
        if found:
            self._add_word_ends(space)
        return found > 0

    @cython.cfunc
    def _find_tables(self, space: Workspace) -> cython.bint:
        """Find the cells of inline tables: lines of values under a line of names."""
        space.fields = None
        with cython.nogil:
            count = header_lines_into(
                cython.address(space.texts), cython.address(self.name_trie), self.kind,
                self.words.flags, space.position, space.position_room,
            )  # fmt: skip
        if count == 0:
            return False
        if count > space.position_room:
            space.reserve_positions(count)
            with cython.nogil:
                header_lines_into(
                    cython.address(space.texts), cython.address(self.name_trie), self.kind,
                    self.words.flags, space.position, count,
                )  # fmt: skip
        starts = space.positions[:count].copy()
        space.fields = self.compiled.inline_names.find_fields(_texts_from(space.view(), starts))
        if space.fields is not None:  # none of their candidates is isolated
            ends = space.all_word_ends[: space.all_word_end_count]
            space.all_word_ends = np.union1d(ends, space.fields.place - 1)
            space.all_word_end = int64_out(space.all_word_ends)
            space.all_word_end_count = len(space.all_word_ends)
        return space.fields is not None

    @cython.cfunc
    def _add_word_ends(self, space: Workspace) -> cython.bint:
        """Add the ends of names of columns to the word ends, in order."""
        ends = np.empty(space.all_word_end_count + space.keyed_count, np.int64)
        out: Int64Out = int64_out(ends)
        known: int64_t = 0
        count: int64_t = 0
        for name in range(space.keyed_count):
            while (
                known < space.all_word_end_count
                and space.all_word_end[known] < space.keyed.name_end[name]
            ):
                out[count] = space.all_word_end[known]
                known += 1
                count += 1
            out[count] = space.keyed.name_end[name] - 1
            count += 1
        while known < space.all_word_end_count:
            out[count] = space.all_word_end[known]
            known += 1
            count += 1
        space.all_word_ends, space.all_word_end = ends, out
        space.all_word_end_count = count
        return True

    @cython.cfunc
    def _match_from(
        self,
        space: Workspace,
        positions: Int64,
        count: int64_t,
        automaton: cython.pointer[Automaton],
        spans: SpanList,
    ) -> cython.bint:
        """Add the longest match of every recognizer from each position to ``spans``."""
        done: int64_t = 0
        best: Int64Out = int64_out(space.best)
        matched: UInt64Out = uint64_out(space.matched)
        while done < count:
            spans.reserve(spans.at.rows + 2 * (count - done) + self.recognizers + 1)
            part = spans.at
            part.recognizer += spans.at.rows
            part.start += spans.at.rows
            part.end += spans.at.rows
            part.leading_digits += spans.at.rows
            part.rows = spans.room - spans.at.rows
            with cython.nogil:
                written = match_into(
                    space.text, space.text_length, positions + done, count - done, automaton,
                    self.kind, self.boundary, self.recognizers, best, matched,
                    cython.address(part),
                )  # fmt: skip
            spans.at.rows += written[0]
            done += written[1]
        return True

    @cython.cfunc
    def _merge(self, space: Workspace, one: SpanList, two: SpanList) -> cython.bint:
        """Merge ``two`` into ``one``, by start; ``one`` wins ties."""
        merged: SpanList = space.spare
        if two.at.rows == 0:
            return False
        merged.at.rows = 0
        merged.reserve(one.at.rows + two.at.rows)
        merged.at.rows = one.at.rows + two.at.rows
        first, second = (
            _as_candidates(cython.address(one.at)), _as_candidates(cython.address(two.at)),
        )  # fmt: skip
        with cython.nogil:
            merge_into(cython.address(first), cython.address(second), cython.address(merged.at))
        one.arrays, merged.arrays = merged.arrays, one.arrays
        one.room, merged.room = merged.room, one.room
        one.at, merged.at = merged.at, one.at
        return True

    @cython.cfunc
    def _match(
        self,
        space: Workspace,
        column: object,
        labelled: Bool,
        names: cython.bint,
        refused: cython.bint,
    ) -> object:
        """Find all candidates of the texts; return the list fields, None if there are none."""
        spans: SpanList = space.spans
        anchored: SpanList = space.anchored
        fields: object
        is_labelled: cython.bint = column.is_labelled
        spans.at.rows = 0
        anchored.at.rows = 0
        self._match_from(
            space, space.match_start, space.match_start_count,
            cython.address(self.text_automaton), spans,
        )  # fmt: skip
        _narrow(cython.address(spans.at), space.text, self.narrowed, self.kind)
        space.reserve_positions(2 * space.word_end_count)
        with cython.nogil:
            starts = starts_after_words_into(
                space.text, space.text_length, space.word_end, space.word_end_count,
                self.anchored_automaton.start_pairs, self.marks, self.gap, space.position,
            )  # fmt: skip
        self._match_from(
            space, space.position, starts, cython.address(self.anchored_automaton), anchored
        )
        fields = self._find_fields(space, starts)
        if is_labelled and self._any_labelled(labelled, self.anchored):
            self._match_labelled(space, labelled)
        if not names:
            _drop(cython.address(spans.at), self.name_entities, True)
            _drop(cython.address(anchored.at), self.name_entities, True)
        if space.has_visible:
            _map_positions(cython.address(spans.at), space.visible, space.texts.folded)
            _map_positions(cython.address(anchored.at), space.visible, space.texts.folded)
            if fields is not None:
                fields = fields.map_positions(space.seen_places[: space.text_length])
        if not refused and fields is None and anchored.at.rows:
            self._drop_unsupported(space, labelled)
        self._match_series(space)
        self._merge(space, spans, anchored)
        if names and is_labelled and self._any_labelled(labelled, self.whole_cell):
            self._match_cells(space, column)
        if space.keyed_count:
            self._match_keyed(space, self._keyed(space), names, self.keyed_cells)
        if space.fields is not None:
            self._match_keyed(space, keyed_values_of(space.fields.keyed), names, self.table_cells)
        if self.has_patterns:
            self._add_patterns(space, column, names)
        self._find_joined(space)
        return fields

    @cython.cfunc
    def _match_series(self, space: Workspace) -> cython.bint:
        """Add the numbers that continue anchored ones: ``QQ 900001、900002和900003``."""
        source: SpanList = space.anchored
        target: SpanList = space.rest
        folded: UInt8 = space.texts.folded
        row: int64_t
        count: int64_t
        while True:
            count = 0
            space.reserve_positions(source.at.rows)
            for row in range(source.at.rows):
                place = source.at.end[row]
                if (
                    self.numeric[source.at.recognizer[row]]
                    and self.series[folded[place]]
                    and self.kind[folded[place + 1]] == KIND_DIGIT
                ):
                    place += 1
                    if space.has_visible:
                        place = first_not_below(space.visible, space.text_length, place)
                    space.position[count] = place
                    count += 1
            if count == 0:
                return True
            starts = np.unique(space.positions[:count])
            target.at.rows = 0
            self._match_from(
                space, int64(starts), len(starts), cython.address(self.anchored_automaton), target
            )
            if space.has_visible:
                _map_positions(cython.address(target.at), space.visible, folded)
            self._merge(space, space.anchored, target)
            source, target = target, space.names if target is space.rest else space.rest

    @cython.cfunc
    def _any_labelled(self, labelled: Bool, kind: Bool) -> cython.bint:
        """Return True if the label names a recognizer of this kind."""
        for which in range(self.recognizers):
            if labelled[which] and kind[which]:
                return True
        return False

    @cython.cfunc
    def _find_fields(self, space: Workspace, starts: int64_t) -> object:
        """Return the list fields after accounts, and match them; None if there is none."""
        anchored: SpanList = space.anchored
        if not self._may_have_fields(space):
            return None
        text = (space.seen if space.has_visible else space.folded)[: space.text_length]
        word_ends = space.word_ends[: space.word_end_count].copy()
        known = space.positions[:starts].copy()
        matching = self.compiled.matching
        fields = find_list_fields(
            text,
            word_ends,
            (space.spans.view(), anchored.view()),
            self.lists,
            lambda positions: match(
                text, positions, matching.anchored_automaton, self.alphabet, matching.boundary
            ),
        )
        if fields is not None:
            places = np.setdiff1d(fields.place, known)
            space.rest.at.rows = 0
            self._match_from(
                space, int64(places), len(places), cython.address(self.anchored_automaton),
                space.rest,
            )  # fmt: skip
            self._merge(space, anchored, space.rest)
        return fields

    @cython.cfunc
    def _may_have_fields(self, space: Workspace) -> cython.bint:
        """Return True if an account may be followed by list fields."""
        arrays: object
        for row in range(space.word_end_count):
            if space.text[space.word_end[row]] == 45 and space.text[space.word_end[row] - 1] == 45:
                return True
        arrays = empty_rows(Fields, 1)
        out = list_fields_out(arrays)
        found = _as_candidates(cython.address(space.spans.at))
        count = fields_into(
            space.text, space.text_length, cython.address(found), self.accounts,
            self.anchored_automaton.start_pairs, self.kind, False, cython.address(out),
        )  # fmt: skip
        if count == 0:
            found = _as_candidates(cython.address(space.anchored.at))
            count = fields_into(
                space.text, space.text_length, cython.address(found), self.anchored_accounts,
                self.anchored_automaton.start_pairs, self.kind, False, cython.address(out),
            )  # fmt: skip
        return count != 0

    @cython.cfunc
    def _match_labelled(self, space: Workspace, labelled: Bool) -> cython.bint:
        """Match the recognizers that the label names anywhere, not only after their words."""
        room: cython.Py_ssize_t = max(64, space.text_length // 4)
        found: SpanList = space.rest
        space.reserve_positions(room)
        while True:
            with cython.nogil:
                count = starts_into(
                    space.text, space.text_length, self.anchored_automaton.start_pairs,
                    self.marks, space.position, space.position_room,
                )  # fmt: skip
            if count >= 0:
                break
            space.reserve_positions(4 * space.position_room)
        found.at.rows = 0
        self._match_from(
            space, space.position, count, cython.address(self.anchored_automaton), found
        )
        _drop(cython.address(space.anchored.at), labelled, True)
        _drop(cython.address(found.at), labelled, False)
        self._merge(space, space.anchored, found)
        return True

    @cython.cfunc
    def _drop_unsupported(self, space: Workspace, labelled: Bool) -> cython.bint:
        """Drop anchored candidates without a word of their own directly before them.

        The matcher starts after the words of all recognizers: after 电话, an order number too.
        """
        spans: SpanList = space.anchored
        notes: _Notes = space.notes
        kept: cython.Py_ssize_t = 0
        notes.reserve(spans.at.rows)
        located = offsets_of(notes.places)
        found = _as_candidates(cython.address(spans.at))
        with cython.nogil:
            labelled_into(
                space.texts.folded, space.folded_low, cython.address(found),
                cython.address(self.words), cython.address(self.sieve), notes.is_text,
            )  # fmt: skip
            for row in range(spans.at.rows):
                if notes.is_text[row] or labelled[spans.at.recognizer[row]]:
                    _move(cython.address(spans.at), row, kept)
                    kept += 1
            spans.at.rows = kept
            found.rows = kept
            kept = 0
            write_offsets(
                cython.address(space.texts), found.start, found.end, found.rows,
                cython.address(notes.located),
            )  # fmt: skip
            context_into(
                cython.address(space.texts), cython.address(found), cython.address(located),
                space.all_word_end, space.all_word_end_count, labelled,
                cython.address(self.words), cython.address(notes.context),
            )  # fmt: skip
            for row in range(found.rows):
                if notes.context.nearness[row] == LABEL or labelled[found.recognizer[row]]:
                    _move(cython.address(spans.at), row, kept)
                    kept += 1
            spans.at.rows = kept
        return True

    @cython.cfunc
    def _match_cells(self, space: Workspace, column: object) -> cython.bint:
        """Match whole cells by the recognizers that the label names."""
        enabled = column.traits.labelled & self.compiled.matching.whole_cell
        ends = self.starts_of(space)[1:] - 1
        self._scan_cells(
            space, space.texts.starts, int64(ends), space.texts.texts, boolean(enabled),
            space.anchored,
        )  # fmt: skip
        return self._merge(space, space.spans, space.anchored)

    @cython.cfunc
    def starts_of(self, space: Workspace) -> object:
        """Return the start of each text in the folded bytes, and their length."""
        return space.starts[: space.texts.texts + 1]

    @cython.cfunc
    def _scan_cells(
        self,
        space: Workspace,
        begin: Int64,
        end: Int64,
        cells: cython.Py_ssize_t,
        enabled: Bool,
        found: SpanList,
    ) -> cython.bint:
        """Replace ``found`` by the candidates of enabled recognizers that fill a cell."""
        wanted: cython.Py_ssize_t = 0
        for which in range(self.recognizers):
            wanted += enabled[which]
        found.at.rows = 0
        found.reserve(cells * max(wanted, 1))
        with cython.nogil:
            found.at.rows = cells_into(
                space.texts.folded, begin, end, cells, cython.address(self.cell_automaton),
                enabled, cython.address(found.at),
            )  # fmt: skip
            for row in range(found.at.rows):
                found.at.leading_digits[row] = 0
        return True

    @cython.cfunc
    def _keyed(self, space: Workspace) -> KeyedValues:
        """Return the values behind names of columns, to read."""
        keyed: KeyedValues
        keyed.rows, keyed.place, keyed.stop = (
            space.keyed_count, space.keyed.place, space.keyed.stop,
        )  # fmt: skip
        keyed.name_end, keyed.name = space.keyed.name_end, space.keyed.name
        return keyed

    @cython.cfunc
    def _match_keyed(
        self, space: Workspace, keyed: KeyedValues, names: cython.bint, whole: Bool
    ) -> cython.bint:
        """Add the candidates of anchored and whole-cell recognizers at values that name them.

        ``whole``: the recognizers of whole cells among them.
        """
        found: SpanList = space.anchored
        cells: SpanList = space.rest
        notes: _Notes = space.notes
        first: cython.Py_ssize_t = 0
        kept: cython.Py_ssize_t = 0
        fresh: cython.bint
        space.reserve_positions(keyed.rows)
        for row in range(keyed.rows):
            space.position[row] = keyed.place[row]
            if space.has_visible:
                space.position[row] = first_not_below(
                    space.visible, space.text_length, keyed.place[row]
                )
        found.at.rows = 0
        self._match_from(
            space, space.position, keyed.rows, cython.address(self.anchored_automaton), found
        )
        if space.has_visible:
            _map_positions(cython.address(found.at), space.visible, space.texts.folded)
        if names:
            self._scan_cells(space, keyed.place, keyed.stop, keyed.rows, whole, cells)
            self._merge(space, found, cells)
        if found.at.rows == 0:
            return False
        notes.reserve(found.at.rows)
        names_into(
            cython.address(keyed), found.at.start, found.at.recognizer, found.at.rows,
            self.named, self.recognizers, self.other, notes.name,
        )  # fmt: skip
        if names:  # persons are read
            write_offsets(
                cython.address(space.texts), found.at.start, found.at.end, found.at.rows,
                cython.address(notes.located),
            )  # fmt: skip
        for row in range(found.at.rows):
            if notes.name[row] == NO_NAME or self.other[notes.name[row]]:
                continue
            if self.persons[found.at.recognizer[row]] and self._is_ordinary(space, row):
                continue
            while first < space.spans.at.rows and space.spans.at.start[first] < found.at.start[row]:
                first += 1
            fresh = True
            at = first
            while at < space.spans.at.rows and space.spans.at.start[at] == found.at.start[row]:
                fresh = fresh and space.spans.at.recognizer[at] != found.at.recognizer[row]
                at += 1
            if fresh:
                _move(cython.address(found.at), row, kept)
                kept += 1
        found.at.rows = kept
        return self._merge(space, space.spans, found)

    @cython.cfunc
    def _is_ordinary(self, space: Workspace, row: cython.Py_ssize_t) -> object:
        """Return True if the candidate of a person, whose place is known, has no form of a name."""
        places: OffsetsOut = space.notes.located
        value = bytes(space.data[places.byte_start[row] : places.byte_end[row]]).decode(
            "utf-8", "replace"
        )
        return form_of_name(value) < self.value_names.form[space.notes.name[row]]

    @cython.cfunc
    def _add_patterns(self, space: Workspace, column: object, names: cython.bint) -> cython.bint:
        """Add the matches of the users' regular expressions."""
        space.spans.put(
            self.compiled.matching.user_patterns.add_matches(
                space.spans.view(), space.view(), column.traits.labelled, names=names
            )
        )
        return True

    @cython.cfunc
    def _find_joined(self, space: Workspace) -> cython.bint:
        """Add both numbers of each run of digits that is two."""
        found: SpanList = space.anchored
        while True:
            found.at.rows = found.room
            with cython.nogil:
                count = joined_into(
                    space.text, space.text_length, space.match_start, space.match_start_count,
                    cython.address(self.joined), self.as_of, self.tables, cython.address(found.at),
                )  # fmt: skip
            if count <= found.room:
                break
            found.at.rows = 0
            found.reserve(count)
        found.at.rows = count
        if space.has_visible:
            _map_positions(cython.address(found.at), space.visible, space.texts.folded)
        return self._merge(space, space.spans, found)

    @cython.cfunc
    def _validate(self, space: Workspace, list_: SpanList, notes: _Notes) -> cython.bint:
        """Make the canonical values of all candidates and judge them by their checks."""
        size: int64_t = 0
        notes.reserve(list_.at.rows)
        spans = _as_candidates(cython.address(list_.at))
        with cython.nogil:
            count = judgements_into(
                space.texts.folded, cython.address(spans), cython.address(self.checks),
                self.as_of, self.tables, cython.address(notes.judged), notes.is_text,
                notes.unchanged, notes.others,
            )  # fmt: skip
            for row in range(count):
                size += spans.end[notes.others[row]] - spans.start[notes.others[row]]
        size = space.value_size + 2 * size + (count + 1) * CANONICAL_ROOM
        if size > space.value_room:
            space.value_room = 2 * size
            values = np.empty(space.value_room, np.uint8)
            if space.value_size:
                values[: space.value_size] = space.values[: space.value_size]
            space.values = values
            space.value = uint8_out(values)
        with cython.nogil:
            rest = self._make_values(space, notes, cython.address(spans), count)
        if rest:
            self._check_in_python(space, list_, notes, rest)
        return True

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _make_values(
        self, space: Workspace, notes: _Notes, spans: cython.pointer[Candidates], count: int64_t
    ) -> int64_t:
        """Make and judge the values of the rows ``others``; return how many Python must judge.

        Those rows are at the front of ``others`` then.
        """
        rule: ValueRule
        value: UInt8Out
        number: cython.int
        row: int64_t
        which: int64_t
        used: int64_t = space.value_size
        rest: int64_t = 0
        for at in range(count):
            row = notes.others[at]
            which = spans.recognizer[row]
            number = self.check_number[which]
            rule.chars = self.value_chars + (which << 8)
            rule.first, rule.last = self.first_kept[which], self.last_kept[which]
            value = space.value + used
            whole = spans.end[row] - spans.start[row]
            length = make_value(
                space.texts.folded, spans.start[row], spans.end[row], cython.address(rule), value
            )
            notes.unchanged[row] = (
                length == whole and memcmp(value, space.texts.folded + spans.start[row], whole) == 0
            )
            outcome.verdict = UNDECIDED
            if number != PYTHON_CHECK:
                if makes_canonical(number):
                    size = write_canonical(number, value, length, value + length)
                    notes.unchanged[row] = False
                    if size >= 0:
                        memmove(value, value + length, size)
                    length = size
                if length >= 0:
                    outcome = judge(number, value, length, self.as_of, self.tables)
            if outcome.verdict == UNDECIDED:
                notes.others[rest] = row
                rest += 1
                continue
            put_outcome(outcome, cython.address(notes.judged), row)
            notes.value_start[row] = used
            used += length
            notes.value_end[row] = used
        space.value_size = used
        return rest

    @cython.cfunc
    def _check_in_python(
        self, space: Workspace, spans: SpanList, notes: _Notes, count: int64_t
    ) -> cython.bint:
        """Judge candidates by the ``check`` functions of modules that are not compiled."""
        rows = spans.at.rows
        start, end, others = (notes.numbers[number, :rows] for number in range(3))
        others = others[:count].copy()
        values = check_values(
            space.folded[: space.texts.length], spans.view(), others,
            self.compiled.validation, self.as_of,
            Judgements(*[array[:rows] for array in notes.judgements]),
            notes.flags[1, :rows], start, end,
        )  # fmt: skip
        start[others] += space.value_size
        end[others] += space.value_size
        space.values = np.concatenate([space.values[: space.value_size], values])
        space.value = uint8_out(space.values)
        space.value_room = space.value_size = len(space.values)
        return True

    @cython.cfunc
    def _split(self, space: Workspace, labelled: Bool) -> cython.bint:
        """Set isolated candidates apart; copy the others that can be findings."""
        notes: _Notes = space.notes
        rest: _Notes = space.rest_notes
        spans: Candidates = _as_candidates(cython.address(space.spans.at))
        space.isolated_rows = np.empty(max(spans.rows, 1), np.int64)
        isolated = int64_out(space.isolated_rows)
        with cython.nogil:
            counts = isolated_into(
                space.texts.folded, cython.address(spans), notes.judged.verdict, notes.unchanged,
                labelled, space.all_word_end, space.all_word_end_count, self.eligible,
                self.neutral_before, self.neutral_after, self.supported, isolated, notes.others,
            )  # fmt: skip
        space.isolated_count, space.isolated_size = counts[0], counts[2]
        space.rest.at.rows = 0
        space.rest.reserve(counts[1])
        rest.reserve(counts[1])
        for row in range(counts[1]):
            source = notes.others[row]
            space.rest.at.recognizer[row] = spans.recognizer[source]
            space.rest.at.start[row] = spans.start[source]
            space.rest.at.end[row] = spans.end[source]
            space.rest.at.leading_digits[row] = spans.leading_digits[source]
            rest.judged.verdict[row] = notes.judged.verdict[source]
            rest.judged.reason[row] = notes.judged.reason[source]
            rest.judged.strength[row] = notes.judged.strength[source]
            rest.is_text[row] = notes.is_text[source]
            rest.unchanged[row] = notes.unchanged[source]
            rest.value_start[row] = notes.value_start[source]
            rest.value_end[row] = notes.value_end[source]
        space.rest.at.rows = counts[1]
        return True

    @cython.cfunc
    def _annotate(
        self, space: Workspace, list_: SpanList, notes: _Notes, labelled: Bool
    ) -> cython.bint:
        """Find offsets, words and surroundings; apply the allow lists."""
        spans: Candidates = _as_candidates(cython.address(list_.at))
        located: Offsets = offsets_of(notes.places)
        start: Int64 = spans.start
        end: Int64 = spans.end
        if space.has_visible:
            for row in range(spans.rows):
                notes.start_in_visible[row] = first_not_below(
                    space.visible, space.text_length, spans.start[row]
                )
                notes.end_in_visible[row] = first_not_below(
                    space.visible, space.text_length, spans.end[row]
                )
            start, end = notes.start_in_visible, notes.end_in_visible
        with cython.nogil:
            write_offsets(
                cython.address(space.texts), spans.start, spans.end, spans.rows,
                cython.address(notes.located),
            )  # fmt: skip
            context_into(
                cython.address(space.texts), cython.address(spans), cython.address(located),
                space.all_word_end, space.all_word_end_count, labelled,
                cython.address(self.words), cython.address(notes.context),
            )  # fmt: skip
            surroundings_into(
                space.text, start, end, spans.rows, cython.address(self.meaning), notes.codes
            )
            listed = write_listed(
                space.texts.data, spans.recognizer, located.byte_start, located.byte_end,
                spans.rows, cython.address(self.listed), notes.listed,
            )  # fmt: skip
        if listed:
            self._apply_allow_lists(space, list_, notes, listed)
        return True

    @cython.cfunc
    def _judge_patterns(
        self,
        space: Workspace,
        list_: SpanList,
        notes: _Notes,
        column: object,
        labelled: Bool,
        fields: object,
        names: cython.bint,
    ) -> cython.bint:
        """Annotate, score and resolve the candidates of shapes and patterns."""
        spans: Candidates = _as_candidates(cython.address(list_.at))
        traits: ColumnTraits = column_traits_of(column.traits)
        context: Context = context_of(notes.contexts)
        judgement: Judgement = judgement_of(notes.judgements)
        if spans.rows == 0:
            return True
        self._annotate(space, list_, notes, labelled)
        if fields is not None:
            self._label_fields(list_, notes, fields)
        if space.keyed_count:
            self._label_keyed(self._keyed(space), cython.address(spans), notes)
        if space.fields is not None:
            self._clear_words(space, cython.address(spans), notes)
            self._label_keyed(keyed_values_of(space.fields.keyed), cython.address(spans), notes)
        with cython.nogil:
            neighbours_into(
                space.texts.folded, cython.address(spans), notes.judged.verdict,
                notes.judged.strength, cython.address(notes.context), self.scoring.base_level,
                self.beside, self.recognizers, self.words.flags, self.kind, self.series,
                self.anchored, self.numeric,
            )  # fmt: skip
            scores_into(
                space.texts.folded, cython.address(spans), cython.address(judgement),
                cython.address(context), notes.codes, cython.address(self.scoring),
                cython.address(traits), cython.address(notes.scored),
            )  # fmt: skip
        if names and column.is_labelled:
            self._refuse_mixed(cython.address(spans), notes, labelled)
        with cython.nogil:
            done = winners_into(
                spans.start, spans.end, notes.scored.priority, notes.scored.refused, spans.rows,
                notes.winner,
            )  # fmt: skip
        if not done:
            raise MemoryError
        return True

    def claimed(self, space: Workspace, column: column.Column, split: cython.bint) -> arrays.Bool:
        """Return the mask of folded positions inside findings that score 0.5 or more.

        The label of an account directly before a finding belongs to it: 微信 in
        ``张三微信：demo_88``.
        """
        list_: SpanList = space.rest if split else space.spans
        spans: Candidates = _as_candidates(cython.address(list_.at))
        notes: _Notes = space.rest_notes if split else space.notes
        mask = np.zeros(space.texts.length, np.bool_)
        out: BoolOut = boolean_out(mask)
        row: int64_t
        for row in range(spans.rows):
            if notes.winner[row] != row:
                continue
            first = spans.start[row]
            if notes.context.label[row] >= 0:
                for at in range(notes.context.label[row], first):
                    out[at] = True
            if notes.scored.score[row] >= _SURE:
                memset(out + first, 1, spans.end[row] - first)
        if split:
            isolated = int64(space.isolated_rows)
            traits = column_traits_of(column.traits)
            judgement = judgement_of(space.notes.judgements)
            spans = _as_candidates(cython.address(space.spans.at))
            for at in range(space.isolated_count):
                row = isolated[at]
                score = score_isolated(
                    cython.address(judgement), row, spans.recognizer[row],
                    cython.address(self.scoring), cython.address(traits),
                )  # fmt: skip
                if not score.refused and score.score >= _SURE:
                    memset(out + spans.start[row], 1, spans.end[row] - spans.start[row])
        return mask

    def texts(self, space: Workspace) -> offsets.FoldedTexts:
        """Return the folded texts of a search, in views."""
        return space.view()

    def add_names(
        self,
        space: Workspace,
        names: find_names.TaggedNames,
        column: column.Column,
        split: cython.bint,
    ) -> None:
        """Judge, annotate and score the spans of the name tagger.

        ``names``: candidates, confidence, and True for masked names (李*), which only raise the
        score of the masked names that patterns have found.  The others overlap neither each other
        nor the spans of patterns, so each one that is not refused wins.
        """
        confidence = names.confidence
        notes: _Notes = space.name_notes
        masked: Bool = boolean(names.masked)
        any_masked: cython.bint = False
        for row in range(len(names.masked)):
            any_masked |= masked[row]
        if any_masked:
            self._raise_masked(space, names, split)
            kept = ~names.masked
            space.names.put(Spans(*[array[kept] for array in names.candidates]))
            confidence = confidence[kept]
        else:
            space.names.put(names.candidates)
        if space.names.at.rows == 0:
            return
        self._validate(space, space.names, notes)
        self._annotate(space, space.names, notes, boolean(column.traits.labelled))
        if space.fields is not None:
            spans = _as_candidates(cython.address(space.names.at))
            self._clear_words(space, cython.address(spans), notes)
        name_kernels.score_names(
            space.names.arrays[0], notes.judgements, notes.contexts, confidence,
            column.traits.labelled, notes.scores, notes.numbers[4],
        )  # fmt: skip

    def assign_roles(self, space: Workspace, column: column.Column, split: cython.bint) -> None:
        """Find the roles of all spans, after names.

        Isolated spans are read only if one of them is in the range of another span's role.
        """
        parts: RoleSpans[3]
        count: cython.Py_ssize_t = space.isolated_count if split else 0
        parts[0] = _role_spans(
            0, space.rest if split else space.spans, space.rest_notes if split else space.notes
        )
        parts[1] = _role_spans(1, space.names, space.name_notes)
        parts[2].rows = 0
        space.isolated_role = None
        space.reserve_positions(count)
        if count:
            isolated = int64(space.isolated_rows)
            for at in range(count):
                space.position[at] = space.spans.at.start[isolated[at]]
        if self._find_roles(space, parts, count):
            rows = space.isolated_rows[:count]
            spans = SpanList()
            spans.put(take_rows(space.spans.view(), rows))
            notes = _Notes()
            notes.reserve(count)
            parts[2] = _role_spans(2, spans, notes)
            write_offsets(
                cython.address(space.texts), parts[2].start, parts[2].end, count,
                cython.address(notes.located),
            )  # fmt: skip
            score_kernels.score_isolated_rows(
                rows, space.spans.arrays[0], space.notes.judgements, self.compiled.scoring,
                column.traits, notes.scores[0],
            )  # fmt: skip
            notes.contexts.nearness[:] = NONE
            notes.numbers[4, :count] = np.arange(count)
            self._find_roles(space, parts, 0)
            space.isolated_role = notes.role[:count]
        if space.fields is not None:
            self._set_roles(space, cython.address(parts[0]))
            self._set_roles(space, cython.address(parts[1]))
        space.has_roles = _has_role(cython.address(parts[0]))
        space.name_roles = _has_role(cython.address(parts[1]))

    @cython.cfunc
    def _find_roles(
        self, space: Workspace, parts: cython.pointer[RoleSpans], count: int64_t
    ) -> cython.bint:
        """Write the roles of all parts; return True if they may reach one of the positions."""
        with cython.nogil:
            reaches = roles_into(
                cython.address(space.texts), parts, space.all_word_end, space.all_word_end_count,
                cython.address(self.roles), space.position, count,
            )  # fmt: skip
        return reaches

    @cython.cfunc
    def _raise_masked(self, space: Workspace, names: object, split: cython.bint) -> cython.bint:
        """Raise the score of masked names (李*) where the tagger reads a person too.

        Only winners of a low score change.
        """
        list_: SpanList = space.rest if split else space.spans
        spans: Candidates = _as_candidates(cython.address(list_.at))
        notes: _Notes = space.rest_notes if split else space.notes
        masked = names.masked
        starts = names.candidates.start[masked]
        begin: Int64 = int64(starts)
        ends = names.candidates.end[masked]
        end: Int64 = int64(ends)
        confidences = names.confidence[masked]
        confidence: Float64 = float64(confidences)
        count: cython.Py_ssize_t = len(starts)
        at: cython.Py_ssize_t
        for row in range(spans.rows):
            if (
                notes.winner[row] == row
                and self.masked_person[spans.recognizer[row]]
                and notes.scored.score[row] < _SURE
            ):
                at = first_not_below(begin, count, spans.end[row]) - 1
                if at >= 0 and end[at] > spans.start[row]:
                    notes.scored.score[row] = max(notes.scored.score[row], confidence[at])
        return True

    @cython.cfunc
    def _apply_allow_lists(
        self, space: Workspace, spans: SpanList, notes: _Notes, listed: int64_t
    ) -> cython.bint:
        """Refute the candidates whose text is in their recognizer's allow list."""
        row: int64_t
        for row in notes.numbers[3, :listed].tolist():
            text = space.data[notes.located.byte_start[row] : notes.located.byte_end[row]]
            if self.compiled.context.allow_lists.has(spans.at.recognizer[row], bytes(text)):
                notes.judged.verdict[row], notes.judged.reason[row] = REFUTED, _PLACEHOLDER
        return True

    @cython.cfunc
    def _label_fields(self, spans: SpanList, notes: _Notes, fields: object) -> cython.bint:
        """Label the candidates at list fields by their account."""
        rows = spans.at.rows
        tables, candidates = self.compiled.context, spans.view()
        fields = fields.drop_refuted(candidates, notes.judgements.verdict[:rows] == REFUTED)
        fields.label_candidates(
            candidates, Contexts(*[array[:rows] for array in notes.contexts]), tables.may_follow,
            len(tables.words.words),
        )  # fmt: skip
        return True

    @cython.cfunc
    def _clear_words(
        self, space: Workspace, spans: cython.pointer[Candidates], notes: _Notes
    ) -> cython.bint:
        """Drop the words before cells of inline tables, as the last name of the line above."""
        place: Int64 = int64(space.fields.place)
        count: int64_t = len(space.fields.place)
        for row in range(spans.rows):
            at = first_not_below(place, count, spans.start[row])
            if at < count and spans.start[row] == place[at]:
                notes.context.nearness[row] = NONE
                notes.context.word[row] = notes.context.against[row] = -1
        return True

    @cython.cfunc
    def _set_roles(self, space: Workspace, spans: cython.pointer[RoleSpans]) -> cython.bint:
        """Give the spans in cells of inline tables the roles of their columns."""
        place: Int64 = int64(space.fields.place)
        stop: Int64 = int64(space.fields.stop)
        role: Int16 = int16(space.fields.role)
        count: int64_t = len(space.fields.place)
        row: cython.Py_ssize_t
        for row in range(spans.rows):
            at = first_not_below(place, count, spans.start[row] + 1) - 1
            if at >= 0 and spans.start[row] < stop[at] and role[at] != NO_ROLE:
                spans.role[row] = -1
                if not self.roles.without_role[spans.recognizer[row]]:
                    spans.role[row] = role[at]
        return True

    @cython.cfunc
    def _label_keyed(
        self, keyed: KeyedValues, spans: cython.pointer[Candidates], notes: _Notes
    ) -> cython.bint:
        """Make the name before a value its label, or contradict the value by it."""
        names_into(
            cython.address(keyed), spans.start, spans.recognizer, spans.rows, self.named,
            self.recognizers, self.other, notes.name,
        )  # fmt: skip
        labels_into(
            notes.name, spans.rows, self.other, self.first_value_name, spans.recognizer,
            notes.judged.verdict, self.keyed_cells, self.numeric, cython.address(notes.context),
            notes.judged.strength,
        )  # fmt: skip
        return True

    @cython.cfunc
    def _refuse_mixed(
        self, spans: cython.pointer[Candidates], notes: _Notes, labelled: Bool
    ) -> cython.bint:
        """Refuse name and address candidates that fill a cell with a number in it (MIXED_CELL).

        ``示例路1号 13800138000`` -> the address is refused as a whole, so that the tagger can read
        the cell without the number.
        """
        at: cython.Py_ssize_t = 0
        cell: cython.Py_ssize_t = -1
        which: int64_t
        for row in range(spans.rows):
            while at < spans.rows and spans.start[at] <= spans.start[row]:
                which = spans.recognizer[at]
                if self.name_cells[which] and labelled[which]:
                    cell = at
                at += 1
            if (
                cell >= 0
                and not self.name_alike[spans.recognizer[row]]
                and spans.end[row] <= spans.end[cell]
                and spans.end[row] - spans.start[row] >= _MIN_NUMBER
                and notes.scored.score[row] >= _SURE
            ):
                notes.scored.score[cell] = 0.0
                notes.scored.reason[cell] = MIXED_CELL
                notes.scored.refused[cell] = True
        return True

    def results(
        self, space: Workspace, column: column.Column, split: cython.bint
    ) -> list[tuple[overlap_resolution.Resolved, isolated.IsolatedSpans | None]]:
        """Return the spans of shapes and patterns, then those of the name tagger, as views.

        Each part has its isolated spans, or None.  A part without candidates is left out.
        """
        texts = space.view()
        values = space.values[: space.value_size] if space.value_size else _NOTHING
        isolated = None
        found: list = []
        if split:
            whole = _validated(texts, values, space.spans, space.notes)
            isolated = IsolatedSpans(
                space.isolated_rows[: space.isolated_count], space.isolated_size, whole,
                self.compiled.scoring, column.traits, space.isolated_role,
            )  # fmt: skip
            patterns = _resolved(
                texts, values, space.rest, space.rest_notes, space.has_roles, False
            )
        else:
            patterns = _resolved(texts, values, space.spans, space.notes, space.has_roles, False)
        if len(patterns) or isolated:
            found.append((patterns, isolated))
        if space.names.at.rows:
            names = _resolved(texts, values, space.names, space.name_notes, space.name_roles, True)
            found.append((names, None))
        return found

    def add_findings(
        self,
        space: Workspace,
        column: column.Column,
        texts: list,
        min_score: cython.double,
        found: list,
    ) -> None:
        """Append the reported spans of a search without ``split`` to the list of their text.

        Args:
            texts: the texts that were searched
            min_score: lowest score reported
            found: a list of findings for each text, in order of start, end and recognizer
        """
        spans: cython.pointer[CandidatesOut] = cython.address(space.spans.at)
        names: cython.pointer[CandidatesOut] = cython.address(space.names.at)
        notes: _Notes = space.notes
        name: cython.Py_ssize_t = 0
        superseded: dict = {}
        for row in range(spans.rows):
            if (
                notes.winner[row] >= 0
                and notes.winner[row] != row
                and notes.scored.score[row] >= _LOW
                and spans.recognizer[row] != spans.recognizer[notes.winner[row]]
            ):
                superseded.setdefault(notes.winner[row], []).append(
                    (
                        spans.recognizer[row], notes.located.start[row], notes.located.end[row],
                        notes.judged.verdict[row], notes.scored.score[row],
                        notes.scored.reason[row],
                    )
                )  # fmt: skip
        for row in range(spans.rows):
            if notes.winner[row] != row or notes.scored.score[row] < min_score:
                continue
            while name < names.rows and _is_before(names, name, spans, row):
                self._add_name(space, column, texts, name, min_score, found)
                name += 1
            found[notes.located.text[row]].append(
                self._finding(
                    space, space.spans, notes, column, texts, space.has_roles, row, superseded
                )
            )
        while name < names.rows:
            self._add_name(space, column, texts, name, min_score, found)
            name += 1

    @cython.cfunc
    def _add_name(
        self,
        space: Workspace,
        column: object,
        texts: list,
        row: cython.Py_ssize_t,
        min_score: cython.double,
        found: list,
    ) -> cython.bint:
        """Append a span of the name tagger to the list of its text, if it is reported."""
        notes: _Notes = space.name_notes
        if notes.winner[row] == row and notes.scored.score[row] >= min_score:
            found[notes.located.text[row]].append(
                self._finding(
                    space, space.names, notes, column, texts, space.name_roles, row, _NO_SPANS
                )
            )
        return True

    @cython.cfunc
    def _finding(
        self,
        space: Workspace,
        spans: SpanList,
        notes: _Notes,
        column: object,
        texts: list,
        has_roles: cython.bint,
        row: cython.Py_ssize_t,
        superseded: dict,
    ) -> object:
        """Return candidate ``row`` as a finding; ``superseded``: spans by row of their winner."""
        which: cython.int = spans.at.recognizer[row]
        tables = self.compiled.results
        names = tables.names
        word: cython.int = notes.context.word[row]
        start: cython.int = notes.located.start[row]
        text: str = texts[notes.located.text[row]][start : notes.located.end[row]]
        value: str
        first: UInt8
        others: list
        label = column.label
        role = None if label is None else label.role
        if notes.is_text[row]:
            value = normal_text(text, which, tables)
        elif notes.unchanged[row]:
            first = space.texts.folded + spans.at.start[row]
            value = _ascii(first, spans.at.end[row] - spans.at.start[row])
        else:
            first = space.value + notes.value_start[row]
            value = _ascii(first, notes.value_end[row] - notes.value_start[row])
        if label is not None and column.is_labelled and column.labelled[which]:
            context = label.header
        else:
            if word < 0 and notes.scored.reason[row] == CONTEXT_AGAINST:
                word = notes.context.against[row]
            context = names.words[word] if word >= 0 else None
        if has_roles and notes.roles[row] >= 0:
            role = names.roles[notes.roles[row]]
        others = superseded.get(row, []) if superseded else []
        if self.implies[which] >= 0:
            others = [*others, implied_alternative(value, start, self.implies[which])]
        elif notes.context.implied[row] >= 0:
            others = [
                *others,
                (notes.context.implied[row], start, notes.located.end[row], PLAUSIBLE, _LOW, 0),
            ]
        return Finding(
            names.entities[which], names.recognizers[which], start, notes.located.end[row], text,
            value, _VERDICTS[notes.judged.verdict[row]], notes.scored.score[row], context,
            alternatives_of(others, tables) if others else (),
            _REASONS[notes.scored.reason[row]], role,
        )  # fmt: skip


@cython.cfunc
def _ascii(first: UInt8, length: int64_t) -> str:
    """Return ASCII characters as a string."""
    return cython.cast(cython.pointer[cython.const[cython.char]], first)[:length].decode("ascii")


@cython.cfunc
def _validated(texts: object, values: object, spans: SpanList, notes: _Notes) -> object:
    """Return candidates with their values and judgements, as views."""
    rows = spans.at.rows
    return Validated(
        texts,
        spans.view(),
        CanonicalValues(
            texts.folded, values, notes.numbers[0, :rows], notes.numbers[1, :rows],
            notes.flags[0, :rows], notes.flags[1, :rows],
        ),
        Judgements(*[array[:rows] for array in notes.judgements]),
    )  # fmt: skip


@cython.cfunc
def _resolved(
    texts: object,
    values: object,
    spans: SpanList,
    notes: _Notes,
    has_roles: cython.bint,
    tagged: cython.bint,
) -> object:
    """Return annotated, scored and resolved candidates, as views."""
    rows = spans.at.rows
    annotated = Annotated(
        _validated(texts, values, spans, notes),
        Places(*[array[:rows] for array in notes.places]),
        Contexts(*[array[:rows] for array in notes.contexts]),
        notes.surroundings[:rows],
        notes.role[:rows] if has_roles else None,
    )
    scores = Scores(*[array[:rows] for array in notes.scores])
    return Resolved(Scored(annotated, scores), notes.numbers[4, :rows], bool(tagged))


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def _is_before(
    one: cython.pointer[CandidatesOut],
    row: cython.Py_ssize_t,
    two: cython.pointer[CandidatesOut],
    other: cython.Py_ssize_t,
) -> cython.bint:
    """Return True if a span comes before another by start, end and recognizer."""
    if one.start[row] != two.start[other]:
        return one.start[row] < two.start[other]
    if one.end[row] != two.end[other]:
        return one.end[row] < two.end[other]
    return one.recognizer[row] < two.recognizer[other]
