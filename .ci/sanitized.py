"""Sanitized run: kernels compiled with AddressSanitizer and UBSan, hostile texts and damaged files.

    python .ci/sanitized.py            all kernels, 20,000 texts, damaged files, a made dump
    python .ci/sanitized.py --short    kernels of detection, 1,500 texts

The kernels are compiled in a copy of the sources, ``build/sanitized``; those of the checkout stay
as they are. ``tests/fuzz/sanitized.py`` is what runs. A report of a sanitizer is a failure, and its
first lines are shown. Without gcc and its libasan nothing runs: a sentence names the package.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[1]
TREE: Final = ROOT / "build" / "sanitized"
REPORTS: Final = TREE / "reports"
#: Copied to the tree. Tests are run from the checkout.
COPIED: Final = ("src", "recognizers", "corpora", ".ci/build_hook.py")
#: Left out of the copy: what the build makes, and kernels that are compiled without sanitizers.
MADE: Final = ("*_kernels.abi3.so", "kernels.json", "__pycache__")
#: Parts of the names of the kernel modules that the short form compiles.
DETECTION: Final = ("detect/", "string_kernels", "hash_kernels", "mask_kernels")
TEXTS, SHORT_TEXTS = 20_000, 1_500
#: Words of a report.
REPORTED: Final = ("ERROR: ", "runtime error: ", "CHECK failed: ")
#: Lines of a report that are shown.
SHOWN: Final = 25


def main() -> int:
    """Compile and run; return 1 if a sanitizer reports something or the run fails."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--short", action="store_true", help="a minute: detection only")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--texts", type=int, help="hostile texts")
    asked = parser.parse_args()
    library, reason = find_library()
    if library is None:
        print(f"Sanitizers: skipped: {reason}")
        return 0
    copy_sources()
    borrow_kernels()
    compiled = compile_tree(DETECTION if asked.short else ())
    if compiled:
        return compiled
    if not is_caught(library):
        print("Sanitizers: a read behind the end of an array is not reported", file=sys.stderr)
        return 1
    texts = asked.texts
    if texts is None:
        texts = SHORT_TEXTS if asked.short else TEXTS
    failed = run_tree(library, ["texts", str(texts), str(asked.seed)]) if texts else 0
    if not asked.short:
        failed |= run_tree(library, ["files", str(asked.seed)])
    return failed


def find_library() -> tuple[Path | None, str]:
    """Return the runtime library of gcc's AddressSanitizer, or None and the reason why not."""
    install = "(Debian, Ubuntu: apt-get install gcc; libasan comes with it)"
    if sys.platform != "linux":
        return None, "they run on Linux only"
    if shutil.which("gcc") is None:
        return None, f"gcc is not installed {install}"
    for name in ("libasan.so", "libubsan.so"):
        words = ["gcc", f"-print-file-name={name}"]
        said = subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()
        if not Path(said).is_absolute() or not Path(said).exists():
            return None, f"gcc has no {name} {install}"
    words = ["gcc", "-print-file-name=libasan.so"]
    said = subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()
    return Path(said).resolve(), ""


def copy_sources() -> None:
    """Make the tree's sources those of the checkout; compiled modules of the tree stay."""
    for name in COPIED:
        source, copy = ROOT / name, TREE / name
        if source.is_file():
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, copy)
            continue
        left_out = shutil.ignore_patterns(*MADE)
        shutil.copytree(source, copy, ignore=left_out, dirs_exist_ok=True)
        for path in sorted(copy.rglob("*"), reverse=True):
            is_gone = not (source / path.relative_to(copy)).exists()
            if is_gone and path.is_file() and not any(map(path.match, MADE)):
                path.unlink()  # a source that was deleted or renamed
    shutil.rmtree(REPORTS, ignore_errors=True)
    REPORTS.mkdir(parents=True)


