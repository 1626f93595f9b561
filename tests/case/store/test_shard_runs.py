"""Sources share shards by number and size; a shard is written again whole."""

from pathlib import Path

import pytest

from piiscan.case.store.job_store import READ, Source, SourceOutcome
from piiscan.case.store.shard_runs import LARGE, plan_runs
from tests.case.scanned import scan_files

FIRST = 999_998
#: Sizes of sources from FIRST on -> shards as name and numbers of sources.
PLANS = [
    ([5, 5, 5], ["999998 0 1 2"]),
    ([5, LARGE, 5, 5], ["999998 0", "999999 1", "_001000000 2 3"]),
    ([LARGE, LARGE], ["999998 0", "999999 1"]),
    ([5] * 324, [" ".join(["999998", *map(str, range(323))]), "_001000321 323"]),
]


@pytest.mark.parametrize(("sizes", "expected"), PLANS, ids=len)
def test_numbers_and_sizes_alone_decide_the_shards(
    tmp_path: Path, sizes: list[int], expected: list[str]
) -> None:
    sources = [Source(FIRST + n, f"/{n}", f"{n}", size, 0, 1) for n, size in enumerate(sizes)]
    runs = plan_runs(tmp_path, reversed(sources), generation=1)
    assert [
        " ".join([run.name.partition(".")[0], *(each.path for each in run.read)]) for run in runs
    ] == expected


def test_a_source_without_rows_changes_no_name(tmp_path: Path) -> None:
    lost = Source(1, "/a", "a", 5, 0, 1, READ)
    (run,) = plan_runs(tmp_path, [lost, Source(2, "/b", "b", 5, 0, 1)], generation=1)
    assert (run.name, run.carried) == ("000001.parquet", [])


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_source_that_is_read_again_carries_those_of_its_shard(
    tmp_path: Path, number: int
) -> None:
    case = scan_files(tmp_path, {f"{n}.csv": f"手机号\n1380013800{n}\n" for n in range(3)})
    sources = [
        Source(
            *(each["source"], each["place"], each["path"], each["size"], 0, 1, READ),
            SourceOutcome(files=each["files"]),
        )
        for each in case.manifest.content["sources"]
    ]
    again = sources[number - 1]
    sources[number - 1] = Source(number, again.absolute_path, again.path, again.size, 0, 2)
    (run,) = plan_runs(case.path, sources, generation=2)
    assert run.name == "000001-0002.parquet"
    assert [each.source for each in run.carried] == [n for n in (1, 2, 3) if n != number]
    new = Source(4, "/4", "4", 5, 0, 2)
    (alone,) = plan_runs(
        case.path, [*(s for s in sources if s is not sources[number - 1]), new], generation=2
    )
    assert (alone.name, alone.carried) == ("000004-0002.parquet", [])
