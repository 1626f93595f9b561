"""Fictional telephone numbers without subscribers, in every form that occurs in dumps."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np
import pyarrow as pa

from piiscan import data
from piiscan.arrays import UInt8
from piiscan.errors import PiiscanError
from piiscan.synth import word_lists
from piiscan.synth.made_identities import to_full_width
from piiscan.synth.planted_cells import (
    Cells,
    group_strings,
    join_cells,
    join_strings,
    matrix_strings,
    plant,
)
from piiscan.synth.sampler import Draw, by_form

#: Text before the eleven digits, by form.
_PREFIXES = {
    "plus86": "+86",
    "plus86_spaced": "+86 ",
    "bare86": "86",
    "intl86": "0086-",
    "bracket86": "(+86)",
    "leading0": "0",
}
#: Unmasked digits at the start and at the end. Labels by GB/T 41833-2022 (in force 2023-02-01)
#: mask at least six digits of each telephone number; older ones masked four.
_MASKS = {"masked_3_4": (3, 4), "masked_3_2": (3, 2), "masked_2023": (1, 4), "masked_2_2": (2, 2)}
_VIRTUAL_SIGNS = ("转", "-", ",", "#", " 转 ")
_HOST = "18412000"  # fictional host of privacy numbers; three digits follow
_SERVICE = ("95338", "95554", "4008000000", "400-800-0000", "400 000 0001", "8008000000")


def mobile_digits(draw: Draw) -> UInt8:
    """Return mobile numbers as ``uint8[rows, 11]``, each in a segment without subscribers."""
    segments = word_lists.free_segments()
    which = np.searchsorted(segments.shares, draw.rng.random(draw.rows), side="right")
    tail = word_lists.digit_rows(10_000, 4)[draw.rng.integers(0, 10_000, draw.rows)]
    return np.concatenate([segments.code[which], tail], axis=1)


def mobile(draw: Draw, *, forms: Mapping[str, float] | None = None) -> Cells:
    """Return one fictional mobile number per row, in one of ``forms``.

    Forms: plain; plus86, plus86_spaced, bare86, intl86, bracket86, leading0; spaced, hyphenated
    (3-4-4), full_width; double (``A/B``); unallotted (a prefix of no network); damaged_sci;
    masked_3_4, masked_3_2, masked_2_2, masked_2023.
    """
    return by_form(draw, forms or {"plain": 1.0}, _make_mobile)


def _make_mobile(draw: Draw, form: str) -> Cells:
    """Return mobile numbers in one ``form``. Raise PiiscanError if it is unknown."""
    chars = mobile_digits(draw)
    if form == "unallotted":
        chars[:, :3] = word_lists.byte_rows(["154", "160", "163", "169", "179"])[
            draw.rng.integers(0, 5, draw.rows)
        ]
    value = matrix_strings(chars)
    if form == "double":
        second = plant(matrix_strings(mobile_digits(draw)), "CN_MOBILE", form=form)
        return join_cells([plant(value, "CN_MOBILE", form=form), "/", second], draw.rows)
    if form in _MASKS:
        head, tail = _MASKS[form]
        chars[:, head : 11 - tail] = ord("*")
        return plant(
            matrix_strings(chars), "MASKED", form=form, original_entity="CN_MOBILE", value=value
        )
    if form == "damaged_sci":
        return plant(_to_scientific(chars), "DAMAGED", form=form, original_entity="CN_MOBILE")
    return plant(_write_form(chars, form), "CN_MOBILE", form=form, value=value)


def _write_form(chars: UInt8, form: str) -> pa.Array:
    """Write 11-digit mobile numbers in ``form``. Raise PiiscanError if it is unknown."""
    text = matrix_strings(chars)
    if form in {"plain", "unallotted"}:
        return text
    if form in _PREFIXES:
        return join_strings([_PREFIXES[form], text])
    if form in {"spaced", "hyphenated"}:
        return group_strings(chars, (3, 4, 4), " " if form == "spaced" else "-")
    if form == "full_width":
        return to_full_width(text)
    raise PiiscanError("made.unknown_setting", kind="mobile", setting="form", value=form)


def _to_scientific(chars: UInt8) -> pa.Array:
    """Write mobile numbers as Excel saves a narrow column to CSV: ``1.98E+10``.

    From 1995… up the mantissa is rounded to 2.00, which no longer looks like a telephone number.
    The second 9 of such numbers is replaced by 8.
    """
    chars = chars.copy()
    chars[(chars[:, 1:3] == 57).all(axis=1) & (chars[:, 3] >= 53), 2] = 56
    numbers = (int(number) / 1e10 for number in matrix_strings(chars).to_pylist())
    return pa.array([f"{number:.2f}E+10" for number in numbers], pa.string())


def virtual(draw: Draw) -> Cells:
    """Return privacy numbers of waybills: a shared host and an extension of four digits.

    ``18412000001转1234``.  No extension is a year, since a date follows a number like that.
    """
    chars = word_lists.digit_rows(1000, 3)[draw.rng.integers(0, 1000, draw.rows)]
    host = join_strings([_HOST, matrix_strings(chars)])
    number = draw.rng.integers(0, 10_000, draw.rows)
    number[(number >= 1900) & (number < 2100)] += 200
    extension = matrix_strings(word_lists.digit_rows(10_000, 4)[number])
    sign = pa.array(_VIRTUAL_SIGNS).take(
        pa.array(draw.choose(np.array([0.6, 0.25, 0.05, 0.03, 0.07])))
    )
    value = join_strings([host, ";ext=", extension])
    return plant(join_strings([host, sign, extension]), "CN_VIRTUAL_NUMBER", value=value)


@cache
def _area_codes() -> tuple[list[str], list[int]]:
    """Return area codes, and at the same index the digits of their subscriber numbers."""
    rows = data.rows("area_codes")
    return [row[0] for row in rows], [int(row[1][0]) for row in rows]


def landline(draw: Draw, *, forms: Mapping[str, float] | None = None) -> Cells:
    """Return landline numbers ``0731-80000123`` in the block 8000 0xxx; forms: plain, extension."""
    return by_form(draw, forms or {"plain": 1.0}, _make_landline)


def _make_landline(draw: Draw, form: str) -> Cells:
    """Return landline numbers in one ``form``. Raise PiiscanError if it is unknown."""
    if form not in {"plain", "extension"}:
        raise PiiscanError("made.unknown_setting", kind="landline", setting="form", value=form)
    codes, widths = _area_codes()
    which = draw.rng.integers(0, len(codes), draw.rows)
    tail = draw.rng.integers(0, 1000, draw.rows)
    text = [
        f"{codes[code]}-{'80000' if widths[code] == 8 else '8000'}{number:03d}"
        for code, number in zip(which.tolist(), tail.tolist(), strict=True)
    ]
    if form == "extension":
        text = [f"{one}-{801 + number % 90}" for one, number in zip(text, tail, strict=True)]
    return plant(pa.array(text, pa.string()), "CN_LANDLINE", form=form)


def service(draw: Draw) -> Cells:
    """Return one hotline number of a courier or shop per row, no person's number."""
    lines = pa.array(_SERVICE[2:])
    text = lines.take(pa.array(draw.rng.integers(0, len(lines), draw.rows)))
    return plant(text, "CN_SERVICE_NUMBER")
