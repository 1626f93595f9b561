"""Sheets handed in are kept byte for byte, logged, and verified."""

import shutil
from contextlib import closing
from pathlib import Path

import pytest

from piiscan import CaseError
from piiscan.case.integrity.verify import verify_case
from piiscan.case.store import audit_log as logs
from piiscan.case.store.attachments import (
    Attachment,
    all_attachments,
    latest_attachment,
    store_attachment,
)
from piiscan.case.store.audit_log import AuditLog


@pytest.fixture
def case(plain: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(plain / "case", tmp_path / "case"))


def hand(case: Path, kind: str, content: bytes, suffix: str = ".xlsx") -> Attachment:
    with closing(AuditLog(case / "log.jsonl")) as log:
        return store_attachment(case, kind, content, suffix=suffix, log=log)


def test_a_sheet_is_kept_byte_for_byte_and_the_newest_counts(case: Path) -> None:
    assert latest_attachment(case, "register") is None
    names = [hand(case, "register", bytes(content)).name for content in (b"a", b"b", b"a")]
    assert names == [f"handed/register-000{n}.xlsx" for n in (1, 2, 3)]
    assert [(case / name).read_bytes() for name in names] == [b"a", b"b", b"a"]
    last = latest_attachment(case, "register")
    assert last is not None
    assert last.name == names[-1]
    assert (case / "handed").stat().st_mode & 0o777 == 0o700
    assert (case / names[0]).stat().st_mode & 0o777 == 0o600
    assert verify_case(case) == []


def test_the_same_sheet_given_again_is_the_one_that_is_there(case: Path) -> None:
    first = hand(case, "register", b"a")
    assert hand(case, "register", b"a") == first
    assert hand(case, "exclude", b"a").name == "handed/exclude-0001.xlsx"
    assert len(all_attachments(case)) == 2
    assert logs.broken_link(case / "log.jsonl") is None


@pytest.mark.parametrize(("suffix", "kept"), [(".CSV", ".csv"), (".张三", ""), ("", "")])
def test_of_a_name_only_a_plain_extension_is_kept(case: Path, suffix: str, kept: str) -> None:
    assert hand(case, "register", b"a", suffix).name == f"handed/register-0001{kept}"


def test_verify_tells_of_a_sheet_changed_gone_or_put_in(case: Path) -> None:
    for content in (b"abc", b"abd"):
        hand(case, "register", content)
    (case / "handed" / "register-0001.xlsx").write_bytes(b"abd")
    (case / "handed" / "register-0002.xlsx").unlink()
    (case / "handed" / "register-0003.xlsx").write_bytes(b"")
    assert [(d.reason, d.name) for d in verify_case(case)] == [
        ("FILE_CHANGED", "handed/register-0001.xlsx"),
        ("FILE_MISSING", "handed/register-0002.xlsx"),
        ("FILE_UNKNOWN", "handed/register-0003.xlsx"),
    ]


def test_a_sheet_that_went_missing_is_kept_again(case: Path) -> None:
    (case / hand(case, "register", b"a").name).unlink()
    assert hand(case, "register", b"a").name == "handed/register-0002.xlsx"


def test_a_case_that_cannot_be_written_says_so(case: Path) -> None:
    (case / "handed").write_bytes(b"in the way")
    with pytest.raises(CaseError, match="cannot be written"):
        hand(case, "register", b"a")
