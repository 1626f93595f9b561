"""Credential lists: fields one separator after an account, as in ``13800138000----abc12345``.

Sellers of stolen accounts join bare values with ``----``, ``|`` and the like.  A password has no
shape of its own and no context word; the account before it labels it.  The search starts only
where an account ends, so text without lists costs nothing.

    line := account separator field { separator field }
    separator := "----" | "---" | "::" | "|" | TAB | ":"
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from piiscan.arrays import Bool, Int64, UInt8
from piiscan.bundles import empty_rows, take_rows
from piiscan.detect.catalog.recognizer import Recognizer
from piiscan.detect.context.context_kernels import find_fields, find_line_accounts
from piiscan.detect.context.list_fields import ListFields, join_fields
from piiscan.detect.matching.alphabet import KIND_DIGIT, KIND_LETTER
from piiscan.detect.matching.automaton import Automaton
from piiscan.detect.matching.matcher import Candidates

#: Rounds of chaining, in which a field is the account of the next: account, password, data, key.
ROUNDS: Final = 3


@dataclass(frozen=True, slots=True)
class CredentialLists:
    """Recognizers whose values may follow an account in a list.

    Attributes:
        may_follow: ``bool[value, account]``, True if the value may be the list field after it;
            the last column stands for the start of a line
        accounts: ``bool[recognizer]``, True for accounts
        anchored_accounts: those of them that are no fields of lists themselves
        automaton: recognizers that match only after a context word or an account
        kind: kind of each folded byte
    """

    may_follow: Bool
    accounts: Bool
    anchored_accounts: Bool
    automaton: Automaton
    kind: UInt8

    @classmethod
    def of(
        cls, recognizers: Sequence[Recognizer], automaton: Automaton, kind: UInt8
    ) -> CredentialLists:
        """Collect the accounts that ``recognizers`` name as ``behind``."""
        may_follow = np.array(
            [[account.id in r.behind for account in recognizers] for r in recognizers], np.bool_
        )
        accounts: Bool = np.logical_or.reduce(may_follow, axis=0)
        anchored_accounts: Bool = accounts & ~np.logical_or.reduce(may_follow, axis=1)
        may_follow = np.column_stack([may_follow, anchored_accounts])
        return cls(may_follow, accounts, anchored_accounts, automaton, kind)


def find_list_fields(
    text: UInt8,
    word_ends: Int64,
    found: tuple[Candidates, Candidates],
    lists: CredentialLists,
    match: Callable[[Int64], Candidates],
) -> ListFields | None:
    """Return the fields that follow accounts in lists: ``13800138000----abc12345``.

    ``示例@example.com----abc12345----key`` -> two fields.  At most ROUNDS fields are chained.
    Return None if there is none.

    Args:
        text: folded text
        word_ends: code points at which a word may end
        found: candidates that need no context word, and those that match only after their word
        match: function that returns the anchored candidates starting at given code points
    """
    unanchored, anchored = found
    # 10001----abc12345: only such lines can start with an account that elsewhere needs a word
    begin, end = np.empty((2, len(word_ends)), np.int64)
    count = find_line_accounts(text, word_ends, lists.kind, begin, end)
    begin, end = begin[:count], end[:count]
    parts = [
        _fields_after(text, unanchored, lists.accounts, lists),
        _fields_after(text, anchored, lists.anchored_accounts, lists),
    ]
    if len(begin):  # a QQ number at the start of a line has no context word
        bare = match(begin)
        bare = take_rows(bare, bare.end == end[np.searchsorted(begin, bare.start)])
        more = _fields_after(text, bare, lists.anchored_accounts, lists)
        if more is not None:
            parts.append(more._replace(sure=~more.sure))
            secret = [_has_letter(text, place, lists.kind) for place in more.place.tolist()]
            more = take_rows(more, np.array(secret, np.bool_))
            start = np.full_like(more.account, len(lists.accounts))
            parts.append(more._replace(place=more.begin, account=start, sure=~more.sure))
    fields = join_fields(parts)
    fresh = fields
    for _ in range(ROUNDS):
        if fields is None or fresh is None:
            break
        matched = match(np.unique(fresh.place))
        fresh = _fields_after(text, matched, lists.accounts, lists, chained=True)
        if fresh is not None:
            fresh = take_rows(fresh, ~np.isin(fresh.place, fields.place))
            fields = join_fields([fields, fresh])
    return fields


def _has_letter(text: UInt8, place: int, kind: UInt8) -> bool:
    """Return True if letters or digits from ``place`` on, a letter among them: ``abc12345``."""
    kinds = kind[text[place : place + 24]]
    run = np.isin(kinds, (KIND_LETTER, KIND_DIGIT))
    size = len(run) if run.all() else int(run.argmin())
    return bool((kinds[:size] == KIND_LETTER).any())


def _fields_after(
    text: UInt8, found: Candidates, accounts: Bool, lists: CredentialLists, *, chained: bool = False
) -> ListFields | None:
    """Return the fields one separator after candidates whose recognizer is in ``accounts``.

    ``chained``: the accounts are fields of a list themselves, so every separator is allowed.
    Return None if there is none.
    """
    capacity = 64
    while len(found.start):
        fields = empty_rows(ListFields, capacity)
        count = find_fields(
            text, found, accounts, lists.automaton.start_pairs, lists.kind, chained, fields
        )
        if count == 0:
            return None
        if count > 0:
            return take_rows(fields, np.argsort(fields.place[:count], kind="stable"))
        capacity = len(found.start)
    return None
