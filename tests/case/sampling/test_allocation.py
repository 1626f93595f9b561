"""Shares of a sample add up and leave no stratum out."""

from hypothesis import given
from hypothesis import strategies as some

from piiscan.case.sampling.sampling_frame import allocate

SIZES = some.dictionaries(some.text("abcdef", min_size=1, max_size=2), some.integers(1, 10**7))


@given(SIZES, some.integers(1, 2000))
def test_shares_are_proportional_and_add_up(sizes: dict[str, int], size: int) -> None:
    drawn = allocate(sizes, size, minimum=0)
    total = sum(sizes.values())
    assert list(drawn) == list(sizes)
    assert sum(drawn.values()) == min(size, total)
    if size < total:
        assert all(abs(drawn[name] - size * sizes[name] / total) < 1 for name in sizes)


@given(SIZES, some.integers(1, 2000), some.integers(0, 30))
def test_every_stratum_gets_its_minimum_or_all(
    sizes: dict[str, int], size: int, minimum: int
) -> None:
    drawn = allocate(sizes, size, minimum=minimum)
    assert all(min(sizes[name], minimum) <= drawn[name] <= sizes[name] for name in sizes)


def test_few_records_are_all_taken() -> None:
    assert allocate({"a": 3, "b": 4}, 400, minimum=5) == {"a": 3, "b": 4}
    assert allocate({}, 400, minimum=5) == {}
