"""What was acquired and then sold is one, by rows, keys and persons, in whatever columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from piiscan import CountRules, count_records
from piiscan.case.count.record_count import Tables
from piiscan.case.flow.parties import FlowSettings
from piiscan.case.register import GroupMember
from tests.case.literal_rows import RULES, only, register_of, source
from tests.case.tiers.test_categories_by_subject import profiled, weighed

UNITS = ("UF_rows", "UF", "UF_persons")


def rows_of(cells: str, number: int = 100, first: int = 0) -> list[str]:
    """Rows of people: ``name:{n}`` is a cell with the person's number."""
    return [cells.replace("{n}", str(n)) for n in range(first, first + number)]


def dealt(*lists: tuple[str, str, Sequence[str]], rules: CountRules = RULES) -> Tables:
    """The count of lists of 甲某: role, taker, rows."""
    lines = [f"{n}.csv,甲某,{role},{taker}" for n, (role, taker, _) in enumerate(lists, 1)]
    register = register_of("路径,嫌疑人,角色,去向", *lines)
    files = [source(n, rows) for n, (_, _, rows) in enumerate(lists, 1)]
    return count_records(files, register, rules)


def figures(tables: Tables, who: str = "甲某") -> tuple[int, ...]:
    """The total of a suspect by rows, keys and persons, as the first page has it."""
    (row,) = only(tables, "by_suspect", scope=who, entry="total")
    found: tuple[int, ...] = row["by_rows"], row["by_keys"], row["by_persons"]
    assert found == tuple(sum(weighed(tables, unit, who)[0].values()) for unit in UNITS)
    (of_keys,) = only(tables, "flow_total", suspect=who)
    assert (of_keys["flow_total"], of_keys["flow_total_persons"]) == found[1:]
    return found


FULL = "name:n{n} phone:{n} id:{n}"
#: What one list says, and another of the same 100 people -> rows, keys, persons.
SAME: dict[tuple[str, str], tuple[int, int, int]] = {
    (FULL, "name:n{n} phone:{n}"): (100, 100, 100),
    (FULL, "phone:{n} id:{n}"): (100, 100, 100),
    (FULL, "name:n{n} id:{n}"): (100, 100, 100),
    (FULL, "phone:{n} name:n{n} id:{n} ~serial{n}"): (100, 100, 100),
    (FULL, FULL + " address:a{n}"): (100, 100, 100),
    (FULL, "name:n{n} phone:{n} address:a{n}"): (200, 100, 100),
    (FULL, "name:other{n} phone:{n}"): (200, 200, 100),
    ("name:n{n} id:{n}", "name:n{n} phone:{n}"): (200, 200, 200),
    ("name:n{n} phone:{n} +goods{n}", "name:n{n} phone:{n} +other{n}"): (200, 100, 100),
    ("name:n{n} phone:{n} wechat:w{n}", "wechat:w{n}"): (100, 100, 100),
    (FULL, "phone:{n}"): (100, 100, 100),
    ("name:n{n} phone:{n}", "phone:{n}"): (100, 100, 100),
}


@pytest.fixture(scope="module")
def of_suspects() -> Tables:
    """The count of a suspect for each pair of lists, who acquired one and sold the other."""
    lines, files = ["路径,嫌疑人,角色,去向"], []
    for at, lists in enumerate(each for pair in SAME for each in (pair, pair[::-1])):
        for role, cells in zip(("获取,", "出售,买方"), lists, strict=True):
            files.append(source(len(files) + 1, rows_of(cells, first=1000 * at)))
            lines.append(f"{len(files)}.csv,甲{at}某,{role}")
    return count_records(files, register_of(*lines), RULES)


@pytest.mark.parametrize("turned", [False, True], ids=["then less", "then more"])
@pytest.mark.parametrize("lists", SAME, ids=" | ".join)
def test_a_list_acquired_and_sold_with_other_columns_is_once(
    lists: tuple[str, str], turned: bool, of_suspects: Tables
) -> None:
    who = f"甲{2 * list(SAME).index(lists) + turned}某"
    assert figures(of_suspects, who) == SAME[lists]
    assert "bare_phone" not in weighed(of_suspects, "UF", who)[0]


def test_the_first_page_says_where_keys_and_persons_differ() -> None:
    sold = ("出售", "乙某", rows_of("name:other{n} phone:{n}"))
    (row,) = only(dealt(("获取", "", rows_of(FULL)), sold), "by_suspect", entry="total")
    assert ["by_suspect.persons_differ", {"count": "100"}] in row["beside"]["sentences"]
    (row,) = only(dealt(("获取", "", rows_of(FULL))), "by_suspect", entry="total")
    assert "sentences" not in row["beside"]


def test_the_same_people_twice_to_one_buyer_are_once_and_to_two_add_up() -> None:
    once = ("出售", "乙某", rows_of(FULL, 550))
    less = rows_of("name:n{n} phone:{n}", 550)
    assert figures(dealt(once, ("出售", "乙某", less))) == (550, 550, 550)
    assert figures(dealt(once, ("出售", "丙某", less))) == (1100, 1100, 1100)


