"""A manifest is written once, by rename, and says which code ran."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from piiscan import CaseError
from piiscan.case.store.audit_log import now, open_log
from piiscan.case.store.case_format import CASE_FORMAT
from piiscan.case.store.manifest import (
    Manifest,
    _commit,
    all_manifests,
    code_digest,
    latest_manifest,
    tool_facts,
    write_manifest,
)
from piiscan.case.store.recorded_files import manifest_name
from piiscan.errors import ChangedFileError
from tests.case.scanned import write_files


@pytest.fixture
def case(tmp_path: Path) -> Path:
    (tmp_path / "tmp").mkdir()
    return tmp_path


def write(case: Path, generation: int, *, is_logged: bool = True, **more: object) -> Manifest:
    content = {"format": CASE_FORMAT, "generation": generation, "files": {}, "sources": [], **more}

    def announce(sha256: str) -> None:
        assert (case / manifest_name(generation)).exists()
        with open_log(case) as log:
            if is_logged:
                log.append("manifest", moment=now(), generation=generation, sha256=sha256)

    return write_manifest(
        case, content, temporary=case / "tmp", mac_key=bytes(32), announce=announce
    )


def write_other(case: Path, content: str) -> None:
    """Write other bytes as the manifest that the log names."""
    (case / "manifest.json").write_text(content)
    sha256 = hashlib.sha256(content.encode()).hexdigest()
    with open_log(case) as log:
        log.append("manifest", moment=now(), generation=1, sha256=sha256)


def test_a_manifest_and_its_checksum_agree(case: Path) -> None:
    manifest = write(case, 1, note="名")
    content = (case / "manifest.json").read_bytes()
    assert hashlib.sha256(content).hexdigest() == manifest.sha256
    assert (case / "manifest.sha256").read_text() == f"{manifest.sha256}  manifest.json\n"
    assert content.isascii()


def test_a_manifest_is_never_written_over(case: Path) -> None:
    write(case, 1)
    before = (case / "manifest.json").read_bytes()
    with pytest.raises(CaseError, match="never changes"):
        write(case, 1, other=1)
    assert (case / "manifest.json").read_bytes() == before


def test_a_manifest_that_was_never_logged_is_none_and_is_written_over(case: Path) -> None:
    write(case, 1, is_logged=False)
    assert latest_manifest(case) is None
    manifest = write(case, 1, other=1)
    assert latest_manifest(case) == manifest


@pytest.mark.parametrize("change", [b"{}\n", None])
def test_a_manifest_other_than_logged_is_refused(case: Path, change: bytes | None) -> None:
    write(case, 1)
    (case / "manifest.json").unlink()
    if change is not None:
        (case / "manifest.json").write_bytes(change)
    with pytest.raises(ChangedFileError, match=r"manifest\.json"):
        latest_manifest(case)


def test_generations_are_found_in_order(case: Path) -> None:
    assert latest_manifest(case) is None
    assert all_manifests(case) == []
    manifests = [write(case, generation) for generation in (1, 2, 4)][:2]  # a gap ends them
    assert [each.generation for each in all_manifests(case)] == [1, 2]
    assert latest_manifest(case) == manifests[1]
    assert manifests[1].path.name == "manifest-0002.json"


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"format": 99}'])
def test_a_manifest_that_cannot_be_understood_is_refused(case: Path, content: str) -> None:
    write_other(case, content)
    with pytest.raises(CaseError):
        latest_manifest(case)


def test_a_case_of_an_older_format_is_refused(case: Path) -> None:
    write_other(case, '{"format": 1}')
    with pytest.raises(CaseError, match="has case format 1, this piiscan uses format 10"):
        latest_manifest(case)


def test_the_code_digest_changes_with_any_file(tmp_path: Path) -> None:
    write_files(tmp_path, {"a.py": "a = 1", "b/c.py": ""})
    before = code_digest(tmp_path)
    code_digest.cache_clear()  # it is asked once a process
    assert code_digest(tmp_path) == before
    code_digest.cache_clear()
    (tmp_path / "b" / "c.py").write_text("#")
    assert code_digest(tmp_path) != before


def test_the_tool_names_its_version_and_system() -> None:
    facts = tool_facts()
    assert set(facts) == {
        "name", "version", "code_sha256", "kernels_sha256", "commit", "libraries", "cache",
        "python", "system", "formats",
    }  # fmt: skip
    assert facts["libraries"]["numpy"] == np.__version__
    assert len(facts["code_sha256"]) == 64


@pytest.mark.parametrize(
    ("files", "commit"),
    [
        ({"HEAD": "abc\n"}, "abc"),  # a detached head
        ({"HEAD": "ref: refs/heads/main\n", "refs/heads/main": "def\n"}, "def"),
        (
            {
                "HEAD": "ref: refs/heads/main\n",
                "packed-refs": "# pack-refs\n123 refs/heads/xmain\n456 refs/heads/main\n",
            },
            "456",
        ),
        ({"HEAD": "ref: refs/heads/main\n", "packed-refs": "1 refs/heads/other\n"}, None),
        ({"HEAD": "ref: refs/heads/main\n"}, None),
        ({"HEAD": "甲"}, None),
        ({}, None),
    ],
)
def test_the_commit_is_read_from_the_files_of_git(
    files: dict[str, str], commit: str | None, tmp_path: Path
) -> None:
    write_files(tmp_path / ".git", files)
    assert _commit(tmp_path) == commit


def test_names_and_places_of_code_count_in_its_digest(tmp_path: Path) -> None:
    names = enumerate(("a.py", "b.toml", "c/a.py", "c/b.txt"))
    digests = [code_digest(write_files(tmp_path / f"{at}", {name: "x"})) for at, name in names]
    assert len(set(digests)) == 4
    assert digests[3] == hashlib.sha256(b"").hexdigest()
