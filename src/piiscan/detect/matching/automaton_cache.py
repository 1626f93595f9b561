"""Automata kept from one process to the next, beside the machine code of the kernels.

Making them takes longer than many a scan.  A file holds arrays only, so that reading one can run
nothing; one that cannot be read, or does not fit, is made anew.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import numpy as np

from piiscan.arrays import AnyArray
from piiscan.detect.matching.automaton import Automaton
from piiscan.jit import cache_folder


def kept(name: str, make: Callable[[], Automaton]) -> Automaton:
    """The automaton kept under ``name``, or else what ``make`` makes, kept from now on.

    ``name`` must tell apart whatever ``make`` depends on; the folder tells versions apart.
    """
    folder = cache_folder()
    if folder is None:
        return make()
    file = folder / f"{name}.npz"
    automaton = _read(file)
    if automaton is None:
        automaton = make()
        with contextlib.suppress(OSError):  # a full or read-only disk costs time only
            _write(file, automaton)
    return automaton


def _read(file: Path) -> Automaton | None:
    try:
        with file.open("rb") as source, np.load(source, allow_pickle=False) as arrays:
            automaton = Automaton(**{each.name: arrays[each.name] for each in fields(Automaton)})
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
    states = len(automaton.accepting)
    table, run, last = 256 * states, 8 * states, int(automaton.accept_from[-1])
    sizes = (table, table, run, 65536, states, states + 1, last)
    return automaton if sizes == tuple(map(len, _arrays(automaton).values())) else None


def _write(file: Path, automaton: Automaton) -> None:
    """Write by rename, so that no other process ever reads half a file."""
    handle, name = tempfile.mkstemp(dir=file.parent, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as out:
            np.savez(out, allow_pickle=False, **_arrays(automaton))
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink()
        raise


def _arrays(automaton: Automaton) -> dict[str, AnyArray]:
    return {each.name: getattr(automaton, each.name) for each in fields(Automaton)}
