"""Encodings are told apart where general detectors fail: short, digit-heavy, without a BOM."""

import random

import pytest

from piiscan.sources.encoding.detector import EncodingGuess, decode_name, guess_encoding
from tests.sources.tables import read_reasons

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
GIVEN = "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂玲辉荣嗣炜骏峥雅宁立轩晓岚昊焱翊珺"
TAIWAN = "王李張劉陳楊趙黃周吳徐孫胡朱高林何郭馬羅梁宋鄭謝韓唐馮"
TAIWAN_GIVEN = "偉芳娜秀英敏靜麗強磊軍洋勇豔傑娟濤明超霞平剛桂玲輝榮"


def people(rng: random.Random, surnames: str, given: str, rows: int, tail: str = "") -> str:
    return "".join(
        f"{rng.choice(surnames)}{rng.choice(given)}{rng.choice(given)},"
        f"1{rng.randrange(3 * 10**9, 10**10)}{tail}\n"
        for _ in range(rows)
    )


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("rows", [1, 2, 5, 50])
def test_a_few_names_and_numbers_are_enough(encoding: str, rows: int) -> None:
    rng = random.Random(7)
    for _ in range(100):
        text = people(rng, SURNAMES, GIVEN, rows)
        assert guess_encoding(text.encode(encoding)) == EncodingGuess(encoding), text


@pytest.mark.parametrize("rows", [1, 2, 5, 50])
def test_big5_is_told_from_gbk(rows: int) -> None:
    rng = random.Random(8)
    for _ in range(100):
        text = people(rng, TAIWAN, TAIWAN_GIVEN, rows, ",臺北市中正區重慶南路")
        assert guess_encoding(text.encode("big5")) == EncodingGuess("big5"), text


@pytest.mark.parametrize("lines", ["┌─┬─┐│", "╔══╗║", "├┼┤│┃"])
def test_lines_of_boxes_decide_nothing(lines: str) -> None:
    rng = random.Random(9)
    for _ in range(100):
        row = people(rng, SURNAMES, GIVEN, 1)
        text = (lines[:-1] * 9 + "\n" + lines[-1] + row.replace(",", lines[-1])) * 5
        assert guess_encoding(text.encode("gb18030")) == EncodingGuess("gb18030"), text


def test_two_encodings_that_fit_are_told() -> None:
    assert read_reasons("楊輝\n".encode("big5")) == ["ENCODING_IN_DOUBT"]
    assert read_reasons("楊輝,臺北市中正區重慶南路\n".encode("big5")) == []


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "gb18030"]
)
def test_a_bom_decides_and_is_counted(encoding: str) -> None:
    bom = "\ufeff".encode(encoding)
    assert guess_encoding(bom + "张三".encode(encoding)) == EncodingGuess(encoding, len(bom))


ONE, MANY = "张伟,13800138000\n", "李静,13900139000\n" * 9
WINDOW = "张\n张伟,1\n王芳,2\n李静,3\n刘洋,4\n杨".encode("gbk")[1:]
DIGITLESS = "一二三四中文没有数字\n一个一个一个\n"
#: Claim -> head, other windows, encoding.
GUESSES: dict[str, tuple[bytes, list[bytes], str | None]] = {
    "UTF-16 without digits": (DIGITLESS.encode("utf-16-le"), [], "utf-16-le"),
    "UTF-16 of the other order": (DIGITLESS.encode("utf-16-be"), [], "utf-16-be"),
    "most lines in UTF-8": (ONE.encode("gbk") + MANY.encode(), [], "utf-8"),
    "most lines in GBK": (ONE.encode() + MANY.encode("gbk"), [], "gb18030"),
    "Chinese far below an ASCII head": (b"13800138000\n" * 100, [WINDOW], "gb18030"),
    "replacement characters": ("又好又深\ufffd\ufffd\ufffd\ufffd".encode(), [], "utf-8"),
    "fields padded with NUL": (b"zhang\0\0\0\0\0,13800138000\n" * 20, [], "utf-8"),
    "a hole of NULs": (ONE.encode() + bytes(9000) + ONE.encode(), [], "utf-8"),
    "a hole at the head": (bytes(9000), [ONE.encode() * 9], "utf-8"),
    "NULs alone": (bytes(9000), [], None),
}


@pytest.mark.parametrize("claim", GUESSES)
def test_an_encoding_is_guessed(claim: str) -> None:
    head, windows, encoding = GUESSES[claim]
    assert guess_encoding(head, windows) == (encoding and EncodingGuess(encoding))


@pytest.mark.parametrize("seed", range(20))
def test_random_bytes_are_not_text(seed: int) -> None:
    assert guess_encoding(random.Random(seed).randbytes(4000)) is None


@pytest.mark.parametrize("name", ["薛伟强", "袁婧珺", "毛翊超", "谭昊璟"])
def test_gbk_names_that_are_valid_utf_8_by_chance_are_gbk(name: str) -> None:
    line = f"{name},13800138000\n".encode("gbk")
    line.decode("utf-8")
    assert guess_encoding(line) == EncodingGuess("gb18030")


def test_names_are_decoded_with_the_help_of_their_neighbours() -> None:
    assert decode_name("收货名单.xlsx".encode("gbk")) == "收货名单.xlsx"
    assert decode_name("客戶資料.txt".encode("big5")) == "客戶資料.txt"
    assert decode_name(b"\xff\xff.txt") == "\ufffd\ufffd.txt"


@pytest.mark.parametrize("first", [0, 1])
def test_lines_in_two_encodings_in_turn_are_text(first: int) -> None:
    lines = ["张三,19900000008,长沙市岳麓区", "李四,19900000016,湘潭市"] * 200
    mixed = b"\n".join(
        line.encode(("utf-8", "gb18030")[(number + first) % 2]) for number, line in enumerate(lines)
    )
    assert guess_encoding(mixed + b"\n") is not None


@pytest.mark.parametrize("order", ["le", "be"])
def test_utf_32_is_known_without_bom(order: str) -> None:
    text = "姓名：张三 电话13800138000\r\n".encode(f"utf-32-{order}")
    assert guess_encoding(text) == EncodingGuess(f"utf-32-{order}")


def test_a_table_of_hive_is_text_whatever_the_number_of_its_columns() -> None:
    rows = "".join(f"{name}\x01\x01\\N\x0113800138000\x01\n" for name in ("张伟", "李秀英"))
    assert guess_encoding(rows.encode()) == EncodingGuess("utf-8")
    assert guess_encoding(b"\x01\x02\x03\x04ab" * 50) is None
