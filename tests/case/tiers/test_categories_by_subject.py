"""A category reaches the person it describes, each event and each record; drawn cases by oracle."""

from __future__ import annotations

import base64
import hashlib
import random
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

import pytest

from piiscan import CountRules, count, count_records
from piiscan.case.count.record_count import Tables
from piiscan.case.tiers import load_policy, load_profile
from piiscan.case.tiers.composition import Composition
from piiscan.case.tiers.own_columns import composition_of_person
from tests.case.count.test_count import write_lines
from tests.case.dump import scan_dump
from tests.case.literal_rows import RULES, assert_conserved, only, register_of, source, steps
from tests.case.tiers.naive_tiers import Rule
from tests.often import often

POLICY = load_policy("tier-cn-2017")


def profiled(home: Path, kinds: dict[str, Sequence[str]]) -> CountRules:
    """The shipped rules with a profile: path -> its categories."""
    part = '[[part]]\npath = "{}"\nkinds = {}\nreason = "r"\nauthor = "a"\n'
    parts = "".join(part.format(path, list(each)) for path, each in kinds.items() if each)
    if not parts:
        return RULES
    file = home / "profile.toml"
    file.write_text(f'format = 1\ntitle = "t"\n{parts}', "utf-8")
    profile = load_profile(file, {category.id for category in POLICY.categories})
    return replace(RULES, tiers=replace(RULES.tiers, profile=profile))


def weighed(tables: Tables, unit: str, scope: str = "total") -> tuple[dict[str, int], str]:
    """The count of each category of a unit, and the sum of the ratios."""
    rows = only(tables, "tiers", scope=scope, unit=unit, row_tier="highest", insider=False)
    (ratio,) = (row["exact"] for row in rows if row["category"] is None)
    return {row["category"]: row["count"] for row in rows if row["category"]}, ratio


LOANS = ["借款人", "手机号", "借款金额", "联系人", "联系人电话"]


def test_a_contact_is_no_borrower(tmp_path: Path) -> None:
    rows = [f"name:客{n}@borrower phone:1{n}@borrower" for n in range(300)]
    rows[:294] = [
        f"{row} name:联{n}@contact phone:2{n}@contact" for n, row in enumerate(rows[:294])
    ]
    tables = count_records(
        [source(1, rows, "a", headers=LOANS)], None, profiled(tmp_path, {"a": ["credit"]})
    )
    assert weighed(tables, "U1d") == ({"credit": 300}, "6")
    assert weighed(tables, "U2") == ({"credit": 300, "basic": 294}, str(Fraction(30294, 5000)))
    proposed = only(
        count_records([source(1, rows, "a", headers=LOANS)]),
        "tier_scenarios", scope="total", unit="U2", scenario="highest", row_tier="highest",
    )  # fmt: skip
    assert [row["ratio"] for row in proposed] == ["6.06"]


OWN = {
    ("guarantor", "担保人收入"): {"credit"},
    ("guarantor", "担保人存款余额"): {"property"},
    ("guarantor", "担保人手机号"): set(),
    ("guarantor", "担保人登记时间"): set(),
    ("guarantor", "共同借款人收入"): set(),
    ("guarantor", "担保人指纹特征"): {"biometric_other"},
    ("payer", "付款金额"): set(),
    ("contact#2", "紧急联系人2收入"): {"credit"},
    ("contact", "紧急联系人2收入"): set(),
    ("companion", "入住时间"): {"lodging", "flight"},
}


@pytest.mark.parametrize("role", OWN, ids="|".join)
def test_only_columns_of_his_own_reach_a_second_person(role: tuple[str, str]) -> None:
    all_ = Composition(
        {
            name: frozenset()
            for name in ("credit", "property", "lodging", "flight", "biometric_other")
        }
    )
    headers = ["借款人", "手机号", "收入", "社保", role[1]]
    found = composition_of_person(all_, role[0], headers, POLICY)
    assert found.kinds.keys() == OWN[role]


def test_lodging_is_stays_and_companions_are_persons_of_them(tmp_path: Path) -> None:
    rows = [
        f"name:客{n % 120}@guest phone:{n % 120}@guest +{n}"
        + (f" name:伴{n % 40}@companion phone:9{n % 40}@companion" if n % 3 == 0 else "")
        for n in range(460)
    ]
    tables = count_records([source(1, rows, "a")], None, profiled(tmp_path, {"a": ["lodging"]}))
    told = {row["event_reading"]: row["count"] for row in only(tables, "events", scope="total")}
    assert told == {"rows": 460, "events": 460, "subjects": 160}
    (entry,) = only(tables, "by_suspect", entry="events")
    assert (entry["by_rows"], entry["by_keys"]) == (460, 160)
    assert weighed(tables, "U1d")[0] == {"lodging": 460}
    assert weighed(tables, "U2")[0] == {"lodging": 160}


