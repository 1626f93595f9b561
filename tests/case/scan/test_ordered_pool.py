"""Results come in the order of the items, whatever finishes first, and few are under way."""

import threading
import time

import pytest

from piiscan.case.scan.ordered_pool import map_ordered, worker_count


def test_a_slow_first_item_does_not_change_the_order() -> None:
    def work(number: int) -> int:
        time.sleep(0.05 if number == 0 else 0)
        return number * number

    assert list(map_ordered(work, range(20), workers=4)) == [n * n for n in range(20)]


def test_items_are_not_read_far_ahead_of_the_results() -> None:
    read = 0

    def items():
        nonlocal read
        for number in range(1000):
            read += 1
            yield number

    for done, _ in enumerate(map_ordered(str, items(), workers=2), 1):
        assert read <= done + 6


def test_the_first_failure_is_raised_and_nothing_runs_after_it() -> None:
    done: list[int] = []
    gate = threading.Event()

    def work(number: int) -> int:
        if number == 1:
            gate.set()
            raise ValueError("one")
        gate.wait(5)
        done.append(number)
        return number

    with pytest.raises(ValueError, match="one"):
        list(map_ordered(work, range(100), workers=2))
    assert len(done) < 10


def test_workers_are_at_least_one() -> None:
    assert worker_count(0) == 1
    assert worker_count(3) == 3
    assert worker_count(None) >= 1
