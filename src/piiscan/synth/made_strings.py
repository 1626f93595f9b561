"""Fictional strings: accounts, order numbers, cards, dates, decoys from patterns and lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from piiscan.arrays import Int64, UInt8
from piiscan.detect.arithmetic.weighted_sums import EAN_13, GB_11714, GB_32100, S10
from piiscan.errors import PiiscanError
from piiscan.synth import word_lists
from piiscan.synth.planted_cells import Cells, check_characters, join_strings, matrix_strings, plant
from piiscan.synth.sampler import Draw, by_form

#: Random characters by pattern sign; any other sign is literal.
PATTERN_SIGNS = {
    "#": b"0123456789",
    "~": b"0123456789abcdef",
    "^": b"ABCDEFGHJKLMNPQRSTUVWXYZ",
    "%": b"abcdefghijklmnopqrstuvwxyz0123456789",
    "&": b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
}
#: By check: the weighted sums that set a character, each with its characters and the place of its
#: check character. A social credit code ends with that of its organisation code and its own.
_SUMS = {
    "ean13": ((EAN_13, slice(12), 12),),
    "s10": ((S10, slice(2, 10), 10),),
    "uscc": ((GB_11714, slice(8, 16), 16), (GB_32100, slice(17), 17)),
}


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
    if check in {"luhn", "luhn_wrong"}:
        values = chars[:, :-1].astype(np.int64) - 48
        chars[:, -1] = 48 + (luhn_digit(values) + (check == "luhn_wrong")) % 10
    elif check is not None and check not in _SUMS:
        raise PiiscanError("made.unknown_setting", kind="pattern", setting="check", value=check)
    for row, body, place in _SUMS.get(check or "", ()):
        chars[:, place] = check_characters(row, chars[:, body])
    return chars


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
