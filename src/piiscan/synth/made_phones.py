"""Telephone numbers that no subscriber has, in every form that dumps show."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np
import pyarrow as pa

from piiscan import data
from piiscan.arrays import UInt8
from piiscan.errors import PiiscanError
from piiscan.synth import word_lists
from piiscan.synth.made_identities import full_width
from piiscan.synth.planted_cells import Cells, fixed, glue, join, mark
from piiscan.synth.sampler import Draw, by_form

#: Written around or before the eleven digits.
_PREFIXES = {
    "plus86": "+86",
    "plus86_spaced": "+86 ",
    "bare86": "86",
    "intl86": "0086-",
    "bracket86": "(+86)",
    "leading0": "0",
}
#: Digits shown at the head and at the tail. Labels by GB/T 41833-2022 (in force 2023-02-01) hide
#: at least six digits of each telephone; older ones hid four.
_MASKS = {"masked_3_4": (3, 4), "masked_3_2": (3, 2), "masked_2023": (1, 4), "masked_2_2": (2, 2)}
_VIRTUAL_SIGNS = ("转", "-", ",", "#", " 转 ")
_HOST = "18412000"  # the fictional host of privacy numbers; three digits follow
_SERVICE = ("95338", "95554", "4008000000", "400-800-0000", "400 000 0001", "8008000000")


def digits(draw: Draw) -> UInt8:
    """Mobile numbers as ``uint8[rows, 11]``, each in a segment without subscribers."""
    segments = word_lists.segments()
    which = np.searchsorted(segments.shares, draw.rng.random(draw.rows), side="right")
    tail = word_lists.digits(10_000, 4)[draw.rng.integers(0, 10_000, draw.rows)]
    return np.concatenate([segments.code[which], tail], axis=1)


def mobile(draw: Draw, *, forms: Mapping[str, float] | None = None) -> Cells:
    """Mobile numbers.

    Forms: plain; plus86, plus86_spaced, bare86, intl86, bracket86, leading0; spaced, hyphenated
    (3-4-4), full_width; double (``A/B``); unallotted (a prefix of no network); damaged_sci;
    masked_3_4, masked_3_2, masked_2_2, masked_2023.
    """
    return by_form(draw, forms or {"plain": 1.0}, _mobile)


def _mobile(draw: Draw, form: str) -> Cells:
    chars = digits(draw)
    if form == "unallotted":
        chars[:, :3] = word_lists.rows_of(["154", "160", "163", "169", "179"])[
            draw.rng.integers(0, 5, draw.rows)
        ]
    value = fixed(chars)
    if form == "double":
        other = mark(fixed(digits(draw)), "CN_MOBILE", form=form)
        return glue([mark(value, "CN_MOBILE", form=form), "/", other], draw.rows)
    if form in _MASKS:
        head, tail = _MASKS[form]
        chars[:, head : 11 - tail] = ord("*")
        return mark(fixed(chars), "MASKED", form=form, of="CN_MOBILE", value=value)
    if form == "damaged_sci":
        return mark(_scientific(chars), "DAMAGED", form=form, of="CN_MOBILE")
    return mark(_shown(chars, form), "CN_MOBILE", form=form, value=value)


def _shown(chars: UInt8, form: str) -> pa.Array:
    """Whole numbers as they are written in ``form``."""
    text = fixed(chars)
    if form in {"plain", "unallotted"}:
        return text
    if form in _PREFIXES:
        return join([_PREFIXES[form], text])
    if form in {"spaced", "hyphenated"}:
        sign = " " if form == "spaced" else "-"
        return join([fixed(chars[:, :3]), sign, fixed(chars[:, 3:7]), sign, fixed(chars[:, 7:])])
    if form == "full_width":
        return full_width(text)
    raise PiiscanError(f"mobile has no form {form!r}; see corpora/README.md")


def _scientific(chars: UInt8) -> pa.Array:
    """``1.98E+10``: what a narrow Excel column saves to CSV.

    From 1995... on the mantissa is rounded to 2.00, which no longer looks like a telephone number;
    such numbers lose their first nines instead.
    """
    chars = chars.copy()
    chars[(chars[:, 1:3] == 57).all(axis=1) & (chars[:, 3] >= 53), 2] = 56
    numbers = (int(number) / 1e10 for number in fixed(chars).to_pylist())
    return pa.array([f"{number:.2f}E+10" for number in numbers], pa.string())


def virtual(draw: Draw) -> Cells:
    """Privacy numbers of waybills: a shared host and an extension of four digits."""
    chars = word_lists.digits(1000, 3)[draw.rng.integers(0, 1000, draw.rows)]
    host = join([_HOST, fixed(chars)])
    extension = fixed(word_lists.digits(10_000, 4)[draw.rng.integers(0, 10_000, draw.rows)])
    sign = pa.array(_VIRTUAL_SIGNS).take(
        pa.array(draw.choose(np.array([0.6, 0.25, 0.05, 0.03, 0.07])))
    )
    value = join([host, ";ext=", extension])
    return mark(join([host, sign, extension]), "CN_VIRTUAL_NUMBER", value=value)


@cache
def _areas() -> tuple[list[str], list[int]]:
    """Area codes and the digits of their numbers."""
    rows = data.rows("area_codes")
    return [row[0] for row in rows], [int(row[1][0]) for row in rows]


def landline(draw: Draw, *, forms: Mapping[str, float] | None = None) -> Cells:
    """Landline numbers ``0731-80000123`` in the block 8000 0xxx; forms: plain, extension."""
    return by_form(draw, forms or {"plain": 1.0}, _landline)


def _landline(draw: Draw, form: str) -> Cells:
    if form not in {"plain", "extension"}:
        raise PiiscanError(f"landline has no form {form!r}; see corpora/README.md")
    codes, widths = _areas()
    which = draw.rng.integers(0, len(codes), draw.rows)
    tail = draw.rng.integers(0, 1000, draw.rows)
    text = [
        f"{codes[code]}-{'80000' if widths[code] == 8 else '8000'}{number:03d}"
        for code, number in zip(which.tolist(), tail.tolist(), strict=True)
    ]
    if form == "extension":
        text = [f"{one}-{801 + number % 90}" for one, number in zip(text, tail, strict=True)]
    return mark(pa.array(text, pa.string()), "CN_LANDLINE", form=form)


def service(draw: Draw) -> Cells:
    """Hotlines of couriers and shops: an organisation's, never a person's number."""
    lines = pa.array(_SERVICE[2:])
    text = lines.take(pa.array(draw.rng.integers(0, len(lines), draw.rows)))
    return mark(text, "CN_SERVICE_NUMBER")
