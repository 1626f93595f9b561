# mypy: ignore-errors
# cython: infer_types=True
"""Kernels of checks: the judgement and the canonical form of one value, by the number of its check.

The rules of each family of checks are in identity_kernels, device_kernels and account_kernels.

RESIDENT_ID_CHECK, 110105194912310021 (wrong check digit) -> REFUTED, CHECK_FAIL
"""

from typing import TYPE_CHECKING

import cython
from cython.cimports.libc.stdint import int64_t
from cython.cimports.libc.string import memset
from cython.cimports.piiscan.detect.checks.account_kernels import judge_account, write_account
from cython.cimports.piiscan.detect.checks.device_kernels import judge_device, write_device
from cython.cimports.piiscan.detect.checks.identity_kernels import judge_identity, write_identity
from cython.cimports.piiscan.kernel_arrays import *

from piiscan import arrays

if TYPE_CHECKING:
    from piiscan.detect import checks

_arrays: object = None  # the arrays that _tables refers to
_tables = cython.declare(CheckTables)


@cython.cfunc
@cython.exceptval(check=True)
def check_tables() -> cython.pointer[CheckTables]:
    """Return the tables of all checks; they are built at the first call."""
    global _arrays, _tables  # noqa: PLW0603 - built once
    if _arrays is None:
        from piiscan.detect.checks.check_tables import load_check_tables

        arrays = load_check_tables()
        _tables = check_tables_of(arrays)
        _arrays = arrays
    return cython.address(_tables)


@cython.cfunc
@cython.nogil
def judge(
    number: cython.int,
    value: UInt8,
    length: int64_t,
    as_of: int64_t,
    tables: cython.pointer[CheckTables],
) -> Outcome:
    """Judge a canonical value by check ``number``; ``as_of``: yyyymmdd.

    The verdict is UNDECIDED if only the check function of the module can decide.
    """
    if number == PYTHON_CHECK:
        return outcome_of(UNDECIDED, 0, 0)
    if number == NO_CHECK:
        return plausible()
    if number < MOBILE_CHECK:
        return judge_identity(number, value, length, as_of, tables)
    if number < BANK_CARD_CHECK:
        return judge_device(number, value, length, as_of, tables)
    return judge_account(number, value, length, as_of, tables)


@cython.ccall
@cython.nogil
def makes_canonical(number: cython.int) -> cython.bint:
    """Return True if check ``number`` has a canonical form of values."""
    return (
        number == HK_ID_CHECK
        or number == MO_ID_CHECK
        or number == PASSPORT_MRZ_CHECK
        or number == MASKED_CHECK
        or number == MASKED_ID_CHECK
        or number == VIRTUAL_NUMBER_CHECK
        or number == LANDLINE_CHECK
        or number == HMT_PHONE_CHECK
        or number == FOREIGN_PHONE_CHECK
        or number == REGION_PHONE_CHECK
        or number == ICCID_CHECK
        or number == MAC_CHECK
        or number == IP_CHECK
        or number == GPS_CHECK
        or number == SOCIAL_NAME_CHECK
        or number == EMAIL_SPELT_CHECK
    )


@cython.cfunc
@cython.nogil
def write_canonical(number: cython.int, value: UInt8, length: int64_t, out: UInt8Out) -> int64_t:
    """Write the canonical form of a value to ``out``, return its length.

    ``out`` has room for ``length`` + CANONICAL_ROOM bytes and is no part of the value. The length
    is -1 if only the module of the check can make it (numbers abroad).
    """
    if number < MOBILE_CHECK:
        return write_identity(number, value, length, out)
    if number < BANK_CARD_CHECK:
        return write_device(number, value, length, out)
    return write_account(number, value, length, out)


def write_judgements(
    number: cython.int,
    chars: arrays.UInt8,
    length: arrays.Int32,
    as_of: int64_t,
    judged: checks.Judgement,
) -> None:
    """Write the judgement of each value by check ``number`` to ``judged``; ``as_of``: yyyymmdd."""
    values: Values = values_of(chars, length)
    out: JudgementOut = judgement_out(judged)
    tables: cython.pointer[CheckTables] = check_tables()
    with cython.nogil:
        for row in range(values.rows):
            put_outcome(
                judge(number, values.chars + row * values.width, values.length[row], as_of, tables),
                cython.address(out),
                row,
            )


def write_canonical_values(
    number: cython.int,
    chars: arrays.UInt8,
    length: arrays.Int32,
    canonical: arrays.UInt8,
    sizes: arrays.Int32,
) -> None:
    """Write the canonical form of each value to ``canonical`` and its length to ``sizes``.

    Rows of ``canonical`` are CANONICAL_ROOM bytes wider than those of ``chars``.
    """
    values: Values = values_of(chars, length)
    width: int64_t = canonical.shape[1]
    out: UInt8Out = uint8_out(canonical)
    lengths: Int32Out = int32_out(sizes)
    with cython.nogil:
        for row in range(values.rows):
            size = write_canonical(
                number, values.chars + row * values.width, values.length[row], out + row * width
            )
            memset(out + row * width + size, 0, width - size)
            lengths[row] = cython.cast(cython.int, size)


def put_judgements(rows: arrays.Int64, some: checks.Judgement, out: checks.Judgement) -> None:
    """Copy the judgements ``some`` to ``rows`` of ``out``."""
    count: cython.Py_ssize_t = len(rows)
    places: Int64 = int64(rows)
    source: Judgement = judgement_of(some)
    judged: JudgementOut = judgement_out(out)
    with cython.nogil:
        for at in range(count):
            row = places[at]
            judged.verdict[row] = source.verdict[at]
            judged.reason[row] = source.reason[at]
            judged.strength[row] = source.strength[at]
