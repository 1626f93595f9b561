"""Persons of a text: what follows a label, further persons of a cell, and who writes a chat."""

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from piiscan.case.scan.messages.text_persons import _person_numbers
from tests.case.scanned import rows_by_file, scan_files

#: How other programs begin a message, by its time and who wrote it.
HEADS = {"dash": "{} - {}: ", "brackets": "[{}] {}: ", "line of its own": "{1}, [{0}]\n"}
#: File -> text, role (``-``: none) and entity of its findings.
FILES: dict[str, tuple[str, str]] = {
    "lines after a label are the party's.txt": (
        "收件人：张小明\n电话：13800138001\n寄件人：李建国\n电话：13900139001\n",
        "recipient PERSON, recipient CN_MOBILE, sender PERSON, sender CN_MOBILE",
    ),
    "a contact has the second phone and not the identity number.txt": (
        "姓名：张小明\n手机：13800138001\n紧急联系人：李建国\n电话：13900139001\n证件：430104190506150016\n",
        "- PERSON, - CN_MOBILE, contact PERSON, contact CN_MOBILE, - CN_RESIDENT_ID",
    ),
    "a line can have several persons.txt": (
        "借款人：张小明 紧急联系人：李建国 13900139001 赵文博 13900139002\n",
        "borrower PERSON, contact PERSON, contact CN_MOBILE, contact#2 PERSON, contact#2 CN_MOBILE",
    ),
    "lines of a log have no speaker.txt": (
        "2023-05-03 10:00:00 - 信息: 13800138001\n2023-05-03 10:01:00 - 短信: 13800138001\n",
        "- CN_MOBILE, - CN_MOBILE",
    ),
    "the writer of a message is a speaker.txt": (
        "2024-01-05 10:00:00 王建国(13800138009)\n张小明 13800138001\n",
        "speaker PERSON, speaker CN_MOBILE, - PERSON, - CN_MOBILE",
    ),
    "the writer on the line of his message is a speaker.txt": (
        "2024-01-05 10:00:00 王建国(13800138009): 张小明 13800138001\n",
        "speaker PERSON, speaker CN_MOBILE, - PERSON, - CN_MOBILE",
    ),
    "the sender of a table is a speaker.csv": (
        "发送者,时间,内容\n13800138009,2024-01-05 10:00:00,张小明 13800138001\n",
        "speaker CN_MOBILE, - PERSON, - CN_MOBILE",
    ),
}
FILES |= {
    f"a name before the data of another is a speaker's {at}.txt": (
        text,
        "speaker PERSON, - PERSON, - CN_MOBILE",
    )
    for at, text in enumerate(
        (
            "王建国：样品：姓名杨建军 电话13800138001\n",
            "2023-05-01 10:00:00 王建国：发你一个 姓名杨建军 电话13800138001\n",
            "2023-05-01 10:00 王建国\n姓名杨建军 电话13800138001\n",
        )
    )
}
FILES |= {
    "who sends every line speaks.txt": (
        "".join(
            f"2023-05-01 10:0{n}:00 王建国 {said}\n"
            for n, said in enumerate(("在吗", "样本 13800138001", "杨建军", "好的"))
        ),
        "speaker PERSON, speaker PERSON, - CN_MOBILE, speaker PERSON, - PERSON, speaker PERSON",
    ),
    "a list with times has no speakers.txt": (
        "".join(
            f"2023-05-01 10:0{n}:00 {name} 1380013800{n}\n"
            for n, name in enumerate(("王建国", "杨建军", "王建国", "李秀英"), 1)
        ),
        ", ".join(["- PERSON, - CN_MOBILE"] * 4),
    ),
    "a wife is told apart from no speaker.txt": (
        "王建国：妻子：李秀英 电话13800138001\n",
        "- PERSON, spouse PERSON, spouse CN_MOBILE",
    ),
    "a mail has two sides.eml": (
        (
            "From: 张小明 <a@163.com>\nTo: 李建国 <b@163.com>\nSubject: 王秀英 13800138001\n"
            "Date: Mon, 1 May 2023 10:00:00 +0800\n\nhello\n"
        ),
        (
            "mail_sender PERSON, mail_sender EMAIL_ADDRESS, mail_recipient PERSON, "
            "mail_recipient EMAIL_ADDRESS, - PERSON, - CN_MOBILE"
        ),
    ),
    "a shop sends, and is nobody.csv": (
        (
            "收件人,电话,寄件人,寄件电话,寄件地址\n"
            "张小明,13800138001,优品百货旗舰店,13900139001,湖南省长沙市天心区芙蓉路1号\n"
            "李建国,13800138002,赵文博,13900139002,湖南省长沙市天心区芙蓉路2号\n"
        ),
        (
            "recipient PERSON, recipient CN_MOBILE, shop CN_MOBILE, shop CN_ADDRESS, "
            "recipient PERSON, recipient CN_MOBILE, sender PERSON, sender CN_MOBILE, "
            "sender CN_ADDRESS"
        ),
    ),
    "a shop sends in lines.txt": (
        "收件人：张小明\n电话：13800138001\n寄件人：优品百货专营店\n电话：13900139001\n",
        "recipient PERSON, recipient CN_MOBILE, shop ORGANIZATION, shop CN_MOBILE",
    ),
    "relations are no names.csv": (
        (
            "姓名,手机号,联系人姓名,联系人电话\n张小明,13800138001,妈妈,13900139001\n"
            "李建国,13800138002,爸爸手机,13900139002\n王秀英,13800138003,我老公,13900139003\n"
            "赵文博,13800138004,快递小哥,13900139004\n孙德胜,13800138005,房东,13900139005\n"
            "周涛,13800138006,吴桂花,13900139006\n"
        ),
        ", ".join(["- PERSON, - CN_MOBILE, contact_person CN_MOBILE"] * 5)
        + ", - PERSON, - CN_MOBILE, contact_person PERSON, contact_person CN_MOBILE",
    ),
}
for program, head in HEADS.items():
    text = head.format("2023/5/3 10:00", "王建国") + "在吗\n\n"
    text += head.format("2023/5/3 10:02", "王建国") + "样本 13800138001\n\n"
    FILES[f"{program}.txt"] = text, "speaker PERSON, speaker PERSON, - CN_MOBILE"


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[tuple[Any, ...]]]:
    texts = {name: text for name, (text, _) in FILES.items()}
    case = scan_files(tmp_path_factory.mktemp("persons"), texts)
    return rows_by_file(case, "select source, role, entity from findings")


