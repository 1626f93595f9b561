"""Mutants: change the program in one place, run its tests, list the changes that no test notices.

    python .ci/mutants.py --seed 1 --count 50 src/piiscan/sources tests/sources

Modules below ``src`` are changed, tests are run: first those that name the changed module.  Kernel
modules are left out: they would have to be compiled for each mutant.  ``--again FILE`` repeats the
survivors of an earlier output.  All happens in a copy of the checkout, in one process a mutant.
``--work FOLDER`` keeps the copy for the next time.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import importlib
import json
import math
import os
import random
import re
import resource
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parent.parent
LEFT_OUT = {".git", ".venv", "__pycache__", "build", "bundle", "demo"}
OTHERS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.And: ast.Or, ast.Or: ast.And,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.FloorDiv: ast.Mult,
    ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.LShift: ast.RShift, ast.RShift: ast.LShift,
}  # fmt: skip
NAMES = {"min": "max", "max": "min", "any": "all", "all": "any"}


class Mutant(NamedTuple):
    """One change: the bytes [start, end) of a module replaced by ``text``."""

    path: str
    line: int
    start: int
    end: int
    text: str

    def apply(self, source: bytes) -> bytes:
        """Return the changed source."""
        return source[: self.start] + self.text.encode() + source[self.end :]

    def describe(self, source: bytes) -> str:
        """Return path and change on one line, without the line's number."""
        begin, end = source.rfind(b"\n", 0, self.start) + 1, source.find(b"\n", self.end)
        tail = source[self.end : end].decode()
        old = " ".join(source[begin:end].decode().split())
        new = " ".join((source[begin : self.start].decode() + self.text + tail).split())
        return f"{self.path}: {old}  ->  {new}"


class _Finder(ast.NodeVisitor):
    """All mutants of one module."""

    def __init__(self, path: str, source: bytes) -> None:
        self.path = path
        self.starts = [0, *(found.end() for found in re.finditer(rb"\n", source))]
        self.found: list[Mutant] = []
        self.visit(ast.parse(source))

    def add(self, node: ast.AST, other: ast.AST | str) -> None:
        """Note a mutant: ``other`` instead of ``node``."""
        at: ast.expr = node  # type: ignore[assignment]
        assert at.end_lineno is not None
        assert at.end_col_offset is not None
        start = self.starts[at.lineno - 1] + at.col_offset
        end = self.starts[at.end_lineno - 1] + at.end_col_offset
        text = other if isinstance(other, str) else f"({ast.unparse(other)})"
        self.found.append(Mutant(self.path, at.lineno, start, end, text))

    def visit(self, node: ast.AST) -> None:
        """Note the mutants of a node and of its parts."""
        if isinstance(node, ast.Assert | ast.JoinedStr):
            return  # for the type checker; words for people
        change = getattr(self, f"_change_{type(node).__name__.lower()}", None)
        parts = ast.iter_child_nodes(node) if change is None else change(node)
        for part in parts:
            self.visit(part)

    def _change_functiondef(self, node: ast.FunctionDef) -> Iterable[ast.AST]:
        return (*node.args.defaults, *filter(None, node.args.kw_defaults), *node.body)

    def _change_classdef(self, node: ast.ClassDef) -> Iterable[ast.AST]:
        return node.body

    def _change_annassign(self, node: ast.AnnAssign) -> Iterable[ast.AST]:
        return filter(None, [node.value])

    def _change_raise(self, node: ast.Raise) -> Iterable[ast.AST]:
        self.add(node, "pass")
        return ()

    def _change_assign(self, node: ast.Assign) -> Iterable[ast.AST]:
        if not isinstance(node.targets[0], ast.Name | ast.Tuple):
            self.add(node, "pass")
        return (node.value,)

    def _change_augassign(self, node: ast.AugAssign) -> Iterable[ast.AST]:
        self.add(node, "pass")
        return (node.value,)

    def _change_expr(self, node: ast.Expr) -> Iterable[ast.AST]:
        if isinstance(node.value, ast.Constant):
            return ()
        self.add(node, "pass")
        return (node.value,)

    def _change_continue(self, node: ast.Continue) -> Iterable[ast.AST]:
        self.add(node, "break")
        return ()

    def _change_break(self, node: ast.Break) -> Iterable[ast.AST]:
        self.add(node, "continue")
        return ()

    def _change_if(self, node: ast.If | ast.IfExp) -> Iterable[ast.AST]:
        self.add(node.test, ast.UnaryOp(ast.Not(), node.test))
        return ast.iter_child_nodes(node)

    _change_ifexp = _change_if

    def _change_excepthandler(self, node: ast.ExceptHandler) -> Iterable[ast.AST]:
        if isinstance(node.type, ast.Tuple):
            for left_out in node.type.elts:
                self.add(node.type, ast.Tuple([e for e in node.type.elts if e is not left_out]))
        return node.body

    def _change_compare(self, node: ast.Compare) -> Iterable[ast.AST]:
        for at, operator in enumerate(node.ops):
            other: list[ast.cmpop] = list(node.ops)
            other[at] = OTHERS[type(operator)]()  # type: ignore[assignment]
            self.add(node, ast.Compare(node.left, other, node.comparators))
        return ast.iter_child_nodes(node)

    def _change_boolop(self, node: ast.BoolOp) -> Iterable[ast.AST]:
        self.add(node, ast.BoolOp(OTHERS[type(node.op)](), node.values))  # type: ignore[arg-type]
        for left_out in node.values:
            self.add(node, ast.BoolOp(node.op, [e for e in node.values if e is not left_out]))
        return ast.iter_child_nodes(node)

    def _change_unaryop(self, node: ast.UnaryOp) -> Iterable[ast.AST]:
        if isinstance(node.op, ast.Not):
            self.add(node, node.operand)
        return (node.operand,)

    def _change_binop(self, node: ast.BinOp) -> Iterable[ast.AST]:
        if other := OTHERS.get(type(node.op)):
            self.add(node, ast.BinOp(node.left, other(), node.right))  # type: ignore[arg-type]
        return (node.left, node.right)

    def _change_constant(self, node: ast.Constant) -> Iterable[ast.AST]:
        value = node.value
        if isinstance(value, bool):
            self.add(node, str(not value))
        elif isinstance(value, int):
            self.add(node, f"({value + 1})")
            self.add(node, f"({value - 1})")
        elif isinstance(value, bytes | str) and not re.search("[a-z]{3} ", str(value)):
            self.add(node, repr(value[:0] if value else "x" if value == "" else b"x"))
        return ()

    def _change_call(self, node: ast.Call) -> Iterable[ast.AST]:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name == "cast":
            return node.args[1:]
        if name in NAMES:
            self.add(node.func, NAMES[name])
        for at in range(len(node.args) - 1 if name not in NAMES else 0):
            args = list(node.args)
            args[at], args[at + 1] = args[at + 1], args[at]
            if ast.dump(args[at]) != ast.dump(args[at + 1]):
                self.add(node, ast.Call(node.func, args, node.keywords))
        for left_out in node.keywords:
            rest = [each for each in node.keywords if each is not left_out]
            self.add(node, ast.Call(node.func, node.args, rest))
        return ast.iter_child_nodes(node)


