"""Repositories of git that tests make."""

import subprocess
from pathlib import Path

import pytest

import piiscan

MOBILE, OTHER = "13912345678", "13987654321"
CODE = f'name = "demo"\nphone = "{MOBILE}"\n'


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the current folder, a new repository of git."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PIISCAN_BASELINE_KEY", raising=False)
    git("init", "-q")
    return tmp_path


def git(*words: str) -> None:
    names = ("-c", "user.name=demo", "-c", "user.email=demo@example.com")
    subprocess.run(["git", *names, *words], check=True, capture_output=True)


def states(result: piiscan.Check) -> list[tuple[str, int | None, str]]:
    return [(each.file, each.line, each.state) for each in result.findings]