def test_a_lone_name_beside_the_subject_is_nobody_even_where_a_profile_confirms(
    tmp_path: Path,
) -> None:
    rows = ["name:甲@borrower name:联@contact", "name:乙@guest name:伴@companion"]
    tables = count_records([source(1, rows, "a")], None, profiled(tmp_path, {"a": ["credit"]}))
    assert {row["role"]: row["passed"] for row in tables["people"]} == {
        "borrower": 1, "contact": 0, "guest": 1, "companion": 1,
    }  # fmt: skip


BOTH = {"lodging": 1, "flight": 1}


@pytest.mark.parametrize(
    ("files", "keys", "rows"),
    [
        ({"a": ["lodging"], "b": ["flight"]}, BOTH, BOTH),
        ({"a": ["lodging", "flight"]}, {"flight": 1}, {"flight": 1}),
        ({"a": ["credit"], "b": []}, {"credit": 1}, {"credit": 1, "basic": 1}),
        ({"a": ["credit"], "b": ["credit", "lodging"]}, {"credit": 1}, {"credit": 2}),
    ],
)  # fmt: skip
def test_categories_in_different_records_count_each_and_in_one_row_once(
    tmp_path: Path, files: dict[str, list[str]], keys: dict[str, int], rows: dict[str, int]
) -> None:
    made = [source(n, [f"name:甲 phone:1 +{p}"], p) for n, p in enumerate(files, 1)]
    tables = count_records(made, None, profiled(tmp_path, dict(files)))
    assert weighed(tables, "U2")[0] == keys
    assert weighed(tables, "U1d")[0] == rows


def biometrics(n: int) -> dict[str, str]:
    """The cells of one template in several programs."""
    data = hashlib.sha256(bytes([n])).digest()
    return {
        "指纹特征": data.hex(),
        "左手指纹2": base64.b64encode(data).decode(),
        "虹膜特征值": f"X'{data.hex().upper()}'",
        "声纹模板": f"data:application/octet-stream;base64,{base64.b64encode(data).decode()}",
        "face_feature": base64.urlsafe_b64encode(data).decode().rstrip("="),
        "人脸特征": "[" + ", ".join(map(str, data)) + "]",
    }


def test_confirmed_biometrics_identify_by_themselves(tmp_path: Path) -> None:
    lists = {
        f"{at}.csv": [
            f"序号,{header}",
            *(f'{n},"{biometrics(n)[header]}"' for n in range(at, 20)),
            "20,未采集",
        ]
        for at, header in enumerate(biometrics(0))
    }
    clinic = [f"SZ2024{n:04d},{biometrics(n)['指纹特征']}" for n in range(60)]
    files = {**lists, "诊所.csv": ["受种者编号,指纹特征", *clinic]}
    write_lines(tmp_path / "dump", files)
    with sqlite3.connect(tmp_path / "dump" / "考勤.db") as database:  # the same, as bytes
        database.execute("create table t (n, 指纹模板 blob)")
        blobs = [(n, bytes.fromhex(biometrics(n)["指纹特征"])) for n in range(20)]
        database.executemany("insert into t values (?, ?)", blobs)
    files["考勤.db"] = ["n,指纹模板"]
    case = scan_dump([tmp_path / "dump"], tmp_path / "case")
    proposed = count(case)
    assert (
        steps(proposed.tables())[2] == 60
    )  # by the numbers of the clinic; nobody confirmed a list
    sheet = tmp_path / "类别确认表.csv"
    titles = {each.id: each.title["zh"] for each in POLICY.categories}
    named = {"face_feature": "biometric_face", "人脸特征": "biometric_face"}
    lines = [
        f"{source['path']},{titles[named.get(header, 'biometric_other')]},是"
        for source in case.manifest.content["sources"]
        for name in [Path(source["path"]).name]
        for header in [files[name][0].partition(",")[2]]
    ]
    sheet.write_text("\n".join(["路径,类别,确认", *lines]), "utf-8")
    tables = count(case, profile=sheet).tables()
    assert_conserved(tables)
    told = sum(range(15, 21)) + 60 + 20
    assert steps(tables)[:6] == [told + 6, told, told, told, 80, 80]
    assert weighed(tables, "U2")[0] == {"biometric_other": 20 + 60, "biometric_face": 16}