def borrow_kernels() -> None:
    """Copy compiled modules of the checkout that the tree lacks or has from older sources.

    They have no sanitizers. The build compiles those anew that it is asked for.
    """
    records = [place / "src" / "piiscan" / "kernels.json" for place in (ROOT, TREE)]
    known, own = (json.loads(each.read_text("utf-8")) if each.exists() else {} for each in records)
    for name, facts in known.items():
        compiled = Path("src", "piiscan", name).with_suffix(".abi3.so")
        is_there = (TREE / compiled).exists() and (ROOT / compiled).exists()
        if (ROOT / compiled).exists() and not (
            is_there and own.get(name, {}).get("sources") == facts["sources"]
        ):
            shutil.copy2(ROOT / compiled, TREE / compiled)
            own[name] = facts
    records[1].write_text(json.dumps(own, indent=1, sort_keys=True) + "\n", "utf-8")


def compile_tree(parts: tuple[str, ...]) -> int:
    """Compile the tree's kernels with the sanitizers; return the exit code.

    ``parts``: parts of the names of modules. All others come from the checkout, as they are.
    """
    before = spent()
    environment = {**os.environ, "PIISCAN_SANITIZE": "1", "CC": "gcc"}
    hook = (
        "import sys; sys.path.insert(0, '.ci'); import build_hook;"
        " print(len(build_hook.compile_kernels(sys.argv[1:])), end='')"
    )
    done = subprocess.run(
        [sys.executable, "-c", hook, *parts],
        check=False, cwd=TREE, env=environment, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    if done.returncode == 0:
        print(
            f"Sanitizers: {done.stdout} kernels compiled, {spent() - before:.0f} CPU s", flush=True
        )
    return done.returncode


def is_caught(library: Path) -> bool:
    """Return True if the build reports a read behind the end of an array, made on purpose."""
    python(library, ["control"], stderr=subprocess.DEVNULL)
    reports = find_reports()
    for report in REPORTS.iterdir():
        report.unlink()
    return bool(reports)


def find_reports() -> list[str]:
    """Return the reports of all processes; a warning that memory is limited is none."""
    texts = [path.read_text("utf-8", "replace") for path in sorted(REPORTS.iterdir())]
    return [text for text in texts if any(word in text for word in REPORTED)]


def run_tree(library: Path, words: list[str]) -> int:
    """Run the fuzzer with the tree's kernels; print the first reports; return 1 if it failed."""
    before = spent()
    code = python(library, words)
    reports = find_reports()
    for report in reports[:3]:
        print("\n".join(report.splitlines()[:SHOWN]), file=sys.stderr)
    verdict = f"{len(reports)} reports in {REPORTS}" if reports else "no report"
    seconds = f"{spent() - before:.0f} CPU s"
    print(f"Sanitizers: {words[0]}: {verdict}, exit code {code}, {seconds}", flush=True)
    return int(bool(reports or code))


def python(library: Path, words: list[str], **options: Any) -> int:
    """Run ``tests.fuzz.sanitized`` with the tree's piiscan; return its exit code."""
    reports = f"log_path={REPORTS}/report:halt_on_error=1"
    environment = {
        **os.environ,
        # exceptions of C++ are known to libasan only if their library is there from the start
        "LD_PRELOAD": f"{library} libstdc++.so.6",
        # new memory is full of digits: a text that is read too far in a larger buffer goes on
        "ASAN_OPTIONS": f"{reports}:detect_leaks=0:allocator_may_return_null=1"
        ":max_allocation_size_mb=4096:soft_rss_limit_mb=4096"
        ":malloc_fill_byte=53:max_malloc_fill_size=1048576",
        "UBSAN_OPTIONS": f"{reports}:print_stacktrace=1",
        "PYTHONMALLOC": "malloc",  # each buffer has red zones
        "ARROW_DEFAULT_MEMORY_POOL": "system",
        "PYTHONPATH": os.pathsep.join([str(TREE / "src"), str(ROOT)]),
        "PYCRYPTODOME_DISABLE_DEEPBIND": "1",  # no sanitizer runs beside a library bound so
    }
    command = [sys.executable, "-m", "tests.fuzz.sanitized", *words]
    return subprocess.run(command, check=False, cwd=TREE, env=environment, **options).returncode


def spent() -> float:
    """Return the processor seconds of all processes that this one has run."""
    return sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])


if __name__ == "__main__":
    sys.exit(main())
