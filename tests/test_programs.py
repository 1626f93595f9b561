"""Programs of the system: each has its sentence, and tests look for them in one place."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.programs import PROGRAMS, find_program, missing_program

TESTS = Path(__file__).parent


@pytest.mark.program
def test_a_missing_program_has_a_sentence_with_its_package(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    for name, program in PROGRAMS.items():
        assert missing_program(name).endswith(f": apt-get install {program.package}")
    other = tmp_path / "chromium-browser"
    other.touch(0o755)
    assert (find_program("chromium"), missing_program("chromium")) == (str(other), "")
    assert missing_program("chromium", "openssl") == missing_program("openssl")


@pytest.mark.program
def test_the_script_prints_what_is_missing_but_for_extras(tmp_path: Path) -> None:
    command = [sys.executable, TESTS / "programs.py"]
    env = {"PATH": str(tmp_path)}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    packages = [each.package for each in PROGRAMS.values() if not each.extra]
    assert done.stdout.split() == packages


def test_tests_look_for_programs_in_one_place() -> None:
    looking = {
        path.relative_to(TESTS).as_posix()
        for path in TESTS.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and ast.unparse(node) == "shutil.which"
    }
    assert looking == {"programs.py"}
