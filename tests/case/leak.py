"""A leak told row by row, so that answers can be worked out by hand; nobody in it exists."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

SURNAMES = "张王李赵刘陈杨黄周吴"
GIVEN = ("小明", "建国", "丽华", "志强", "秀英", "磊", "晓燕")
PLACES = ("湖南省长沙市岳麓区", "江苏省扬州市广陵区", "浙江省台州市玉环市")
HEADERS = ("姓名", "身份证号", "手机号", "收货地址")


@dataclass(frozen=True)
class Person:
    """Who the rows are about."""

    name: str
    identity: str
    phone: str
    address: str

    @property
    def cells(self) -> tuple[str, str, str, str]:
        return self.name, self.identity, self.phone, self.address


def identity(number: int, *, wrong: bool = False, birth: str = "19050615") -> str:
    """A made identity number with its check digit (GB 11643-1999), or a wrong one."""
    body = f"430104{birth}{number:03d}"
    total = sum(int(d) * 2 ** (17 - place) for place, d in enumerate(body))
    check = (12 - total % 11) % 11
    return body + "0123456789X"[(check + wrong) % 11]


def people(count: int = 40) -> list[Person]:
    """Different people; every tenth identity number fails its check."""
    drawn = random.Random(7)
    return [
        Person(
            drawn.choice(SURNAMES) + drawn.choice(GIVEN),
            identity(n, wrong=n % 10 == 9),
            f"1990000{1000 + 37 * n:04d}",
            f"{drawn.choice(PLACES)}示例路{n + 1}号{n % 9 + 1}栋{n % 4 + 1}单元{101 + n % 6}室",
        )
        for n in range(count)
    ]


def mask_phone(phone: str) -> str:
    return phone[:3] + "****" + phone[7:]


def write_csv(path: Path, headers: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(",".join(row) + "\n" for row in (headers, *rows)), "utf-8")


#: File -> its rows (row 1 is the heading), as people.
def sheets(listed: Sequence[Person]) -> dict[str, list[Person]]:
    """Which people stand in which list, one twice in a.csv, some in both."""
    return {"a.csv": [*listed[:30], listed[3], listed[3]], "甲/b.csv": [*listed[20:40], listed[0]]}


def write_leak(folder: Path) -> list[Person]:
    """The people of the leak in ``folder``: lists, masked ones, bare phones, parcels, a text."""
    listed = people()
    for name, rows in sheets(listed).items():
        write_csv(folder / name, HEADERS, [each.cells for each in rows])
    masked = [(p.name[0] + "*" * (len(p.name) - 1), mask_phone(p.phone)) for p in listed[5:12]]
    write_csv(folder / "masked.csv", ("姓名", "手机号"), masked)
    write_csv(folder / "bare.csv", ("手机号",), [(p.phone,) for p in (*listed[:3], listed[0])])
    parcels = [
        (a.name, a.phone, b.name, b.phone) for a, b in zip(listed[:4], listed[4:8], strict=True)
    ]
    write_csv(folder / "parcels.csv", ("收件人", "收件人电话", "寄件人", "寄件人电话"), parcels)
    (folder / "sms.txt").write_text(f"您尾号{listed[2].phone[-4:]}的快递已到\n", "utf-8")
    return listed
