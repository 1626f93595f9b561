"""Telegram's result.json: a message is a row once, and the rest is read as JSON."""

import json
from typing import Any, Final

import pytest

from tests.sources.formats.five import found_values
from tests.sources.formats.test_chat_page import messages
from tests.sources.tables import read_all

CHATS: Final[list[dict[str, Any]]] = [
    {"name": "小芳", "type": "personal_chat", "id": 5001, "messages": [
        {"id": 1, "type": "message", "date": "2023-05-06T12:00:01", "from": "小芳",
         "from_id": "user5001",
         "text": ["资料 ", {"type": "phone", "text": "13800138001"}, " 打包2000"],
         "text_entities": [{"type": "phone", "text": "13800138001"}]},
        {"id": 2, "type": "message", "date": "2023-05-06T12:00:31", "from": "阿强",
         "from_id": "user777", "text": "[转账] ¥4800",
         "contact_information": {"first_name": "王五", "phone_number": "13900139001"}},
        {"id": 3, "type": "message", "date": "2023-05-06T12:01:31", "from": "小芳",
         "from_id": "user5001", "file": "files/客户.csv", "text": "", "text_entities": [
             {"type": "text_link", "text": "群", "href": "https://t.me/qun"}]},
    ]},
    {"name": "\"messages\": [", "type": "private_group", "id": 9001, "messages": [
        {"id": 1, "type": "service", "date": "2023-05-06T12:00:01", "actor": "老王",
         "action": "invite_members", "members": ["小李", "小周"], "text": ""}]},
    {"name": "空", "type": "personal_chat", "id": 6, "messages": []},
]  # fmt: skip
DOCUMENT: Final = {
    "about": "x",
    "personal_information": {"user_id": 777, "phone_number": "+86 138 0013 8000"},
    "contacts": {"list": [{"first_name": "赵六", "phone_number": "+8613900139000"}]},
    "chats": {"list": CHATS},
    "sessions": {"list": [{"last_ip": "203.0.113.7"}]},
}


@pytest.mark.parametrize("indent", [None, 1])
def test_messages_and_the_rest(indent: int | None) -> None:
    data = json.dumps(DOCUMENT, ensure_ascii=False, indent=indent)
    first, second, third, fourth = messages(data, "result.json")
    chat = {"会话": "小芳", "chat.type": "personal_chat", "chat.id": "5001"}
    assert first == {
        **chat, "方向": "接收", "时间": "2023-05-06T12:00:01", "发送者": "小芳",
        "内容": "资料 13800138001 打包2000", "id": "1", "type": "message", "from_id": "user5001",
    }  # fmt: skip
    assert second["方向"] == "发送"
    assert second["contact_information.phone_number"] == "13900139001"
    assert (third["文件名"], third["内容"]) == ("files/客户.csv", "群\nhttps://t.me/qun")
    assert (fourth["发送者"], fourth["members"]) == ("老王", "小李\n小周")
    assert fourth["会话"] == '"messages": ['
    places, troubles = found_values(data, "result.json")
    assert troubles == []
    for value in ("13900139001", "+86 138 0013 8000", "+8613900139000", "203.0.113.7", "空"):
        assert len(places[value]) == 1


def test_one_chat_and_many_messages() -> None:
    many = [{**CHATS[0]["messages"][0], "id": at, "text": f"第{at}条" * 99} for at in range(9000)]
    rows = messages(json.dumps({**CHATS[0], "messages": many}, ensure_ascii=False), "result.json")
    assert [row["id"] for row in rows] == [str(at) for at in range(9000)]


@pytest.mark.parametrize("cut", [300, 700, 900])
def test_a_document_that_is_cut_off_is_read_as_json(cut: int) -> None:
    tables, troubles = read_all(json.dumps(DOCUMENT, ensure_ascii=False)[:cut], "result.json")
    assert tables
    assert troubles or cut > 700
