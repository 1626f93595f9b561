"""Joined numbers: two numbers in one run of digits, one of them with a check digit.

``43010419050615001613800138001`` -> 430104190506150016, 13800138001.  Both checks must pass, and no
other split of the run may.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from piiscan.arrays import Bool, Int64, UInt8
from piiscan.detect.catalog.recognizer import Recognizer
from piiscan.detect.checks.check_numbers import PYTHON_CHECK
from piiscan.detect.validation.validation_tables import check_number_of
from piiscan.errors import CatalogError
from piiscan.wording.words import Sentence

#: Longest run that can be two numbers, in characters.
MAX_JOINED: Final = 63


class JoinedNumbers(NamedTuple):
    """Pairs of numbers of a catalogue that are found in one run of digits.

    Attributes:
        parts: ``int64[pair, 4]``, recognizer and length of both numbers
        wanted: True by length if a pair has so many characters
        kind: ``uint8[256]``, kind of each folded byte
        check_number: compiled check of each recognizer
        value_chars: ``uint8[recognizer, 256]``, character of its value for each folded byte
    """

    parts: Int64
    wanted: Bool
    kind: UInt8
    check_number: UInt8
    value_chars: UInt8

    @classmethod
    def of(
        cls, recognizers: Sequence[Recognizer], kind: UInt8, value_chars: UInt8
    ) -> JoinedNumbers:
        """Pair the recognizers that have ``joined`` lengths, each with every other one.

        Raise CatalogError if the check of one has no compiled judge.
        """
        lengths = [(which, n) for which, each in enumerate(recognizers) for n in each.joined]
        pairs = [one + two for one in lengths for two in lengths if one[0] != two[0]]
        parts = np.array(pairs, np.int64).reshape(-1, 4)
        wanted = np.zeros(MAX_JOINED + 1, np.bool_)
        wanted[parts[:, 1] + parts[:, 3]] = True
        numbers = np.array([check_number_of(each) for each in recognizers], np.uint8)
        for which in parts[:, 0].tolist():
            if numbers[which] == PYTHON_CHECK:
                why = Sentence("rule.no_joined_check")
                raise CatalogError(
                    "rule.key", file=recognizers[which].file, line=1, key="joined", why=why
                )
        return cls(parts, wanted, kind, numbers, value_chars)