def test_biometrics_are_the_key_of_whom_nothing_else_identifies(tmp_path: Path) -> None:
    rows = ["template:a name:甲", "template:a name:乙", "name:丙 phone:1 template:b", "name:丁"]
    kinds = {"a": ["biometric_other"]}
    tables = count_records([source(1, rows, "a")], None, profiled(tmp_path, kinds))
    assert steps(tables)[3:6] == [4, 4, 3]
    assert weighed(tables, "U2")[0] == {"biometric_other": 3}
    assert steps(count_records([source(1, rows, "a")]))[2] == 1


def test_levels_count_persons_whose_records_are_of_several_categories(tmp_path: Path) -> None:
    """``biometric_face+basic|lodging+basic`` is a person with a face."""
    faces = [f"name:{n} phone:{n} template:{n}" for n in range(120)]
    stays = [f"name:{n} phone:{n} +{n}" for n in range(100, 200)]
    rules = profiled(tmp_path, {"a": ["biometric_face"], "b": ["lodging"]})
    tiers = replace(rules.tiers, levels=(load_policy("face-cn-2025"),))
    tables = count_records(
        [source(1, faces, "a"), source(2, stays, "b")], None, replace(rules, tiers=tiers)
    )
    assert [row["count"] for row in only(tables, "tier_levels", scope="total")] == [120]
    assert weighed(tables, "U2")[0] == {"biometric_face": 120, "lodging": 100}


WHEREABOUTS = {"lodging", "flight", "track"}
#: People whose identity number fails its check, and people of whom only a template is known.
FAILING, FACELESS = {10, 11}, {12, 13}


@dataclass
class Part:
    """A made source: its confirmed categories, the column of its side persons, whose it is."""

    path: str
    categories: tuple[str, ...]
    side: str | None
    column: str
    suspect: str
    copied: bool  # its events are those of other copied parts
    rows: list[tuple[int, int | None, int]] = field(default_factory=list)  # person, other, event

    def own(self) -> set[str]:
        """The confirmed categories that reach the other person."""
        reached = WHEREABOUTS if self.side == "companion" else set()
        reached = OWN[self.side, self.column] if self.side == "guarantor" else reached
        return reached & set(self.categories)

    def cells(self, row: tuple[int, int | None, int]) -> str:
        """The cells of a row."""
        person, other, event = row
        values = f"name:n{person} phone:1{person}"
        values = f"template:t{person}" if person in FACELESS else values
        values += f" id:{person}!CHECK_FAIL" * (person in FAILING)
        values += f" fix:{event % 3}" * ("track" in self.categories and event > 3)
        if other is not None:
            values += f" name:n{other}@{self.side} phone:1{other}@{self.side}"
            values += f" id:{other}@{self.side}!CHECK_FAIL" * (other in FAILING)
        return f"{values} +{'copy' if self.copied else self.path}_{event}"

    def people(self, row: tuple[int, int | None, int]) -> list[tuple[int, frozenset[str]]]:
        """The people of a row who pass, with their confirmed categories; first whom it is about."""
        person, other, _ = row
        found = [(person, frozenset(self.categories))]
        if other is not None:
            found.append((other, frozenset(self.own())))
        nobody = FAILING | (set() if self.categories else FACELESS)
        return [each for each in found if each[0] not in nobody]


def made_parts(seed: int) -> list[Part]:
    draw = random.Random(seed)
    kinds = [(), ("lodging",), ("flight",), ("credit",), ("property",), ("lodging", "flight"),
             ("credit", "property"), ("credit", "lodging"), ("track",), ("track", "health"),
             ("biometric_other",), ("biometric_other", "biometric_face")]  # fmt: skip
    columns = [column for role, column in OWN if role == "guarantor"]
    roles = [None, "contact", "guarantor", "companion"]
    drawn = (kinds, roles, columns, ["甲某", "乙某"], [False, True])
    parts = [Part(f"{n}.csv", *map(draw.choice, drawn)) for n in range(draw.randint(2, 6))]
    for part in parts:
        for _ in range(draw.randint(1, 25)):
            person = draw.randrange(14)
            others = [q for q in range(12) if q != person]
            has_other = part.side and person not in FACELESS
            other = draw.choice([None, *others]) if has_other else None
            part.rows.append((person, other, draw.randrange(20)))
    return parts


def counted(rule: Rule, records: set[frozenset[str]], lines: dict[str, str]) -> set[str]:
    """The categories under which a person with these records counts: each once."""
    most = [one for one in records if not any(one < other for other in records)]
    return {c for one in most for c in rule.counted(one | {"basic"}, lines, each=False)}


