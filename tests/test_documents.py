"""The documents are true: examples run, links and paths exist, generated pages are fresh."""

from __future__ import annotations

import doctest
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = sorted(
    path
    for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("recognizers/*.md"))
)
WITH_EXAMPLES = ("README.md", "README.zh.md", "docs/guide.md")


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_python_examples_give_what_they_show(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = (ROOT / name).read_text("utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    examples = doctest.DocTestParser().get_doctest("\n".join(blocks), {}, name, name, 0)
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    told: list[str] = []
    runner.run(examples, out=told.append)
    assert not told, "".join(told)
    assert examples.examples


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_to_files_of_the_checkout(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", text)
    local = [link for link in links if "://" not in link]
    assert [link for link in local if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_paths_in_backticks_exist(page: Path) -> None:
    if page.name == "CHANGELOG.md":  # speaks of its own time
        pytest.skip("a history")
    text = page.read_text("utf-8")
    named = re.findall(r"`((?:src|tests|recognizers|benchmarks|training|docs)/[\w./-]+)`", text)
    named = [each for each in named if not {"NAME", "VERB"} & set(re.split(r"[/.]", each))]
    assert [each for each in named if not (ROOT / each).exists()] == []


def test_generated_pages_are_fresh() -> None:
    done = subprocess.run(
        [sys.executable, ".ci/docs.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
