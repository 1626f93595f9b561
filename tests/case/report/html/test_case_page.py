"""The page is one file that loads nothing, runs nothing, and shows masked values only."""

import base64
import dataclasses
import hashlib
import re
import shutil
import stat
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest

from piiscan import Case, count
from piiscan.case.report.example_findings import PER_KIND, PER_SOURCE, examples_by_entity
from piiscan.case.report.html import case_page as module
from piiscan.case.report.html.case_page import render_page, write_page
from piiscan.case.store import audit_log
from piiscan.detect.catalog import catalog


class Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag, attrs) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "img", "br", "input"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data) -> None:
        self.text.append(data)


@pytest.fixture(scope="module", params=["zh", "en"])
def page(case: Case, request: pytest.FixtureRequest) -> str:
    return render_page(case, language=request.param)


@pytest.fixture
def seen(page: str) -> Seen:
    parser = Seen()
    parser.feed(page)
    return parser


def test_every_tag_is_closed(seen: Seen) -> None:
    assert seen.open == []


def test_nothing_is_loaded_and_only_our_script_runs(seen: Seen) -> None:
    assert [attributes for tag, attributes in seen.tags if tag == "script"] == [{}]
    for tag, attributes in seen.tags:
        assert tag not in ("link", "img", "iframe", "object", "embed", "base", "form")
        assert not {"src", "href", "style", "srcset", "action"} & set(attributes)
        assert not any(name.startswith("on") for name in attributes)


def test_the_policy_allows_our_style_sheet_and_script_and_nothing_else(
    page: str, seen: Seen
) -> None:
    script = re.search(r"<script>(.*?)</script>", page, re.DOTALL)
    assert script is not None
    assert (Path(module.__file__).parent / "case_page.js").read_text("utf-8") == script[1]
    run = base64.b64encode(hashlib.sha256(script[1].encode()).digest()).decode()
    policies = [
        attributes["content"]
        for tag, attributes in seen.tags
        if tag == "meta" and attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    assert style is not None
    sha = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    allowed = f"style-src 'sha256-{sha}'; script-src 'sha256-{run}'"
    assert policies == [f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'"]
    assert "url(" not in style[1]
    assert "@import" not in style[1]


def test_evidence_text_is_escaped_and_cannot_turn_round(page: str) -> None:
    assert "&lt;script&gt;alert(1)" in page
    assert "<b>某某" not in page
    assert "\u202e" not in page


def test_only_masked_values_are_shown(page: str) -> None:
    assert "136****6000" in page
    assert not re.search(
        r"(?<![\da-f])1[3-9]\d{9}(?![\da-f])|(?<![\da-f])\d{17}[\dX]|hunter22|abc@", page
    )


def test_every_kind_has_a_sample_with_its_place(case: Case, page: str) -> None:
    kinds = [row["entity"] for row in case.tables()["kinds"]]
    samples = examples_by_entity(case, kinds)
    assert set(samples) == set(kinds)
    assert all(1 <= len(rows) <= PER_KIND for rows in samples.values())
    first = samples["CN_MOBILE"][0]
    assert (first["row"], first["letter"]) == (2, "B")


def test_a_sample_says_why_it_counts(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """Label and check; the check's rule only where the rules of the case are those here."""
    page = render_page(case)
    assert "；列名「手机号」" in page
    assert "号段分配表（工业和信息化部）" in page
    changed = dataclasses.replace(catalog.load(), digest="0" * 64)
    monkeypatch.setattr(module, "load", lambda: changed)
    elsewhere = render_page(case)
    assert "列名「手机号」" in elsewhere
    assert "号段分配表（工业和信息化部）" not in elsewhere


def test_counts_and_facts_are_on_the_page(case: Case, seen: Seen) -> None:
    text = " ".join(seen.text)
    assert case.manifest.sha256 in text
    assert "2026-01-01" in text
    assert "0001号" in text
    assert str(case.tables()["kinds"][0]["hits"]) in text


def test_the_same_case_gives_the_same_page(case: Case) -> None:
    assert render_page(case) == render_page(case)


def test_writing_it_into_the_case_is_logged_and_verifies(case: Case) -> None:
    path = write_page(case, language="en")
    assert path == case.path / "report.html"
    assert path.stat().st_mode & 0o777 == 0o600
    last = audit_log.read_events(case.path / "log.jsonl")[-1]
    assert (last["event"], last["file"]) == ("report", "report.html")
    assert last["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert case.verify() == []


def test_writing_it_elsewhere_leaves_the_case_alone(case: Case, tmp_path: Path) -> None:
    before = (case.path / "log.jsonl").read_bytes()
    write_page(case, out=tmp_path / "page.html")
    assert (case.path / "log.jsonl").read_bytes() == before
    assert (tmp_path / "page.html").read_text("utf-8") == render_page(case)
    assert stat.S_IMODE((tmp_path / "page.html").stat().st_mode) == 0o600


def test_every_source_can_be_looked_through(case: Case, seen: Seen) -> None:
    """The rows say of which source and kind they are, which is all that the script goes by."""
    rows = [a for tag, a in seen.tags if tag == "tr" and "data-source" in a]
    counts = Counter(str(a["data-source"]) for a in rows)
    expected = Counter(str(s) for s in case.findings()["source"].to_pylist())
    assert counts == {source: min(n, PER_SOURCE) for source, n in expected.items()}
    for name in ("data-source", "data-kind"):  # the first row of each has its name
        firsts = {str(a[name]): a for a in reversed(rows)}
        assert all(a[f"{name}-name"] for a in firsts.values())
        assert sum(f"{name}-name" in a for a in rows) == len(firsts)


def test_a_counted_case_shows_ladder_tiers_and_flow(case: Case, tmp_path: Path) -> None:
    copied = Case.open(shutil.copytree(case.path, tmp_path / "case"))
    assert "R5 主体按关键字段去重" not in render_page(copied)
    count(copied)
    page = render_page(copied)
    parser = Seen()
    parser.feed(page)
    assert parser.open == []
    for shown in (page, render_page(copied, language="en")):  # what programs read is in files only
        assert not re.search("<th[^>]*>(Source|Target)</th>", shown)
    for told in ("R5 主体按关键字段去重", "按规则折算的比例", "计数单位对照"):
        assert told in page
    assert "构成犯罪" not in page
    printed = re.findall('<details class="part printed"><summary>(.*?)</summary>', page)
    assert printed == ["各级减少的原因", "来源文件清单", "计数口径"]
    assert "beforeprint" in page
    assert not re.search(r"</h2>\s*<h2>", page)  # no heading over nothing
