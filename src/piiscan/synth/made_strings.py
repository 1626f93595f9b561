"""Fictional strings: accounts, order numbers, cards, dates, decoys from patterns and lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from piiscan.arrays import Int64, UInt8
from piiscan.errors import PiiscanError
from piiscan.synth import word_lists
from piiscan.synth.planted_cells import Cells, join_strings, matrix_strings, plant
from piiscan.synth.sampler import Draw, by_form

#: Random characters by pattern sign; any other sign is literal.
PATTERN_SIGNS = {
    "#": b"0123456789",
    "~": b"0123456789abcdef",
    "^": b"ABCDEFGHJKLMNPQRSTUVWXYZ",
    "%": b"abcdefghijklmnopqrstuvwxyz0123456789",
    "&": b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
}
#: Characters of a unified social credit code, by value (GB 32100-2015).
_USCC = b"0123456789ABCDEFGHJKLMNPQRTUWXY"


def draw_pattern(draw: Draw, shape: str) -> UInt8:
    """Return random strings that match ``shape`` (ASCII) as ``uint8[rows, len(shape)]``.

    ``AB-## -> AB-07``
    """
    chars = np.empty((draw.rows, len(shape)), np.uint8)
    for column, sign in enumerate(shape):
        choice = PATTERN_SIGNS.get(sign)
        if choice is None:
            chars[:, column] = ord(sign)
        else:
            drawn = draw.rng.integers(0, len(choice), draw.rows)
            chars[:, column] = np.frombuffer(choice, np.uint8)[drawn]
    return chars


def _set_check_digit(chars: UInt8, check: str | None) -> UInt8:
    """Set the check digit required by ``check`` in ``chars`` and return them.

    The digit is the last character; in S10 numbers, the ninth digit. Raise PiiscanError if
    ``check`` is unknown.
    """
    if check is None:
        return chars
    values = chars.astype(np.int64) - 48
    if check in {"luhn", "luhn_wrong"}:
        chars[:, -1] = 48 + (luhn_digit(values[:, :-1]) + (check == "luhn_wrong")) % 10
    elif check == "ean13":
        total = (values[:, :12] * np.array([1, 3] * 6)).sum(axis=1)
        chars[:, 12] = 48 + (-total) % 10
    elif check == "s10":
        total = (values[:, 2:10] * np.array([8, 6, 4, 2, 3, 5, 9, 7])).sum(axis=1)
        rest = 11 - total % 11
        chars[:, 10] = 48 + np.where(rest == 10, 0, np.where(rest == 11, 5, rest))
    elif check == "uscc":
        _set_uscc_digits(chars)
    else:
        raise PiiscanError("made.unknown_setting", kind="pattern", setting="check", value=check)
    return chars


def _set_uscc_digits(chars: UInt8) -> None:
    """Set both check characters of social credit codes, in place.

    They are the check digits of the organisation code (GB 11714) and of the whole code (GB 32100).
    """
    value_of = np.zeros(256, np.int64)
    value_of[np.frombuffer(_USCC, np.uint8)] = np.arange(31)
    letters = np.where(chars >= 65, chars - 55, chars - 48).astype(np.int64)
    rest = 11 - (letters[:, 8:16] * np.array([3, 7, 9, 10, 5, 8, 4, 2])).sum(axis=1) % 11
    chars[:, 16] = np.where(rest == 10, ord("X"), 48 + rest % 11)
    weights = np.array([3**n % 31 for n in range(17)])
    total = (value_of[chars[:, :17]] * weights).sum(axis=1)
    chars[:, 17] = np.frombuffer(_USCC, np.uint8)[-total % 31]


def luhn_digit(values: Int64) -> Int64:
    """Return the Luhn check digits (ISO/IEC 7812-1 annex B) for ``values``, ``int64[rows, n]``.

    >>> luhn_digit(np.array([[7, 9, 9, 2, 7, 3, 9, 8, 7, 1]])).tolist()
    [3]
    """
    doubled = values.copy()
    doubled[:, ::-2] *= 2
    doubled -= np.where(doubled > 9, 9, 0)
    return np.asarray(-doubled.sum(axis=1) % 10)


def pattern(
    draw: Draw,
    *,
    patterns: Mapping[str, float],
    entity: str | None = None,
    form: str = "plain",
    check: str | None = None,
    refuted: bool = False,
) -> Cells:
    """Return one string per row from weighted patterns, as value of ``entity`` or plain text.

    Signs: ``#`` digit, ``~`` hex digit, ``^`` capital, ``%`` lower-case letter or digit, ``&`` any
    letter or digit. ``check``: luhn, luhn_wrong, ean13, s10 or uscc. ``refuted``: True if the check
    fails.
    """

    def make(part: Draw, shape: str) -> Cells:
        """Return one string per row that matches the pattern ``shape``."""
        text = matrix_strings(_set_check_digit(draw_pattern(part, shape), check))
        if entity is None:
            return Cells(text)
        return plant(text, entity, form=form, refuted=refuted)

    return by_form(draw, patterns, make)


def shared_pattern(
    draw: Draw, *, table: str, entity: str | None = None, name: bool = False
) -> Cells:
    """Return strings of a pattern drawn from ``words/table`` (name, weight, pattern, check).

    The choice is shared by the row, so that carrier and waybill number, bank and card number agree.
    ``name``: True returns the pattern's name instead.
    """
    rows = word_lists.read_table(table)
    which = draw.shared_choice(table, np.array([float(row[1]) for row in rows]))
    if name:
        return Cells(pa.array([row[0] for row in rows]).take(pa.array(which)))
    text = np.empty(draw.rows, dtype=object)
    for number, row in enumerate(rows):
        where = np.flatnonzero(which == number)
        if len(where):
            check = row[3] if len(row) > 3 and row[3] else None
            chars = _set_check_digit(draw_pattern(draw.part(where), row[2]), check)
            text[where] = matrix_strings(chars).to_pylist()
    strings = pa.array(text.tolist(), pa.string())
    return Cells(strings) if entity is None else plant(strings, entity)


def email(draw: Draw, *, of: str = "person", domains: Mapping[str, float]) -> Cells:
    """Return one e-mail address per row (surname, hyphen), a form that providers never assign."""
    people = draw.people(of)
    surname = word_lists.name_lists().pinyin.take(pa.array(people.surname))
    number = matrix_strings(word_lists.digit_rows(1000, 3)[draw.rng.integers(0, 1000, draw.rows)])
    names = list(domains)
    chosen = draw.choose(np.array([float(domains[name]) for name in names]))
    letters = matrix_strings(draw_pattern(draw, "%%%"))
    domain = pa.array(names).take(pa.array(chosen))
    return plant(join_strings([surname, "-", letters, number, "@", domain]), "EMAIL_ADDRESS")


def choice(
    draw: Draw, *, items: Mapping[str, float] | Sequence[str], entity: str | None = None
) -> Cells:
    """Return one of ``items`` per row, drawn by weight if they have weights."""
    weighted = items if isinstance(items, Mapping) else dict.fromkeys(items, 1.0)
    names = [str(name) for name in weighted]
    chosen = draw.choose(np.array([float(weight) for weight in weighted.values()]))
    text = pa.array(names).take(pa.array(chosen))
    return Cells(text) if entity is None else plant(text, entity)


def integer(draw: Draw, *, low: int, high: int) -> Cells:
    """Return one random integer per row, as text, from ``low`` to ``high``."""
    return Cells(pc.cast(pa.array(draw.rng.integers(low, high + 1, draw.rows)), pa.string()))


def price(draw: Draw, *, low: float, high: float) -> Cells:
    """Return one amount per row with two decimals, evenly spread on a logarithmic scale."""
    cents = np.exp(draw.rng.uniform(np.log(low), np.log(high), draw.rows)) * 100
    whole = cents.astype(np.int64)
    tail = matrix_strings(word_lists.digit_rows(100, 2)[whole % 100])
    return Cells(join_strings([pc.cast(pa.array(whole // 100), pa.string()), ".", tail]))


@cache
def _minutes(first: str, last: str) -> tuple[int, int]:
    """Convert two ISO times to minutes since 1970."""
    low = np.datetime64(first, "m").astype(np.int64)
    return int(low), int(np.datetime64(last, "m").astype(np.int64))


def time(draw: Draw, *, first: str, last: str, style: str = "minute") -> Cells:
    """Return one random time per row from ``first`` to ``last``, as text.

    ``style``: minute, second, day, compact or epoch_ms. Raise PiiscanError for another style.
    """
    low, high = _minutes(first, last)
    seconds = draw.rng.integers(low * 60, high * 60, draw.rows)
    if style == "epoch_ms":
        return Cells(pc.cast(pa.array(seconds * 1000 + seconds % 997), pa.string()))
    widths = {"minute": 16, "second": 19, "day": 10, "compact": 19}
    if style not in widths:
        raise PiiscanError("made.unknown_setting", kind="time", setting="style", value=style)
    stamps = np.datetime_as_string(seconds.astype("datetime64[s]"))
    cut = [one[: widths[style]].replace("T", " ") for one in stamps.tolist()]
    text = pa.array(cut, pa.string())
    if style == "compact":
        text = pc.replace_substring_regex(text, "[^0-9]", "")
    return Cells(text)
