"""Made persons are spread as the population is; word lists are where they say."""

from collections import Counter

import numpy as np
import pytest

from piiscan.synth import made_people, word_lists

MANY = made_people.draw_people(np.random.default_rng(3), 60_000)


def test_every_birth_year_since_1901_occurs() -> None:
    assert set(range(1901, 2024)) <= set(MANY.year.tolist())


def test_the_year_is_the_year_of_the_day() -> None:
    years = MANY.born.astype("datetime64[D]").astype("datetime64[Y]").astype(int) + 1970
    assert (years == MANY.year).all()


def test_limits_of_birth_years_hold() -> None:
    some = made_people.draw_people(np.random.default_rng(3), 5000, start=1960, end=1979)
    assert (some.year.min(), some.year.max()) == (1960, 1979)


def test_the_hundred_most_frequent_surnames_are_86_percent() -> None:
    shown = word_lists.name_lists().surname.take(MANY.surname).to_pylist()
    top = sum(count for _, count in Counter(shown).most_common(100))
    assert abs(top / len(shown) - 0.86) < 0.01


def test_regions_follow_the_population() -> None:
    codes = word_lists.region_table().code[MANY.region]
    share = (codes[:, :2] == np.frombuffer(b"44", np.uint8)).all(axis=1).mean()
    assert abs(share - 126.01 / 1409.78) < 0.01  # Guangdong, census of 2020


def test_numbers_carry_codes_younger_than_their_holder_and_codes_abolished_since() -> None:
    rows = {row[0]: (row[1], row[2]) for row in word_lists._counties()}
    codes = [bytes(code).decode() for code in word_lists.region_table().code[MANY.region[:5000]]]
    years = [rows[code] for code in codes]
    assert any(first > year for (first, _), year in zip(years, MANY.year, strict=False))
    assert any(last < 2024 for _, last in years)


def test_a_code_was_in_force_when_the_number_can_have_been_given() -> None:
    rows = {row[0]: (row[1], row[2]) for row in word_lists._counties()}
    for code, year in zip(word_lists.region_table().code[MANY.region], MANY.year, strict=True):
        if bytes(code[:2]) in {b"46", b"50"}:  # provinces founded later: their codes of any year
            continue
        first, last = rows[bytes(code).decode()]
        assert first <= max(year, word_lists.LAST_CARDS)
        assert last >= min(max(year, word_lists.FIRST_CARDS), 2024)


def test_sequence_numbers_are_those_set_aside_and_tell_the_sex() -> None:
    assert set(MANY.sequence.tolist()) == {996, 997, 998, 999}
    assert (MANY.sequence % 2 == MANY.male).all()


def test_a_stated_share_of_persons_stands_there_again() -> None:
    some = made_people.draw_people(np.random.default_rng(3), 20_000, repeat=0.1)
    keys = np.stack(
        [some.born, some.region, some.sequence, some.surname, some.given_first, some.given_second]
    )
    again = 1 - len(np.unique(keys, axis=1)[0]) / 20_000
    assert abs(again - 0.1) < 0.01


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
