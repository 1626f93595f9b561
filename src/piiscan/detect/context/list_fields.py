"""List fields: fields one separator after an account, as in ``13800138000----abc12345``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from piiscan.arrays import Bool, Int16, Int64
from piiscan.bundles import join_rows, take_rows
from piiscan.detect.context.context_kernels import label_fields, mark_unrefuted
from piiscan.detect.context.context_words import Context
from piiscan.detect.matching.matcher import Candidates


class ListFields(NamedTuple):
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

    def map_positions(self, positions: Int64) -> ListFields:
        """Map the fields' offsets i in scanned text to ``positions[i]`` in the full text.

        ``positions`` maps each code point of the shortened text (without zero-width characters) to
        its code point in the full text.
        """
        return self._replace(
            place=positions[self.place],
            begin=positions[self.begin],
            end=positions[self.end - 1] + 1,
        )

    def drop_refuted(self, candidates: Candidates, refuted: Bool) -> ListFields:
        """Drop list fields whose account is no unrefuted candidate; ``sure`` fields stay.

        An order number that fails the check of an identity number labels no password.
        """
        keep = self.sure.copy()
        first = np.searchsorted(candidates.start, self.begin)
        mark_unrefuted(first, self, candidates, refuted, keep)
        return take_rows(self, keep)

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
        label_fields(self, candidates, follows, first, context)


def join_fields(parts: Sequence[ListFields | None]) -> ListFields | None:
    """Return the fields of all ``parts`` together, ordered by position; None without fields."""
    filled = [part for part in parts if part is not None and len(part.place)]
    if len(filled) < 2:
        return filled[0] if filled else None
    both = join_rows(filled)
    return take_rows(both, np.argsort(both.place, kind="stable"))
