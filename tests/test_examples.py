"""The examples: each prints what its page says."""

import re
import runpy
import shutil
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import piiscan
from piiscan.plugins import plugin_entries
from tests.plugins import install

EXAMPLES = Path(__file__).parents[1] / "examples"


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of packages with the pack of examples/pack."""
    facts = tomllib.loads((EXAMPLES / "pack" / "pyproject.toml").read_text("utf-8"))["project"]
    ((group, names),) = facts["entry-points"].items()
    ((name, module),) = names.items()
    site = tmp_path / "site"
    install(site, facts["name"], facts["version"], f"{group}: {name} = {module}")
    shutil.copytree(EXAMPLES / "pack" / module, site / module)
    monkeypatch.syspath_prepend(str(site))
    plugin_entries.cache_clear()
    yield site
    plugin_entries.cache_clear()


@pytest.mark.parametrize("name", sorted(each.parent.name for each in EXAMPLES.glob("*/run.py")))
def test_an_example_prints_what_its_page_says(
    name: str, site: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    page = (EXAMPLES / name / "README.md").read_text("utf-8")
    _, shown = re.findall(rf"(?ms)^\$ python (examples/{name}/run\.py)\n(.*?)^```", page)[0]
    monkeypatch.setattr(sys, "argv", ["run.py"])
    try:
        runpy.run_path(str(EXAMPLES / name / "run.py"), run_name="__main__")
    except SystemExit:
        pytest.skip(capfd.readouterr().out)
    assert capfd.readouterr().out == shown


def test_a_pack_is_refused_when_another_is_installed_or_none(site: Path, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("会员编号\nHY12345678\n", "utf-8")
    options = {"key": tmp_path / "my.key", "recognizers": "shop"}
    case = piiscan.scan(tmp_path / "a.csv", case=tmp_path / "case", **options)
    piiscan.count(case, key=options["key"])
    rule = site / "shop_rules" / "member.yaml"
    rule.write_text(rule.read_text("utf-8") + "# another\n", "utf-8")
    with pytest.raises(piiscan.PiiscanError, match=r"shop-rules 1\.0"):
        piiscan.count(case, key=options["key"])
    with pytest.raises(piiscan.PiiscanError, match="recognizers"):
        piiscan.merge([case.path], case=tmp_path / "merged", **options)
    with pytest.raises(piiscan.MissingPathError, match="installed: shop"):
        piiscan.find("HY12345678", recognizers="shoes")


def test_the_page_of_the_guard_has_the_files_of_its_example() -> None:
    page = (EXAMPLES.parent / "docs" / "guard.md").read_text("utf-8")
    files = [each for each in (EXAMPLES / "guard").rglob("*.y*ml") if each.is_file()]
    assert len(files) == 3
    assert [each.name for each in files if each.read_text("utf-8") not in page] == []
