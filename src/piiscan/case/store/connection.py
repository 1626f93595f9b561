"""DuckDB connection of a case: bounded memory, spill inside the case, no network, no extensions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final

from piiscan.errors import CaseError
from piiscan.output_files import make_private_folder

#: Memory limit of DuckDB, enough for tens of millions of findings; beyond it DuckDB spills.
MEMORY: Final = "256MB"


def literal(value: object) -> str:
    """Return ``value`` as an SQL string: in quotes, with inner quotes doubled.

    >>> print(literal("it's"))
    'it''s'
    """
    return "'" + str(value).replace("'", "''") + "'"


def literals(values: Iterable[object]) -> str:
    """Return ``values`` as quoted SQL strings joined by commas."""
    return ", ".join(map(literal, values))


@contextmanager
def connect(temporary: Path | None, *, memory: str | None = None, **settings: Any) -> Iterator[Any]:
    """Yield a new DuckDB connection that spills to ``temporary``; close it at the end.

    Nothing spills if ``temporary`` is None. ``settings``: further ones of DuckDB.

    Raise CaseError if ``memory`` is not enough for data that cannot spill.  With its defaults
    DuckDB would spill to the working directory, perhaps into evidence, and download extensions.
    """
    import duckdb

    spill = ""
    if temporary is not None:
        make_private_folder(temporary)
        spill = str(temporary / "duckdb")
    connection = duckdb.connect(config=_settings(spill, memory or MEMORY) | settings)
    try:
        # the bar would be printed among the lines of a verb
        connection.execute("set enable_progress_bar = false")
        connection.execute("set lock_configuration = true")
        yield connection
    except duckdb.OutOfMemoryException:
        raise CaseError("case.memory", folder=temporary or "", memory=memory or MEMORY) from None
    finally:
        connection.close()


@contextmanager
def connect_in_memory() -> Iterator[Any]:
    """Yield a DuckDB connection for few rows; drop its temporary tables and views at the end.

    Nothing spills. Queries run in one thread and as they are written: planning them costs more
    than running them.
    """
    connection = _memory_database().cursor()
    try:
        connection.execute("pragma disable_optimizer")
        yield connection
    finally:
        connection.close()


@cache
def _memory_database() -> Any:
    """Return the process's database in memory: opening one costs as much as thirty queries."""
    import duckdb

    database = duckdb.connect(config=_settings("", MEMORY) | {"threads": 1})
    database.execute("set enable_progress_bar = false")
    return database


def _settings(spill: str, memory: str) -> dict[str, Any]:
    """Return the settings of a database that spills to the folder ``spill``; none if empty."""
    return {
        "memory_limit": memory,
        "temp_directory": spill,
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }
