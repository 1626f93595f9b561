"""E-mail addresses: syntax of the usual dot-atom form (RFC 5322, 5321) and a known top domain.

System senders that no person reads (noreply, mailer-daemon, git remotes) are LOW, and so is an
address with an unlisted top domain.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from piiscan.arrays import Int32, UInt8
from piiscan.data import TLD_WIDTH, tlds
from piiscan.detect.checks import REASON, Judgement, Strength, Verdict
from piiscan.jit import inner, kernel

_AT: Final = ord("@")
_DOT: Final = ord(".")
_SYSTEM: Final = np.array(
    sorted(
        b"noreply no-reply no_reply no.reply donotreply do-not-reply do_not_reply "
        b"mailer-daemon mailerdaemon postmaster hostmaster abuse bounce bounces daemon nobody "
        b"notification notifications notify newsletter auto-reply autoreply root git hg svn".split()
    ),
    f"S{TLD_WIDTH}",
).view(np.uint8).reshape(-1, TLD_WIDTH)  # fmt: skip
_EMAIL_SYNTAX: Final = REASON["EMAIL_SYNTAX"]
_TLD_UNKNOWN: Final = REASON["TLD_UNKNOWN"]
_SYSTEM_MAILBOX: Final = REASON["SYSTEM_MAILBOX"]
_REFUTED: Final = int(Verdict.REFUTED)
_PLAUSIBLE: Final = int(Verdict.PLAUSIBLE)
_LOW: Final = int(Strength.LOW)


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge e-mail addresses: verified by good syntax and a known top domain; values in lower case.

    >>> value = np.frombuffer(b"zhangsan@example.com", np.uint8)[None]
    >>> check(value, np.array([20], np.int32), as_of=20261231).verdict.tolist()
    [2]
    """
    del as_of
    judged = Judgement.of(len(chars), Verdict.VERIFIED)
    known = tlds().view(np.uint8).reshape(-1, TLD_WIDTH)
    _judge(chars, length, known, _SYSTEM, judged)
    return judged


@kernel
def _judge(
    chars: UInt8, length: Int32, known: UInt8, system: UInt8, judged: Judgement
) -> None:  # pragma: no cover - compiled
    """Write the judgement of each address (a row of ``chars``) to ``judged``.

    ``known``, ``system``: top domains and system senders, in order, padded with 0.
    """
    for row in range(len(chars)):
        size = length[row]
        at, dot = -1, -1
        for place in range(size):
            if at < 0 and chars[row, place] == _AT:
                at = place
            if chars[row, place] == _DOT:
                dot = place
        if not _is_dot_atom(chars, row, at, dot, size):
            judged.verdict[row], judged.reason[row] = _REFUTED, _EMAIL_SYNTAX
        elif not _is_listed(chars, row, dot + 1, size, known):
            judged.verdict[row], judged.reason[row] = _PLAUSIBLE, _TLD_UNKNOWN
            judged.strength[row] = _LOW
        elif _is_listed(chars, row, 0, at, system):
            judged.reason[row], judged.strength[row] = _SYSTEM_MAILBOX, _LOW


@inner
def _is_dot_atom(
    chars: UInt8, row: int, at: int, dot: int, size: int
) -> bool:  # pragma: no cover - compiled
    """Return True for a dot-atom address; its domain labels have at most 63 characters (RFC 1035).

    ``at``, ``dot``: places of the first ``@`` and the last dot, -1 for none.
    """
    if not 0 < at <= 64 or dot <= at + 1 or size > 254:
        return False
    if chars[row, 0] == _DOT or chars[row, at - 1] == _DOT:
        return False
    cut = 0  # the last dot, or the @
    for place in range(1, size):
        if chars[row, place] == _DOT and chars[row, place - 1] == _DOT:
            return False
        if place == at or chars[row, place] == _DOT:
            cut = place
        if place > at and place - cut > 63:
            return False
    return True


@inner
def _is_listed(
    chars: UInt8, row: int, first: int, last: int, listed: UInt8
) -> bool:  # pragma: no cover - compiled
    """Return True if characters ``[first, last)`` of a row are one of ``listed``, by bisection."""
    low, high = 0, len(listed) - 1
    if last - first > TLD_WIDTH:
        return False
    while low <= high:
        middle = (low + high) // 2
        order = 0
        for place in range(TLD_WIDTH):
            one = chars[row, first + place] if first + place < last else np.uint8(0)
            if one != listed[middle, place]:
                order = -1 if one < listed[middle, place] else 1
                break
        if order == 0:
            return True
        if order < 0:
            high = middle - 1
        else:
            low = middle + 1
    return False
