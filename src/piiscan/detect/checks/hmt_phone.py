"""Telephone numbers of Hong Kong, Macau and Taiwan, in international form.

``0912-345-678 -> +886912345678``, ``00852-9123 4567 -> +85291234567``
"""

from __future__ import annotations

from piiscan.arrays import Int32, UInt8
from piiscan.detect.checks import Judgement, canonical_rows, judge_rows
from piiscan.detect.checks.check_kernels import HMT_PHONE_CHECK


def canonical(chars: UInt8, length: Int32) -> tuple[UInt8, Int32]:
    """Write numbers as ``+CCNNNNNNNN``; ``09…`` is a mobile number of Taiwan.

    >>> import numpy as np
    >>> text = np.frombuffer(b"0912345678", np.uint8)[None]
    >>> canonical(text, np.array([10], np.int32))[0].tobytes().rstrip(bytes(1))
    b'+886912345678'
    """
    return canonical_rows(HMT_PHONE_CHECK, chars, length)


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge numbers of Hong Kong, Macau and Taiwan: refuted outside the allotted ranges.

    >>> import numpy as np
    >>> value = np.frombuffer(b"+85291234567+85211234567", np.uint8).reshape(2, 12)
    >>> check(value, np.full(2, 12, np.int32), as_of=20261231).verdict.tolist()
    [1, 0]
    """
    return judge_rows(HMT_PHONE_CHECK, chars, length, as_of)
