"""The page in a browser: its script runs, nothing else does, nothing is asked of any place."""

import base64
import hashlib
import html
import json
import re
import subprocess
from pathlib import Path

import pytest

from piiscan.case.report.html.case_page import render_page
from tests.case.report.hostile import hostile_case
from tests.programs import find_program

pytestmark = pytest.mark.program("chromium")

#: Goes through the page as a person would, and writes what it saw into the title.
_WALK = """
;(function () {
  function of(id) { return document.getElementById("browse" + id); }
  function told() {
    var rows = Array.prototype.slice.call(of("").tBodies[0].rows);
    return [rows.filter(function (row) { return !row.hidden; }).length, of("-told").textContent];
  }
  function set(id, value, event) {
    of(id).value = value;
    of(id).dispatchEvent(new Event(event));
    return told();
  }
  var seen = {all: told(), kinds: [], sources: []};
  [["-kind", "kinds"], ["-source", "sources"]].forEach(function (each) {
    Array.prototype.slice.call(of(each[0]).options, 1).forEach(function (option) {
      seen[each[1]].push([option.value].concat(set(each[0], option.value, "change")));
    });
    set(each[0], "", "change");
  });
  seen.nothing = set("-text", "<script>", "input");
  seen.again = set("-text", "", "input");
  seen.loaded = performance.getEntriesByType("resource").length;
  seen.images = document.images.length;
  document.title = JSON.stringify(seen);
}());
"""


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def browse(page: str, tmp_path: Path) -> tuple[str, list[str]]:
    """The title after the page has run, and what the browser complained of."""
    path = tmp_path / "page.html"
    path.write_text(page, "utf-8")
    command = [
        str(find_program("chromium")),
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--dump-dom",
    ]
    command += ["--enable-logging=stderr", "--virtual-time-budget=3000", path.as_uri()]
    command.insert(1, f"--user-data-dir={tmp_path / 'profile'}")
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    (title,) = re.findall("<title>(.*?)</title>", done.stdout, re.DOTALL)
    return html.unescape(title), [line for line in done.stderr.splitlines() if "CONSOLE" in line]


def test_only_our_script_runs_and_filter_and_paging_work(tmp_path: Path) -> None:
    case = hostile_case(tmp_path)
    page = render_page(case)
    assert len(page.encode()) < 10 << 20
    title, complaints = browse(page, tmp_path)
    assert complaints == []
    assert "<b>&C0001号" in title
    (script,) = re.findall("<script>(.*?)</script>", page, re.DOTALL)
    walked = page.replace(_hash(script), _hash(script + _WALK)).replace(script, script + _WALK)
    title, complaints = browse(walked, tmp_path)
    assert complaints == []
    seen = json.loads(title)
    findings = case.findings()
    whole = findings.num_rows
    assert seen["all"] == seen["again"] == [whole, f"1 / 1  ({whole})"]
    assert seen["nothing"] == [0, "0 / 0  (0)"]
    for name, column in (("kinds", "entity"), ("sources", "source")):
        values = [str(each) for each in findings[column].to_pylist()]
        told = {value: shown for value, shown, _ in seen[name]}
        assert told == {value: values.count(value) for value in set(values)}
    assert (seen["loaded"], seen["images"]) == (0, 0)


def test_what_is_not_ours_would_be_blocked(tmp_path: Path) -> None:
    page = render_page(hostile_case(tmp_path, counted=False))
    added = '<script>document.title="ran"</script><img src="https://example.com/x.png">'
    title, complaints = browse(page.replace("</main>", f"{added}</main>"), tmp_path)
    assert title != "ran"
    assert len(complaints) == 2
