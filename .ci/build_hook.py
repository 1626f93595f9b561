"""Build hook: compile the kernels of piiscan, all modules called ``*_kernels.py``; make its tables.

Kernels are Python with typed names (Cython's pure-Python mode). A kernel module becomes C below
``build/`` and then an extension module for the stable ABI of Python 3.11, beside its source. A
module is compiled again only if its source, a declaration that it imports (``.pxd``, ``.h``) or the
way of compiling has changed. ``kernels.json`` records the sources of each compiled module. The
tables of the shipped rules and data (``piiscan.build_tables``) are made with the kernels.

A kernel can import a plain module of Python too, for its whole numbers and its named tuples of
arrays: ``c_declarations`` writes them as C has them, below ``build/``, so that they stand once.

    python .ci/build_hook.py              compile changed modules, print their names; make tables
    python .ci/build_hook.py match name   compile modules with these parts in their names only

Where there is no C compiler, the package ``ziglang`` brings one; on Windows always. Variables of
the environment: ``CC``; ``PIISCAN_TARGET``, one of TARGETS, for a wheel for another machine;
``PIISCAN_SANITIZE=1`` for a build with the sanitizers of addresses and of undefined behaviour.
"""

from __future__ import annotations

import ast
import contextlib
import hashlib
import io
import json
import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, NamedTuple

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT: Final = Path(__file__).resolve().parents[1]
SOURCE: Final = ROOT / "src"
PACKAGE: Final = SOURCE / "piiscan"
TABLES: Final = PACKAGE / "data" / "tables"
WORK: Final = ROOT / "build" / "kernels"
#: Compiled module -> digests of its sources; ``piiscan.kernel_files`` reads it.
RECORD: Final = "piiscan/kernels.json"
ZIG: Final = "ziglang>=0.13"

DIRECTIVES: Final = {
    "language_level": "3",
    "boundscheck": False,
    "wraparound": False,
    "cdivision": True,
    "initializedcheck": False,
    "legacy_implicit_noexcept": True,
    "emit_code_comments": False,
}
#: Floating point rounds as written, signed numbers wrap, arrays may share memory.
FLAGS: Final = [
    *("-O2", "-g0", "-fvisibility=hidden"),
    *("-ffp-contract=off", "-fwrapv", "-fno-strict-aliasing"),
    *("-DPy_LIMITED_API=0x030B0000", "-DCYTHON_LIMITED_API=1"),
]
#: Cython leaves functions and texts unused.
WARNINGS: Final = ["-Wall", "-Wextra", "-Wno-unused"]
#: One level of x86-64 (v2), in words that old compilers know too.
X86: Final = ["-mcx16", "-mpopcnt", "-msse3", "-mssse3", "-msse4.1", "-msse4.2"]
#: A report names function and line; -O1 compiles in half the time.
SANITIZE: Final = [
    *("-fsanitize=address,undefined", "-fno-sanitize=alignment", "-fno-omit-frame-pointer"),
    *("-O1", "-g1"),
]
#: Type of a field of a named tuple -> the function of ``kernel_arrays.pxd`` for its pointer.
ARRAYS: Final = {
    "Bool": "boolean",
    **{
        f"{kind}{bits}": f"{kind.lower()}{bits}"
        for kind in ("Int", "UInt")
        for bits in (8, 16, 32, 64)
    },
    **{f"Float{bits}": f"float{bits}" for bits in (32, 64)},
}
#: Other types of fields -> those of C.
SCALARS: Final = {"int": "int64_t", "bool": "bint", "float": "double"}
#: Warning of Cython about each kernel function without the word ``noexcept``.
_HINT: Final = "Implicit noexcept declaration is deprecated"


class Target(NamedTuple):
    """A kind of machine: its name for zig, and the platform tag of its wheels."""

    triple: str
    tag: str

    @property
    def suffix(self) -> str:
        """Return the ending of compiled modules."""
        return ".pyd" if "windows" in self.triple else ".abi3.so"


class Compiler(NamedTuple):
    """A C compiler: command, flags, and what goes behind the C file."""

    command: list[str]
    flags: list[str]
    link: list[str]


class Field(NamedTuple):
    """A field of a named tuple, or a property of it: name, type, and value in ``arrays``."""

    name: str
    kind: str
    value: str


class Declared(NamedTuple):
    """Parts of a Python module that C can have: numbers, named tuples by name.

    ``modules``: where the names come from that it imports.
    """

    numbers: list[str]
    tuples: dict[str, list[Field]]
    modules: dict[str, str]


