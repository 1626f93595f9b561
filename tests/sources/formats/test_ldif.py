"""An entry of a directory is a record: folded lines and values in base64 are read."""

import base64

import pytest

from tests.sources.people import PEOPLE, count_whole
from tests.sources.tables import lost, read_all, read_one


def in_base64(text: str, codec: str = "utf-8") -> str:
    return base64.b64encode(text.encode(codec)).decode()


def entry(number: int, end: str = "\n", codec: str = "utf-8") -> str:
    name, identity, phone, address = PEOPLE[number]
    folded = in_base64(address, codec)
    lines = [
        f"dn: uid=u{number},ou=people,dc=example",
        "objectClass: person",
        "objectClass: inetOrgPerson",
        f"cn:: {in_base64(name, codec)}",
        f"mobile: {phone[:6]}",
        f" {phone[6:]}",
        f"employeeNumber: {identity}",
        f"postalAddress;lang-zh:: {folded[:20]}",
        f" {folded[20:]}",
        "",
        "",
    ]
    return end.join(lines)


def entries_of(numbers: list[str]) -> bytes:
    return "".join(
        f"dn: uid=u{at},ou=people,dc=example\nobjectClass: person\nmobile: {number}\n\n"
        for at, number in enumerate(numbers)
    ).encode()


#: Seeds of the fuzzer.
FUZZ_SEEDS = {"a.ldif": entries_of}


@pytest.mark.parametrize("head", ["", "version: 1\n\n", "# Export\n#\n", "\ufeff"])
@pytest.mark.parametrize(("end", "codec"), [("\n", "utf-8"), ("\r\n", "gbk")])
def test_each_entry_is_a_record(head: str, end: str, codec: str) -> None:
    text = head + "".join(entry(number, end, codec) for number in range(5))
    assert count_whole(text.rstrip().encode()) == len(PEOPLE)


def test_names_of_attributes_are_columns() -> None:
    table, (block,), _ = read_one(
        entry(0) + "# a note\ndn: x\nmail: a@example.com\nmail: b@example.com\nV01\n"
    )
    names = [*(table.headers or []), *block.extra_headers]
    columns = dict(zip(names, (each.to_pylist() for each in block.columns), strict=True))
    assert columns["name"] == [PEOPLE[0][0], None]
    assert columns["objectClass"][0] == "person\ninetOrgPerson"
    assert columns["mail"][1] == "a@example.com\nb@example.com"
    assert columns[None][1] == "# a note\nV01"
    assert block.lines is not None
    assert (table.kind, block.lines.tolist()) == ("contacts", [1, 11])


def test_values_that_are_files_are_members_and_others_are_listed() -> None:
    data = base64.b64encode(b"\x00\x01\x02" * 9).decode()
    page = base64.b64encode(b"SQLite format 3\x00" + bytes(99)).decode()
    _, troubles = read_all(f"dn: a\nobjectGUID:: {data}\njpegPhoto:: {page}\nbad:: {data[:-1]}\n")
    assert "BINARY_VALUES" in lost(troubles)
    assert any(each.member.startswith("jpegPhoto") for each in troubles)
