"""Validation tables: value characters and check functions of each recognizer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from piiscan.arrays import Bool, Int64, UInt8
from piiscan.detect.catalog.recognizer import Recognizer, Value
from piiscan.detect.checks import CheckFunctions, check_number, load_check
from piiscan.detect.checks.check_numbers import NO_CHECK, PYTHON_CHECK
from piiscan.detect.matching.alphabet import CIRCLED_DIGIT, HAN, HAN_DIGIT, OTHER, Alphabet
from piiscan.errors import CatalogError

_CHECK_DIGIT_X = "×✕хХ"  # characters that people type for the check digit X
#: Letters that people type for digits, by digit.
_LOOKALIKE_DIGITS = {0: "OoОо", 1: "lI", 2: "Zz", 3: "З", 5: "Ss", 8: "B"}


class SingleChecks(NamedTuple):
    """Per recognizer, the check that can judge a value in place, where it is in the text.

    That avoids copying it to a matrix. Each compiled ``check`` uses the same functions.

    Attributes:
        check_number: number of the check, PYTHON_CHECK if it needs the matrix
        max_length: characters of the longest value that is not truncated
        keeps_byte: ``bool[recognizer * 256 + byte]``, True for a folded byte kept as it is
        is_text: True if the value is the text itself
    """

    check_number: UInt8
    max_length: Int64
    keeps_byte: Bool
    is_text: Bool

    @classmethod
    def of(cls, recognizers: Sequence[Recognizer], value_chars: UInt8) -> SingleChecks:
        """Build the arrays of in-place checks for ``recognizers``.

        ``value_chars[recognizer, byte]``: character of the value that a folded byte becomes, 0 to
        drop it.
        """
        check_number = np.array([check_number_of(r) for r in recognizers], np.uint8)
        is_text: Bool = np.logical_not(value_chars.any(axis=1))
        rewritten = [_check_functions(r).canonical is not None for r in recognizers]
        check_number[is_text | rewritten] = PYTHON_CHECK
        max_length = [min(r.value.first or 256, r.value.last or 256) for r in recognizers]
        unchanged = (value_chars == np.arange(256)) & (value_chars != 0)
        return cls(check_number, np.array(max_length, np.int64), unchanged.reshape(-1), is_text)


@dataclass(frozen=True, slots=True)
class ValidationTables:
    """Tables of a catalogue by which values are read and checked, by recognizer number.

    Attributes:
        values: rules of the canonical value
        value_chars: ``uint8[recognizer, folded byte]``, character of the value, 0 if dropped
        checks: functions of its check
        single_checks: checks that judge a value in place
    """

    values: tuple[Value, ...]
    value_chars: UInt8
    checks: tuple[CheckFunctions, ...]
    single_checks: SingleChecks

    @classmethod
    def of(cls, recognizers: Sequence[Recognizer], alphabet: Alphabet) -> ValidationTables:
        """Build the tables.  Raise CatalogError if a recognizer names an unknown check."""
        value_chars = np.array([_value_chars(r, alphabet) for r in recognizers])
        return cls(
            values=tuple(r.value for r in recognizers),
            value_chars=value_chars,
            checks=tuple(_check_functions(r) for r in recognizers),
            single_checks=SingleChecks.of(recognizers, value_chars),
        )


def check_number_of(recognizer: Recognizer) -> int:
    """Return the number of the recognizer's compiled check, NO_CHECK if it names none.

    PYTHON_CHECK if only the ``check`` function of its module decides.
    """
    if recognizer.check is None:
        return NO_CHECK
    return check_number(recognizer.check, recognizer.region)


def _value_chars(recognizer: Recognizer, alphabet: Alphabet) -> UInt8:
    """Return the value character of each folded byte (``uint8[256]``), 0 to drop the byte.

    All 0 for ``keep: text``, where the value is the text itself. ``keep: digits_x`` maps ``×`` to
    X: ``43010419050615001× -> 43010419050615001X``; ``keep: dressed`` also circled digits
    and letters to digits: ``l③8OO13 -> 1380013``.
    """
    keep = recognizer.value.keep
    chars_of_byte = np.zeros(256, np.uint8)
    if keep == "text":
        return chars_of_byte
    chars_of_byte[48:58] = np.arange(48, 58)
    chars_of_byte[HAN_DIGIT : HAN_DIGIT + 10] = np.arange(48, 58)
    if keep == "dressed":
        _read_dress(chars_of_byte, alphabet)
    if keep in ("digits_x", "dressed"):
        chars_of_byte[[ord("x"), ord("X")]] = ord("X")
        for byte, chars in alphabet.members:
            if any(char in _CHECK_DIGIT_X for char in chars):
                chars_of_byte[byte] = ord("X")
    elif keep in ("alnum", "visible"):
        chars_of_byte[65:91] = np.arange(65, 91)
        chars_of_byte[97:123] = np.arange(97, 123)
    if keep == "visible":
        chars_of_byte[33:127] = np.arange(33, 127)
        chars_of_byte[OTHER + 1 :] = chars_of_byte[[HAN, OTHER]] = ord("?")
        chars_of_byte[CIRCLED_DIGIT : CIRCLED_DIGIT + 10] = ord("?")
        for byte, chars in alphabet.members:
            new = {recognizer.value.replace.get(char, "") for char in chars} - {""}
            if new and max(new) < "\x80":
                chars_of_byte[byte] = ord(min(new))
    if recognizer.value.case == "upper":
        chars_of_byte[97:123] -= chars_of_byte[97:123] // np.uint8(97) * np.uint8(32)
    if recognizer.value.case == "lower":
        chars_of_byte[65:91] += np.uint8(32)
    return chars_of_byte


def _read_dress(chars_of_byte: UInt8, alphabet: Alphabet) -> None:
    """Set the digits of circled digits and of letters typed for digits in ``chars_of_byte``."""
    chars_of_byte[CIRCLED_DIGIT : CIRCLED_DIGIT + 10] = np.arange(48, 58)
    for digit, letters in _LOOKALIKE_DIGITS.items():
        for byte in alphabet.table[[ord(letter) for letter in letters]]:
            if byte != OTHER:
                chars_of_byte[byte] = 48 + digit


def _check_functions(recognizer: Recognizer) -> CheckFunctions:
    """Return the functions of the recognizer's check, none if it names no check.

    Raise CatalogError if there is no such check.
    """
    name = recognizer.check
    if name is None:
        return CheckFunctions()
    try:
        if not name.isidentifier():
            raise ImportError
        return load_check(name, recognizer.region)
    except ImportError:
        raise CatalogError("rule.no_check", file=recognizer.file, name=name) from None