#: Machines that wheels can be built for anywhere, with zig.
TARGETS: Final = {
    "linux-x86_64": Target("x86_64-linux-gnu.2.17", "manylinux_2_17_x86_64.manylinux2014_x86_64"),
    "linux-aarch64": Target(
        "aarch64-linux-gnu.2.17", "manylinux_2_17_aarch64.manylinux2014_aarch64"
    ),
    "macos-arm64": Target("aarch64-macos.11.0", "macosx_11_0_arm64"),
    "windows-x86_64": Target("x86_64-windows-gnu", "win_amd64"),
}


class KernelsHook(BuildHookInterface[Any]):
    """Hook of the build backend that compiles the kernels before files are collected."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Return the package that brings a C compiler, if it is needed."""
        return [ZIG] if wanted_target() or not c_compiler() else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile the kernels, make the tables and add both to the wheel, one for their machine.

        An editable install finds them in the checkout.
        """
        if wanted_target():  # tables are made with kernels of this machine
            own = {name: value for name, value in os.environ.items() if name != "PIISCAN_TARGET"}
            if subprocess.run([sys.executable, __file__], env=own, check=False).returncode:
                raise SystemExit("piiscan could not be compiled for this machine")
            compile_kernels()
        else:
            compile_kernels()
            make_tables()
        if version == "editable":
            return
        folder, target = output_folder(), target_machine()
        for path in sorted(TABLES.iterdir()):
            build_data["force_include"][str(path)] = path.relative_to(SOURCE).as_posix()
        for source in kernel_modules():
            name = compiled_name(source, target)
            build_data["force_include"][str(folder / name)] = name
        build_data["force_include"][str(folder / RECORD)] = RECORD
        build_data["pure_python"] = False
        build_data["tag"] = f"cp311-abi3-{target.tag}"


def wanted_target() -> str | None:
    """Return the name in TARGETS of the machine to build for, None for this one.

    Raise SystemExit for any other name.
    """
    name = os.environ.get("PIISCAN_TARGET") or None
    if name is not None and name not in TARGETS:
        raise SystemExit(f"PIISCAN_TARGET is {name!r}, not one of {', '.join(TARGETS)}")
    return name


def target_machine() -> Target:
    """Return the machine to build for."""
    name = wanted_target()
    if name is not None:
        return TARGETS[name]
    machine = platform.machine().lower()
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(machine, machine)
    if sys.platform == "win32":
        return TARGETS["windows-x86_64"]
    if sys.platform == "darwin":
        return Target(f"{machine}-macos.11.0", f"macosx_11_0_{platform.machine()}")
    library = "gnu" if platform.libc_ver()[0] == "glibc" else "musl"
    tag = sysconfig.get_platform().replace("-", "_").replace(".", "_")
    return Target(f"{machine}-linux-{library}", tag)


def work_folder() -> Path:
    """Return the folder for what lies between sources and modules."""
    return WORK / (wanted_target() or "here")


def output_folder() -> Path:
    """Return the folder for compiled modules: beside their sources, or below ``build/``."""
    return work_folder() / "modules" if wanted_target() else SOURCE


def kernel_modules() -> list[Path]:
    """Return the sources of the kernel modules, in order."""
    return sorted(PACKAGE.rglob("*_kernels.py"))


def compiled_name(source: Path, target: Target) -> str:
    """Return the path of a compiled module below its output folder."""
    return source.relative_to(SOURCE).with_suffix(target.suffix).as_posix()


def module_name(source: Path) -> str:
    """Return the dotted name of a module."""
    return ".".join(source.relative_to(SOURCE).with_suffix("").parts)


def sources_of(source: Path) -> list[Path]:
    """Return a kernel module and all declarations that it imports, directly or not, in order."""
    found: set[Path] = set()
    to_visit = [source, source.with_suffix(".pxd")]
    while to_visit:
        path = to_visit.pop()
        if path in found or not path.is_file():
            continue
        found.add(path)
        if path.suffix != ".h":
            to_visit += _imported(path)
    return sorted(found)


def _imported(path: Path) -> Iterator[Path]:
    """Yield the files that the C imports and includes of one file may mean."""
    text = c_declarations(path) if is_declared_in_python(path) else path.read_text("utf-8")
    imports = r"from cython\.cimports\.(piiscan[\w.]*) import|from (piiscan[\w.]*) cimport"
    for match in re.finditer(imports, text):
        yield _declaring_file(match[1] or match[2])
    yield from (path.parent / name for name in re.findall(r'(?:from|include) "([^"]+)"', text))


def _declaring_file(module: str) -> Path:
    """Return the file that declares a module for kernels: a ``.pxd``, or a plain module."""
    place = SOURCE.joinpath(*module.split("."))
    files = place.with_suffix(".pxd"), place.with_suffix(".py"), place / "__init__.py"
    return next((each for each in files if each.is_file()), files[0])


def is_declared_in_python(path: Path) -> bool:
    """Return True if a source of kernels is a plain module of Python."""
    return path.suffix == ".py" and not path.stem.endswith("_kernels")


def c_declarations(path: Path) -> str:
    """Return the numbers and the named tuples of arrays of a Python module, as C has them.

    A number is a whole ``NAME: Final = 1``, or one of an ``IntEnum``. The named tuple ``Spans`` is
    a struct ``Spans`` of pointers, and ``SpansOut`` of pointers to write; ``spans_of(tuple)`` and
    ``spans_out(tuple)`` return them. ``rows`` is the length of the first array. Properties that
    return an ``int`` or a ``bool`` are fields too, and so are other such tuples.
    """
    declared = read_module(path)
    kinds = {each.kind for fields in declared.tuples.values() for each in fields}
    nested = {declared.modules[kind] for kind in kinds - {*ARRAYS} if kind in declared.modules}
    lines = ["from libc.stdint cimport int64_t", "from piiscan.kernel_arrays cimport *"]
    lines += [f"from {module} cimport *" for module in sorted(nested)]
    if declared.numbers:
        lines += ["cdef enum:", *(f"    {each}" for each in declared.numbers)]
    for name, fields in declared.tuples.items():
        lines += c_struct(name, fields, "of", "")
        lines += c_struct(name, fields, "out", "Out")
    return "\n".join([*lines, ""])


def c_struct(name: str, fields: Sequence[Field], verb: str, ending: str) -> list[str]:
    """Return the lines of a struct, and of the function that makes it from a named tuple."""
    made = {"Py_ssize_t rows": "len(arrays[0])"} if fields[0].kind in ARRAYS else {}
    for field, kind, value in fields:
        if kind in ARRAYS:
            made[f"{kind}{ending} {field}"] = f"{ARRAYS[kind]}{ending and '_out'}({value})"
        elif kind in SCALARS:
            made[f"{SCALARS[kind]} {field}"] = value
        else:
            made[f"{kind}{ending} {field}"] = f"{snake_case(kind)}_{verb}({value})"
    return [
        *(f"cdef struct {name}{ending}:", *(f"    {each}" for each in made)),
        f"cdef inline {name}{ending} {snake_case(name)}_{verb}(object arrays) except *:",
        f"    cdef {name}{ending} view",
        *(f"    view.{each.split()[1]} = {value}" for each, value in made.items()),
        "    return view",
    ]


def snake_case(name: str) -> str:
    """Return the name of a class as that of a function: ``WordTrie`` -> ``word_trie``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def read_module(path: Path) -> Declared:
    """Return the parts of a Python module that C can have."""
    found = Declared([], {}, {})
    for node in ast.parse(path.read_text("utf-8")).body:
        bases = {ast.unparse(base) for base in getattr(node, "bases", ())}
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("piiscan"):
            found.modules.update((each.name, str(node.module)) for each in node.names)
        elif isinstance(node, ast.ClassDef) and "NamedTuple" in bases:
            fields = _read_fields(node)
            if all(_has_c_type(each.kind, found) for each in fields):
                found.tuples[node.name] = fields
        for each in getattr(node, "body", ()) if "IntEnum" in bases else [node]:
            number = re.fullmatch(r"([A-Z]\w*)(: Final)? = ([-+*|<>() \w]+)", ast.unparse(each))
            if number and (number[2] or "IntEnum" in bases) and number[3] not in ("True", "False"):
                found.numbers.append(f"{number[1]} = {number[3]}")
    return found


