"""Which sources the rows of a register are about."""

from typing import Any

import pytest

from piiscan.case.register.path_tree import SourceTree, clean_path, covers
from piiscan.schemas import ATTRIBUTION
from tests.case.register.conftest import Made

SOURCES = [
    (1, "查获/张三/a.xlsx"),
    (2, "查获/张三/旧/b.zip"),
    (3, "查获/李四/c.csv"),
    (4, "查获/odd!name#1.csv"),
]
PARTS = [
    (1, "#Sheet1", None),
    (2, "内/x.csv", "0" * 64),
    (2, "内层.zip!y.xlsx#名单", "1" * 64),
    (3, "", None),
    (4, "", None),
]


def places(register: Any, sources: Any = None) -> dict[tuple[int, str], dict[str, Any]]:
    rows = register.provenance(SOURCES if sources is None else sources)
    assert rows.schema == ATTRIBUTION
    return {(row["source"], row["member_prefix"]): row for row in rows.to_pylist()}


def told(register: Any, parts: Any = PARTS) -> list[tuple[str, int | None, int | None]]:
    return [(each.code, each.row, each.source) for each in register.problems(SOURCES, parts)]


def test_a_folder_holds_for_all_below_and_the_deepest_row_wins(made: Made) -> None:
    found = places(
        made(
            "路径,检材编号,嫌疑人,角色,数据层",
            "查获,总",
            "查获/张三,1,张三,持有",
            "查获/张三/旧,,,,已删除",
            "查获/张三/旧/b.zip,1-2,,出售",
        )
    )
    columns = ("item", "suspect", "role", "layer")
    assert {source: [row[n] for n in columns] for (source, _), row in found.items()} == {
        1: ["1", "张三", "held", None],
        2: ["1-2", "张三", "sold", "deleted"],
        3: ["总", None, "unknown", None],
        4: ["总", None, "unknown", None],
    }


def test_a_name_that_begins_alike_is_not_below(made: Made) -> None:
    found = places(made("路径,嫌疑人", "查获/张,x", "查获/李四/c,y"))
    assert {row["suspect"] for row in found.values()} == {None}


def test_parts_of_archives_and_sheets_may_have_own_rows(made: Made) -> None:
    register = made(
        "路径,嫌疑人,渠道",
        "查获/张三/旧/b.zip,张三",
        "查获/张三/旧/b.zip!内,,微信",
        "查获/张三/旧/b.zip!内/x.csv,王五",
        "查获/张三/a.xlsx#Sheet1,赵六",
        "查获/odd!name#1.csv,钱七",
    )
    found = places(register)
    assert {key: (row["suspect"], row["channel"]) for key, row in found.items()} == {
        (1, ""): (None, None),
        (1, "#Sheet1"): ("赵六", None),
        (2, ""): ("张三", None),
        (2, "内"): ("张三", "微信"),
        (2, "内/x.csv"): ("王五", "微信"),
        (3, ""): (None, None),
        (4, ""): ("钱七", None),
    }
    assert told(register) == [("UNREGISTERED", None, 3)]


def test_rows_that_fit_nothing_and_sources_without_a_row_are_told(made: Made) -> None:
    register = made(
        "路径,状态,嫌疑人,程序建议",
        "查获/张三,,张三",
        "查获/没有,,x",
        "查获/张三/旧/b.zip!没有,,x",
        "查获/李四,待确认,李四,嫌疑人=李四",
    )
    assert told(register) == [
        ("UNMATCHED", 3, None),
        ("UNMATCHED", 4, None),
        ("PROPOSED", 5, None),
        ("UNREGISTERED", None, 3),
        ("UNREGISTERED", None, 4),
    ]
    (waiting,) = (each for each in register.problems(SOURCES) if each.code == "PROPOSED")
    assert waiting.columns == ("suspect",)
    assert "UNMATCHED" not in {code for code, row, _ in told(register, None) if row == 4}


def test_what_spreadsheets_lose_of_a_path_is_made_good(made: Made) -> None:
    sources = [(1, "a/x\ty\x01.csv"), (2, "a/b  c .csv"), (3, "a/b c.csv")]
    register = made("路径,嫌疑人", "a/xy.csv,甲", "a/b c.csv,乙")
    found = places(register, sources)
    assert [found[number, ""]["suspect"] for number in (1, 2, 3)] == ["甲", None, "乙"]
    ambiguous = made("路径,嫌疑人", "a/bc.csv,丙")
    assert [p.code for p in ambiguous.problems(sources)] == ["UNMATCHED"] + ["UNREGISTERED"] * 3


@pytest.mark.parametrize(
    ("rows", "sources"),
    [
        (["查获", "查获/张三"], ["/case/1/查获/张三/a.csv", "/case/1/查获/b.csv"]),
        (["/old/查获", "/old/查获/张三"], ["查获/张三/a.csv", "查获/b.csv"]),
        ([".", "张三"], ["查获/张三/a.csv", "查获/b.csv"]),
        (["查获", "查获/张三"], ["张三/a.csv", "b.csv"]),
    ],
)
def test_a_register_of_the_same_folder_seen_from_elsewhere_fits(
    made: Made, rows: list[str], sources: list[str]
) -> None:
    register = made("路径,检材编号,嫌疑人", f"{rows[0]},1", f"{rows[1]},,张三")
    numbered = list(enumerate(sources, 1))
    found = places(register, numbered)
    assert found[1, ""]["suspect"] == "张三"
    assert found[2, ""]["suspect"] is None
    assert [each.code for each in register.problems(numbered)][:1] == ["OTHER_ROOT"]


def test_a_register_of_something_else_fits_nothing(made: Made) -> None:
    register = made("路径,嫌疑人", "别处,张三", "别处/x,张三")
    assert {row["suspect"] for row in places(register).values()} == {None}
    assert [each.code for each in register.problems(SOURCES)][:2] == ["UNMATCHED", "UNMATCHED"]


def test_sources_whose_paths_read_the_same_share_their_row(made: Made) -> None:
    found = places(made("路径,嫌疑人", "a.csv,甲"), [(1, "a.csv"), (2, "./a.csv")])
    assert [row["suspect"] for row in found.values()] == ["甲", "甲"]


def test_paths_are_compared_without_what_does_not_matter() -> None:
    cleaned = {"./a/": "a", ".": "", "a//b": "a/b", "/": "", "/x/": "/x", "..//a": "../a"}
    assert {path: clean_path(path) for path in cleaned} == cleaned


def test_a_prefix_covers_itself_and_its_parts() -> None:
    assert covers("", "a")
    assert covers("a/", "a/b")
    assert [each for each in ("a", "a!b", "a/b", "a#b", "ab", "b") if covers("a", each)] == [
        *("a", "a!b", "a/b", "a#b")
    ]
    assert not covers("a/b", "a")


def test_deep_folders_are_no_matter(made: Made) -> None:
    path = "/".join(["d"] * 3000) + "/x.csv"
    assert places(made("路径,嫌疑人", "d,甲"), [(1, path)])[1, ""]["suspect"] == "甲"


def test_an_empty_case_and_an_empty_register_fit(made: Made) -> None:
    assert SourceTree([]).find("a") is None
    assert made("路径", "a").provenance([]).num_rows == 0
    assert places(made("路径"))[1, ""]["role"] == "unknown"
