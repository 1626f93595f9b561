"""Pages that QQ and Telegram export: a message is a row, and nothing of a page is left out."""

from typing import Final

from tests.sources.formats.five import found_values
from tests.sources.tables import Source, cells_of, read_all, zipped

PAGE: Final = """<!DOCTYPE html>
<html><head><meta charset="utf-8"/><title>Exported Data</title></head><body>
<div class="page_wrap"><div class="page_header"><div class="content"><div class="text bold">
小芳
</div></div></div><div class="page_body chat_page"><div class="history">
<div class="message service" id="message-1"><div class="body details">6 May 2023</div></div>
<div class="message default clearfix" id="message1"><div class="body">
<div class="pull_right date details" title="06.05.2023 12:00:01 UTC+08:00">12:00</div>
<div class="from_name">
小芳
</div><div class="text">
资料 <a href="tel:13800138001">电话</a> 打包2000
</div></div></div>
<div class="message default clearfix joined" id="message2"><div class="body">
<div class="pull_right date details" title="06.05.2023 12:00:21">12:00</div>
<div class="forwarded body"><div class="from_name">老李</div><div class="text">
4元一条<br>王五 13900139001
</div></div></div></div>
<div class="message default clearfix" id="message3"><div class="body">
<div class="pull_right date details" title="06.05.2023 12:00:31">12:00</div>
<div class="from_name">阿强</div><div class="media_wrap clearfix">
<a class="media" href="files/客户.csv">
<div class="body"><div class="title bold">客户.csv</div>
<div class="status details">1.2 KB</div></div>
</a></div></div></div></div></div></div></body></html>
"""


def message(name: str, clock: str, text: str) -> str:
    """A message of a page of QQ."""
    return (
        f"<tr><td><div style=color:#006EFE;padding-left:10px;><div style=float:left;>{name}</div>"
        f"{clock}</div><div style=padding-left:20px;><font style=\"font-family:'宋体'\">"
        f"{text}</font></div></td></tr>\n"
    )


def row(text: str) -> str:
    return f'<tr><td><div style="padding-left:10px;">{text}</div></td></tr>\n'


QQ: Final = (
    "From: <Save by Tencent MsgMgr>\nSubject: Tencent IM Message\nMIME-Version: 1.0\n"
    'Content-Type:multipart/related; charset="utf-8"; boundary="=_x"\n\n--=_x\n'
    "Content-Type: text/html\nContent-Transfer-Encoding:7bit\n\n"
    '<html><head><meta http-equiv="Content-Type" content="text/html; charset=UTF-8"/>'
    "<title>QQ Message</title></head><body><table width=100%>"
    + row("<br><b>消息记录</b>")
    + row("消息分组:我的好友")
    + row("消息对象:小芳")
    + "<tr><td>日期: 2023-05-06</td></tr>"
    + message("小芳(12345678)", "12:00:01", "王五 13800138001<br>打包2000")
    + message("我", "12:00:31", '[转账] ¥4800 <img alt="李四的照片" src="{A}.dat">')
    + row("消息分组:我的群聊")
    + row("消息对象:信息群(10086001)")
    + "<tr><td>日期: 2023-05-07</td></tr>"
    + message("【群主】老王(100012345)", "9:00:01", "4元一条")
    + "</table></body></html>\n--=_x--\n"
)


def messages(source: Source, name: str = "a") -> list[dict[str, str]]:
    """The cells of each message, by header."""
    ((table, blocks),) = [each for each in read_all(source, name)[0] if each[0].kind == "chat"]
    headers = table.headers or []
    return [
        {h: c for h, c in zip(headers, row, strict=False) if h and c} for row in cells_of(blocks)
    ]


def test_a_page_of_telegram() -> None:
    assert messages(PAGE) == [
        {"会话": "小芳", "其他": "6 May 2023"},
        {"会话": "小芳", "时间": "2023-05-06 12:00:01", "发送者": "小芳",
         "内容": "资料 电话 打包2000\n13800138001"},
        {"会话": "小芳", "时间": "2023-05-06 12:00:21", "发送者": "小芳", "转发自": "老李",
         "内容": "4元一条\n王五 13900139001"},
        {"会话": "小芳", "时间": "2023-05-06 12:00:31", "发送者": "阿强", "文件名": "客户.csv",
         "附件": "files/客户.csv", "其他": "1.2 KB"},
    ]  # fmt: skip
    places, troubles = found_values(PAGE)
    assert places["Exported Data"] == [("text", 1, None)]
    assert troubles == []


def test_a_page_of_qq_in_a_web_archive() -> None:
    data = zipped({"聊天.mht": QQ})
    assert messages(data) == [
        {"时间": "2023-05-06 12:00:01", "发送者": "小芳(12345678)", "会话": "小芳",
         "分组": "我的好友", "内容": "王五 13800138001\n打包2000"},
        {"时间": "2023-05-06 12:00:31", "发送者": "我", "会话": "小芳", "分组": "我的好友",
         "内容": "[转账] ¥4800", "附件": "李四的照片\n{A}.dat"},
        {"时间": "2023-05-07 9:00:01", "发送者": "【群主】老王(100012345)",
         "会话": "信息群(10086001)", "分组": "我的群聊", "内容": "4元一条"},
    ]  # fmt: skip
    places, troubles = found_values(data)
    assert troubles == []
    assert "消息对象:信息群(10086001)" in places


def test_another_page_is_read_as_a_page() -> None:
    ((table, _),) = read_all("<html><body><p>消息对象: 小芳</p><p>没有消息</p></body></html>")[0]
    assert (table.member, table.kind) == ("text", "text")


SCRIPT: Final = r"""<!DOCTYPE html><html><head><title>小芳</title></head><body><script>
const chatMessages = [
  {type:1, text:'打包2000\n王五 13900139001',is_send:0,timestamp:1683345601,displayname:'小芳'},
  {"type": 1, "is_send": 1, "displayname": "阿强",
   "text": "他说\"好\"，{不}行\u5427"},
  {type:49, text:{title:'客户.xlsx', type:6},is_send:1,timestamp:1683345632,displayname:'阿强'},
];
const owner = '李四 13900139002';
</script></body></html>"""


def test_a_page_whose_messages_are_in_a_script() -> None:
    first, second, third = messages(SCRIPT)
    assert first == {
        "type": "1", "内容": "打包2000\n王五 13900139001", "方向": "0", "timestamp": "1683345601",
        "发送者": "小芳",
    }  # fmt: skip
    assert (second["内容"], second["方向"]) == ('他说"好"，{不}行吧', "1")
    assert (third["title"], third["type"]) == ("客户.xlsx", "49\n6")
    places, troubles = found_values(SCRIPT)
    assert troubles == []
    assert "const owner = '李四 13900139002';" in "\n".join(places)
