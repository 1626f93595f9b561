"""Kernel files, the hook that compiles them, the tables of the build, the run with sanitizers."""

import hashlib
import importlib.util
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

import piiscan
from piiscan.errors import KernelError
from piiscan.kernel_files import check_kernels, kernels_digest

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
    counting = "# cython: infer_types=True\n" + TWO.replace("return", "count = 0; count +=")
    (hook.PACKAGE / "two_kernels.py").write_text(counting)
    with pytest.raises(SystemExit, match="declare the types of count"):
        hook.compile_kernels()
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


PROGRAM = """
import sys
from pathlib import Path
from piiscan import cache
cache._BUILT = Path(sys.argv[1])
from piiscan.build_tables import build_tables
build_tables()
"""


def built(folder: Path, seed: str) -> dict[str, str]:
    """Return the SHA-256 of each table that is built while sets have the order of ``seed``."""
    subprocess.run(
        [sys.executable, "-c", PROGRAM, str(folder)],
        env=os.environ | {"PYTHONHASHSEED": seed}, check=True,
    )  # fmt: skip
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


@pytest.mark.long
def test_tables_depend_on_no_order_of_sets(tmp_path: Path) -> None:
    one = built(tmp_path / "one", "1")
    assert sorted(one) == [f"{name}.tables" for name in ("address", "catalogue", "names", "rules")]
    assert built(tmp_path / "two", "2") == one


SCRIPT = Path(__file__).parents[1] / ".ci" / "sanitized.py"


@pytest.mark.skipif(sys.platform != "linux", reason="the sanitizers run on Linux only")
@pytest.mark.parametrize(
    ("gcc", "reason"),
    [
        (None, "gcc is not installed"),
        ('#!/bin/sh\necho "${1#*=}"\n', "gcc has no libasan.so"),  # as gcc answers without one
    ],
)
def test_without_a_sanitizer_the_package_is_named(
    gcc: str | None, reason: str, tmp_path: Path
) -> None:
    if gcc:
        (tmp_path / "gcc").write_text(gcc)
        (tmp_path / "gcc").chmod(0o755)
    done = subprocess.run(
        [sys.executable, SCRIPT, "--short"],
        check=True, capture_output=True, text=True, env={"PATH": str(tmp_path)},
    )  # fmt: skip
    install = "(Debian, Ubuntu: apt-get install gcc; libasan comes with it)"
    assert done.stdout == f"Sanitizers: skipped: {reason} {install}\n"


SUFFIX = ".pyd" if sys.platform == "win32" else ".abi3.so"
SOURCES = {
    "a/one_kernels.py": ("a/one_kernels.py", "a/one_kernels.pxd", "kernel_arrays.pxd"),
    "two_kernels.py": ("two_kernels.py", "kernel_arrays.pxd"),
}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A package of two kernel modules in a checkout, compiled just now."""
    home = tmp_path / "src" / "piiscan"
    (home / "a" / "__pycache__").mkdir(parents=True)
    record = {}
    for module, sources in SOURCES.items():
        for name in sources:
            (home / name).write_text(f"# {name}\n")
        (home / module).with_suffix(SUFFIX).write_bytes(module.encode())
        record[module] = {
            "sources": {
                name: hashlib.sha256((home / name).read_bytes()).hexdigest() for name in sources
            }
        }
    (home / "kernels.json").write_text(json.dumps(record))
    return home


def stale(home: Path) -> tuple[str, ...]:
    """The modules that the error names."""
    check_kernels.cache_clear()
    with pytest.raises(KernelError) as caught:
        check_kernels(home)
    assert caught.value.code == "kernels.stale"
    assert caught.value.fields["folder"] == home.parents[1]
    modules: tuple[str, ...] = caught.value.fields["modules"]
    return modules


def test_modules_just_compiled_are_current(home: Path) -> None:
    check_kernels(home)


def change(path: Path) -> None:
    path.write_text("# changed\n")


@pytest.mark.parametrize(
    ("act", "name", "modules"),
    [
        (change, "a/one_kernels.py", ("a/one_kernels.py",)),
        (change, "a/one_kernels.pxd", ("a/one_kernels.py",)),
        (change, "kernel_arrays.pxd", ("a/one_kernels.py", "two_kernels.py")),
        (Path.unlink, "a/one_kernels.pxd", ("a/one_kernels.py",)),
        (Path.unlink, f"two_kernels{SUFFIX}", ("two_kernels.py",)),
        (Path.touch, "a/new_kernels.py", ("a/new_kernels.py",)),
    ],
)
def test_a_changed_source_or_a_missing_module_is_stale(
    home: Path, act: Callable[[Path], object], name: str, modules: tuple[str, ...]
) -> None:
    act(home / name)
    assert stale(home) == modules


@pytest.mark.parametrize("record", [None, "", "[]", '{"two_kernels.py": 1}'])
def test_without_a_readable_record_every_module_is_stale(home: Path, record: str | None) -> None:
    (home / "kernels.json").unlink()
    if record is not None:
        (home / "kernels.json").write_text(record)
    assert stale(home) == tuple(SOURCES)


def test_an_error_names_few_modules_and_counts_all(home: Path) -> None:
    for number in range(9):
        (home / f"m{number}_kernels.py").write_text("")
    check_kernels.cache_clear()
    with pytest.raises(KernelError) as caught:
        check_kernels(home)
    assert caught.value.text("en").startswith(
        "9 modules are not compiled, or older than their sources"
        " (m0_kernels.py, m1_kernels.py, m2_kernels.py, m3_kernels.py, m4_kernels.py);"
    )


def test_an_installed_package_needs_its_compiled_modules_only(home: Path) -> None:
    for name in {name for sources in SOURCES.values() for name in sources}:
        (home / name).unlink()
    check_kernels(home)
    (home / "two_kernels.py").with_suffix(SUFFIX).unlink()
    check_kernels.cache_clear()
    with pytest.raises(KernelError) as caught:
        check_kernels(home)
    assert caught.value.code == "kernels.missing"


def test_the_digest_covers_each_compiled_module(home: Path) -> None:
    first = kernels_digest(home)
    kernels_digest.cache_clear()
    assert kernels_digest(home) == first
    (home / "two_kernels.py").with_suffix(SUFFIX).write_bytes(b"other machine code")
    kernels_digest.cache_clear()
    assert kernels_digest(home) != first


def test_the_check_of_this_package_costs_little() -> None:
    home = Path(piiscan.__file__).parent
    times = []
    for _ in range(10):
        check_kernels.cache_clear()
        start = time.process_time()
        check_kernels(home)
        times.append(time.process_time() - start)
    assert min(times) < 0.02  # 2 ms; ten times that is a mistake
