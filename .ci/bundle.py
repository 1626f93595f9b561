"""Offline bundle: gather wheels and installers into one folder, for machines without a network.

    python .ci/bundle.py --out bundle [--platforms "kylin kylin-aarch64 windows"] [--python "3.12"]

piiscan is compiled for each platform here, with zig. For this platform and Python, the bundle is
installed into a temporary environment and used once. Wheels for other platforms are selected by
their tags and only checked for completeness. The bundle's README lists which platforms were tested.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from packaging.requirements import Requirement
from packaging.tags import Tag
from packaging.utils import canonicalize_name, parse_wheel_filename
from packaging.version import Version
from third_party import read_metadata, write_lists

ROOT: Final = Path(__file__).resolve().parents[1]
NAME: Final = "piiscan-cn"
HERE: Final = f"{sys.version_info.major}.{sys.version_info.minor}"
#: Minor version of the newest glibc that a Linux of the bundle needs (2.28: Kylin V10).
GLIBC: Final = 28
#: pip's --platform tags, oldest system last, and the values of environment markers.
PLATFORMS: Final = {
    "linux": (
        ("manylinux_2_28_x86_64", "manylinux_2_27_x86_64", "manylinux2014_x86_64"),
        {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"},
    ),
    "linux-aarch64": (
        ("manylinux_2_28_aarch64", "manylinux_2_27_aarch64", "manylinux2014_aarch64"),
        {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"},
    ),
    "macos": (
        ("macosx_14_0_arm64", "macosx_12_0_arm64", "macosx_11_0_arm64"),
        {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix"},
    ),
    "windows": (
        ("win_amd64",),
        {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt"},
    ),
}
MACHINES: Final = {
    "linux": "x86_64",
    "linux-aarch64": "aarch64",
    "macos": "arm64",
    "windows": "AMD64",
}
#: Systems by the names that people type: Kylin V10 has glibc 2.28.
SYSTEMS: Final = {"kylin": "linux", "kylin-aarch64": "linux-aarch64"}
#: Names of the platforms for the build hook.
TARGETS: Final = {
    "linux": "linux-x86_64",
    "linux-aarch64": "linux-aarch64",
    "macos": "macos-arm64",
    "windows": "windows-x86_64",
}


@dataclass(frozen=True)
class Target:
    """A platform and a Python version of the bundle."""

    platform: str
    python: str

    @property
    def markers(self) -> dict[str, str]:
        """Return requirement marker -> value on this target."""
        return {
            **PLATFORMS[self.platform][1],
            "platform_machine": MACHINES[self.platform],
            "python_version": self.python,
            "python_full_version": f"{self.python}.0",
            "implementation_name": "cpython",
            "platform_python_implementation": "CPython",
            "extra": "",
        }

    @property
    def pip_options(self) -> list[str]:
        """Return the options that make pip download wheels for this target."""
        named = [f"--platform={tag}" for tag in PLATFORMS[self.platform][0]]
        return [*named, f"--python-version={self.python}", "--implementation=cp"]

    def accepts(self, tag: Tag) -> bool:
        """Return True if a wheel with this tag can be installed on this target."""
        version_tag = f"cp{self.python.replace('.', '')}"
        older = tag.abi == "abi3" and tag.interpreter.startswith("cp3")
        right_python = tag.interpreter in (version_tag, "py3") or older
        family = {"linux": "manylinux", "darwin": "macosx", "win32": "win_amd64"}
        prefix = family[PLATFORMS[self.platform][1]["sys_platform"]]
        right_platform = tag.platform == "any" or tag.platform.startswith(prefix)
        if glibc := re.match(r"manylinux_2_(\d+)_", tag.platform):
            right_platform = right_platform and int(glibc[1]) <= GLIBC
        if self.platform != "windows" and tag.platform != "any":
            machine = MACHINES[self.platform]
            right_platform = right_platform and tag.platform.endswith((machine, "universal2"))
        return right_python and right_platform


def main() -> int:
    """Build the bundle; return 0 if it is complete and its test passes where possible, else 1."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "bundle")
    parser.add_argument("--platforms", default="this")
    parser.add_argument("--python", default="")
    parser.add_argument("--no-try", action="store_true", help="do not install the bundle here")
    options = parser.parse_args()
    names = [SYSTEMS.get(each, each) for each in options.platforms.split()]
    for each in names:
        if each not in ("this", *PLATFORMS):
            why = "arrow, numpy and others have no wheels for it" if "loong" in each else "unknown"
            parser.error(f"{each}: {why}; choose from {', '.join(('this', *PLATFORMS, *SYSTEMS))}")
    began, out = time.monotonic(), options.out.resolve()
    shutil.rmtree(out, ignore_errors=True)
    wheels = out / "wheels"
    wheels.mkdir(parents=True)
    pythons = options.python.split() or [HERE]
    targets = [
        Target(this_platform() if each == "this" else each, python)
        for each in names
        for python in pythons
    ]
    for each in sorted({target.platform for target in targets}):
        build_wheel(each, wheels)
    for target in targets:
        download_wheels(target, wheels)
    for wheel in wheels.iterdir():  # wheels that no target needs
        if not any(target.accepts(tag) for target in targets for tag in wheel_tags(wheel)):
            wheel.unlink()
    incomplete = {target: missing_requirements(target, wheels) for target in targets}
    write_installers(out, pythons)
    can_try = Target(this_platform(), HERE) in targets and not options.no_try
    test_record = try_bundle(out) if can_try else ""
    write_readme(out, targets, test_record)
    write_lists(wheels, out)
    write_checksums(out)
    for target, names in incomplete.items():
        if names:
            print(f"{target.platform}, Python {target.python}: no wheel for {', '.join(names)}",
                  file=sys.stderr)  # fmt: skip
    size, seconds = folder_size(out) / 1e6, time.monotonic() - began
    print(f"{out}: {len(list(wheels.iterdir()))} wheels, {size:.0f} MB, {seconds:.0f} s")
    return 1 if any(incomplete.values()) else 0


