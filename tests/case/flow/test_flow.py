"""Who has whose data: totals, overlaps and edges are what sets of the rows say."""

from __future__ import annotations

import pytest

from piiscan import count_records, literal_source
from piiscan.case.count.record_count import Tables
from piiscan.case.flow import list_overlaps
from piiscan.case.flow.list_overlaps import longest_increasing
from piiscan.case.register import read_register
from tests.case.literal_rows import only, source

#: File -> the people in it, in order.
LISTS = {
    "acquired-1": list(range(20)),
    "acquired-2": list(range(15, 30)),
    "to-b": [3, 1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 40],
    "to-c": [8, 9, 10, 11, 12, 41, 42],
    "copy-of-b": [3, 1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 40],
}
REGISTER = {
    "acquired-1": ("JC1", "甲某", "获取", "上家", ""),
    "acquired-2": ("JC2", "甲某", "获取", "上家", ""),
    "to-b": ("JC3", "甲某", "出售", "", "乙某"),
    "to-c": ("JC4", "甲某", "出售", "", "丙某、丁某"),
    "copy-of-b": ("JC5", "乙某", "持有", "", ""),
}


def tables_of_lists() -> Tables:
    """The tables of the lists, each a source."""
    lines = ["路径,检材编号,嫌疑人,角色,来自,去向"]
    lines += [f"{name},{','.join(said)}" for name, said in REGISTER.items()]
    sources = []
    for number, (name, people) in enumerate(LISTS.items(), 1):
        rows = [f"id:{n} phone:{13900000000 + n}" for n in people]
        sources.append(source(number, rows, name, sha256=str(people)))
    return count_records(sources, read_register("\n".join(lines).encode(), "register.csv"))


@pytest.fixture(scope="module")
def tables() -> Tables:
    return tables_of_lists()


def test_what_was_sold_is_added_up_and_what_was_not_is_counted_once(tables: Tables) -> None:
    acquired = {*LISTS["acquired-1"], *LISTS["acquired-2"]}
    sold = {"乙某": set(LISTS["to-b"]), "丙某": set(LISTS["to-c"]), "丁某": set(LISTS["to-c"])}
    every = set().union(*sold.values())
    (total,) = only(tables, "flow_total", suspect="甲某")
    wanted = {
        "registered": True,
        "acquired": len(acquired),
        "sold_sum": sum(map(len, sold.values())),
        "sold_distinct": len(every),
        "not_sold": len(acquired - every),
        "flow_total": sum(map(len, sold.values())) + len(acquired - every),
    }
    assert total | wanted == total
    buyers = {r["buyer"]: r["distinct"] for r in only(tables, "flow_buyers", suspect="甲某")}
    assert buyers == {name: len(each) for name, each in sold.items()}


def test_an_item_that_came_from_somebody_proves_his_sale(tables: Tables) -> None:
    """The buyer's item proves the sale, the seller's item what the buyer acquired."""
    acquired = {*LISTS["acquired-1"], *LISTS["acquired-2"]}
    (total,) = only(tables, "flow_total", suspect="上家")
    assert (total["sold_sum"], total["flow_total"]) == (len(acquired), len(acquired))
    assert total["registered"] is False
    for name, bought in {"乙某": "to-b", "丙某": "to-c", "丁某": "to-c"}.items():
        (total,) = only(tables, "flow_total", suspect=name)
        assert (total["acquired"], total["flow_total"]) == (len(LISTS[bought]),) * 2


def test_what_very_many_have_finds_no_pairs_and_counts_in_those_found(
    tables: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many keys find pairs as the work allows, those of few first; numbers stay exact."""
    whole = only(tables, "flow_matrix", scope_kind="item")
    monkeypatch.setattr(list_overlaps, "MOST_PAIRS", 50)
    rows = only(tables_of_lists(), "flow_matrix", scope_kind="item")
    assert rows[-1]["one"] is None
    assert 0 < len(rows) - 1 < len(whole)
    assert all(row in whole for row in rows[:-1])


def test_the_longest_rising_part_is_found() -> None:
    assert longest_increasing([]) == 0
    assert longest_increasing([5, 1, 2, 3, 4]) == 4


def test_files_with_the_same_content_are_told(tables: Tables) -> None:
    same = only(tables, "flow_same")
    assert {r["number"] for r in same} == {1}
    assert len(same) == 2


def test_nodes_and_edges_are_one_graph(tables: Tables) -> None:
    nodes = {row["node_id"]: row for row in tables["flow_nodes"]}
    assert len(nodes) == len(tables["flow_nodes"])
    for row in tables["flow_edges"]:
        assert {row["giver_id"], row["taker_id"]} <= nodes.keys()
    told = {
        node: (row["node_kind"], row["belongs_to"], row["files"], row["distinct"])
        for node, row in nodes.items()
    }
    every = {n for name, said in REGISTER.items() if said[1] == "甲某" for n in LISTS[name]}
    assert told["suspect:甲某"] == ("suspect", None, 4, len(every))
    assert told["item:JC5"] == ("item", "suspect:乙某", 1, 12)
    assert told["source:3"] == ("source", "item:JC3", 1, 12)
    assert told["party:上家"] == ("party", None, 0, 0)
    assert {row["belongs_to"] for row in nodes.values()} - {None} <= nodes.keys()


def test_only_what_a_person_said_is_confirmed(tables: Tables) -> None:
    told = {(r["giver"], r["taker"], r["item"]) for r in only(tables, "flow_edges", confirmed=True)}
    assert told == {
        ("上家", "甲某", "JC1"),
        ("上家", "甲某", "JC2"),
        ("甲某", "乙某", "JC3"),
        ("甲某", "丙某", "JC4"),
        ("甲某", "丁某", "JC4"),
    }
    guessed = {(r["giver"], r["taker"]) for r in only(tables, "flow_edges", confirmed=False)}
    assert ("JC3", "JC5") in guessed
    assert all(r["rests_on"] == "CONTAINED" for r in only(tables, "flow_edges", confirmed=False))


def test_masked_values_that_fit_are_a_hint() -> None:
    masked = [f"199****{n:04}" for n in range(4)]
    whole = {"entity": "CN_MOBILE", "recognizer": "cn.mobile"}
    hidden = {"entity": "MASKED", "recognizer": "masked.mobile"}
    kinds = [(hidden, [0, 1, 3]), (whole, [0, 0, 1, 2]), (whole, [2]), (whole, [3])]
    sources = [
        literal_source(
            source,
            f"{source}.csv",
            [
                {"row": row, "value": f"{source} {row}", "masked": masked[n], **kind}
                for row, n in enumerate(numbers, 2)
            ],
        )
        for source, (kind, numbers) in enumerate(kinds, 1)
    ]
    hints = count_records(sources)["flow_masked"]
    assert [(r["source"], r["other_source"], r["masks"]) for r in hints] == [(1, 2, 2), (1, 4, 1)]
