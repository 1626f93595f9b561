"""Word lists are where they say, and their look-ups pick evenly."""

from __future__ import annotations

import numpy as np
import pytest

from piiscan.synth import word_lists

FILES = sorted(path.name for path in (word_lists.corpora_folder() / "words").glob("*.t[sx]*"))


@pytest.mark.parametrize("name", FILES)
def test_every_list_says_in_its_first_line_what_it_is(name: str) -> None:
    first = (word_lists.corpora_folder() / "words" / name).read_text("utf-8").split("\n", 1)[0]
    assert first.startswith("# ")
    assert len(first) > 40
    assert name in (word_lists.corpora_folder() / "README.md").read_text("utf-8")


def test_ragged_lists_give_each_item_its_share() -> None:
    lists = word_lists.RaggedLists.of([[1], [2, 3], [4, 5, 6, 7]])
    chance = np.arange(0, 1, 0.001)
    assert set(lists.pick(np.zeros(1000, np.int64), chance).tolist()) == {1}
    counts = np.bincount(lists.pick(np.full(1000, 2), chance))
    assert counts[4:].tolist() == [250, 250, 250, 250]


def test_a_prefecture_without_counties_counts_as_one() -> None:
    names = {row[0]: row[3:] for row in word_lists._counties()}
    assert names["441900"] == ("广东省", "", "东莞市")
    assert names["430104"] == ("湖南省", "长沙市", "岳麓区")
    assert "430100" not in names


def test_abolished_codes_are_among_the_regions() -> None:
    rows = {row[0]: row[1:3] for row in word_lists._counties()}
    assert rows["110103"][1] < 2024  # 崇文区, abolished in 2010
    assert rows["510202"][1] < 2024  # now in another province


def test_no_free_segment_belongs_to_an_unallotted_prefix() -> None:
    assert not [
        row for row in word_lists.read_table("segments.tsv") if row[0].startswith(("154", "1349"))
    ]
    assert all(int(row[0]) <= int(row[1]) for row in word_lists.read_table("segments.tsv"))
