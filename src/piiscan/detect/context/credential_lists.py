"""Credential lists: fields one separator after an account, as in ``13800138000----abc12345``.

Sellers of stolen accounts join bare values with ``----``, ``|`` and the like.  A password has no
shape of its own and no context word; the account before it labels it.  The search starts only
where an account ends, so text without lists costs nothing.

    line := account separator field { separator field }
    separator := "----" | "---" | "::" | "|" | TAB | ":"
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from piiscan.arrays import Bool, Int16, Int32, Int64, UInt8
from piiscan.detect.context.context_words import LABEL, Context
from piiscan.detect.context.separators import find_fields, find_line_accounts
from piiscan.detect.matching.automaton import Automaton
from piiscan.detect.matching.matcher import Candidates
from piiscan.jit import kernel

if TYPE_CHECKING:
    from piiscan.detect.compiled_catalog import CompiledCatalog

#: Rounds of chaining, in which a field is the account of the next: account, password, data, key.
ROUNDS: Final = 3


@dataclass(frozen=True, slots=True)
class ListFields:
    """Fields that follow an account in a list, ordered by position.

    An account matched by two recognizers has two rows.

    Attributes:
        place: code point at which the field starts
        begin, end: span of the account, [begin, end)
        account: number of the recognizer that matched the account
        separator: index in SEPARATORS of the separator between account and field
        sure: True if the account needs no passed check
    """

    place: Int64
    begin: Int64
    end: Int64
    account: Int16
    separator: Int16
    sure: Bool

    @classmethod
    def empty(cls, capacity: int = 0) -> ListFields:
        """Return uninitialised columns of ``capacity`` rows (``sure`` is all False)."""
        return cls(
            np.empty(capacity, np.int64),
            np.empty(capacity, np.int64),
            np.empty(capacity, np.int64),
            np.empty(capacity, np.int16),
            np.empty(capacity, np.int16),
            np.zeros(capacity, np.bool_),
        )

    def __len__(self) -> int:
        return len(self.place)

    def take(self, selection: npt.NDArray[np.generic] | slice) -> ListFields:
        """Return the list fields selected by ``selection`` (a mask, indices or a slice)."""
        return ListFields(
            self.place[selection], self.begin[selection], self.end[selection],
            self.account[selection], self.separator[selection], self.sure[selection],
        )  # fmt: skip

    def map_positions(self, positions: Int64) -> ListFields:
        """Map the fields' offsets i in scanned text to ``positions[i]`` in the full text.

        ``positions`` maps each code point of the shortened text (without zero-width characters) to
        its code point in the full text.
        """
        return ListFields(
            positions[self.place], positions[self.begin], positions[self.end - 1] + 1,
            self.account, self.separator, self.sure,
        )  # fmt: skip

    def with_more(self, more: ListFields) -> ListFields:
        """Return these list fields merged with ``more``, ordered by position."""
        if not len(more):
            return self
        both = ListFields(
            np.concatenate((self.place, more.place)),
            np.concatenate((self.begin, more.begin)),
            np.concatenate((self.end, more.end)),
            np.concatenate((self.account, more.account)),
            np.concatenate((self.separator, more.separator)),
            np.concatenate((self.sure, more.sure)),
        )
        return both.take(np.argsort(both.place, kind="stable"))

    def drop_refuted(self, candidates: Candidates, refuted: Bool) -> ListFields:
        """Drop list fields whose account is no unrefuted candidate; ``sure`` fields stay.

        An order number that fails the check of an identity number labels no password.
        """
        keep = self.sure.copy()
        first = np.searchsorted(candidates.start, self.begin)
        _mark_unrefuted(
            first, self.begin, self.end, self.account,
            candidates.start, candidates.end, candidates.recognizer, refuted, keep,
        )  # fmt: skip
        return self.take(keep)

    def label_candidates(
        self, candidates: Candidates, context: Context, follows: Bool, first: int
    ) -> None:
        """Set the context of candidates at a list field to LABEL, its separator as the word.

        Changes ``context`` in place.

        Args:
            candidates: spans ordered by start
            context: context of ``candidates``
            follows: ``bool[value, account]``, True if the recognizer may follow the account
            first: word number of the first separator
        """
        _label_fields(
            self.place, self.account, self.separator, candidates.start, candidates.recognizer,
            follows, first, context.word, context.nearness,
        )  # fmt: skip


@kernel
def _mark_unrefuted(
    first: Int64,
    begin: Int64,
    end: Int64,
    account: Int16,
    start: Int64,
    finish: Int64,
    recognizer: Int16,
    refuted: Bool,
    keep: Bool,
) -> None:  # pragma: no cover - compiled
    """Set ``keep`` to True for each field whose account is an unrefuted candidate.

    ``first`` is the first candidate that starts at the account of each field.
    """
    for field in range(len(begin)):
        at = first[field]
        while at < len(start) and start[at] == begin[field]:
            if finish[at] == end[field] and recognizer[at] == account[field] and not refuted[at]:
                keep[field] = True
            at += 1


@kernel
def _label_fields(
    place: Int64,
    account: Int16,
    separator: Int16,
    start: Int64,
    recognizer: Int16,
    follows: Bool,
    first: int,
    word: Int32,
    nearness: UInt8,
) -> None:  # pragma: no cover - compiled
    """Write LABEL and the separator's word number for each candidate that starts at a field.

    Only recognizer pairs allowed by ``follows[value, account]`` count.  Fields and candidates are
    both ordered by start.
    """
    field = 0
    for row in range(len(start)):
        while field < len(place) and place[field] < start[row]:
            field += 1
        at = field
        while at < len(place) and place[at] == start[row]:
            if nearness[row] != LABEL and follows[recognizer[row], account[at]]:
                nearness[row] = LABEL
                word[row] = first + separator[at]
            at += 1


def find_list_fields(
    text: UInt8,
    word_ends: Int64,
    anywhere: Candidates,
    anchored: Candidates,
    compiled: CompiledCatalog,
    match: Callable[[Int64, Automaton], Candidates],
) -> ListFields:
    """Return the fields that follow accounts in lists: ``13800138000----abc12345``.

    ``示例@example.com----abc12345----key`` -> two fields.  At most ROUNDS fields are chained.

    Args:
        text: folded text
        word_ends: code points at which a word may end
        anywhere: candidates of recognizers that match without a context word
        anchored: candidates of recognizers that match only after their word
        match: function that returns the candidates starting at given code points
    """
    accounts: Bool = np.logical_or.reduce(compiled.may_follow, axis=0)
    if not accounts.any():
        return ListFields.empty()
    fields = _fields_after(text, anywhere, accounts, compiled)
    anchored_accounts: Bool = accounts & ~np.logical_or.reduce(
        compiled.may_follow, axis=1
    )  # excludes values that are themselves fields of lists
    fields = fields.with_more(_fields_after(text, anchored, anchored_accounts, compiled))
    begin, end = _line_accounts(text, word_ends, compiled.alphabet.kind)
    if len(begin):  # a QQ number at the start of a line has no context word
        bare = match(begin, compiled.anchored_automaton)
        bare = bare.take(bare.end == end[np.searchsorted(begin, bare.start)])
        more = _fields_after(text, bare, anchored_accounts, compiled)
        fields = fields.with_more(dataclasses.replace(more, sure=~more.sure))
    fresh = fields
    for _ in range(ROUNDS):
        if not len(fresh):
            break
        matched = match(np.unique(fresh.place), compiled.anchored_automaton)
        fresh = _fields_after(text, matched, accounts, compiled, chained=True)
        fresh = fresh.take(~np.isin(fresh.place, fields.place))
        fields = fields.with_more(fresh)
    return fields


def _fields_after(
    text: UInt8,
    found: Candidates,
    accounts: Bool,
    compiled: CompiledCatalog,
    *,
    chained: bool = False,
) -> ListFields:
    """Return the list fields that follow the accounts in ``found`` after one separator.

    ``accounts``: ``bool[recognizer]``, True for recognizers of accounts.

    ``chained``: the accounts are fields of a list themselves, so every separator is allowed.
    """
    capacity = 64
    while True:
        fields = ListFields.empty(capacity)
        count = find_fields(
            text, found.recognizer, found.start, found.end, accounts,
            compiled.anchored_automaton.start_pairs, compiled.alphabet.kind, chained, fields.place,
            fields.begin, fields.end, fields.account, fields.separator,
        )  # fmt: skip
        if count >= 0:
            fields = fields.take(slice(count))
            return fields.take(np.argsort(fields.place, kind="stable")) if count > 1 else fields
        capacity = len(found.start)


def _line_accounts(text: UInt8, word_ends: Int64, kind: UInt8) -> tuple[Int64, Int64]:
    """Return the spans of letters and digits that fill a line up to its first ``---``.

    ``10001----abc12345`` -> the span of ``10001``.  Only such lines can start with an account that
    running text shows after a context word only.
    """
    begin, end = np.empty(len(word_ends), np.int64), np.empty(len(word_ends), np.int64)
    count = find_line_accounts(text, word_ends, kind, begin, end)
    return begin[:count], end[:count]