def _read_fields(node: ast.ClassDef) -> list[Field]:
    """Return the fields of a named tuple, and then its properties that are whole numbers."""
    fields: dict[str, Field] = {}
    for each in node.body:
        if isinstance(each, ast.AnnAssign):
            name, kind = ast.unparse(each.target), ast.unparse(each.annotation)
            fields[name] = Field(name, kind, f"arrays[{len(fields)}]")
        elif isinstance(each, ast.FunctionDef) and isinstance(each.body[-1], ast.Return):
            kind, value = ast.unparse(each.returns or ast.Constant(None)), each.body[-1].value
            if "property" in map(ast.unparse, each.decorator_list) and kind in SCALARS and value:
                read = re.sub(
                    r"self\.(\w+)", lambda each: fields[each[1]].value, ast.unparse(value)
                )
                fields[each.name] = Field(each.name, kind, read)
    return list(fields.values())


def _has_c_type(kind: str, declared: Declared) -> bool:
    """Return True if a field of this type can be a field of a struct."""
    if kind in ARRAYS or kind in SCALARS or kind in declared.tuples:
        return True
    module = declared.modules.get(kind)
    return module is not None and kind in read_module(_declaring_file(module)).tuples


def compile_kernels(only: Iterable[str] = ()) -> list[str]:
    """Compile the modules that have changed and return their names.

    ``only``: parts of the names of modules; others are left as they are. Raise SystemExit with the
    compiler's words if a module cannot be compiled; the others are compiled all the same.
    """
    folder, target = output_folder(), target_machine()
    record_path = folder / RECORD
    known = json.loads(record_path.read_text("utf-8")) if record_path.exists() else {}
    record: dict[str, Any] = {}
    changed: dict[Path, Any] = {}
    for source in kernel_modules():
        name = source.relative_to(PACKAGE).as_posix()
        sources = sources_of(source)
        facts = {
            "recipe": _recipe(target, filter(is_declared_in_python, sources)),
            "sources": {
                path.relative_to(PACKAGE).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
                for path in sources
            },
        }
        before = known.get(name, {"recipe": "", "sources": {}})
        is_current = (folder / compiled_name(source, target)).exists() and (
            _compiled_parts(facts) == _compiled_parts(before)
        )
        wanted = not only or any(part in name for part in only)
        if is_current or not wanted:
            record[name] = facts if is_current else before
        else:
            changed[source] = facts
    failures = _compile_all(list(changed), folder, target) if changed else {}
    for source, facts in changed.items():
        name = source.relative_to(PACKAGE).as_posix()
        record[name] = {"recipe": "", "sources": {}} if source in failures else facts
    for name in known.keys() - record.keys():  # a module was deleted or renamed
        (folder / PACKAGE.name / name).with_suffix(target.suffix).unlink(missing_ok=True)
    text = json.dumps(record, indent=1, sort_keys=True) + "\n"
    if not record_path.exists() or record_path.read_text("utf-8") != text:
        record_path.parent.mkdir(parents=True, exist_ok=True)
        record_path.write_text(text, "utf-8")
    if failures:
        told = "\n\n".join(failures.values())
        names = ", ".join(module_name(source) for source in failures)
        raise SystemExit(f"{told}\n\nThese modules of piiscan could not be compiled: {names}")
    return sorted(module_name(source) for source in changed)


