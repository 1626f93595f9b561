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
    assert {path.relative_to(package).as_posix() for path in files} <= sources
    assert all((package / name).is_file() for name in sources)


PYTHON = """\
from typing import Final, NamedTuple
from piiscan.arrays import Int64, UInt8
FEWEST: Final = 2
class Parts(NamedTuple):
    'Numbers.'
    numbers: Int64
class Spans(NamedTuple):
    parts: Parts
    kind: UInt8
    size: int
    @property
    def most(self) -> int:
        return 10 * self.size
    @property
    def words(self) -> list[str]:
        return []
class Words(NamedTuple):
    words: list[str]
"""
READER = """\
from cython.cimports.piiscan.a.spans import *
from cython.cimports.piiscan.kernel_arrays import *

def add(spans):
    view: Spans = spans_of(spans)
    out: PartsOut = parts_out(spans.parts)
    out.numbers[0] += FEWEST
    return view.parts.numbers[0] + view.parts.rows + view.size + view.most
"""


def test_numbers_and_tuples_of_arrays_are_declared_in_python(hook: ModuleType) -> None:
    if not hook.c_compiler():
        pytest.skip("there is no C compiler")
    module, kernel = hook.PACKAGE / "a" / "spans.py", hook.PACKAGE / "a" / "add_kernels.py"
    module.write_text(PYTHON)
    kernel.write_text(READER)
    for name in ("kernel_arrays.pxd", "arrays.py"):
        (hook.PACKAGE / name).write_bytes((ROOT / "src" / "piiscan" / name).read_bytes())
    assert "Words" not in hook.c_declarations(module)
    assert "piiscan.a.add_kernels" in hook.compile_kernels()
    code = (
        "import numpy, piiscan.a.add_kernels as kernels, piiscan.a.spans as spans;"
        "numbers = spans.Parts(numpy.array([3, 4]));"
        "print(kernels.add(spans.Spans(numbers, numpy.zeros(1, numpy.uint8), 7)))"
    )
    assert answer(hook, code) == f"{3 + 2 + 2 + 7 + 70}\n"
    # words that C does not see: only the record is new
    module.write_text(PYTHON.replace("'Numbers.'", "'Numbers of parts.'"))
    before = (hook.SOURCE / hook.RECORD).read_text()
    assert hook.compile_kernels() == []
    assert (hook.SOURCE / hook.RECORD).read_text() != before
    module.write_text(PYTHON.replace("FEWEST: Final = 2", "FEWEST: Final = 1"))
    assert hook.compile_kernels() == ["piiscan.a.add_kernels"]
    assert answer(hook, code) == f"{3 + 1 + 2 + 7 + 70}\n"
