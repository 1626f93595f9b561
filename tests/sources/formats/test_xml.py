"""Elements that repeat are records, whatever they are called; nothing of a document is left out."""

import pytest

from tests.sources.people import HEAD, KEYS, PEOPLE, count_whole
from tests.sources.tables import cells_of, check_numbered, read_all, read_members, read_reasons

DECLARED = '<?xml version="1.0" encoding="UTF-8"?>\n'


def fields(shape: str, person: list[str], keys: list[str] = KEYS) -> str:
    return "".join(shape.format(key=k, value=v) for k, v in zip(keys, person, strict=True))


def each(shape: str, inner: str) -> str:
    return "".join(shape.format(fields(inner, person)) for person in PEOPLE)


WORKBOOK = (
    '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"'
    ' xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="a"><ss:Table>'
    + "".join(
        "<Row>" + "".join(f'<Cell><Data ss:Type="String">{v}</Data></Cell>' for v in row) + "</Row>"
        for row in [HEAD, *PEOPLE]
    )
    + "</ss:Table></Worksheet></Workbook>"
)
DOCUMENTS = {
    "Navicat": f"<RECORDS>{each('<RECORD>{}</RECORD>', '<{key}>{value}</{key}>')}</RECORDS>",
    "attributes": "<a><b>" + each("<user {}/>", '{key}="{value}" ') + "</b></a>",
    "SMS": "<smses count='5'>"
    + "".join(f'<sms address="{c}" body="{a}，{b}，{d}" read="1" />\n' for a, b, c, d in PEOPLE)
    + "</smses>",
    "mysqldump": "<x><t name='u'>"
    + each("<row>{}</row>", '<field name="{key}">{value}</field>')
    + "</t></x>",
    "data of placemarks": "<kml>"
    + each("<Placemark><x>{}</x></Placemark>", '<Data name="{key}"><value>{value}</value></Data>')
    + "</kml>",
    "pages": f"<r><page no='1' size='5'>{each('<u>{}</u>', '<{key}>{value}</{key}>')}</page>"
    "<page no='2' size='0'/></r>",
    "one group each": "<r>"
    + each("<p><base>{}</base></p>", "<{key}><![CDATA[{value}]]></{key}>")
    + "</r>",
    "forms": each("<form>{}</form>\n", "<{key}>{value}</{key}>"),
    "workbook": '<?mso-application progid="Excel.Sheet"?>' + WORKBOOK,
    "broken": f"<RECORDS>{each('<RECORD>{}</X></RECORD>', '<{key}>{value}</{key}>')}",
}


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
@pytest.mark.parametrize("name", DOCUMENTS)
def test_each_person_is_a_record_and_each_value_is_read_once(name: str, encoding: str) -> None:
    assert count_whole((DECLARED + DOCUMENTS[name]).encode(encoding)) == len(PEOPLE)


def test_every_part_of_a_document_is_read() -> None:
    text = (
        '<?xml version="1.0" a="V01"?><!DOCTYPE r [<!ENTITY e "V02">]><!-- V03 --><?pi V04?>'
        '<r a="V05">V06<u b="V07"><c>V08<i>V09</i>V10</c><!-- V11 --><![CDATA[V12]]></u>'
        "<u b=''><c>&e;V13</c></u>V14<V15/></r>V16<a"
    )
    check_numbered(text, 16, absent=frozenset([15]))  # a name of an element


def test_records_of_two_kinds_are_two_tables() -> None:
    tables, _ = read_all("<r>" + '<u a="1" b="2"/>' * 3 + "<o><p c='3'>4</p><p c='5'>6</p></o></r>")
    assert [(t.member, t.headers, cells_of(b)) for t, b in tables] == [
        ("", ["a", "b"], [["1", "2"]] * 3),
        ("text", None, [["c：3"], ["p：4"], ["c：5"], ["p：6"]]),
    ]


def test_elements_with_a_name_outside_records_are_labelled_lines() -> None:
    data = DECLARED + '<map><string name="phone">13800138000</string></map>'
    assert read_members(data)[0] == {"text": [["phone：13800138000"]]}


@pytest.mark.parametrize(
    "text",
    [
        "<a>" * 30_000,
        "<a>" * 20_000 + "</b>" * 20_000,
        "<r><a x='1' y='2'/><a x='1' y='2'>" + "<b>" * 30_000,
        "".join(f"<a{n} x='1' y='2'/>" for n in range(30_000)),
        "<a x='" * 30_000,
        '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><a>&b;</a>',
    ],
)
def test_hostile_documents_are_read_in_linear_time(text: str) -> None:
    assert "READER_FAILED" not in read_reasons(DECLARED + text)