def _compiled_parts(facts: dict[str, Any]) -> tuple[str, dict[str, str]]:
    """Return the facts that matter to machine code: of Python modules, only what C has of them."""
    sources = facts["sources"].items()
    return facts["recipe"], {
        path: digest for path, digest in sources if not is_declared_in_python(Path(path))
    }


def make_tables() -> None:
    """Make the tables that are absent or out of date. Raise SystemExit if that fails."""
    # pip's isolation drops the path of an earlier editable install, so PYTHONPATH does not do
    run = "import runpy, sys; sys.path.insert(0, sys.argv.pop()); runpy.run_module(sys.argv.pop(), "
    words = [
        sys.executable,
        "-c",
        f"{run}run_name='__main__')",
        "piiscan.build_tables",
        str(SOURCE),
    ]
    done = subprocess.run(words, check=False)
    if done.returncode:
        raise SystemExit("The tables of piiscan could not be made")


def _recipe(target: Target, declared: Iterable[Path]) -> str:
    """Return a digest of how a module is compiled, whatever the compiler.

    ``declared``: modules of Python that it imports.
    """
    ways = DIRECTIVES, FLAGS, X86, target.triple.split(".", maxsplit=1)[0], _sanitizers()
    ways += tuple(map(c_declarations, declared))
    return hashlib.sha256(repr(ways).encode()).hexdigest()[:16]


def _sanitizers() -> list[str]:
    """Return the flags of the sanitizers, if they are asked for."""
    return SANITIZE if os.environ.get("PIISCAN_SANITIZE") else []


