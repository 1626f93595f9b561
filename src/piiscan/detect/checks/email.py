"""E-mail addresses: syntax of the usual dot-atom form (RFC 5322, 5321) and a known top domain.

System senders that no person reads (noreply, mailer-daemon, git remotes) are LOW, and so is an
address with an unlisted top domain.
"""

from __future__ import annotations

from typing import Final

from piiscan.arrays import Int32, UInt8
from piiscan.detect.checks import Judgement, judge_rows
from piiscan.detect.checks.check_kernels import EMAIL_CHECK

#: System senders, in small letters.
SENDERS: Final = frozenset(
    b"noreply no-reply no_reply no.reply donotreply do-not-reply do_not_reply mailer-daemon "
    b"mailerdaemon postmaster hostmaster abuse bounce bounces daemon nobody notification "
    b"notifications notify newsletter auto-reply autoreply root git hg svn".split()
)


def check(chars: UInt8, length: Int32, *, as_of: int) -> Judgement:
    """Judge e-mail addresses: verified by good syntax and a known top domain; values in lower case.

    >>> import numpy as np
    >>> value = np.frombuffer(b"zhangsan@example.com", np.uint8)[None]
    >>> check(value, np.array([20], np.int32), as_of=20261231).verdict.tolist()
    [2]
    """
    return judge_rows(EMAIL_CHECK, chars, length, as_of)