def events_of(parts: Sequence[Part], name: str) -> dict[str, int]:
    """The readings of the events of one category in ``parts``."""
    first, subjects, number = dict[str, tuple[Part, int, int]](), set[int](), 0
    for part in parts:
        for row in part.rows:
            people = part.people(row)
            subjects |= {person for person, categories in people if name in categories}
            if people and name in people[0][1]:
                number += 1
                first.setdefault(part.cells(row), (part, people[0][0], row[2]))
    told = {"rows": number, "events": len(first), "subjects": len(subjects)}
    fixes = [e % 3 if "track" in p.categories and e > 3 else None for p, _, e in first.values()]
    if name == "track" and any(each is not None for each in fixes):
        last: dict[tuple[str, int], int | None] = {}
        told["moves"] = 0
        for (part, person, _), fix in zip(first.values(), fixes, strict=True):
            told["moves"] += fix is None or last.get((part.path, person)) != fix
            last[part.path, person] = fix
    return told if subjects or number else {}


@pytest.mark.parametrize("seed", often(range(200), range(6)))
def test_drawn_categories_are_those_of_sets(seed: int, tmp_path: Path) -> None:
    parts, rule = made_parts(seed), Rule("tier-cn-2017")
    headers = ["姓名", "手机号", "内容"]
    sources = [
        source(number, list(map(p.cells, p.rows)), p.path, headers=[*headers, p.column])
        for number, p in enumerate(parts, 1)
    ]
    register = register_of("路径,嫌疑人", *(f"{p.path},{p.suspect}" for p in parts))
    kinds = {p.path: p.categories for p in parts}
    tables = count_records(sources, register, profiled(tmp_path, kinds))
    assert_conserved(tables)
    lines = {name: category["line"] for name, category in rule.categories.items()}
    for scope in ("total", *{p.suspect for p in parts}):
        mine = [p for p in parts if scope in ("total", p.suspect)]
        persons = defaultdict[int, set[frozenset[str]]](set)
        rows_of = defaultdict[str, frozenset[str]](frozenset)
        for part in mine:
            for row in part.rows:
                for at, (person, categories) in enumerate(part.people(row)):
                    persons[person].add(categories)
                    if not at:
                        rows_of[part.cells(row)] |= categories
        keys, rows = Counter[str](), Counter[str]()
        for records in persons.values():
            keys.update(counted(rule, records, lines))
        for categories in rows_of.values():
            rows.update(counted(rule, {categories}, lines))
        assert weighed(tables, "U2", scope)[0] == keys
        assert weighed(tables, "U1d", scope)[0] == rows
        ratio = sum(Fraction(n, rule.thresholds[lines[c]]) for c, n in keys.items())
        assert weighed(tables, "U2", scope)[1] == str(ratio)
        for name in WHEREABOUTS:
            told = {
                row["event_reading"]: row["count"]
                for row in only(tables, "events", scope=scope, category=name)
            }
            assert told == events_of(mine, name)


@pytest.mark.parametrize("seed", often(range(200), range(4)))
def test_drawn_transfers_of_categories_are_those_of_sets(seed: int, tmp_path: Path) -> None:
    """One buyer; parts without a role are no part of the total, but of a reading."""
    parts, rule = made_parts(seed), Rule("tier-cn-2017")
    draw = random.Random(f"roles {seed}")
    roles = {p.path: draw.choice(["获取,", "出售,丙某", "未知,", ","]) for p in parts}
    lines = (f"{p.path},{p.suspect},{roles[p.path]}" for p in parts)
    register = register_of("路径,嫌疑人,角色,去向", *lines)
    sources = [
        source(n, list(map(p.cells, p.rows)), p.path, headers=["姓名", "手机号", "内容", p.column])
        for n, p in enumerate(parts, 1)
    ]
    kinds = {p.path: p.categories for p in parts}
    tables = count_records(sources, register, profiled(tmp_path, kinds))
    of_rule = {name: category["line"] for name, category in rule.categories.items()}
    for who in {p.suspect for p in parts}:
        dealt, held = (defaultdict[int, set[frozenset[str]]](set) for _ in range(2))
        for part in parts:
            for row in part.rows if part.suspect == who else ():
                for person, categories in part.people(row):
                    to = held if roles[part.path][0] in "未," else dealt
                    to[person].add(categories)
        total, more = Counter[str](), Counter[str]()
        for records in dealt.values():
            total.update(counted(rule, records, of_rule))
        for person, records in held.items():
            new = {one for one in records if not any(one <= other for other in dealt[person])}
            more.update(counted(rule, new, of_rule))
        for unit in ("UF", "UF_persons") if total else ():
            assert weighed(tables, unit, who)[0] == total
            told = only(tables, "tier_scenarios", scope=who, unit=unit, row_tier="highest")
            exact = {row["scenario"]: row["exact"] for row in told if row["category"] is None}
            ratio = sum(Fraction(n, rule.thresholds[of_rule[c]]) for c, n in (total + more).items())
            assert exact.get("unroled") == (str(ratio) if more else None)
