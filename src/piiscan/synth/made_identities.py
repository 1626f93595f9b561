"""Fictional names and resident identity numbers, in every form that occurs in dumps."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from piiscan.arrays import UInt8
from piiscan.detect.arithmetic.weighted_sums import GB_11643
from piiscan.errors import PiiscanError
from piiscan.synth import word_lists
from piiscan.synth.planted_cells import (
    Cells,
    check_characters,
    group_strings,
    join_strings,
    matrix_strings,
    plant,
)
from piiscan.synth.sampler import Draw, by_form

#: Unmasked characters of a masked number: at the start, at the end.
MASKED_IDS = {
    "masked_6_4": (6, 4),
    "masked_4_4": (4, 4),
    "masked_3_4": (3, 4),
    "masked_1_1": (1, 1),
}


def name(draw: Draw, *, of: str = "person", forms: Mapping[str, float] | None = None) -> Cells:
    """Return one fictional person name per row, of the persons with role ``of``.

    Forms: plain, dotted (阿·买), masked_star (张*), masked_stars (张**), masked_head (*三).
    """
    return by_form(draw, forms or {"plain": 1.0}, lambda part, form: _make_name(part, of, form))


def _make_name(draw: Draw, role: str, form: str) -> Cells:
    """Return one person name per row in one ``form``. Raise PiiscanError if it is unknown."""
    names, people = word_lists.name_lists(), draw.people(role)
    if form == "dotted":
        first, last = (
            pa.array(parts).take(pa.array(draw.rng.integers(0, len(parts), draw.rows)))
            for parts in word_lists.read_words("dotted.txt").values()
        )
        return plant(join_strings([first, "·", last]), "PERSON", form=form)
    surname = names.surname.take(pa.array(people.surname))
    first = names.character.take(pa.array(people.given_first))
    second = names.character.take(pa.array(people.given_second))
    full = join_strings([surname, first, second])
    if form == "plain":
        return plant(full, "PERSON")
    masks = {
        "masked_star": [surname, "*"],
        "masked_stars": [surname, "**"],
        "masked_head": ["*", first, second],
    }
    if form not in masks:
        raise PiiscanError("made.unknown_setting", kind="name", setting="form", value=form)
    return plant(
        join_strings(masks[form]), "MASKED", form=form, original_entity="PERSON", value=full
    )


@cache
def _date_digits() -> UInt8:
    """Return the dates 1900-01-01 to 2099-12-31 as ``uint8[days, 8]``, ``YYYYMMDD``."""
    days = np.arange(np.datetime64("1900-01-01"), np.datetime64("2100-01-01"))
    return word_lists.byte_rows([str(day).replace("-", "") for day in days])


def identity_numbers(draw: Draw, role: str, *, bad_date: bool = False) -> UInt8:
    """Return valid identity numbers of the persons in role ``role``: ``uint8[rows, 18]``.

    ``bad_date``: the month is 13 to 19, so that only the calendar refutes the number.
    """
    people, regions = draw.people(role), word_lists.region_table()
    first_day = np.datetime64("1900-01-01").astype("datetime64[D]").astype(np.int64)
    chars = np.empty((draw.rows, 18), np.uint8)
    chars[:, :6] = regions.code[people.region]
    chars[:, 6:14] = _date_digits()[people.born - first_day]
    chars[:, 14:17] = word_lists.digit_rows(1000, 3)[people.sequence]
    if bad_date:
        chars[:, 10] = ord("1")
        chars[:, 11] = ord("3") + draw.rng.integers(0, 7, draw.rows)
    chars[:, 17] = check_characters(GB_11643, chars[:, :17])
    return chars


def resident_id(
    draw: Draw, *, of: str = "person", forms: Mapping[str, float] | None = None
) -> Cells:
    """Return one identity number per row, of the persons with role ``of``.

    Forms: plain, lower_x, grouped (6-8-4 with hyphens), spaced, full_width, old15, hmt (residence
    permit for Hong Kong, Macao and Taiwan residents); invalid: wrong_check, bad_date; damaged by
    Excel: damaged_15sig, damaged_sci; masked: masked_6_4 and others.
    """
    return by_form(
        draw, forms or {"plain": 1.0}, lambda part, form: _make_resident_id(part, of, form)
    )


def _make_resident_id(draw: Draw, role: str, form: str) -> Cells:
    """Return one identity number per row in ``form``. Raise PiiscanError if it is unknown."""
    chars = identity_numbers(draw, role, bad_date=form == "bad_date")
    if form in MASKED_IDS:
        head, tail = MASKED_IDS[form]
        value = matrix_strings(chars)
        chars[:, head : 18 - tail] = ord("*")
        return plant(
            matrix_strings(chars),
            "MASKED",
            form=form,
            original_entity="CN_RESIDENT_ID",
            value=value,
        )
    if form.startswith("damaged_"):
        return _damage(chars, form)
    if form == "old15":
        old = np.concatenate([chars[:, :6], chars[:, 8:14], np.full((draw.rows, 3), 48)], axis=1)
        return plant(matrix_strings(old.astype(np.uint8)), "CN_RESIDENT_ID", form=form)
    if form == "hmt":
        chars[:, :6] = word_lists.byte_rows(["810000", "820000", "830000"])[
            draw.rng.integers(0, 3, draw.rows)
        ]
        chars[:, 17] = check_characters(GB_11643, chars[:, :17])
    if form == "wrong_check":
        checks = np.frombuffer(GB_11643.checks.encode(), np.uint8)
        current = (chars[:, 17:] == checks).argmax(axis=1)
        chars[:, 17] = checks[(current + draw.rng.integers(1, 11, draw.rows)) % 11]
    return _write_form(chars, form)


def _write_form(chars: UInt8, form: str) -> Cells:
    """Write valid 18-character numbers in ``form``. Raise PiiscanError if it is unknown."""
    value = matrix_strings(chars)
    text = value
    if form == "lower_x":
        text = pc.utf8_lower(value)
    elif form in {"grouped", "spaced"}:
        text = group_strings(chars, (6, 8, 4), "-" if form == "grouped" else " ")
    elif form == "full_width":
        text = to_full_width(value)
    elif form not in {"plain", "hmt", "wrong_check", "bad_date"}:
        raise PiiscanError("made.unknown_setting", kind="resident_id", setting="form", value=form)
    refuted = form in {"wrong_check", "bad_date"}
    return plant(text, "CN_RESIDENT_ID", form=form, value=value, refuted=refuted)


def _damage(chars: UInt8, form: str) -> Cells:
    """Damage identity numbers as Excel does: 15 digits and ``000``, or an exponent.

    ``430104190506150016 -> 430104190506150000``, ``4.30104E+17``
    """
    if form == "damaged_15sig":
        chars[:, 15:18] = 48
        passing = check_characters(GB_11643, chars[:, :17]) == 48  # 1 in 11: change a digit
        chars[passing, 14] -= 1
        text = matrix_strings(chars)
    elif form == "damaged_sci":
        rounded = [f"{int(number[:17]) / 1e16:.5f}" for number in matrix_strings(chars).to_pylist()]
        text = pa.array([f"{number.rstrip('0').rstrip('.')}E+17" for number in rounded])
    else:
        raise PiiscanError("made.unknown_setting", kind="resident_id", setting="form", value=form)
    return plant(text, "DAMAGED", form=form, original_entity="CN_RESIDENT_ID")


def to_full_width(text: pa.Array) -> pa.Array:
    """Convert ASCII characters of strings to full-width forms: ``A1 -> Ａ１``.

    >>> to_full_width(pa.array(["1X"])).to_pylist()
    ['１Ｘ']
    """
    wide = str.maketrans({code: code + 0xFEE0 for code in range(0x21, 0x7F)})
    return pa.array([one.translate(wide) for one in text.to_pylist()], pa.string())


def attribute(draw: Draw, *, what: str, of: str = "person") -> Cells:
    """Return sex (男, 女) or birth date (1990-01-31) of the persons with role ``of``.

    Raise PiiscanError if ``what`` is neither sex nor birth.
    """
    people = draw.people(of)
    if what == "sex":
        return Cells(pa.array(["女", "男"]).take(pa.array(people.male)))
    if what == "birth":
        days = np.datetime_as_string(people.born.astype("datetime64[D]"))
        return Cells(pa.array(days.tolist(), pa.string()))
    raise PiiscanError("made.no_attribute", name=what)