def wheel_tags(wheel: Path) -> frozenset[Tag]:
    """Return the compatibility tags in the name of a wheel."""
    return parse_wheel_filename(wheel.name)[3]


def this_platform() -> str:
    """Return the name in PLATFORMS of the platform that runs this script."""
    if (platform.system(), platform.machine()) == ("Linux", "aarch64"):
        return "linux-aarch64"
    return {"Linux": "linux", "Darwin": "macos", "Windows": "windows"}[platform.system()]


def pip(*arguments: object, **environment: str) -> None:
    """Run pip quietly. Raise SystemExit with its messages if it fails."""
    words = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    done = subprocess.run(
        [*words, *map(str, arguments)],
        capture_output=True,
        check=False,
        text=True,
        env={**os.environ, **environment},
    )
    if done.returncode:
        raise SystemExit(done.stderr)


def build_wheel(name: str, wheels: Path) -> None:
    """Build piiscan's wheel for the platform ``name`` into the folder ``wheels``."""
    pip("wheel", "--no-deps", "--wheel-dir", wheels, ROOT, PIISCAN_TARGET=TARGETS[name])


def download_wheels(target: Target, wheels: Path) -> None:
    """Download the wheels that ``target`` needs, until none is missing or none can be found.

    pip evaluates markers for the machine that runs it, so the requirements are followed here.
    """
    tried: set[str] = set()
    while wanted := [each for each in missing_requirements(target, wheels) if each not in tried]:
        tried.update(wanted)
        for each in wanted:
            try:
                pip("download", "--no-deps", "--only-binary=:all:", "--find-links", wheels,
                    "--dest", wheels, *target.pip_options, each)  # fmt: skip
            except SystemExit as error:
                if not build_plain_wheel(each, wheels):
                    print(error, file=sys.stderr)


def build_plain_wheel(requirement: str, wheels: Path) -> bool:
    """Add the wheel of a package that has sources only (jieba). Return False if it has any C."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            pip("wheel", "--no-deps", "--wheel-dir", folder, requirement)
        except SystemExit:
            return False
        plain = [*Path(folder).glob("*-none-any.whl")]
        for wheel in plain:
            shutil.move(wheel, wheels)
        return bool(plain)


def missing_requirements(target: Target, wheels: Path) -> list[str]:
    """Return piiscan's direct and indirect requirements that no wheel in the folder meets."""
    wheels_by_name: dict[str, list[tuple[Version, Path]]] = {}
    for path in sorted(wheels.glob("*.whl")):
        name, version, _, tags = parse_wheel_filename(path.name)
        if any(target.accepts(tag) for tag in tags):
            wheels_by_name.setdefault(name, []).append((version, path))
    missing, seen, queue = set(), set(), [Requirement(NAME)]
    while queue:
        requirement = queue.pop()
        matching = [
            (version, path)
            for version, path in wheels_by_name.get(canonicalize_name(requirement.name), [])
            if requirement.specifier.contains(version, prereleases=True)
        ]
        if not matching:
            missing.add(f"{requirement.name}{requirement.specifier}")
        elif (key := (max(matching)[1], frozenset(requirement.extras))) not in seen:
            seen.add(key)
            queue += required_by(key[0], target, requirement.extras)
    return sorted(missing)


