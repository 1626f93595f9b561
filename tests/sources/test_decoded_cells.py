"""What an encoding in a cell stands for is read, once, in the cell's place; other words stay."""

import base64
import gzip
import quopri
import urllib.parse
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import piiscan
from piiscan.sources.block import Block, Table
from piiscan.sources.texts import decoded_cells
from piiscan.sources.texts.decoded_cells import decode_text
from tests.sources.tables import read_one

TEXT = "张三 13800138000"


def forms(codec: str) -> dict[str, str]:
    data = TEXT.encode(codec)
    return {
        "base64": base64.b64encode(data).decode(),
        "base64 twice": base64.b64encode(base64.b64encode(data)).decode(),
        "hex": data.hex(),
        "0x": f"0x{data.hex().upper()}",
        "percent, all": "".join(f"%{each:02X}" for each in data),
        "percent": urllib.parse.quote(data),
        "\\x": "".join(f"\\x{each:02x}" for each in data),
        "bytea": f"\\x{data.hex()}",
        "quoted-printable": quopri.encodestring(data).decode(),
        "entities": "".join(f"&#{ord(char)};" for char in TEXT),
        "entities, hex": "".join(f"&#x{ord(char):x};" for char in TEXT),
        "\\u": "".join(f"\\u{ord(char):04x}" for char in TEXT),
        "%u": "".join(f"%u{ord(char):04x}" for char in TEXT),
        "mail word": f"=?{codec}?B?{base64.b64encode(data).decode()}?=",
        "percent in entities": urllib.parse.quote(data).replace("%", "&#37;"),
    }


@pytest.mark.parametrize("codec", ["utf-8", "gb18030"])
def test_every_form_is_decoded(codec: str) -> None:
    for around in ("{}", "注册 {} 成功"):
        found = {name: decode_text(around.format(form))[0] for name, form in forms(codec).items()}
        assert found == dict.fromkeys(found, around.format(TEXT))


@pytest.mark.parametrize(
    ("text", "decoded"),
    [
        ("1<b>38</b>001<span class='x'>38</span>000", "13800138000"),
        ("138&nbsp;0013&nbsp;8000", "138 0013 8000"),
        (TEXT.encode().decode("cp1252", "replace"), TEXT),
        (TEXT.encode().decode("latin-1"), TEXT),
        ("MTM4MDAxMzgwMDA=", "13800138000"),
        ("cn:: 5byg5Lyf", "cn:: 张伟"),
        ("name=5byg5Lyf&a=1", "name=张伟&a=1"),
        (r"\\u5f20\\\\u4e09", "张三"),
        (r"name = \U5f20\U4e09;", "name = 张三;"),
        ("姓名~{UEH}~}", "姓名张三"),  # HZ
        ("姓 名: 王 小 明 13800138000", "姓 名: 王小明 13800138000"),
        ("张三 李 四 王五", "张三 李 四 王五"),
        ("X'e5bca0e4b8893133383030'", "张三13800"),
        (base64.b64encode(gzip.compress(TEXT.encode() * 90, mtime=0)).decode(), TEXT * 90),
        (base64.b64encode(zlib.compress(TEXT.encode() * 90)).decode(), TEXT * 90),
        ("3133383030313338303030", "13800138000"),
        (r"\ud840\udc00", "\U00020000"),
        ("\x001\x003\x008\x000\x000\x001\x003\x008\x000\x000\x000", "13800138000"),
    ],
)
def test_more_forms(text: str, decoded: str) -> None:
    assert decode_text(text)[0] == decoded


@pytest.mark.parametrize(
    "text",
    [
        "PersonalInformation", "a3f5c9d2e1b0a4f68877665544332211", "6222021234567890123",
        "涨50%10元", "C:\\xampp\\ufonts", "AbcdEfghIjkl", "wxid_abcdefghijkl12",
        "SF1234567890123", "a<b and b>c", "1<td>2", "x=1&y=2", "AT&T; R&D;", "100%", "é à ü",
        "430104190506150016", "430104190506150016430104190506150016", "张三<br>李四", "5byg5Lyf",
        "220112-19990826-996X", "612732-19870520-999X",
        "code: 5abc6def", "H4sIAAAAAAAAAAAAAAAAAAAAAAAA",
    ],
)  # fmt: skip
def test_other_words_stay(text: str) -> None:
    assert decode_text(text) == (text, [])


def read_cells(text: str, **options: Any) -> tuple[Table, Block, set[tuple[str, bool]]]:
    """The only table of a text, its block, reason and loss of its troubles."""
    table, (block,), troubles = read_one(text, **options)
    return table, block, {(each.reason, each.lost) for each in troubles}


