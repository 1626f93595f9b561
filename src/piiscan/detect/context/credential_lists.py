"""Fields of lists: what stands one separator behind an account, as in ``account----password``.

Lists of accounts are sold with bare values joined by ``----``, ``|`` and the like (the usage of
the trade).  A password has no shape of its own and no word in front of it; what labels it is the
account.  Only where an account ends is anything looked at, so text without lists costs nothing.
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
from piiscan.detect.context.separators import find_bare, find_fields
from piiscan.detect.matching.automaton import Automaton
from piiscan.detect.matching.matcher import Candidates
from piiscan.jit import kernel

if TYPE_CHECKING:
    from piiscan.detect.compiled_catalog import Plan

#: How often a field can be the account of the next one: account, password, data, key.
ROUNDS: Final = 3


@dataclass(frozen=True, slots=True)
class Fields:
    """Places behind accounts, ordered; an account known by two recognizers has two rows.

    ``account`` is the recognizer of the account and ``begin``, ``end`` its span; ``separator`` the
    number of what stands between; ``sure`` whether the account needs no check to pass.
    """

    place: Int64
    begin: Int64
    end: Int64
    account: Int16
    separator: Int16
    sure: Bool

    @classmethod
    def empty(cls, room: int = 0) -> Fields:
        """Room for so many."""
        return cls(
            np.empty(room, np.int64),
            np.empty(room, np.int64),
            np.empty(room, np.int64),
            np.empty(room, np.int16),
            np.empty(room, np.int16),
            np.zeros(room, np.bool_),
        )

    def __len__(self) -> int:
        return len(self.place)

    def take(self, where: npt.NDArray[np.generic] | slice) -> Fields:
        """Those at ``where`` (a mask, indices or a slice)."""
        return Fields(
            self.place[where], self.begin[where], self.end[where],
            self.account[where], self.separator[where], self.sure[where],
        )  # fmt: skip

    def over(self, kept: Int64) -> Fields:
        """The same fields in the text of which only the places ``kept`` were looked at."""
        return Fields(
            kept[self.place], kept[self.begin], kept[self.end - 1] + 1,
            self.account, self.separator, self.sure,
        )  # fmt: skip

    def with_more(self, more: Fields) -> Fields:
        """These and ``more``, ordered by place."""
        if not len(more):
            return self
        both = Fields(
            np.concatenate((self.place, more.place)),
            np.concatenate((self.begin, more.begin)),
            np.concatenate((self.end, more.end)),
            np.concatenate((self.account, more.account)),
            np.concatenate((self.separator, more.separator)),
            np.concatenate((self.sure, more.sure)),
        )
        return both.take(np.argsort(both.place, kind="stable"))

    def upheld(self, candidates: Candidates, refuted: Bool) -> Fields:
        """Those whose account is no refuted candidate: an order number is no identity number."""
        good = self.sure.copy()
        first = np.searchsorted(candidates.start, self.begin)
        _uphold(
            first, self.begin, self.end, self.account,
            candidates.start, candidates.end, candidates.recognizer, refuted, good,
        )  # fmt: skip
        return self.take(good)

    def name(self, candidates: Candidates, words: Context, follows: Bool, first: int) -> None:
        """Let ``words`` say which candidates stand behind an account: as directly labelled.

        ``follows[value, account]``: which recognizer may stand behind which; separators are
        numbered from ``first`` as words.
        """
        _name(
            self.place, self.account, self.separator, candidates.start, candidates.recognizer,
            follows, first, words.word, words.nearness,
        )  # fmt: skip


@kernel
def _uphold(
    first: Int64,
    begin: Int64,
    end: Int64,
    account: Int16,
    start: Int64,
    finish: Int64,
    recognizer: Int16,
    refuted: Bool,
    good: Bool,
) -> None:  # pragma: no cover - compiled
    for field in range(len(begin)):
        at = first[field]
        while at < len(start) and start[at] == begin[field]:
            if finish[at] == end[field] and recognizer[at] == account[field] and not refuted[at]:
                good[field] = True
            at += 1


@kernel
def _name(
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


def listed(
    text: UInt8,
    ends: Int64,
    running: Candidates,
    behind: Candidates,
    plan: Plan,
    match: Callable[[Int64, Automaton], Candidates],
) -> Fields:
    """The fields behind accounts, and behind those fields that are accounts of the next.

    ``running`` and ``behind``: the candidates found anywhere and behind words so far; ``match``
    gives those that begin at given places.
    """
    accounts: Bool = np.logical_or.reduce(plan.follows, axis=0)
    if not accounts.any():
        return Fields.empty()
    fields = _behind(text, running, accounts, plan)
    words: Bool = accounts & ~np.logical_or.reduce(
        plan.follows, axis=1
    )  # not what only looks like a listed value
    fields = fields.with_more(_behind(text, behind, words, plan))
    begin, end = _bare(text, ends, plan.alphabet.kind)
    if len(begin):  # a line that begins with a QQ number has no word for it
        bare = match(begin, plan.behind)
        bare = bare.take(bare.end == end[np.searchsorted(begin, bare.start)])
        more = _behind(text, bare, words, plan)
        fields = fields.with_more(dataclasses.replace(more, sure=~more.sure))
    fresh = fields
    for _ in range(ROUNDS):
        if not len(fresh):
            break
        made = match(np.unique(fresh.place), plan.behind)
        fresh = _behind(text, made, accounts, plan, chained=True)
        fresh = fresh.take(~np.isin(fresh.place, fields.place))
        fields = fields.with_more(fresh)
    return fields


def _behind(
    text: UInt8, found: Candidates, accounts: Bool, plan: Plan, *, chained: bool = False
) -> Fields:
    """The fields one separator behind those of ``found`` whose recognizer is in ``accounts``.

    ``chained``: the accounts are fields of a list themselves, so that any separator may follow.
    """
    room = 64
    while True:
        made = Fields.empty(room)
        count = find_fields(
            text, found.recognizer, found.start, found.end, accounts, plan.behind.opens,
            plan.alphabet.kind, chained,
            made.place, made.begin, made.end, made.account, made.separator,
        )  # fmt: skip
        if count >= 0:
            made = made.take(slice(count))
            return made.take(np.argsort(made.place, kind="stable")) if count > 1 else made
        room = len(found.start)


def _bare(text: UInt8, ends: Int64, kind: UInt8) -> tuple[Int64, Int64]:
    """Where a line begins with letters and digits up to ``---``, and where those end.

    Only such lines can begin with an account that running text shows behind a word only.
    """
    begin, end = np.empty(len(ends), np.int64), np.empty(len(ends), np.int64)
    count = find_bare(text, ends, kind, begin, end)
    return begin[:count], end[:count]
