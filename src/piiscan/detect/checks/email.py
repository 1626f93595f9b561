"""E-mail addresses: syntax of the usual dot-atom form (RFC 5322, 5321) and a known top domain.

System senders that no person reads (noreply, mailer-daemon, git remotes) are LOW, and so is an
address with an unlisted top domain.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from piiscan.arrays import Bool, Int32, UInt8
from piiscan.data import TLD_WIDTH, tlds
from piiscan.detect.checks import Judgement, Strength, Verdict

_AT: Final = ord("@")
_DOT: Final = ord(".")
_SYSTEM: Final = np.array(
    sorted(
        b"noreply no-reply no_reply no.reply donotreply do-not-reply do_not_reply "
        b"mailer-daemon mailerdaemon postmaster hostmaster abuse bounce bounces daemon nobody "
        b"notification notifications notify newsletter auto-reply autoreply root git hg svn".split()
    ),
    f"S{TLD_WIDTH}",
)


def _slice_bytes(chars: UInt8, start: Int32, end: Int32) -> npt.NDArray[np.bytes_]:
    """Return ``chars[start:end]`` of each row as one byte string, cut at TLD_WIDTH: S24[k]."""
    place = start[:, None] + np.arange(TLD_WIDTH)
    inside = place < end[:, None]
    taken = np.take_along_axis(chars, np.minimum(place, chars.shape[1] - 1), axis=1) * inside
    return np.ascontiguousarray(taken).view(f"S{TLD_WIDTH}")[:, 0]


def _label_lengths_ok(chars: UInt8, at: Int32, length: Int32) -> Bool:
    """Return a mask of addresses whose domain labels have at most 63 characters (RFC 1035)."""
    if chars.shape[1] <= 64:
        return np.ones(len(chars), np.bool_)
    place = np.arange(chars.shape[1])
    cut = (chars == _DOT) | (place == at[:, None])
    last = np.maximum.accumulate(np.where(cut, place, -1), axis=1)
    run = np.where((place > at[:, None]) & (place < length[:, None]), place - last, 0)
    result: Bool = run.max(axis=1) <= 63
    return result


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge e-mail addresses: verified by good syntax and a known top domain; values in lower case.

    >>> value = np.frombuffer(b"zhangsan@example.com", np.uint8)[None]
    >>> check(value, np.array([20], np.int32), as_of=20261231).verdict.tolist()
    [2]
    """
    del as_of
    rows, width = chars.shape
    at = np.argmax(chars == _AT, axis=1).astype(np.int32)
    dot = (width - 1 - np.argmax(chars[:, ::-1] == _DOT, axis=1)).astype(np.int32)
    here = np.arange(rows)
    two_dots = ((chars[:, 1:] == _DOT) & (chars[:, :-1] == _DOT)).any(axis=1)
    wrong = two_dots | (at == 0) | (at > 64) | (dot <= at + 1) | (length > 254)
    wrong |= (chars[:, 0] == _DOT) | (chars[here, at - 1] == _DOT)
    wrong |= ~_label_lengths_ok(chars, at, length)
    judged = Judgement.of(rows, Verdict.VERIFIED)
    judged.mark(wrong, "EMAIL_SYNTAX", verdict=Verdict.REFUTED)
    top = _slice_bytes(chars, dot + 1, length)
    known = tlds()
    found = np.minimum(np.searchsorted(known, top), len(known) - 1)
    strange = (known[found] != top) | (length - dot - 1 > TLD_WIDTH)
    judged.mark(strange, "TLD_UNKNOWN", verdict=Verdict.PLAUSIBLE, strength=Strength.LOW)
    system = np.isin(_slice_bytes(chars, np.zeros_like(at), at), _SYSTEM) & (at <= TLD_WIDTH)
    judged.mark(system, "SYSTEM_MAILBOX", strength=Strength.LOW)
    return judged
