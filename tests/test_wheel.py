"""What is shipped: the wheel, the sdist, the editable install, and the bundle for offline use."""

import csv
import importlib
import json
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
COMPILED = ".pyd" if sys.platform == "win32" else ".abi3.so"


def run(*words: object, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(word) for word in words],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def in_checkout(folder: str) -> set[str]:
    return {
        each.relative_to(ROOT).as_posix()
        for each in (ROOT / folder).rglob("*")
        if each.is_file() and "__pycache__" not in each.parts
    }


def built(kind: str, out: Path) -> Path:
    """The file that hatchling's hook ``build_KIND`` makes, without building in isolation."""
    code = f"import hatchling.build as b; print(b.build_{kind}({str(out)!r}))"
    done = run(sys.executable, "-c", code, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return out / done.stdout.split()[-1]


@pytest.fixture(scope="module")
def wheel_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built("wheel", tmp_path_factory.mktemp("built"))


def test_the_wheel_carries_recognizers_corpora_data_and_kernels(wheel_file: Path) -> None:
    with zipfile.ZipFile(wheel_file) as wheel:
        inside = {name for name in wheel.namelist() if ".dist-info/" not in name}
        metadata = next(name for name in wheel.namelist() if name.endswith("METADATA"))
        told = wheel.read(metadata).decode()
        made = wheel.read(metadata.replace("METADATA", "WHEEL")).decode()
    source = {name.removeprefix("src/") for name in in_checkout("src/piiscan")}
    declarations = {name for name in source if name.endswith((".pxd", ".h"))}
    shipped = {
        f"piiscan/{name}" for part in ("recognizers", "corpora") for name in in_checkout(part)
    }
    assert inside == source - declarations | shipped
    for kernels in (ROOT / "src").rglob("*_kernels.py"):
        name = kernels.relative_to(ROOT / "src").with_suffix(COMPILED).as_posix()
        assert name in inside
    assert wheel_file.name.startswith("piiscan_cn-")
    assert "-cp311-abi3-" in wheel_file.name
    assert "Root-Is-Purelib: false\n" in made
    assert "Name: piiscan-cn\n" in told
    assert "License-Expression: MIT\n" in told


def test_the_wheel_alone_finds_something(tmp_path: Path, wheel_file: Path) -> None:
    folder = tmp_path / "clean"
    done = run(
        *(sys.executable, "-m", "pip", "install", "--no-deps", "--no-index", "--quiet"),
        *("--target", folder, wheel_file),
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    code = (
        "import piiscan\n"
        "print(piiscan.__file__)\n"
        "print(*[f'{f.entity} {f.value}' for f in piiscan.find('张三丰，手机 138-0013-8000')])\n"
        "import piiscan.detect.ner.model.network_kernels as kernels\n"
        "print(kernels.__file__)\n"
    )
    done = run(sys.executable, "-c", code, cwd=tmp_path, PYTHONPATH=str(folder))
    assert done.returncode == 0, done.stderr
    package, found, kernels = done.stdout.splitlines()
    assert found == "PERSON 张三丰 CN_MOBILE 13800138000"
    assert Path(package).is_relative_to(folder)
    assert Path(kernels).is_relative_to(folder)
    assert kernels.endswith(COMPILED)


def test_an_editable_install_leaves_recognizers_in_the_checkout(tmp_path: Path) -> None:
    with zipfile.ZipFile(built("editable", tmp_path)) as wheel:
        inside = [name for name in wheel.namelist() if ".dist-info/" not in name]
        assert len(inside) == 1
        assert wheel.read(inside[0]).decode() == str(ROOT / "src")


@pytest.mark.long
def test_the_sdist_builds_the_same_wheel(tmp_path: Path) -> None:
    sdist = built("sdist", tmp_path)
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    unpacked = sdist.with_name(sdist.name.removesuffix(".tar.gz"))
    code = f"import hatchling.build as b; print(b.build_wheel({str(tmp_path)!r}))"
    done = run(sys.executable, "-c", code, cwd=unpacked)
    assert done.returncode == 0, done.stderr
    ours, theirs = tmp_path / "ours", tmp_path / done.stdout.split()[-1]
    ours.mkdir()
    with zipfile.ZipFile(built("wheel", ours)) as one, zipfile.ZipFile(theirs) as other:
        assert sorted(one.namelist()) == sorted(other.namelist())


def wheel(folder: Path, name: str, *requires: str) -> None:
    """An empty wheel with these requirements."""
    project = name.split("-", maxsplit=1)[0]
    with zipfile.ZipFile(folder / f"{name}.whl", "w") as archive:
        told = "".join(f"Requires-Dist: {each}\n" for each in requires)
        archive.writestr(f"{project}-1.dist-info/METADATA", f"Name: {project}\n{told}")


@pytest.mark.parametrize(
    ("target", "lacking"),
    [
        (("windows", "3.12"), ["colorama>=1"]),
        (("linux", "3.12"), []),
        (("macos", "3.12"), ["fast"]),
        (("linux", "3.11"), ["fast"]),
    ],
)
def test_a_bundle_knows_what_it_lacks_elsewhere(
    target: tuple[str, str], lacking: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    windows_only, extra = "colorama>=1 ; sys_platform == 'win32'", "other ; extra == 'more'"
    wheel(tmp_path, "piiscan_cn-1-py3-none-any", windows_only, "fast", "newer", extra)
    wheel(tmp_path, "fast-1-cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64")
    wheel(tmp_path, "fast-1-cp312-cp312-win_amd64")
    wheel(tmp_path, "newer-1-cp312-cp312-manylinux_2_34_x86_64")  # than the glibc of Kylin V10
    monkeypatch.syspath_prepend(str(ROOT / ".ci"))
    module = importlib.import_module("bundle")
    assert module.missing_requirements(module.Target(*target), tmp_path) == [*lacking, "newer"]
    listed = importlib.import_module("third_party").bill_of_materials([*tmp_path.iterdir()])
    (needs,) = [each["dependsOn"] for each in listed["dependencies"] if each["dependsOn"]]
    assert {each.partition("-")[0] for each in needs} == {"fast", "newer"}


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle for this machine."""
    place = tmp_path_factory.mktemp("bundle")
    probe = run(
        *(sys.executable, "-m", "pip", "download", "--no-deps", "--quiet", "--retries=0"),
        *("--timeout=15", "--dest", place / "probe", "hatchling"),
        cwd=place,
    )
    if probe.returncode:
        pytest.skip("no package index can be reached: dependencies cannot be gathered")
    out = place / "bundle"
    done = run(sys.executable, ROOT / ".ci/bundle.py", "--no-try", "--out", out, cwd=place)
    assert done.returncode == 0, done.stderr
    return out


@pytest.fixture(scope="module")
def installed(bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of a clean environment, installed with no index from the bundle."""
    place = tmp_path_factory.mktemp("clean") / "piiscan"
    done = run(
        *("sh", bundle / "install.sh", place),
        cwd=place.parent,
        PYTHON=sys.executable,
        PIP_NO_INDEX="1",
        PIP_CONFIG_FILE=os.devnull,
        PIP_CACHE_DIR=str(place.parent / "cache"),
    )
    assert done.returncode == 0, done.stderr
    assert "piiscan 0." in done.stdout
    return place / "bin"


@pytest.mark.long
def test_a_clean_install_makes_scans_counts_and_verifies(installed: Path, tmp_path: Path) -> None:
    program = installed / "piiscan"
    lines = [
        ("corpus", "make", "sale-7967", "--rows", "200", "--seed", "3", "-o", "made"),
        ("scan", "made/sale-7967", "--case", "case", "--key", "key", "--as-of", "2026-01-01"),
        ("report", "case", "--format", "json", "-o", "report.json"),
        ("verify", "case"),
    ]
    for words in lines:
        done = run(program, *words, cwd=tmp_path, PYTHONPATH="", PYTHONNOUSERSITE="1")
        assert done.returncode == 0, (words, done.stdout, done.stderr)
    report = (tmp_path / "report.json").read_text("utf-8")
    assert {"CN_MOBILE", "CN_RESIDENT_ID", "PERSON"} <= {
        row["entity"] for row in json.loads(report)["kinds"]
    }


def test_the_list_of_the_engine_has_the_versions_of_the_package() -> None:
    wanted = (ROOT / "pyproject.toml").read_text("utf-8")
    lines = (ROOT / "docs" / "engine.txt").read_text("utf-8").splitlines()
    assert [each for each in lines if each[0] != "#" and f'"{each}"' not in wanted] == []


FRAME = """
import pandas, piiscan
frame = pandas.DataFrame({"姓名": ["张三"], "手机号": ["13800138000"]})
print([each["entity"] for each in piiscan.find_table(frame).to_pylist()])
print(piiscan.plan(frame).mask(frame)["手机号"].to_pylist())
print([each.value for each in piiscan.find("HY12345678", recognizers="shop")])
"""


@pytest.mark.long
def test_the_engine_searches_tables_in_350_mb_and_everything_takes_700(
    bundle: Path, installed: Path, tmp_path: Path
) -> None:
    run(sys.executable, "-m", "venv", tmp_path / "engine", cwd=tmp_path)
    python = tmp_path / "engine" / "bin" / "python"
    (own,) = (bundle / "wheels").glob("piiscan*.whl")
    engine = ("-r", ROOT / "docs" / "engine.txt")
    for words in (engine, ("--no-deps", own, ROOT / "examples/pack"), ("pandas",)):
        if words == ("pandas",):  # or any other library of tables, which the user has
            assert megabytes(python) < 350
        done = run(
            *(python, "-m", "pip", "install", "--quiet", "--no-compile"),
            *("--find-links", bundle / "wheels", *words),
            cwd=tmp_path,
        )
        assert done.returncode == 0, done.stderr
    assert megabytes(installed / "python") < 700
    done = run(python, "-c", FRAME, cwd=tmp_path, PYTHONPATH="", PYTHONDONTWRITEBYTECODE="1")
    assert done.stdout.split("\n")[:3] == [
        "['PERSON', 'CN_MOBILE']", "['138****8000']", "['HY12345678']",
    ], done.stderr  # fmt: skip


def megabytes(python: Path) -> float:
    """The size of the packages of an environment, without pip, setuptools and bytecode."""
    (packages,) = (python.parents[1] / "lib").glob("python*/site-packages")
    tools = ("pip", "setuptools", "pkg_resources", "_distutils_hack")
    kept = [each for each in packages.iterdir() if each.name.partition("-")[0] not in tools]
    files = [file for each in kept for file in (each, *each.rglob("*")) if file.is_file()]
    return sum(each.stat().st_size for each in files if each.suffix != ".pyc") / 1e6


@pytest.mark.long
def test_the_bundle_says_what_was_not_run_and_what_it_holds(bundle: Path) -> None:
    readme = (bundle / "README.md").read_text("utf-8")
    assert "NOT RUN" in readme
    with (bundle / "SHA256SUMS").open(encoding="utf-8") as file:
        named = {row[2] for row in csv.reader(file, delimiter=" ")}
    held = {each.relative_to(bundle).as_posix() for each in bundle.rglob("*") if each.is_file()}
    assert held - named == {"SHA256SUMS"}
    assert not named - held
    listed = json.loads((bundle / "bom.json").read_text("utf-8"))["components"]
    wheels = {each["bom-ref"]: each["hashes"][0]["content"] for each in listed}
    with (bundle / "SHA256SUMS").open(encoding="utf-8") as file:
        sums = {row[2]: row[0] for row in csv.reader(file, delimiter=" ")}
    assert {f"wheels/{name}": sha for name, sha in wheels.items()}.items() <= sums.items()
    assert len(wheels) == len(list((bundle / "wheels").iterdir()))
    assert all(each["licenses"][0] for each in listed)
