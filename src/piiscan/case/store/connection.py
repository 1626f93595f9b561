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
def connect(
    temporary: Path | None, *, memory: str | None = None, small: bool = False
) -> Iterator[Any]:
    """Yield a new DuckDB connection that spills to ``temporary``; close it at the end.

    Raise CaseError if ``memory`` is not enough for data that cannot spill.  With its defaults
    DuckDB would spill to the working directory, perhaps into evidence, and download extensions.

    Args:
        temporary: folder for data that does not fit in memory. None: nothing spills.
        memory: memory limit, as DuckDB writes it. Default: MEMORY.
        small: True for few rows. Queries then run in one thread and as they are written.
    """
    import duckdb

    spill = ""
    if temporary is not None:
        make_private_folder(temporary)
        spill = str(temporary / "duckdb")
    connection = duckdb.connect(
        config={
            "memory_limit": memory or MEMORY,
            "temp_directory": spill,
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            **({"threads": "1"} if small else {}),
        }
    )
    try:
        # the bar would be printed among the lines of a verb
        connection.execute("set enable_progress_bar = false")
        if small:
            connection.execute("pragma disable_optimizer")
        connection.execute("set lock_configuration = true")
        yield connection
    except duckdb.OutOfMemoryException:
        raise CaseError("case.memory", folder=temporary, memory=memory or MEMORY) from None
    finally:
        connection.close()