def test_cells_are_read_decoded_at_their_place_and_told() -> None:
    cells = [form for form in forms("utf-8").values() if "," not in form]
    text = "编号,姓名\n" + "".join(f"{number},{form}\n" for number, form in enumerate(cells))
    table, block, troubles = read_cells(text)
    assert block.columns[1].to_pylist()[1:] == [TEXT] * len(cells)
    assert block.byte_starts is not None
    for at, form in zip(block.byte_starts[1].tolist()[1:], cells, strict=True):
        assert text.encode()[-2 - at :].startswith(form.encode())
    assert troubles == {("DECODED", False)}
    assert table.sample.columns[1].to_pylist()[1:] == [TEXT] * len(cells)


def test_a_person_in_base64_is_one_person(tmp_path: Path) -> None:
    rows = [
        f"{name},{base64.b64encode(phone.encode()).decode()}\n"
        for name, phone in (("张伟", "13800138000"), ("李娜", "13900139000"))
    ]
    (tmp_path / "a.csv").write_text("姓名,手机号\n" + "".join(rows), "utf-8")
    case = piiscan.scan(tmp_path / "a.csv", case=tmp_path / "case", key=tmp_path / "key")
    found = case.sql("select row, entity, masked from findings order by all").to_pylist()
    assert [(each["row"], each["entity"]) for each in found] == [
        (2, "CN_MOBILE"), (2, "PERSON"), (3, "CN_MOBILE"), (3, "PERSON"),
    ]  # fmt: skip
    assert case.manifest.content["counters"]["unread"] == 0


def test_numbers_with_letters_stay() -> None:
    rng = np.random.default_rng(1)
    for number in rng.integers(10**16, 10**17, 3000).tolist():
        for word in (f"{number}X", f"SF{number:017}"[:15], f"YT{number}"[:15], f"JD{number}A"):
            assert decode_text(word) == (word, [])


def short_cells(header: str, *rows: str) -> list[str | None]:
    """The second column of these rows."""
    return read_cells("\n".join([header, *rows, ""]))[1].columns[1].to_pylist()[1:]


@pytest.mark.parametrize(
    "form",
    [
        lambda name: base64.b64encode(name.encode()).decode(),
        lambda name: base64.b64encode(name.encode("gbk")).decode(),
        lambda name: name.encode().hex(),
        lambda name: name.encode("gbk").hex().upper(),
        lambda name: f"0x{name.encode('gbk').hex()}",
        lambda name: f"X'{name.encode('gbk').hex()}'",
    ],
)
def test_short_words_are_told_by_their_column(form: Callable[[str], str]) -> None:
    names = ["张伟", "李秀英", "王建国", "欧阳修", "刘洋"]
    rows = [f"{at},{form(name)}" for at, name in enumerate(names)]
    assert short_cells("电话,代号", *rows) == names
    assert short_cells("电话,姓名", *rows[:1]) == names[:1]
    codes = [f"{at},A1B2C3{at:02d}" for at in range(9)]
    assert short_cells("电话,代号", *codes, rows[0])[-1] == form(names[0])


def test_packed_cells_over_the_budget_are_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoded_cells, "_MAX_UNPACKED", 1 << 20)
    packed = base64.b64encode(gzip.compress(b"13800138000 " * 20_000, mtime=0)).decode()
    _, _, troubles = read_cells("电话,姓名\n" + f"1,{packed}\n" * 8)
    assert troubles == {("DECODED", False), ("ZIP_TOTAL", True)}


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        ("张伟", "寮犱紵"),
        ("张三丰", "张三丰".encode("gbk").decode("latin-1")),
        ("示例市示例路12号", "示例市示例路12号".encode("gbk").decode("latin-1")),
        ("张伟", "张伟".encode().decode("latin-1").encode().decode("latin-1")),
        ("刘洋", "刘洋".encode().decode("cp1252", "ignore").encode().decode("cp1252", "ignore")),
    ],
)
def test_mojibake_is_repaired_where_nothing_was_lost(text: str, broken: str) -> None:
    assert decode_text(broken) == (text, ["mojibake"])
    assert decode_text(f"姓名:{broken},男")[0].startswith(f"姓名:{text}")


@pytest.mark.parametrize(
    "text", ["浏览器渑池县", "Ãé Ñandú Øre", "涓涓细流", "鏉", "¡£¥§", "naïve café", "Ðà"]
)
def test_ordinary_rare_characters_stay(text: str) -> None:
    assert decode_text(text) == (text, [])
