"""Attributes agree with naive twins and libraries, for one value and for many."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import imsi
from stdnum.cn import ric

from piiscan import data
from piiscan.detect.attributes import COARSE_NAMES, DESCRIBERS, attribute_table, attributes, coarse
from piiscan.detect.attributes.issuers import couriers
from piiscan.detect.attributes.phone_numbers import _split_province, segments
from piiscan.detect.catalog.catalog import load
from piiscan.schemas import ATTRIBUTES
from tests.oracles import attributes as naive

DAY = datetime.date(2026, 11, 25)
CODES = sorted(row[0] for row in data.rows("regions"))
digits = st.text("0123456789", min_size=1, max_size=20)


def told(entity: str, value: str, recognizer: str = "", as_of: datetime.date = DAY) -> Any:
    return attributes(entity, recognizer, value, as_of=as_of)


@st.composite
def identity_numbers(draw: st.DrawFn) -> str:
    code = draw(st.sampled_from(CODES) | st.text("0123456789", min_size=6, max_size=6))
    born = draw(st.dates(datetime.date(1850, 1, 1), datetime.date(2030, 12, 31)))
    serial = draw(st.text("0123456789", min_size=3, max_size=3))
    if draw(st.booleans()):
        return code + born.strftime("%Y%m%d")[2:] + serial
    return code + born.strftime("%Y%m%d") + serial + draw(st.sampled_from("0123456789X"))


@settings(max_examples=400, deadline=None)
@given(identity_numbers() | digits, st.dates(datetime.date(2000, 1, 1), DAY))
def test_identity_numbers_say_what_the_standard_says(value: str, as_of: datetime.date) -> None:
    assert told("CN_RESIDENT_ID", value, as_of=as_of) == naive.resident(value, as_of)


def test_identity_numbers_say_what_another_library_says() -> None:
    for value in ("360426199101010071", "11010519491231002X", "430104190506150016"):
        mine = told("CN_RESIDENT_ID", value)
        assert mine["birth_date"] == ric.get_birth_date(value).isoformat()
    place = ric.get_birth_place("360426199101010071")
    mine = told("CN_RESIDENT_ID", "360426199101010071")
    assert (mine["province"], mine["county"]) == (place["province"], place["county"])


def test_every_region_code_is_named_as_its_row_says() -> None:
    values = [code + "190506150010" for code in CODES]
    for code, row in zip(CODES, table_of("CN_RESIDENT_ID", values), strict=True):
        assert {k: v for k, v in row.items() if v and k in naive.region(code)} == naive.region(code)


def table_of(entity: str, values: list[str], recognizer: str = "") -> list[dict[str, Any]]:
    columns = [pa.array([word] * len(values)) for word in (entity, recognizer)]
    return attribute_table(*columns, pa.array(values), as_of=DAY).to_pylist()


@pytest.mark.parametrize(
    ("born", "as_of", "age", "under"),
    [
        ("20121125", "2026-11-25", 14, False),
        ("20121126", "2026-11-25", 13, True),
        ("20120229", "2026-02-28", 13, True),
        ("20120229", "2026-03-01", 14, False),
        ("20261125", "2026-11-25", 0, True),
    ],
)
def test_a_birthday_counts_on_the_day(born: str, as_of: str, age: int, under: bool) -> None:
    day = datetime.date.fromisoformat(as_of)
    mine = told("CN_RESIDENT_ID", f"430104{born}0010", as_of=day)
    assert (mine["age"], mine["under_14"]) == (age, under)


def test_of_a_birth_to_come_or_impossible_no_age_is_told() -> None:
    assert "age" not in told("CN_RESIDENT_ID", "430104202611260010")
    assert told("CN_RESIDENT_ID", "430104202611260010")["birth_year"] == 2026
    assert "birth_year" not in told("CN_RESIDENT_ID", "430104202302290010")


def test_numbers_kept_for_centenarians_tell_no_birth() -> None:
    mine = told("CN_RESIDENT_ID", "430104050615997")
    assert "birth_year" not in mine
    assert "derived_id_18" not in mine
    assert mine["county"] == "岳麓区"


def test_a_code_given_away_again_tells_both_counties() -> None:
    mine = told("CN_RESIDENT_ID", "132905190506150010")
    assert (mine["county"], mine["county_earlier"]) == ("河间市", "泊头市")


def test_permits_and_foreigners_are_placed() -> None:
    permit = told("CN_RESIDENT_ID", "810000199003070011")
    assert permit["province"] == "香港特别行政区"
    assert "county" not in permit
    foreign = told("CN_FOREIGN_PR_ID", "943276190808080041")
    assert (foreign["province"], foreign["nationality"]) == ("湖南省", "DEU")
    assert foreign["birth_date"] == "1908-08-08"
    assert told("CN_FOREIGN_PR_ID", "JPN440007070703") == {"nationality": "JPN"}
    assert told("CN_FOREIGN_PR_ID", "XXZ440007070703") == {}


PREFIXES = sorted(row[0] for row in data.rows("mobile_prefixes"))


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(PREFIXES) | st.sampled_from(["14", "13", "19", "16"]),
    st.text("0123456789", min_size=11, max_size=11),
)
def test_mobiles_are_placed_as_the_geocoder_places_them(prefix: str, rest: str) -> None:
    value = (prefix + rest)[:11]
    mine, other = told("CN_MOBILE", value), naive.mobile(value)
    place = other.pop("place", None)
    assert {k: v for k, v in mine.items() if k.startswith("carrier")} == other
    if place is not None:
        assert (mine["province"], mine["city"]) == _split_province(place)


def test_every_place_of_the_geocoder_is_in_a_province() -> None:
    provinces, cities = (each.to_pylist() for each in segments()[:2])
    at = segments()[2]
    full = {row[5] for row in data.rows("regions") if row[0].endswith("0000")}
    assert set(provinces) <= full
    assert all(len(city) > 1 for city in cities)
    assert (at >= 0).sum() > 200_000


def test_every_area_code_is_in_a_province() -> None:
    rows = data.rows("area_codes")
    found = table_of("CN_LANDLINE", [f"{code}-80000001" for code, *_ in rows])
    full = {row[5] for row in data.rows("regions") if row[0].endswith("0000")}
    for (code, _, place), row in zip(rows, found, strict=True):
        assert row["area_code"] == code
        assert row["city"] == place.split("/")[1]
        assert row["province"] in full
        assert row["province"].startswith(place.split("/")[0])


def test_extensions_stand_apart_from_what_they_extend() -> None:
    assert told("CN_LANDLINE", "0731-80000001;ext=801")["extension"] == "801"
    assert "extension" not in told("CN_LANDLINE", "0731-80000001")
    virtual = told("CN_VIRTUAL_NUMBER", "18412000001;ext=1234")
    assert (virtual["host"], virtual["extension"]) == ("18412000001", "1234")
    assert told("CN_LANDLINE", "0103-80000001") == {}


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(data.rows("bins")), digits, st.booleans())
def test_cards_have_the_bank_of_the_longest_issuer_number(
    row: list[str], rest: str, cut: bool
) -> None:
    value = (row[0] + rest).ljust(19, "0")[: int(row[1]) - cut]
    assert told("CN_BANK_CARD", value) == naive.card(value)


def test_every_waybill_of_the_catalogue_has_its_courier() -> None:
    waybills = [r.id for r in load().recognizers if r.entity == "CN_WAYBILL"]
    assert {*waybills} - {"waybill.s10", "waybill.unknown"} == {*couriers()} - {"waybill.s10"}
    for recognizer in couriers():
        assert told("CN_WAYBILL", "123", recognizer) == {"carrier": couriers()[recognizer]}
    assert told("CN_WAYBILL", "RB123456785CN", "waybill.s10") == {
        "country": "CN",
        "carrier": "中国邮政",
    }
    for unknown in ("my.own", "waybill.unknown"):
        assert told("CN_WAYBILL", "123", unknown) == {}


def test_operators_are_those_of_the_itu() -> None:
    brands = {"China Mobile": "中国移动", "China Unicom": "中国联通", "China Telecom": "中国电信"}
    brands |= {"China Broadnet": "中国广电", "China Tietong": "中国铁通"}
    listed = 0
    for code in range(100):
        value = f"460{code:02}0000000005"
        info = imsi.info(value)
        assert told("IMSI", value).get("carrier") in (brands.get(info.get("brand")), "中国电信")
        if "brand" in info:
            assert told("IMSI", value)["carrier"] == brands[info["brand"]]
            listed += 1
    assert listed >= 12
    assert told("ICCID", "89860000000000000019") == {"carrier": "中国移动"}
    assert told("CN_IOT_NUMBER", "1410000000000") == {"carrier": "中国电信"}


@pytest.mark.parametrize(
    ("value", "kind", "province", "new"),
    [
        ("湘A00003D", "civil", "湖南省", True),
        ("湘AD00003", "civil", "湖南省", True),
        ("湘A·D00003", "civil", "湖南省", True),
        ("湘A00000", "civil", "湖南省", False),
        ("川O0000警", "police", "四川省", None),
        ("WJ湘00001", "armed_police", "湖南省", None),
        ("WJ00001", "armed_police", None, None),
        ("粤Z0000港", "hong_kong", "广东省", None),
        ("湘A0000学", "learner", "湖南省", None),
        ("使000001", "embassy", None, None),
        ("000001使", "embassy", None, None),
        ("粤A0000领", "consulate", "广东省", None),
        ("VA00001", "military", None, None),
        ("湘A0000挂", "trailer", "湖南省", None),
    ],
)
def test_plates(value: str, kind: str, province: str | None, new: bool | None) -> None:
    want = {"province": province, "plate_kind": kind, "new_energy": new}
    assert told("CN_PLATE", value) == {k: v for k, v in want.items() if v is not None}


def test_organisations_are_registered_somewhere() -> None:
    assert told("CN_USCC", "91430100MA0000007Q") == {
        "province": "湖南省",
        "prefecture": "长沙市",
        "region_code": "430100",
        "department": "市场监督管理",
        "organisation_kind": "企业",
    }
    assert told("CN_USCC", "124300000000000000")["organisation_kind"] == "事业单位"
    assert told("CN_BIZ_LICENCE", "430104000012345")["county"] == "岳麓区"


@pytest.mark.parametrize(
    ("name", "kind", "whose"),
    [
        ("顺丰快递", "快递", "顺丰速运"),
        ("长沙圆通速递有限公司", "快递", "圆通速递"),
        ("中通快运", "快递", "中通快运"),
        ("申通", "快递", "申通快递"),
        ("京东", None, None),
        ("中国邮政储蓄银行", "银行", "中国邮政储蓄银行"),
        ("工商银行股份有限公司示例支行", "银行", "工商银行"),
        ("示例县农村信用社", "银行", "示例县农村信用社"),
        ("招行示例分行", "银行", None),
        ("示例银行学校", None, None),
        ("示例科技有限公司", None, None),
    ],
)
def test_couriers_and_banks_are_kept_apart(name: str, kind: str | None, whose: str | None) -> None:
    told = attributes("ORGANIZATION", "name.organization", name, as_of=DAY)
    assert told.get("organisation_kind") == kind
    assert (told.get("carrier") or told.get("bank")) == whose


@given(st.ip_addresses())
@settings(deadline=None)
def test_ip_versions(address: Any) -> None:
    assert told("IP_ADDRESS", str(address)) == naive.ip(str(address))
    assert told("IP_ADDRESS", address.exploded) == naive.ip(str(address))


def test_domains_stand_behind_the_last_sign() -> None:
    assert told("EMAIL_ADDRESS", "a@example.com.cn") == {"domain": "example.com.cn"}
    assert told("EMAIL_ADDRESS", '"a@b"@例子.中国') == {"domain": "例子.中国"}


def test_many_values_say_what_each_says_alone() -> None:
    rng = np.random.default_rng(7)
    some = [
        ("CN_MOBILE", "cn.mobile", "13800138000"),
        ("CN_MOBILE", "cn.mobile", "19900000008"),
        ("CN_RESIDENT_ID", "cn.resident_id", "11010519491231002X"),
        ("MASKED", "masked.mobile", "138****8000"),
        ("MASKED", "masked.resident_id", "4301**********0016"),
        ("PERSON", "name.person", "张三"),
        ("EMAIL_ADDRESS", "net.email", "11010519491231002X"),
        ("CN_PLATE", "cn.plate", "湘A00003D"),
    ]
    many = [some[place] for place in rng.integers(0, len(some), 500)]
    columns: list[Any] = [pa.array(words) for words in zip(*many, strict=True)]
    plain = attribute_table(*columns, as_of=DAY)
    assert plain.schema.equals(ATTRIBUTES)
    for row, one in zip(plain.to_pylist(), many, strict=True):
        assert {k: v for k, v in row.items() if v is not None} == attributes(*one, as_of=DAY)
    coded = [column.dictionary_encode() for column in columns[:2]]
    chunks = [pa.chunked_array([c.slice(0, 200), c.slice(200)]) for c in [*coded, columns[2]]]
    assert attribute_table(*chunks, as_of=DAY).equals(plain)
    large = [columns[0], columns[1], columns[2].cast(pa.large_string())]
    assert attribute_table(*large, as_of=DAY).equals(plain)
    empty = [column.slice(0, 0) for column in columns]
    assert attribute_table(*empty, as_of=DAY).num_rows == 0


def test_every_name_and_word_has_a_chinese_one() -> None:
    words = load().vocabulary
    assert [n for n in words["attributes"] if n != "age_band"] == ATTRIBUTES.names
    assert set(DESCRIBERS) <= set(words["entities"])
    for kind in ("attributes", "attribute_values"):
        assert all(set(entry) == {"zh", "en"} for entry in words[kind].values())


def test_coarse_attributes_do_not_give_a_number_back() -> None:
    mine = told("CN_RESIDENT_ID", "430104190506150016")
    assert coarse(mine) == {"province": "湖南省", "age_band": "adult"}
    fine = {"sex", "birth_date", "county", "region_code", "derived_id_18"}
    assert set(COARSE_NAMES) & fine == set()
    assert set(COARSE_NAMES) <= {*ATTRIBUTES.names, "age_band"}


def test_an_address_tells_its_region_of_today_its_level_and_a_form_to_compare() -> None:
    assert told("CN_ADDRESS", "湖北省襄樊市襄城区示例路8号2栋501") == {
        "province": "湖北省",
        "prefecture": "襄阳市",
        "county": "襄城区",
        "region_code": "420602",
        "address_level": "room",
        "address_normal": "湖北省襄阳市襄城区示例路8号2栋501室",
    }
    open_one = told("CN_ADDRESS", "朝阳区示例路8号")
    assert open_one["regions_open"] == "110105、220104"
    assert "region_code" not in open_one
    assert coarse(told("CN_ADDRESS", "长沙市示例路8号")) == {"province": "湖南省"}
    assert told("CN_ADDRESS", "河北省平泉县")["county_earlier"] == "平泉县"
