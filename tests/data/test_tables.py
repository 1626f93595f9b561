"""The tables say where they come from, hold what they should, and are found in an installation."""

from __future__ import annotations

import hashlib
import itertools
import random
import re
import string
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
import pytest

from piiscan import data


@pytest.mark.parametrize("name", data.NAMES)
def test_a_table_says_what_as_of_when_from_where_and_how(name: str) -> None:
    parts = data.sources()[name].split(" · ")
    assert len(parts) >= 4
    assert re.match(r"as of (?:19|20)[0-9]{2}", parts[1])
    assert "python -m piiscan.data.remake" in parts[-1]


def test_every_table_file_has_a_loader_and_a_digest() -> None:
    files = {f.name for f in resources.files("piiscan.data").iterdir() if f.name.endswith(".tsv")}
    assert files == {f"{name}.tsv" for name in data.NAMES}
    told = data.digests()
    assert set(told) == {*data.NAMES, "names"}
    for name, digest in told.items():
        file = "names.npz" if name == "names" else f"{name}.tsv"
        content = resources.files("piiscan.data").joinpath(file).read_bytes()
        assert digest == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("name", data.NAMES)
def test_rows_are_sorted_without_repeats_and_equally_wide(name: str) -> None:
    rows = data.rows(name)
    keys = [row[0] for row in rows]
    assert keys == sorted(set(keys))
    assert len({len(row) for row in rows}) == 1


def test_regions_hold_codes_long_abolished_and_very_young() -> None:
    known = {row[0]: row for row in data.rows("regions")}
    assert {"110103", "510202", "500101", "330113", "441900", "810000"} <= known.keys()
    assert "439900" not in known
    assert len(known) > 7300
    assert (known["110103"][1], known["110103"][2]) == ("1980", "2009")
    zones = [code for code, row in known.items() if row[3] == "x"]
    assert zones
    assert all("71" <= code[4:] <= "79" for code in zones)


def test_region_levels_follow_the_table() -> None:
    level = data.regions()
    codes = {int(row[0]) for row in data.rows("regions")}
    assert {int(c) for c in np.flatnonzero(level == data.KNOWN)} == {
        code for code in codes if code // 10_000 in data.PROVINCES
    }


def test_look_up_arrays_hold_the_rows_of_their_tables_and_no_others() -> None:
    @cache
    def column(name: str, at: int = 0) -> tuple[str, ...]:
        return tuple(row[at] for row in data.rows(name))

    def places(mask: Any) -> list[int]:
        return [int(place) for place in np.flatnonzero(mask)]

    regions, level = column("regions"), data.regions().reshape(100, -1)
    assert places((level > data.NO_PROVINCE).any(1)) == sorted(data.PROVINCES)
    prefectures = {int(c[:4]) for c in regions if int(c[:2]) in data.PROVINCES}
    assert set(places(level.reshape(10_000, 100).min(1) >= data.NO_COUNTY)) == prefectures
    heads = [head for head in range(100_000) if f"{head:05}".startswith(column("mobile_prefixes"))]
    assert places(data.mobile_prefixes()) == heads
    assert places(data.area_codes()) == sorted(map(int, column("area_codes")))
    assert places(data.service_numbers()) == [int(row[2:]) for row in column("service_numbers")]
    by_number, by_letters = data.countries()
    assert places(by_number) == [int(number) for number in column("countries")]
    pairs, triples = (
        ["".join(each) for each in itertools.product(string.ascii_uppercase, repeat=n)]
        for n in (2, 3)
    )
    assert {pairs[n] for n in places(by_letters)} == set(column("countries", 1))
    assert {triples[n] for n in places(data.country_codes())} == set(column("countries", 2))


def test_issuers_have_the_lengths_of_their_prefixes_and_no_others() -> None:
    rng = random.Random(6)
    issuers = data.rows("bins")
    for prefix, *_ in rng.sample(issuers, 200):
        head = (prefix[: rng.randint(4, 10)] + f"{rng.randrange(10**10):010}")[:10]
        bits = {1 << int(length) for known, length, *_ in issuers if head.startswith(known)}
        assert data.bins().lengths(np.array([int(head)]))[0] == sum(bits)


def test_long_issuer_numbers_are_found_by_all_their_digits() -> None:
    lengths = data.bins().lengths
    for prefix, length, *_ in data.rows("bins"):
        bit = 1 << int(length)
        for filler in ("0", "9"):
            assert lengths(np.array([int(prefix.ljust(10, filler))]))[0] & bit
    assert lengths(np.array([7777777777]))[0] == 0


def test_eight_digit_cities_and_seven_digit_cities_are_told_apart() -> None:
    codes = data.area_codes()
    assert [codes[area] for area in (10, 21, 731, 310, 999, 199)] == [2, 2, 2, 1, 1, 0]


def test_surnames_hold_the_common_and_the_compound() -> None:
    names = data.surnames()
    assert names["王"] > names["欧阳"] >= 0
    assert {"司马", "诸葛", "万俟", "第五", "肖", "付"} <= names.keys()
    assert max(map(len, names)) == 2


def test_top_domains_hold_the_usual_ones_and_no_file_endings() -> None:
    known = set(data.tlds().tolist())
    assert {b"com", b"cn", b"top", b"xn--fiqs8s"} <= known
    assert not {b"log", b"txt", b"localdomain"} & known