def test_what_was_acquired_heavy_and_sold_light_is_one_at_the_heavier_line(tmp_path: Path) -> None:
    rules = profiled(tmp_path, {"1.csv": ["property"], "2.csv": [], "3.csv": []})
    heavy, light = rows_of("name:n{n} phone:{n} +b{n}"), rows_of("name:n{n} phone:{n}")
    one = dealt(("获取", "", heavy), ("出售", "乙某", light), rules=rules)
    two = dealt(("获取", "", heavy), ("出售", "乙某", light), ("出售", "丙某", light), rules=rules)
    both = dealt(("出售", "丙某", heavy), ("出售", "乙某", light), rules=rules)
    for unit in UNITS:
        assert weighed(one, unit, "甲某") == ({"property": 100}, "2")
        for tables in (two, both):  # each buyer by what he got
            assert weighed(tables, unit, "甲某") == ({"property": 100, "basic": 100}, "101/50")


def test_credit_files_and_stays_of_one_person_are_two(tmp_path: Path) -> None:
    rules = profiled(tmp_path, {"1.csv": ["credit"], "2.csv": ["lodging"], "3.csv": []})
    files, stays, light = (rows_of(f"name:n{{n}} phone:{{n}} {more}") for more in ("+c", "+l", ""))
    tables = dealt(("获取", "", files), ("获取", "", stays), ("出售", "乙某", light), rules=rules)
    for unit in UNITS[1:]:
        assert weighed(tables, unit, "甲某") == ({"credit": 100, "lodging": 100}, "11/5")


def test_one_persons_files_of_one_kind_are_one_key_and_two_rows(tmp_path: Path) -> None:
    kinds = {"1.csv": ["credit", "property"], "2.csv": ["credit", "house"]}
    files = [("获取", "", rows_of(f"name:n{{n}} phone:{{n}} +{n}")) for n in "ab"]
    tables = dealt(*files, rules=profiled(tmp_path, kinds))
    assert figures(tables) == (200, 100, 100)
    assert weighed(tables, "UF", "甲某") == weighed(tables, "U2", "甲某") == ({"credit": 100}, "2")


def test_what_has_no_role_is_told_with_bare_numbers_and_heavier_kinds(tmp_path: Path) -> None:
    acquired = ("获取", "", rows_of("name:n{n} phone:{n}", 60))
    loans = ("未知", "", rows_of("name:n{n} phone:{n} +l{n}", 60))
    again = ("未知", "", [*rows_of("name:n{n} phone:{n}", 60), *rows_of("phone:9{n}", 7)])
    tables = dealt(acquired, loans, again, rules=profiled(tmp_path, {"2.csv": ["credit"]}))
    assert figures(tables) == (60, 60, 60)
    (row,) = only(tables, "by_suspect", scope="甲某", entry="unroled")
    assert (row["by_rows"], row["by_keys"], row["by_persons"]) == (67, 67, 67)
    told = only(tables, "tier_scenarios", scope="甲某", scenario="unroled", row_tier="highest")
    exact = str(Fraction(60 + 7, 5000) + Fraction(60, 50))
    assert {each["unit"]: each["exact"] for each in told} == dict.fromkeys(UNITS, exact)


def test_a_row_contained_in_another_counts_once_in_the_total_and_is_shown() -> None:
    full, less = rows_of(FULL + " address:a{n}"), rows_of(FULL)
    tables = dealt(("获取", "", full), ("获取", "", less))
    assert figures(tables) == (100, 100, 100)
    assert [row["contained"] for row in only(tables, "contained", scope="甲某")] == [100]
    (units,) = only(tables, "units", scope="甲某", scope_kind="suspect")
    assert (units["U1d"], units["U2"]) == (200, 100)  # R4 keeps contained rows
    (row,) = only(tables, "by_suspect", scope="甲某", entry="contained")
    assert row["by_rows"] == 100


def test_rows_of_other_people_are_not_contained() -> None:
    rows = [*rows_of(FULL), *rows_of("name:n{n} phone:{n} id:x{n}")]
    assert figures(dealt(("获取", "", rows[:100]), ("出售", "乙某", rows[100:])))[:2] == (200, 200)
    shared = ["name:a phone:1 id:1", "name:a phone:2 id:2", "name:a address:x"]
    assert figures(dealt(("获取", "", shared), ("出售", "乙某", shared[:2])))[1] == 3


def test_a_groups_members_have_one_identity() -> None:
    register = register_of("路径,嫌疑人,角色,去向", "1.csv,甲某,获取,", "2.csv,乙某,出售,丙某")
    files = [source(1, rows_of(FULL)), source(2, rows_of("name:n{n} phone:{n}"))]
    members = tuple(GroupMember("一组", "joint", name, None, None) for name in ("甲某", "乙某"))
    rules = replace(RULES, flow=FlowSettings(members=members))
    tables = count_records(files, register, rules)
    (row,) = only(tables, "flow_groups", group="一组")
    assert (row["flow_total"], row["flow_total_persons"]) == (100, 100)
    (row,) = only(tables, "by_suspect", scope="一组", entry="total")
    assert (row["by_rows"], row["by_keys"], row["by_persons"]) == (100, 100, 100)
