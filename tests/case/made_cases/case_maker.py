"""Made cases: three to six suspects with lists that are copied, sold on, wiped and half known.

Everything is drawn from a seed and told in plain Python objects: the rows with their persons, the
files, the register. Nothing of it is computed by piiscan, whose figures are held against these.
"""

from __future__ import annotations

import csv
import random
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from openpyxl import Workbook

from tests.case.dump import write_register

SUSPECTS: Final = ("王某甲", "李某乙", "孙某丙", "周某丁", "吴某戊", "郑某己")
STRANGERS: Final = ("老猫", "阿凯", "大鹏哥", "数据小王子")
_SURNAMES: Final = tuple("王李张刘陈杨赵黄周吴徐孙朱马胡郭何林罗郑")
_GIVEN: Final = (
    *(
        "志强",
        "建军",
        "秀英",
        "丽华",
        "海燕",
        "文博",
        "晓峰",
        "雪梅",
        "桂兰",
        "俊杰",
        "玉珍",
        "国强",
    ),
    *("春梅", "少华", "淑芬", "振宇", "佳怡", "浩然", "慧敏", "立新"),
)
_STREETS: Final = ("解放路", "人民路", "中山路", "建设路", "芙蓉路", "韶山路")
_REGIONS: Final = ("430104", "440305", "320106", "110105", "510107", "330106")
#: Headers of one person in a kind of list -> the parts of the person below them.
LAYOUTS: Final[dict[str, tuple[tuple[str, dict[str, str]], ...]]] = {
    "customers": (("subject", {"姓名": "name", "手机号": "phone"}),),
    "identities": (("subject", {"姓名": "name", "身份证号": "identity", "手机号": "phone"}),),
    "households": (("subject", {"姓名": "name", "手机号": "phone", "家庭住址": "address"}),),
    "debtors": (
        ("subject", {"姓名": "name", "身份证号": "identity", "手机号": "phone"}),
        ("contact", {"紧急联系人": "name", "紧急联系人电话": "phone"}),
    ),
    "loans": (
        ("borrower", {"借款人": "name", "借款人手机号": "phone"}),
        ("guarantor", {"担保人": "name", "担保人手机号": "phone"}),
    ),
    "waybills": (
        ("sender", {"寄件人": "name", "寄件人电话": "phone"}),
        ("recipient", {"收件人": "name", "收件人电话": "phone", "收件地址": "address"}),
    ),
    "couples": (
        ("subject", {"户主姓名": "name", "户主手机号": "phone"}),
        ("spouse", {"配偶姓名": "name", "配偶手机号": "phone"}),
    ),
    "numbered": (
        ("1", {"姓名1": "name", "电话1": "phone"}),
        ("2", {"姓名2": "name", "电话2": "phone"}),
    ),
    "mirrored": (
        ("1", {"姓名": "name", "电话": "phone"}),
        ("2", {"姓名 ": "name", "电话 ": "phone"}),
    ),
}
#: Separator and encoding by file extension; a workbook has none.
_TEXT_FORMS: Final = {"csv": (",", "utf-8"), "tsv": ("\t", "utf-8"), "gbk": (",", "gb18030")}


@dataclass(frozen=True)
class Human:
    """One made person."""

    name: str
    phone: str
    identity: str
    address: str


@dataclass(frozen=True)
class Subject:
    """One person of a row: role, and kind of value (name, phone …) -> value as it stands there."""

    role: str
    values: dict[str, str]
    broken: bool = False  # the identity number has a wrong check digit

    @property
    def key(self) -> tuple[str, ...] | None:
        """The first kind of key that is there: identity, name and phone, name and address."""
        for kinds in (("identity",), ("name", "phone"), ("name", "address")):
            if all(self.values.get(kind) for kind in kinds):
                return ("+".join(kinds), *(self.values[kind] for kind in kinds))
        return None

    @property
    def passes(self) -> bool:
        return self.key is not None and not (self.broken and self.values.get("identity"))


@dataclass(frozen=True)
class DataRow:
    """One row of a list: number, note and subjects."""

    subjects: tuple[Subject, ...]
    note: str


