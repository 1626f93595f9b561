"""Names of social accounts: without @ and the address of the site, at least five characters."""

from __future__ import annotations

from functools import partial
from typing import Final

from piiscan.detect.checks import canonical_rows, judge_rows
from piiscan.detect.checks.check_numbers import SOCIAL_NAME_CHECK

#: Pages of a site and formats of numbers, which are nobody's account (lower case).
PAGES: Final = frozenset(
    b"addemoji addstickers addtheme boost contact download giveaway invoice joinchat login "
    b"proxy setlanguage share socks username".split()
)

#: Return the names without the address of the site and ``@``. ``https://t.me/demo_88 -> demo_88``;
#: ``@demo_88 -> demo_88``.
canonical: Final = partial(canonical_rows, SOCIAL_NAME_CHECK)
#: Judge names: plausible; refuted (PLACEHOLDER) if too short or a page of the site.
check: Final = partial(judge_rows, SOCIAL_NAME_CHECK)
