"""Graph, equal files, hints and bounds of the flow; its figures: ``test_transfers.py``."""

import pytest

from piiscan import count_records, literal_source
from piiscan.case.count.record_count import Tables
from piiscan.case.flow import list_overlaps
from tests.case.literal_rows import only, register_of, source

#: File -> the people in it, and what the register says of it.
LISTS = {
    "acquired-1": (range(20), "JC1,甲某,获取,上家,"),
    "acquired-2": (range(15, 30), "JC2,甲某,获取,上家,"),
    "to-b": ([3, 1, 2, *range(4, 12), 40], "JC3,甲某,出售,,乙某"),
    "to-c": ([*range(8, 13), 41, 42], "JC4,甲某,出售,,丙某、丁某"),
    "copy-of-b": ([3, 1, 2, *range(4, 12), 40], "JC5,乙某,持有,,"),
}


def tables_of_lists() -> Tables:
    """The tables of the lists, each a source."""
    lines = [f"{name},{said}" for name, (_, said) in LISTS.items()]
    sources = []
    for number, (name, (people, _)) in enumerate(LISTS.items(), 1):
        rows = [f"id:{n} phone:{13900000000 + n}" for n in people]
        sources.append(source(number, rows, name, sha256=str(list(people))))
    return count_records(sources, register_of("路径,检材编号,嫌疑人,角色,来自,去向", *lines))


@pytest.fixture(scope="module")
def tables() -> Tables:
    return tables_of_lists()


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
    every = {n for people, said in LISTS.values() if "甲某" in said for n in people}
    assert told["suspect:甲某"] == ("suspect", None, 4, len(every))
    assert told["item:JC5"] == ("item", "suspect:乙某", 1, 12)
    assert told["source:3"] == ("source", "item:JC3", 1, 12)
    assert told["party:上家"] == ("party", None, 0, 0)
    assert {row["belongs_to"] for row in nodes.values()} - {None} <= nodes.keys()


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