@dataclass(frozen=True)
class Listing:
    """A list as somebody has it: kind, order of its columns, rows."""

    kind: str
    headers: tuple[str, ...]
    rows: tuple[DataRow, ...]

    def cells(self, number: int) -> list[str]:
        """The cells of row ``number``, in the order of the headers."""
        row = self.rows[number]
        found = {"序号": str(number + 1), "备注": row.note}
        for subject, (_, columns) in zip(row.subjects, LAYOUTS[self.kind], strict=True):
            found |= {header: subject.values.get(kind, "") for header, kind in columns.items()}
        return [found[header] for header in self.headers]


@dataclass(frozen=True)
class Evidence:
    """One file: path below the dump, the list in it and the register's row for it."""

    path: str
    listing: Listing
    register: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class MadeCase:
    """A case: suspects with a device, files, aliases (name -> real name), joint groups."""

    seed: int
    suspects: tuple[str, ...]
    files: tuple[Evidence, ...]
    aliases: dict[str, str]
    groups: dict[str, tuple[str, ...]]


class CaseMaker:
    """Draws one case from a seed."""

    def __init__(self, seed: int) -> None:
        self._draw = random.Random(seed)
        self._duty = random.Random(-seed - 1)
        self._seed = seed
        self._phones: set[str] = set()
        self._humans = [self._human() for _ in range(self._draw.randint(60, 160))]

    def case(self) -> MadeCase:
        """Return the case of the seed."""
        draw = self._draw
        suspects = SUSPECTS[: draw.randint(3, 6)]
        aliases = {f"小{name[0]}": name for name in suspects if draw.random() < 0.4}
        wiped = {name for name in suspects[:-1] if draw.random() < 0.25}
        files: list[Evidence] = []
        for number in range(draw.randint(3, 7)):
            files += self._trade(number, self._listing(), suspects, wiped, aliases)
        for number, name in enumerate(suspects):
            if name not in wiped and draw.random() < 0.3:
                files.append(self._stock(number, name))
        groups = {"一组": suspects[:3]} if draw.random() < 0.3 and len(suspects) > 3 else {}
        return MadeCase(self._seed, suspects, tuple(files), aliases, groups)

    def _human(self) -> Human:
        draw = self._draw
        phone = f"199000{draw.randrange(100_000):05d}"
        while phone in self._phones:
            phone = f"199000{draw.randrange(100_000):05d}"
        self._phones.add(phone)
        name = draw.choice(_SURNAMES) + draw.choice(_GIVEN)
        day = f"19{draw.randint(1, 19):02d}{draw.randint(1, 12):02d}{draw.randint(1, 28):02d}"
        body = f"{draw.choice(_REGIONS)}{day}{draw.randrange(1, 999):03d}"
        house = f"{draw.choice(_STREETS)}{draw.randint(1, 300)}号{draw.randint(1, 30)}栋"
        address = f"湖南省长沙市岳麓区{house}{draw.randint(101, 2909)}室"
        return Human(name, phone, body + check_digit(body), address)

    def _listing(self) -> Listing:
        """A list of a drawn kind with some rows twice, and some with a broken or missing value."""
        draw = self._draw
        kind = draw.choice(list(LAYOUTS))
        rows = [self._row(kind, number) for number in range(draw.randint(5, 40))]
        rows += [draw.choice(rows) for _ in range(draw.randint(0, 6))]
        draw.shuffle(rows)
        groups = [list(columns) for _, columns in LAYOUTS[kind]]
        if kind not in ("numbered", "mirrored"):
            draw.shuffle(groups)
        headers = [header for group in groups for header in group]
        bare = kind == "mirrored"  # two tables side by side, which have no column in common
        if draw.random() < 0.5 and not bare:
            headers.insert(0, "序号")
        if draw.random() < 0.3 and not bare:
            headers.append("备注")
        return Listing(kind, tuple(headers), tuple(rows))

    def _row(self, kind: str, number: int) -> DataRow:
        draw = self._draw
        subjects = []
        for place, (role, columns) in enumerate(LAYOUTS[kind]):
            # a contact is shared by several, and every side may know the others' people
            humans = self._humans if place == 0 else self._humans[: len(self._humans) // 3]
            human = draw.choice(humans)
            values = {each: str(getattr(human, each)) for each in columns.values()}
            broken = "identity" in values and draw.random() < 0.06
            if broken:
                last = values["identity"][-1]
                values["identity"] = values["identity"][:-1] + ("1" if last != "1" else "2")
            if place == 0 and "identity" not in values and draw.random() < 0.04:
                values["phone"] = ""
            subjects.append(Subject(role, values, broken))
        return DataRow(tuple(subjects), draw.choice(("", "已联系", f"第{number}批")))

    def _trade(
        self,
        number: int,
        listing: Listing,
        suspects: tuple[str, ...],
        wiped: set[str],
        aliases: dict[str, str],
    ) -> list[Evidence]:
        """The files of one list that goes from hand to hand: a copy each, or half of it."""
        draw = self._draw
        chain = draw.sample(suspects, k=draw.randint(1, min(3, len(suspects))))
        giver = draw.choice((*STRANGERS, ""))
        files: list[Evidence] = []
        for step, taker in enumerate(chain):
            known = {"来自": self._called(giver, aliases)} if giver else {}
            lawful = draw.choice(("是", "是", "", "否", "待查"))
            more = {"获取是否违法": lawful} if lawful else {}
            if taker not in wiped:
                files.append(
                    self._file(f"{number}-{step}-得", listing, taker, "获取", known | more)
                )
            buyer = chain[step + 1] if step + 1 < len(chain) else draw.choice((*STRANGERS, ""))
            sold = self._part(listing)
            if taker not in wiped and draw.random() < 0.7 and (buyer or draw.random() < 0.3):
                known = {"去向": self._called(buyer, aliases)} if buyer else {}
                files.append(self._file(f"{number}-{step}-售", sold, taker, "出售", known))
            giver, listing = taker, sold
        return files

    def _stock(self, number: int, name: str) -> Evidence:
        return self._file(f"存-{number}", self._listing(), name, "持有", {})

    def _part(self, listing: Listing) -> Listing:
        """The whole list, or its first rows."""
        if self._draw.random() < 0.5:
            return listing
        return replace(listing, rows=listing.rows[: self._draw.randint(1, len(listing.rows))])

    def _called(self, name: str, aliases: dict[str, str]) -> str:
        """The name, or one that it goes by."""
        known = [alias for alias, real in aliases.items() if real == name]
        return self._draw.choice([name, *known])

    def _file(
        self, stem: str, listing: Listing, suspect: str, role: str, said: dict[str, str]
    ) -> Evidence:
        ending = self._draw.choice(("csv", "tsv", "gbk", "xlsx"))
        if listing.kind == "mirrored":
            ending = self._draw.choice(("csv", "tsv", "gbk"))
        name = f"{stem}.{'csv' if ending == 'gbk' else ending}"
        duty = self._duty.choice(("", "", "", "", "是", "否"))
        said = said | ({"履职或服务中获得": duty} if duty else {})
        folder = f"{suspect}/{self._draw.choice(('手机', '电脑'))}{'' if ending != 'gbk' else '/g'}"
        return Evidence(f"{folder}/{name}", listing, {"嫌疑人": suspect, "角色": role, **said})


def check_digit(body: str) -> str:
    """The check character of a resident identity number (GB 11643) with these 17 digits."""
    total = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(body))
    return "10X98765432"[total % 11]


