"""Gather wheels and installers into one folder, for machines without a network.

    python .ci/bundle.py --out bundle [--platforms "this linux macos windows"] [--python "3.12"]

For the platform and Python that run this, the bundle is installed into a throw-away environment
and used once.  Wheels for other platforms are gathered by their tags and only checked to be
complete; the bundle's README says which is which.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from email.parser import BytesParser
from pathlib import Path
from typing import Final

from packaging.requirements import Requirement
from packaging.tags import Tag
from packaging.utils import canonicalize_name, parse_wheel_filename
from packaging.version import Version

ROOT: Final = Path(__file__).resolve().parents[1]
NAME: Final = "piiscan-cn"
HERE: Final = f"{sys.version_info.major}.{sys.version_info.minor}"
#: pip's --platform tags, oldest system last, and what environment markers are there.
PLATFORMS: Final = {
    "linux": (
        ("manylinux_2_28_x86_64", "manylinux_2_27_x86_64", "manylinux2014_x86_64"),
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
MACHINES: Final = {"linux": "x86_64", "macos": "arm64", "windows": "AMD64"}


@dataclass(frozen=True)
class Target:
    """A platform and a Python version that the bundle is for."""

    platform: str
    python: str

    @property
    def markers(self) -> dict[str, str]:
        """What requirement markers are evaluated against there."""
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
        """Options by which pip downloads for this target instead of for itself."""
        named = [f"--platform={tag}" for tag in PLATFORMS[self.platform][0]]
        return [*named, f"--python-version={self.python}", "--implementation=cp"]

    def takes(self, tag: Tag) -> bool:
        """Whether a wheel with this tag can be installed there."""
        own = f"cp{self.python.replace('.', '')}"
        older = tag.abi == "abi3" and tag.interpreter.startswith("cp3")
        right_python = tag.interpreter in (own, "py3") or older
        families = {"linux": "manylinux", "macos": "macosx", "windows": "win_amd64"}
        fits = tag.platform == "any" or tag.platform.startswith(families[self.platform])
        if self.platform != "windows" and tag.platform != "any":
            machine = MACHINES[self.platform]
            fits = fits and tag.platform.endswith((machine, "universal2"))
        return right_python and fits


def main() -> int:
    """0 if the bundle is complete and, where it can be tried here, works."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "bundle")
    parser.add_argument("--platforms", default="this")
    parser.add_argument("--python", default="")
    parser.add_argument("--no-try", action="store_true", help="do not install the bundle here")
    asked = parser.parse_args()
    out = asked.out.resolve()
    shutil.rmtree(out, ignore_errors=True)
    wheels = out / "wheels"
    wheels.mkdir(parents=True)
    pythons = asked.python.split() or [HERE]
    targets = [
        Target(this_platform() if each == "this" else each, python)
        for each in asked.platforms.split()
        for python in pythons
    ]
    pip("wheel", "--wheel-dir", wheels, ROOT)
    for target in targets:
        if target != Target(this_platform(), HERE):
            gather(target, wheels)
    for wheel in wheels.iterdir():  # what only this machine needed to gather the others
        if not any(target.takes(tag) for target in targets for tag in tags_of(wheel)):
            wheel.unlink()
    incomplete = {target: lacking(target, wheels) for target in targets}
    write_installers(out, pythons)
    here = Target(this_platform(), HERE) in targets and not asked.no_try
    tried = try_here(out) if here else ""
    write_readme(out, targets, tried)
    write_sums(out)
    for target, names in incomplete.items():
        if names:
            print(f"{target.platform}, Python {target.python}: lacking {names}", file=sys.stderr)
    print(f"{out}: {len(list(wheels.iterdir()))} wheels, {size(out) >> 20} MiB")
    return 1 if any(incomplete.values()) else 0


def tags_of(wheel: Path) -> frozenset[Tag]:
    """What a wheel's name says it fits."""
    return parse_wheel_filename(wheel.name)[3]


def this_platform() -> str:
    """The platform that runs this, by the names used here."""
    return {"Linux": "linux", "Darwin": "macos", "Windows": "windows"}[platform.system()]


def pip(*arguments: object) -> None:
    """Run pip, quietly; its own error is the best one to show."""
    words = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    subprocess.run([*words, *map(str, arguments)], check=True)


