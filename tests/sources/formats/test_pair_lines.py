"""Objects that programs print in lines are records; what is outside of their pairs is read too."""

import json
import time

import pytest

from piiscan.sources.formats.pair_lines import read_line
from tests.sources.formats.five import found_values
from tests.sources.people import PEOPLE, RECORDS, count_whole
from tests.sources.tables import lost, read_all, read_one


def joined(record: dict[str, str], form: str, sign: str = ", ") -> str:
    return sign.join(form.format(key, value) for key, value in record.items())


def serialized(record: dict[str, str]) -> str:
    texts = [f's:{len(part.encode())}:"{part}";' for pair in record.items() for part in pair]
    return f'a:{len(record) + 2}:{{s:2:"id";i:7;{"".join(texts)}s:4:"tags";a:0:{{}}}}'


JAVA = ["User{" + joined(each, "{}={}") + "}" for each in RECORDS]
PHP = ["array(" + joined(each, "'{}'=>'{}'") + ")," for each in RECORDS]
LINES = {
    "java": JAVA,
    "java, round": [f"User({joined(each, '{}={}')})" for each in RECORDS],
    "java, quoted": ["User{" + joined(each, "{}='{}'") + "}" for each in RECORDS],
    "java, in brackets": [f"User [{joined(each, '{}={}')}]" for each in RECORDS],
    "java, nested": [
        f"Order(id={n}, user=User({joined(each, '{}={}')}))" for n, each in enumerate(RECORDS)
    ],
    "java, a list": [f"2023-07-01 10:00:00 INFO list=[{', '.join(JAVA)}]"],
    "python": list(map(repr, RECORDS)),
    "python, a list": [repr(RECORDS)],
    "php": PHP,
    "php, short": ["[" + joined(each, "'{}' => '{}'") + "]," for each in RECORDS],
    "php, a frame": ["<?php return [", *PHP, "];"],
    "php, serialized": list(map(serialized, RECORDS)),
    "php, a serialized list": [
        f"a:5:{{{''.join(f'i:{at};{serialized(each)}' for at, each in enumerate(RECORDS))}}}"
    ],
    "ruby": ["{" + joined(each, '"{}"=>"{}"') + "}" for each in RECORDS],
    "ruby, symbols": ["{" + joined(each, ':{}=>"{}"') + "}" for each in RECORDS],
    "javascript": ["{" + joined(each, "{}: '{}'") + "}," for each in RECORDS],
    "JSON in a log": [
        f"10:00:00 INFO save {json.dumps(each, ensure_ascii=False)}" for each in RECORDS
    ],
}


@pytest.mark.parametrize("codec", ["utf-8", "gb18030"])
@pytest.mark.parametrize("name", LINES)
def test_each_object_is_a_record(name: str, codec: str) -> None:
    data = "\r\n".join(LINES[name]).encode(codec)
    assert count_whole(data) == len(PEOPLE)
    table, _, troubles = read_one(data)
    assert {"name", "idcard", "phone", "address"} <= {*(table.headers or [])}
    assert lost(troubles) == []


def test_one_pair_is_an_object_too() -> None:
    places, _ = found_values("array('name'=>'张三')\narray('name'=>'李\\'四')\n")
    assert places["张三"] == [("", 1, "name")]
    assert places["李'四"] == [("", 2, "name")]


def test_what_is_outside_of_pairs_is_read() -> None:
    records, _ = read_line("13800138000 {name=张三, phone=1}, 13900139000 {name=李四} 完")
    assert records[0].pop("") == "13800138000 }, 13900139000 } 完"
    assert records == [{"name": "张三", "phone": "1"}, {"name": "李四"}]


def test_a_value_has_its_brackets_and_commas() -> None:
    (record,), _ = read_line("A(name=张三, addr=示例路1号(东), 2楼, tags=[a, b], x=1, y=)")
    assert record == {
        "name": "张三", "addr": "示例路1号(东), 2楼", "tags": "[a, b]", "x": "1", "y": "", "": "A",
    }  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "a=1\nb=2\nc=3\n",
        "今天 (name=张三, phone=2) 就这样，说了很多别的话，一句也不是一条记录，所以不算\n" * 9,
        "{a=1, b=2, c=3}\n" * 9,
        "姓名=张三\n手机=13800138000\n",
        "x\n",
    ],
)
def test_other_lines_stay_text(text: str) -> None:
    ((table, _),), _ = read_all(text)
    assert table.kind in ("text", "delimited")


@pytest.mark.parametrize(
    "part",
    ["{name='", "{name=", "(", "{'a': ", "{'a': '", "{'a':\\'", "[,", ",        ", "{'n':'\\"],
)
def test_work_grows_with_the_line(part: str) -> None:
    text = part * (400_000 // len(part))
    before = time.process_time()
    read_line(text)
    assert time.process_time() - before < 3
