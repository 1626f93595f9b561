"""Damaged and hostile files of every format; a longer run: tests.fuzz.run."""

import sys
from pathlib import Path

import pytest

from piiscan.sources.content import memory_content
from piiscan.sources.format import TEXT_RANK, Sample
from piiscan.sources.formats import all_formats, fitting_formats
from tests.fuzz.files import MEMORY, Damaged, Fuzzer, Outcome
from tests.fuzz.format_seeds import BESIDE_OTHERS, DECODED, PACKERS, container_seed
from tests.fuzz.hostile import HOSTILE, Hostile, try_case
from tests.often import long


@pytest.fixture(scope="module")
def fuzzer(tmp_path_factory: pytest.TempPathFactory) -> Fuzzer:
    return Fuzzer(tmp_path_factory.mktemp("fuzz"))


def failures(outcome: Outcome) -> list[str]:
    return [f"{file.name}: {text}" for file, text in outcome.failures]


def test_every_format_has_a_seed_and_every_container_a_packer(fuzzer: Fuzzer) -> None:
    seen = set()
    for seed in fuzzer.seeds:
        fitting = fitting_formats(Sample(memory_content(seed.data, seed.name, member="")))
        first = next(fitting)
        seen |= {first} if first.rank < TEXT_RANK else {first, *fitting}
    formats = [each for each in all_formats() if each.name not in BESIDE_OTHERS]
    assert [f"{each.name} {each.rank}" for each in formats if each not in seen] == []
    containers = {each.name for each in formats if each.container and each.has_reader}
    assert containers - {"sheet", "text in other bytes"} == set(PACKERS)


@pytest.mark.parametrize("every", [3, long(1)])
def test_what_is_cut_off_is_listed_in_every_format_that_has_a_length(
    fuzzer: Fuzzer, every: int
) -> None:
    files = list(fuzzer.cut())
    assert len(files) > 100
    assert failures(fuzzer.scan(files[::every])) == []


def test_members_three_deep_are_found_and_twelve_deep_are_listed(fuzzer: Fuzzer) -> None:
    values = ["13800138000", "13900139001"]
    for depth in (3, 12):
        files = []
        for name in PACKERS:
            if depth == 3 or name not in DECODED:
                file, data = container_seed(name, values, depth)
                files.append(Damaged(file, data, frozenset(), frozenset(values)))
        outcome = fuzzer.scan(files)
        assert failures(outcome) == []
        assert (outcome.lost >= len(files)) == (depth > 3)


def test_every_value_of_an_undamaged_seed_is_found_and_masked(fuzzer: Fuzzer) -> None:
    files = fuzzer.undamaged()
    scanned = fuzzer.scan(files)
    assert failures(scanned) == []
    assert scanned.values > 300
    assert failures(fuzzer.redact(files)) == []


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("count", [60, long(300)])
def test_damaged_files_end_no_scan_and_hide_no_value(fuzzer: Fuzzer, count: int) -> None:
    outcome = fuzzer.scan(list(fuzzer.make("1", count)))
    assert failures(outcome) == []
    assert outcome.values > count
    assert outcome.peak < MEMORY


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("count", [25, long(120)])
def test_masked_copies_of_damaged_files_hide_every_value_or_are_listed(
    fuzzer: Fuzzer, count: int
) -> None:
    outcome = fuzzer.redact(list(fuzzer.make("2", count)))
    assert failures(outcome) == []
    assert outcome.values > count


#: Every second hostile file; books and slow archives in the long part only.
IN_EVERY_RUN = {
    case.name for case in HOSTILE[::2] if not case.name.endswith((".xlsx", ".ods", "bzip2.zip"))
}


@pytest.mark.skipif(sys.platform == "win32", reason="names and files that Windows has not")
@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(
    "case",
    [long(c) if c.long or c.name not in IN_EVERY_RUN else c for c in HOSTILE],
    ids=lambda case: case.name,
)
def test_a_hostile_file_is_read_or_listed(case: Hostile, tmp_path: Path) -> None:
    done = try_case(case, tmp_path)
    assert done.wrong(case) is None
    assert done.peak < MEMORY