def gather(target: Target, wheels: Path) -> None:
    """Download what ``target`` needs, until nothing is missing or nothing more can be had.

    pip evaluates markers for the machine it runs on, so the requirements are followed here.
    """
    tried: set[str] = set()
    while wanted := [each for each in lacking(target, wheels) if each not in tried]:
        tried.update(wanted)
        for each in wanted:
            try:
                pip("download", "--no-deps", "--only-binary=:all:", "--find-links", wheels,
                    "--dest", wheels, *target.pip_options, each)  # fmt: skip
            except subprocess.CalledProcessError:
                print(f"{target.platform}: no wheel for {each}", file=sys.stderr)


def lacking(target: Target, wheels: Path) -> list[str]:
    """The requirements, followed from piiscan on, that no wheel in the folder meets there."""
    have: dict[str, list[tuple[Version, Path]]] = {}
    for path in sorted(wheels.glob("*.whl")):
        name, version, _, tags = parse_wheel_filename(path.name)
        if any(target.takes(tag) for tag in tags):
            have.setdefault(name, []).append((version, path))
    missing, seen, queue = set(), set(), [Requirement(NAME)]
    while queue:
        requirement = queue.pop()
        met = [
            (version, path)
            for version, path in have.get(canonicalize_name(requirement.name), [])
            if requirement.specifier.contains(version, prereleases=True)
        ]
        if not met:
            missing.add(f"{requirement.name}{requirement.specifier}")
        elif (key := (max(met)[1], frozenset(requirement.extras))) not in seen:
            seen.add(key)
            queue += requirements(key[0], target, requirement.extras)
    return sorted(missing)


def requirements(wheel: Path, target: Target, extras: set[str]) -> Iterator[Requirement]:
    """What a wheel requires on ``target``."""
    with zipfile.ZipFile(wheel) as archive:
        name = next(n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
        metadata = BytesParser().parsebytes(archive.read(name))
    for text in metadata.get_all("Requires-Dist") or []:
        requirement = Requirement(text)
        for extra in {"", *extras}:
            marker = requirement.marker
            if marker is None or marker.evaluate({**target.markers, "extra": extra}):
                yield requirement
                break


def write_installers(out: Path, pythons: list[str]) -> None:
    """install.sh for Linux and macOS, install.cmd for Windows."""
    for name, newline in (("install.sh", "\n"), ("install.cmd", "\r\n")):
        text = (Path(__file__).parent / "bundle" / name).read_text("utf-8")
        filled = text.replace("@VERSIONS@", " ".join(pythons))
        (out / name).write_text(filled, encoding="utf-8", newline=newline)
    (out / "install.sh").chmod(0o755)


def try_here(out: Path) -> str:
    """What was really done on this machine: installed without an index, and one text searched."""
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
            [str(program), "find", "13800138000"], check=True, capture_output=True, text=True
        )
        if json.loads(found.stdout)["entity"] != "CN_MOBILE":
            raise SystemExit("the installed bundle does not find a mobile number")
    return f"{platform.platform()}, Python {platform.python_version()}"


def write_readme(out: Path, targets: list[Target], tried: str) -> None:
    """What is in the bundle, how to install it, and what of it was never run."""
    here = Target(this_platform(), HERE)
    lines = [
        f"- {each.platform} ({MACHINES[each.platform]}), Python {each.python}: "
        + (
            f"installed and run ({tried})"
            if tried and each == here
            else "NOT RUN, wheels gathered only"
        )
        for each in targets
    ]
    text = f"""# piiscan, for machines without a network

Linux, macOS: `sh install.sh [FOLDER]`. Windows: `install.cmd [FOLDER]`.
Python itself is not included and must be there, in one of the versions below.
`sha256sum -c SHA256SUMS` checks what was copied.

{chr(10).join(lines)}
"""
    (out / "README.md").write_text(text, encoding="utf-8")


def write_sums(out: Path) -> None:
    """SHA256SUMS over everything in the bundle."""
    files = sorted(each for each in out.rglob("*") if each.is_file())
    sums = [
        f"{hashlib.sha256(each.read_bytes()).hexdigest()}  {each.relative_to(out).as_posix()}"
        for each in files
    ]
    (out / "SHA256SUMS").write_text("\n".join(sums) + "\n", encoding="utf-8")


def size(folder: Path) -> int:
    """Bytes in a folder."""
    return sum(each.stat().st_size for each in folder.rglob("*") if each.is_file())


if __name__ == "__main__":
    sys.exit(main())
