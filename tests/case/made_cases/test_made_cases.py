"""Made cases of three to six suspects: every figure is what plain Python makes of the same rows."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import pytest

from piiscan.case.count.count import count
from tests.case.dump import scan_dump
from tests.case.made_cases.case_maker import CaseMaker, MadeCase, write_case, write_register
from tests.case.made_cases.truth import Flow, steps
from tests.often import often

SEEDS = range(200)


@pytest.mark.parametrize("seed", often(SEEDS, (3, 6, 9)))
def test_every_figure_is_what_the_rows_say(seed: int, tmp_path: Path) -> None:
    case = CaseMaker(seed).case()
    dump, register = write_case(case, tmp_path), write_register(case, tmp_path / "register.xlsx")
    scanned = scan_dump([dump], tmp_path / "case", as_of=datetime.date(2026, 1, 1))
    made = count(scanned, register=register, key=tmp_path / "test.key")
    tables = made.tables()
    assert _ladder(tables, "total", "total") == steps(case.files)
    for name in case.suspects:
        own = [each for each in case.files if each.register["嫌疑人"] == name]
        if own:
            assert _ladder(tables, "suspect", name) == steps(own)
    _assert_flow(case, tables)


def _ladder(tables: dict[str, list[dict[str, Any]]], kind: str, scope: str) -> dict[str, int]:
    """Step -> number of one scope, without the estimate of persons."""
    return {
        row["step"]: row["count"]
        for row in tables["ladder"]
        if (row["scope_kind"], row["scope"]) == (kind, scope) and row["step"] != "R6"
    }


def _assert_flow(case: MadeCase, tables: dict[str, list[dict[str, Any]]]) -> None:
    """Terms of article 11 of each suspect and group, and the weighed total by keys."""
    flow = Flow(case)
    found = {row["suspect"]: row for row in tables["flow_total"]}
    for name in case.suspects:
        told = found.get(name, {})
        wanted = flow.total(name)
        assert {term: told.get(term, 0) for term in wanted} == wanted, name
        if told.get("registered"):
            assert _weighed(tables, name, insider=False) == wanted["flow_total"]
            assert _weighed(tables, name, insider=True) == flow.of_duty(name)
    groups = {row["group"]: row for row in tables["flow_groups"]}
    for group in case.groups:
        wanted = flow.group_total(group)
        assert {term: groups[group][term] for term in wanted} == wanted
    for row in tables["by_suspect"]:
        assert json.dumps(row)  # stored as it is


def _weighed(tables: dict[str, list[dict[str, Any]]], name: str, *, insider: bool) -> int:
    """The total of one suspect that is weighed by keys; all these lists are of one category.

    ``insider``: what he sold of his duty or service, by the halved lines.
    """
    return sum(
        row["count"]
        for row in tables["tiers"]
        if (row["scope_kind"], row["scope"], row["unit"]) == ("suspect", name, "UF")
        and (row["category"], row["insider"], row["row_tier"]) == ("basic", insider, "highest")
        and row["policy"] == "tier-cn-2017"
    )
