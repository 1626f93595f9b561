"""A newcomer with a mouse: who, how many, in which file, is a hit right, who sold to whom."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from piiscan import Case, count, register_rows, store_register
from tests.case.dump import scan_dump
from tests.programs import find_program
from tests.work_page.conftest import Page, served

playwright = pytest.importorskip("playwright.sync_api", reason="pip install playwright")
pytestmark = [
    pytest.mark.program("chromium"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


@pytest.fixture
def three_suspects(tmp_path: Path) -> Iterator[Page]:
    """The page of a case: 甲 sold a list of 30 phones to 乙, and 丙 has another of 10."""
    dump = tmp_path / "dump"
    dump.mkdir()
    for name, first, rows in (("甲", 0, 30), ("乙", 0, 30), ("丙", 50, 10)):
        lines = [f"李四,13600{136000 + at}\n" for at in range(first, first + rows)]
        (dump / f"{name}的名单.csv").write_text(f"姓名,手机号\n{''.join(lines)}", encoding="utf-8")
    case = scan_dump([dump], tmp_path / "case")
    rows = register_rows(case)
    for row in rows["register"]:
        suspect = Path(row["path"]).name[0]
        if suspect in "甲乙丙":
            row["suspect"] = suspect
        if suspect == "甲":
            row.update(role="出售", party_to="乙")
    store_register(case, rows, operator="王检")
    count(case)
    yield from served(Case.of(case, operator="王检"))


def test_five_questions_are_answered_by_clicks(three_suspects: Page) -> None:
    page = three_suspects
    with playwright.sync_playwright() as started:
        options = ["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"]
        browser = started.chromium.launch(executable_path=find_program("chromium"), args=options)
        tab = browser.new_page()
        (cookie,) = page.client.cookies.jar
        kept = {"name": cookie.name, "value": cookie.value, "domain": "127.0.0.1"}
        tab.context.add_cookies([{**kept, "path": page.root}])
        tab.goto(f"http://{page.server.host}{page.root}/")
        who = tab.locator(".person h3").all_inner_texts()
        assert {"甲", "乙", "丙"} <= set(who)
        assert "30" in tab.locator(".person", has_text="甲").first.inner_text()  # how many
        flow = tab.locator("svg.graph").first.text_content()
        assert "甲" in flow  # who sold
        assert "乙" in flow  # to whom
        tab.locator(".person h3 a", has_text="丙").click()
        tab.locator(".list tbody tr a").first.click()
        beside = tab.locator(".beside")
        assert "丙的名单.csv" in beside.locator("h2").inner_text()  # which file
        assert "手机号" in beside.locator("table").first.inner_text()  # is this hit right
        tab.locator("#reason").fill("已核对")
        tab.locator("#judge-right").click()
        assert "已登记" in tab.locator(".message").first.inner_text()
        browser.close()
