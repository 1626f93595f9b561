"""Damaged files of every format, a few hundred in each run; a longer run: ``tests.fuzz.run``."""

from __future__ import annotations

import pytest

from tests.fuzz.files import MEMORY, Fuzzer, Outcome

#: Damaged files that are scanned, and of which copies are made.
SCANNED, COPIED = 200, 60


@pytest.fixture(scope="module")
def fuzzer(tmp_path_factory: pytest.TempPathFactory) -> Fuzzer:
    return Fuzzer(tmp_path_factory.mktemp("fuzz"))


def failures(outcome: Outcome) -> list[str]:
    return [f"{file.name}: {text}" for file, text in outcome.failures]


def test_every_value_of_an_undamaged_seed_is_found_and_masked(fuzzer: Fuzzer) -> None:
    files = fuzzer.undamaged()
    scanned = fuzzer.scan(files)
    assert failures(scanned) == []
    assert scanned.values > 300
    assert failures(fuzzer.redact(files)) == []


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_damaged_files_end_no_scan_and_hide_no_value(fuzzer: Fuzzer) -> None:
    outcome = fuzzer.scan(list(fuzzer.make("1", SCANNED)))
    assert failures(outcome) == []
    assert outcome.values > SCANNED
    assert outcome.peak < MEMORY


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_masked_copies_of_damaged_files_hide_every_value_or_are_listed(fuzzer: Fuzzer) -> None:
    outcome = fuzzer.redact(list(fuzzer.make("2", COPIED)))
    assert failures(outcome) == []
    assert outcome.values > COPIED
