"""What several cases share: every pair is what sets of people say."""

from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from piiscan import Case, CaseError, count
from piiscan.case.compare.overlap import overlap
from tests.case.count.test_count import PERSON, person
from tests.case.dump import scan_dump
from tests.case.leak import write_csv

#: Case -> file -> suspect, people.
CASES: dict[str, dict[str, tuple[str, list[int]]]] = {
    "one": {"a": ("甲某", [1, 2, 3, 4]), "b": ("乙某", [4, 5]), "c": ("", [50])},
    "two": {"a": ("甲某", [3, 4, 6, 60]), "d": ("丙某", [7, 60])},
    "three": {"e": ("丁某", [4, 7, 8])},
    "alone": {"f": ("戊某", [90])},
}


def make_case(home: Path, name: str, **more: Any) -> Case:
    dump = home / f"dump-{name}"
    for file, (_, people) in CASES[name].items():
        write_csv(dump / f"{file}.csv", PERSON, [person(n) for n in people])
    said = [(f"{dump.as_posix()}/{f}.csv", who) for f, (who, _) in CASES[name].items() if who]
    write_csv(home / f"{name}.csv", ("路径", "嫌疑人"), said)
    case = scan_dump([dump], home / f"case-{name}", case_number=name, **more)
    count(case, register=home / f"{name}.csv")
    return case


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> list[Case]:
    home = tmp_path_factory.mktemp("cases")
    return [make_case(home, name) for name in CASES]


def held(kind: str) -> dict[tuple[str, str], set[int]]:
    """The people of each case, suspect or file."""
    found: dict[tuple[str, str], set[int]] = {}
    for case, files in CASES.items():
        for number, (file, (who, people)) in enumerate(files.items(), 1):
            name = {"case": "", "suspect": who, "source": f"{number} {file}"}[kind]
            if kind != "suspect" or who:
                found.setdefault((case, name), set()).update(people)
    return found


@pytest.mark.parametrize("kind", ["case", "suspect", "source"])
def test_pairs_of_cases_suspects_and_files_are_those_of_sets(cases: list[Case], kind: str) -> None:
    people = held(kind)
    wanted = {}
    for one, other in combinations(people, 2):
        both = people[one] & people[other]
        if one[0] != other[0] and (both or kind == "case"):
            either = people[one] | people[other]
            rare = [n for n in both if sum(n in each for each in people.values()) == 2]
            ratios = [f"{len(both) / len(people[end]):.4f}" for end in (one, other)]
            sizes = [len(people[one]), len(people[other]), len(both), len(either)]
            wanted[*one, *other] = (*sizes, *ratios, len(rare))
    names = ("one_size", "other_size", "common", "either")
    names += ("common_of_one", "common_of_other", "only_these")
    told = {
        (r["one_case"], _plain(r["one"]), r["other_case"], _plain(r["other"])): tuple(
            r[name] for name in names
        )
        for r in overlap(cases)
        if r["scope_kind"] == kind
    }
    assert told == wanted


def _plain(name: str | None) -> str:
    """A source without its folder and extension: ``1 a``."""
    if name is None or "/" not in name:
        return name or ""
    number, _, path = name.partition(" ")
    return f"{number} {Path(path).stem}"


def test_keys_orders_and_counts_must_be_the_same(cases: list[Case], tmp_path: Path) -> None:
    first = cases[0]
    with pytest.raises(CaseError, match="given twice"):
        overlap([first, first])
    other = make_case(tmp_path, "three", key=tmp_path / "other.key")
    with pytest.raises(CaseError, match="another key than"):
        overlap([first, other])
    count(cases[2], key_by=["phone"])
    with pytest.raises(CaseError, match="another order of keys"):
        overlap([first, cases[2]])
    fresh = scan_dump([tmp_path / "dump-three"], tmp_path / "fresh")
    with pytest.raises(CaseError, match="no count yet"):
        overlap([fresh, first])
