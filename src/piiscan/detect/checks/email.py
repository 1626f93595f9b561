"""E-mail addresses: syntax of the usual dot-atom form (RFC 5322, 5321) and a known top domain.

System senders that no person reads (noreply, mailer-daemon, git remotes) are LOW, and so is an
address with an unlisted top domain.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from piiscan.detect.checks import judge_rows
from piiscan.detect.checks.check_numbers import EMAIL_CHECK

#: System senders, in small letters.
SENDERS: Final = frozenset(
    b"noreply no-reply no_reply no.reply donotreply do-not-reply do_not_reply mailer-daemon "
    b"mailerdaemon postmaster hostmaster abuse bounce bounces daemon nobody notification "
    b"notifications notify newsletter auto-reply autoreply root git hg svn".split()
)

#: Judge e-mail addresses: verified by good syntax and a known top domain; values in lower case.
check: Final = partial(judge_rows, EMAIL_CHECK)
