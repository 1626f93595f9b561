"""In a browser the page breaks no rule of its policy, asks nobody else, and needs no mouse."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from piiscan.case.store.audit_log import read_events
from piiscan.work_page.screens import ROUTES
from tests.programs import find_program
from tests.work_page.conftest import Page

playwright = pytest.importorskip("playwright.sync_api", reason="pip install playwright")
pytestmark = [
    pytest.mark.program("chromium"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as started:
        options = ["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"]
        opened = started.chromium.launch(executable_path=find_program("chromium"), args=options)
        yield opened
        opened.close()


@pytest.fixture
def tab(browser: Any, page: Page) -> Iterator[Any]:
    """A tab with the cookie of the link; nothing may be refused, asked elsewhere or go wrong."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    (cookie,) = page.client.cookies.jar
    kept = {"name": cookie.name, "value": cookie.value, "domain": "127.0.0.1"}
    context.add_cookies([{**kept, "path": page.root, "httpOnly": True, "sameSite": "Strict"}])
    wrong: list[str] = []
    opened = context.new_page()
    opened.on("console", lambda told: wrong.append(told.text))
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("dialog", lambda dialog: wrong.append(dialog.message))
    opened.on("request", lambda asked: asked.url.startswith(home) or wrong.append(asked.url))
    home = f"http://{page.server.host}{page.root}"
    opened.goto(f"{home}/")
    yield opened
    assert wrong == []
    context.close()


def test_each_screen_and_place_is_inert_on_the_screen_and_printed(tab: Any, page: Page) -> None:
    home = tab.url.rstrip("/")
    audit = Path(__file__).with_name("page_audit.js").read_text("utf-8")
    for number, (method, path) in enumerate(ROUTES):
        if method == "GET" and path not in ("/explain", "/picture", "/next", "/sample-place"):
            tab.emulate_media(color_scheme=("light", "dark")[number % 2])
            tab.set_viewport_size({"width": (390, 1280, 2560)[number % 3], "height": 900})
            tab.goto(f"{home}{path}")
            assert tab.title() != "broken"
            assert tab.evaluate(audit) == [], path
    tab.set_viewport_size({"width": 390, "height": 900})
    tab.goto(f"{home}/findings?entity=CN_MOBILE")
    for number in range(0, tab.locator(".list tbody tr").count(), 9):
        tab.goto(f"{home}/findings?entity=CN_MOBILE")
        with tab.expect_navigation():
            tab.locator(".list tbody tr a").nth(number).click()
        with tab.expect_navigation():
            tab.keyboard.press("c")
        assert tab.locator(".clear").is_visible()
        assert tab.evaluate(audit) == []
        tab.emulate_media(media="print")
        assert not tab.locator(".clear").is_visible()
        assert tab.locator(".print-only").is_visible()
        tab.emulate_media(media="screen")
        assert tab.title() != "broken"


def test_a_print_opens_all_that_is_closed_and_has_the_cells_of_a_grid(tab: Any) -> None:
    home = tab.url.rstrip("/")
    tab.goto(f"{home}/findings?source=1&at=1-0")
    assert tab.locator("details:not([open])").count()
    tab.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert not tab.locator("details:not([open], [data-load])").count()
    tab.evaluate("dispatchEvent(new Event('afterprint'))")
    assert tab.locator("details:not([open])").count()
    tab.keyboard.press("e")  # the step that the record reached, asked for only now
    tab.locator(".told p").nth(2).wait_for()
    tab.goto(f"{home}/register")
    tab.locator('[name="0.suspect"]').fill("<b>甲")
    tab.emulate_media(media="print")
    tab.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert not tab.locator('[name="0.suspect"]').is_visible()
    assert tab.locator("td .print-only", has_text="<b>甲").is_visible()


def test_the_flow_is_drawn_while_the_register_is_typed(tab: Any, page: Page) -> None:
    before = page.log()
    tab.goto(f"{tab.url.rstrip('/')}/register")
    tab.locator('[name="0.role"]').select_option("出售")
    tab.locator('[name="0.party_to"]').fill("<b>乙")
    tab.locator('[name="0.suspect"]').fill("甲")
    tab.locator("#flow svg", has_text="<b>乙").wait_for()
    tab.locator('[name="0.time"]').fill("某日")
    tab.locator("td.asked small").wait_for()
    assert tab.locator("#flow svg").is_visible()  # the last one stays
    assert page.log() == before


def test_each_place_of_a_sitting_in_clear_is_a_view(tab: Any, page: Page) -> None:
    tab.goto(f"{tab.url.rstrip('/')}/findings?entity=CN_MOBILE")
    with tab.expect_navigation():
        tab.locator(".list tbody tr a").first.click()
    tab.locator("details.acts summary").click()
    tab.locator("details.acts input[name=why]").fill("核对")
    with tab.expect_navigation():
        tab.keyboard.press("Enter")
    before = len(read_events(page.case / "log.jsonl"))
    first = tab.locator(".clear mark").first.inner_text()
    tab.keyboard.press("j")
    tab.wait_for_function(
        "was => document.querySelector('.clear mark')?.innerText !== was", arg=first
    )
    tab.locator(".clear mark").first.wait_for()
    assert len(read_events(page.case / "log.jsonl")) == before + 1
    with tab.expect_navigation():
        tab.locator("form.message button").click()
    assert not tab.locator(".clear").count()


def test_judging_needs_keys_only(tab: Any, page: Page) -> None:
    tab.goto(f"{tab.url.rstrip('/')}/findings?entity=CN_RESIDENT_ID")
    tab.keyboard.press("Tab")
    tab.locator(".list tbody tr a").first.focus()
    with tab.expect_navigation():
        tab.keyboard.press("Enter")
    at = tab.url.rpartition("at=")[2]
    tab.locator("#reason").fill("")
    tab.keyboard.press("Escape")
    tab.keyboard.press("2")  # the reason first
    tab.keyboard.type("键盘")
    with tab.expect_navigation():
        tab.keyboard.press("Escape")
        tab.keyboard.press("2")
    assert tab.url.rpartition("at=")[2] != at
    with tab.expect_navigation():
        tab.keyboard.press("u")
    assert tab.url.rpartition("at=")[2] == at
    with tab.expect_navigation():
        tab.keyboard.press("1")
    with tab.expect_navigation():
        tab.keyboard.press("n")
    with tab.expect_navigation():
        tab.keyboard.press("l")  # all like this: the list, and the form for all of them
    assert tab.locator("#all").get_attribute("open") is not None
    tab.keyboard.type("同列")
    with tab.expect_navigation():
        tab.keyboard.press("Enter")
    events = read_events(page.case / "log.jsonl")[-4:]
    assert [each["kind"] for each in events] == ["judged"] * 4


def test_another_page_causes_nothing(browser: Any, page: Page) -> None:
    """A form of another origin is sent without the cookie, and refused."""
    before = page.log()
    context = browser.new_context()
    (cookie,) = page.client.cookies.jar
    kept = {"name": cookie.name, "value": cookie.value, "domain": "127.0.0.1"}
    context.add_cookies([{**kept, "path": page.root, "httpOnly": True, "sameSite": "Strict"}])
    tab = context.new_page()
    form = f"http://{page.server.host}{page.root}/judge"
    tab.set_content(
        f'<form method="post" action="{form}"><input name="word" value='
        f'"{page.server.gate.form_word}"><input name="at" value="1-0"><input name="judge"'
        ' value="false"><input name="why" value="x"><button>x</button></form>'
    )
    with tab.expect_navigation() as told:
        tab.click("button")
    assert told.value.status == 403
    assert page.log() == before
    context.close()
