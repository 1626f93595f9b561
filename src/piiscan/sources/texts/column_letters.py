"""Column letters: the names of columns in spreadsheets, A to Z, AA and so on."""

from __future__ import annotations


def column_letter(number: int) -> str:
    """Return the letter of a column as in spreadsheets; empty for 0, an unsplit line.

    >>> column_letter(1), column_letter(27), column_letter(0)
    ('A', 'AA', '')
    """
    letters = ""
    while number > 0:
        number, digit = divmod(number - 1, 26)
        letters = chr(65 + digit) + letters
    return letters


def column_number(letters: bytes) -> int:
    """Return the number of a column from 1; 0 without letters.

    >>> column_number(b"A"), column_number(b"aa")
    (1, 27)
    """
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number