def _compile_all(sources: Sequence[Path], folder: Path, target: Target) -> dict[Path, str]:
    """Compile modules to ``folder``, on all cores; return what was said of those that failed."""
    compiler = find_compiler(target)
    failures: dict[Path, str] = {}
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        running = {}
        for source in sources:
            code, said = _translate(source)
            if code is None:
                failures[source] = said
                continue
            sys.stderr.write(said)
            place = folder / compiled_name(source, target)
            running[source] = threads.submit(_compile, compiler, code, source, place)
        for source, done in running.items():
            succeeded, said = done.result()
            if succeeded:
                sys.stderr.write(said)
            else:
                failures[source] = said
    return failures


def _translate(source: Path) -> tuple[Path | None, str]:
    """Translate a module to C; return the C file, None if that failed, and what Cython said."""
    from Cython.Compiler.Main import compile_single
    from Cython.Compiler.Options import CompilationOptions, default_options

    declarations = work_folder() / "declarations"
    for path in filter(is_declared_in_python, sources_of(source)):
        place = declarations / path.relative_to(SOURCE).with_suffix(".pxd")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(c_declarations(path), "utf-8")
    code = work_folder() / source.relative_to(SOURCE).with_suffix(".c")
    code.parent.mkdir(parents=True, exist_ok=True)
    options = CompilationOptions(
        default_options,
        compiler_directives=DIRECTIVES,
        include_path=[str(SOURCE), str(declarations)],
        language_level="3",
        output_file=str(code),
    )
    said = io.StringIO()
    # relative names, so that the C file is the same wherever the checkout lies
    with contextlib.chdir(ROOT), contextlib.redirect_stderr(said):
        result = compile_single(str(source.relative_to(ROOT)), options, module_name(source))
    lines = said.getvalue().splitlines(keepends=True)
    text = "".join(line for line in lines if _HINT not in line).lstrip("\n")
    if result.num_errors:
        return None, text
    unclear = undeclared_numbers(code.read_text("utf-8"))
    if unclear:
        return None, f"{source.name}: declare the types of {', '.join(unclear)}"
    return code, text


def undeclared_numbers(code: str) -> list[str]:
    """Return the locals of the functions in a C file whose type is that of a literal: ``long``.

    It has 32 bits on Windows. Functions that fill tables and generators may count with it.
    """
    function, found = "", []
    for line in code.splitlines():
        if line.startswith("static ") and line.endswith("{"):
            function = line
        elif (
            line.startswith("  long __pyx_v_")
            and re.search(r"__pyx_p?f_", function)
            and "_fill_table" not in function
        ):
            found.append(line.removeprefix("  long __pyx_v_").partition(";")[0])
    return found


def _compile(compiler: Compiler, code: Path, source: Path, place: Path) -> tuple[bool, str]:
    """Compile a C file to the module ``place``; return True if that succeeded, and what was said.

    The module appears by rename: processes that run the old one are not disturbed.
    """
    folders = sorted({path.parent for path in sources_of(source) if path.suffix == ".h"})
    part = code.with_suffix(place.suffix)
    words = [*compiler.flags, *(f"-I{each}" for each in folders), str(code), *compiler.link]
    command = [*compiler.command, *words, "-o", str(part)]
    # zig keeps its own files below build/
    cache = str(ROOT / "build" / "zig")
    environment = {"ZIG_GLOBAL_CACHE_DIR": cache, "ZIG_LOCAL_CACHE_DIR": cache, **os.environ}
    done = subprocess.run(
        command, capture_output=True, text=True, errors="replace", check=False, env=environment
    )
    said = done.stdout + done.stderr
    if done.returncode:
        return False, f"{shlex.join(command)}\n{said.strip()}"
    place.parent.mkdir(parents=True, exist_ok=True)
    part.replace(place)
    return True, said


def c_compiler() -> list[str]:
    """Return the command of this machine's C compiler; empty if there is none.

    ``CC`` comes first. On Windows zig is always used.
    """
    if sys.platform == "win32":
        return []
    if os.environ.get("CC"):
        return shlex.split(os.environ["CC"])
    for name in filter(shutil.which, ("cc", "gcc", "clang")):
        # macOS has a cc that only asks to install one
        if subprocess.run([name, "--version"], capture_output=True, check=False).returncode == 0:
            return [name]
    return []


