"""Selection: kinds of files and paths to read (``--only``) and to omit (``--skip``)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

from piiscan.errors import PiiscanError


@dataclass(frozen=True, slots=True)
class Selection:
    """Files to read, by kind (``xlsx``) or path pattern, and if strings are read (``--raw``).

    A pattern is compared with the path and with the last part of it; the path of a member is
    ``a.zip!b.csv``. Containers are opened even if ``only`` does not name them. ``raw``: contents
    without a reader are read as strings.
    """

    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    raw: bool = False

    def takes(self, kind: str, path: str, *, container: bool) -> bool:
        """Return True if a content of format ``kind`` at ``path`` is selected.

        >>> Selection(skip=("picture", "*.log")).takes("text", "a.zip!b/c.log", container=False)
        False
        """
        if _is_named(self.skip, kind, path):
            return False
        return container or not self.only or _is_named(self.only, kind, path)

    def check(self, kinds: Iterable[str]) -> None:
        """Raise PiiscanError for a word that is no path pattern and not in ``kinds``."""
        known = sorted(set(kinds))
        for word in (*self.only, *self.skip):
            if word not in known and not any(sign in word for sign in "*?[./"):
                raise PiiscanError("source.no_kind", word=word, kinds=tuple(known))


#: Nothing is left out.
EVERYTHING: Final = Selection()


def _is_named(words: tuple[str, ...], kind: str, path: str) -> bool:
    """Return True if one of ``words`` is the kind, or a pattern of the path or its file name."""
    name = path.replace("!", "/").rpartition("/")[2]
    return any(word == kind or fnmatchcase(path, word) or fnmatchcase(name, word) for word in words)
