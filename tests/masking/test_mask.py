"""Masks follow Chinese habits and never give a value back; too few numbers remain behind none."""

import datetime
from collections.abc import Iterator
from itertools import groupby

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from piiscan.data import rows
from piiscan.detect.attributes.identity_numbers import age_band
from piiscan.masking.mask import RULES, mask_addresses, mask_value, mask_values
from piiscan.masking.pseudonym import NAME_CHARACTERS, Item, pseudonyms
from piiscan.masking.splice import splice

HABITS = [
    ("13800138000", "CN_MOBILE", "", "138****8000"),
    ("430104190506150016", "CN_RESIDENT_ID", "", "4301***********016"),
    ("430104050615001", "CN_RESIDENT_ID", "", "4301********001"),
    ("张三", "PERSON", "", "张*"),
    ("欧阳小三", "PERSON", "", "欧***"),
    ("张", "PERSON", "", "*"),
    ("abc@example.com", "EMAIL_ADDRESS", "", "a***@example.com"),
    ("a@example.com", "EMAIL_ADDRESS", "", "***@example.com"),
    ("6217000000000000004", "CN_BANK_CARD", "", "621700*********0004"),
    ("18412000001;ext=1234", "CN_VIRTUAL_NUMBER", "", "184****0001;********"),
    ("0731-85551234;ext=801", "CN_LANDLINE", "", "0731*****1234;*******"),
    ("wxid_abcd1234efgh12", "WECHAT_ID", "wechat.wxid", "wxid_ab**********12"),
    ("SF0000000000001", "CN_WAYBILL", "", "SF00*******0001"),
    ("12345", "QQ_NUMBER", "", "1***5"),
    ("12345678@chatroom", "WECHAT_GROUP", "", "123*****@chatroom"),
    ("湘A12345", "CN_PLATE", "", "湘A****5"),
    ("hunter2", "CREDENTIAL", "", "***"),
    ("9981", "VERIFICATION_CODE", "", "***"),
    ("400-000-0001", "CN_SERVICE_NUMBER", "", "400-000-0001"),
    ("138****8000", "MASKED", "masked.mobile", "138****8000"),
    ("1380013****", "MASKED", "masked.mobile", "138********"),
    ("430104********0016", "MASKED", "masked.resident_id", "4301***********016"),
    ("张*", "MASKED", "masked.name", "张*"),
    ("something-else", "USERS_OWN_KIND", "", "so**********se"),
]


@pytest.mark.parametrize(("value", "entity", "recognizer", "shown"), HABITS)
def test_a_habit(value: str, entity: str, recognizer: str, shown: str) -> None:
    assert mask_value(value, entity, recognizer) == shown


def test_many_kinds_in_one_call_equal_one_by_one() -> None:
    names = [(entity, recognizer) for _, entity, recognizer, _ in HABITS]
    values = pa.array([value for value, *_ in HABITS] * 3)
    kinds = np.tile(np.arange(len(HABITS)), 3)
    got = mask_values(values[1:], kinds[1:], names=names).to_pylist()
    assert got == ([shown for *_, shown in HABITS] * 3)[1:]


PERSONAL = sorted(
    {entity for entity in RULES if entity.isupper()}
    - {
        "CN_SERVICE_NUMBER",
        "PHONE_TAIL",
        "CN_ADDRESS",
        "EMAIL_ADDRESS",
        "WECHAT_GROUP",
        "CN_VIRTUAL_NUMBER",
    }
)


