"""Attributes agree with naive twins and libraries, for one value, for many, and behind masks."""

import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from stdnum import imsi

from piiscan import data
from piiscan.detect.attributes import COARSE_NAMES, DESCRIBERS, attribute_table, attributes, coarse
from piiscan.detect.attributes.coarse_summary import parse_summary, summarise
from piiscan.detect.attributes.identity_numbers import age_band
from piiscan.detect.attributes.issuers import couriers
from piiscan.detect.attributes.phone_numbers import _split_province, segments
from piiscan.detect.catalog.catalog import load
from piiscan.schemas import ATTRIBUTES
from tests.oracles import attributes as naive
from tests.text_table import read_rows

DAY = datetime.date(2026, 11, 25)
CODES = sorted(row[0] for row in data.rows("regions"))
PROVINCES = {row[5] for row in data.rows("regions") if row[0].endswith("0000")}
digits = st.text("0123456789", min_size=1, max_size=20)


def told(entity: str, value: str, recognizer: str = "", as_of: datetime.date = DAY) -> Any:
    return attributes(entity, recognizer, value, as_of=as_of)


def table_of(entity: str, values: list[str], recognizer: str = "") -> list[dict[str, Any]]:
    columns = [pa.array([word] * len(values)) for word in (entity, recognizer)]
    return attribute_table(*columns, pa.array(values), as_of=DAY).to_pylist()


#: Entity | value | attributes; ``=``: there are no others; ``!``: there is none of this name.
FACTS = """
CN_RESIDENT_ID | 430104202611260010 | birth_year=2026 !age
CN_RESIDENT_ID | 430104202302290010 | !birth_year
CN_RESIDENT_ID | 430104050615997 | county=岳麓区 !birth_year !derived_id_18
CN_RESIDENT_ID | 132905190506150010 | county=河间市 county_earlier=泊头市
CN_RESIDENT_ID | 810000199003070011 | province=香港特别行政区 !county
CN_FOREIGN_PR_ID | 943276190808080041 | province=湖南省 nationality=DEU birth_date=1908-08-08
CN_FOREIGN_PR_ID | JPN440007070703 | = nationality=JPN
CN_FOREIGN_PR_ID | XXZ440007070703 | =
CN_LANDLINE | 0731-80000001;ext=801 | extension=801
CN_LANDLINE | 0731-80000001 | !extension
CN_LANDLINE | 0103-80000001 | =
CN_VIRTUAL_NUMBER | 18412000001;ext=1234 | host=18412000001 extension=1234
CN_WAYBILL waybill.s10 | RB123456785CN | = country=CN carrier=中国邮政
CN_WAYBILL my.own | 123 | =
CN_WAYBILL waybill.unknown | 123 | =
ICCID | 89860000000000000019 | = carrier=中国移动
CN_IOT_NUMBER | 1410000000000 | = carrier=中国电信
CN_PLATE | 湘A00003D | = plate_kind=civil province=湖南省 new_energy=True
CN_PLATE | 湘AD00003 | = plate_kind=civil province=湖南省 new_energy=True
CN_PLATE | 湘A·D00003 | = plate_kind=civil province=湖南省 new_energy=True
CN_PLATE | 湘A00000 | = plate_kind=civil province=湖南省 new_energy=False
CN_PLATE | 川O0000警 | = plate_kind=police province=四川省
CN_PLATE | WJ湘00001 | = plate_kind=armed_police province=湖南省
CN_PLATE | WJ00001 | = plate_kind=armed_police
CN_PLATE | 粤Z0000港 | = plate_kind=hong_kong province=广东省
CN_PLATE | 湘A0000学 | = plate_kind=learner province=湖南省
CN_PLATE | 使000001 | = plate_kind=embassy
CN_PLATE | 000001使 | = plate_kind=embassy
CN_PLATE | 粤A0000领 | = plate_kind=consulate province=广东省
CN_PLATE | VA00001 | = plate_kind=military
CN_PLATE | 湘A0000挂 | = plate_kind=trailer province=湖南省
CN_USCC | 91430100MA0000007Q | = province=湖南省 prefecture=长沙市 region_code=430100
  department=市场监督管理 organisation_kind=企业
CN_USCC | 124300000000000000 | organisation_kind=事业单位
CN_BIZ_LICENCE | 430104000012345 | county=岳麓区
ORGANIZATION | 顺丰快递 | organisation_kind=快递 carrier=顺丰速运
ORGANIZATION | 长沙圆通速递有限公司 | organisation_kind=快递 carrier=圆通速递
ORGANIZATION | 中通快运 | organisation_kind=快递 carrier=中通快运
ORGANIZATION | 申通 | organisation_kind=快递 carrier=申通快递
ORGANIZATION | 京东 | !organisation_kind !carrier !bank
ORGANIZATION | 中国邮政储蓄银行 | organisation_kind=银行 bank=中国邮政储蓄银行 !carrier
ORGANIZATION | 工商银行股份有限公司示例支行 | organisation_kind=银行 bank=工商银行
ORGANIZATION | 示例县农村信用社 | organisation_kind=银行 bank=示例县农村信用社
ORGANIZATION | 招行示例分行 | organisation_kind=银行 !bank
ORGANIZATION | 示例银行学校 | !organisation_kind !carrier !bank
ORGANIZATION | 示例科技有限公司 | !organisation_kind !carrier !bank
EMAIL_ADDRESS | a@example.com.cn | = domain=example.com.cn
EMAIL_ADDRESS | "a@b"@例子.中国 | = domain=例子.中国
IP_ADDRESS | 10.0.0.1 | = ip_version=4
IP_ADDRESS | ::ffff:10.0.0.1 | = ip_version=6
IP_ADDRESS | 2001:0db8:0000:0000:0000:0000:0000:0001 | = ip_version=6
CN_ADDRESS | 湖北省襄樊市襄城区示例路8号2栋501 | = province=湖北省 prefecture=襄阳市 county=襄城区
  region_code=420602 address_level=room address_normal=湖北省襄阳市襄城区示例路8号2栋501室
CN_ADDRESS | 朝阳区示例路8号 | regions_open=110105、220104 !region_code
CN_ADDRESS | 河北省平泉县 | county_earlier=平泉县
"""


