"""One number is the format of a case; the present one is read, any other is refused."""

import hashlib
import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from piiscan import CaseError
from piiscan.case.store import case_format
from piiscan.case.store.case_format import CASE_FORMAT, add_format, read_case_json
from piiscan.case.store.job_store import JobStore

SOURCE = Path(case_format.__file__).parents[2]


def test_no_other_module_of_the_case_has_a_number_of_a_format() -> None:
    numbered = re.compile(r"^_?\w*FORMAT\w*(?:: Final)? = [0-9]+$|[\"']format[\"']: ", re.MULTILINE)
    found = {
        path.relative_to(SOURCE / "case").as_posix()
        for path in (SOURCE / "case").rglob("*.py")
        if numbered.search(path.read_text("utf-8"))
    }
    assert found == {"store/case_format.py", "tiers/rule_file.py"}  # rules are no file of a case


@pytest.mark.parametrize("number", [CASE_FORMAT - 1, CASE_FORMAT + 1, str(CASE_FORMAT), None, 1])
def test_a_file_of_another_format_is_refused_with_both_numbers(
    number: object, tmp_path: Path
) -> None:
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps({"format": number}))
    with pytest.raises(CaseError) as refused:
        read_case_json(path)
    assert refused.value.text("en") == (
        f"{path} has case format {number}, this piiscan uses format {CASE_FORMAT};"
        " scan again with this version, or use the version that wrote the case"
    )
    assert "请用本版重新扫描，或换用立卷时的版本" in refused.value.text("zh")


def test_a_file_is_read_with_its_digest(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(add_format({"a": 1})))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert read_case_json(path) == ({"format": CASE_FORMAT, "a": 1}, digest)


@pytest.mark.parametrize("damage", [b"[4]", b"4", b"\xff", b'{"a": 1}', None])
def test_a_damaged_file_is_no_file_of_another_format(damage: bytes | None, tmp_path: Path) -> None:
    if damage is not None:
        (tmp_path / "a.json").write_bytes(damage)
    with pytest.raises(CaseError, match="is damaged"):
        read_case_json(tmp_path / "a.json")


def store_number(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("pragma user_version").fetchone()[0])


def renumber(path: Path, number: int) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"pragma user_version = {number}")


def test_a_job_store_has_the_number_of_the_case(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    JobStore(path).close()
    assert store_number(path) == CASE_FORMAT
    for number in (0, CASE_FORMAT - 1, CASE_FORMAT + 1):
        renumber(path, number)
        before = path.read_bytes()
        with pytest.raises(CaseError, match=f"has case format {number}"):
            JobStore(path)
        assert path.read_bytes() == before
    renumber(path, CASE_FORMAT)
    JobStore(path).close()  # the refusal has released the lock
