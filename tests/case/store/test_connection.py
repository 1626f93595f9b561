"""DuckDB stays within the case: bounded memory, own spill, no extensions."""

from pathlib import Path

import duckdb
import pytest

from piiscan import CaseError
from piiscan.case.store import connection
from piiscan.case.store.connection import connect


def setting(base, name: str) -> str:
    return str(base.execute(f"select current_setting('{name}')").fetchone()[0])


def test_memory_spill_and_extensions_are_settled(tmp_path: Path) -> None:
    with connect(tmp_path / "tmp") as base:
        assert setting(base, "temp_directory").startswith(str(tmp_path))
        assert setting(base, "autoinstall_known_extensions").lower() == "false"
        assert setting(base, "autoload_known_extensions").lower() == "false"
        assert "MiB" in setting(base, "memory_limit")
        assert setting(base, "enable_progress_bar").lower() == "false"


def test_a_query_cannot_change_that(tmp_path: Path) -> None:
    with connect(tmp_path / "tmp") as base, pytest.raises(duckdb.Error):
        base.execute("set temp_directory = '/somewhere'")


def test_spill_goes_to_the_case_and_is_gone_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "MEMORY", "64MB")
    with connect(tmp_path / "tmp") as base:
        number = base.execute(
            "select count(*) from (select distinct hash(i) from range(6000000) t(i))"
        ).fetchone()
        assert number == (6_000_000,)
    assert [path for path in (tmp_path / "tmp").rglob("*") if path.is_file()] == []


def test_too_little_memory_is_told_with_what_to_do(tmp_path: Path) -> None:
    with (
        pytest.raises(CaseError, match=r"do not fit in the 20MB of memory.*ask for fewer"),
        connect(tmp_path / "tmp", memory="20MB") as base,
    ):
        base.execute("select list(n) from range(20_000_000) t(n)").fetchall()
