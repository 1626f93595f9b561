"""What stands in chats, phone reports and mail is found once, where the findings say."""

import io
from collections.abc import Callable
from email.message import EmailMessage
from typing import Final

import openpyxl
import pytest

from piiscan import Case
from tests.case.lookup.places import read_again
from tests.case.scanned import scan_files
from tests.fuzz.format_seeds import chat_export, chat_page
from tests.sources.chat_databases import PROGRAMS, Message, make
from tests.sources.formats.test_chat_page import QQ, message
from tests.sources.formats.test_chat_page import row as qq_row
from tests.sources.ole_writer import Mail, write_ole
from tests.sources.pst_writer import write_pst
from tests.sources.tables import zipped


def _lines(head: str) -> Callable[[list[str]], bytes]:
    """A maker of chats as text; ``head``: of a message, with its end."""
    return lambda texts: "".join(
        f"2023-05-06 12:00:0{at} 小芳(wxid_fang123){head}{text}\n\n"
        for at, text in enumerate(texts)
    ).encode()


def _table(texts: list[str]) -> bytes:
    rows = "".join(f"2023-05-06 12:00:0{at},小芳,我,{text}\n" for at, text in enumerate(texts))
    return f"时间,发送者,接收者,内容\n{rows}".encode()


def _qq_page(texts: list[str]) -> bytes:
    rows = "".join(message("小芳", f"12:00:0{at}", text) for at, text in enumerate(texts))
    return (
        QQ[: QQ.index("<tr>")].encode()
        + (
            f"{qq_row('消息对象:小芳')}<tr><td>日期: 2023-05-06</td></tr>"
            f"{rows}</table></html>\n--=_x--\n"
        ).encode()
    )


def _script(texts: list[str]) -> bytes:
    rows = [f"{{type:1,text:'{text}',is_send:0,displayname:'小芳'}}" for text in texts]
    head = "<html><meta charset=utf-8><script>const chatMessages = ["
    return f"{head}{','.join(rows)}];</script></html>".encode()


def _workbook(texts: list[str]) -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    book.active.title = "微信"
    book.active.append(["应用", "机主账号", "发送者昵称", "发送时间", "消息内容"])
    for at, text in enumerate(texts):
        book.active.append(["微信", "wxid_aqiang99", "小芳", f"2023-05-06 12:00:0{at}", text])
    book.save(out)
    return out.getvalue()


def _report(texts: list[str]) -> bytes:
    models = "".join(
        f'<model type="SMS"><field name="Body"><value>{text}</value></field></model>'
        for text in texts
    )
    return f'<project id="a"><modelType type="SMS">{models}</modelType></project>'.encode()


def _letter(texts: list[str]) -> Mail:
    return Mail({0x001A: "IPM.Note", 0x0037: "名单", 0x1000: "\r\n".join(texts)})


def _nested(texts: list[str]) -> bytes:
    """A chat in a zip archive in a mail in a zip archive."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "a@example.com", "b@example.com", "x"
    mail.set_content("x\n")
    inner = zipped({"聊天.csv": _table(texts)})
    mail.add_attachment(inner, maintype="application", subtype="zip", filename="a.zip")
    return zipped({"a.eml": mail.as_bytes()})


EXPORTS: Final[dict[str, tuple[str, Callable[[list[str]], bytes]]]] = {
    "page": ("messages.html", chat_page),
    "export": ("result.json", chat_export),
    "one_line": ("a.txt", _lines(": ")),
    "two_lines": ("a.txt", _lines("\n")),
    "table": ("a.csv", _table),
    "qq_page": ("a.mht", _qq_page),
    "script": ("a.html", _script),
    "workbook": ("报告.xlsx", _workbook),
    "report": ("report.xml", _report),
    "msg": ("a.msg", lambda texts: write_ole(_letter(texts).tree())),
    "pst": ("a.pst", lambda texts: write_pst({"收件箱": [_letter(texts)]})),
    "nested": ("a.zip", _nested),
}
NAMES: Final = ("张伟", "王芳", "李娜", "刘洋", "陈静")


def planted(program: str) -> list[tuple[str, str]]:
    """Five people of a chat: names and phones."""
    number = [*PROGRAMS, *EXPORTS].index(program)
    return [(name, f"138{number:02d}{at}13{at}7{at}") for at, name in enumerate(NAMES, 1)]


def conversation(program: str) -> tuple[list[Message], dict[str, str], str]:
    """A message for each person, in turns: own, of the other, in a group."""
    qq = program.startswith("qq")
    sms = program.startswith("sms")
    own = "87654321" if qq else "wxid_aqiang99"
    other = "12345678" if qq else "10690000" if sms else "wxid_fang123"
    group = "10086001@chatroom" if qq else other if sms else "2468@chatroom"
    turns = ((other, own), (other, other), (group, other), (group, own), (other, other))
    found = [
        Message(1_683_345_601 + at, chat, who, who == own, f"收件人{name} 电话{phone}")
        for at, ((chat, who), (name, phone)) in enumerate(zip(turns, planted(program), strict=True))
    ]
    return found, {other: "小芳"}, own


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    home = tmp_path_factory.mktemp("chats")
    for program in PROGRAMS:
        make(home / "dump" / program, program, *conversation(program))
    files = {}
    for program, (name, made) in EXPORTS.items():
        texts = [f"收件人{who} 电话{phone}" for who, phone in planted(program)]
        files[f"{program}/{name}"] = made(texts)
    return scan_files(home, files)


@pytest.mark.parametrize("program", [*PROGRAMS, *EXPORTS])
def test_people_in_messages_are_found_once_and_followed_back(case: Case, program: str) -> None:
    chosen = "entity IN ('PERSON', 'CN_MOBILE') AND coalesce(role, '') <> 'speaker'"
    found: dict[tuple[str, int], list[str]] = {}
    for row, value in read_again(case, program, chosen):
        if value != "小芳":
            found.setdefault((row["member"], row["row"]), []).append(value)
    assert sorted(map(sorted, found.values())) == sorted(map(sorted, planted(program)))
