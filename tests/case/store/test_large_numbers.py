"""Sources are numbered on behind 999,999 in every verb."""

from pathlib import Path

import pytest

import piiscan
from piiscan.case.scan import scan_run
from piiscan.case.store.shard_runs import number_name
from tests.case.scanned import scan_files

FIRST = 999_999


def test_names_of_numbers_sort_as_numbers() -> None:
    numbers = [1, 12, 99_999, 999_999, 1_000_000, 1_000_001, 10_000_000, 999_999_999]
    names = [number_name(number) for number in numbers]
    assert names == sorted(names)
    assert len(set(names)) == len(names)


def test_sources_before_and_behind_a_million(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    phones = [f"1391234000{number}" for number in range(3)]
    rows = zip("伟强明", phones, strict=True)
    files = {f"{phone}.csv": f"姓名,手机号\n张{name},{phone}\n" for name, phone in rows}
    monkeypatch.setattr(scan_run, "max", lambda *_, **__: FIRST - 1, raising=False)
    case = scan_files(tmp_path, files)
    key = case.key
    assert list(case.source_names()) == [FIRST, FIRST + 1, FIRST + 2]
    counted = piiscan.count(case, key=key).tables()
    assert (counted["units"][0]["U1d"], counted["units"][0]["U4"]) == (3, 3)
    found = piiscan.lookup(case, phones, key=key, reveal=True, show=True)
    assert [(row["source"], row["value"]) for row in found.rows] == [
        (FIRST + number, phone) for number, phone in enumerate(phones)
    ]
    piiscan.export(case, tmp_path / "clear.csv", clear=True, key=key)
    lines = (tmp_path / "clear.csv").read_text("utf-8-sig").splitlines()[1:]
    assert [
        (phone in line, f"[{FIRST + n}]" in line)
        for n, (phone, line) in enumerate(zip(phones, lines, strict=True))
    ] == [(True, True)] * 3
    assert len(piiscan.judge(case, f"{FIRST + 1}:2", column=2, reason="测试号", author="李检")) == 1
    assert piiscan.count(case, key=key).tables()["units"][0]["U1d"] == 2
    sheet = piiscan.sample(case, tmp_path / "sample.xlsx", size=None, key=key).sheets[0]
    assert piiscan.import_sample(case, sheet).results == 0
    piiscan.report(case, form="xlsx")
    assert piiscan.verify(case, key=key).differences == ()
