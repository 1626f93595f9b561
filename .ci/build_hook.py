"""Build hook: compile the kernels of piiscan, all modules called ``*_kernels.py``, in place.

Kernels are Python with typed names (Cython's pure-Python mode). A kernel module becomes C and then
an extension module for the stable ABI of Python 3.11, beside its source. A module is compiled again
only if its source, a declaration (``.pxd``, ``.h``) or this file has changed.

Where there is no C compiler, the package ``ziglang`` brings one. Variables of the environment:
``CC``, and ``PIISCAN_SANITIZE=1`` for a build with the sanitizers of addresses and of undefined
behaviour.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "piiscan"
#: Digest of the sources of each compiled module, by module name.
RECORD = PACKAGE / "kernels.json"
WORK = ROOT / "build" / "kernels"
SUFFIX = ".pyd" if sys.platform == "win32" else ".abi3.so"
MACROS = [("Py_LIMITED_API", "0x030B0000"), ("CYTHON_LIMITED_API", "1")]
DIRECTIVES = {
    "language_level": "3",
    "boundscheck": False,
    "wraparound": False,
    "cdivision": True,
    "initializedcheck": False,
    "legacy_implicit_noexcept": True,
    "emit_code_comments": False,
}
#: Fused multiplication and addition would change how the network rounds.
FLAGS = ["-O2", "-g0", "-w", "-ffp-contract=off", "-fwrapv", "-fno-strict-aliasing"]
SANITIZE = ["-fsanitize=address,undefined", "-fno-sanitize=alignment", "-fno-omit-frame-pointer"]


class KernelsHook(BuildHookInterface[Any]):
    """Hook of the build backend that compiles the kernels before files are collected."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Return the package that brings a C compiler, if there is none."""
        return [] if has_compiler() else ["ziglang>=0.13"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Compile the kernels and mark the wheel as one for this platform."""
        if self.target_name != "wheel":
            return
        compile_kernels()
        build_data["artifacts"] += [f"src/piiscan/**/*{SUFFIX}", "src/piiscan/kernels.json"]
        build_data["pure_python"] = False
        system = sysconfig.get_platform().replace("-", "_").replace(".", "_")
        build_data["tag"] = f"cp311-abi3-{system}"


def has_compiler() -> bool:
    """Return True if this machine has a C compiler."""
    if sys.platform == "win32":
        return True  # setuptools looks for that of Visual Studio itself
    named = os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc"
    return any(map(shutil.which, (named.split()[0], "cc", "gcc", "clang")))


def kernel_modules() -> list[Path]:
    """Return the sources of the kernel modules, in order."""
    return sorted(PACKAGE.rglob("*_kernels.py"))


def module_name(source: Path) -> str:
    """Return the dotted name of a module."""
    return ".".join(source.relative_to(PACKAGE.parent).with_suffix("").parts)


def source_digest(source: Path) -> str:
    """Return the digest of what a compiled module depends on."""
    shared = sorted([*PACKAGE.rglob("*.pxd"), *PACKAGE.rglob("*.h")])
    digest = hashlib.sha256()
    for path in [source, *shared, Path(__file__)]:
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def compile_kernels(only: Iterable[str] = ()) -> list[str]:
    """Compile the modules that have changed, in place, and return their names.

    ``only``: parts of the names of modules; others are left as they are.
    """
    flags = [*FLAGS, *(SANITIZE if os.environ.get("PIISCAN_SANITIZE") else [])]
    known = json.loads(RECORD.read_text("utf-8")) if RECORD.exists() else {}
    current = {
        module_name(source): source_digest(source)
        + ("-sanitized" if len(flags) > len(FLAGS) else "")
        for source in kernel_modules()
    }
    stale = [
        source
        for source in kernel_modules()
        if known.get(module_name(source)) != current[module_name(source)]
        or not source.with_suffix(SUFFIX).exists()
    ]
    if only:
        stale = [each for each in stale if any(part in module_name(each) for part in only)]
    if stale:
        _build(stale, flags)
    built = {module_name(each) for each in stale}
    record = {
        name: digest if name in built else known.get(name, "") for name, digest in current.items()
    }
    RECORD.write_text(json.dumps(record, indent=1) + "\n", "utf-8")
    return sorted(built)


def _build(sources: list[Path], flags: list[str]) -> None:
    """Translate ``sources`` to C and compile them beside their sources."""
    from Cython.Build import cythonize
    from Cython.Compiler import Errors
    from setuptools import Distribution, Extension
    from setuptools.command.build_ext import build_ext

    if not shutil.which("cc") and not shutil.which("gcc") and not shutil.which("clang"):
        zig = f"{sys.executable} -m ziglang cc"
        os.environ.setdefault("CC", zig)
        os.environ.setdefault("LDSHARED", f"{zig} -shared")
    if platform.machine().lower() in {"x86_64", "amd64"} and sys.platform != "win32":
        flags = [*flags, "-march=x86-64-v2"]
    extensions = [
        Extension(
            module_name(source),
            [str(source.relative_to(ROOT))],
            define_macros=MACROS,
            py_limited_api=True,
            include_dirs=[str(source.parent.relative_to(ROOT))],
            extra_compile_args=[] if sys.platform == "win32" else flags,
            extra_link_args=[each for each in flags if each.startswith("-fsanitize")] + ["-s"],
        )
        for source in sources
    ]
    Errors.LEVEL = 9  # without the advice to write noexcept at each function
    before = Path.cwd()
    os.chdir(ROOT)
    try:
        translated = cythonize(
            extensions,
            build_dir=str(WORK),
            include_path=["src"],
            compiler_directives=DIRECTIVES,
            quiet=True,
            force=True,
        )
        distribution = Distribution({"name": "piiscan", "ext_modules": translated})
        distribution.package_dir = {"": "src"}
        command = build_ext(distribution)
        command.inplace = True
        command.build_temp = str(WORK)
        command.parallel = os.cpu_count()
        command.ensure_finalized()
        command.run()
    finally:
        os.chdir(before)


if __name__ == "__main__":
    print(*compile_kernels(sys.argv[1:]), sep="\n")