class Copy:
    """A copy of the checkout with its compiled kernels; one module at a time is changed."""

    def __init__(self, work: Path, seconds: int) -> None:
        """Copy the files that differ, delete those that are gone."""
        self.home, self.seconds = work / "copy", seconds
        for path in ROOT.rglob("*"):
            name, target = path.relative_to(ROOT), self.home / path.relative_to(ROOT)
            if path.is_dir() or LEFT_OUT.intersection(name.parts):
                continue
            if not target.exists() or target.read_bytes() != path.read_bytes():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target)
        # a mutant of a module that declares arrays for kernels is no stale kernel
        record = self.home / "src" / "piiscan" / "kernels.json"
        known = json.loads(record.read_text("utf-8"))
        for facts in known.values():
            facts["sources"] = {
                name: digest
                for name, digest in facts["sources"].items()
                if not name.endswith(".py") or name.endswith("_kernels.py")
            }
        record.write_text(json.dumps(known), "utf-8")
        for target in self.home.rglob("*.py"):
            if not (ROOT / target.relative_to(self.home)).exists():
                target.unlink()
        os.environ["PIISCAN_CACHE_DIR"] = str(work / "cache")
        os.environ["PYTHONPATH"] = str(self.home / "src")
        os.chdir(self.home)
        sys.path.insert(0, str(self.home / "src"))

    def try_unchanged(self, tests: list[str]) -> None:
        """Run the tests without a change; exit if they fail."""
        result = self._run(tests, math.inf)
        if result != "survived":
            sys.exit(f"the tests fail without a change: {result}")

    def try_mutant(self, mutant: Mutant, number: int, tests: list[str]) -> str:
        """Run tests with a mutant; return ``survived``, ``timeout`` or ``killed by`` a test."""
        path = Path(mutant.path)
        source, stat = path.read_bytes(), path.stat()
        path.write_bytes(mutant.apply(source))
        # another time than any file of the same size has, by which Python knows its bytecode
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns + number * 10**12))
        try:
            return self._run(tests, self.seconds)
        finally:
            path.write_bytes(source)
            os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))

    def _run(self, tests: list[str], seconds: float) -> str:
        """Run tests in a new process with ``seconds`` of processor time; return what came of it."""
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.setpgrp()
            try:
                if seconds < math.inf:
                    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds), int(seconds)))
                resource.setrlimit(resource.RLIMIT_AS, (12 << 30, 12 << 30))
                os.write(writer, self._test(tests).encode())
            except BaseException as error:  # noqa: BLE001 - the parent tells it
                os.write(writer, f"killed by {error!r}".encode())
            finally:
                os._exit(0)
        os.close(writer)
        deadline = time.monotonic() + 5 * seconds  # a deadlock uses no processor time
        while (ended := os.waitpid(child, os.WNOHANG)) == (0, 0):
            if time.monotonic() > deadline:
                os.killpg(child, signal.SIGKILL)
            time.sleep(0.02)
        with contextlib.suppress(ProcessLookupError):  # workers that it has left behind
            os.killpg(child, signal.SIGKILL)
        with os.fdopen(reader, "rb") as stream:
            result = stream.read().decode()
        stopped = os.WIFSIGNALED(ended[1]) and os.WTERMSIG(ended[1])
        if stopped in (signal.SIGXCPU, signal.SIGKILL):
            return "timeout"
        return f"killed by signal {stopped}" if stopped else result or "killed by an exit"

    @staticmethod
    def _test(tests: list[str]) -> str:
        """Run tests in this process; return the result."""
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        pytest = importlib.import_module("pytest")
        failed: list[str] = []

        class Watch:
            """Plugin of pytest that notes what fails."""

            @staticmethod
            def pytest_runtest_logreport(report: Any) -> None:
                if report.failed:
                    failed.append(report.nodeid)

        options = ["-x", "-q", "-p", "no:cacheprovider", "--tb=no"]
        status = int(pytest.main([*options, *tests], plugins=[Watch]))
        return "survived" if status == 0 else f"killed by {(failed or ['an import'])[0]}"