@pytest.mark.parametrize("name", FILES)
def test_findings_have_the_role_of_their_person(found: dict[str, Any], name: str) -> None:
    told = [f"{role or '-'} {entity}" for role, entity in found[Path(name).stem]]
    assert ", ".join(told) == FILES[name][1]


@pytest.mark.parametrize("seed", range(50))
def test_numbers_of_persons_are_those_of_plain_python(seed: int) -> None:
    draw = random.Random(seed)
    for _ in range(40):
        size = draw.randrange(1, 25)
        group = np.sort(np.array([draw.randrange(4) for _ in range(size)], np.int64))
        name = np.array([draw.random() < 0.4 for _ in range(size)])
        strong = np.array([draw.random() < 0.4 for _ in range(size)]) & ~name
        value = np.array([draw.randrange(4) for _ in range(size)], np.int64)
        numbers = _person_numbers(group, name, strong, value).tolist()
        assert numbers == truth(group, name, strong, value)


def truth(group: Any, name: Any, strong: Any, value: Any) -> list[int]:
    """A person begins at a name with a number behind it, if the one before has another name."""
    out: list[int] = []
    for each in sorted(set(group.tolist())):
        segments: list[list[int]] = [[]]
        for at in np.flatnonzero(group == each).tolist():
            if name[at] and segments[-1]:
                segments.append([])
            segments[-1].append(at)
        number, known = 1, None
        for segment in segments:
            first = segment[0]
            if name[first] and strong[segment].any():
                number += known is not None and known != value[first]
                known = value[first]
            out += [number] * len(segment)
    return out
