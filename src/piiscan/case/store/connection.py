"""DuckDB connection of a case: bounded memory, spill inside the case, no network, no extensions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
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
def connect(temporary: Path, *, memory: str | None = None) -> Iterator[Any]:
    """Yield a new DuckDB connection that spills to ``temporary``; close it at the end.

    Raise CaseError if ``memory`` is not enough for data that cannot spill.  With its defaults
    DuckDB would spill to the working directory, perhaps into evidence, and download extensions.
    """
    import duckdb

    make_private_folder(temporary)
    connection = duckdb.connect(
        config={
            "memory_limit": memory or MEMORY,
            "temp_directory": str(temporary / "duckdb"),
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
        }
    )
    try:
        # the bar would be printed among the lines of a verb
        connection.execute("set enable_progress_bar = false")
        connection.execute("set lock_configuration = true")
        yield connection
    except duckdb.OutOfMemoryException:
        raise CaseError("case.memory", folder=temporary, memory=memory or MEMORY) from None
    finally:
        connection.close()
