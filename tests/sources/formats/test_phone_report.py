"""A phone report in XML: contacts, calls and messages are rows with their parties."""

from typing import Any, Final

from tests.sources.formats.five import found_values
from tests.sources.tables import Source, cells_of, read_all, read_members, read_reasons


def field(name: str, value: str) -> str:
    return f'<field name="{name}"><value type="String"><![CDATA[{value}]]></value></field>'


def model(type_: str, *parts: str) -> str:
    return f'<model type="{type_}" id="1" deleted_state="Intact">{"".join(parts)}</model>\n'


def many(name: str, *parts: str) -> str:
    return f'<multiModelField name="{name}" type="x">{"".join(parts)}</multiModelField>'


def party(account: str, name: str, *more: str) -> str:
    return model("Party", field("Identifier", account), field("Name", name), *more)


FANG: Final = party("wxid_fang123", "小芳")
OWN: Final = party("wxid_aqiang99", "阿强", field("IsPhoneOwner", "True"))
REPORT: Final = (
    '<?xml version="1.0" encoding="utf-8"?>\n<project id="a" name="王某的手机" xmlns="http://x/2.0">'
    '<metadata section="Device"><item name="MSISDN">13800138000</item></metadata>\n<decodedData>'
    '<modelType type="Contact">'
    + model("Contact", field("Name", "张三"), many("Entries",
        model("PhoneNumber", field("Category", "Mobile"), field("Value", "13800138001")),
        model("PhoneNumber", field("Category", "Home"), field("Value", "13800138002")),
        model("EmailAddress", field("Value", "a@example.com"))))
    + '</modelType><modelType type="Chat">'
    + model("Chat", field("Source", "WeChat"), field("Id", "wxid_fang123"),
        many("Participants", FANG, OWN), many("Messages",
            model("InstantMessage", f'<modelField name="From">{FANG}</modelField>',
                  field("Body", "打包2000"), field("TimeStamp", "2023-05-06T12:00:01.000+08:00")),
            model("InstantMessage", f'<modelField name="From">{OWN}</modelField>',
                  field("Body", "王五 13900139001"))))
    + '</modelType><modelType type="Call">'
    + model("Call", field("Type", "Outgoing"), field("Duration", "00:01:00"),
        many("Parties", party("13700137000", "李四", field("Role", "To"))))
    + '</modelType><modelType type="SMS">'
    + model("SMS", field("Folder", "Sent"), field("Body", "好"),
        many("Parties", party("13700137000", "", field("Role", "To"))))
    + "</modelType></decodedData></project>"
)  # fmt: skip


def tables(source: Source) -> dict[str, list[dict[str, Any]]]:
    """The filled cells of each row, by table."""
    return {
        table.member: [
            {h: c for h, c in zip(table.headers or [], row, strict=False) if c}
            for row in cells_of(blocks)
        ]
        for table, blocks in read_all(source)[0]
        if table.headers is not None
    }


def test_records_of_a_report() -> None:
    found = tables(REPORT)
    assert found["Contact"] == [
        {"deleted_state": "Intact", "Name": "张三", "PhoneNumber.deleted_state": "Intact",
         "PhoneNumber.Category": "Mobile\nHome", "PhoneNumber": "13800138001\n13800138002",
         "EmailAddress.deleted_state": "Intact", "EmailAddress": "a@example.com"},
    ]  # fmt: skip
    first, second = found["InstantMessage"]
    assert first == {
        "deleted_state": "Intact", "Body": "打包2000", "TimeStamp": "2023-05-06T12:00:01.000+08:00",
        "From": "小芳(wxid_fang123)", "From.deleted_state": "Intact", "应用": "WeChat",
        "Chat.Id": "wxid_fang123", "会话": "小芳(wxid_fang123)", "方向": "接收",
    }  # fmt: skip
    assert (second["From"], second["方向"]) == ("阿强(wxid_aqiang99)", "发送")
    (sms,) = found["SMS"]
    assert (sms["To"], sms["方向"]) == ("13700137000", "发送")
    (call,) = found["Call"]
    assert (call["Type"], call["To"]) == ("Outgoing", "李四(13700137000)")
    places, troubles = found_values(REPORT)
    assert troubles == []
    assert len(places["王五 13900139001"]) == 1
    assert "MSISDN：13800138000" in places
    assert "name：王某的手机" in places


def test_a_report_that_is_cut_off_keeps_its_rows_and_says_so() -> None:
    cut = REPORT.index('</modelType><modelType type="Call"')
    assert len(tables(REPORT[:cut])["InstantMessage"]) == 2
    for end in (cut, cut + 5, len(REPORT) - 12):
        assert "CUT_OFF" in read_reasons(REPORT[:end])
    assert "CUT_OFF" not in read_reasons(REPORT)


def test_a_project_without_models_is_any_xml() -> None:
    rows, _ = read_members("<project><modelType/><a>13800138000</a></project>")
    assert rows == {"text": [["a：13800138000"]]}
