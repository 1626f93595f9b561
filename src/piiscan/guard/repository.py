"""Repository: its files as git lists them, without ignored ones, and its staged changes.

Git itself reads .gitignore, so the rules are its own. Without git every file is read.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from piiscan.errors import PiiscanError
from piiscan.guard.file_findings import InputFile
from piiscan.sources.block import Trouble
from piiscan.sources.walk import display_path, walk

_HUNK: Final = re.compile(rb"^@@ -\S+ \+([0-9]+)(?:,([0-9]+))? @@", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class StagedFile:
    """File of the index: where its copy is, its path, and its changed lines (None: all)."""

    file: InputFile
    lines: frozenset[int] | None


def list_files(paths: Iterable[Path]) -> Iterator[InputFile | Trouble]:
    """Yield the files given, and those below folders that git does not ignore, each once.

    Links below a folder are Troubles without loss: their targets are read at their own place.
    """
    seen: set[Path] = set()
    for path in paths:
        for item in _files_at(path):
            if isinstance(item, Trouble):
                yield item
            elif item not in seen:
                seen.add(item)
                yield InputFile(item, display_path(item))


def _files_at(start: Path) -> Iterator[Path | Trouble]:
    """Yield a file, or those below a folder, sorted by path; of nested repositories too."""
    names = _list_names(start) if start.is_dir() else None
    if names is None:
        for item in walk([start]):
            if isinstance(item, Trouble):
                yield item
            elif ".git" not in item.path.relative_to(start).parts:
                yield item.path
        return
    for name in names:
        path = start / name
        if path.is_symlink():
            yield Trouble(display_path(path), "SYMLINK", "not followed", lost=False)
        elif path.is_dir():
            yield from _files_at(path)
        elif path.is_file():  # it may be deleted and still in the index
            yield path


def _list_names(folder: Path) -> list[str] | None:
    """Return the names of the files below ``folder`` by git, without ignored ones.

    None without git, and of a submodule that is not fetched. Raise PiiscanError if git refuses a
    repository.
    """
    listing = ("ls-files", "-z", "-o", "--exclude-standard")
    try:
        done = _git(folder, *listing, "-c")
        if done.returncode and _is_repository(folder):
            raise PiiscanError("check.git", path=folder, why=_reason(done))
        if done.returncode:  # outside a repository: an empty one lends its rules
            with tempfile.TemporaryDirectory() as empty:
                _git(folder, "init", "-q", "--bare", empty)
                outside = (f"--git-dir={empty}", f"--work-tree={folder.absolute()}")
                done = _git(folder, *outside, *listing)
    except FileNotFoundError:
        return None
    names = {path_of(name) for name in done.stdout.split(b"\0") if name}
    return None if done.returncode or "./" in names else sorted(names)


def _is_repository(folder: Path) -> bool:
    """Return True if ``folder`` or one above it has an entry ``.git``."""
    whole = folder.absolute()
    return any((each / ".git").exists() for each in (whole, *whole.parents))


def path_of(name: bytes) -> str:
    """Return a path that git prints as the text by which this system opens it."""
    return name.decode("utf-8", "surrogateescape")


def _git(
    folder: Path, *words: str, data: bytes | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run git in ``folder``, without programs that a repository's settings name."""
    safe = ("-c", "core.fsmonitor=false", "-c", "core.quotePath=false")
    return subprocess.run(
        ["git", *safe, *words], cwd=folder, input=data, capture_output=True, check=False
    )


def _reason(done: subprocess.CompletedProcess[bytes]) -> str:
    """Return the first line of the error message of git."""
    return done.stderr.decode("utf-8", "replace").strip().partition("\n")[0]


def staged_files(paths: Sequence[Path], copies: Path) -> list[StagedFile]:
    """Write the staged files at or below ``paths`` into the folder ``copies``; return them.

    Raise PiiscanError without git, or outside a repository.
    """
    here = Path()
    try:
        done = _git(here, "rev-parse", "--show-toplevel")
    except FileNotFoundError:
        raise PiiscanError("check.no_git") from None
    if done.returncode:
        raise PiiscanError("check.git", path=here.absolute(), why=_reason(done))
    top = Path(path_of(done.stdout.removesuffix(b"\n")))
    wanted = [str(path.absolute()) for path in paths]
    compared = (
        *("diff", "--cached", "--no-renames", "--no-ext-diff", "--no-textconv", "--no-color"),
        "--diff-filter=AM",
    )
    listed = _git(top, *compared, "--name-only", "-z", "--", *wanted)
    names = [path_of(name) for name in listed.stdout.split(b"\0") if name]
    patch = _git(top, *compared, "-U0", "--", *wanted).stdout
    sections = re.split(rb"^diff --git ", patch, flags=re.MULTILINE)[1:]
    written = _git(
        top, "checkout-index", "-z", "--stdin", f"--prefix={copies}/", data=listed.stdout
    )
    for each in (listed, written):
        if each.returncode:
            raise PiiscanError("check.git", path=top, why=_reason(each))
    return [
        StagedFile(InputFile(copies / name, display_path(Path(name))), _changed_lines(section))
        for name, section in zip(names, sections, strict=True)
        if not (copies / name).is_symlink() and (copies / name).is_file()
    ]


def _changed_lines(section: bytes) -> frozenset[int] | None:
    """Return the numbers of the new lines of one file in a patch; None of a binary file."""
    hunks: list[tuple[int, int]] = [
        (int(first), int(count or 1)) for first, count in _HUNK.findall(section)
    ]
    if not hunks:
        return None
    return frozenset(line for first, count in hunks for line in range(first, first + count))
