"""E-mail addresses: syntax of the usual dot-atom form (RFC 5322, 5321) and a known top domain.

System senders that no person reads (noreply, mailer-daemon, git remotes) are LOW, and so is an
address with an unlisted top domain.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from piiscan.arrays import Int32, UInt8
from piiscan.data import TLD_WIDTH, tlds
from piiscan.detect.checks import Judgement, Verdict
from piiscan.detect.checks.check_kernels import judge_emails

_SYSTEM: Final = np.array(
    sorted(
        b"noreply no-reply no_reply no.reply donotreply do-not-reply do_not_reply "
        b"mailer-daemon mailerdaemon postmaster hostmaster abuse bounce bounces daemon nobody "
        b"notification notifications notify newsletter auto-reply autoreply root git hg svn".split()
    ),
    f"S{TLD_WIDTH}",
).view(np.uint8).reshape(-1, TLD_WIDTH)  # fmt: skip


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge e-mail addresses: verified by good syntax and a known top domain; values in lower case.

    >>> value = np.frombuffer(b"zhangsan@example.com", np.uint8)[None]
    >>> check(value, np.array([20], np.int32), as_of=20261231).verdict.tolist()
    [2]
    """
    del as_of
    judged = Judgement.of(len(chars), Verdict.VERIFIED)
    known = tlds().view(np.uint8).reshape(-1, TLD_WIDTH)
    judge_emails(chars, length, known, _SYSTEM, judged)
    return judged
