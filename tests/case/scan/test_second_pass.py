"""Second pass: doubts of one source are settled by the others, in any order, and say so."""

import json
from pathlib import Path
from typing import Any

import pytest

from piiscan import Case, CaseError
from piiscan.case.scan import scan as scan_module
from piiscan.case.scan.block.doubts import SEEN_ELSEWHERE
from piiscan.case.validation.replay import replay
from tests.case.dump import content, scan_dump
from tests.case.scanned import scan_files, write_files

#: A waybill number of a courier that only its label tells from other numbers.
NUMBER = "482910375516"
NAMES = """
        select f.source, f.row, f.start, f."end", f.score, f.reason, f.alternatives, c.value
        from findings f join clear c using (source, member, row, "column", start, "end", entity)
        where entity = '{}' order by all"""


def write_case(folder: Path) -> Path:
    """Write a chat with a name before 学, which also ends names, and a list with the name."""
    chat = f"客户冯巩来群里\n那边冯巩学五年\n今天 {NUMBER} 到了\n"
    names = f"姓名,快递单号\n冯巩,{NUMBER}\n"
    return write_files(folder, {"a_chat.txt": chat, "b_list.csv": names})


def persons(case: Case, entity: str = "PERSON") -> list[dict]:
    """Return the findings of a kind with their values."""
    return case.sql(NAMES.format(entity)).to_pylist()


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> tuple[Case, Case]:
    """The same folder without and with a second pass."""
    root = tmp_path_factory.mktemp("second")
    dump = write_case(root / "dump")
    return (
        scan_dump([dump], root / "once", reveal=True),
        scan_dump([dump], root / "twice", reveal=True, whole_case=True),
    )


def test_a_name_of_the_list_ends_in_the_chat_where_the_list_says(cases: tuple[Case, Case]) -> None:
    once, twice = map(persons, cases)
    assert {"冯巩", "冯巩学"} <= {row["value"] for row in once}
    assert {row["value"] for row in twice} == {"冯巩"}
    (settled,) = (row for row in twice if row["reason"] == SEEN_ELSEWHERE and row["row"] == 2)
    assert (settled["row"], settled["start"], settled["end"]) == (2, 2, 4)
    longer = json.loads(settled["alternatives"])[0]
    assert (longer["entity"], longer["start"], longer["end"]) == ("PERSON", 2, 5)


def test_a_number_of_low_score_is_found_if_a_label_names_it_elsewhere(
    cases: tuple[Case, Case],
) -> None:
    once, twice = (persons(case, "CN_WAYBILL") for case in cases)
    assert [row["source"] for row in once] == [2]
    assert [(row["source"], row["reason"]) for row in twice] == [(1, SEEN_ELSEWHERE), (2, None)]
    assert twice[0]["value"] == twice[1]["value"]


def test_settled_doubts_are_listed_as_digests_and_the_case_verifies(
    cases: tuple[Case, Case],
) -> None:
    once, twice = cases
    assert once.stored("known").num_rows == 0
    assert not once.shards("doubts")
    assert {row["longer"] is None for row in twice.stored("known").to_pylist()} == {True, False}
    assert once.verify() == twice.verify() == []


def test_a_replay_makes_the_same_shards(cases: tuple[Case, Case]) -> None:
    done = replay(cases[1], [cases[1].path.parent / "dump"], key=cases[1].key)
    assert (done.sources, done.difference) == (2, None)
    assert done.tables


def test_a_source_that_comes_later_settles_doubts_of_an_earlier_one(tmp_path: Path) -> None:
    dump = write_case(tmp_path / "dump")
    together = scan_dump([dump], tmp_path / "together", whole_case=True)
    chat, names = dump / "a_chat.txt", dump / "b_list.csv"
    scan_dump([chat], tmp_path / "later", whole_case=True)
    later = scan_dump([names], tmp_path / "later", whole_case=True)
    columns = 'select row, start, "end", entity, digest, reason from findings order by all'
    assert later.sql(columns) == together.sql(columns)
    again = scan_dump([dump], tmp_path / "later", whole_case=True)
    assert again.manifest.generation == later.manifest.generation
    assert content(tmp_path / "later")


def test_rows_with_times_stand_beside_those_that_are_read_again(tmp_path: Path) -> None:
    paid = "13800138000,10,2024-05-06 07:08:09\n"
    files = {
        "a.csv": f"备注,手机号,金额,交易时间\n那边冯巩学五年,{paid}",
        "b.csv": f"姓名,手机号,金额,交易时间\n冯巩,{paid}冯巩学东,{paid}",
    }
    done = scan_files(tmp_path, files, whole_case=True)
    times = done.sql("select source, time from ledger order by source").to_pylist()
    assert [(each["source"], f"{each['time']}") for each in times] == [
        (number, "2024-05-06 07:08:09") for number in (1, 2, 2)
    ]
    assert done.verify() == []


def test_a_name_that_a_label_confirms_is_not_shortened(tmp_path: Path) -> None:
    files = {"chat.txt": "那边冯巩学五年\n", "list.csv": "姓名\n冯巩\n冯巩学\n"}
    done = scan_files(tmp_path, files, reveal=True, whole_case=True)
    assert {row["value"] for row in persons(done) if row["source"] == 1} == {"冯巩学"}


def test_a_case_keeps_the_option_that_it_was_begun_with(cases: tuple[Case, Case]) -> None:
    with pytest.raises(CaseError, match="whole_case"):
        scan_dump([cases[0].path.parent / "dump"], cases[0].path, reveal=True, whole_case=True)


def test_a_run_that_ends_within_the_second_pass_is_continued(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dump = write_case(tmp_path / "dump")
    whole = scan_dump([dump], tmp_path / "whole", whole_case=True)
    real = scan_module.remove_leftovers

    def ends(*arguments: Any, **more: Any) -> None:
        real(*arguments, **more)
        raise KeyboardInterrupt

    monkeypatch.setattr(scan_module, "remove_leftovers", ends)
    with pytest.raises(KeyboardInterrupt):
        scan_dump([dump], tmp_path / "case", whole_case=True)
    monkeypatch.setattr(scan_module, "remove_leftovers", real)
    done = scan_dump([dump], tmp_path / "case", whole_case=True)
    columns = "select * exclude (digest) from findings order by all"
    assert done.sql(columns) == whole.sql(columns)
    assert done.verify() == []