@pytest.mark.parametrize(("kind", "value", "facts"), read_rows(FACTS))
def test_a_value_tells_what_its_issuer_put_in(kind: str, value: str, facts: str) -> None:
    entity, _, recognizer = kind.partition(" ")
    known = {name: str(each) for name, each in told(entity, value, recognizer).items()}
    words = facts.split()
    wanted = dict(word.split("=") for word in words if "=" in word[1:])
    assert {name: known.get(name) for name in wanted} == wanted
    assert not {word[1:] for word in words if word.startswith("!")} & known.keys()
    assert "=" not in words or known == wanted


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


def test_every_region_code_is_named_as_its_row_says() -> None:
    values = [code + "190506150010" for code in CODES]
    for code, row in zip(CODES, table_of("CN_RESIDENT_ID", values), strict=True):
        assert {k: v for k, v in row.items() if v and k in naive.region(code)} == naive.region(code)


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
    assert set(provinces) <= PROVINCES
    assert all(len(city) > 1 for city in cities)
    assert (segments()[2] >= 0).sum() > 200_000


def test_every_area_code_is_in_a_province() -> None:
    rows = data.rows("area_codes")
    found = table_of("CN_LANDLINE", [f"{code}-80000001" for code, *_ in rows])
    for (code, _, place), row in zip(rows, found, strict=True):
        assert (row["area_code"], row["city"]) == (code, place.split("/")[1])
        assert row["province"] in PROVINCES
        assert row["province"].startswith(place.split("/")[0])


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(data.rows("bins")), digits, st.booleans())
def test_cards_have_the_bank_of_the_longest_issuer_number(
    row: list[str], rest: str, cut: bool
) -> None:
    value = (row[0] + rest).ljust(19, "0")[: int(row[1]) - cut]
    assert told("CN_BANK_CARD", value) == naive.card(value)


def test_every_waybill_of_the_catalogue_has_its_courier() -> None:
    waybills = [r.id for r in load().recognizers if r.entity == "CN_WAYBILL"]
    assert {*waybills} - {"waybill.s10", "waybill.unknown", "waybill.named_carrier"} == {
        *couriers()
    } - {"waybill.s10"}
    for recognizer in couriers():
        assert told("CN_WAYBILL", "123", recognizer) == {"carrier": couriers()[recognizer]}


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
    large = [columns[0], columns[1], columns[2].cast(pa.large_string())]
    for same in (chunks, large):
        assert attribute_table(*same, as_of=DAY).equals(plain)
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
    assert coarse(told("CN_ADDRESS", "长沙市示例路8号")) == {"province": "湖南省"}
    fine = {"sex", "birth_date", "county", "region_code", "derived_id_18"}
    assert set(COARSE_NAMES) & fine == set()
    assert set(COARSE_NAMES) <= {*ATTRIBUTES.names, "age_band"}


def masked(kind: str, value: str) -> dict[str, Any]:
    return attributes("MASKED", f"masked.{kind}", value, as_of=DAY)


@pytest.mark.parametrize(
    ("value", "head", "tail", "more"),
    [
        ("4301**********0016", "4301", "0016", {"province": "湖南省", "prefecture": "长沙市"}),
        ("43****************", "43", "", {"province": "湖南省"}),
        ("4****************6", "4", "6", {}),
        ("430***1990******1X", "430", "1X", {"province": "湖南省", "birth_year": 1990}),
        ("430***199*******16", "430", "16", {"province": "湖南省"}),
        ("430***19900307****", "430", "", {"province": "湖南省", "birth_year": 1990}),
        ("430***900307***", "430", "", {"province": "湖南省", "birth_year": 1990}),
        ("4301****0016", "4301", "0016", {"province": "湖南省", "prefecture": "长沙市"}),
    ],
)
def test_identity_numbers(value: str, head: str, tail: str, more: dict[str, Any]) -> None:
    shown = {"mask_head": head, "mask_tail": tail, "mask_length": len(value)}
    assert masked("resident_id", value) == shown | more


