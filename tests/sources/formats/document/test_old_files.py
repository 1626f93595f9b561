"""Files of Word and PowerPoint up to 2003: every text once, tables as tables, files inside."""

import pytest

from tests.sources.formats.document.old_office import (
    ROW_END,
    cell,
    plain,
    presentation,
    slide,
    word,
)
from tests.sources.formats.document.planted import places
from tests.sources.formats.document.test_rich_text import package
from tests.sources.ole_writer import write_ole
from tests.sources.people import HEAD, PEOPLE, count_whole
from tests.sources.tables import read_all, read_members, read_reasons, zipped


def members(data: bytes) -> dict[str, str]:
    """Member of each planted number."""
    return {value: member for value, ((member, _, _),) in places(data).items()}


@pytest.mark.parametrize("narrow", [False, True])
def test_pieces_of_both_kinds_are_joined(narrow: bool) -> None:
    field = '\x13 HYPERLINK "tel:13900000003" \x14go\x15 end'
    texts = ["phone 13900000001 and 13900000002", "ab\x0bcd\x1e1", field, "电话"]
    rows, _ = read_members(word([plain(each) for each in texts], narrow=narrow))
    found = ["phone 13900000001 and 13900000002", "ab", "cd-1", "go end\t13900000003", "电话"]
    assert rows["#text"][:5] == [[line] for line in found]


def test_each_text_of_a_document_has_its_name() -> None:
    texts = ["正文 13900000001", "脚注 13900000002", "页眉 13900000003", "批注 13900000004"]
    lengths = [len(texts[0]) + 1, len(texts[1]) + 1, len(texts[2]) + 1, 0, len(texts[3]) + 1]
    data = word([plain(each) for each in texts], lengths=lengths)
    assert members(data) == {
        "13900000001": "#text",
        "13900000002": "#footnotes",
        "13900000003": "#headers",
        "13900000004": "#comments",
    }


def test_five_people_in_a_table_are_five_rows() -> None:
    rows = [part for row in [HEAD, *PEOPLE] for part in [*map(cell, row), ROW_END]]
    data = word([plain("名单"), *rows, plain("完")])
    assert count_whole(data) == 5
    assert [each.headers for each, _ in read_all(data)[0]] == [None, HEAD]


def test_what_other_streams_hold_is_read_or_listed() -> None:
    more = {
        "\x05SummaryInformation": b"\0\0\1\2" + "甲 13900000001".encode("gbk") + b"\0\1",
        "Data": b"\xff\xfe\0\1 13900000002 \0\1",
        "ObjectPool": {"_1": {"\x01Ole10Native": bytes(4) + package("b.csv", b"a\n13900000003\n")}},
    }
    data = word([plain("x")], more=more)
    assert sorted(places(data)) == [f"1390000000{n}" for n in (1, 2, 3)]
    lost = [(t.reason, t.member) for t in read_all(data)[1] if t.lost]
    assert lost == [("READ_AS_STRINGS", "#Data")]


def test_slides_of_the_last_save_are_read_and_their_files() -> None:
    slides = [slide("标题\r电话 13900000001"), slide("13900000002")]
    made = presentation(
        [*slides, slide("备注 13900000003", kind=0x03F0)],
        gone=slide("旧 13900000009"),
        files=[zipped({"c.csv": "姓名,手机号\n张三,13900000004\n"})],
    )
    assert members(made) == {
        "13900000001": "#slide 1",
        "13900000002": "#slide 2",
        "13900000003": "#notes 1",
        "13900000004": "object 1!c.csv",
        "13900000009": "#earlier saves",
    }
    assert read_reasons(made) == ["DELETED_TEXT"]


def test_an_object_has_its_file_as_a_member() -> None:
    native = b"\0\0\0\0" + package("名单.txt", "电话 13900000001".encode())
    data = write_ole({"\x01Ole10Native": native, "\x01CompObj": b"x" * 9})
    assert members(data) == {"13900000001": "Ole10Native/名单.txt"}
    assert read_reasons(data) == []


def test_a_password_and_damage_are_listed() -> None:
    made = word([plain("x 13900000001")], flags=0x300)
    assert read_reasons(made) == ["ENCRYPTED"]
    for stream in (b"\xec\xa5" + bytes(600), b"x" * 99):
        assert "CORRUPT" in read_reasons(write_ole({"WordDocument": stream}))
