"""A report lies where it was asked for, never on evidence or on the case's own files."""

import hashlib
from pathlib import Path

import pytest

from piiscan import Case, CaseError
from piiscan.case.report.destination import save_report
from piiscan.case.store import audit_log


def told(case: Case) -> list[dict[str, str]]:
    events = audit_log.read_events(case.path / "log.jsonl")
    return [{n: e[n] for n in ("file", "sha256")} for e in events if e["event"] == "report"]


@pytest.mark.parametrize("name", ["report.xlsx", "reports/报告.xlsx", "reports/a/b.docx"])
def test_what_lies_in_the_case_is_in_its_log_and_verified(case: Case, name: str) -> None:
    kept = save_report(case, b"one", case.path / name)
    sha256 = hashlib.sha256(b"one").hexdigest()
    assert (kept.sha256, kept.logged) == (sha256, True)
    assert told(case)[-1] == {"file": name, "sha256": sha256}
    assert (case.path / name).stat().st_mode & 0o777 == 0o600
    assert case.verify() == []
    save_report(case, b"two", case.path / name)
    assert case.verify() == []
    (case.path / name).write_bytes(b"two!")
    assert [(each.reason, each.name) for each in case.verify()] == [("FILE_CHANGED", name)]
    save_report(case, b"two", case.path / name)


def test_what_lies_elsewhere_is_only_written(case: Case, tmp_path: Path) -> None:
    before = told(case)
    kept = save_report(case, b"x", tmp_path / "new" / "a.xlsx")
    assert (kept.path.read_bytes(), kept.logged) == (b"x", False)
    assert told(case) == before


@pytest.mark.parametrize(
    "name", ["manifest.json", "log.jsonl", "new.xlsx", "tables/a.csv", "counts-0001/a.json"]
)
def test_the_cases_own_files_are_never_written_over(case: Case, name: str) -> None:
    with pytest.raises(CaseError, match="own files") as refused:
        save_report(case, b"x", case.path / "reports" / ".." / name)
    assert "案卷自己的文件" in refused.value.text("zh")
    assert case.verify() == []


def test_nothing_is_written_on_or_beside_a_source(case: Case) -> None:
    place = Path(case.manifest.content["sources"][0]["place"])
    for out in (place, place.parent / "report.xlsx"):
        with pytest.raises(CaseError) as refused:
            save_report(case, b"x", out)
        assert refused.value.text("zh") != str(refused.value)
    assert not (place.parent / "report.xlsx").exists()
    assert case.verify() == []


def test_a_place_that_cannot_be_written_is_told(case: Case, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CaseError, match="cannot be written"):
        save_report(case, b"x", tmp_path / "file" / "a.xlsx")