@given(
    st.text(st.sampled_from("0123456789AZa张三é😀_"), min_size=1, max_size=40),
    st.sampled_from(PERSONAL),
)
def test_at_least_four_or_half_of_the_characters_stay_hidden(value: str, entity: str) -> None:
    shown = mask_value(value, entity)
    visible = len(shown) - shown.count("*")
    assert len(value) - visible >= (4 if len(value) >= 11 else (len(value) + 1) // 2)
    head = shown.split("*", 1)[0]
    tail = shown.rsplit("*", 1)[-1]
    assert value.startswith(head)
    assert value.endswith(tail)


ADDRESSES = [
    ("湖南省长沙市岳麓区示例路0号示例小区0栋", "湖南省长沙市岳麓区***"),
    ("长沙市示例小区0栋", "长沙市***"),
    ("北京市朝阳区 示例路0号", "北京市朝阳区***"),
    ("湖南省 长沙市 长沙县示例镇", "湖南省 长沙市 长沙县***"),
    ("新疆维吾尔自治区伊犁哈萨克自治州伊宁市示例路", "新疆维吾尔自治区伊犁哈萨克自治州伊宁市***"),
    ("浙江省金华市义乌市示例街道", "浙江省金华市义乌市***"),
    ("香港特别行政区示例道0号", "香港特别行政区***"),
    ("内蒙古自治区呼伦贝尔市鄂温克族自治旗示例镇", "内蒙古自治区呼伦贝尔市鄂温克族自治旗***"),
    ("示例路0号", "***"),
    ("No. 5 Example Road", "***"),
    ("", "***"),
]


@pytest.mark.parametrize(("address", "shown"), ADDRESSES)
def test_an_address_is_shown_down_to_its_district(address: str, shown: str) -> None:
    assert mask_value(address, "CN_ADDRESS", "name.address") == shown


def test_addresses_in_a_slice() -> None:
    got = mask_addresses(pa.array([a for a, _ in ADDRESSES])[2:])
    assert got.to_pylist() == [shown for _, shown in ADDRESSES][2:]


def test_addresses_among_other_kinds() -> None:
    got = mask_values(
        pa.array(["13800138000", "北京市朝阳区示例路", "张三"]),
        np.array([1, 0, 2]),
        names=[("CN_ADDRESS", ""), ("CN_MOBILE", ""), ("PERSON", "")],
    )
    assert got.to_pylist() == ["138****8000", "北京市朝阳区***", "张*"]


DAY = datetime.date(2026, 12, 31)
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
LEAST = 1_000


def remainder(digits: str, first: int) -> int:
    """Sum of digits by their weights from place ``first`` on, modulo 11."""
    pairs = zip(digits, WEIGHTS[first:], strict=False)
    return sum(int(digit) * weight for digit, weight in pairs) % 11


def births(band: str) -> np.ndarray:
    """Number of days of birth in an age band, by their remainder."""
    counts = np.zeros(11, np.int64)
    day = DAY
    while day.year >= 1926:
        age = DAY.year - day.year - ((DAY.month, DAY.day) < (day.month, day.day))
        counts[remainder(f"{day:%Y%m%d}", 6)] += age_band(age) == band
        day -= datetime.timedelta(1)
    return counts


def prefectures() -> Iterator[tuple[str, list[str]]]:
    """Prefecture -> its counties: all codes that end in other digits than 00, and its own."""
    codes = sorted({str(row[0]) for row in rows("regions")})
    for prefecture, group in groupby((code for code in codes if len(code) == 6), lambda c: c[:4]):
        counties = [code for code in group if not code.endswith("00")]
        yield prefecture, counties or [prefecture + "00"]


def fewest(band: str, tail: int) -> int:
    """Fewest numbers that fit prefecture, band and ``tail`` shown characters, over all of them."""
    days = births(band)
    hidden = 4 - tail  # digits of the serial that the mask hides
    serials = np.zeros(11, np.int64)
    for serial in range(10**hidden):
        serials[remainder(f"{serial:0{hidden}d}" if hidden else "", 14)] += 1
    both = np.zeros(11, np.int64)
    for a in range(11):
        for b in range(11):
            both[(a + b) % 11] += days[a] * serials[b]
    least = []
    for _, counties in prefectures():
        counts = np.zeros(11, np.int64)
        for county in counties:
            counts += np.roll(both, remainder(county, 0))
        least.append(int(counts.min()))  # the tail shown can ask for any remainder
    return min(least)


@pytest.mark.parametrize("band", ["under_14", "14_17", "adult"])
def test_a_thousand_numbers_remain_in_every_prefecture(band: str) -> None:
    rule = RULES["CN_RESIDENT_ID"]
    assert rule.head == 4
    assert fewest(band, rule.tail) >= LEAST


def test_one_character_more_would_leave_too_few() -> None:
    assert fewest("14_17", RULES["CN_RESIDENT_ID"].tail + 1) < LEAST


def spliced(texts: list[str | None], changes: list[tuple[int, int, int, str]]) -> pa.Array:
    rows, starts, ends = (np.array([each[at] for each in changes], np.int64) for at in range(3))
    return splice(
        pa.array(texts, pa.string()),
        rows,
        starts,
        ends,
        pa.array([c[3] for c in changes], pa.string()),
    )


def spliced_one_by_one(
    texts: list[str | None], changes: list[tuple[int, int, int, str]]
) -> list[str | None]:
    results: list[str | None] = []
    for row, text in enumerate(texts):
        data, at, parts = (text or "").encode(), 0, b""
        of_row = sorted((c for c in changes if c[0] == row), key=lambda c: (c[1], -c[2]))
        for _, start, end, new in of_row:
            if end > at:
                parts += data[at : max(start, at)] + new.encode()
                at = end
        results.append(None if text is None else (parts + data[at:]).decode())
    return results


@given(st.data())
def test_many_are_spliced_as_one_by_one(data: st.DataObject) -> None:
    texts = data.draw(st.lists(st.none() | st.text("ab1", max_size=6), min_size=1, max_size=6))
    spans = st.integers(0, len(texts) - 1).flatmap(
        lambda row: st.tuples(
            *(
                st.just(row),
                *[st.integers(0, len(texts[row] or ""))] * 2,
                st.text("*某", max_size=3),
            )
        )
    )
    drawn = data.draw(st.lists(spans, max_size=8, unique_by=lambda c: c[:3]))
    changes = [c for c in drawn if c[1] < c[2] and texts[c[0]] is not None]
    result = spliced(texts, changes)
    result.validate(full=True)
    assert result.to_pylist() == spliced_one_by_one(texts, changes)


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
def test_slices_of_an_array_and_large_strings(kind: pa.DataType) -> None:
    texts = pa.array(["x", "电话1", None, ""], kind).slice(1)
    new = pa.array(["-", "**"]).slice(1)
    result = splice(texts, *np.array([[0], [6], [7]]), new)
    assert result.to_pylist() == ["电话**", None, ""]
    nothing = np.zeros(0, np.int64)
    assert splice(texts[:0], nothing, nothing, nothing, new[:0]).to_pylist() == []


KEY, OTHER = bytes(32), bytes([1]) * 32


def one(text: str, entity: str, recognizer: str = "", value: str = "", key: bytes = KEY) -> str:
    return pseudonyms([Item(text, entity, recognizer, value or text)], key)[0]


def test_the_ways_a_value_is_written_share_a_pseudonym() -> None:
    plain = one("13800138000", "CN_MOBILE")
    assert len(plain) == 11
    assert plain.startswith("00")
    dashed = one("138-0013-8000", "CN_MOBILE", value="13800138000")
    assert dashed == f"{plain[:3]}-{plain[3:7]}-{plain[7:]}"
    assert one("+86 13800138000", "CN_MOBILE", value="13800138000") == f"+86 {plain}"
    wide = "".join(chr(ord(char) + 0xFEE0) for char in "13800138000")
    assert one(wide, "CN_MOBILE", value="13800138000").startswith("００")


def test_another_key_gives_others() -> None:
    assert one("13800138000", "CN_MOBILE") != one("13800138000", "CN_MOBILE", key=OTHER)
    assert one("张三", "PERSON") != one("李四", "PERSON")


def test_nothing_is_told_of_secrets() -> None:
    assert one("Demo1234", "CREDENTIAL") == "***"
    assert one("123456", "VERIFICATION_CODE") == "***"


def test_made_up_names_can_be_written_in_every_encoding_of_the_field() -> None:
    assert len(set(NAME_CHARACTERS)) == 64
    for encoding in ("gb2312", "big5"):
        assert NAME_CHARACTERS.encode(encoding)
