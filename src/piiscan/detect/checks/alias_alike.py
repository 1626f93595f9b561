"""WeChat aliases behind words that sound like 微信: names of satellites are refuted."""

from __future__ import annotations

from functools import partial
from typing import Final

from piiscan.detect.checks import judge_rows
from piiscan.detect.checks.check_numbers import ALIAS_ALIKE_CHECK

#: Judge aliases: plausible; refuted without small letters or digits, or of a wrong length. Refuted
#: too: a capital, then letters, a hyphen or none, and up to four digits (``Beidou-3``).
check: Final = partial(judge_rows, ALIAS_ALIKE_CHECK)
