"""Separators of credential lists (``----``, ``::``, tab), and characters permitted around them.

``13800138000----abc12345`` -> separator ``----``.
"""

from __future__ import annotations

from typing import Final

import numpy as np

#: Separators of the fields of a list, as findings name them.
SEPARATORS: Final = ("----", "---", "::", "|", "\t", ":")
#: Endings of a line account: last character, optional blank, dashes (``10001 ---``).
ACCOUNT_ENDINGS: Final = tuple(
    f"{char}{blank}---" for char in "0123456789abcdefghijklmnopqrstuvwxyz" for blank in ("", " ")
)
#: [byte]: True for bytes with which a separator may start.
SEPARATOR_STARTS: Final = np.zeros(256, np.bool_)
SEPARATOR_STARTS[[ord(char) for char in "-:| \t"]] = True
