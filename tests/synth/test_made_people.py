"""Made persons are spread as the population is, and nobody has their numbers."""

from __future__ import annotations

from collections import Counter

import numpy as np

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
