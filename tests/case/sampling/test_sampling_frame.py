"""What is drawn is what anybody draws with a hash function, and never what must be looked at."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from piiscan.case.sampling.sampling_frame import (
    STEPS,
    all_records,
    create_frame,
    draw_sample,
    order_key,
    stratum_sizes,
)
from tests.case.sampling.made_records import framed, row

Base = Callable[..., Any]


@pytest.fixture
def base(tmp_path: Path) -> Iterator[Base]:
    """base(rows, step, by="total", …): a connection with the frame of these records."""
    with ExitStack() as opened:

        def create(rows: list[dict[str, Any]], step: Any = "R5", **asked: Any) -> Any:
            made = opened.enter_context(framed(tmp_path / f"{len(list(tmp_path.iterdir()))}", rows))
            create_frame(made, step, **{"by": "total", "categories": plain, **asked})
            return made

        yield create


def plain(source: int, member: str, combination: str) -> tuple[str, bool]:
    return ("track" if "GEO" in combination else "basic", "GEO" in combination)


ROWS = [
    *(row(n) for n in range(300)),
    *(row(300 + n, key=n.to_bytes(16, "big")) for n in range(50)),  # keys seen before
    *(row(400 + n, combination="CN_MOBILE+GEO") for n in range(20)),
    row(500, step=2),
    row(501, bare=True),
    row(502, counts=False),
    row(503, headline=False),
    row(504, step=1),
]


def test_the_frame_are_distinct_keys_that_pass(base: Base) -> None:
    made = base(ROWS, by="source")
    assert stratum_sizes(made, singly=False) == {"1": 100, "2": 100, "3": 100}
    assert sum(stratum_sizes(made, singly=True).values()) == 20
    found = list(all_records(made, singly=False))
    assert [each.record for each in found] == [*range(300), *range(400, 420)]
    assert [each.copies for each in found] == [2] * 50 + [1] * 270
    assert [each.record for each in all_records(made, singly=True)] == [*range(400, 420)]


@pytest.mark.parametrize(
    ("step", "count"), list(zip(STEPS, (370 + 4, 370 + 1, 370, 370, 320), strict=True))
)
def test_every_step_of_the_ladder_can_be_looked_at(base: Base, step: Any, count: int) -> None:
    assert len(list(all_records(base(ROWS, step), singly=False))) == count


def test_those_drawn_are_the_first_of_each_stratum_by_their_hash(base: Base) -> None:
    made = base(ROWS, by="source")
    sizes = stratum_sizes(made, singly=False)
    strata, drawn = draw_sample(made, sizes, size=30, minimum=5, seed="种子7")
    assert [(each.name, each.size, each.drawn) for each in strata] == [
        (name, 100, 10) for name in "123"
    ]
    for stratum in "123":
        found = [each for each in drawn if each.stratum == stratum]
        listed = all_records(made, singly=False)
        every = [each for each in listed if each.stratum == stratum and each.record < 400]
        assert found == sorted(every, key=lambda each: order_key("种子7", each))[:10]


def test_a_seed_decides_and_nothing_else(base: Base) -> None:
    found = [
        draw_sample(base(rows), {"total": 300}, size=25, minimum=0, seed=seed)[1]
        for seed, rows in (("1", ROWS), ("1", ROWS[::-1]), ("2", ROWS))
    ]
    assert found[0] == found[1] != found[2]
    assert len({each.record for each in found[0]}) == 25


@pytest.mark.parametrize(
    ("by", "sizes"),
    [
        ("suspect", {"": 5, "甲": 4}),
        ("item", {"J0": 3, "J1": 3, "J2": 3}),
        ("kind", {"basic": 9}),
        ("total", {"total": 9}),
    ],
)
def test_strata_may_be_suspects_items_or_kinds(base: Base, by: str, sizes: dict[str, int]) -> None:
    rows = [row(n, suspect="甲" if n % 2 else None, item=f"J{n % 3}") for n in range(9)]
    assert stratum_sizes(base(rows, by=by), singly=False) == sizes


def test_a_suspect_is_sampled_from_the_keys_of_his_own_material(base: Base) -> None:
    """A key that two suspects have is in the stratum of each."""
    key = (7).to_bytes(16, "big")
    rows = [row(n, suspect="甲") for n in range(4)] + [row(7, suspect="甲")]
    rows += [row(10 + n, suspect="乙", key=key) for n in range(2)] + [row(20, suspect="乙")]
    made = base(rows, by="suspect")
    assert stratum_sizes(made, singly=False) == {"甲": 5, "乙": 2}
    found = [(each.stratum, each.record, each.copies) for each in all_records(made, singly=False)]
    assert found[-3:] == [("甲", 7, 1), ("乙", 10, 2), ("乙", 20, 1)]


def test_duplicates_and_exclusions_are_frames_of_their_own(base: Base) -> None:
    same = dict.fromkeys(("key", "row_digest", "content_digest"), (1).to_bytes(16, "big"))
    rows = [row(1), row(2, **same), row(3, key=same["key"]), row(4, suspect="甲", **same)]
    rows += [row(5, step=2, reason="CHECK_FAIL"), row(6, step=1), row(7, bare=True)]
    rows += [row(8, counts=False, excluded=1), row(9, counts=False, period="UNDATED")]
    rows += [row(10, headline=False), row(11, data=False)]
    expected: dict[tuple[Any, Any, Any], list[tuple[int, int | None, str | None]]] = {
        ("R4", "duplicates", "total"): [(2, 1, None), (4, 1, None)],
        ("R5", "duplicates", "total"): [(2, 1, None), (3, 1, None), (4, 1, None)],
        ("R5", "duplicates", "suspect"): [(2, 1, None), (3, 1, None)],
        ("R5", "excluded", "total"): [
            (5, None, "CHECK_FAIL"),
            (6, None, "NOT_IDENTIFIABLE"),
            (7, None, "BARE_PHONE"),
            (8, None, "EXCLUDED"),
            (9, None, "UNDATED"),
        ],
    }
    for (step, frame, by), wanted in expected.items():
        found = all_records(base(rows, step, by=by, frame=frame), singly=False)
        assert [(each.record, each.kept, each.reason) for each in found] == wanted


def test_records_are_listed_whole_though_other_queries_run_between(
    base: Base, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("piiscan.case.sampling.sampling_frame._PAGE", 7)
    made = base(ROWS)
    listed = []
    for each in all_records(made, singly=False):
        made.execute("select 1").fetchall()
        listed.append(each.record)
    assert listed == [*range(300), *range(400, 420)]


def test_a_key_that_must_be_looked_at_anywhere_is_not_sampled(base: Base) -> None:
    rows = [row(1), row(2, key=(1).to_bytes(16, "big"), combination="CN_MOBILE+GEO"), row(3)]
    made = base(rows)
    assert stratum_sizes(made, singly=False) == {"total": 1}
    (found,) = all_records(made, singly=True)
    assert (found.record, found.copies) == (2, 2)


def test_nothing_counted_is_an_empty_frame(base: Base) -> None:
    made = base([])
    assert stratum_sizes(made, singly=None) == {}
    assert draw_sample(made, {}, size=10, minimum=1, seed="1") == ([], [])
