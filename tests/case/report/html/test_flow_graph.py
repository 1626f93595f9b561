"""The graph shows flows between people in rows of their own, confirmed ones first."""

import random
from itertools import combinations, pairwise
from typing import Any

from piiscan.case.report.html.charts import Node, draw_flow


def edge(giver: str | None, taker: str | None, count: int, *, confirmed: bool = True) -> Any:
    ground = "REGISTER" if confirmed else "FILE_SENT"
    return {"giver": giver, "taker": taker, "distinct": count, "rests_on": ground}


def apart(one: Node, two: Node) -> bool:
    across = one.left + one.width <= two.left or two.left + two.width <= one.left
    return across or one.top + one.height <= two.top or two.top + two.height <= one.top


def test_boxes_are_apart_and_inside_and_givers_stand_left() -> None:
    graph = draw_flow(
        [edge("A", "B", 5), edge("A", "C", 3), edge("B", "D", 2), edge("C", "D", 1)], unknown="?"
    )
    assert all(apart(one, two) for one, two in combinations(graph.nodes, 2))
    assert all(n.left + n.width <= graph.width for n in graph.nodes)
    assert [node.name for node in graph.nodes] == ["A", "B", "C", "D"]
    assert all(each.x1 < each.x2 for each in graph.edges)


def test_every_flow_has_a_row_of_its_own_below_the_boxes() -> None:
    draw = random.Random(1)
    names = "ABCDEFGHIJKLMNOP"
    many = [edge(*draw.sample(names, 2), n, confirmed=n % 2 == 0) for n in range(90)]
    graph = draw_flow(many, unknown="?")
    assert len(graph.nodes) <= 12
    rows = [0, *(each.y for each in graph.edges), graph.height]
    assert all(lower - upper >= 10 for upper, lower in pairwise(rows))
    assert min(rows[1:]) >= graph.nodes[0].top + graph.nodes[0].height + 20  # room for the label
    ends = {node.middle for node in graph.nodes}
    assert all({each.x1, each.x2} <= ends and each.x1 != each.x2 for each in graph.edges)


def test_a_circle_of_givers_and_an_unknown_one_are_drawn_too() -> None:
    graph = draw_flow([edge("A", "B", 1), edge("B", "A", 1), edge(None, "A", 7)], unknown="未注明")
    assert [node.name for node in graph.nodes] == ["未注明", "A", "B"]
    assert [(each.x1 < each.x2, each.count) for each in graph.edges] == [
        (True, 7), (True, 1), (False, 1),
    ]  # fmt: skip


def test_strangers_with_one_mask_are_two_boxes() -> None:
    one, other = edge("甲", "张*", 1), edge("甲", "张*", 2)
    rows = [{**e, "giver_id": "a", "taker_id": f"party:{n}"} for n, e in enumerate((one, other))]
    graph = draw_flow(rows, unknown="?")
    assert [node.name for node in graph.nodes] == ["甲", "张*", "张*"]


def test_the_same_edge_told_twice_is_one_with_the_larger_number() -> None:
    graph = draw_flow([edge("A", "B", 4), edge("A", "B", 9)], unknown="?")
    assert [each.count for each in graph.edges] == [9]


def test_only_so_many_are_drawn_and_confirmed_ones_go_first() -> None:
    many = [edge("A", f"P{n:03d}", n, confirmed=n == 0) for n in range(100)]
    graph = draw_flow(many, unknown="?")
    assert len(graph.edges) == 11  # twelve people at most
    assert sum(not each.guess for each in graph.edges) == 1


def test_ends_are_people_and_only_what_is_in_no_total_is_a_guess() -> None:
    nodes = [
        {"node_id": "item:1", "node_kind": "item", "label": "JC-001", "belongs_to": "suspect:甲"},
        {"node_id": "suspect:甲", "node_kind": "suspect", "label": "甲", "belongs_to": None},
        {"node_id": "suspect:乙", "node_kind": "suspect", "label": "乙", "belongs_to": None},
        {"node_id": "source:7", "node_kind": "source", "label": "盘/名单.csv", "belongs_to": None},
    ]
    found = [
        edge("甲", "乙", 9) | {"giver_id": "suspect:甲", "taker_id": "suspect:乙"},
        edge("甲", "王*", 2) | {"giver_id": "suspect:甲", "rests_on": "LEDGER"},
        edge("JC-001", "7", 3) | {"giver_id": "item:1", "taker_id": "source:7"},
        edge("JC-001", "乙", 8) | {"giver_id": "item:1", "taker_id": "suspect:乙"},
    ]
    for row in found[2:]:
        row["rests_on"] = "CONTAINED"
    graph = draw_flow(found, nodes, unknown="?")
    assert {node.name for node in graph.nodes} == {"甲", "乙", "王*", "名单.csv"}
    assert sorted((each.count, each.guess) for each in graph.edges) == [
        (2, ""), (3, "CONTAINED"), (9, ""),
    ]  # fmt: skip


def test_nothing_gives_an_empty_graph() -> None:
    assert draw_flow([], unknown="?").edges == ()
