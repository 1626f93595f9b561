"""Values in codes: a copy has them masked in the same code, and a scan of it finds none."""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

import piiscan
from piiscan.copies.code_words import encode_word
from piiscan.sources.texts.decoded_cells import Ranges, decode_text

PHONES: Final = ("13800138000", "13912345678", "13700137123")
NAMES: Final = ("张伟强", "李娜", "王芳")


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


CODES: Final[dict[str, Callable[[str], str]]] = {
    "base64": b64,
    "base64 of JSON": lambda v: b64(json.dumps({"tel": v, "name": "张三"}, ensure_ascii=False)),
    "base64 twice": lambda v: b64(b64(v)),
    "base64 for addresses": lambda v: base64.urlsafe_b64encode(f"电话？{v}".encode()).decode(),
    "hex": lambda v: v.encode().hex(),
    "hex of a database": lambda v: "0x" + v.encode().hex().upper(),
    "percent": lambda v: "".join(f"%{byte:02X}" for byte in v.encode()),
    "escapes": lambda v: "".join(f"\\u{ord(char):04x}" for char in v),
    "mail word": lambda v: f"=?utf-8?B?{b64(v)}?=",
    "entities": lambda v: "".join(f"&#{ord(char)};" for char in v),
    "tags": lambda v: f"{v[:3]}<b>{v[3:7]}</b>{v[7:]}",
}
FORMS: Final[dict[str, Callable[[list[tuple[str, str]]], str]]] = {
    "csv": lambda rows: "姓名,数据\n" + "".join(f"{a},{b}\n" for a, b in rows),
    "json": lambda rows: json.dumps([{"name": a, "data": b} for a, b in rows]),
    "jsonl": lambda rows: "".join(json.dumps({"name": a, "data": b}) + "\n" for a, b in rows),
    "sql": lambda rows: "".join(f"INSERT INTO t VALUES ('{a}','{b}');\n" for a, b in rows),
    "txt": lambda rows: "".join(f"姓名：{a} 数据：{b}\n" for a, b in rows),
    "html": lambda rows: (
        "<table><tr><th>姓名<th>数据" + "".join(f"<tr><td>{a}<td>{b}" for a, b in rows) + "</table>"
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_no_value_stays_in_any_code(form: str, tmp_path: Path) -> None:
    coded = {
        name: [(person, code(phone)) for person, phone in zip(NAMES, PHONES, strict=True)]
        for name, code in CODES.items()
    }
    folder = tmp_path / "dump"
    folder.mkdir()
    for number, rows in enumerate(coded.values()):
        (folder / f"{number}.{form}").write_text(FORMS[form](rows), "utf-8")
    done = piiscan.redact(folder, out=tmp_path / "out")
    assert (done.remaining, done.incomplete) == (0, 0)
    for number, (name, rows) in enumerate(coded.items()):
        text = (tmp_path / "out" / "dump" / f"{number}.{form}").read_text("utf-8")
        values = [value for row in rows for value in row] + list(PHONES)
        left = [v for v in values if v in text or json.dumps(v)[1:-1] in text]
        assert left == [], name
        if form == "json":
            assert [set(each) for each in json.loads(text)] == [{"name", "data"}] * 3, name
    sources, copies = (
        piiscan.scan(place, case=tmp_path / f"case-{place.name}", key=tmp_path / "key").findings()
        for place in (folder, tmp_path / "out")
    )
    assert set(sources["digest"].to_pylist()).isdisjoint(copies["digest"].to_pylist())


def test_expressions_of_a_dump_become_strings(tmp_path: Path) -> None:
    dump = tmp_path / "a.sql"
    dump.write_text("INSERT INTO u VALUES ('张伟强',CONCAT('137','00137123'),'137'||'00137123');\n")
    piiscan.redact(dump, out=tmp_path / "out")
    copy = "INSERT INTO u VALUES ('张**','137****7123','137****7123');\n"
    assert (tmp_path / "out" / "a.sql").read_text() == copy


@pytest.mark.parametrize(
    ("text", "view", "word", "code"),
    [
        ('a"b', "", "xyz", 'a"b'),
        ("张*", "base64", "5byg5LiJ", "5bygKg=="),
        ("张*", "base64", "5byg5Li", "5bygKg"),
        ("？", "base64", "77yf-w==", "77yf"),
        ("张*", "hex", "E5BCA0E4B889", "E5BCA02A"),
        ("张*", "hex", "x'e5bca0'", "x'e5bca02a'"),
        ("张*", "escapes", r"\u5f20\u4e09", r"\u5f20*"),
        ('a"\n', "escapes", r"\u0061", r"a\u0022\u000a"),
        ("张*", "escapes", r"\xe5\xbc\xa0", r"\xe5\xbc\xa0\x2a"),
        ("张*", "percent", "%E5%BC%A0", "%E5%BC%A0*"),
        ("<*>", "entities", "&lt;", "&lt;*&gt;"),
        ("张*'", "expression", "CONCAT('张','三')", "'张*'''"),
        ('{"张": 1*}', "gzip", "H4sI", "**张** 1**"),
    ],
)
def test_a_text_is_written_in_the_code_of_a_word(
    text: str, view: str, word: str, code: str
) -> None:
    assert encode_word(text, view, word) == code


def test_each_character_of_a_decoded_text_knows_its_source() -> None:
    text = r"甲%E4%B9%99 MTM4MDAxMzgwMDA= \u4e19"
    ranges = Ranges.of(text)
    decoded, _ = decode_text(text, ranges)
    assert decoded == "甲乙 13800138000 丙"
    places = {text[b:e] for b, e in zip(ranges.begins, ranges.ends, strict=True)}
    assert places == {"甲", "%E4%B9%99", " ", "MTM4MDAxMzgwMDA=", r"\u4e19"}
    assert set(ranges.views) == {"", "percent", "base64", "escapes"}
