"""In a browser the page breaks no rule of its policy, asks nobody else, and needs no mouse."""

from collections.abc import Iterator
from typing import Any

import pytest

from piiscan.case.store.audit_log import read_events
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
    for path in ("", "findings", "unread", "register", "count", "documents", "log"):
        tab.goto(f"{home}/{path}")
        assert tab.title() != "broken"
    tab.goto(f"{home}/findings?entity=CN_MOBILE")
    for number in range(0, tab.locator(".list tbody tr").count(), 4):
        tab.goto(f"{home}/findings?entity=CN_MOBILE")
        with tab.expect_navigation():
            tab.locator(".list tbody tr a").nth(number).click()
        with tab.expect_navigation():
            tab.keyboard.press("c")
        assert tab.locator(".clear").is_visible()
        tab.emulate_media(media="print")
        assert not tab.locator(".clear").is_visible()
        assert tab.locator(".print-only").is_visible()
        tab.emulate_media(media="screen")
        assert tab.title() != "broken"


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
        tab.keyboard.press("1")
    events = read_events(page.case / "log.jsonl")[-2:]
    assert [each["kind"] for each in events] == ["judged", "judged"]


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
