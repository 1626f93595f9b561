"""Without a package of an extra its files are listed with what to install; nothing else changes."""

import importlib.metadata
import re
import sys
import tomllib
from pathlib import Path
from typing import Any, Final

import pytest

import piiscan
from piiscan.case.scan.tables.unread_table import unread_advice
from piiscan.case.store.case import Case
from piiscan.sources.formats import all_formats
from piiscan.wording.words import Words
from tests.fuzz.format_seeds import READ, csv_of
from tests.often import long
from tests.sources.formats.spreadsheet.test_binary_records import workbook
from tests.sources.formats.test_encrypted_office import encrypted
from tests.sources.formats.test_zip_archive import aes

ROOT: Final = Path(__file__).parents[2]
EXTRAS: Final[dict[str, list[str]]] = tomllib.loads((ROOT / "pyproject.toml").read_text())[
    "project"
]["optional-dependencies"]
#: Extras of which files need packages that no format as a whole needs.
BY_PART: Final = ("office",)
NUMBERS: Final = [f"1358123{number:04d}" for number in range(6740, 6750)]


def packages() -> dict[str, list[str]]:
    """Module of each package of an extra that a format names -> all extras that have it."""
    modules: dict[str, list[str]] = {}
    for module, names in importlib.metadata.packages_distributions().items():
        for name in names:
            modules.setdefault(re.sub(r"[-_.]+", "-", name).lower(), []).append(module)
    readers = (ROOT / "src" / "piiscan" / "sources").rglob("*.py")
    code = "".join(path.read_text("utf-8") for path in readers)
    exact = {name for each in all_formats() for name in each.packages}
    found: dict[str, list[str]] = {}
    for extra in sorted({each.extra for each in all_formats() if each.extra} | set(BY_PART)):
        for requirement in EXTRAS[extra]:
            name = re.match(r"[\w.-]+", requirement)
            assert name is not None
            for module in modules[re.sub(r"[-_.]+", "-", name[0]).lower()]:
                if not re.search(rf"(?:import|from) {module}\b", code):
                    continue  # a part of a package that nobody imports
                for each in [n for n in exact if n.startswith(f"{module}.")] or [module]:
                    found.setdefault(each, []).append(extra)
    return found


@pytest.fixture(scope="module")
def dump(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of every format that is read, and of those parts that need a package."""
    folder = tmp_path_factory.mktemp("mixed") / "dump"
    folder.mkdir()
    made = {name: make(NUMBERS[:5]) for name, make in READ.items()}
    made |= {"a.csv": csv_of(NUMBERS), "old.xls": workbook()}
    made |= {"aes.zip": aes({"a.csv": csv_of(NUMBERS)}, b"x"), "password.xlsx": encrypted("x")}
    for name, data in made.items():
        (folder / name).write_bytes(data)
    (folder.parent / "passwords.txt").write_text("x\n")
    return folder


def scanned(dump: Path, case: Path) -> Case:
    passwords = dump.parent / "passwords.txt"
    key = dump.parent / "key"
    return piiscan.scan(dump, case=case, key=key, names=False, passwords=passwords)


@pytest.fixture(scope="module")
def whole(dump: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a scan finds if every package is there."""
    return answers(scanned(dump, tmp_path_factory.mktemp("whole") / "case"))


def answers(case: Case) -> dict[str, Any]:
    """Path -> (findings, troubles) of each source."""
    found: dict[int, list[Any]] = {}
    for row in case.sql("select * from findings order by all").to_pylist():
        found.setdefault(row.pop("source"), []).append(row)
    sources = case.manifest.content["sources"]
    return {each["path"]: (found.get(each["source"], []), each["errors"]) for each in sources}


def one_of_each_extra() -> list[Any]:
    """Return (module, extras), only the first module of each extra in every run."""
    seen: set[str] = set()
    cases = []
    for module, extras in packages().items():
        cases.append(long(module, extras) if set(extras) <= seen else (module, extras))
        seen |= set(extras)
    return cases


@pytest.mark.program
@pytest.mark.parametrize(("module", "extras"), one_of_each_extra())
def test_a_file_that_needs_it_is_listed_and_the_others_are_read_as_before(
    module: str,
    extras: list[str],
    dump: Path,
    whole: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    case = scanned(dump, tmp_path / "case")
    assert case.manifest.content["counters"]["unread"] > 0  # exit code 1
    without, listed = answers(case), []
    for path, (findings, errors) in without.items():
        if (findings, errors) == whole[path]:  # as is a rar file without its program
            continue
        listed.append(path)
        missing = [each for each in errors if each["reason"] == "PACKAGE_MISSING"]
        assert missing
        for each in missing:
            advice = unread_advice(each, Words("en"))
            assert any(f"piiscan-cn[{extra}]" in advice for extra in extras)
        assert len(findings) < len(whole[path][0])
        assert all(each in whole[path][0] for each in findings)
    assert listed
