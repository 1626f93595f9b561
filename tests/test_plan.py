"""A plan finds and masks in batches what it finds and masks in the whole table."""

import pickle
import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import piiscan

WORDS = ("电脑", "快递", "明天", "学校", "机器", "方法", "蓝色", "经验", "面包", "工资")
SURNAMES, GIVEN = "王李张刘陈杨赵吴周徐孙朱胡郭林罗", "伟芳娜敏静丽强磊军洋勇艳杰娟涛超霞刚桂英"


def made_table(rows: int = 4_000, share: float = 0.18) -> pa.Table:
    """Names and some words under a heading that says nothing, and telephones."""
    draw = random.Random(4)

    def cell() -> str:
        name = draw.choice(SURNAMES) + draw.choice(GIVEN) + draw.choice(GIVEN)
        return draw.choice(WORDS) if draw.random() < share else name

    phones = [f"138{number:08}" for number in range(rows)]
    return pa.table({"c1": [cell() for _ in range(rows)], "c2": phones})


def findings(plan: piiscan.Plan, table: pa.Table, parts: int) -> list[tuple[Any, ...]]:
    """Row of the whole table, column, start and value of each finding, found part by part."""
    size = -(-len(table) // parts)
    rows: list[tuple[Any, ...]] = []
    for first in range(0, len(table), size):
        found = plan.find(table.slice(first, size))
        columns = (found[name].to_pylist() for name in ("row", "column", "start", "value"))
        rows += [(first + row, *rest) for row, *rest in zip(*columns, strict=True)]
    return rows


def test_a_table_has_the_same_findings_whole_and_in_parts() -> None:
    table = made_table()
    plan = pickle.loads(pickle.dumps(piiscan.plan(table)))
    whole = findings(plan, table, 1)
    assert findings(plan, table, 4) == findings(plan, table, 40) == whole
    assert whole == findings(piiscan.plan(table), table, 1)


def test_a_word_among_names_is_no_person() -> None:
    table = made_table(600)
    found = piiscan.find_frame(table).to_pylist()
    persons = [each["value"] for each in found if each["entity"] == "PERSON"]
    names = [cell for cell in table["c1"].to_pylist() if cell not in WORDS]
    assert not {*persons} & {*WORDS}
    assert len(persons) > 0.98 * len(names)


def test_a_plan_is_small() -> None:
    assert len(pickle.dumps(piiscan.plan(made_table(100)))) < 100_000


def test_a_plan_of_other_rules_is_refused() -> None:
    restore, (digest, *rest) = piiscan.plan(made_table(100)).__reduce__()
    assert restore(digest, *rest) == piiscan.plan(made_table(100))
    with pytest.raises(piiscan.PiiscanError, match="0000"):
        restore("0000", *rest)


def test_a_batch_needs_the_columns_of_its_plan_in_any_order() -> None:
    plan = piiscan.plan(pa.table({"手机号": ["13800138000"], "姓名": ["张三"]}), ["手机号"])
    batch = pa.table({"序": [1], "手机号": ["13900139000"]})
    assert plan.find(batch)["value"].to_pylist() == ["13900139000"]
    assert plan.mask(batch).to_pylist() == [{"序": 1, "手机号": "139****9000"}]
    with pytest.raises(piiscan.PiiscanError, match="手机号"):
        plan.find(pa.table({"序": [1]}))


def test_columns_of_one_name_are_each_searched() -> None:
    table = pa.table([["13800138000"], ["13900139000"]], ["电话", "电话"])
    plan = piiscan.plan(table)
    assert plan.find(table)["value"].to_pylist() == ["13800138000", "13900139000"]
    assert [each.to_pylist() for each in plan.mask(table).columns] == [
        ["138****8000"],
        ["139****9000"],
    ]


def recipe(name: str) -> str:
    """The code of a recipe in docs/pipelines.md."""
    page = (Path(__file__).parents[1] / "docs" / "pipelines.md").read_text("utf-8")
    section = page.partition(f"## {name}\n")[2].partition("\n## ")[0]
    return "".join(part.partition("```")[0] for part in section.split("```python\n")[1:])


@pytest.mark.long
@pytest.mark.parametrize("engine", ["pandas", "Polars", "DuckDB", "Dask", "FastAPI", "Ray"])
def test_recipes_of_the_page(engine: str, tmp_path: Path) -> None:
    table = made_table(1_000)
    plan = piiscan.plan(table)
    given: dict[str, Any] = {"plan": plan, "pa": pa, "piiscan": piiscan}
    if engine == "pandas":
        given["pd"], given["frame"] = pytest.importorskip("pandas"), table.to_pandas()
        given["path"] = tmp_path / "orders.csv"
        given["frame"].to_csv(given["path"], index=False)
    elif engine == "FastAPI":
        testing = pytest.importorskip("fastapi.testclient")
    elif engine == "Polars":
        given["pl"] = pytest.importorskip("polars")
        given["frame"] = given["pl"].from_arrow(table)
    elif engine == "DuckDB":
        given["connection"] = pytest.importorskip("duckdb").connect()
        given["connection"].register("orders", table)
    elif engine == "Dask":
        frames = pytest.importorskip("dask.dataframe")
        given["frame"] = frames.from_pandas(table.to_pandas(), npartitions=4)
    else:
        ray = pytest.importorskip("ray")
        given["dataset"] = ray.data.from_arrow(table)
    exec(recipe(engine), given)
    if engine == "DuckDB":
        assert len(given["found"]) == len(plan.find(table))
        assert given["masked"]["c2"].to_pylist() == plan.mask(table)["c2"].to_pylist()
        return
    if engine == "FastAPI":
        client = testing.TestClient(given["app"])
        assert client.post("/mask", json="电话13800138000").json() == "电话138****8000"
        return
    masked = given["masked"]
    masked = masked.compute() if engine == "Dask" else masked
    masked = masked.to_pandas() if engine in {"Polars", "Ray"} else masked
    wanted = plan.mask(table).to_pandas()
    assert sorted(masked["c2"]) == sorted(wanted["c2"])
    assert sorted(masked["c1"]) == sorted(wanted["c1"])
