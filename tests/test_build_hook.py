"""The hook of the build: what it compiles again, what it says of errors, and its compilers."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]
ONE = """\
import cython
from cython.cimports.piiscan.a.shared import THREE


def times_three(number: cython.int) -> int:
    return number * THREE
"""
TWO = """\
import cython


def one_more(number: cython.int) -> int:
    return number + 1
"""
SHARED = "cdef enum:\n    THREE = 3\n"


@pytest.fixture
def hook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The hook, with a checkout of two kernel modules; one imports a declaration."""
    spec = importlib.util.spec_from_file_location("build_hook", ROOT / ".ci" / "build_hook.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)  # as hatchling does: not in sys.modules
    package = tmp_path / "src" / "piiscan"
    (package / "a").mkdir(parents=True)
    for folder in (package, package / "a"):
        (folder / "__init__.py").touch()
    (package / "a" / "one_kernels.py").write_text(ONE)
    (package / "a" / "shared.pxd").write_text(SHARED)
    (package / "two_kernels.py").write_text(TWO)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "SOURCE", tmp_path / "src")
    monkeypatch.setattr(module, "PACKAGE", package)
    monkeypatch.setattr(module, "WORK", tmp_path / "build" / "kernels")
    for name in ("PIISCAN_TARGET", "PIISCAN_SANITIZE"):
        monkeypatch.delenv(name, raising=False)
    return module


def answer(hook: ModuleType, code: str) -> str:
    """What a new process prints that has the compiled modules."""
    return subprocess.run(
        [sys.executable, "-c", code],
        check=True, capture_output=True, text=True, env={"PYTHONPATH": str(hook.SOURCE)},
    ).stdout  # fmt: skip


def test_only_modules_whose_sources_have_changed_are_compiled(hook: ModuleType) -> None:
    if not hook.c_compiler():
        pytest.skip("there is no C compiler")
    assert hook.compile_kernels() == ["piiscan.a.one_kernels", "piiscan.two_kernels"]
    code = "from piiscan.a.one_kernels import times_three; print(times_three(14))"
    assert answer(hook, code) == "42\n"
    assert hook.compile_kernels() == []
    (hook.PACKAGE / "a" / "shared.pxd").write_text(SHARED.replace("3", "4"))
    assert hook.compile_kernels() == ["piiscan.a.one_kernels"]
    assert answer(hook, code) == "56\n"
    (hook.PACKAGE / "two_kernels.py").write_text(TWO + "\n")
    assert hook.compile_kernels(["one"]) == []
    assert hook.compile_kernels(["two"]) == ["piiscan.two_kernels"]
    # a module that is gone takes its compiled form with it
    (hook.PACKAGE / "two_kernels.py").unlink()
    assert hook.compile_kernels() == []
    assert not list(hook.PACKAGE.glob("two_kernels*"))
    assert list(json.loads((hook.SOURCE / hook.RECORD).read_text())) == ["a/one_kernels.py"]


def test_an_error_names_line_and_module_and_spares_the_others(hook: ModuleType) -> None:
    if not hook.c_compiler():
        pytest.skip("there is no C compiler")
    (hook.PACKAGE / "two_kernels.py").write_text(TWO.replace("number + 1", "nothing + 1"))
    with pytest.raises(SystemExit) as caught:
        hook.compile_kernels()
    told = str(caught.value)
    assert "src/piiscan/two_kernels.py:5:11: undeclared name not builtin: nothing" in told
    assert told.endswith("These modules of piiscan could not be compiled: piiscan.two_kernels")
    record = json.loads((hook.SOURCE / hook.RECORD).read_text())
    assert record["two_kernels.py"]["sources"] == {}
    assert set(record["a/one_kernels.py"]["sources"]) == {"a/one_kernels.py", "a/shared.pxd"}
    (hook.PACKAGE / "two_kernels.py").write_text(TWO)
    assert hook.compile_kernels() == ["piiscan.two_kernels"]


def test_an_error_of_the_c_compiler_shows_its_words(
    hook: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CC", f"{sys.executable} -c 'raise SystemExit(\"no room\")'")
    with pytest.raises(SystemExit, match=r"no room\n\nThese modules .*: piiscan.two_kernels$"):
        hook.compile_kernels(["two"])


def test_zig_is_wanted_where_there_is_no_compiler_and_for_other_machines(
    hook: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    built = hook.KernelsHook.__new__(hook.KernelsHook)
    monkeypatch.setenv("CC", "cc")
    assert built.dependencies() == ([hook.ZIG] if sys.platform == "win32" else [])
    monkeypatch.setenv("PIISCAN_TARGET", "macos-arm64")
    assert built.dependencies() == [hook.ZIG]
    assert hook.target_machine().tag == "macosx_11_0_arm64"
    monkeypatch.delenv("PIISCAN_TARGET")
    monkeypatch.delenv("CC")
    monkeypatch.setenv("PATH", "")
    assert built.dependencies() == [hook.ZIG]
    monkeypatch.setenv("PIISCAN_TARGET", "toaster")
    with pytest.raises(SystemExit, match="'toaster', not one of linux-x86_64, "):
        built.dependencies()


def test_every_declaration_that_the_kernels_import_is_found() -> None:
    """Each ``cimport`` of this checkout leads to a file, so that no edit goes unnoticed."""
    recorded = json.loads((ROOT / "src" / "piiscan" / "kernels.json").read_text("utf-8"))
    sources = {name for facts in recorded.values() for name in facts["sources"]}
    package = ROOT / "src" / "piiscan"
    files = [*package.rglob("*_kernels.py"), *package.rglob("*.pxd"), *package.rglob("*.h")]
    assert sources == {path.relative_to(package).as_posix() for path in files}
