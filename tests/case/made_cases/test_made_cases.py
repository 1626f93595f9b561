"""Made cases of three to six suspects: every figure is what plain Python makes of the same rows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from piiscan import count
from piiscan.case.count.record_count import Tables
from tests.case.dump import scan_dump
from tests.case.flow.naive_transfers import figures
from tests.case.literal_rows import only, steps
from tests.case.made_cases.case_maker import CaseMaker, MadeCase, write_case, write_case_register
from tests.case.made_cases.truth import by_role, naive_steps, of_duty, transfers
from tests.often import often

SEEDS = range(200)


@pytest.mark.parametrize("seed", often(SEEDS, (3, 6, 9)))
def test_every_figure_is_what_the_rows_say(seed: int, tmp_path: Path) -> None:
    case = CaseMaker(seed).case()
    dump, register = (
        write_case(case, tmp_path),
        write_case_register(case, tmp_path / "register.xlsx"),
    )
    scanned = scan_dump([dump], tmp_path / "case")
    made = count(scanned, register=register, key=tmp_path / "test.key")
    tables = made.tables()
    assert steps(tables)[:6] == naive_steps(case.files)
    for name in case.suspects:
        own = [each for each in case.files if each.register["嫌疑人"] == name]
        if own:
            assert steps(tables, name)[:6] == naive_steps(own)
    people = {row["role"]: row["distinct"] for row in tables["people"] if row["distinct"]}
    assert people == by_role(case.files)
    _assert_flow(case, tables)


def _assert_flow(case: MadeCase, tables: Tables) -> None:
    """Terms of article 11 of each suspect and group, and the weighed total by keys."""
    wanted = figures(transfers(case))
    for name, who in (("flow_total", "suspect"), ("flow_groups", "group")):
        found = {
            row[who]: {term: row[term] for term in wanted[name][row[who]]} for row in tables[name]
        }
        assert found == wanted[name]
    for row in only(tables, "flow_total", registered=True):
        who = row["suspect"]
        assert _weighed(tables, who, insider=False) == row["flow_total"]
        assert _weighed(tables, who, insider=True) == of_duty(case, who)
    for row in tables["by_suspect"]:
        assert json.dumps(row)  # stored as it is


def _weighed(tables: Tables, name: str, *, insider: bool) -> int:
    """The total of one suspect that is weighed by keys; all these lists are of one category.

    ``insider``: what he sold of his duty or service, by the halved lines.
    """
    rows = only(
        tables, "tiers", scope=name, unit="UF", category="basic", insider=insider,
        row_tier="highest", policy="tier-cn-2017",
    )  # fmt: skip
    return sum(row["count"] for row in rows)