def required_by(wheel: Path, target: Target, extras: set[str]) -> Iterator[Requirement]:
    """Yield the requirements of a wheel that apply on ``target`` with ``extras``."""
    for text in read_metadata(wheel).get_all("Requires-Dist") or []:
        requirement = Requirement(text)
        for extra in {"", *extras}:
            marker = requirement.marker
            if marker is None or marker.evaluate({**target.markers, "extra": extra}):
                yield requirement
                break


def write_installers(out: Path, pythons: list[str]) -> None:
    """Write install.sh for Linux and macOS and install.cmd for Windows to ``out``."""
    for name, newline in (("install.sh", "\n"), ("install.cmd", "\r\n")):
        text = (Path(__file__).parent / "bundle" / name).read_text("utf-8")
        filled = text.replace("@VERSIONS@", " ".join(pythons))
        (out / name).write_text(filled, encoding="utf-8", newline=newline)
    (out / "install.sh").chmod(0o755)


def try_bundle(out: Path) -> str:
    """Install the bundle offline and search one text; return system and Python version.

    Raise SystemExit if the installed program does not find the mobile number.
    """
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "piiscan"
        if this_platform() == "windows":
            command, program = [str(out / "install.cmd")], place / "Scripts" / "piiscan.exe"
        else:
            command, program = ["sh", str(out / "install.sh")], place / "bin" / "piiscan"
        environment = {**os.environ, "PYTHON": sys.executable, "PIP_NO_INDEX": "1"}
        subprocess.run(
            [*command, str(place)], check=True, stdout=subprocess.DEVNULL, env=environment
        )
        found = subprocess.run(
            [str(program), "find", "-e", "13800138000"], check=True, capture_output=True, text=True
        )
        if json.loads(found.stdout)["entity"] != "CN_MOBILE":
            raise SystemExit("the installed bundle does not find a mobile number")
    return f"{platform.platform()}, Python {platform.python_version()}"


def write_readme(out: Path, targets: list[Target], test_record: str) -> None:
    """Write README to ``out``: content of the bundle, installation, untested targets."""
    here = Target(this_platform(), HERE)
    lines = [
        f"- {each.platform} ({MACHINES[each.platform]}), Python {each.python}: "
        + (
            f"installed and run ({test_record})"
            if test_record and each == here
            else "NOT RUN: piiscan compiled for it elsewhere, other wheels gathered"
        )
        for each in targets
    ]
    text = f"""# piiscan, for machines without a network

Linux, macOS: `sh install.sh [FOLDER]`. Windows: `install.cmd [FOLDER]`.
Python itself is not included and must be there, in one of the versions below.
`sha256sum -c SHA256SUMS` checks what was copied. THIRD_PARTY.txt has the licences of all packages,
bom.json their digests and dependencies (CycloneDX 1.6).

{chr(10).join(lines)}
"""
    (out / "README.md").write_text(text, encoding="utf-8")


def write_checksums(out: Path) -> None:
    """Write SHA256SUMS of all files in the bundle to ``out``."""
    files = sorted(each for each in out.rglob("*") if each.is_file())
    checksums = [
        f"{hashlib.sha256(each.read_bytes()).hexdigest()}  {each.relative_to(out).as_posix()}"
        for each in files
    ]
    (out / "SHA256SUMS").write_text("\n".join(checksums) + "\n", encoding="utf-8")


def folder_size(folder: Path) -> int:
    """Return the total size of the files in a folder, in bytes."""
    return sum(each.stat().st_size for each in folder.rglob("*") if each.is_file())


if __name__ == "__main__":
    sys.exit(main())