def find_compiler(target: Target) -> Compiler:
    """Return the compiler for a machine: that of this machine, or zig.

    Raise SystemExit if a header of Python is missing.
    """
    headers = Path(sysconfig.get_path("include"))
    if not (headers / "Python.h").is_file():
        raise SystemExit(
            f"{headers} has no Python.h: install the headers of this Python"
            " (Debian, Ubuntu: apt-get install python3-dev)"
        )
    own = [] if wanted_target() else c_compiler()
    is_x86 = target.triple.startswith("x86_64")
    flags = [*FLAGS, *WARNINGS, *_sanitizers()]
    if own:
        command = own
        flags += X86 if is_x86 else []
    else:
        # without a name of a processor, zig would compile for the one at hand
        processor = "x86_64_v2" if is_x86 else "baseline"
        command = [sys.executable, "-m", "ziglang", "cc"]
        flags += ["-target", target.triple, f"-mcpu={processor}"]
    if wanted_target() or sys.platform == "win32":
        headers = copy_headers(headers, work_folder())
        flags.append(f"-I{headers}")
    else:
        folders = dict.fromkeys((str(headers), sysconfig.get_path("platinclude")))
        flags += [f"-I{folder}" for folder in folders]
    if "windows" in target.triple:
        link = ["-shared", "-s", str(import_library(headers))]
    elif "macos" in target.triple:
        flags += ["-fPIC", *(["-mmacosx-version-min=11.0"] if own else [])]
        link = ["-bundle" if own else "-shared", "-undefined", "dynamic_lookup"]
    else:
        flags.append("-fPIC")
        link = ["-shared"] if _sanitizers() else ["-shared", "-s"]
    return Compiler(command, flags, link)


def copy_headers(headers: Path, place: Path) -> Path:
    """Return a copy of Python's headers with a ``pyconfig.h`` that fits any machine.

    That of this Python describes its own machine. Few of its values matter to modules for the
    stable ABI: the sizes of C types, and on Windows that Python is a DLL.
    """
    copy = place / "include"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(headers, copy)
    (copy / "pyconfig.h").write_text(_PYCONFIG, "utf-8")
    return copy


def import_library(headers: Path) -> Path:
    """Make the import library of ``python3.dll``: all names that Python's headers declare."""
    text = "".join(path.read_text("utf-8") for path in sorted(headers.rglob("*.h")))
    functions = set(re.findall(r"PyAPI_FUNC\([^)]*\)\s*(\w+)", text))
    data = set(re.findall(r"PyAPI_DATA\([^)]*\)\s*(\w+)", text))
    names = [*sorted(functions - data), *(f"{name} DATA" for name in sorted(data))]
    listed, library = headers.parent / "python3.def", headers.parent / "python3.lib"
    listed.write_text("LIBRARY python3.dll\nEXPORTS\n" + "\n".join(names) + "\n", "utf-8")
    words = ["dlltool", "-m", "i386:x86-64", "-d", str(listed), "-l", str(library)]
    subprocess.run([sys.executable, "-m", "ziglang", *words], check=True)
    return library


_PYCONFIG: Final = """\
#pragma once
#define SIZEOF_SHORT 2
#define SIZEOF_INT 4
#define SIZEOF_LONG_LONG 8
#define SIZEOF_FLOAT 4
#define SIZEOF_DOUBLE 8
#define SIZEOF_VOID_P 8
#define SIZEOF_SIZE_T 8
#define SIZEOF_TIME_T 8
#define SIZEOF_PID_T 4
#define ALIGNOF_SIZE_T 8
#define HAVE_STDINT_H 1
#define HAVE_STDDEF_H 1
#define HAVE_LONG_LONG 1
#define HAVE_SSIZE_T 1
#define WITH_THREAD 1
#define WITH_DOC_STRINGS 1
#ifdef _WIN32
#define MS_WIN32 1
#define MS_WIN64 1
#define MS_WINDOWS 1
#define NT_THREADS 1
#define SIZEOF_LONG 4
#define SIZEOF_WCHAR_T 2
#define SIZEOF_OFF_T 4
#define Py_ENABLE_SHARED 1
#define HAVE_DECLSPEC_DLL 1
#else
#define SIZEOF_LONG 8
#define SIZEOF_WCHAR_T 4
#define SIZEOF_OFF_T 8
#define HAVE_UNISTD_H 1
#define HAVE_SYS_TYPES_H 1
#define HAVE_SYS_STAT_H 1
#define HAVE_SYS_TIME_H 1
#endif
"""


if __name__ == "__main__":
    for name in compile_kernels(sys.argv[1:]):
        print(name)
    if not sys.argv[1:]:
        make_tables()
