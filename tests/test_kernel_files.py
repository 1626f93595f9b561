"""Kernel files: stale and missing compiled modules are named; a digest covers them all."""

from __future__ import annotations

import hashlib
import json
import sys
import time
from pathlib import Path

import pytest

import piiscan
from piiscan.errors import KernelError
from piiscan.kernel_files import check_kernels, kernels_digest

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


@pytest.mark.parametrize(
    ("edited", "modules"),
    [
        ("a/one_kernels.py", ("a/one_kernels.py",)),
        ("a/one_kernels.pxd", ("a/one_kernels.py",)),
        ("kernel_arrays.pxd", ("a/one_kernels.py", "two_kernels.py")),
    ],
)
def test_an_edited_source_makes_its_modules_stale(
    home: Path, edited: str, modules: tuple[str, ...]
) -> None:
    with (home / edited).open("a") as file:
        file.write("#\n")
    assert stale(home) == modules


def test_a_deleted_source_makes_its_modules_stale(home: Path) -> None:
    (home / "a/one_kernels.pxd").unlink()
    assert stale(home) == ("a/one_kernels.py",)


def test_a_module_that_was_never_compiled_is_named(home: Path) -> None:
    (home / "a" / "new_kernels.py").write_text("")
    assert stale(home) == ("a/new_kernels.py",)
    (home / "two_kernels.py").with_suffix(SUFFIX).unlink()
    assert stale(home) == ("a/new_kernels.py", "two_kernels.py")


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