def test_a_shortened_mask_does_not_say_where_the_year_is() -> None:
    mine = masked("resident_id", "4301041990****16")
    assert mine["county"] == "岳麓区"
    assert "birth_year" not in mine


@given(
    st.sampled_from(
        ["1", *sorted({r[0][:n] for r in data.rows("mobile_prefixes") for n in (2, 3, 4)})]
    )
)
@settings(deadline=None)
def test_carriers_of_masked_mobiles_are_certain(head: str) -> None:
    value = head.ljust(7, "*") + "8000"
    assert masked("mobile", value).get("carrier") == naive.common_word("mobile_prefixes", head, 1)


@given(st.sampled_from(sorted({r[0][:n] for r in data.rows("bins") for n in (1, 2, 4, 6, 8)})))
@settings(deadline=None, max_examples=200)
def test_banks_of_masked_cards_are_certain(head: str) -> None:
    value = head + "*********0004"
    assert masked("bank_card", value).get("bank") == naive.common_word("bins", head, 2)


def test_names_and_damaged_numbers() -> None:
    assert masked("name", "张*") == {"mask_head": "张", "mask_tail": "", "mask_length": 2}
    damaged = attributes("DAMAGED", "damaged.resident_id", "430104199003070000", as_of=DAY)
    assert damaged["birth_date"] == "1990-03-07"
    assert "sex" not in damaged
    assert attributes("DAMAGED", "damaged.resident_id", "4.30104E+17", as_of=DAY) == {}
    assert attributes("DAMAGED", "damaged.bank_card", "621700199003070000", as_of=DAY) == {}


#: A scan leaves the place of a mobile segment out.
PLACELESS = {"CN_MOBILE"}


def words(told: Any, row: int) -> dict[str, Any]:
    word = told[row].as_py()
    return {} if word is None else parse_summary(word)


def expected(entity: str, recognizer: str, value: str) -> dict[str, Any]:
    known = attributes(entity, recognizer, value, as_of=DAY)
    told = coarse(known)
    if recognizer == "masked.resident_id" and "birth_year" in known:
        bands = {age_band(DAY.year - int(known["birth_year"]) - n) for n in (0, 1)}
        if len(bands) == 1 and int(known["birth_year"]) < DAY.year:
            told["age_band"] = bands.pop()
    if entity == "CN_RESIDENT_ID" and "sex" in known:
        told["sex"] = known["sex"]
    return {k: v for k, v in told.items() if not (k == "province" and entity in PLACELESS)}


def test_it_says_what_the_attributes_say_of_every_example_of_the_catalogue() -> None:
    catalog = load()
    kinds = [(r.entity, r.id) for r in catalog.recognizers]
    known = [
        (number, example.value)
        for number, rule in enumerate(catalog.recognizers)
        for example in rule.examples
        if example.value
    ]
    values = pa.array([value for _, value in known])
    told = summarise(values, np.array([number for number, _ in known]), names=kinds, as_of=20261125)
    for row, (number, value) in enumerate(known):
        assert words(told, row) == expected(*kinds[number], value)
    found = [key for row in range(len(known)) for key in words(told, row)]
    assert all(found.count(key) > 10 for key in (*COARSE_NAMES, "sex"))


NAMES = [
    ("CN_RESIDENT_ID", "cn.resident_id"),
    ("CN_MOBILE", "cn.mobile"),
    ("MASKED", "masked.resident_id"),
    ("DAMAGED", "damaged.resident_id"),
    ("MASKED", "masked.mobile"),
    ("CN_FOREIGN_PR_ID", "cn.foreign_pr_id"),
    ("EMAIL_ADDRESS", "net.email"),
    ("CN_PLATE", "cn.plate"),
    ("ICCID", "device.iccid"),
    ("IMSI", "device.imsi"),
]
day = st.dates(datetime.date(1, 1, 1), datetime.date(9999, 12, 31)).map(
    lambda each: f"{each.year:04}{each.month:02}{each.day:02}"
)
almost = st.tuples(
    st.sampled_from(["43", "81", "11", "99", "9"]),
    st.text("0123456789", min_size=4, max_size=4),
    day | st.text("0123456789", min_size=6, max_size=8),
    st.text("0123456789X*", min_size=2, max_size=5),
).map("".join)


@example([(2, "0A0000000000000")], 0)
@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 9), almost | st.text("0123456789X*湘A"))), st.integers(0, 3)
)
def test_it_says_what_the_attributes_say_of_anything(
    found: list[tuple[int, str]], skip: int
) -> None:
    values = pa.array([value for _, value in found], pa.string()).slice(skip)
    found = found[skip:]
    told = summarise(
        values, np.array([kind for kind, _ in found], int), names=NAMES, as_of=20261125
    )
    for row, (kind, value) in enumerate(found):
        assert words(told, row) == expected(*NAMES[kind], value)