def write_case(case: MadeCase, folder: Path) -> Path:
    """Write the files of ``case`` below ``folder/dump``; return that folder."""
    dump = folder / "dump"
    for each in case.files:
        path = dump / each.path
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = [[header.strip() for header in each.listing.headers]]
        lines += [each.listing.cells(number) for number in range(len(each.listing.rows))]
        if path.suffix == ".xlsx":
            book = Workbook()
            for line in lines:
                book.active.append(line)
            book.save(path)
            continue
        form = "gbk" if path.parent.name == "g" else path.suffix[1:]
        separator, encoding = _TEXT_FORMS[form]
        with path.open("w", encoding=encoding, newline="") as file:
            csv.writer(file, delimiter=separator).writerows(lines)
    return dump


def write_case_register(case: MadeCase, path: Path, *, root: str = "dump") -> Path:
    """Write the filled-in register of ``case`` as a workbook."""
    rows = [
        {
            "路径": f"{root}/{each.path}",
            "状态": "已确认",
            "检材编号": f"检材{number}",
            "设备": each.path.split("/")[1],
            **each.register,
        }
        for number, each in enumerate(case.files, 1)
    ]
    aliases = [(name, "昵称", alias) for alias, name in case.aliases.items()]
    groups = [(group, member) for group, members in case.groups.items() for member in members]
    return write_register(path, rows, aliases=aliases, groups=groups)