def _name(path: Path) -> str:
    """Return the name of a module below ``src``."""
    return ".".join(path.with_suffix("").parts[1:])


def find_mutants(paths: list[str]) -> list[Mutant]:
    """Return all mutants of the modules below ``paths`` that are not compiled."""
    found = []
    for path in _files(paths, "*.py"):
        if path.stem.endswith("_kernels"):
            continue
        found += _Finder(str(path), path.read_bytes()).found
    return found


def order_tests(module: str, tests: list[str]) -> list[str]:
    """Return the test files: the module's own, those that name it, its room's, the others."""
    path = Path(module)
    name, room = _name(path), path.parts[2:-1]

    def distance(test: Path) -> tuple[int, int, int]:
        text = test.read_text("utf-8")
        named = f"{name} import" in text or f"{path.parent.name} import {path.stem}" in text
        shared = sum(a == b for a, b in zip(test.parts[1:-1], room, strict=False))
        return (0 if test.stem == f"test_{path.stem}" else 1 if named else 2, -shared, len(text))

    return [str(each) for each in sorted(_files(tests, "test_*.py"), key=distance)]


def _files(paths: list[str], pattern: str) -> list[Path]:
    """Return the files at ``paths``, and below them those of ``pattern``."""
    given = [Path(each) for each in paths]
    return [f for p in given for f in (sorted(p.rglob(pattern)) if p.is_dir() else [p])]


def main() -> None:
    """Draw mutants, run them, and print one line each and the sums."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", nargs="+")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--skip", type=int, default=0, help="mutants of the same seed")
    parser.add_argument("--seconds", type=int, default=40, help="of processor time for a mutant")
    parser.add_argument("--again", type=Path)
    parser.add_argument("--work", type=Path)
    given = parser.parse_args()
    again = given.again.read_text("utf-8").splitlines() if given.again else None
    with tempfile.TemporaryDirectory() as folder:
        copy = Copy((given.work or Path(folder)).absolute(), given.seconds)
        sources = [path for path in given.paths if path.startswith("src")]
        tests = [path for path in given.paths if not path.startswith("src")]
        mutants = find_mutants(sources)
        random.Random(given.seed).shuffle(mutants)
        if again is None:
            drawn = list({(m.path, m.line): m for m in mutants}.values())  # one a line
            drawn = drawn[given.skip :][: given.count]
        else:
            wanted = {
                line.strip().split(maxsplit=2)[2] for line in again if line.startswith("survived")
            }
            by_text = {m.describe(Path(m.path).read_bytes()): m for m in mutants}
            drawn = [mutant for text, mutant in by_text.items() if text in wanted]
            gone = sorted(
                each for each in wanted - by_text.keys() if each.startswith(tuple(sources))
            )
            print("".join(f"gone {each}\n" for each in gone), end="")
        for name in ("pyarrow", "duckdb", "pytest", "openpyxl", "xlsxwriter"):
            importlib.import_module(name)  # once for all
        copy.try_unchanged(tests)
        counts: Counter[str] = Counter()
        for number, mutant in enumerate(drawn, 1):
            began = time.monotonic()
            text = mutant.describe(Path(mutant.path).read_bytes())
            result = copy.try_mutant(mutant, number, order_tests(mutant.path, tests))
            word, _, killer = result.partition(" by ")
            counts[word] += 1
            print(word, f"{time.monotonic() - began:.0f}s", text, killer and f"  # {killer}")
            sys.stdout.flush()
        print(dict(counts))


if __name__ == "__main__":
    main()
